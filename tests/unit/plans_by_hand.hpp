// Plans made by hand, as the planner would make them for the guide's scenarios: what the tests of
// the renderings and of the plan's JSON look at.
#pragma once

#include "model/plan.hpp"

namespace schemasync::by_hand {

Plan drop_column();         // Test 6 of the guide, on a protected env
Plan add_unique();          // Test 8 of the guide, with duplicates
Plan create_tables(int n);  // n tables on an empty database, all low
Plan nothing();             // no change
Plan everything();          // every member of Plan differs from its default

}  // namespace schemasync::by_hand
