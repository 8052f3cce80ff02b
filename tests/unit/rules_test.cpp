#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <set>

#include "cli/policy.hpp"
#include "cli/rules.hpp"
#include "text/error.hpp"

using namespace schemasync;

namespace {

std::string said(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    return std::string(error.what()) + "\n" + error.hint();
  }
  return "";
}

Plan plan_with(const std::string& rule, const ObjectId& object) {
  Plan plan;
  Change change = Change::recorded(Risk(Level::medium, "why"));
  change.rule = rule;
  change.object = object;
  plan.changes.push_back(change);
  return plan;
}

}  // namespace

TEST_CASE("every rule has an id of its own, lower case with dots") {
  std::set<std::string> ids;
  for (const NamedRule& rule : all_rules()) {
    CAPTURE(rule.id);
    CHECK(ids.insert(rule.id).second);
    CHECK(rule.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.") == std::string::npos);
    CHECK(rule.id.find('.') != std::string::npos);
  }
  CHECK(ids.size() > 60);
}

TEST_CASE("every rule has words of one kind: sentences end, the short ones do not") {
  for (const NamedRule& named : all_rules()) {
    CAPTURE(named.id);
    const Rule& rule = *named.rule;
    for (const std::string_view sentence :
         {rule.what.text(), rule.why.text(), rule.lock.text(), rule.fails.text(),
          rule.checks.text(), rule.safer.text(), rule.undo.text()})
      CHECK(sentence.back() == '.');
    for (const std::string_view phrase :
         {rule.title.text(), rule.strategy.text(), rule.backup.text()})
      CHECK(phrase.back() != '.');
  }
}

TEST_CASE("the nine changes of the guide have the base risks that it gives them") {
  const std::map<std::string, Level> guide = {
      {"table.add", Level::low},
      {"column.add", Level::low},
      {"column.add.not_null", Level::medium},
      {"column.type", Level::high},
      {"column.rename", Level::high},
      {"table.rename", Level::high},
      {"column.drop", Level::medium},
      {"foreign_key.add", Level::medium},
      {"unique.add", Level::high},
      {"table.drop", Level::high},
      {"column.type.widen", Level::low},
  };
  for (const auto& [id, base] : guide) {
    CAPTURE(id);
    CHECK(find_rule(id).rule->base == base);
  }
}

TEST_CASE("families have a rule for each kind that they concern, and no other") {
  CHECK(find_rule("table.drop.unmanaged").rule->base == Level::high);
  CHECK(find_rule("index.recreate").id == "index.recreate");
  CHECK(find_rule("column.recreate").id == "column.recreate");
  CHECK(find_rule("*.rename").rule == find_rule("view.rename").rule);
  CHECK(said([] { find_rule("enum.recreate"); }) != "");
  CHECK(said([] { find_rule("column.drop.unmanaged"); }) != "");
}

TEST_CASE("a rule is found with its object behind, a mistyped one is answered with the nearest") {
  CHECK(find_rule("column.drop:debitcard.daily_limit").id == "column.drop");
  CHECK(said([] { find_rule("colum.drop"); }).find("did you mean \"column.drop\"?") !=
        std::string::npos);
  CHECK(said([] { find_rule(""); }).find("there is no rule") == 0);
}

TEST_CASE("--allow knows risks, rules and the plan's objects, and nothing else") {
  const Plan plan = plan_with("column.drop", {"column", "public", "debitcard", "daily_limit"});
  const auto answer = [&](const std::string& word) {
    return said([&] { check_words({Level::high, {word}}, plan); });
  };
  for (const char* word : {"low", "medium", "high", "data-loss", "publication", "column.drop",
                           "table.drop", "column.drop:debitcard.daily_limit"}) {
    CAPTURE(word);
    CHECK(answer(word) == "");
  }
  CHECK(answer("column.dorp") ==
        "--allow column.dorp is no risk and no rule\ndid you mean \"column.drop\"?");
  CHECK(answer("hihg") == "--allow hihg is no risk and no rule\ndid you mean \"high\"?");
  CHECK(answer("column.drop:debitcard.limit") ==
        "--allow column.drop:debitcard.limit is on no object of this plan\n"
        "it has column.drop:debitcard.daily_limit");
  CHECK(answer("table.drop:debitcard").find("this plan has no table.drop") != std::string::npos);
  CHECK(said([] { check_words({Level::high, {"column.drop:gone.before"}}, Plan{}); }) == "");
}

TEST_CASE("a page of all rules holds each of them once") {
  const std::string page = rules_page(all_rules());
  for (const NamedRule& rule : all_rules()) {
    CAPTURE(rule.id);
    CHECK(page.find("`" + rule.id + "`") != std::string::npos);
  }
  const std::string one = rule_text(find_rule("column.drop"), false);
  CHECK(one.find("column.drop  Drop a column\nMEDIUM at least: ") == 0);
  for (const char* heading : {"What ", "Why ", "Lock ", "Fails ", "Check ", "Safer ", "Undo "})
    CHECK(one.find("\n" + std::string(heading)) != std::string::npos);
}
