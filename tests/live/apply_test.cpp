#include <doctest/doctest.h>

#include <csignal>
#include <thread>

#include "apply/history.hpp"
#include "live/apply_fixture.hpp"

namespace schemasync::testing {
namespace {

constexpr const char* rows_of_card = "SELECT * FROM public.card ORDER BY id";

Journal journal_of(const Target& target) {
  Connection db = target.connect();
  return read_journal(db);
}

Applied applied(const Target& target, const Plan& plan, const ApplyOptions& options = quick()) {
  Connection db = target.connect();
  return apply(plan, db, options, doors());
}

std::vector<RolledBack> rolled_back(const Target& target, const RollbackTarget& to = {},
                                    const RollbackOptions& options = quick_back()) {
  Connection db = target.connect();
  return rollback(db, to, options, doors(), {});
}

template <class F>
ExitCode code_of(F&& run, std::string* text = nullptr) {
  try {
    run();
  } catch (const Error& error) {
    const std::string said = std::string(error.what()) + "\n" + error.hint();
    if (text != nullptr) *text = said;
    return error.code();
  }
  return ExitCode::ok;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a plan is applied, recorded after a baseline, and rolled back with its rows") {
  Target target;
  const std::string before = target.ask(rows_of_card);
  CHECK_FALSE(journal_of(target).exists);
  const Applied done = applied(target, PlanOf(target).add_notes().drop_daily_limit().plan());
  CHECK(done.migration == "0001_edit_card");
  CHECK(done.baseline_recorded);
  CHECK(done.steps == 4);
  CHECK(target.ask("SELECT * FROM schemasync.a1 ORDER BY id") == "1|10.5\n3|-0");
  target.run("UPDATE public.card SET notes = 'kept' WHERE id = 2");

  Journal journal = journal_of(target);
  CHECK(journal.migrations.size() == 2);
  CHECK(journal.last_id() == "0001_edit_card");
  {
    Connection db = target.connect();
    CHECK(never_managed(db, journal, {column("daily_limit")}).empty());
  }
  CHECK(journal.kept.size() == 1);

  const auto back = rolled_back(target);
  REQUIRE(back.size() == 1);
  CHECK(back[0].id == "0001_edit_card");
  CHECK(back[0].reached == "0000");
  CHECK(back[0].rows == 2);
  CHECK(target.ask(rows_of_card) == before);
  journal = journal_of(target);
  CHECK(journal.last_id() == "0000");
  const auto kept = journal.kept_by_rollback();
  REQUIRE(kept.contains(column("notes")));
  CHECK(kept.at(column("notes")).columns == std::vector<std::string>{"id", "notes"});
  CHECK(target.ask("SELECT notes FROM schemasync.a2") == "kept");
  CHECK(rolled_back(target).empty());  // there already
  CHECK(has(history_json(journal), "\"status\": \"rolled_back\""));
}

TEST_CASE("what a rollback kept comes back when the change is applied again, and numbers go on") {
  Target target;
  applied(target, PlanOf(target).add_notes().plan());
  target.run("UPDATE public.card SET notes = 'kept' WHERE id = 2");
  rolled_back(target);
  Plan again = PlanOf(target).add_notes().plan();
  again.changes[0].restores = 1;
  Step restore;
  restore.segment = 1;
  restore.sql = Sql::recorded(
      "UPDATE public.card AS t SET notes = a.notes FROM schemasync.a1 AS a WHERE a.id = t.id");
  again.changes[0].up.push_back(restore);
  CHECK(applied(target, again).migration == "0002_edit_card");
  CHECK(target.ask("SELECT notes FROM public.card WHERE id = 2") == "kept");
  CHECK(target.ask("SELECT state FROM schemasync.archive") == "restored");
  CHECK(code_of([&] { applied(target, again); }) == ExitCode::stale);
}

TEST_CASE("a step that fails before anything stayed leaves nothing, and uses its number up") {
  Target target;
  const std::string before = target.ask(rows_of_card);
  const Plan plan = PlanOf(target).fail_once_unless_ready().plan();
  CHECK(code_of([&] { applied(target, plan); }) == ExitCode::error);
  CHECK(target.ask("SELECT obj_description('public.card'::regclass)").empty());
  CHECK(journal_of(target).last_id() == "0000");
  CHECK(journal_of(target).next_number == 2);
  target.run("CREATE TABLE public.ready ()");
  CHECK(applied(target, plan).migration == "0002_edit_card");
}

TEST_CASE("a failure behind a committed segment is interrupted, and goes on both ways") {
  Target target;
  const std::string before = target.ask(rows_of_card);
  const Plan plan = PlanOf(target).drop_daily_limit().fail_once_unless_ready().add_notes().plan();
  std::string text;
  CHECK(code_of([&] { applied(target, plan); }, &text) == ExitCode::interrupted);
  CHECK(has(text, "after step 3 of 6"));
  CHECK(has(text, "continue at step 4"));
  {
    Connection db = target.connect();
    const Journal journal = read_journal(db);
    REQUIRE(journal.interrupted() != nullptr);
    const auto stopped = stopped_at(db, journal);
    REQUIRE(stopped);
    CHECK(stopped->done == 3);
    CHECK(stopped->total == 6);
    CHECK(stopped->next_steps.front().first == 4);
  }
  CHECK(target.ask("SELECT ordinal, status, error FROM schemasync.step WHERE status = 'failed'") ==
        "5|failed|relation \"public.ready\" does not exist");
  const Plan other = PlanOf(target, "other models").add_notes().plan();
  CHECK(code_of([&] { applied(target, other); }) == ExitCode::interrupted);

  SUBCASE("resume") {
    CHECK(code_of([&] { applied(target, plan); }) == ExitCode::interrupted);  // still not ready
    target.run("CREATE TABLE public.ready ()");
    const Applied done = applied(target, PlanOf(target).plan());  // same models, planned again
    CHECK(done.resumed);
    CHECK(done.migration == "0001_edit_card");
    CHECK(done.steps == 3);
    CHECK(target.ask("SELECT obj_description('public.card'::regclass)") == "x: y");
    target.run("DROP TABLE public.ready");
    CHECK(rolled_back(target).size() == 1);
    CHECK(target.ask(rows_of_card) == before);
  }
  SUBCASE("rollback undoes what was done") {
    const auto back = rolled_back(target);
    REQUIRE(back.size() == 1);
    CHECK(back[0].rows == 2);
    CHECK(target.ask(rows_of_card) == before);
    CHECK(journal_of(target).last_id() == "0000");
  }
}

TEST_CASE(
    "an apply whose session is killed is continued, and one killed at its very end is settled") {
  Target target;
  Change killed = Change::recorded(Risk(Level::low, "Only a test."));
  killed.rule = "table.edit";
  killed.object = {"table", "public", "", "card"};
  killed.summary = "End the session once";
  Step kill_once;
  kill_once.sql = Sql::recorded(
      "DO $$ BEGIN IF to_regclass('public.ready') IS NULL THEN PERFORM "
      "pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); END IF; END $$");
  killed.up = {kill_once};
  const Plan plan = PlanOf(target).drop_daily_limit().change(killed).plan();
  std::string text;
  CHECK(code_of([&] { applied(target, plan); }, &text) == ExitCode::interrupted);
  CHECK(has(text, "after step 3 of 4"));
  target.run("CREATE TABLE public.ready ()");
  CHECK(applied(target, plan).resumed);

  target.run(
      "UPDATE schemasync.migration SET status = 'started', definitions = NULL WHERE number "
      "= 1");
  CHECK_FALSE(journal_of(target).find(1)->settled);
  CHECK(applied(target, PlanOf(target).plan()).migration.empty());
  CHECK(journal_of(target).find(1)->settled);
  CHECK(applied(target, PlanOf(target, "other models").add_notes().plan()).migration ==
        "0002_edit_card");
}

TEST_CASE("values that were changed since their conversion are listed, not put back") {
  Target target;
  Change convert = Change::recorded(Risk(Level::high, "Only a test."));
  convert.rule = "column.type";
  convert.object = column("daily_limit");
  convert.part = "type";
  convert.summary = "Change card.daily_limit to integer";
  convert.archive = Archive{Archive::Form::conversion, convert.object, "{}"};
  convert.tables = {convert.object.owner()};
  const auto step = [](const std::string& text) {
    Step made;
    made.sql = Sql::recorded(text);
    return made;
  };
  convert.up = {step("CREATE TABLE schemasync.\"{archive}\" AS SELECT id, daily_limit AS old, "
                     "daily_limit::integer AS new, false AS restored FROM public.card WHERE "
                     "daily_limit IS NOT NULL"),
                step("ALTER TABLE public.card ALTER daily_limit TYPE integer")};
  convert.down = {
      step("ALTER TABLE public.card ALTER daily_limit TYPE double precision"),
      step("WITH done AS (UPDATE public.card AS t SET daily_limit = a.old FROM "
           "schemasync.\"{archive}\" AS a WHERE a.id = t.id AND t.daily_limit::integer "
           "= a.new RETURNING t.id) UPDATE schemasync.\"{archive}\" SET restored = true "
           "WHERE id IN (SELECT id FROM done)")};
  applied(target, PlanOf(target).change(convert).plan());
  target.run("UPDATE public.card SET daily_limit = 77 WHERE id = 1");
  const auto back = rolled_back(target);
  REQUIRE(back.size() == 1);
  CHECK(back[0].rows == 1);
  REQUIRE(back[0].notes.size() == 1);
  CHECK(has(back[0].notes[0], "1 kept value of card.daily_limit not put back"));
  CHECK(has(back[0].notes[0], "\"old\": 10.5"));
  CHECK(target.ask("SELECT daily_limit FROM public.card ORDER BY id") == "77\n\n-0");
}

TEST_CASE("with rollback on failure, a failed migration undoes itself") {
  Target target;
  const std::string before = target.ask(rows_of_card);
  ApplyOptions options = quick();
  options.rollback_on_failure = true;
  const Plan plan = PlanOf(target).drop_daily_limit().fail_once_unless_ready().plan();
  CHECK(code_of([&] { applied(target, plan, options); }) == ExitCode::error);
  CHECK(target.ask(rows_of_card) == before);
  CHECK(journal_of(target).interrupted() == nullptr);
}

TEST_CASE("an interrupted rollback is continued by rollback, and by nothing else") {
  Target target;
  const std::string before = target.ask(rows_of_card);
  const Plan plan = PlanOf(target).drop_daily_limit().add_notes().plan();
  applied(target, plan);
  // The second segment of the way down adds the column: let it collide.
  target.run(
      "CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF "
      "tg_tag = 'ALTER TABLE' AND EXISTS (SELECT FROM pg_attribute WHERE attname = "
      "'daily_limit' AND attrelid = 'public.card'::regclass) THEN RAISE EXCEPTION 'no'; END "
      "IF; END $$; CREATE EVENT TRIGGER no ON ddl_command_end EXECUTE FUNCTION public.no()");
  std::string text;
  CHECK(code_of([&] { rolled_back(target); }, &text) == ExitCode::interrupted);
  CHECK(has(text, "continue the way back"));
  CHECK(code_of([&] { applied(target, plan); }) == ExitCode::interrupted);
  target.run("DROP EVENT TRIGGER no");
  const auto back = rolled_back(target);
  REQUIRE(back.size() == 1);
  CHECK(target.ask(rows_of_card) == before);
  CHECK(journal_of(target).last_id() == "0000");
}

TEST_CASE("a target that moved since the plan was made is refused") {
  Target target;
  const Plan plan = PlanOf(target).drop_daily_limit().plan();
  target.run("ALTER TABLE public.card ALTER daily_limit TYPE numeric(12,2)");
  std::string text;
  CHECK(code_of([&] { applied(target, plan); }, &text) == ExitCode::stale);
  CHECK(has(text, "type double precision -> numeric(12,2)"));
  CHECK_FALSE(journal_of(target).exists);
}

TEST_CASE("a table that somebody changes in the last moment is noticed under the lock") {
  Target target;
  const Plan plan = PlanOf(target).drop_daily_limit().plan();
  ApplyDoors meddling = doors();
  meddling.read = [&](Connection& db, const Scope& scope) {
    Definitions found = read_tables(db, scope);
    target.run("ALTER TABLE public.card ADD COLUMN sneaky int");
    return found;
  };
  Connection db = target.connect();
  CHECK(code_of([&] { apply(plan, db, quick(), meddling); }) == ExitCode::stale);
  CHECK(has(target.ask(rows_of_card), "10.5"));
}

TEST_CASE("a check that finds rows stops before anything, and so does one that takes too long") {
  Target target;
  Plan plan = PlanOf(target).drop_daily_limit().plan();
  Check check;
  check.name = "rows";
  check.passed = "no rows";
  check.failed = "{0} rows of {1}";
  check.count = Sql::recorded("SELECT count(*), 1234 FROM public.card");
  check.sample = Sql::recorded("SELECT id, name FROM public.card ORDER BY id");
  plan.changes[0].checks = {check};
  std::string text;
  CHECK(code_of([&] { applied(target, plan); }, &text) == ExitCode::check_failed);
  CHECK(has(text, "3 rows of 1,234"));
  CHECK(has(text, "It's"));
  CHECK_FALSE(journal_of(target).exists);

  plan.changes[0].checks[0].count = Sql::recorded("SELECT 0 FROM pg_sleep(60)");
  ApplyOptions options = quick();
  options.timeouts.statement_ms = 100;
  CHECK(code_of([&] { applied(target, plan, options); }) == ExitCode::check_failed);
  options.allow_unknown = [](const Change& c) { return c.rule == "column.drop"; };
  CHECK(applied(target, plan, options).migration == "0001_edit_card");
}

TEST_CASE("the second of two applies names the first, and can end its session") {
  Target target;
  Connection holder = target.connect();
  holder.query(sql("SELECT pg_advisory_lock({})", apply_lock_key));
  const Plan plan = PlanOf(target).add_notes().plan();
  std::string text;
  CHECK(code_of([&] { applied(target, plan); }, &text) == ExitCode::error);
  CHECK(has(text, "process " + std::to_string(holder.backend_pid())));
  CHECK(has(text, "--terminate"));
  ApplyOptions options = quick();
  options.terminate = true;
  CHECK(applied(target, plan, options).migration == "0001_edit_card");
  CHECK_FALSE(holder.is_alive());
}

TEST_CASE("a segment that waits for a table's lock tries again, and then names who holds it") {
  Target target;
  const Plan plan = PlanOf(target).add_notes().plan();
  Connection holder = target.connect();
  holder.begin();
  holder.query(sql("SELECT * FROM public.card"));
  std::vector<std::string> waits;
  ApplyDoors watching = doors();
  watching.progress = [&](const Progress& p) {
    if (p.kind == Progress::Kind::waiting) waits.push_back(p.text);
  };
  Connection db = target.connect();
  std::string text;
  CHECK(code_of([&] { apply(plan, db, quick(), watching); }, &text) == ExitCode::error);
  CHECK(waits.size() == 1);
  CHECK(has(text, "process " + std::to_string(holder.backend_pid())));
  holder.rollback();
  CHECK(apply(plan, db, quick(), watching).migration == "0002_edit_card");
}

TEST_CASE("a publication of all tables stops the first apply before it makes the journal") {
  Target target;
  target.run("CREATE PUBLICATION everything FOR ALL TABLES");
  const Plan plan = PlanOf(target).add_notes().plan();
  std::string text;
  CHECK(code_of([&] { applied(target, plan); }, &text) == ExitCode::refused);
  CHECK(has(text, "everything"));
  CHECK(has(text, "CREATE TABLE schemasync.migration"));
  CHECK_FALSE(journal_of(target).exists);
  ApplyOptions options = quick();
  options.allow_publication = true;
  CHECK(applied(target, plan, options).migration == "0001_edit_card");
}

TEST_CASE("a signal cancels the running statement and leaves nothing behind") {
  Target target;
  Change slow = Change::recorded(Risk(Level::low, "Only a test."));
  slow.rule = "table.edit";
  slow.object = {"table", "public", "", "card"};
  slow.summary = "Sleep";
  Step sleep;
  sleep.sql = Sql::recorded("DO $$ BEGIN PERFORM pg_sleep(30); END $$");
  sleep.work = Work::rewrite;
  slow.up = {sleep};
  ApplyOptions options = quick();
  options.timeouts.rewrite_ms = 60'000;
  std::thread killer([] {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    kill(getpid(), SIGINT);
  });
  std::string text;
  CHECK(code_of([&] { applied(target, PlanOf(target).change(slow).plan(), options); }, &text) ==
        ExitCode::error);
  killer.join();
  CHECK(has(text, "stopped by a signal"));
}

TEST_CASE("rollback goes to a named state, refuses what is none, and undoes all") {
  Target target;
  const std::string before = target.ask(rows_of_card);
  CHECK(rolled_back(target).empty());  // nothing was ever applied
  applied(target, PlanOf(target).add_notes().plan());
  const std::string after_first = target.ask(rows_of_card);
  applied(target, PlanOf(target).drop_daily_limit().plan());
  using Kind = RollbackTarget::Kind;
  CHECK(code_of([&] { rolled_back(target, {Kind::to, 1, "7"}); }) == ExitCode::error);
  CHECK(code_of([&] { rolled_back(target, {Kind::steps, 3, ""}); }) == ExitCode::error);
  CHECK(rolled_back(target, {Kind::to, 1, "2"}).empty());
  CHECK(rolled_back(target, {Kind::to, 1, "0001"}).size() == 1);
  CHECK(target.ask("SELECT id, name, daily_limit FROM public.card ORDER BY id") ==
        "1|Visa|10.5\n2|Amex|\n3|It's|-0");
  CHECK(rolled_back(target, {Kind::all, 1, ""}).size() == 1);
  CHECK(target.ask(rows_of_card) == before);
}

TEST_CASE("drift stops a rollback only where it is in the way") {
  Target target;
  applied(target, PlanOf(target).drop_daily_limit().plan());
  target.run("CREATE TABLE public.other (id int)");
  {
    Connection db = target.connect();
    const auto drift = drift_since(db, read_journal(db), read_tables(db, {}), {});
    REQUIRE(drift);
    CHECK(drift->size() == 2);
    CHECK(drift->front().to_text() == "+ column public.other.id");
  }
  SUBCASE("elsewhere") { CHECK(rolled_back(target).size() == 1); }
  SUBCASE("in the same table") {
    target.run("ALTER TABLE public.card ALTER name TYPE varchar(9)");
    std::string text;
    CHECK(code_of([&] { rolled_back(target); }, &text) == ExitCode::stale);
    CHECK(has(text, "type text -> character varying(9)"));
  }
}

TEST_CASE("checks of the way down stop a rollback, unless a fill gives the rows a value") {
  Target target;
  Change loosen = Change::recorded(Risk(Level::low, "Only a test."));
  loosen.rule = "column.null";
  loosen.object = column("name");
  loosen.part = "null";
  loosen.summary = "Allow NULL in card.name";
  loosen.tables = {loosen.object.owner()};
  Step up, down;
  up.sql = Sql::recorded("ALTER TABLE public.card ALTER name DROP NOT NULL");
  down.sql = Sql::recorded("ALTER TABLE public.card ALTER name SET NOT NULL");
  loosen.up = {up};
  loosen.down = {down};
  Check nulls;
  nulls.name = "nulls";
  nulls.passed = "no NULL in card.name";
  nulls.failed = "{0} rows have NULL";
  nulls.count = Sql::recorded("SELECT count(*) FROM public.card WHERE name IS NULL");
  loosen.down_checks = {nulls};
  applied(target, PlanOf(target).change(loosen).plan());
  target.run(
      "INSERT INTO public.card VALUES (4, NULL, 1); CREATE FUNCTION public.touch() RETURNS "
      "trigger LANGUAGE plpgsql AS $$ BEGIN new.daily_limit := 99; RETURN new; END $$; "
      "CREATE TRIGGER touch BEFORE UPDATE ON public.card FOR EACH ROW EXECUTE FUNCTION "
      "public.touch(); ALTER TABLE public.card ENABLE ALWAYS TRIGGER touch");
  CHECK(code_of([&] { rolled_back(target); }) == ExitCode::check_failed);
  RollbackOptions options = quick_back();
  options.fills = {parse_fill("card.name=It's=new")};
  CHECK(rolled_back(target, {}, options).size() == 1);
  CHECK(target.ask("SELECT name, daily_limit FROM public.card WHERE id = 4") == "It's=new|1");
  CHECK(target.ask("SELECT tgenabled FROM pg_trigger WHERE tgname = 'touch'") == "A");
}

TEST_CASE("an empty plan records the baseline of a database that has objects") {
  Target target;
  const Applied done = applied(target, PlanOf(target).plan());
  CHECK(done.baseline_recorded);
  CHECK(done.migration.empty());
  CHECK(journal_of(target).last_id() == "0000");
  CHECK_FALSE(applied(target, PlanOf(target).plan()).baseline_recorded);
}

TEST_CASE("a dry run changes nothing and shows the statements") {
  Target target;
  ApplyOptions options = quick();
  options.dry_run = true;
  CHECK(applied(target, PlanOf(target).drop_daily_limit().plan(), options).statements.size() == 3);
  CHECK_FALSE(journal_of(target).exists);
}

TEST_CASE("a journal that the role may not read is an error that says so") {
  Target target;
  applied(target, PlanOf(target).add_notes().plan());
  target.run(
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'stranger') THEN "
      "CREATE ROLE stranger; END IF; END $$");
  SessionOptions session;
  session.role = "stranger";
  Connection db(target.url(), session);
  std::string text;
  CHECK(code_of([&] { read_journal(db); }, &text) == ExitCode::error);
  CHECK(has(text, "may not read the journal"));
}

}  // namespace schemasync::testing
