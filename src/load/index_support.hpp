// Indexes and keys that the server cannot make: no such access method, operator class or collation,
// or a type that the method has no class for. Found before anything runs, because an index is often
// built when other steps of a migration are already done.
#pragma once

#include <vector>

#include "kinds/schema_of.hpp"
#include "pg/connection.hpp"
#include "text/error.hpp"

namespace schemasync {

// One mistake an object, where the models declare it. One query, and none where each index of the
// models has one in `live` that asks for the same. Types that the plan makes are not judged.
std::vector<Mistake> unsupported_indexes(Connection& db, const Schema& wanted, const Schema& live);

}  // namespace schemasync
