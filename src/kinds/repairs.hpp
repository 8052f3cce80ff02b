// SQL that people run with psql where a check found rows that do not fit. It speaks the names that
// the server has now, before the plan's own renames, and touches the rows that point at others
// first: never a cascade. Complete, NULL-safe, in one transaction.
#pragma once

#include "kinds/context.hpp"

namespace schemasync {

QualifiedName table_on_server(const ObjectId& table, const Context& context);
std::vector<std::string> columns_on_server(const ObjectId& table,
                                           const std::vector<std::string>& columns,
                                           const Context& context);

std::string columns_shown(const std::vector<std::string>& columns);  // "user_id, card_name"
Sql all_not_null(const std::vector<std::string>& columns);

// Does a foreign key of a table that is out of scope, or in no models, point at the table?
bool strangers_point_at(const ObjectId& table, const Context& context);

// left.a = right.x AND left.b = right.y
Sql pairwise(const Sql& left, const std::vector<std::string>& left_columns, const Sql& right,
             const std::vector<std::string>& right_columns);

// Deletes the rows of the table (alias `alias` in the condition), after those that point at them
// were let go, where their columns may be NULL, or deleted in the same way. nullopt where a table
// that is in no models points at them: its rows are not ours to delete or to let go.
std::optional<Repair> delete_rows(const ObjectId& table, const Identifier& alias,
                                  const Sql& condition, const Context& context);

// Does a CHECK judge the column? A value of our choice may break it.
bool may_be_refused(const ObjectId& column, const Context& context);

// Rows that have no value for a column that needs one.
void add_null_repairs(Check& check, const Column& column, const Context& context);

// Values that a type change cannot convert.
struct Conversion {
  const Column& from;
  const Column& to;
  Sql value;           // the new value, by the models' names
  bool cuts;           // the cast alone would cut a string: counts as not fitting
  bool by_author;      // `value` is the models' own expression
  std::string path;    // that one's schema; "" of any other
  Sql between;         // what a cast goes through, either way: "::text" from enum to enum
  bool exact = false;  // the way back of one that keeps every value: what it would change, was
                       // written since and does not fit

  bool refuses_changed() const { return cuts || exact; }
};
// Does the converted value say what the old one says, whose type that is?
Sql says_the_same(const Conversion& conversion, const Expression& type, const Sql& converted,
                  const Sql& old);

void add_cast_repairs(Check& check, const Conversion& conversion,
                      const std::vector<std::string>& key, const Context& context);

// Rows that break a rule of the models.
void add_violator_repairs(Check& check, const ObjectId& table,
                          const std::vector<std::string>& columns, const SqlText& rule,
                          const Context& context);

// What adds duplicates' figures of rows that point at them, samples and repairs to the check.
void add_duplicate_repairs(Check& check, const Key& made, const std::vector<std::string>& by,
                           const Context& context);

// Rows of `from` that share the new key with an earlier one: by_… and keep_….
Sql surplus_rows(const std::vector<std::string>& unique, bool nulls_distinct,
                 const std::vector<std::string>& by, const Sql& from);

}  // namespace schemasync
