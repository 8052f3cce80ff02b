// The rules of tables.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule table_rules[] = {
    {.id = "table.add",
     .base = Level::low,
     .title = "Add a table",
     .strategy = "simple CREATE TABLE",
     .backup = dump_of_all,
     .what = "Makes a table with its columns, keys, checks, indexes and foreign keys, and the "
             "sequences that its columns own.",
     .why = "Nothing reads or writes a new table yet.",
     .lock = "SHARE ROW EXCLUSIVE on each table that a foreign key points at, for a moment: writes "
             "of that table wait, reads do not.",
     .fails = "A relation of that name is there already, out of scope or of a kind that is not "
              "modelled (SQLSTATE 42P07). A default or check names a function that is not there "
              "(42883). A referenced table is held by a long transaction: it gives up after "
              "`lock_timeout` and tries again.",
     .checks = "Nothing to check: it has no rows yet.",
     .safer = "It is safe as it is.",
     .undo = "Lossless: the table is moved away with the rows entered meanwhile; they come back "
             "when it is added again."},
    {.id = "table.drop",
     .base = Level::high,
     .title = "Drop a table",
     .strategy = "move it away whole, with its rows",
     .backup = "the table, as a full export",
     .what = "Moves the table with its rows, keys and indexes into schema schemasync instead of "
             "dropping it. Foreign keys in and out are dropped and recorded, grants are revoked "
             "and recorded. The disk space is freed only by `purge`.",
     .why = "Code that still reads or writes the table fails at once (SQLSTATE 42P01).",
     .lock = "ACCESS EXCLUSIVE on the table and on each table that its foreign keys join, for a "
             "moment: no row is copied.",
     .fails = "Something that schemasync does not model stands on it. A long transaction that "
              "holds the table keeps it waiting, and all who come behind it: it gives up after "
              "`lock_timeout` and tries again.",
     .checks = "What stands on it and is not in the models (a materialized view, a policy, a "
               "function's SQL body) is a failed check that names it (exit 4). Views and foreign "
               "keys that schemasync models are changes of their own before it.",
     .safer = "Two releases: deploy code that does not use the table, watch that its scans in "
              "pg_stat_user_tables stand still, then drop it.",
     .undo = "Lossless: moves the table back with all its rows, keys and indexes. Rows whose "
             "parent is gone by then follow the foreign key's own ON DELETE."},
};

consteval const Rule& table_rule(std::string_view id) { return rule_named(table_rules, id); }

}  // namespace schemasync
