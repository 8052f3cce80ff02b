// The rules of check constraints.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule check_rules[] = {
    {.id = "check.add",
     .base = Level::medium,
     .title = "Add a check constraint",
     .strategy = "verify that every row passes, then add",
     .backup = dump_of_all,
     .what = "Adds a CHECK constraint. With `validated = false` it holds for new rows only.",
     .why = "From then on a row that breaks the rule is refused (SQLSTATE 23514), also an UPDATE "
            "of an old row that never met it.",
     .lock = "ACCESS EXCLUSIVE on the table while all rows are read; for a moment with `validated "
             "= false`.",
     .fails = "A row breaks the rule. The expression calls a function that is not there (SQLSTATE "
              "42883). A long transaction that holds the table keeps it waiting, and all who come "
              "behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "Counts the rows that break the rule and shows ten of them: exit 4 while there are "
               "any. NULL passes, as in PostgreSQL.",
     .safer = "Make the code keep to the rule and repair the old rows first. On a large table two "
              "releases: `validated = false`, then without it.",
     .undo = "Lossless: drops the constraint."},
    {.id = "check.drop",
     .base = Level::low,
     .title = "Drop a check constraint",
     .strategy = "DROP CONSTRAINT",
     .backup = dump_of_all,
     .what = "Drops the constraint; no row is touched.",
     .why = "Rows that break the rule are accepted from then on, and code that trusted it may meet "
            "them.",
     .lock = "ACCESS EXCLUSIVE on the table for a moment.",
     .fails = "A long transaction that holds the table keeps it waiting, and all who come behind "
              "it: it gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Deploy code that checks for itself, where it must still hold.",
     .undo = "Lossless: adds the constraint again. A row that breaks it by then stops the rollback "
             "(exit 4) and is shown."},
    {.id = "check.change",
     .base = Level::medium,
     .title = "Change a check constraint",
     .strategy = "drop and add in one step",
     .backup = dump_of_all,
     .what = "Drops the constraint and adds it with the other expression, in one transaction.",
     .why = "From then on a row that breaks the new rule is refused (SQLSTATE 23514).",
     .lock = "ACCESS EXCLUSIVE on the table while all rows are read.",
     .fails = "A row breaks the new rule: nothing is changed then. A long transaction that holds "
              "the table keeps it waiting, and all who come behind it: it gives up after "
              "`lock_timeout` and tries again.",
     .checks = "Counts the rows that break the new rule and shows ten of them: exit 4 while there "
               "are any.",
     .safer = "Add the new rule under another name first; drop the old one when it stands.",
     .undo = "Lossless: puts the old rule back. A row that breaks it by then stops the rollback "
             "(exit 4)."},
};

consteval const Rule& check_rule(std::string_view id) { return rule_named(check_rules, id); }

}  // namespace schemasync
