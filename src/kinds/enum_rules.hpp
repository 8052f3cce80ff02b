// The rules of enum types.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule enum_rules[] = {
    {.id = "enum.add",
     .base = Level::low,
     .title = "Add an enum type",
     .strategy = "simple CREATE TYPE",
     .backup = dump_of_all,
     .what = "Makes an enum type with its labels in the order of the models.",
     .why = "Nothing uses a new type yet.",
     .lock = "None that anybody waits for.",
     .fails = "A type or a table of that name is there already, out of scope (SQLSTATE 42710).",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "It is safe as it is.",
     .undo = "Lossless: drops the type."},
    {.id = "enum.drop",
     .base = Level::medium,
     .title = "Drop an enum type",
     .strategy = "verify that nothing uses it, then drop",
     .backup = dump_of_all,
     .what = "Drops an enum type that no column uses any more. Archived values of the type are "
             "turned into text first, so that they can still come back.",
     .why = "Code that casts to the type, or has it cached by its number, fails at once.",
     .lock = "ACCESS EXCLUSIVE on the type alone; archives that hold it are written anew.",
     .fails = "A function or a column that schemasync does not model still uses it: PostgreSQL "
              "refuses (SQLSTATE 2BP01) and nothing is dropped.",
     .checks = "DROP TYPE without CASCADE is itself the check.",
     .safer = "Change the columns and the code in one release, drop the type in the next.",
     .undo = "Lossless: creates the type again, with its labels in their order."},
    {.id = "enum.value.add",
     .base = Level::low,
     .title = "Add labels to an enum",
     .strategy = "ALTER TYPE ... ADD VALUE, committed before anything uses it",
     .backup = dump_of_all,
     .what =
         "Adds labels at the place where the models have them. It is committed on its own first: "
         "PostgreSQL does not let the transaction that adds a label use it (SQLSTATE 55P04).",
     .why = "Old code may meet a label that it does not know, as soon as the first row has it.",
     .lock = "None on tables.",
     .fails = "It is not undone with a later step that fails: the labels are committed by then. "
              "`rollback` takes them back.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Deploy code that can read the new label before code that writes it.",
     .undo = "Lossless: PostgreSQL cannot take a label away, so the type is made again with its "
             "old labels and every column of it is written anew. A row that has a new label by "
             "then stops the rollback (exit 4)."},
    {.id = "enum.value.rename",
     .base = Level::high,
     .title = "Rename a label of an enum",
     .strategy = "direct rename",
     .backup = "the code that uses the old label",
     .what = "Gives a label its new name: { value = \"cross\", renamed_from = \"angry\" }. Rows "
             "hold the label's number, so every row shows the new name at once.",
     .why = "Code that still writes the old label, or compares with it, fails at once (SQLSTATE "
            "22P02).",
     .lock = "None on tables.",
     .fails = "Functions and views that hold the old label as text fail when they are next run.",
     .checks = "That the old label is there and the new one is not.",
     .safer = "Three releases: add the new label and teach the code both; move the rows to the new "
              "one; take the old one away (enum.rebuild).",
     .undo = "Lossless: renames the label back."},
    {.id = "enum.rebuild",
     .base = Level::high,
     .title = "Take labels from an enum, or put them in another order",
     .strategy = "new type, convert each column, drop the old type",
     .backup = "each table with a column of the type",
     .what = "PostgreSQL cannot remove or move a label. The type is set aside, made anew with the "
             "labels of the models, and every column of it is converted by the label's text.",
     .why = "Every column of the type is written anew, and a row with a label that is gone stops "
            "the change. Code that writes a label that is gone fails (SQLSTATE 22P02).",
     .lock = "ACCESS EXCLUSIVE on each table with a column of the type, with SHARE while its "
             "indexes are built, for as long as the table is written anew.",
     .fails = "A row has a label that goes. A default, a view or a function that schemasync does "
              "not model holds the old type (SQLSTATE 2BP01).",
     .checks = "Counts the rows of each column with a label that goes, and shows which labels: "
               "exit 4 while there are any.",
     .safer = "Stop writing the label and move its rows to another one, in one release; take it "
              "away in the next, at a quiet hour when the tables are large.",
     .undo = "Lossless: makes the type with its old labels again, which writes the columns anew "
             "once more."},
};

consteval const Rule& enum_rule(std::string_view id) { return rule_named(enum_rules, id); }

}  // namespace schemasync
