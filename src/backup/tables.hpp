// The tables that a backup is of: found by the names that people write, and what is in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/object_id.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// `table`, `schema.table`, parts with a dot or a double quote double-quoted: as models write names.
ObjectId parse_table(std::string_view text);

// Every table (ordinary, partitioned, foreign) outside the system's schemas, by name; an
// extension's own are its affair.
std::vector<ObjectId> all_tables(Connection& db);
// Parsed and looked up. Throws Error with the nearest name for one that is not there.
std::vector<ObjectId> find_tables(Connection& db, const std::vector<std::string>& names);
// Those that are there.
std::vector<ObjectId> existing(Connection& db, const std::vector<ObjectId>& tables);

struct TableRows {
  ObjectId table;
  std::int64_t rows = 0;
  bool estimated = false;  // large tables are not counted
};
// Of the tables that are there and can hold rows of their own.
std::vector<TableRows> rows_in(Connection& db, const std::vector<ObjectId>& tables);

// "a,b" or `a,"b, c"` -> names; throws Error with the nearest name for a column that is not there.
std::vector<std::string> find_columns(Connection& db, const ObjectId& table,
                                      std::string_view columns);

}  // namespace schemasync
