// What has to be dropped before an object changes and made again after: PostgreSQL refuses the
// change before, or would leave old casts inside.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "kinds/context.hpp"

namespace schemasync {

// Objects on both sides whose change would leave old casts in what stands on them, and keys that a
// foreign key has to let go of.
std::set<ObjectId> disturbed(const Context& context);

// An object -> the disturbed that it stands on.
using Standing = std::map<ObjectId, std::vector<ObjectId>>;

// Objects on both sides that stand on a disturbed one by an expression, or name one that is made
// again or has another type while they change themselves, and what stands on these.
Standing standing_on(const Schema& live, const Schema& models, const std::set<ObjectId>& disturbed);

// How many of these it stands on, one above the other.
std::size_t depth_of(const ObjectId& id, const Standing& standing, const Schema& schema);

}  // namespace schemasync
