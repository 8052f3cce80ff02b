// A plan as a file for psql: `plan --format sql` (the way up) and `--down` (the way down), never
// both in one. Run by hand it does what apply and rollback would: takes the lock or stops, stops
// when a check finds rows or the journal has moved on, keeps what it drops, and writes the journal,
// so that either can undo the other. It cannot compare fingerprints, and says so first.
#pragma once

#include <string>

#include "model/plan.hpp"

namespace schemasync {

std::string plan_sql(const Plan& plan);
std::string plan_down_sql(const Plan& plan);

}  // namespace schemasync
