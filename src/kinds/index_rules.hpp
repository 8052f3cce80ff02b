// The rules of indexes.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule index_rules[] = {
    {.id = "index.add",
     .base = Level::low,
     .title = "Add an index",
     .strategy = "simple CREATE INDEX",
     .backup = dump_of_all,
     .what = "Builds an index.",
     .why =
         "Queries may use it; each write has one more index to keep, and the disk one more file.",
     .lock = "SHARE on the table while the index is built: writes wait, reads go on.",
     .fails = "The disk fills up. An expression in it fails for a row, or is not immutable "
              "(SQLSTATE 42P17). A long transaction that holds the table keeps it waiting, and all "
              "who come behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "On a large table build it at a quiet hour: writes wait for as long as that takes.",
     .undo = "Lossless: drops the index."},
    {.id = "index.add.unique",
     .base = Level::high,
     .title = "Add a unique index",
     .strategy = "check for duplicates first, then CREATE UNIQUE INDEX",
     .backup = "the table, and the duplicate check",
     .what = "Builds a unique index: a partial one, one on an expression, or one that is no "
             "constraint.",
     .why = "From then on a second row with the same key is refused (SQLSTATE 23505): running code "
            "must expect the error.",
     .lock = "SHARE on the table while the index is built: writes wait, reads go on.",
     .fails = "Duplicates: nothing is changed then. An expression in it is not immutable (SQLSTATE "
              "42P17). A long transaction that holds the table keeps it waiting, and all who come "
              "behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "Counts the groups of rows with the same key, within its WHERE and leaving out "
               "NULL, and shows them: exit 4 while there are any.",
     .safer = "First make the code stop writing duplicates, then repair the old ones, then add it.",
     .undo = "Lossless: drops the index."},
    {.id = "index.drop",
     .base = Level::low,
     .title = "Drop an index",
     .strategy = "DROP INDEX",
     .backup = dump_of_all,
     .what = "Drops an index that is neither unique nor of a constraint.",
     .why = "Queries that used it get slower, at once and under full load.",
     .lock = "ACCESS EXCLUSIVE on the table for a moment.",
     .fails = "A long transaction that holds the table keeps it waiting, and all who come behind "
              "it: it gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Watch idx_scan in pg_stat_user_indexes for a while, on the replicas too: drop it "
              "when it stands still.",
     .undo = "Lossless: builds the index again, which takes as long as it took."},
    {.id = "index.drop.unique",
     .base = Level::medium,
     .title = "Drop a unique index",
     .strategy = "DROP INDEX",
     .backup = dump_of_all,
     .what = "Drops a unique index that is of no constraint.",
     .why = "Duplicates are accepted, and queries that used the index get slower.",
     .lock = "ACCESS EXCLUSIVE on the table for a moment.",
     .fails =
         "INSERT ... ON CONFLICT on its columns fails from then on (SQLSTATE 42P10). A foreign key "
         "stands on it (2BP01). A long transaction that holds the table keeps it waiting, and all "
         "who come behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Search the code for ON CONFLICT on its columns first. Where queries need the index, "
              "add a plain one before.",
     .undo =
         "Lossless: builds the index again. Duplicates that have come by then stop the rollback."},
    {.id = "index.change",
     .base = Level::low,
     .title = "Change an index",
     .strategy = "drop and build in one step",
     .backup = dump_of_all,
     .what =
         "Drops the index and builds it with other columns, method or options, in one transaction.",
     .why = "Queries may use it differently; until it is built nobody has it.",
     .lock = "ACCESS EXCLUSIVE on the table while the index is built: reads and writes wait.",
     .fails = "An expression in it is not immutable (SQLSTATE 42P17): nothing is changed then. A "
              "long transaction that holds the table keeps it waiting, and all who come behind it: "
              "it gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "On a large or busy table add the new index under another name first, then drop the "
              "old one.",
     .undo = "Lossless: builds the old index again."},
    {.id = "index.change.unique",
     .base = Level::high,
     .title = "Change a unique index",
     .strategy = "check for duplicates first, then drop and build in one step",
     .backup = "the table, and the duplicate check",
     .what = "Drops the index and builds it as a unique one with other columns or options, in one "
             "transaction.",
     .why = "From then on a second row with the same new key is refused (SQLSTATE 23505).",
     .lock = "ACCESS EXCLUSIVE on the table while the index is built: reads and writes wait.",
     .fails = "Duplicates under the new key: nothing is changed then. A long transaction that "
              "holds the table keeps it waiting, and all who come behind it: it gives up after "
              "`lock_timeout` and tries again.",
     .checks = "Counts the groups of rows with the same new key and shows them: exit 4 while there "
               "are any.",
     .safer = "Add the new index under another name first, then drop the old one.",
     .undo = "Lossless: builds the old index again. Duplicates of it that have come by then stop "
             "the rollback."},
    {.id = "index.rebuild",
     .base = Level::low,
     .title = "Rebuild an INVALID index",
     .strategy = "DROP INDEX, then CREATE INDEX",
     .backup = dump_of_all,
     .what = "Drops an index that a failed CREATE INDEX CONCURRENTLY left INVALID, and builds it "
             "again as the models say.",
     .why = "No query uses an INVALID index, and each write has to keep it all the same. A unique "
            "one refuses duplicates although it was never finished.",
     .lock = "ACCESS EXCLUSIVE on the table while the index is built: reads and writes wait.",
     .fails = "A unique index finds duplicates, which may be why it is INVALID: nothing is changed "
              "then. A long transaction that holds the table keeps it waiting: it gives up after "
              "`lock_timeout` and tries again.",
     .checks = "Of a unique index, counts the groups of duplicates and shows them.",
     .safer =
         "On a large or busy table run REINDEX INDEX CONCURRENTLY by hand: the next plan finds "
         "a valid index.",
     .undo = "Leaves it valid: INVALID it was of no use."},
};

consteval const Rule& index_rule(std::string_view id) { return rule_named(index_rules, id); }

}  // namespace schemasync
