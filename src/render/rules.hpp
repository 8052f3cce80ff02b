// The rules as `explain` prints them and as docs/risks.md holds them: one text, in three formats.
// Ranked by base risk, then by id; a family is explained once, with the ids of all its members.
#pragma once

#include <string>
#include <vector>

#include "model/rule.hpp"

namespace schemasync {

// A rule by the id that a change has: of a family, one for each member.
struct NamedRule {
  std::string id;  // "table.rename"
  const Rule* rule;
};

// The id, the words, and of which family it is: one screen.
std::string rule_text(const NamedRule& rule, bool colour);
// One line for each id.
std::string rules_text(const std::vector<NamedRule>& rules, bool colour);
// A section for each rule; the whole page, docs/risks.md, opens with a table of them all.
std::string rules_markdown(const std::vector<NamedRule>& rules);
std::string rules_page(const std::vector<NamedRule>& rules);
std::string rules_json(const std::vector<NamedRule>& rules);

}  // namespace schemasync
