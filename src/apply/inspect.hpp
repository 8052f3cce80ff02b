// All that can be known of a plan on its target before anything is changed: is the target as it was
// when the plan was made, are the rows still kept that it brings back, would a publication break,
// and does a check find rows that do not fit.
#pragma once

#include "apply/executor.hpp"

namespace schemasync {

// The live definitions, when nothing stops the plan. Throws Error: 3 a publication, 4 a check, 5
// the target moved.
Definitions inspected(Connection& db, const Plan& plan, const Journal& journal,
                      const ApplyOptions& options, const ApplyDoors& doors);

}  // namespace schemasync
