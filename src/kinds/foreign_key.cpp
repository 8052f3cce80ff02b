#include "kinds/foreign_key.hpp"

#include <algorithm>

#include "kinds/catalog.hpp"
#include "kinds/context.hpp"
#include "kinds/foreign_key_orphans.hpp"
#include "kinds/foreign_key_rules.hpp"
#include "kinds/naming.hpp"
#include "kinds/repairs.hpp"
#include "kinds/rows_to_come.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// confdeltype and confupdtype.
std::string action(std::string_view letter) {
  if (letter == "c") return "cascade";
  if (letter == "n") return "set null";
  if (letter == "d") return "set default";
  if (letter == "r") return "restrict";
  return "no action";
}

Sql action_clause(const std::string& action) {
  if (action == "cascade") return sql("CASCADE");
  if (action == "set null") return sql("SET NULL");
  if (action == "set default") return sql("SET DEFAULT");
  if (action == "restrict") return sql("RESTRICT");
  return sql("NO ACTION");
}

std::string meaning(const ForeignKey& key) {
  return "(" + columns_shown(key.columns) + ") -> " + key.target.shown() + " (" +
         columns_shown(key.target_columns) + ")" +
         (key.on_delete == "no action" ? "" : " on delete " + key.on_delete);
}

// Alias child; in the names that the server has now.
Sql orphan_condition(const ForeignKey& made, const Context& context) {
  const std::vector<std::string> columns =
      columns_on_server(made.id.owner(), made.columns, context);
  const std::vector<std::string> targets =
      columns_on_server(made.target, made.target_columns, context);
  std::vector<Sql> set;
  for (const std::string& column : columns)
    set.push_back(sql("child.{} IS NOT NULL", Identifier{column}));
  return sql("{} AND NOT EXISTS (SELECT FROM {} AS parent WHERE {})", join(set, " AND "),
             table_on_server(made.target, context),
             pairwise(sql("parent"), targets, sql("child"), columns));
}

// A column that this very plan makes cannot be repaired before it.
void add_orphan_repairs(Check& check, const ForeignKey& made, const Context& context) {
  const ObjectId home = made.id.owner();
  const Sql orphan = orphan_condition(made, context);
  bool nullable = true;
  std::vector<Sql> nulls;
  for (const std::string& column : made.columns) {
    const Column* found = context.from.find<Column>(column_id(home, column));
    nullable = nullable && found != nullptr && found->nullable;
    nulls.push_back(sql("{} = NULL", Identifier{on_server(column_id(home, column), context).name}));
  }
  if (nullable)
    check.repairs.push_back({"let them point at nothing (their old values are not kept)",
                             sql("UPDATE {} AS child SET {} WHERE {};",
                                 table_on_server(home, context), join(nulls, ", "), orphan)});
  if (auto gone = delete_rows(home, Identifier{"child"}, orphan, context))
    check.repairs.push_back(std::move(*gone));
}

// Of a key of one column whose kept values come back: it can let go where they are kept.
void add_kept_repair(Check& check, const ForeignKey& made, const Context& context) {
  if (made.columns.size() != 1) return;
  const Column* column = context.to.find<Column>(column_id(made.id.owner(), made.columns.front()));
  const std::optional<KeptValues> kept =
      column == nullptr ? std::nullopt : kept_values(*column, context);
  if (!kept || !column->nullable) return;
  const Identifier name =
      kept->in_place ? hidden_column(kept->archive) : Identifier{column->id.name};
  const QualifiedName home =
      kept->in_place ? table_on_server(made.id.owner(), context) : kept->archive;
  const std::string target = columns_on_server(made.target, made.target_columns, context).front();
  check.repairs.push_back(
      {"let them point at nothing (their old values are not kept)",
       sql("UPDATE {} AS child SET {} = NULL WHERE child.{} IS NOT NULL AND NOT EXISTS (SELECT "
           "FROM {} AS parent WHERE parent.{} = child.{});",
           home, name, name, table_on_server(made.target, context), Identifier{target}, name)});
}

// Of rows that are there, and point at those that come back with their table.
void add_repair_before_return(Check& check, const ForeignKey& made, const Sql& are_orphans,
                              const Context& context) {
  std::vector<Sql> nulls;
  for (const std::string& column : made.columns) {
    const Column* found = context.from.find<Column>(column_id(made.id.owner(), column));
    if (found == nullptr || !found->nullable) return;
    nulls.push_back(sql("{} = NULL", Identifier{column}));
  }
  check.repairs.push_back({"let them point at nothing (their old values are not kept)",
                           sql("UPDATE {} AS child SET {} WHERE {};", name_of(made.id.owner()),
                               join(nulls, ", "), are_orphans)});
}

std::optional<RowsToCome> parents_to_come(const ForeignKey& made, const Context& context) {
  if (context.from.has(made.target)) return rows_to_come(made.target, made.target_columns, context);
  if (!context.to.has(made.target))  // outside: the models could not make it
    return RowsToCome{Sql(name_of(made.target)), {}, {}};
  if (context.undoing()) return RowsToCome{rows_that_return(made.target, context), {}, {}};
  return std::nullopt;
}

Check no_orphans(const ForeignKey& made, const RowsToCome& children, const RowsToCome& parents,
                 const Context& context) {
  std::vector<Sql> set;
  for (const std::string& column : made.columns)
    set.push_back(sql("child.{} IS NOT NULL", Identifier{column}));
  const Sql are_orphans =
      sql("{} AND NOT EXISTS (SELECT FROM {} AS parent WHERE {})", join(set, " AND "), parents.rows,
          pairwise(sql("parent"), made.target_columns, sql("child"), made.columns));
  const Sql found_now = sql("FROM {} AS child WHERE {}", children.rows, are_orphans);
  Check check;
  check.name = "orphans";
  check.passed = "every (" + columns_shown(made.columns) + ") is in " + made.target.shown();
  check.failed = "{0|row points|rows point} at no row of " + made.target.shown() +
                 children.once_there(context);
  check.search_path = children.search_path;
  check.count = sql("SELECT count(*) {}", found_now);
  const std::vector<std::string> by = usable_key(made.id.owner(), context);
  std::vector<Sql> shown;
  for (const std::string& column : by) shown.push_back(sql("child.{}", Identifier{column}));
  for (const std::string& column : made.columns)
    shown.push_back(sql("child.{}", Identifier{column}));
  check.sample =
      sql("SELECT {} {} ORDER BY {} LIMIT 10", join(shown, ", "), found_now, join(shown, ", "));
  if (children.are_there() && context.is_made(made.target))
    add_repair_before_return(check, made, are_orphans, context);
  else if (children.are_there() && parents.are_there())
    add_orphan_repairs(check, made, context);
  else if (parents.are_there())
    add_kept_repair(check, made, context);
  return check;
}

}  // namespace

void ForeignKey::follow(const Rename& rename) {
  schemasync::follow(columns, id, rename);
  schemasync::follow(set_columns, id, rename);
  schemasync::follow(target_columns, ObjectId{"foreign_key", target.schema, target.name, ""},
                     rename);
  schemasync::follow(target, rename);
}

std::span<const Rule> ForeignKey::rules() { return foreign_key_rules; }

std::vector<ObjectId> ForeignKey::named_columns() const {
  std::vector<ObjectId> found;
  for (const std::string& column : columns) found.push_back(column_id(id.owner(), column));
  for (const std::string& column : target_columns) found.push_back(column_id(target, column));
  return found;
}

Sql ForeignKey::address(const ObjectId& id) {
  return sql("CONSTRAINT {} ON {}", Identifier{id.name}, table_of(id));
}

std::vector<Sql> ForeignKey::renaming(const ObjectId& from, const ObjectId& to) {
  return {sql("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", table_of(to), Identifier{from.name},
              Identifier{to.name})};
}

Sql ForeignKey::catalog_query(const Catalog& catalog) {
  // confdelsetcols is there from 15; through to_jsonb an older server simply lacks it.
  return sql(
      "SELECT k.oid, k.conrelid, k.conname, k.conkey::text[], k.confrelid, k.confkey::text[], "
      "k.confmatchtype, "
      "k.confdeltype, k.confupdtype, {}, k.condeferrable, k.condeferred, k.convalidated, "
      "n.nspname, c.relname "
      "FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON "
      "n.oid = c.relnamespace "
      "WHERE k.contype = 'f' AND k.conparentid = 0 AND k.connamespace = ANY({}::oid[]) ORDER "
      "BY k.conname",
      catalog.version() >= 150000 ? sql("k.confdelsetcols::text[]") : sql("NULL::text[]"),
      catalog.namespaces());
}

void ForeignKey::read(Catalog& catalog, const Rows& rows, Schema& schema) {
  // A table out of scope, or of a kind that is not modelled, may be pointed at all the same.
  std::vector<std::int64_t> outside;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (catalog.object("pg_class", rows.number(i, 1)) != nullptr &&
        catalog.object("pg_class", rows.number(i, 4)) == nullptr)
      outside.push_back(rows.number(i, 4));
  for (ExternalTable& table : read_externals(catalog, outside)) {
    const ObjectId id = table.id;
    schema.externals.emplace(id, std::move(table));
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId* table = catalog.object("pg_class", rows.number(i, 1));
    if (table == nullptr) continue;
    ForeignKey found;
    found.id = {"foreign_key", table->schema, table->name, std::string(rows.text(i, 2))};
    found.columns = catalog.columns(rows.number(i, 1), rows.list(i, 3));
    found.target = {"table", std::string(rows.text(i, 13)), "", std::string(rows.text(i, 14))};
    found.target_columns = catalog.columns(rows.number(i, 4), rows.list(i, 5));
    found.match = rows.text(i, 6) == "f" ? "full" : "simple";
    found.on_delete = action(rows.text(i, 7));
    found.on_update = action(rows.text(i, 8));
    found.set_columns = catalog.columns(rows.number(i, 1), rows.list(i, 9));
    if (rows.truth(i, 10))
      found.deferrable =
          rows.truth(i, 11) ? Deferrable::initially_deferred : Deferrable::initially_immediate;
    found.validated = rows.truth(i, 12);
    found.aspects.comment = catalog.comment("pg_constraint", rows.number(i, 0));
    schema.add(std::move(found));
  }
}

Sql foreign_key_definition(const ForeignKey& key) {
  const Sql set_columns =
      key.set_columns.empty() ? Sql() : sql(" ({})", identifiers(key.set_columns));
  return sql(
      "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}){}{}{}{}{}", Identifier{key.id.name},
      identifiers(key.columns), name_of(key.target), identifiers(key.target_columns),
      key.match == "full" ? sql(" MATCH FULL") : Sql(),
      key.on_update == "no action" ? Sql() : sql(" ON UPDATE {}", action_clause(key.on_update)),
      key.on_delete == "no action"
          ? Sql()
          : sql(" ON DELETE {}{}", action_clause(key.on_delete), set_columns),
      deferrable_clause(key.deferrable), key.validated ? Sql() : sql(" NOT VALID"));
}

std::string ForeignKey::automatic_name(const ForeignKey& key, const Naming& naming, int pass) {
  return object_name(naming, "foreign_key", key.id.table, key.columns, "fkey", pass);
}

std::vector<Change> ForeignKey::create(const ForeignKey& made, const Context& context) {
  const bool rows = context.may_have_rows(made.id.owner());
  Change add = change(context, foreign_key_rule("foreign_key.add"), made,
                      "From then on a row that points at nothing is refused (SQLSTATE 23503)" +
                          std::string(made.on_delete == "cascade"
                                          ? ", and deleting a row of " + made.target.shown() +
                                                " deletes the rows that point at it."
                                          : "."),
                      "Add foreign key " + display_name(made.id.name) + " on " +
                          made.id.owner().shown() + " " + meaning(made));
  add.strategy = "verify data consistency first, then ADD CONSTRAINT";
  add.backup = "a dump of the database";
  add.blocks = "Writes of " + made.id.owner().shown() + " and " + made.target.shown() +
               " wait while the rows are checked.";
  add.breaking = "writes that point at nothing fail";
  add.undo = {Undo::Kind::lossless, "drops the constraint."};
  const ObjectId first =
      context.late.count(made.id) > 0 ? first_in_cycles(context.late, context.to) : ObjectId{};
  if (first == made.id)
    if (std::optional<Step> orphans = follow_on_delete_in_cycles(context))
      add.up.push_back(std::move(*orphans));
  add.up.push_back(
      step(sql("ALTER TABLE {} ADD {}", table_of(made.id), foreign_key_definition(made)),
           rows && made.validated ? Work::scan : Work::catalog));
  with_lock(with_lock(add.up.back(), made.id, "SHARE ROW EXCLUSIVE"), made.target,
            "SHARE ROW EXCLUSIVE");
  for (Step& one : aspect_steps(made, address(made.id))) add.up.push_back(std::move(one));
  add.needs = {made.id.owner(), made.target};
  if (first != made.id && !first.name.empty()) add.needs.push_back(first);
  for (const std::string& column : made.columns)
    add.needs.push_back(column_id(made.id.owner(), column));
  for (const std::string& column : made.target_columns)
    add.needs.push_back(column_id(made.target, column));
  for (const ObjectId& key : ForeignKey::stands_on(made, context.to)) add.needs.push_back(key);
  const auto children = rows_to_come(made.id.owner(), made.columns, context);
  const auto parents = parents_to_come(made, context);
  if (rows && made.validated && children && parents && !children->without_value) {
    Check orphans = no_orphans(made, *children, *parents, context);
    if (lets_go_of_copies(made, context)) {
      add.up.insert(add.up.begin(), follow_on_delete(made, {}, true));
      orphans.failed += "; they let go, as on delete " + made.on_delete + " says";
      orphans.stops = false;
      orphans.repairs.clear();
    }
    add.checks.push_back(std::move(orphans));
  }
  add.tables.push_back(made.target);
  add.diff = {"+ foreign key " + made.id.name + " " + meaning(made)};
  return {add};
}

std::vector<Change> ForeignKey::drop(const ForeignKey& dropped, const Context& context) {
  Change gone = change(
      context, foreign_key_rule("foreign_key.drop"), dropped,
      "Rows may point at nothing from then on" +
          std::string(dropped.on_delete == "no action" || dropped.on_delete == "restrict"
                          ? "."
                          : "; deleting a row of " + dropped.target.shown() + " no longer does \"" +
                                dropped.on_delete + "\"."),
      "Drop foreign key " + display_name(dropped.id.name) + " on " + dropped.id.owner().shown());
  gone.strategy = "DROP CONSTRAINT";
  gone.backup = "a dump of the database";
  gone.blocks = "Reads and writes of " + dropped.id.owner().shown() + " and " +
                dropped.target.shown() + " wait for a moment.";
  gone.undo = {Undo::Kind::lossless,
               "adds the constraint again; stops where rows point at nothing by then."};
  gone.up.push_back(step(
      sql("ALTER TABLE {} DROP CONSTRAINT {}", table_of(dropped.id), Identifier{dropped.id.name})));
  with_lock(with_lock(gone.up.back(), dropped.id, "ACCESS EXCLUSIVE"), dropped.target,
            "ACCESS EXCLUSIVE");
  gone.releases = {dropped.target};
  if (context.late.count(dropped.id) > 0)
    if (const ObjectId first = first_in_cycles(context.late, context.from); first != dropped.id)
      gone.releases.push_back(first);
  for (const std::string& column : dropped.columns)
    gone.releases.push_back(column_id(dropped.id.owner(), column));
  for (const std::string& column : dropped.target_columns)
    gone.releases.push_back(column_id(dropped.target, column));
  for (const ObjectId& key : ForeignKey::stands_on(dropped, context.from))
    gone.releases.push_back(key);
  gone.diff = {"- foreign key " + dropped.id.name + " " + meaning(dropped)};
  return {gone};
}

std::vector<Change> ForeignKey::alter(const ForeignKey& from, const ForeignKey& to,
                                      const Context& context) {
  if (same_attributes(from, to)) return {};
  ForeignKey validated = from;
  validated.validated = true;
  if (!from.validated && same_attributes(validated, to)) {
    Change valid = create(to, context).front();
    valid.becomes(foreign_key_rule("foreign_key.validate"));
    valid.summary =
        "Validate foreign key " + display_name(to.id.name) + " on " + to.id.owner().shown();
    valid.up = {
        step(sql("ALTER TABLE {} VALIDATE CONSTRAINT {}", table_of(to.id), Identifier{to.id.name}),
             Work::scan)};
    valid.undo.text = "makes it anew as not validated.";
    return {valid};
  }
  return {
      replaced(drop(from, context), create(to, context), foreign_key_rule("foreign_key.change"),
               "Change foreign key " + display_name(to.id.name) + " on " + to.id.owner().shown())};
}

}  // namespace schemasync
