// The rules of views.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Words carries_nothing =
    "The view carries nothing that is not modelled and would be lost with it: options, defaults, "
    "comments and grants of its columns, triggers, rules. For the rest DROP VIEW without CASCADE "
    "is itself the check.";

inline constexpr Rule view_rules[] = {
    {.id = "view.add",
     .base = Level::low,
     .title = "Add a view",
     .strategy = "simple CREATE VIEW",
     .backup = dump_of_all,
     .what = "Makes a view from the query of the models.",
     .why = "Nothing reads a new view yet.",
     .lock = "ACCESS SHARE on what it reads, for a moment: nobody waits.",
     .fails = "The query names something that is not there; `plan` says so with its place.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "It is safe as it is.",
     .undo = "Lossless: drops the view."},
    {.id = "view.drop",
     .base = Level::medium,
     .title = "Drop a view",
     .strategy = "verify that nothing stands on it, then drop",
     .backup = dump_of_all,
     .what = "Drops a view that the models no longer have.",
     .why = "Code that still reads the view fails at once (SQLSTATE 42P01).",
     .lock = "ACCESS EXCLUSIVE on the view for a moment: its readers wait, then fail.",
     .fails = "A view or function that schemasync does not model stands on it: PostgreSQL refuses "
              "(SQLSTATE 2BP01) and nothing is dropped.",
     .checks = carries_nothing,
     .safer = "Deploy code that does not read it first.",
     .undo = "Lossless: makes the view again, with its owner, grants and comment."},
    {.id = "view.change",
     .base = Level::medium,
     .title = "Change a view",
     .strategy = "drop and make again in one step",
     .backup = dump_of_all,
     .what = "Drops the view and makes it from the new query, in one transaction, with its owner, "
             "grants and comment. Views that stand on it are made again around it.",
     .why = "Readers see other rows or columns.",
     .lock = "ACCESS EXCLUSIVE on the view, and on views that stand on it, for a moment.",
     .fails = "A view or function that schemasync does not model stands on it: PostgreSQL refuses "
              "(SQLSTATE 2BP01) and nothing is changed.",
     .checks = carries_nothing,
     .safer = "New columns at the end break no reader. For anything else make a second view, move "
              "the readers, drop the first.",
     .undo = "Lossless: makes the view as it was."},
};

consteval const Rule& view_rule(std::string_view id) { return rule_named(view_rules, id); }

}  // namespace schemasync
