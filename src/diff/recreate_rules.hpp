// The rule of what is made again around a type change, one for each kind that holds expressions.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule recreate_rules[] = {
    {.id = "*.recreate",
     .base = Level::low,
     .title = "Make an object again for a new type",
     .strategy = "drop before the type change, make again after it",
     .backup = "that of the type change",
     .what =
         "An index, check, key, view or generated column stands on a column whose type changes: it "
         "is dropped before and made again after, from the text of the models, in the same step.",
     .why = "The models say the same as before; PostgreSQL spells it for the new type. Left alone "
            "it would keep a cast to the old one for ever.",
     .lock = "Those of the type change that it is done with.",
     .fails = "The expression does not fit the new type (an operator is missing, SQLSTATE 42883): "
              "the type change fails with it and nothing is changed.",
     .checks = "Those of the type change.",
     .safer = "It is safe as it is.",
     .undo = "Lossless: made again for the old type, together with that change."},
};

consteval const Rule& recreate_rule(std::string_view id) { return rule_named(recreate_rules, id); }

}  // namespace schemasync
