// Cycles of foreign keys among tables that are made, or dropped, together.
#pragma once

#include <set>

#include "kinds/schema_of.hpp"

namespace schemasync {

// The foreign keys that have to wait until all new tables are there (or go before any of them
// goes): those within a strongly connected component of new tables, and likewise of dropped ones. A
// table's key to itself is no cycle.
std::set<ObjectId> foreign_keys_in_cycles(const Schema& live, const Schema& models);

}  // namespace schemasync
