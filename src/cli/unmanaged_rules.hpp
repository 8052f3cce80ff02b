// The rule of drops that no models ask for, one for each kind with a header of its own.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule unmanaged_rules[] = {
    {.id = "*.drop.unmanaged",
     .base = Level::high,
     .title = "Drop an object that no models ever had",
     .strategy = "that of the drop",
     .backup = "that of the drop",
     .what = "[scope] unmanaged = \"drop\", and the database has an object that neither the models "
             "nor those of an earlier apply have: a colleague, an extension or another application "
             "made it.",
     .why = "Somebody else may own it and need it.",
     .lock = "Those of the drop.",
     .fails = "What can fail with the drop. When more than half of the database stands in no "
              "models, `apply` refuses (exit 3) without --allow high on its command line.",
     .checks = "Those of the drop.",
     .safer = "`pull` takes it into the models, [scope] ignore leaves it alone, unmanaged = "
              "\"report\" lists such objects without touching them.",
     .undo = "That of the drop: nothing that schemasync drops is lost, but whoever used it fails "
             "until it is back."},
};

consteval const Rule& unmanaged_rule(std::string_view id) {
  return rule_named(unmanaged_rules, id);
}

}  // namespace schemasync
