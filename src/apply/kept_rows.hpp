// What is in the archives' relations, for the reports of apply, rollback and purge.
#pragma once

#include <optional>
#include <string>

#include "model/change.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// Large relations are not counted for a report's sake.
constexpr std::int64_t countable_bytes = 256LL * 1024 * 1024;

// 0 where there is no such relation; PostgreSQL's estimate for a large one.
std::int64_t rows_in(Connection& db, const QualifiedName& relation);

// Of an archive by key: rows of the column's table that are there to have a value back.
std::int64_t rows_that_are_there(Connection& db, const ObjectId& column,
                                 const QualifiedName& archive);

// Rows of a table that came back which stay in its archive, for what they point at is gone: how
// many, and the first ten; nullopt where there are none. `has_all`: the archive has those that came
// back, too.
std::optional<std::string> rows_left_behind(Connection& db, const ObjectId& table,
                                            const QualifiedName& archive, bool has_all);

// Does an archive that was brought back hold what is nowhere else? Rows of a table that did not
// come back, values that a later one replaced.
bool holds_what_is_nowhere_else(Connection& db, const QualifiedName& archive, Archive::Form form,
                                bool by_apply);

}  // namespace schemasync
