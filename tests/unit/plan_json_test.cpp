#include <doctest/doctest.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "model/plan.hpp"
#include "plans_by_hand.hpp"
#include "text/digest.hpp"

using namespace schemasync;
using nlohmann::json;

namespace {

ExitCode exit_of(const std::string& text) {
  try {
    plan_from_json(text);
  } catch (const Error& error) {
    CHECK_FALSE(error.hint().empty());
    return error.code();
  }
  return ExitCode::ok;
}

std::string with(const Plan& plan, const json::json_pointer& key, const json& value) {
  json document = json::parse(plan_to_json(plan));
  document[key] = value;
  return document.dump();
}

}  // namespace

TEST_CASE("a plan comes back from its JSON as it was") {
  for (const Plan& plan : {by_hand::everything(), by_hand::drop_column(), by_hand::add_unique(),
                           by_hand::create_tables(11), by_hand::nothing(), Plan{}}) {
    const std::string text = plan_to_json(plan, Samples::keep);
    const Plan back = plan_from_json(text);
    CHECK(plan_to_json(back, Samples::keep) == text);
    CHECK(plan_id(back) == plan_id(plan));
    CHECK(back.from == plan.from);
    CHECK(back.to == plan.to);
    CHECK(back.scope == plan.scope);
    CHECK(back.from_digests == plan.from_digests);
  }
}

TEST_CASE("every member of a change comes back") {
  const Plan plan = by_hand::everything();
  const Plan back = plan_from_json(plan_to_json(plan, Samples::keep));
  REQUIRE(back.changes.size() == 2);
  const Change& was = plan.changes[0];
  const Change& is = back.changes[0];
  CHECK(is.rule == was.rule);
  CHECK(is.object == was.object);
  CHECK(is.part == was.part);
  CHECK(is.summary == was.summary);
  CHECK(is.risk == was.risk);
  CHECK(is.undo.kind == was.undo.kind);
  CHECK(is.undo.text == was.undo.text);
  CHECK(is.code_names == was.code_names);
  CHECK(back.run.code == plan.run.code);
  REQUIRE(back.run.changes[0].code.size() == 1);
  CHECK(back.run.changes[0].code[0].count == 21);
  CHECK(back.run.changes[0].code[0].places[0].file == "app/a.py");
  CHECK(is.up == was.up);
  CHECK(is.down == was.down);
  CHECK(is.checks == was.checks);
  CHECK(is.down_checks == was.down_checks);
  CHECK(is.archive == was.archive);
  CHECK(is.kept == was.kept);
  CHECK(is.restores == was.restores);
  CHECK(is.diff == was.diff);
  CHECK(is.notes == was.notes);
  CHECK(is.where == was.where);
  CHECK(is.unmanaged == was.unmanaged);
  CHECK(is.creates == was.creates);
  CHECK(is.drops == was.drops);
  CHECK(is.needs == was.needs);
  CHECK(is.releases == was.releases);
  CHECK(is.phase == was.phase);
  CHECK(is.own_segment_before == was.own_segment_before);
  CHECK(is.tables == was.tables);
  CHECK(back.run.changes[0].checks[0].counts == plan.run.changes[0].checks[0].counts);
  CHECK(back.run.changes[0].checks[0].sample.rows == plan.run.changes[0].checks[0].sample.rows);
  CHECK(back.run.changes[1].level == Level::medium);
  CHECK(back.run.changes[1].reasons == plan.run.changes[1].reasons);
  CHECK(back.run.tables.size() == plan.run.tables.size());
  CHECK(back.managed == plan.managed);
  CHECK(back.unmanaged == plan.unmanaged);
  CHECK(back.mostly_unmanaged);
}

TEST_CASE("plan_id is the digest of the body alone") {
  const Plan plan = by_hand::add_unique();
  Plan later = plan;
  later.run = {};
  CHECK(plan_id(later) == plan_id(plan));
  CHECK(plan_id(without_facts(plan)) == plan_id(plan));
  later.changes[0].summary += "!";
  CHECK(plan_id(later) != plan_id(plan));
  later = plan;
  later.changes[0].up[0].segment = 1;
  CHECK(plan_id(later) != plan_id(plan));
}

TEST_CASE("changes are ranked in the file and numbered as they run") {
  Plan plan = by_hand::create_tables(2);
  plan.changes.push_back(by_hand::add_unique().changes[0]);
  const json document = json::parse(plan_to_json(plan));
  CHECK(document["changes"][0]["number"] == 3);
  CHECK(document["changes"][1]["number"] == 1);
  CHECK(document["summary"] ==
        json{{"breaking", 1}, {"changes", 3}, {"high", 1}, {"medium", 0}, {"low", 2}});
  CHECK(document["changes"][0]["risk"]["level"] == "high");
  CHECK(document["proof"]["result"] == "none");
  CHECK(plan_from_json(document.dump()).changes[2].rule == "unique.add");
}

TEST_CASE("sample rows are written only when they are asked for") {
  CHECK(plan_to_json(by_hand::add_unique()).find("48205") == std::string::npos);
  CHECK(plan_to_json(by_hand::add_unique(), Samples::keep).find("48205") != std::string::npos);
}

TEST_CASE("definitions are values in the file") {
  const json document = json::parse(plan_to_json(by_hand::everything()));
  CHECK(document["from"]["definitions"]["table public.creditcard"]["b"][0] == true);
  CHECK(document["from"]["definitions"]["table public.odd"].is_string());
}

TEST_CASE("what is no plan, newer, or changed by hand is refused") {
  const Plan plan = by_hand::everything();
  using Key = json::json_pointer;
  CHECK(exit_of("") == ExitCode::error);
  CHECK(exit_of("{") == ExitCode::error);
  CHECK(exit_of("[]") == ExitCode::error);
  CHECK(exit_of("{}") == ExitCode::error);
  CHECK(exit_of(std::string(200000, '[')) == ExitCode::error);
  CHECK(exit_of(R"({"plan_id":"x","format":1})") == ExitCode::error);
  CHECK(exit_of(with(plan, Key("/format"), 2)) == ExitCode::error);
  CHECK(exit_of(with(plan, Key("/format"), "1")) == ExitCode::error);
  CHECK(exit_of(with(plan, Key("/changes"), json::object())) == ExitCode::error);
  CHECK(exit_of(with(plan, Key("/changes/0/number"), 9)) == ExitCode::error);
  CHECK(exit_of(with(plan, Key("/changes/0/number"), 2)) == ExitCode::error);
  CHECK(exit_of(with(plan, Key("/changes/0/risk/base"), "none")) == ExitCode::error);
  CHECK(exit_of(with(plan, Key("/changes/0/up"), 7)) == ExitCode::error);
  CHECK(exit_of(with(plan, Key("/managed"), json{"table"})) == ExitCode::error);
  CHECK(exit_of(with(plan, Key("/changes/0/up/0/sql"), "DROP TABLE x")) == ExitCode::stale);
  CHECK(exit_of(with(plan, Key("/slug"), "other")) == ExitCode::stale);
  CHECK(exit_of(with(plan, Key("/plan_id"), "0")) == ExitCode::stale);
  CHECK(exit_of(with(plan, Key("/to/definitions"), json::object())) == ExitCode::stale);
  CHECK(exit_of(with(plan, Key("/time"), "2030-01-01T00:00:00Z")) == ExitCode::ok);
}

TEST_CASE("a mistake in a plan is named by its place") {
  const std::string text =
      with(by_hand::everything(), json::json_pointer("/changes/0/up/0/work"), "magic");
  try {
    plan_from_json(text);
    FAIL("it was read");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) ==
          "this is not a plan of schemasync: at changes (number 1).up[0].work, "
          "\"magic\" is not a word that stands here");
  }
}

TEST_CASE("bytes that are not UTF-8 are replaced, and the plan still fits its id") {
  Plan plan = by_hand::nothing();
  plan.notes = {"caf\xe9"};
  const Plan back = plan_from_json(plan_to_json(plan));
  CHECK(back.notes[0] == "caf\xef\xbf\xbd");
}

// Processor time, so that what else runs on the machine does not count.
TEST_CASE("four times the changes take about four times the work") {
  const auto work_of = [](int changes) {
    const Plan plan = by_hand::create_tables(changes);
    const std::clock_t start = std::clock();
    plan_from_json(plan_to_json(plan));
    return static_cast<double>(std::clock() - start);
  };
  work_of(100);
  CHECK(work_of(1000) < 9 * work_of(250));
}
