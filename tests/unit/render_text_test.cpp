#include <doctest/doctest.h>

#include <algorithm>

#include "plans_by_hand.hpp"
#include "render/body_diff.hpp"
#include "render/page.hpp"
#include "render/text.hpp"
#include "text/strings.hpp"

using namespace schemasync;

namespace {

TextOptions usual() {
  TextOptions options;
  options.next_number = 7;
  options.lock_timeout = "3s";
  return options;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t widest(const std::string& text) {
  std::size_t width = 0;
  for (const std::string& line : split(text, '\n')) width = std::max(width, shown_width(line));
  return width;
}

// clang-format off
constexpr std::string_view drop_column_text = R"(prod    expenses_db at localhost:5432, PostgreSQL 15.18 (protected)
models  schemas/, 11 tables

1 change: 0 high, 1 medium, 0 low. 1 breaks running code: #1. No data is lost.

#1  MEDIUM  Drop column debitcard.daily_limit
            column.drop  schemas/debitcard.toml:4

    Why     Code that still reads the column fails at once. 963 of 1,284 rows have a value.
    Breaks  The column is gone.
    Check   ok    no view, index, constraint, trigger, function or policy uses it
    How     Verify dependencies, copy the values, then drop.
    Locks   debitcard, 1,284 rows, 96 kB: Reads and writes of debitcard wait while the values are
            copied and the column is dropped (ACCESS EXCLUSIVE on debitcard, one transaction, writes
            rows; predicted). Gives up after 3s without the lock, and retries.
    Backup  debitcard (export of the column), before anything runs. The values also stay in the
            database, for rollback.
    Undo    Lossless: adds the column and puts the values back by debit_card_id. Rows added since
            get NULL. The column returns as the last one.

      - debitcard.daily_limit  double precision

Locks are predicted: nothing was run anywhere to prove this plan.
Will be recorded as 0007_drop_debitcard_daily_limit.

Next  1. Make the running code ready for #1 (see Breaks).
      2. schemasync apply --env prod           plans again, asks you to type "prod"
      schemasync plan --env prod --format sql  the statements (--down: the way back)
      schemasync explain column.drop           the risk and the safer way
)";

constexpr std::string_view add_unique_text = R"(prod    expenses_db at localhost:5432, PostgreSQL 15.18 (protected)
models  schemas/, 11 tables

1 change: 1 high, 0 medium, 0 low. 1 breaks running code: #1. No data is lost.
STOP: 1 check fails: with --allow high, apply would change nothing and exit 4.

#1  HIGH    Add unique uq_creditcard_user_card_name on creditcard (user_id, card_name)
            unique.add  schemas/creditcard.toml:14

    Why     From then on a second card with the same user and name is refused (SQLSTATE 23505).
    Breaks  A second row with the same values is refused.
    Check   FAIL  2 groups of duplicates: 5 rows, 3 too many
                    user_id  card_name  rows  id
                         11  Visa          3  48205, 48206, 48207
                         42  Amex          2  48208, 48209
    How     Check for duplicates, then add.
    Locks   creditcard, 48,210 rows, 2867 kB: Writes of creditcard wait while the index is built
            (ACCESS EXCLUSIVE on creditcard, one transaction, reads every row; predicted). Gives up
            after 3s without the lock, and retries.
    Backup  creditcard (and the duplicate check), before anything runs.
    Undo    Lossless: drops the constraint with its index.

      + unique uq_creditcard_user_card_name (user_id, card_name)

    Repairs are for you to run with psql; what they change or remove is kept nowhere, and rollback
    does not undo them.
    Repair A: keep the lowest id, point the rows of 2 tables at it, delete 3 cards
      BEGIN;
      UPDATE "public"."expense" SET "credit_card_id" = 1;
      DELETE FROM "public"."creditcard";
      COMMIT;

    Repair B: keep all rows, add the id to the name of 3 cards
      UPDATE "public"."creditcard" SET "card_name" = "card_name" || "id"::text;

Locks are predicted: nothing was run anywhere to prove this plan.
Will be recorded as 0007_add_creditcard_user_card_name_unique.

Next  1. Run a repair with psql, then schemasync plan --env prod again.
      2. Make the running code ready for #1 (see Breaks).
      3. schemasync apply --env prod --allow high  plans again, asks you to type "prod"; prod runs
                                                   up to medium without it
      schemasync plan --env prod --format sql      the statements (--down: the way back)
      schemasync explain unique.add                the risk and the safer way
)";
// clang-format on

}  // namespace

TEST_CASE("the plan of a dropped column, whole") {
  CHECK(plan_text(by_hand::drop_column(), usual()) == drop_column_text);
}

TEST_CASE("the plan of a unique constraint that duplicates stop, whole") {
  CHECK(plan_text(by_hand::add_unique(), usual()) == add_unique_text);
}

TEST_CASE("a plan fits 100 columns and is ASCII where the names are") {
  for (const Plan& plan :
       {by_hand::drop_column(), by_hand::add_unique(), by_hand::create_tables(11),
        by_hand::create_tables(3), by_hand::nothing()}) {
    const std::string text = plan_text(plan, usual());
    CHECK(widest(text) <= page_width);
    CHECK(std::all_of(text.begin(), text.end(),
                      [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  }
}

TEST_CASE("many low changes take two lines each, all of them with --verbose") {
  TextOptions options = usual();
  const Plan plan = by_hand::create_tables(11);
  const std::string text = plan_text(plan, options);
  CHECK(has(
      text,
      "#11 LOW     Create table t11\n            table.add  schemas/t11.toml:1  undo: lossless\n"));
  CHECK(has(text, "    Backup  #1-#11: the usual one.\n"));
  CHECK(split(text, '\n').size() < 40);
  options.verbose = true;
  CHECK(has(plan_text(plan, options), "+ t11.id  integer"));
}

TEST_CASE("without facts nothing that was counted is printed") {
  TextOptions options = usual();
  options.facts = false;
  Plan plan = by_hand::add_unique();
  const std::string text = plan_text(plan, options);
  for (const char* figure : {"48,210", "FAIL", "STOP", "48205", "2867"})
    CHECK_FALSE(has(text, figure));
  CHECK(has(text, "Check   Before anything runs: no duplicates of (user_id, card_name)."));
  plan.run.time = "2031-01-01T00:00:00Z";
  plan.run.tables.begin()->second.rows = 7;
  plan.run.changes[0].checks[0].status = CheckResult::Status::ok;
  CHECK(plan_text(plan, options) == text);
}

TEST_CASE("sample rows are hidden on demand") {
  TextOptions options = usual();
  options.samples = false;
  const std::string text = plan_text(by_hand::add_unique(), options);
  CHECK_FALSE(has(text, "48205"));
  CHECK(has(text, "2 groups of duplicates"));
}

TEST_CASE("only the level and the verdict of a check are coloured") {
  TextOptions options = usual();
  options.colour = true;
  const std::string text = plan_text(by_hand::add_unique(), options);
  CHECK(has(text, "\x1b[1;31mHIGH\x1b[0m"));
  CHECK(has(text, "\x1b[1;31mFAIL\x1b[0m"));
  CHECK(std::count(text.begin(), text.end(), '\x1b') == 4);
  CHECK(widest(text) <= page_width);
  CHECK_FALSE(has(plan_text(by_hand::add_unique(), usual()), "\x1b"));
}

TEST_CASE("no changes") {
  const std::string text = plan_text(by_hand::nothing(), usual());
  CHECK(has(text, "No changes: the database is as the models say.\n"));
  CHECK(has(text, "  - not modelled: materialized view public.monthly_total\n"));
  CHECK_FALSE(has(text, "Next"));
}

TEST_CASE("what no models ever had is named first, and what apply refuses is said") {
  Plan plan = by_hand::create_tables(1);
  Change drop = Change::recorded(Risk(Level::high, "the table is in no models"));
  drop.rule = "table.drop.unmanaged";
  drop.object = {"table", "public", "", "stranger"};
  drop.summary = "Drop table stranger";
  drop.unmanaged = true;
  drop.undo = {Undo::Kind::lossy, "makes it again, without rows"};
  plan.changes.push_back(drop);
  plan.mostly_unmanaged = true;
  plan.run.env = "prod";
  const std::string text = plan_text(plan, usual());
  CHECK(text.find("#2  HIGH") < text.find("#1  LOW"));
  CHECK(has(text, "WARNING 1 object stands in no models"));
  CHECK(has(text, "#2 table public.stranger"));
  CHECK(has(text, "(exit 3) unless --allow high stands on its command line"));
  CHECK(has(text, "#2 loses data."));
  CHECK(has(text, "schemasync apply --env prod --allow high --allow data-loss"));
}

TEST_CASE("refused and reported strangers are listed") {
  Plan plan = by_hand::nothing();
  plan.unmanaged = {{"table", "public", "", "stranger"}};
  plan.scope.unmanaged = Unmanaged::refuse;
  std::string text = plan_text(plan, usual());
  CHECK(has(text, "STOP: 1 object stands in no models, and unmanaged = \"refuse\""));
  CHECK(has(text, "  - table public.stranger\n"));
  plan.scope.unmanaged = Unmanaged::report;
  text = plan_text(plan, usual());
  CHECK_FALSE(has(text, "STOP"));
  CHECK(has(text, "left as they are (unmanaged = \"report\"):\n  - table public.stranger\n"));
}

TEST_CASE("a check without an answer stops, and says how to go on") {
  Plan plan = by_hand::add_unique();
  plan.run.changes[0].checks[0] = {CheckResult::Status::unknown, "", {}, {}};
  const std::string text = plan_text(plan, usual());
  CHECK(has(text, "STOP: 1 check ran past statement_timeout"));
  CHECK(has(text, "not known"));
}

TEST_CASE("control characters of names never reach the terminal") {
  Plan plan = by_hand::drop_column();
  plan.changes[0].summary = "Drop column \"a\x1b[31mb\"";
  CHECK(has(plan_text(plan, usual()), "a\\x1b[31mb"));
}

TEST_CASE("diff shows what differs and nothing else") {
  const std::string text = diff_text(by_hand::drop_column(), "prod", "schemas/", usual());
  CHECK(text ==
        "prod -> schemas/\n"
        "1 change: 0 high, 1 medium, 0 low. 1 breaks running code: #1. No data is lost.\n"
        "\n"
        "#1  MEDIUM  Drop column debitcard.daily_limit\n"
        "\n"
        "      - debitcard.daily_limit  double precision\n");
  CHECK(has(diff_text(by_hand::nothing(), "a", "b", usual()), "a -> b: no difference."));
}

TEST_CASE("unified diffs are as GNU diff draws them") {
  CHECK(definition_diff("a\nb\n", "a\nb\n").empty());
  CHECK(definition_diff("", "a\nb\n") == "@@ -0,0 +1,2 @@\n+a\n+b\n");
  CHECK(definition_diff("a\n", "") == "@@ -1,1 +0,0 @@\n-a\n");
  CHECK(definition_diff("SELECT 1,\n  2\nFROM t", "SELECT 1,\n  3\nFROM t") ==
        "@@ -1,3 +1,3 @@\n SELECT 1,\n-  2\n+  3\n FROM t\n");
}

TEST_CASE("a body of several lines is drawn as a diff, once") {
  Plan plan = by_hand::nothing();
  const ObjectId view{"view", "public", "", "v"};
  for (const char* rule : {"view.drop", "view.add"}) {
    Change change = Change::recorded(Risk(Level::low, "it is made again"));
    change.rule = rule;
    change.object = view;
    change.summary = rule;
    plan.changes.push_back(change);
  }
  plan.from[view] = R"({"sql":"SELECT 1,\n 2"})";
  plan.to[view] = R"({"sql":"SELECT 1,\n 3"})";
  const std::string text = plan_text(plan, usual());
  CHECK(has(text, "      @@ -1,2 +1,2 @@\n       SELECT 1,\n      - 2\n      + 3\n"));
  CHECK(text.find("@@ -1") == text.rfind("@@ -1"));
}

TEST_CASE("numbers of changes are gathered") {
  CHECK(numbered({1}) == "#1");
  CHECK(numbered({1, 2}) == "#1, #2");
  CHECK(numbered({1, 2, 3, 7}) == "#1-#3, #7");
}

TEST_CASE("tables clip long cells and flush numbers right") {
  Page page(false);
  page.table(2, {"id", "name"}, {{"7", "x"}, {"1,000", std::string(40, 'y')}});
  CHECK(std::move(page).text() ==
        "     id  name\n      7  x\n  1,000  " + std::string(29, 'y') + "...\n");
}
