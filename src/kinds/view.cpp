#include "kinds/view.hpp"

#include <array>

#include "kinds/catalog.hpp"
#include "kinds/code_names.hpp"
#include "kinds/context.hpp"
#include "kinds/model_file.hpp"
#include "kinds/model_writing.hpp"
#include "kinds/view_rules.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::array<std::string_view, 7> view_privileges = {
    "delete", "insert", "references", "select", "trigger", "truncate", "update"};

// pg_get_viewdef indents the first line and ends with a semicolon.
std::string bare(std::string_view definition) {
  definition = trimmed(definition);
  if (definition.ends_with(';')) definition.remove_suffix(1);
  return std::string(trimmed(definition));
}

void read_uses(Catalog& catalog, Schema& schema) {
  // A view's query is its _RETURN rule; what the rule depends on is what the view stands on.
  const Rows rows =
      catalog.db().query(sql("SELECT DISTINCT w.ev_class, d.refobjid, d.refobjsubid FROM "
                             "pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class "
                             "JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = "
                             "w.oid WHERE c.relkind = 'v' AND "
                             "c.relnamespace = ANY({}::oid[]) AND d.refclassid = "
                             "'pg_class'::regclass AND d.refobjid <> w.ev_class",
                             catalog.namespaces()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId* view = catalog.object("pg_class", rows.number(i, 0));
    const ObjectId* used = catalog.object("pg_class", rows.number(i, 1));
    if (view == nullptr || used == nullptr) continue;
    std::vector<ObjectId>& uses = schema.all<View>().at(*view).uses;
    uses.push_back(*used);
    if (const std::string* column = catalog.column(rows.number(i, 1), rows.number(i, 2)))
      uses.push_back(column_id(*used, *column));
  }
}

// What hangs on a view beside what its model says, one row each.
Sql carried_by(const ObjectId& view) {
  return sql(
      "WITH v AS (SELECT c.oid, c.reloptions FROM pg_class c JOIN pg_namespace n ON n.oid = "
      "c.relnamespace WHERE n.nspname = {} AND c.relname = {} AND c.relkind = 'v') "
      "SELECT 'option ' || unnest(reloptions) AS \"not modelled\" FROM v "
      "UNION ALL SELECT 'default of column ' || a.attname FROM v JOIN pg_attribute a ON a.attrelid "
      "= v.oid WHERE a.atthasdef "
      "UNION ALL SELECT 'comment on column ' || a.attname FROM v JOIN pg_description d ON d.objoid "
      "= v.oid AND d.classoid = 'pg_class'::regclass JOIN pg_attribute a ON a.attrelid = v.oid AND "
      "a.attnum = d.objsubid WHERE d.objsubid > 0 "
      "UNION ALL SELECT 'grants on column ' || a.attname FROM v JOIN pg_attribute a ON a.attrelid "
      "= v.oid WHERE cardinality(a.attacl) > 0 "
      "UNION ALL SELECT 'trigger ' || g.tgname FROM v JOIN pg_trigger g ON g.tgrelid = v.oid WHERE "
      "NOT g.tgisinternal "
      "UNION ALL SELECT 'rule ' || w.rulename FROM v JOIN pg_rewrite w ON w.ev_class = v.oid WHERE "
      "w.rulename <> '_RETURN'",
      Literal{view.schema}, Literal{view.name});
}

}  // namespace

void View::follow(const Rename&) {}

std::span<const Rule> View::rules() { return view_rules; }

Sql View::address(const ObjectId& id) { return sql("VIEW {}", name_of(id)); }

std::vector<Sql> View::renaming(const ObjectId& from, const ObjectId& to) {
  return renamed_and_moved(from, to, address);
}

Sql View::catalog_query(const Catalog& catalog) {
  return sql(
      "SELECT c.oid, n.nspname, c.relname, pg_get_viewdef(c.oid), "
      "pg_get_userbyid(c.relowner), {} FROM pg_class c JOIN "
      "pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v' AND "
      "c.relnamespace = ANY({}::oid[]) AND NOT EXISTS "
      "(SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND "
      "d.objid = c.oid AND d.deptype = 'e') "
      "ORDER BY n.nspname, c.relname",
      acl_entries({"c.relacl"}, {"c.relowner"}), catalog.namespaces());
}

void View::read(Catalog& catalog, const Rows& rows, Schema& schema) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    View found;
    found.id = {"view", std::string(rows.text(i, 1)), "", std::string(rows.text(i, 2))};
    if (!catalog.scope().has(found.id)) continue;
    found.query = SqlText::of_catalog(bare(rows.text(i, 3)));
    found.aspects = {catalog.comment("pg_class", rows.number(i, 0)), std::string(rows.text(i, 4)),
                     grants_of(rows.list(i, 5))};
    catalog.remember("pg_class", rows.number(i, 0), found.id);
    schema.add(std::move(found));
  }
  if (!schema.all<View>().empty()) read_uses(catalog, schema);
}

std::vector<Change> View::create(const View& made, const Context& context) {
  Change add = change(context, view_rule("view.add"), made, "Nothing reads a new view yet.",
                      "Add view " + made.id.shown());
  add.strategy = "simple CREATE VIEW";
  add.backup = "a dump of the database";
  add.blocks = "Nobody.";
  add.undo = {Undo::Kind::lossless, "drops the view."};
  add.up.push_back(step(sql("CREATE VIEW {} AS\n{}", name_of(made.id), Expression{made.query.text}),
                        Work::catalog, made.query.path));
  for (Step& one : aspect_steps(made, address(made.id))) add.up.push_back(std::move(one));
  add.needs = made.uses;
  add.diff = {"+ view " + made.id.shown()};
  return {add};
}

Check View::carries_nothing(const View& dropped, const Context& context) {
  const Sql carried = carried_by(on_server(dropped.id, context));
  Check check;
  check.name = "carried";
  check.passed = "view " + dropped.id.shown() + " carries nothing that schemasync does not model";
  check.failed = "view " + dropped.id.shown() +
                 " carries what schemasync does not model and would lose with it ({0}); take it "
                 "off first and put it on again after, or make the view again yourself";
  check.count = sql("SELECT count(*) FROM ({}) AS carried", carried);
  check.sample = carried + sql(" ORDER BY 1");
  return check;
}

std::vector<Change> View::drop(const View& dropped, const Context& context) {
  Change gone =
      change(context, view_rule("view.drop"), dropped,
             "Code that still reads the view fails at once.", "Drop view " + dropped.id.shown());
  gone.strategy = "verify that nothing stands on it, then drop";
  gone.backup = "a dump of the database";
  gone.blocks = "Reads of " + dropped.id.shown() + " wait for a moment, then fail.";
  gone.breaking = "the view is gone";
  gone.code_names = code_names(dropped.id, context);
  gone.undo = {Undo::Kind::lossless, "makes the view again, with its owner, grants and comment."};
  gone.up.push_back(
      step(sql("DROP VIEW {}", name_of(dropped.id))));  // fails while anything stands on it
  with_lock(gone.up.back(), dropped.id, "ACCESS EXCLUSIVE");
  gone.releases = dropped.uses;
  gone.checks.push_back(carries_nothing(dropped, context));
  gone.diff = {"- view " + dropped.id.shown()};
  return {gone};
}

std::vector<Change> View::alter(const View& from, const View& to, const Context& context) {
  if (same_attributes(from, to)) return {};
  Change other = replaced(drop(from, context), create(to, context), view_rule("view.change"),
                          "Change view " + to.id.shown());
  other.becomes(view_rule("view.change"), "Readers see other rows or columns.");
  other.blocks = "Reads of " + to.id.shown() + " wait for a moment.";
  other.undo.text = "makes the view as it was.";
  other.breaking = "the view may have other columns";
  other.diff = {"~ view " + to.id.shown()};
  other.rebuilds = true;
  other.drops = other.creates = {to.id};
  return {other};
}

void View::load(ModelFile& file, const Text& name, Section& section) {
  View made;
  made.id = {"view", file.schema, "", name.text};
  made.where = name.where;
  if (!section.has("sql"))
    section.reject_missing("sql",
                           "write sql = \"\"\"SELECT ...\"\"\", the query without CREATE VIEW");
  if (const std::optional<SqlText> query = sql_text(file, section, "sql")) {
    made.query = *query;
    made.query.text = bare(query->text);
  }
  load_comment(section, made);
  load_owner(section, made);
  load_grants(section, made, view_privileges);
  load_renamed_from(section, made);
  file.loading.add(std::move(made));
}

void View::write(const View& view, const Writing&, TomlWriter& out) {
  TomlMembers own = {{"sql", toml_lines(view.query.text)}};
  add_renamed_from(own, view.renamed_from);
  write_header(out, {std::string(header), view.id.name}, std::move(own), view);
}

}  // namespace schemasync
