// The live database as a Schema, in one snapshot.
#pragma once

#include "kinds/schema_of.hpp"
#include "model/scope.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// Reads all that is in scope, with what schemasync does not model by name. Throws Error when the
// role may not see something in scope: hidden is never taken for missing.
Schema load_catalog(Connection& db, const Scope& scope);

}  // namespace schemasync
