// The rows of a table as a constraint will find them that the same way makes: with the columns that
// come before it, holding what a default, a backfill or what was kept of them gives.
#pragma once

#include "kinds/context.hpp"

namespace schemasync {

struct RowsToCome {
  Sql rows;                       // stands where a table does, with an alias behind it
  std::string search_path;        // of the models' SQL in it; "" = none
  std::vector<ObjectId> columns;  // those that are not there yet
  bool without_value = false;     // one of them has none in any row

  bool are_there() const { return columns.empty(); }
  // ", once what was kept of debitcard.daily_limit is back": to go on behind what a check found.
  std::string once_there(const Context& context) const;
};
// nullopt where what they will hold is not known before: counted, random, of a type to come.
std::optional<RowsToCome> rows_to_come(const ObjectId& table,
                                       const std::vector<std::string>& columns,
                                       const Context& context);

// Where the values of a column that comes back on this way are until then.
struct KeptValues {
  QualifiedName archive;
  bool in_place = false;  // under its reserved name in the column's own table
};
std::optional<KeptValues> kept_values(const Column& column, const Context& context);

// The models' SQL that fills a column may read others: it runs before those go that the same plan
// drops, and after those that it makes.
void read_before_they_go(Change& change, const SqlText& value, const ObjectId& table,
                         const Context& context);

// That the backfill can be computed, and gives each row a value where there has to be one.
std::optional<Check> backfill_gives_values(const Column& column, const Context& context);

}  // namespace schemasync
