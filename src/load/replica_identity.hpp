// PostgreSQL refuses to update rows of a published table that subscribers could not find by a key
// (SQLSTATE 55000): a plan that updates such rows would stop half-way.
#pragma once

#include <vector>

#include "kinds/schema_of.hpp"
#include "model/change.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// Adds a check to the changes whose way up updates rows of a table without a replica identity. One
// query, and none where no rows are updated. `renames`: from the names that the server has now.
void check_replica_identity(Connection& db, std::vector<Change>& changes, const Schema& live,
                            const std::vector<Rename>& renames);

}  // namespace schemasync
