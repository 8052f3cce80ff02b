// Keys that a foreign key stands on: PostgreSQL refuses to drop one before it.
#pragma once

#include <vector>

#include "kinds/schema_of.hpp"

namespace schemasync {

// The keys and unique indexes of exactly the columns that it points at, in any order; it may stand
// on any of them.
std::vector<ObjectId> referenced_keys(const ForeignKey& key, const Schema& schema);

}  // namespace schemasync
