// Keys that foreign keys have to let go of before they change.
#pragma once

#include <set>

#include "kinds/schema_of.hpp"

namespace schemasync {

template <class K>
concept StandsOnKeys = requires(const K& object, const Schema& schema) {
  K::stands_on(object, schema);
};

// Those of `from` that a foreign key stands on, and that `to` has otherwise or not at all.
std::set<ObjectId> keys_that_go(const Schema& from, const Schema& to);

}  // namespace schemasync
