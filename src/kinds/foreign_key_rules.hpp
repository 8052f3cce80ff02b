// The rules of foreign keys.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule foreign_key_rules[] = {
    {.id = "foreign_key.add",
     .base = Level::medium,
     .title = "Add a foreign key",
     .strategy = "verify data consistency first, then ADD CONSTRAINT",
     .backup = dump_of_all,
     .what = "Adds a foreign key with its actions. PostgreSQL makes no index on the columns that "
             "point: write index = true for one.",
     .why = "From then on a row that points at nothing is refused (SQLSTATE 23503), and a parent "
            "that is pointed at cannot be deleted, or takes its children along, as ON DELETE says.",
     .lock = "SHARE ROW EXCLUSIVE on both tables while all rows of the child are looked up: writes "
             "of both wait, reads go on.",
     .fails =
         "A row points at nothing. Without an index on the child's columns each DELETE of a parent "
         "reads the whole child. A long transaction that holds the table keeps it waiting, and all "
         "who come behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "Counts the rows that point at nothing and shows their keys: exit 4 while there are "
               "any. Repairs are printed: let them point at nothing, or delete them.",
     .safer = "Repair the orphans and add the index first. On large tables two releases: "
              "`validated = false` (a moment), then without it (foreign_key.validate).",
     .undo = "Lossless: drops the constraint."},
    {.id = "foreign_key.validate",
     .base = Level::medium,
     .title = "Validate a foreign key",
     .strategy = "verify data consistency first, then VALIDATE CONSTRAINT",
     .backup = dump_of_all,
     .what = "Looks up every old row of a foreign key that was added with `validated = false`. New "
             "rows were checked all along.",
     .why = "From then on the database vouches for old rows too.",
     .lock = "SHARE UPDATE EXCLUSIVE on the child and ROW SHARE on the parent while the rows are "
             "looked up: reads and writes go on, other schema changes wait.",
     .fails = "A row points at nothing (SQLSTATE 23503): the key stays not validated, nothing else "
              "is changed.",
     .checks = "Counts the rows that point at nothing and shows their keys: exit 4 while there are "
               "any. Repairs are printed: let them point at nothing, or delete them.",
     .safer = "It is safe as it is.",
     .undo = "Lossless: makes the key anew as not validated."},
    {.id = "foreign_key.drop",
     .base = Level::low,
     .title = "Drop a foreign key",
     .strategy = "DROP CONSTRAINT",
     .backup = dump_of_all,
     .what = "Drops the constraint; no row is touched.",
     .why = "Rows may point at nothing from then on, and ON DELETE no longer cleans up after a "
            "parent.",
     .lock = "ACCESS EXCLUSIVE on both tables for a moment: reads and writes of both wait.",
     .fails = "A long transaction that holds the table keeps it waiting, and all who come behind "
              "it: it gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Deploy code that deletes the children itself, where ON DELETE CASCADE did.",
     .undo = "Lossless: adds the constraint again. Rows that point at nothing by then stop the "
             "rollback (exit 4) and are shown."},
    {.id = "foreign_key.change",
     .base = Level::medium,
     .title = "Change a foreign key",
     .strategy = "drop and add in one step",
     .backup = dump_of_all,
     .what = "Drops the constraint and adds it with other columns, actions or another target, in "
             "one transaction.",
     .why = "From then on a row that points at nothing is refused (SQLSTATE 23503), and ON DELETE "
            "does what the models say now.",
     .lock = "ACCESS EXCLUSIVE on both tables while all rows of the child are looked up: reads and "
             "writes of both wait.",
     .fails = "A row points at nothing: nothing is changed then. A long transaction that holds the "
              "table keeps it waiting, and all who come behind it: it gives up after "
              "`lock_timeout` and tries again.",
     .checks = "Counts the rows that point at nothing and shows their keys: exit 4 while there are "
               "any. Repairs are printed: let them point at nothing, or delete them.",
     .safer = "On large tables add the new key under another name with `validated = false`, drop "
              "the old one, validate the new one.",
     .undo = "Lossless: puts the old key back."},
};

consteval const Rule& foreign_key_rule(std::string_view id) {
  return rule_named(foreign_key_rules, id);
}

}  // namespace schemasync
