#include "live/apply_fixture.hpp"

#include <unistd.h>
#include <cstdlib>

#include "pg/server.hpp"
#include "text/digest.hpp"

namespace schemasync::testing {
namespace {

// SCHEMASYNC_TEST_URL names a server of your own; else one is started for all tests.
const std::string& server_url() {
  static const char* const given = std::getenv("SCHEMASYNC_TEST_URL");
  if (given != nullptr) {
    static const std::string url = given;
    return url;
  }
  static const ServerUse server = start_private_server();
  return server.url();
}

std::string url_of(const std::string& database) {
  static const char* const given = std::getenv("SCHEMASYNC_TEST_URL");
  if (given != nullptr) return std::string(given) + " dbname=" + database;
  static const std::string base = server_url();
  const std::size_t slash = base.rfind('/', base.find('?'));
  const std::size_t query = base.find('?');
  return base.substr(0, slash + 1) + database +
         (query == std::string::npos ? "" : base.substr(query));
}

Sql raw(const std::string& text) { return Sql::recorded(text); }

Step step(const std::string& text, Work work = Work::catalog) {
  Step made;
  made.sql = raw(text);
  made.work = work;
  return made;
}

}  // namespace

Target::Target() {
  static int count = 0;
  name_ = "apply_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  Connection admin(server_url());
  admin.execute(sql("CREATE DATABASE {}", Identifier{name_}));
  url_ = url_of(name_);
  run("CREATE TABLE public.card (id integer PRIMARY KEY, name text NOT NULL, daily_limit double "
      "precision); INSERT INTO public.card VALUES (1, 'Visa', 10.5), (2, 'Amex', NULL), (3, "
      "'It''s', '-0')");
}

Target::~Target() {
  try {
    Connection admin(server_url());
    admin.execute(sql("DROP DATABASE {} WITH (FORCE)", Identifier{name_}));
  } catch (const Error&) {
    // The server is going away with it.
  }
}

std::string Target::ask(const std::string& query) const {
  Connection db(url_);
  const Rows rows = db.query(raw(query));
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out += "\n";
    for (std::size_t k = 0; k < rows.columns(); ++k) {
      if (k > 0) out += "|";
      out += rows.text(i, k);
    }
  }
  return out;
}

void Target::run(const std::string& statements) const {
  Connection db(url_);
  db.execute(raw(statements));
}

Definitions Target::definitions() const {
  Connection db(url_);
  return read_tables(db, {});
}

Definitions read_tables(Connection& db, const Scope&) {
  const Rows rows = db.query(raw(
      "SELECT c.relname, a.attname, format('{\"not_null\":%s,\"type\":\"%s\"}', "
      "to_json(a.attnotnull), "
      "format_type(a.atttypid, a.atttypmod)) FROM pg_class c JOIN pg_attribute a ON a.attrelid = "
      "c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relnamespace = "
      "'public'::regnamespace AND c.relkind = 'r'"));
  Definitions found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string table(rows.text(i, 0));
    found[{"table", "public", "", table}] = "{}";
    found[{"column", "public", table, std::string(rows.text(i, 1))}] = rows.text(i, 2);
  }
  return found;
}

ObjectId column(const std::string& name) { return {"column", "public", "card", name}; }

PlanOf::PlanOf(const Target& target, const std::string& models_hash) {
  plan_.tool_version = "0.1.0";
  plan_.models_hash = models_hash;
  plan_.slug = "edit_card";
  for (const auto& [id, definition] : target.definitions()) {
    plan_.from_digests[id] = sha256(definition);
    plan_.managed.push_back(id);
  }
}

PlanOf& PlanOf::add_notes() {
  Change add = Change::recorded(Risk(Level::low, "Nothing reads it yet."));
  add.rule = "column.add";
  add.object = column("notes");
  add.summary = "Add column card.notes";
  add.strategy = "add column";
  add.undo = {Undo::Kind::lossless, "drops the column and keeps its values."};
  add.kept = Archive{Archive::Form::values, add.object, "{}"};
  add.tables = {{"table", "public", "", "card"}};
  add.creates = {add.object};
  add.up = {step("ALTER TABLE public.card ADD COLUMN notes text")};
  add.down = {step("CREATE TABLE \"schemasync\".\"{kept}\" AS SELECT id, notes FROM public.card "
                   "WHERE notes IS NOT NULL",
                   Work::rewrite),
              step("ALTER TABLE \"schemasync\".\"{kept}\" ADD PRIMARY KEY (id)"),
              step("ALTER TABLE public.card DROP COLUMN notes")};
  plan_.to[add.object] = "{\"not_null\":false,\"type\":\"text\"}";
  return change(add);
}

PlanOf& PlanOf::drop_daily_limit() {
  Change drop = Change::recorded(Risk(Level::medium, "2 of 3 rows have a value."));
  drop.rule = "column.drop";
  drop.object = column("daily_limit");
  drop.summary = "Drop column card.daily_limit";
  drop.strategy = "copy the values, then drop";
  drop.undo = {Undo::Kind::lossless, "adds the column and puts the values back by id."};
  drop.archive = Archive{Archive::Form::values, drop.object, "{}"};
  drop.tables = {{"table", "public", "", "card"}};
  drop.drops = {drop.object};
  drop.up = {step("CREATE TABLE \"schemasync\".\"{archive}\" AS SELECT id, daily_limit FROM "
                  "public.card WHERE daily_limit IS NOT NULL",
                  Work::rewrite),
             step("ALTER TABLE \"schemasync\".\"{archive}\" ADD PRIMARY KEY (id)"),
             step("ALTER TABLE public.card DROP COLUMN daily_limit")};
  drop.down = {step("ALTER TABLE public.card ADD COLUMN daily_limit double precision"),
               step("DO $do$ BEGIN UPDATE public.card AS t SET daily_limit = a.daily_limit FROM "
                    "\"schemasync\".\"{archive}\" AS a WHERE a.id = t.id; END $do$",
                    Work::rewrite)};
  plan_.from[drop.object] = "{\"not_null\":false,\"type\":\"double precision\"}";
  return change(drop);
}

PlanOf& PlanOf::fail_once_unless_ready() {
  Change fail = Change::recorded(Risk(Level::low, "Only a test."));
  fail.rule = "table.edit";
  fail.object = {"table", "public", "", "card"};
  fail.summary = "Name the table's purpose";
  fail.undo = {Undo::Kind::lossless, "takes the comment away."};
  fail.up = {step("COMMENT ON TABLE public.card IS 'x: y'"),
             step("DO $do$ BEGIN PERFORM 1 FROM public.ready; END $do$")};
  fail.down = {step("COMMENT ON TABLE public.card IS NULL")};
  return change(fail);
}

PlanOf& PlanOf::change(Change change) {
  plan_.changes.push_back(std::move(change));
  return *this;
}

Plan PlanOf::plan() const {
  Plan plan = plan_;
  const int count = static_cast<int>(plan.changes.size());
  for (int i = 0; i < count; ++i) {
    Change& change = plan.changes[static_cast<std::size_t>(i)];
    for (Step& up : change.up) up.segment = i + 1;
    for (Step& down : change.down) down.segment = count - i;
  }
  return plan;
}

ApplyDoors doors() { return {read_tables, {}, {}, {}, {}}; }

ApplyOptions quick() {
  ApplyOptions options;
  options.timeouts = {200, 5000, 5000, 2};
  return options;
}

RollbackOptions quick_back() {
  RollbackOptions options;
  options.timeouts = quick().timeouts;
  return options;
}

}  // namespace schemasync::testing
