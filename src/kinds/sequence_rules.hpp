// The rules of sequences.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule sequence_rules[] = {
    {.id = "sequence.add",
     .base = Level::low,
     .title = "Add a sequence",
     .strategy = "simple CREATE SEQUENCE",
     .backup = dump_of_all,
     .what = "Makes a sequence that the models name, with its owner column where they state one.",
     .why = "Nothing uses a new sequence yet.",
     .lock = "None that anybody waits for.",
     .fails = "A relation of that name is there already, out of scope (SQLSTATE 42P07).",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "It is safe as it is.",
     .undo = "Lossless: moves it away with its counter."},
    {.id = "sequence.drop",
     .base = Level::medium,
     .title = "Drop a sequence",
     .strategy = "move it away, with its counter",
     .backup = dump_of_all,
     .what = "Moves the sequence into schema schemasync instead of dropping it, so that the "
             "counter is not lost.",
     .why = "Code that asks it for the next value fails at once (SQLSTATE 42P01).",
     .lock = "ACCESS EXCLUSIVE on the sequence for a moment: nextval waits, then fails.",
     .fails = "A function holds its name as text and fails when it is next run.",
     .checks = "Defaults of columns that use it are changes of their own before it.",
     .safer = "Take it out of the code in one release, drop it in the next.",
     .undo = "Lossless: moves it back; the counter stands where it stood."},
    {.id = "sequence.change",
     .base = Level::low,
     .title = "Change a sequence",
     .strategy = "ALTER SEQUENCE",
     .backup = dump_of_all,
     .what = "Sets other options (increment, bounds, cache, cycle, type) or another owner column. "
             "The counter stays where it is.",
     .why = "Only values that are still to come are counted differently.",
     .lock = "SHARE ROW EXCLUSIVE on the sequence for a moment: nextval waits.",
     .fails = "The counter stands outside the new bounds (SQLSTATE 22023).",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "It is safe as it is.",
     .undo = "Lossless: sets the old options again; the counter stays where it is."},
};

consteval const Rule& sequence_rule(std::string_view id) { return rule_named(sequence_rules, id); }

}  // namespace schemasync
