// The rule of renames, one for each kind that has `renamed_from`.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule rename_rules[] = {
    {.id = "*.rename",
     .base = Level::high,
     .title = "Rename an object",
     .strategy = "direct rename",
     .backup = "the table, and the code that uses the old name",
     .what = "Gives an object its new name by `renamed_from`, with its rows, keys and grants. "
             "Names that follow from a table's or column's name (its sequence, keys, indexes) are "
             "taken along, and listed.",
     .why = "Code that still uses the old name fails at once (SQLSTATE 42P01 or 42703). There is "
            "no moment at which old and new code both run.",
     .lock = "ACCESS EXCLUSIVE on the table for a moment; an index alone: SHARE UPDATE EXCLUSIVE. "
             "No row is read.",
     .fails = "Functions that hold the old name as text fail when they are next run; views follow "
              "by themselves. A long transaction that holds the table keeps it waiting, and all "
              "who come behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "That exactly one of the old names is there and the new one is not.",
     .safer = "Let code and rename go out together while the application stands still. Without a "
              "stop: add the new column, let the code write both and read the new one, drop the "
              "old one; for a table, a view under the old name carries old readers over.",
     .undo = "Lossless: renames it back, and what it took along."},
};

consteval const Rule& rename_rule(std::string_view id) { return rule_named(rename_rules, id); }

}  // namespace schemasync
