// The rules of schemas.
#pragma once

#include "model/rule.hpp"

namespace schemasync {

inline constexpr Rule namespace_rules[] = {
    {.id = "schema.add",
     .base = Level::low,
     .title = "Add a schema",
     .strategy = "simple CREATE SCHEMA",
     .backup = dump_of_all,
     .what = "Makes a schema, with its owner and grants where the models state them. A schema that "
             "a model file names needs no header of its own.",
     .why = "Nothing uses a new schema yet. Names without a schema are still looked up along "
            "search_path, which this does not change.",
     .lock = "None that anybody waits for.",
     .fails = "The role that connects needs CREATE on the database (SQLSTATE 42501).",
     .checks = "Nothing to check: no row is read or written.",
     .safer = "It is safe as it is.",
     .undo =
         "Lossless: drops the schema. What came into it without schemasync stops the rollback."},
    {.id = "schema.drop",
     .base = Level::high,
     .title = "Drop a schema",
     .strategy = "verify that it is empty, then drop",
     .backup = dump_of_all,
     .what = "Drops a schema that the models no longer name, after everything in it was dropped by "
             "changes of their own. CASCADE is never used; `public` is never dropped.",
     .why = "Whatever looks for objects in this schema fails at once, also what finds them through "
            "search_path.",
     .lock = "ACCESS EXCLUSIVE on the schema alone; each object in it is locked by its own change.",
     .fails = "Something that schemasync does not drop comes into it meanwhile: PostgreSQL refuses "
              "(SQLSTATE 2BP01) and nothing is dropped.",
     .checks = "Looks for anything else in it, what [scope] ignores and what is not modelled, and "
               "lists it: exit 4 while there is any. DROP SCHEMA without CASCADE is the last word.",
     .safer = "Take away its objects in one release and the schema in the next, when nothing has "
              "asked for it in between.",
     .undo = "Lossless: creates the schema again, with its owner and grants."},
};

consteval const Rule& namespace_rule(std::string_view id) {
  return rule_named(namespace_rules, id);
}

}  // namespace schemasync
