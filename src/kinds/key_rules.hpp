// The rules of primary keys and unique constraints.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule key_rules[] = {
    {.id = "primary_key.add",
     .base = Level::high,
     .title = "Add a primary key",
     .strategy = "check for duplicates first, then ADD CONSTRAINT",
     .backup = "the table, and the duplicate check",
     .what = "Adds a primary key: its columns become NOT NULL and get a unique index.",
     .why = "From then on a second row with the same key is refused (SQLSTATE 23505), and so is "
            "NULL (23502).",
     .lock = "ACCESS EXCLUSIVE on the table, with SHARE, while all rows are read and the index is "
             "built.",
     .fails = "Duplicates or NULLs, also such as come between the plan and the apply: nothing is "
              "changed then. A long transaction that holds the table keeps it waiting, and all who "
              "come behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "Counts the groups of rows with the same key, leaving out keys with NULL, and shows "
               "them: exit 4 while there are any. Two repairs are printed, ready to run: keep the "
               "lowest and point the rows that refer to the others at it, or keep all and rename.",
     .safer =
         "Repair the rows and make the code keep to the key first; then add it at a quiet hour.",
     .undo = "Lossless: drops the key with its index. A repair that you ran is not undone."},
    {.id = "primary_key.drop",
     .base = Level::medium,
     .title = "Drop a primary key",
     .strategy = "DROP CONSTRAINT",
     .backup = dump_of_all,
     .what = "Drops the primary key with its index. Foreign keys that stand on it are dropped by "
             "changes of their own before.",
     .why = "Duplicates are accepted, look-ups by the key lose their index, and logical "
            "replication has no identity for UPDATE and DELETE.",
     .lock = "ACCESS EXCLUSIVE on the table for a moment.",
     .fails = "INSERT ... ON CONFLICT on these columns fails from then on (SQLSTATE 42P10). A long "
              "transaction that holds the table keeps it waiting, and all who come behind it: it "
              "gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Add the other key first, let the code use it, then drop this one.",
     .undo = "Lossless: adds the key again. Duplicates that have come by then stop the rollback "
             "(exit 4) and are shown."},
    {.id = "primary_key.change",
     .base = Level::high,
     .title = "Change a primary key",
     .strategy = "drop and add in one step",
     .backup = "the table, and the duplicate check",
     .what =
         "Drops the primary key and adds it with other columns or attributes, in one transaction.",
     .why = "From then on a second row with the same new key is refused (SQLSTATE 23505), and "
            "duplicates of the old one are accepted.",
     .lock = "ACCESS EXCLUSIVE on the table, with SHARE, while all rows are read and the new index "
             "is built.",
     .fails = "Duplicates or NULLs in the new columns: nothing is changed then. A long transaction "
              "that holds the table keeps it waiting, and all who come behind it: it gives up "
              "after `lock_timeout` and tries again.",
     .checks = "Counts the groups of rows with the same key, leaving out keys with NULL, and shows "
               "them: exit 4 while there are any. Two repairs are printed, ready to run: keep the "
               "lowest and point the rows that refer to the others at it, or keep all and rename.",
     .safer = "Add a unique constraint on the new columns first and repair what it finds; change "
              "the key when it stands.",
     .undo = "Lossless: puts the old key back. Duplicates of it that have come by then stop the "
             "rollback (exit 4)."},
    {.id = "unique.add",
     .base = Level::high,
     .title = "Add a unique constraint",
     .strategy = "check for duplicates first, then ADD CONSTRAINT",
     .backup = "the table, and the duplicate check",
     .what = "Adds a unique constraint with its index.",
     .why = "From then on a second row with the same values is refused (SQLSTATE 23505): running "
            "code must expect the error.",
     .lock = "ACCESS EXCLUSIVE on the table, with SHARE, while all rows are read and the index is "
             "built: reads and writes wait.",
     .fails = "Duplicates, also such as come between the plan and the apply: nothing is changed "
              "then. A long transaction that holds the table keeps it waiting, and all who come "
              "behind it: it gives up after `lock_timeout` and tries again.",
     .checks =
         "Counts the groups of rows with the same key, leaving out keys with NULL, and shows them: "
         "exit 4 while there are any. Two repairs are printed, ready to run: keep the lowest and "
         "point the rows that refer to the others at it, or keep all and rename. A plain DELETE of "
         "duplicates would take the rows that point at them along, or fail.",
     .safer = "First make the code stop writing duplicates, then repair the old ones, then add it.",
     .undo = "Lossless: drops the constraint with its index. A repair that you ran is not undone."},
    {.id = "unique.drop",
     .base = Level::medium,
     .title = "Drop a unique constraint",
     .strategy = "DROP CONSTRAINT",
     .backup = dump_of_all,
     .what = "Drops the constraint with its index. Foreign keys that stand on it are dropped by "
             "changes of their own before.",
     .why = "Duplicates are accepted, and look-ups by these columns lose their index.",
     .lock = "ACCESS EXCLUSIVE on the table for a moment.",
     .fails = "INSERT ... ON CONFLICT on these columns fails from then on (SQLSTATE 42P10). A long "
              "transaction that holds the table keeps it waiting, and all who come behind it: it "
              "gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Search the code for ON CONFLICT on these columns first. Where queries need the "
              "index, add a plain one before.",
     .undo = "Lossless: adds the constraint again. Duplicates that have come by then stop the "
             "rollback (exit 4) and are shown."},
    {.id = "unique.change",
     .base = Level::high,
     .title = "Change a unique constraint",
     .strategy = "drop and add in one step",
     .backup = "the table, and the duplicate check",
     .what =
         "Drops the constraint and adds it with other columns or attributes, in one transaction.",
     .why = "From then on a second row with the same new values is refused (SQLSTATE 23505), and "
            "duplicates of the old ones are accepted.",
     .lock = "ACCESS EXCLUSIVE on the table, with SHARE, while all rows are read and the new index "
             "is built.",
     .fails = "Duplicates under the new columns: nothing is changed then. A long transaction that "
              "holds the table keeps it waiting, and all who come behind it: it gives up after "
              "`lock_timeout` and tries again.",
     .checks = "Counts the groups of rows with the same key, leaving out keys with NULL, and shows "
               "them: exit 4 while there are any. Two repairs are printed, ready to run: keep the "
               "lowest and point the rows that refer to the others at it, or keep all and rename.",
     .safer = "Add the new constraint under another name first; drop the old one when it stands.",
     .undo = "Lossless: puts the old constraint back. Duplicates of it that have come by then stop "
             "the rollback (exit 4)."},
};

consteval const Rule& key_rule(std::string_view id) { return rule_named(key_rules, id); }

}  // namespace schemasync
