// The pure half of apply: names and order of steps, what is compared with what, and where a
// rollback goes, over journals made by hand.
#include <doctest/doctest.h>

#include "apply/checks.hpp"
#include "apply/drift.hpp"
#include "apply/fill.hpp"
#include "apply/history.hpp"
#include "apply/rollback.hpp"
#include "model/migration.hpp"
#include "plan/planner.hpp"

namespace schemasync {
namespace {

Migration migration(int number, MigrationStatus status) {
  Migration m;
  m.number = number;
  m.id = number == 0 ? "0000" : migration_id(number, "edit");
  m.status = status;
  m.summary = "Edit";
  m.applied_by = "anna";
  m.started_at = "2026-01-04T15:22:00Z";
  return m;
}

// 0000, 0001, 0002 rolled back, 0003, 0004.
Journal five() {
  Journal journal;
  journal.exists = true;
  journal.migrations = {
      migration(0, MigrationStatus::baseline), migration(1, MigrationStatus::applied),
      migration(2, MigrationStatus::rolled_back), migration(3, MigrationStatus::applied),
      migration(4, MigrationStatus::applied)};
  return journal;
}

Change change_with(int ups, int downs) {
  Change change = Change::recorded(Risk(Level::low, "why"));
  change.summary = "Change";
  change.up.resize(static_cast<std::size_t>(ups));
  change.down.resize(static_cast<std::size_t>(downs));
  return change;
}

}  // namespace

TEST_CASE("a migration is named by its number and a slug of at most 63 bytes") {
  CHECK(slugified("Drop Debit-Card  limit!") == "drop_debit_card_limit");
  CHECK(slugified("\u00dcber__x") == "ber_x");
  CHECK(slugified("!!").empty());
  CHECK(migration_id(7, "drop_debitcard_daily_limit") == "0007_drop_debitcard_daily_limit");
  CHECK(migration_id(12345, "x") == "12345_x");
  CHECK(migration_id(1, "") == "0001_changes");
  CHECK(migration_id(1, std::string(100, 'a')).size() == 63);
}

TEST_CASE("a first plan of many tables is named by how many, any other by its riskiest change") {
  const auto adds = [](const char* rule, const ObjectId& object) {
    Change change = change_with(0, 0);
    change.rule = rule;
    change.object = object;
    return change;
  };
  const ObjectId user{"table", "public", "", "user"};
  Plan plan;
  plan.changes = {adds("schema.add", {"schema", "", "", "crm"}), adds("table.add", user)};
  CHECK(slug_of(plan) == "add_crm");
  plan.changes.push_back(adds("table.add", {"table", "crm", "", "user"}));
  plan.changes.push_back(adds("foreign_key.add", {"foreign_key", "public", "user", "fk"}));
  plan.changes.push_back(adds("view.add", {"view", "crm", "", "v"}));
  CHECK(slug_of(plan) == "create_2_tables");
  plan.after = "0000";
  CHECK(slug_of(plan) == "create_2_tables");
  plan.after = "0003_add_user";
  CHECK(slug_of(plan) == "add_crm");
  plan.after.clear();
  plan.changes.push_back(adds("column.add", {"column", "crm", "old", "c"}));
  CHECK(slug_of(plan) == "add_crm");
}

TEST_CASE("steps run by segment, and downwards the last change first") {
  Plan plan;
  plan.changes = {change_with(2, 1), change_with(1, 2)};
  plan.changes[0].up[1].segment = 3;
  plan.changes[1].up[0].segment = 2;
  const auto up = steps_in_order(plan, Direction::up);
  REQUIRE(up.size() == 3);
  CHECK(up[0].change == 1);
  CHECK(up[1].change == 2);
  CHECK(up[2].change == 1);
  CHECK(up[2].ordinal == 3);
  CHECK(cut_into_segments(up).size() == 3);
  const auto down = steps_in_order(plan, Direction::down);
  CHECK(down[0].change == 2);
  CHECK(down[2].change == 1);
  CHECK(cut_into_segments(down).size() == 1);
}

TEST_CASE("definitions and what they were before go through JSON and back") {
  const ObjectId a{"table", "public", "", "a"}, b{"table", "public", "", "b.\"c\""};
  const Definitions old_state = {{a, "{\"x\":1}"}};
  const Definitions new_state = {{a, "{\"x\":2}"}, {b, "{}"}};
  CHECK(definitions_from_json(to_json(new_state)) == new_state);
  const Before before = before_of(old_state, new_state);
  CHECK(before.size() == 2);
  CHECK(before_from_json(to_json(before)) == before);
  CHECK(taken_back(new_state, before) == old_state);
  CHECK_THROWS_AS(definitions_from_json("[1]"), Error);
}

TEST_CASE("a changed definition is told attribute by attribute") {
  CHECK(described_change(R"({"a":1,"type":"text"})", R"({"a":1,"b":true,"type":"date"})") ==
        "type text -> date, b nothing -> true");
  CHECK(described_change("x", "y") == "x -> y");
}

TEST_CASE("of what only a plan recorded, the attributes that it states are compared") {
  const ObjectId a{"table", "public", "", "a"}, b{"table", "public", "", "b"};
  const Definitions recorded = {{a, R"({"comment":"x","owner":null})"}};
  CHECK(differences_of_known(recorded, {{a, R"({"comment":"x","owner":"o"})"}, {b, "{}"}}).empty());
  CHECK(differences_of_known(recorded, {{a, R"({"comment":"x"})"}}).empty());
  CHECK(differences_of_known(recorded, {{a, R"({"comment":"y","owner":"o"})"}}).size() == 1);
  CHECK(differences_of_known(recorded, {{a, R"({"owner":"o"})"}}).size() == 1);
  CHECK(differences_of_known(recorded, {{b, "{}"}}).size() == 1);
}

TEST_CASE("a plan is stale when an object it is bound to, or makes, moved") {
  const ObjectId a{"table", "public", "", "a"}, b{"table", "public", "", "b"};
  Plan plan;
  plan.from = {{a, "{}"}};
  plan.to = {{a, "{\"x\":1}"}, {b, "{}"}};
  CHECK(moved_since(plan, {{a, "{}"}}).empty());
  CHECK(moved_since(plan, {{a, "{}"}, {b, "{}"}}).size() == 1);
  CHECK(moved_since(plan, {}).size() == 1);
}

TEST_CASE("a fill names its column, and its value may hold anything") {
  const Fill fill = parse_fill("expense.priority=a=b");
  CHECK(fill.column == ObjectId{"column", "public", "expense", "priority"});
  CHECK(fill.value == "a=b");
  CHECK(parse_fill("crm.\"a=b\".c=1").column == ObjectId{"column", "crm", "a=b", "c"});
  for (const char* wrong : {"expense.priority", "priority=1", "=1", "a.b.c.d=1"})
    CHECK_THROWS_AS(parse_fill(wrong), Error);
}

TEST_CASE("a rollback goes over the standing migrations, newest first") {
  using Kind = RollbackTarget::Kind;
  const Journal journal = five();
  CHECK(journal.last_id() == "0004_edit");
  const auto undone = [&](const RollbackTarget& target) {
    return plan_rollback(journal, target).migrations;
  };
  CHECK(undone({}) == std::vector<int>{4});
  CHECK(undone({Kind::steps, 2, ""}) == std::vector<int>{4, 3});
  CHECK(undone({Kind::to, 1, "1"}) == std::vector<int>{4, 3});
  CHECK(undone({Kind::to, 1, "0003_edit"}) == std::vector<int>{4});
  CHECK(undone({Kind::to, 1, "0004"}).empty());
  CHECK(undone({Kind::all, 1, ""}) == std::vector<int>{4, 3, 1});
  CHECK(plan_rollback(journal, {Kind::all, 1, ""}).reached ==
        std::vector<std::string>{"0003_edit", "0001_edit", "0000"});
  CHECK_THROWS_AS(undone({Kind::to, 1, "2"}), Error);  // rolled back
  CHECK_THROWS_AS(undone({Kind::to, 1, "nonsense"}), Error);
  CHECK_THROWS_AS(undone({Kind::steps, 4, ""}), Error);
  CHECK(plan_rollback({}, {}).migrations.empty());
}

TEST_CASE("an interrupted migration is continued with its models or its plan, and with no other") {
  Journal journal = five();
  journal.migrations.back().status = MigrationStatus::interrupted;
  journal.migrations.back().models_hash = "m";
  journal.migrations.back().plan_id = "p";
  CHECK(would_resume(journal, "m", "", ""));
  CHECK(would_resume(journal, "", "p", ""));
  CHECK_THROWS_AS(would_resume(journal, "other", "other", ""), Error);
  journal.migrations.back().direction = Direction::down;
  CHECK_THROWS_AS(would_resume(journal, "m", "p", ""), Error);
  CHECK_FALSE(would_resume(five(), "m", "p", ""));
}

TEST_CASE("history is an array, oldest first") {
  const std::string json = history_json(five());
  CHECK(json.find("\"number\": 0") < json.find("\"number\": 4"));
  CHECK(json.find("\"status\": \"baseline\"") != std::string::npos);
  CHECK(json.find("\"applied_at\": \"2026-01-04T15:22:00Z\"") != std::string::npos);
}

}  // namespace schemasync
