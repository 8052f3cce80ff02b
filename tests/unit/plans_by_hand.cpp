#include "plans_by_hand.hpp"

namespace schemasync::by_hand {
namespace {

ObjectId table(const std::string& name) { return {"table", "public", "", name}; }

Step step(Sql sql, const std::string& relation, const std::string& mode,
          Work work = Work::catalog) {
  Step step;
  step.sql = std::move(sql);
  step.work = work;
  step.locks = {{relation, mode}};
  return step;
}

Plan prod() {
  Plan plan;
  plan.tool_version = "0.1.0";
  plan.server_major = 15;
  plan.models_hash = "81d0c2b4";
  plan.after = "0006_rename_debitcard";
  plan.scope.schemas = {"public"};
  plan.run.time = "2026-01-04T15:22:00Z";
  plan.run.env = "prod";
  plan.run.target = "expenses_db at localhost:5432";
  plan.run.protected_target = true;
  plan.run.allow = Level::medium;
  plan.run.server_version = "15.18";
  plan.run.models = "schemas/";
  plan.run.model_tables = 11;
  return plan;
}

Check duplicates() {
  Check check;
  check.name = "duplicates";
  check.passed = "no duplicates of (user_id, card_name)";
  check.failed = "{0} groups of duplicates: {1} rows, {2} too many";
  check.count = sql("SELECT count(*), sum(n), sum(n - 1) FROM dup");
  check.sample = sql("SELECT user_id, card_name, n AS rows, ids AS id FROM dup LIMIT 10");
  check.repairs = {
      {"keep the lowest id, point the rows of 2 tables at it, delete {2} cards",
       sql("BEGIN;\nUPDATE \"public\".\"expense\" SET \"credit_card_id\" = 1;\nDELETE FROM "
           "\"public\".\"creditcard\";\nCOMMIT;")},
      {"keep all rows, add the id to the name of {2} cards",
       sql("UPDATE \"public\".\"creditcard\" SET \"card_name\" = \"card_name\" || \"id\"::text;")}};
  return check;
}

}  // namespace

Plan drop_column() {
  Plan plan = prod();
  Change drop =
      Change::recorded(Risk(Level::medium, "code that still reads the column fails at once"));
  drop.rule = "column.drop";
  drop.object = {"column", "public", "debitcard", "daily_limit"};
  drop.summary = "Drop column debitcard.daily_limit";
  drop.strategy = "verify dependencies, copy the values, then drop";
  drop.backup = "debitcard (export of the column), before anything runs";
  drop.blocks =
      "Reads and writes of debitcard wait while the values are copied and the column is dropped.";
  drop.breaking = "the column is gone";
  drop.undo = {
      Undo::Kind::lossless,
      "adds the column and puts the values back by debit_card_id. Rows added since get NULL. "
      "The column returns as the last one."};
  const Identifier column{"daily_limit"};
  const QualifiedName debitcard{"public", "debitcard"};
  drop.up = {step(sql("CREATE TABLE {} AS SELECT 1", archive_relation()), "debitcard",
                  "ACCESS EXCLUSIVE", Work::rewrite),
             step(sql("ALTER TABLE {} DROP COLUMN {}", debitcard, column), "debitcard",
                  "ACCESS EXCLUSIVE")};
  drop.down = {step(sql("ALTER TABLE {} ADD COLUMN {} double precision", debitcard, column),
                    "debitcard", "ACCESS EXCLUSIVE")};
  Check users;
  users.name = "users";
  users.passed = "no view, index, constraint, trigger, function or policy uses it";
  drop.checks = {users};
  drop.archive = Archive{Archive::Form::values, drop.object, R"({"type":"double precision"})"};
  drop.diff = {"- debitcard.daily_limit  double precision"};
  drop.where = {"schemas/debitcard.toml", 4, 1};
  drop.drops = {drop.object};
  drop.tables = {table("debitcard")};
  plan.from = {{drop.object, R"({"nullable":true,"type":"double precision"})"}};
  plan.from_digests = {{drop.object, "aa"}, {table("debitcard"), "bb"}};
  plan.changes.push_back(std::move(drop));
  plan.slug = "drop_debitcard_daily_limit";
  plan.run.tables = {{table("debitcard"), {1284, false, 98304}}};
  ChangeRun run;
  run.level = Level::medium;
  run.reasons = {"963 of 1,284 rows have a value"};
  run.checks = {{CheckResult::Status::ok, plan.changes[0].checks[0].passed, {}, {}}};
  plan.run.changes = {run};
  return plan;
}

Plan add_unique() {
  Plan plan = prod();
  Change add = Change::recorded(
      Risk(Level::high,
           "From then on a second card with the same user and name is refused (SQLSTATE 23505)."));
  add.rule = "unique.add";
  add.object = {"unique", "public", "creditcard", "uq_creditcard_user_card_name"};
  add.summary = "Add unique uq_creditcard_user_card_name on creditcard (user_id, card_name)";
  add.strategy = "check for duplicates, then add";
  add.backup = "creditcard (and the duplicate check), before anything runs";
  add.blocks = "Writes of creditcard wait while the index is built.";
  add.breaking = "a second row with the same values is refused";
  add.undo = {Undo::Kind::lossless, "drops the constraint with its index."};
  add.up = {step(
      sql("ALTER TABLE {} ADD CONSTRAINT {} UNIQUE ({})", QualifiedName{"public", "creditcard"},
          Identifier{add.object.name}, identifiers({"user_id", "card_name"})),
      "creditcard", "ACCESS EXCLUSIVE", Work::scan)};
  add.checks = {duplicates()};
  add.diff = {"+ unique uq_creditcard_user_card_name (user_id, card_name)"};
  add.where = {"schemas/creditcard.toml", 14, 1};
  add.creates = {add.object};
  add.needs = {table("creditcard")};
  add.tables = {table("creditcard")};
  plan.to = {{add.object, R"({"columns":["user_id","card_name"]})"}};
  plan.changes.push_back(std::move(add));
  plan.slug = "add_creditcard_user_card_name_unique";
  plan.run.tables = {{table("creditcard"), {48210, false, 2936012}}};
  ChangeRun run;
  run.level = Level::high;
  run.checks = {
      {CheckResult::Status::failed,
       "2 groups of duplicates: 5 rows, 3 too many",
       {2, 5, 3},
       {{"user_id", "card_name", "rows", "id"},
        {{"11", "Visa", "3", "48205, 48206, 48207"}, {"42", "Amex", "2", "48208, 48209"}}}}};
  plan.run.changes = {run};
  return plan;
}

Plan create_tables(int n) {
  Plan plan = prod();
  plan.run.env = "dev";
  plan.run.protected_target = false;
  plan.run.allow = Level::high;
  plan.after.clear();
  for (int i = 1; i <= n; ++i) {
    const std::string name = "t" + std::to_string(i);
    Change create = Change::recorded(Risk(Level::low, "nothing uses the table yet"));
    create.rule = "table.add";
    create.object = table(name);
    create.summary = "Create table " + name;
    create.strategy = "simple CREATE TABLE";
    create.backup = "the usual one";
    create.blocks = "Nobody.";
    create.undo = {Undo::Kind::lossless, "drops the table; rows entered meanwhile are kept."};
    create.up = {
        step(sql("CREATE TABLE {} ({} integer)", QualifiedName{"public", name}, Identifier{"id"}),
             name, "ACCESS EXCLUSIVE")};
    create.diff = {"+ table " + name, "+ " + name + ".id  integer"};
    create.where = {"schemas/" + name + ".toml", 1, 1};
    create.creates = {create.object};
    plan.to.emplace(create.object, R"({"columns":{"id":{"type":"integer"}},"comment":"äöü"})");
    plan.changes.push_back(std::move(create));
  }
  plan.slug = "create_t1";
  return plan;
}

Plan nothing() {
  Plan plan = prod();
  plan.notes = {"not modelled: materialized view public.monthly_total"};
  return plan;
}

Plan everything() {
  Plan plan = add_unique();
  Change& change = plan.changes.front();
  change.part = "key";
  change.risk.raise(Level::high, "a reason of structure");
  change.up.front().search_path = "public";
  change.up.front().rewrites = {"creditcard"};
  change.up.front().segment = 2;
  change.down = change.up;
  change.down.front().filling = Filling{{Archive::Form::filled, change.object, "{}"},
                                        {sql("DROP {}", kept_relation()), sql("SELECT 1")},
                                        {sql("SELECT 2")}};
  change.down_checks = change.checks;
  change.checks.front().stops = false;
  change.checks.front().search_path = "app";
  change.archive = Archive{Archive::Form::conversion, change.object, "not JSON"};
  change.kept = Archive{Archive::Form::table, table("Odd. \"Name\""), "{}"};
  change.restores = 17;
  change.notes = {"a note", "tab\t and \x01 control, \"quotes\", back\\slash, äöü, newline\n"};
  change.unmanaged = true;
  change.code_names = {{"card_name", {"Card"}, true, {"creditcard", "CreditCard"}},
                       {"b", {}, false, {}}};
  plan.run.changes.front().code = {{"card_name", 21, {{"app/a.py", 3, "x = card.card_name"}}}};
  plan.run.code = {{"app"}, 12, {"app is in no git work tree"}};
  change.drops = {table("gone")};
  change.releases = {{"schema", "", "", "app"}};
  change.phase = 0;
  change.own_segment_before = true;
  Change second = Change::recorded(Risk(Level::low, "b"));
  second.rule = "view.add";
  second.object = {"view", "crm", "", "v"};
  second.undo.kind = Undo::Kind::no;
  plan.changes.push_back(second);
  plan.run.changes.push_back({Level::medium, {"the table is busy"}, {}});
  plan.scope = {{"public", "crm"}, {"table:public.*"}, {"table:public.x"},
                {"grants"},        Unmanaged::refuse,  true};
  plan.from = {{table("creditcard"), R"({"a":1,"b":[true,null,"x"]})"},
               {table("odd"), "{\"b\":1, \"a\":2}"}};
  plan.managed = {table("creditcard"), {"extension", "", "", "citext"}};
  plan.notes = {"a note"};
  plan.unmanaged = {table("stranger")};
  plan.mostly_unmanaged = true;
  return plan;
}

}  // namespace schemasync::by_hand
