// The rules of columns.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule column_rules[] = {
    {.id = "column.add",
     .base = Level::low,
     .title = "Add a nullable column",
     .strategy = "simple ADD COLUMN",
     .backup = dump_of_all,
     .what = "Adds a column that may be NULL (notes = \"varchar?\"), with its default and comment. "
             "With `backfill`, old rows are filled once.",
     .why = "Old rows have NULL, or the default; code that does not know the column goes on. Code "
            "that reads rows by position meets one more value.",
     .lock = "ACCESS EXCLUSIVE on the table. Without a default, or with a constant one, for a "
             "moment. A default that is called for each row (gen_random_uuid(), "
             "clock_timestamp()), an identity or a stored generated column writes every row anew "
             "under it, and a backfill fills them under it.",
     .fails = "A long transaction that holds the table keeps it waiting, and all who come behind "
              "it: it gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "On a large table add the column without the default that is called for each row, "
              "and set that default in the next change: only new rows get it.",
     .undo = "Lossless: drops the column; values entered meanwhile are kept and come back when it "
             "is added again."},
    {.id = "column.add.not_null",
     .base = Level::medium,
     .title = "Add a NOT NULL column",
     .strategy = "add with DEFAULT value",
     .backup = dump_of_all,
     .what = "Adds a column that every row has a value for: by `default`, by `backfill` (fills the "
             "old rows once, then NOT NULL), by identity or by a generation expression.",
     .why = "Every row gets a value at once, and an INSERT that leaves the column out takes the "
            "default. Without a default such an INSERT fails (SQLSTATE 23502): the running code "
            "must know the column first.",
     .lock = "ACCESS EXCLUSIVE on the table: for a moment with a constant default; while every row "
             "is written for a backfill, an identity, a stored generated column, or a default that "
             "is called for each row.",
     .fails =
         "The table has rows and there is neither default nor backfill. The backfill gives NULL "
         "for a row (SQLSTATE 23502). A long transaction that holds the table keeps it waiting, "
         "and all who come behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "Counts the rows that would have no value: exit 4 while there are any and the "
               "models give neither default nor backfill, or the backfill gives them none.",
     .safer = "Three releases: add the column nullable; let the code write it and fill the old "
              "rows in batches; then forbid NULL (column.not_null). Or a constant default, which "
              "costs a moment at any size.",
     .undo = "Lossless: drops the column; values entered meanwhile are kept and come back when it "
             "is added again."},
    {.id = "column.drop",
     .base = Level::medium,
     .title = "Drop a column",
     .strategy = "verify dependencies, copy the values, then drop",
     .backup = "the table, as an export of the column",
     .what = "Copies the values by the table's key into schema schemasync and drops the column, in "
             "one transaction. A table without rows: a plain DROP COLUMN.",
     .why = "Code that still reads or writes the column fails at once (SQLSTATE 42703): also an "
            "ORM that names every column it knows in each SELECT.",
     .lock = "ACCESS EXCLUSIVE on the table while the values are copied; the drop itself takes a "
             "moment and rewrites nothing.",
     .fails = "Something that schemasync does not model stands on the column. A long transaction "
              "that holds the table keeps it waiting, and all who come behind it: it gives up "
              "after `lock_timeout` and tries again.",
     .checks = "What stands on it and is not in the models is a failed check that names it (exit "
               "4). Indexes, keys, checks and views on the column are changes of their own; one "
               "that the models keep is an error with its place.",
     .safer = "Two releases: deploy code that no longer names the column (an ORM must not map it), "
              "then drop it. A NOT NULL column without default is made nullable in the first one, "
              "for the new code leaves it out.",
     .undo = "Lossless: adds the column, as the last one, and puts the values back by the key; "
             "rows added since get the default, an identity's next value, or NULL. Where the "
             "values cannot be kept, the plan "
             "says lossy and why, the risk is high, and `apply` needs --allow data-loss."},
    {.id = "column.type",
     .base = Level::high,
     .title = "Change the type of a column",
     .strategy = "USING clause for the conversion",
     .backup = "the database, and the table too",
     .what = "Converts every value by `using`, else by PostgreSQL's own cast. Defaults, checks, "
             "indexes, generated columns and views on the column are made again around it, from "
             "the text of the models.",
     .why = "Every value is converted, and code that expects the old type may fail. float8 to "
            "numeric(12,2) rounds; text to varchar(10) would cut.",
     .lock =
         "ACCESS EXCLUSIVE on the table, with SHARE while its indexes are built, for as long as "
         "every row is written anew; the table and its indexes need their size once more on disk.",
     .fails = "A value that the cast refuses (infinity or 9999999999.995 to numeric(12,2), 'n/a' "
              "to integer). A view or policy that schemasync does not model stands on the column "
              "(SQLSTATE 0A000). A long transaction that holds the table keeps it waiting, and all "
              "who come behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "Runs the very conversion over the rows, read-only: values that fail stop the "
               "change (exit 4) and are shown; values that only change are counted, a warning.",
     .safer = "Expand and contract: add a column of the new type, let the code write both, fill "
              "the old rows in batches, let the code read the new one, drop the old one. On a "
              "small table the direct way is right.",
     .undo = "Lossless: converts back by using.down, else by a plain cast; each value that the "
             "conversion changed is kept and put back where the new one still stands. Where it "
             "cannot be kept, the plan says lossy and why, and `apply` needs --allow data-loss. A "
             "value that does not convert back stops the rollback (exit 4) and is shown; --fill "
             "TABLE.COLUMN=VALUE gives such rows another one, and keeps theirs."},
    {.id = "column.type.widen",
     .base = Level::low,
     .title = "Widen the type of a column",
     .strategy = "ALTER TYPE, no rewrite",
     .backup = dump_of_all,
     .what = "A type that takes every old value as it is, without writing a row: varchar(20) to "
             "varchar(50) or text, numeric(10,2) to numeric(12,2).",
     .why = "Every old value fits as it is. Code may meet longer values than before.",
     .lock = "ACCESS EXCLUSIVE on the table for a moment; no rewrite. A check on the column is "
             "read again under it.",
     .fails = "A view that schemasync does not model stands on the column (SQLSTATE 0A000). A long "
              "transaction that holds the table keeps it waiting, and all who come behind it: it "
              "gives up after `lock_timeout` and tries again.",
     .checks = "What stands on the column and is not in the models is a failed check that names it "
               "(exit 4).",
     .safer = "It is safe as it is.",
     .undo =
         "Lossless: converts back. A value that no longer fits the narrow type stops the "
         "rollback (exit 4) and is shown; --fill TABLE.COLUMN=VALUE gives such rows another one, "
         "and keeps theirs."},
    {.id = "column.default",
     .base = Level::low,
     .title = "Change the default of a column",
     .strategy = "SET DEFAULT or DROP DEFAULT",
     .backup = dump_of_all,
     .what = "Sets, changes or takes away the default. Old rows keep what they have.",
     .why = "Only rows inserted from then on see it. A NOT NULL column that loses its default "
            "needs a value in each INSERT.",
     .lock = "ACCESS EXCLUSIVE on the table for a moment; no rewrite.",
     .fails = "The default calls a function that is not there (SQLSTATE 42883), or is no value of "
              "the type (22P02). A long transaction that holds the table keeps it waiting, and all "
              "who come behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Before a default goes, deploy code that gives the value itself.",
     .undo = "Lossless: sets the old default again."},
    {.id = "column.nullable",
     .base = Level::low,
     .title = "Allow NULL in a column",
     .strategy = "DROP NOT NULL",
     .backup = dump_of_all,
     .what = "Takes NOT NULL away: \"varchar\" becomes \"varchar?\".",
     .why = "Code may meet NULL where there was none, as soon as the first row has it.",
     .lock = "ACCESS EXCLUSIVE on the table for a moment; no row is read.",
     .fails = "The column is part of a primary key, which stays NOT NULL (SQLSTATE 42P16). A long "
              "transaction that holds the table keeps it waiting, and all who come behind it: it "
              "gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Deploy code that can read NULL before code that writes it.",
     .undo = "Lossless: forbids NULL again. A row that has NULL by then stops the rollback (exit "
             "4); --fill TABLE.COLUMN=VALUE gives such rows a value."},
    {.id = "column.not_null",
     .base = Level::medium,
     .title = "Forbid NULL in a column",
     .strategy = "verify that no row has NULL, then SET NOT NULL",
     .backup = dump_of_all,
     .what = "Sets NOT NULL: \"varchar?\" becomes \"varchar\". With `backfill`, the rows that have "
             "NULL are filled first.",
     .why = "From then on a write of NULL is refused (SQLSTATE 23502), also by an INSERT that "
            "leaves the column out and has no default.",
     .lock = "ACCESS EXCLUSIVE on the table while all its rows are read; while they are filled too "
             "with a backfill.",
     .fails = "A row has NULL (SQLSTATE 23502), also one that comes between the plan and the "
              "apply. A long transaction that holds the table keeps it waiting, and all who come "
              "behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "Counts the rows with NULL and shows their keys: exit 4 while there are any and the "
               "models give no backfill, or it gives them none.",
     .safer =
         "Deploy code that always writes the column, fill the old rows, then set it. On a large "
         "table add a check (column IS NOT NULL) first: with it SET NOT NULL reads no row.",
     .undo = "Lossless: allows NULL again, and empties just the rows that a backfill filled."},
    {.id = "column.identity",
     .base = Level::medium,
     .title = "Change the identity of a column",
     .strategy = "ALTER COLUMN",
     .backup = dump_of_all,
     .what = "Adds, changes or takes away GENERATED AS IDENTITY. A new one counts on from the "
             "highest value that is there.",
     .why = "Values that an INSERT leaves out are counted differently from then on. With `always`, "
            "an INSERT that gives the value itself fails (SQLSTATE 428C9); without identity, one "
            "that leaves it out does (23502).",
     .lock = "ACCESS EXCLUSIVE on the table; for a new identity while the highest value is read.",
     .fails = "The column has a default already (SQLSTATE 55000) or is nullable. A long "
              "transaction that holds the table keeps it waiting, and all who come behind it: it "
              "gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Keep `identity = true` (by default) while old code still gives values itself; "
              "`always` comes when none does.",
     .undo = "Lossless: sets the old identity again."},
    {.id = "column.generated",
     .base = Level::medium,
     .title = "Change how a column is generated",
     .strategy = "drop and add, its values are computed anew",
     .backup = dump_of_all,
     .what = "PostgreSQL cannot change a generation expression in place: the column is dropped and "
             "added, as the last one, and its values are computed from the row.",
     .why = "Readers see other values at once, and code that writes the column fails while it is "
            "generated (SQLSTATE 428C9).",
     .lock = "ACCESS EXCLUSIVE on the table while every row is written anew, for a stored column.",
     .fails = "The expression fails for a row (division by zero, a cast): nothing is changed. A "
              "long transaction that holds the table keeps it waiting, and all who come behind it: "
              "it gives up after `lock_timeout` and tries again.",
     .checks = "What stands on the column and is not in the models is a failed check that names it "
               "(exit 4).",
     .safer = "Add a second generated column, let the code read it, then drop the first.",
     .undo = "Lossless: adds the column as it was. Values that were stored before it was generated "
             "are kept by the table's key and put back; where they cannot be kept, the plan says "
             "lossy and why."},
};

consteval const Rule& column_rule(std::string_view id) { return rule_named(column_rules, id); }

}  // namespace schemasync
