// The journal's beginning: schema `schemasync`, and migration 0000, the state from before anything
// was changed, which rollback can always go back to. Written by the first apply, and by a restore
// into a database that has no journal yet.
#pragma once

#include <vector>

#include "model/plan.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// For one transaction. Of the plan: scope, models and what they manage; `live`: all in scope as it
// is. Throws Error where the role may not make the schema.
std::vector<Sql> record_baseline(Connection& db, const Plan& plan, const Definitions& live);

bool has_objects(const Definitions& definitions);  // other than schemas

}  // namespace schemasync
