#include "kinds/key.hpp"

#include <algorithm>
#include <set>

#include "kinds/catalog.hpp"
#include "kinds/column_parts.hpp"
#include "kinds/context.hpp"
#include "kinds/duplicates.hpp"
#include "kinds/key_rules.hpp"
#include "kinds/naming.hpp"
#include "kinds/repairs.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

std::string noun(const Key& key) { return key.primary ? "primary key" : "unique"; }

}  // namespace

Sql deferrable_clause(Deferrable deferrable) {
  switch (deferrable) {
    case Deferrable::no:
      return {};
    case Deferrable::initially_immediate:
      return sql(" DEFERRABLE INITIALLY IMMEDIATE");
    case Deferrable::initially_deferred:
      return sql(" DEFERRABLE INITIALLY DEFERRED");
  }
  return {};
}

void Key::follow(const Rename& rename) {
  schemasync::follow(columns, id, rename);
  schemasync::follow(include, id, rename);
}

std::span<const Rule> Key::rules() { return key_rules; }

std::vector<ObjectId> Key::named_columns() const {
  std::vector<ObjectId> found;
  for (const auto* names : {&columns, &include})
    for (const std::string& column : *names) found.push_back(column_id(id.owner(), column));
  return found;
}

Sql Key::address(const ObjectId& id) {
  return sql("CONSTRAINT {} ON {}", Identifier{id.name}, table_of(id));
}

std::vector<Sql> Key::renaming(const ObjectId& from, const ObjectId& to) {
  return {sql("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", table_of(to), Identifier{from.name},
              Identifier{to.name})};
}

Sql Key::catalog_query(const Catalog& catalog) {
  // indkey holds key columns first, then INCLUDE columns; indnkeyatts tells them apart.
  // indnullsnotdistinct is there from 15.
  return sql(
      "SELECT k.oid, k.conrelid, k.conname, k.contype = 'p', k.conkey::text[], "
      "(string_to_array(i.indkey::text, ' '))[i.indnkeyatts + 1:], "
      "{}, k.condeferrable, k.condeferred, "
      "k.conindid FROM pg_constraint k JOIN pg_index i ON i.indexrelid = k.conindid "
      "WHERE k.contype IN ('p', 'u') AND k.connamespace = ANY({}::oid[]) ORDER BY k.conrelid, "
      "k.conname",
      catalog.version() >= 150000 ? sql("i.indnullsnotdistinct") : sql("false"),
      catalog.namespaces());
}

void Key::read(Catalog& catalog, const Rows& rows, Schema& schema) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId* table = catalog.object("pg_class", rows.number(i, 1));
    if (table == nullptr) continue;
    Key found;
    found.id = {"key", table->schema, table->name, std::string(rows.text(i, 2))};
    found.primary = rows.truth(i, 3);
    found.columns = catalog.columns(rows.number(i, 1), rows.list(i, 4));
    found.include = catalog.columns(rows.number(i, 1), rows.list(i, 5));
    found.nulls_distinct = !rows.truth(i, 6);
    if (rows.truth(i, 7))
      found.deferrable =
          rows.truth(i, 8) ? Deferrable::initially_deferred : Deferrable::initially_immediate;
    found.aspects.comment = catalog.comment("pg_constraint", rows.number(i, 0));
    catalog.remember("pg_class", rows.number(i, 9), found.id);
    schema.add(std::move(found));
  }
}

Sql key_definition(const Key& key) {
  const Sql nulls = key.nulls_distinct ? Sql() : sql(" NULLS NOT DISTINCT");
  const Sql include = key.include.empty() ? Sql() : sql(" INCLUDE ({})", identifiers(key.include));
  return sql("CONSTRAINT {} {}{} ({}){}{}", Identifier{key.id.name},
             key.primary ? sql("PRIMARY KEY") : sql("UNIQUE"), nulls, identifiers(key.columns),
             include, deferrable_clause(key.deferrable));
}

std::string Key::automatic_name(const Key& key, const Naming& naming, int pass) {
  if (key.primary) return object_name(naming, "primary_key", key.id.table, {}, "pkey", pass);
  std::vector<std::string> columns = key.columns;  // PostgreSQL names the included ones too
  columns.insert(columns.end(), key.include.begin(), key.include.end());
  return object_name(naming, "unique", key.id.table, columns, "key", pass);
}

std::vector<Change> Key::create(const Key& made, const Context& context) {
  const bool rows = context.may_have_rows(made.id.owner());
  Change add =
      change(context, made.primary ? key_rule("primary_key.add") : key_rule("unique.add"), made,
             "From then on a second row with the same (" + columns_shown(made.columns) +
                 ") is refused (SQLSTATE 23505).",
             "Add " + noun(made) + " " + display_name(made.id.name) + " on " +
                 made.id.owner().shown() + " (" + columns_shown(made.columns) + ")");
  add.strategy = "check for duplicates first, then ADD CONSTRAINT";
  add.backup = made.id.owner().shown() + ", and the duplicate check";
  add.blocks = "Reads and writes of " + made.id.owner().shown() + " wait while the index is built.";
  add.breaking = "a write that makes a duplicate fails";
  add.undo = {Undo::Kind::lossless,
              "drops the constraint with its index. A repair that you run is not undone."};
  add.up.push_back(step(sql("ALTER TABLE {} ADD {}", table_of(made.id), key_definition(made)),
                        rows ? Work::scan : Work::catalog));
  with_lock(add.up.back(), made.id, "ACCESS EXCLUSIVE");
  for (Step& one : aspect_steps(made, address(made.id))) add.up.push_back(std::move(one));
  for (const std::string& column : made.columns)
    add.needs.push_back(column_id(made.id.owner(), column));
  if (rows)
    if (std::optional<Check> check = no_duplicates(made, context))
      add.checks.push_back(std::move(*check));
  add.diff = {"+ " + noun(made) + " " + made.id.name + " (" + columns_shown(made.columns) + ")"};
  return {add};
}

std::vector<Change> Key::drop(const Key& dropped, const Context& context) {
  Change gone = change(
      context, dropped.primary ? key_rule("primary_key.drop") : key_rule("unique.drop"), dropped,
      "Duplicates of (" + columns_shown(dropped.columns) +
          ") are accepted, and look-ups by it lose their index.",
      "Drop " + noun(dropped) + " " + display_name(dropped.id.name) + " on " +
          dropped.id.owner().shown());
  gone.strategy = "DROP CONSTRAINT";
  gone.backup = "a dump of the database";
  gone.blocks = "Reads and writes of " + dropped.id.owner().shown() + " wait for a moment.";
  gone.breaking = "INSERT ... ON CONFLICT (" + columns_shown(dropped.columns) + ") fails";
  gone.undo = {Undo::Kind::lossless,
               "adds the constraint again; stops where duplicates have come by then."};
  gone.up.push_back(step(
      sql("ALTER TABLE {} DROP CONSTRAINT {}", table_of(dropped.id), Identifier{dropped.id.name})));
  with_lock(gone.up.back(), dropped.id, "ACCESS EXCLUSIVE");
  for (const std::string& column : dropped.columns)
    gone.releases.push_back(column_id(dropped.id.owner(), column));
  gone.diff = {"- " + noun(dropped) + " " + dropped.id.name + " (" +
               columns_shown(dropped.columns) + ")"};
  return {gone};
}

std::vector<Change> Key::alter(const Key& from, const Key& to, const Context& context) {
  if (same_attributes(from, to)) return {};
  Change other = replaced(
      drop(from, context), create(to, context),
      to.primary ? key_rule("primary_key.change") : key_rule("unique.change"),
      "Change " + noun(to) + " " + display_name(to.id.name) + " on " + to.id.owner().shown());
  other.drops = other.creates = {to.id};
  return {other};
}

namespace {

// Does every value stay, and equal what it was, through a change of type? Old keys are compared
// with new ones.
bool stays_comparable(const Symbol& now, const Symbol& then) {
  return now == then || is_widening(now, then) || (is_whole_number(now) && is_whole_number(then));
}

std::set<std::string> sorted(const std::vector<std::string>& columns) {
  return {columns.begin(), columns.end()};
}

// The columns of a key that tells rows apart at once: nullopt where the index cannot, or only for
// some of them.
std::optional<std::vector<std::string>> key_columns(const Index& index) {
  if (!index.unique || index.where_clause || !index.valid) return std::nullopt;
  std::vector<std::string> columns;
  for (const IndexElement& element : index.elements) {
    if (element.column.empty()) return std::nullopt;
    columns.push_back(element.column);
  }
  return columns;
}

// Is there a key of these columns, whatever its name?
bool has_key(const Schema& schema, const ObjectId& table, const std::vector<std::string>& columns) {
  const std::set<std::string> wanted = sorted(columns);
  for (const Key* key : schema.parts<Key>(table))
    if (key->deferrable == Deferrable::no && sorted(key->columns) == wanted) return true;
  for (const Index* index : schema.parts<Index>(table))
    if (const auto own = key_columns(*index); own && sorted(*own) == wanted) return true;
  return false;
}

}  // namespace

// Chosen from the live side whichever way this goes: the way up makes the archive by it, and the
// way back has to find the same one. Between them it has to be unique, too.
std::vector<std::string> usable_key(const ObjectId& table, const Context& context) {
  const Schema& live = context.live();
  const bool stays = context.models().has(table);
  const auto survives = [&](const std::string& name) {
    const Column* now = live.find<Column>(column_id(table, name));
    if (now == nullptr || now->nullable) return false;
    const Column* then = context.models().find<Column>(column_id(table, name));
    return !stays ||
           (then != nullptr && stays_comparable(now->type, then->type) && !then->nullable);
  };
  const auto is_usable = [&](const std::vector<std::string>& columns) {
    return std::all_of(columns.begin(), columns.end(), survives) &&
           (!stays || has_key(context.models(), table, columns));
  };
  std::vector<const Key*> keys = live.parts<Key>(table);
  std::stable_sort(keys.begin(), keys.end(),
                   [](const Key* a, const Key* b) { return a->primary > b->primary; });
  for (const Key* key : keys)
    if (key->deferrable == Deferrable::no && is_usable(key->columns)) return key->columns;
  for (const Index* index : live.parts<Index>(table))
    if (const auto columns = key_columns(*index); columns && is_usable(*columns)) return *columns;
  return {};
}

IndexNeeds Key::index_needs(const Key& key, const Schema& schema) {
  IndexNeeds needs{(key.primary ? "primary key " : "unique constraint ") + key.id.shown(), {}};
  for (const std::string& name : key.columns) {
    const Column* column = schema.find<Column>(column_id(key.id.owner(), name));
    needs.columns.push_back({"btree", column == nullptr ? "" : column->type.str(), "", ""});
  }
  return needs;
}

}  // namespace schemasync
