// What apply may run in an env without being told more: risks, data loss, objects that no models
// ever had.
#pragma once

#include <string>
#include <vector>

#include "model/plan.hpp"

namespace schemasync {

struct Policy {
  Level env_allows = Level::high;
  std::vector<std::string> allowed;  // --allow: a risk, a rule, rule:object, data-loss, publication
};

// Throws Error (exit 1) for an --allow that is none of these.
void check_words(const Policy& policy, const Plan& plan);
bool allows(const Policy& policy, const Change& change, Level level);
bool allows_word(const Policy& policy, const std::string& word);
// Throws Error (exit 3) that names every change in the way and the --allow that lets it pass.
void refuse_if_needed(const Policy& policy, const Plan& plan);

}  // namespace schemasync
