// The rules of what every kind has: comment, owner and grants.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule aspect_rules[] = {
    {.id = "*.comment",
     .base = Level::low,
     .title = "Change the comment of an object",
     .strategy = "COMMENT ON",
     .backup = dump_of_all,
     .what = "Sets or takes away the comment of an object.",
     .why = "Only people and tools that read comments see it.",
     .lock = "SHARE UPDATE EXCLUSIVE on the object for a moment: reads and writes go on.",
     .fails = "The role that connects does not own the object (SQLSTATE 42501).",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "It is safe as it is.",
     .undo = "Lossless: sets the old comment again."},
    {.id = "*.owner",
     .base = Level::medium,
     .title = "Change the owner of an object",
     .strategy = "ALTER OWNER",
     .backup = dump_of_all,
     .what = "Gives an object to another role. Only where the models state an owner, or [scope] "
             "manages owners.",
     .why = "Only the owner may alter or drop it, and its old owner loses that. The role that runs "
            "the next migration must be a member of the new owner.",
     .lock = "ACCESS EXCLUSIVE on the object for a moment.",
     .fails =
         "The role that connects is no member of the new owner, or that role may not create in the "
         "schema (SQLSTATE 42501). A long transaction that holds the table keeps it waiting, and "
         "all who come behind it: it gives up after `lock_timeout` and tries again.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Grant the old owner what it still needs before it stops to own it.",
     .undo = "Lossless: gives it back to its old owner."},
    {.id = "*.grants",
     .base = Level::medium,
     .title = "Change the grants on an object",
     .strategy = "REVOKE and GRANT",
     .backup = dump_of_all,
     .what = "Revokes what the models do not grant and grants what they do. Only where the models "
             "state grants, or [scope] manages grants.",
     .why = "A role that loses a privilege fails at once (SQLSTATE 42501); one that gets it sees "
            "more.",
     .lock = "None that readers or writers wait for.",
     .fails = "A role of the models does not exist here: plan names it before anything runs, and "
              "[env.X] roles gives it its name in this env.",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "Grant in one release, revoke in the next, when nobody uses it any more.",
     .undo = "Lossless: gives each role back what it had."},
};

consteval const Rule& aspect_rule(std::string_view id) { return rule_named(aspect_rules, id); }

}  // namespace schemasync
