#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "apply/history.hpp"
#include "live/apply_fixture.hpp"
#include "render/sql.hpp"

namespace schemasync::testing {
namespace {

constexpr const char* rows_of_card = "SELECT * FROM public.card ORDER BY id";

struct Ran {
  int code = 0;
  std::string output;
};

// The file as a person runs it.
Ran psql(const Target& target, const std::string& text) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("schemasync_" + std::to_string(getpid()) + ".sql");
  std::ofstream(path) << text;
  const std::string command =
      "psql -X -d '" + target.url() + "' -f " + path + " > " + path + ".out 2>&1";
  const int status = std::system(command.c_str());
  std::ifstream in(path + ".out");
  std::stringstream said;
  said << in.rdbuf();
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".out");
  return {WEXITSTATUS(status), said.str()};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<RolledBack> rolled_back(const Target& target) {
  Connection db = target.connect();
  return rollback(db, {}, quick_back(), doors(), {});
}

Journal journal_of(const Target& target) {
  Connection db = target.connect();
  return read_journal(db);
}

Change with_a_colon() {
  Change change = Change::recorded(Risk(Level::low, "Only a test."));
  change.rule = "check.add";
  change.object = {"check", "public", "card", "ck"};
  change.summary = "It's a check with :USER and a \\ in its name";
  Step up, down;
  up.sql = Sql::recorded(
      "ALTER TABLE public.card ADD CONSTRAINT \"ck:USER\" CHECK (array_length((ARRAY[1, 2])[1:id], "
      "1) > 0 AND "
      "name <> ':USER' AND name <> $$:USER$$ AND id::int > 0) -- :USER");
  down.sql = Sql::recorded("ALTER TABLE public.card DROP CONSTRAINT \"ck:USER\"");
  change.up = {up};
  change.down = {down};
  return change;
}

}  // namespace

TEST_CASE("the psql file does what apply does, and rollback undoes it") {
  Target target;
  const std::string before = target.ask(rows_of_card);
  const Plan plan = PlanOf(target).add_notes().drop_daily_limit().plan();
  const std::string file = plan_sql(plan);
  CHECK(file.starts_with("-- This file cannot compare fingerprints"));
  const Ran ran = psql(target, file);
  REQUIRE(ran.code == 0);
  CHECK(has(ran.output, "Recorded as 0001_edit_card"));
  CHECK(target.ask("SELECT * FROM schemasync.a1 ORDER BY id") == "1|10.5\n3|-0");
  const Journal journal = journal_of(target);
  CHECK(journal.last_id() == "0001_edit_card");
  {
    Connection db = target.connect();
    CHECK(never_managed(db, journal, {column("daily_limit")}).empty());
    CHECK(recorded_plan(db, 1).changes.size() == 2);
    const auto drift = drift_since(db, journal, read_tables(db, {}), {});
    REQUIRE(drift);
    CHECK(drift->empty());
  }
  target.run("UPDATE public.card SET notes = 'kept' WHERE id = 2");
  CHECK(psql(target, file).code != 0);  // planned for another state
  const auto back = rolled_back(target);
  REQUIRE(back.size() == 1);
  CHECK(back[0].rows == 2);
  CHECK(target.ask(rows_of_card) == before);
  CHECK(target.ask("SELECT notes FROM schemasync.a2") == "kept");
}

TEST_CASE("the way down by psql undoes what apply did, and the journal knows") {
  Target target;
  const std::string before = target.ask(rows_of_card);
  const Plan plan = PlanOf(target).add_notes().drop_daily_limit().plan();
  const std::string file = plan_down_sql(plan);
  CHECK(psql(target, file).code != 0);  // nothing was applied
  {
    Connection db = target.connect();
    apply(plan, db, quick(), doors());
  }
  target.run("UPDATE public.card SET notes = 'kept' WHERE id = 2");
  CHECK(psql(target, file).code == 0);
  CHECK(target.ask(rows_of_card) == before);
  const Journal journal = journal_of(target);
  CHECK(journal.last_id() == "0000");
  CHECK(journal.kept_by_rollback().contains(column("notes")));
  CHECK(target.ask("SELECT notes FROM schemasync.a2") == "kept");
  CHECK(psql(target, file).code != 0);
  // And apply goes on from there.
  Connection db = target.connect();
  Plan again = PlanOf(target).add_notes().plan();
  CHECK(apply(again, db, quick(), doors()).migration == "0002_edit_card");
}

TEST_CASE("colons, quotes and comments in SQL of the models reach the server as written") {
  Target target;
  const Plan plan = PlanOf(target).change(with_a_colon()).plan();
  CHECK(psql(target, plan_sql(plan)).code == 0);
  CHECK(has(target.ask("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = "
                       "'ck:USER'"),
            "':USER'::text"));
  CHECK(has(target.ask("SELECT sql FROM schemasync.step"), "-- :USER"));
}

TEST_CASE("a psql file stops when a check finds rows, and when another holds the lock") {
  Target target;
  Plan plan = PlanOf(target).drop_daily_limit().plan();
  Check check;
  check.name = "rows";
  check.failed = "{0} rows of {1}";
  check.count = Sql::recorded("DO $$ BEGIN PERFORM 1; END $$; SELECT count(*), 7 FROM public.card");
  plan.changes[0].checks = {check};
  Ran ran = psql(target, plan_sql(plan));
  CHECK(ran.code != 0);
  CHECK(has(ran.output, "3 rows of 7"));
  CHECK_FALSE(journal_of(target).exists);

  Connection holder = target.connect();
  holder.query(sql("SELECT pg_advisory_lock({})", apply_lock_key));
  ran = psql(target, plan_sql(PlanOf(target).drop_daily_limit().plan()));
  CHECK(ran.code != 0);
  CHECK(has(ran.output, "another schemasync"));
}

TEST_CASE("a psql file that fails in its second segment leaves what rollback can undo") {
  Target target;
  const std::string before = target.ask(rows_of_card);
  const Plan plan = PlanOf(target).drop_daily_limit().fail_once_unless_ready().plan();
  CHECK(psql(target, plan_sql(plan)).code != 0);
  CHECK(journal_of(target).interrupted() != nullptr);
  SUBCASE("rollback") {
    CHECK(rolled_back(target).size() == 1);
    CHECK(target.ask(rows_of_card) == before);
  }
  SUBCASE("apply goes on") {
    target.run("CREATE TABLE public.ready ()");
    Connection db = target.connect();
    CHECK(apply(plan, db, quick(), doors()).resumed);
    CHECK(target.ask("SELECT obj_description('public.card'::regclass)") == "x: y");
  }
}

}  // namespace schemasync::testing
