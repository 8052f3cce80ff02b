// What the database holds and schemasync does not model: found in the catalog and named, so that
// nothing is left out silently.
#pragma once

#include "kinds/catalog.hpp"
#include "kinds/schema_of.hpp"

namespace schemasync {

void list_unmodelled(Connection& db, const Catalog& catalog, Schema& schema);

}  // namespace schemasync
