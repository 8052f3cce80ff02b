// The difference of two schemas as changes with both directions. Undo is the same diff with its
// arguments swapped, paired by object and part. Knows no kinds.
#pragma once

#include <set>
#include <vector>

#include "kinds/context.hpp"

namespace schemasync {

// What is dropped and made again around a type change, because PostgreSQL would leave old casts
// inside. Steps of the way up (drop the old, create the new) and of the way back.
struct Recreated {
  ObjectId object;
  std::vector<ObjectId> around;  // the columns whose type changes, the views and keys that change
  std::vector<Step> drop_up, create_up, drop_down, create_down;
  // What is dropped only after it, and what is made before it is made again; both ways alike.
  std::vector<ObjectId> releases, needs;
  std::vector<Check> checks_up, checks_down;  // that nothing is lost on the way
  bool behind_all = false;  // on the last step of the way back, where all is as it was before
};

struct SchemaDifference {
  std::vector<Change> changes;  // unordered
  std::vector<Recreated> recreated;
};

// Nothing differs: most plans, and every look after an apply.
bool are_equal(const Schema& live, const Schema& models);

// Tables of which rows, bytes and dependents matter: those that anything differs on. Ids as in
// `from`.
std::set<ObjectId> touched_tables(const Schema& from, const Schema& to);

// What the models keep although they drop what it stands on.
std::vector<Mistake> kept_on_dropped(const Schema& live, const Schema& models);

// From the live database (after its renames) to the models.
SchemaDifference diff(const Schema& live, const Schema& models, const Facts& facts);

}  // namespace schemasync
