// Every rule that a change can have: those of the kinds, and the families, one for each kind that
// they concern. `explain`, --allow and completion know rules from here.
#pragma once

#include <string>
#include <vector>

#include "render/rules.hpp"

namespace schemasync {

std::vector<NamedRule> all_rules();

// "column.drop", "*.rename", and both with ":object" behind. Throws Error with the nearest for one
// that is not there.
NamedRule find_rule(const std::string& word);

}  // namespace schemasync
