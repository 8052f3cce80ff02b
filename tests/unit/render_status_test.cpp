#include <doctest/doctest.h>

#include "render/status.hpp"

using namespace schemasync;

namespace {

StatusView prod() {
  StatusView view;
  view.target = {"prod", "expenses_db at localhost:5432", "15.18", true, "--env prod"};
  view.has_journal = true;
  view.applied = 7;
  view.last = "0007_drop_debitcard_daily_limit";
  view.last_at = "2026-01-04 15:22 UTC";
  view.last_by = "anna";
  view.pending = PendingView{"schemas/", 2, 0, 0, ""};
  view.oldest = "0000_baseline";
  view.archived = 49152;
  return view;
}

}  // namespace

TEST_CASE("status of a database that is as it was left") {
  CHECK(
      status_text(prod()) ==
      "prod       expenses_db at localhost:5432, PostgreSQL 15.18 (protected)\n"
      "applied    7 migrations, last 0007_drop_debitcard_daily_limit, 2026-01-04 15:22 UTC by "
      "anna\n"
      "drift      none: the database is as 0007 left it\n"
      "pending    2 changes in schemas/ (2 high)                      schemasync plan --env prod\n"
      "rollback   to any of 0000..0007 with all data (archive 48 kB)\n");
}

TEST_CASE("status with drift says what changed and both ways on") {
  StatusView view = prod();
  view.drift = {{DriftLine::Kind::added, {"index", "public", "expense", "ix_expense_tmp"}, ""},
                {DriftLine::Kind::changed,
                 {"column", "public", "user", "email"},
                 "varchar(100) -> varchar(200)"}};
  view.pending.reset();
  CHECK(status_text(view) ==
        "prod       expenses_db at localhost:5432, PostgreSQL 15.18 (protected)\n"
        "applied    7 migrations, last 0007_drop_debitcard_daily_limit, 2026-01-04 15:22 UTC by "
        "anna\n"
        "drift      2 objects changed outside schemasync since 0007:\n"
        "             + index public.expense.ix_expense_tmp\n"
        "             ~ column public.user.email  varchar(100) -> varchar(200)\n"
        "           keep them: schemasync pull --env prod, then schemasync apply --env prod\n"
        "           undo them: schemasync plan --env prod\n"
        "rollback   to any of 0000..0007 with all data (archive 48 kB)\n");
}

TEST_CASE("status of an interrupted migration says where it stands and both ways on") {
  StatusView view = prod();
  view.pending.reset();
  view.stopped = StoppedView{"0009_add_creditcard_user_card_name_unique",
                             "15:24 UTC",
                             "connection lost",
                             1,
                             3,
                             "build index uq_creditcard_user_card_name",
                             "attach it as a constraint"};
  CHECK(status_text(view) ==
        "prod       expenses_db at localhost:5432, PostgreSQL 15.18 (protected)\n"
        "applied    7 migrations, last 0007_drop_debitcard_daily_limit, 2026-01-04 15:22 UTC by "
        "anna\n"
        "stopped    0009_add_creditcard_user_card_name_unique, after step 1 of 3 (connection lost, "
        "15:24 UTC)\n"
        "           done   1  build index uq_creditcard_user_card_name\n"
        "           next   2  attach it as a constraint\n"
        "           schemasync apply --env prod         continue at step 2\n"
        "           schemasync rollback --env prod      undo step 1\n");
}

TEST_CASE("status of an interrupted rollback names the one way on") {
  StatusView view = prod();
  view.pending.reset();
  view.stopped = StoppedView{"0009_x", "15:24 UTC",   "connection lost", 1,
                             3,        "Add index i", "Add x",           Direction::down};
  CHECK(status_text(view).ends_with(
      "stopped    the rollback of 0009_x, after step 1 of 3 (connection lost, 15:24 UTC)\n"
      "           done   1  undo: Add index i\n"
      "           next   2  undo: Add x\n"
      "           schemasync rollback --env prod  continue at step 2\n"));
}

TEST_CASE("status of a database that schemasync never changed") {
  StatusView view;
  view.target = {"dev", "dev at a socket", "15.18", false, ""};
  view.pending = PendingView{"schemas/", 0, 0, 0, ""};
  CHECK(status_text(view) ==
        "dev        dev at a socket, PostgreSQL 15.18\n"
        "applied    nothing: schemasync never changed this database\n"
        "pending    none: the database is as schemas/ says\n");
}

TEST_CASE("history is one line a migration") {
  CHECK(history_text(prod().target,
                     {{"0000_baseline", "baseline", "2026-01-04 15:20 UTC", "anna", "11 tables"},
                      {"0001_add_x", "rolled_back", "2026-01-04 15:22 UTC", "bo", "Add x"}}) ==
        "prod       expenses_db at localhost:5432, PostgreSQL 15.18 (protected)\n"
        "\n"
        "0000_baseline  baseline     2026-01-04 15:20 UTC  anna  11 tables\n"
        "0001_add_x     rolled_back  2026-01-04 15:22 UTC  bo    Add x\n");
}

TEST_CASE("rollback says one line a migration") {
  RollbackRow row{"0010_drop_notification", "0009_x", 12, 0.041, {"Drop table notification"}};
  CHECK(rollback_line(row) == "0010_drop_notification -> 0009_x   12 rows restored   0.04 s");
  CHECK(rollback_preview(prod().target, {row}) ==
        "prod       expenses_db at localhost:5432, PostgreSQL 15.18 (protected)\n"
        "\n"
        "0010_drop_notification -> 0009_x\n"
        "    undo  Drop table notification\n");
  CHECK(rollback_reminder("schemas/", prod().target) ==
        "schemas/ still holds what was undone: the next schemasync apply --env prod would bring it "
        "back.\n");
}
