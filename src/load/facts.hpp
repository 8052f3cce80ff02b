// What the target says of the tables that a plan touches: rows, bytes, dependents of no modelled
// kind. Three queries, whatever the number of tables.
#pragma once

#include <set>
#include <vector>

#include "kinds/context.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// `tables` have the names of the models; `renames` (in their order) lead there from the names that
// the server knows. Rows are counted for tables up to 64 MB and estimated from pg_class above.
Facts read_facts(Connection& db, const Schema& live, const std::set<ObjectId>& tables,
                 const std::vector<Rename>& renames);

// By the name that the server has now.
ObjectId name_on_server(ObjectId id, const std::vector<Rename>& renames);

}  // namespace schemasync
