#include "cli/policy.hpp"

#include <algorithm>
#include <set>

#include "cli/rules.hpp"
#include "text/error.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// What the command line alone allows; nullopt: it names no risk.
std::optional<Level> named_level(const Policy& policy) {
  std::optional<Level> highest;
  for (const std::string& word : policy.allowed)
    if (const std::optional<Level> level = parse_level(word);
        level && (!highest || *level > *highest))
      highest = level;
  return highest;
}

bool names_change(const Policy& policy, const Change& change) {
  return allows_word(policy, change.rule) ||
         allows_word(policy, change.rule + ":" + change.object.shown());
}

}  // namespace

bool allows_word(const Policy& policy, const std::string& word) {
  return std::find(policy.allowed.begin(), policy.allowed.end(), word) != policy.allowed.end();
}

void check_words(const Policy& policy, const Plan& plan) {
  std::vector<std::string> known = {"low", "medium", "high", "data-loss", "publication"};
  for (const NamedRule& rule : all_rules()) known.push_back(rule.id);
  for (const std::string& word : policy.allowed) {
    const std::string rule = word.substr(0, word.find(':'));
    if (std::find(known.begin(), known.end(), rule) == known.end()) {
      const std::optional<std::string> near = nearest(rule, known);
      throw Error("--allow " + word + " is no risk and no rule",
                  near ? "did you mean \"" + *near + "\"?"
                       : "low, medium, high, a rule (schemasync explain lists them), data-loss or "
                         "publication");
    }
    if (rule == word || plan.empty()) continue;
    std::vector<std::string> objects;
    for (const Change& change : plan.changes)
      if (change.rule == rule) objects.push_back(rule + ":" + change.object.shown());
    if (objects.empty())
      throw Error("--allow " + word + ": this plan has no " + rule,
                  "look at its rules: schemasync plan");
    const auto meant = std::find(objects.begin(), objects.end(), word);
    if (meant == objects.end())
      throw Error("--allow " + word + " is on no object of this plan",
                  "it has " + joined(objects, ", "));
  }
}

bool allows(const Policy& policy, const Change& change, Level level) {
  const Level most = std::max(policy.env_allows, named_level(policy).value_or(Level::low));
  return level <= most || names_change(policy, change);
}

void refuse_if_needed(const Policy& policy, const Plan& plan) {
  std::vector<std::string> reasons;
  std::set<std::string> needed;
  if (plan.scope.unmanaged == Unmanaged::refuse && !plan.unmanaged.empty())
    for (const ObjectId& id : plan.unmanaged)
      reasons.push_back(id.to_text() + " stands in no models, and [scope] unmanaged = \"refuse\"");
  const bool told = named_level(policy) == Level::high;
  if (plan.mostly_unmanaged && !plan.empty() && !told) {
    reasons.push_back("the models would drop most of what is in the database, or are empty");
    needed.insert("high");
  }
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    const Change& change = plan.changes[i];
    const Level level = shown_level(plan, i);
    if (!allows(policy, change, level)) {
      reasons.push_back(change.summary + " is " + std::string(to_text(level)) +
                        "; this env allows up to " + std::string(to_text(policy.env_allows)));
      needed.insert(std::string(to_text(level)));
    }
    if (change.undo.kind == Undo::Kind::lossy && !allows_word(policy, "data-loss")) {
      reasons.push_back(change.summary + " loses data: rollback " + change.undo.text);
      needed.insert("data-loss");
    }
  }
  if (reasons.empty()) return;
  std::string hint;
  for (const std::string& word : needed) hint += (hint.empty() ? "" : " ") + ("--allow " + word);
  throw Error(
      "refused, nothing was changed:\n  " + joined(reasons, "\n  "),
      hint.empty() ? "write it into the models, or set [scope] unmanaged" : hint + " lets it pass",
      ExitCode::refused);
}

}  // namespace schemasync
