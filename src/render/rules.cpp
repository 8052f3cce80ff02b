#include "render/rules.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "render/page.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::array<std::pair<const char*, Words Rule::*>, 8> parts = {{
    {"What", &Rule::what},
    {"Why", &Rule::why},
    {"Lock", &Rule::lock},
    {"Fails", &Rule::fails},
    {"Check", &Rule::checks},
    {"Safer", &Rule::safer},
    {"Backup", &Rule::backup},
    {"Undo", &Rule::undo},
}};

std::string upper(Level level) {
  std::string word(to_text(level));
  for (char& c : word) c = static_cast<char>(c - 'a' + 'A');
  return word;
}

bool is_family(const Rule& rule) { return rule.id.text().starts_with("*"); }

// Each rule once: highest base first, families behind the others of their base.
std::vector<const Rule*> ranked(const std::vector<NamedRule>& rules) {
  std::vector<const Rule*> each;
  for (const NamedRule& one : rules)
    if (std::find(each.begin(), each.end(), one.rule) == each.end()) each.push_back(one.rule);
  std::sort(each.begin(), each.end(), [](const Rule* a, const Rule* b) {
    return std::tuple(-static_cast<int>(a->base), is_family(*a), a->id.text()) <
           std::tuple(-static_cast<int>(b->base), is_family(*b), b->id.text());
  });
  return each;
}

std::vector<std::string> ids_of(const std::vector<NamedRule>& rules, const Rule& rule) {
  std::vector<std::string> ids;
  for (const NamedRule& one : rules)
    if (one.rule == &rule) ids.push_back(one.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::string coded(const std::vector<std::string>& ids) {
  std::vector<std::string> code;
  for (const std::string& id : ids) code.push_back("`" + id + "`");
  return joined(code, ", ");
}

}  // namespace

std::string rule_text(const NamedRule& named, bool colour) {
  const Rule& rule = *named.rule;
  Page page(colour);
  page.add(named.id + "  ", rule.title.text());
  page.add(page.painted(upper(rule.base), colour_of(rule.base)) + " at least: ",
           rule.strategy.text());
  for (const auto& [heading, member] : parts) {
    page.blank();
    page.add(padded(heading, 8), sentence(std::string((rule.*member).text())));
  }
  return std::move(page).text();
}

std::string rules_text(const std::vector<NamedRule>& rules, bool colour) {
  std::size_t widest = 0;
  for (const NamedRule& one : rules) widest = std::max(widest, one.id.size());
  Page page(colour);
  for (const Rule* rule : ranked(rules))
    for (const std::string& id : ids_of(rules, *rule))
      page.add(page.painted(padded(upper(rule->base), 8), colour_of(rule->base)) +
                   padded(id, widest + 2),
               rule->title.text());
  page.blank();
  page.add("", "schemasync explain RULE says what it does, why it is risky, and the safer way.");
  return std::move(page).text();
}

std::string rules_page(const std::vector<NamedRule>& rules) {
  std::string out =
      "# Rules and risks\n\nWhat each change does to a database, by the rule that `plan` prints "
      "beside it. This page is what\n`schemasync explain --format markdown` prints; `schemasync "
      "explain column.drop` prints one of them.\n\nThe base risk is the contract of a rule. What "
      "is found on the database (failed checks, large tables,\nvalues that cannot be kept) raises "
      "it, and nothing lowers it. `apply` runs what its env allows;\n`--allow column.drop` lets "
      "one rule pass, `--allow column.drop:debitcard.daily_limit` one change.\n\n"
      "| Rule | Change | Base risk | Strategy | Backup |\n|---|---|---|---|---|\n";
  for (const Rule* rule : ranked(rules))
    out += "| `" + std::string(rule->id.text()) + "` | " + std::string(rule->title.text()) + " | " +
           std::string(to_text(rule->base)) + " | " + std::string(rule->strategy.text()) + " | " +
           std::string(rule->backup.text()) + " |\n";
  return out + "\n" + rules_markdown(rules);
}

std::string rules_markdown(const std::vector<NamedRule>& rules) {
  std::string out;
  for (const Rule* rule : ranked(rules)) {
    const std::vector<std::string> ids = ids_of(rules, *rule);
    const std::string heading(ids.size() == 1 ? ids.front() : std::string(rule->id.text()));
    out += (out.empty() ? "" : "\n") + ("## `" + heading + "`\n\n") +
           std::string(rule->title.text()) + ": **" + std::string(to_text(rule->base)) + "**, " +
           std::string(rule->strategy.text()) + ".\n\n";
    if (ids.size() > 1) out += "- **Rules:** " + coded(ids) + "\n";
    for (const auto& [name, member] : parts)
      out += "- **" + std::string(name) + ":** " + sentence(std::string((rule->*member).text())) +
             "\n";
  }
  return out;
}

std::string rules_json(const std::vector<NamedRule>& rules) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Rule* rule : ranked(rules))
    for (const std::string& id : ids_of(rules, *rule)) {
      nlohmann::ordered_json one = {{"rule", id},
                                    {"base", to_text(rule->base)},
                                    {"title", rule->title.text()},
                                    {"strategy", rule->strategy.text()}};
      for (const auto& [heading, member] : parts) one[lowercase(heading)] = (rule->*member).text();
      all.push_back(std::move(one));
    }
  return all.dump(2) + "\n";
}

}  // namespace schemasync
