// From unordered changes to a plan: the order (a graph over object ids), the segments (what is one
// transaction), the recreated dependents around the type changes, and the migration's name.
#pragma once

#include <string>
#include <vector>

#include "diff/differ.hpp"
#include "model/plan.hpp"

namespace schemasync {

// Sorts and cuts. `changes` are the renames (in their order) followed by the difference's changes.
// Throws Error that names the cycle when there is no order.
std::vector<Change> ordered(std::vector<Change> changes, std::vector<Recreated> recreated);

// "add_expense_priority": what the riskiest change does, in at most 40 bytes of [a-z0-9_]; for a
// first plan that makes tables and nothing else "create_11_tables".
std::string slug_of(const Plan& plan);

}  // namespace schemasync
