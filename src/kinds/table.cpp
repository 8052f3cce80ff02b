#include "kinds/table.hpp"

#include <algorithm>

#include "kinds/catalog.hpp"
#include "kinds/code_names.hpp"
#include "kinds/column_parts.hpp"
#include "kinds/foreign_key_orphans.hpp"
#include "kinds/table_dependents.hpp"
#include "kinds/table_enums.hpp"
#include "kinds/table_rules.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// What of a table has a name of its own in its schema, in one fixed order: it is renamed
// {archive}_1, _2, … when the table moves away, because index and sequence names would collide
// there.
struct Companion {
  Sql word;  // INDEX or SEQUENCE
  QualifiedName name;
  bool may_be_gone = false;  // while the table was away
};

std::vector<Companion> companions(const Schema& schema, const ObjectId& table) {
  std::vector<Companion> all;
  for (const Key* key : schema.parts<Key>(table)) all.push_back({sql("INDEX"), name_of(key->id)});
  for (const Index* index : schema.parts<Index>(table))
    all.push_back({sql("INDEX"), name_of(index->id), may_be_given_up(*index, schema)});
  for (const Sequence* sequence : owned_sequences(schema, table))
    all.push_back({sql("SEQUENCE"), name_of(sequence->id)});
  for (const Column* column : columns_in_order(schema, table))
    if (column->identity && !column->identity->sequence.empty())
      all.push_back({sql("SEQUENCE"), {table.schema, column->identity->sequence}});
  return all;
}

Identifier numbered(const QualifiedName& away, std::size_t number) {
  return Identifier{away.name + "_" + std::to_string(number + 1)};
}

std::vector<Sql> grantees(const Table& table) {
  std::vector<Sql> roles;
  for (const Grant& grant : table.aspects.grants.value_or(std::vector<Grant>{}))
    roles.push_back(grant.to == "public" ? sql("PUBLIC") : Sql(Identifier{grant.to}));
  return roles;
}

// A publication would go on sending what happens to a table that was moved away.
std::vector<Step> unpublished(const Table& table, const Context& context) {
  std::vector<Step> steps;
  const Literal relation{Sql(name_of(table.id)).str()};
  if (context.undoing()) {  // nobody knows yet into which ones it will have come
    steps.push_back(step(between_marks(
        sql("DO $publication$\nDECLARE one record;\nBEGIN\n"
            "  FOR one IN SELECT p.pubname FROM pg_catalog.pg_publication_rel r JOIN "
            "pg_catalog.pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = {}::regclass "
            "ORDER BY 1 LOOP\n"
            "    EXECUTE format('ALTER PUBLICATION %I DROP TABLE %s', one.pubname, {});\n"
            "  END LOOP;\nEND\n$publication$",
            relation, relation),
        "$publication$")));
    return steps;
  }
  const auto found = context.facts.publications.find(table.id);
  if (found != context.facts.publications.end())
    for (const Publication& one : found->second)
      steps.push_back(
          step(sql("ALTER PUBLICATION {} DROP TABLE {}", Identifier{one.name}, name_of(table.id))));
  steps.push_back(step(guard_against(
      sql("SELECT FROM pg_catalog.pg_publication_rel WHERE prrelid = {}::regclass", relation),
      table.id.shown() + " has come into a publication since the plan was made")));
  return steps;
}

// Back into those that are still there.
std::vector<Step> published_again(const Table& table, const Context& context) {
  std::vector<Step> steps;
  const auto found = context.facts.publications.find(table.id);
  if (found == context.facts.publications.end()) return steps;
  for (const Publication& one : found->second) {
    const Sql columns = one.columns.empty() ? Sql() : sql(" ({})", identifiers(one.columns));
    const Sql filter = one.filter.empty() ? Sql() : sql(" WHERE ({})", Expression{one.filter});
    steps.push_back(step(between_marks(
        sql("DO $publication$ BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_publication WHERE "
            "pubname = {}) THEN ALTER PUBLICATION {} ADD TABLE {}{}{}; END IF; END $publication$",
            Literal{one.name}, Identifier{one.name}, name_of(table.id), columns, filter),
        "$publication$")));
  }
  return steps;
}

// Out of the user's schema, whole. Two renames keep clear of names on both sides.
std::vector<Step> moved_away(const Table& table, const Context& context,
                             const QualifiedName& away) {
  const Schema& schema = context.from;
  std::vector<Step> steps;
  for (const ForeignKey* key : schema.parts<ForeignKey>(table.id)) {
    if (context.late.count(key->id) > 0) continue;
    steps.push_back(step(
        sql("ALTER TABLE {} DROP CONSTRAINT {}", name_of(table.id), Identifier{key->id.name})));
    with_lock(with_lock(steps.back(), table.id, "ACCESS EXCLUSIVE"), key->target,
              "ACCESS EXCLUSIVE");
  }
  for (Step& one : unpublished(table, context)) steps.push_back(std::move(one));
  for (const Sql& role : grantees(table))
    steps.push_back(step(sql("REVOKE ALL ON TABLE {} FROM {}", name_of(table.id), role)));
  std::size_t number = 0;
  for (const Companion& one : companions(schema, table.id))
    steps.push_back(
        step(sql("ALTER {} {} RENAME TO {}", one.word, one.name, numbered(away, number++))));
  const Identifier halfway{away.name + "_schemasync"};
  steps.push_back(step(sql("ALTER TABLE {} RENAME TO {}", name_of(table.id), halfway)));
  with_lock(steps.back(), table.id, "ACCESS EXCLUSIVE");
  steps.push_back(step(
      sql("ALTER TABLE {} SET SCHEMA schemasync", QualifiedName{table.id.schema, halfway.name})));
  steps.push_back(step(sql("ALTER TABLE {} RENAME TO {}", QualifiedName{away.schema, halfway.name},
                           Identifier{away.name})));
  return steps;
}

std::vector<Step> moved_back(const Table& table, const Schema& schema, const QualifiedName& away) {
  std::vector<Step> steps;
  const Identifier halfway{away.name + "_schemasync"};
  steps.push_back(step(sql("ALTER TABLE {} RENAME TO {}", away, halfway)));
  steps.push_back(step(sql("ALTER TABLE {} SET SCHEMA {}", QualifiedName{away.schema, halfway.name},
                           Identifier{table.id.schema})));
  steps.push_back(
      step(sql("ALTER TABLE {} RENAME TO {}", QualifiedName{table.id.schema, halfway.name},
               Identifier{table.id.name})));
  std::size_t number = 0;
  for (const Companion& one : companions(schema, table.id))
    steps.push_back(step(sql(
        "ALTER {} {}{} RENAME TO {}", one.word, one.may_be_gone ? sql("IF EXISTS ") : Sql(),
        QualifiedName{table.id.schema, numbered(away, number++).name}, Identifier{one.name.name})));
  for (Step& one : made_again_of_enums(table, schema)) steps.push_back(std::move(one));
  return steps;
}

std::string table_search_path(const Schema& schema, const ObjectId& table) {
  for (const Column* column : schema.parts<Column>(table))
    if (std::string path = column_search_path(*column); !path.empty()) return path;
  for (const CheckConstraint* check : schema.parts<CheckConstraint>(table))
    if (!check->expression.path.empty()) return check->expression.path;
  return {};
}

// CREATE TABLE leaves out a key over the columns of another one without a word (seen); ALTER TABLE
// does not.
std::vector<const Key*> left_out_keys(const Schema& schema, const ObjectId& table) {
  const std::vector<const Key*> keys = schema.parts<Key>(table);
  std::vector<const Key*> left_out;
  for (std::size_t i = 0; i < keys.size(); ++i)
    for (std::size_t k = 0; k < keys.size(); ++k) {
      const bool first = keys[k]->primary || (k < i && !keys[i]->primary);
      if (k == i || !first || keys[k]->columns != keys[i]->columns) continue;
      left_out.push_back(keys[i]);
      break;
    }
  return left_out;
}

Sql create_table(const Table& table, const Schema& schema) {
  std::vector<Sql> lines;
  for (const Column* column : columns_in_order(schema, table.id))
    lines.push_back(column_definition(*column));
  const std::vector<const Key*> left_out = left_out_keys(schema, table.id);
  for (const Key* key : schema.parts<Key>(table.id))
    if (std::find(left_out.begin(), left_out.end(), key) == left_out.end())
      lines.push_back(key_definition(*key));
  for (const CheckConstraint* check : schema.parts<CheckConstraint>(table.id))
    if (check->validated) lines.push_back(check_definition(*check));
  if (lines.empty()) return sql("CREATE TABLE {} ()", name_of(table.id));
  return sql("CREATE TABLE {} (\n  {}\n)", name_of(table.id), join(lines, ",\n  "));
}

template <class K>
void add_aspects(std::vector<Step>& steps, const K& object) {
  for (Step& one : aspect_steps(object, K::address(object.id))) steps.push_back(std::move(one));
}

// The column's own sequence, if it has one, goes on where the kept one stood: the largest value may
// be gone.
Sql counter_again(const Column& column, const QualifiedName& kept) {
  return between_marks(
      sql("DO $counter$\nDECLARE\n"
          "  now text := pg_get_serial_sequence({}, {});\n"
          "  kept text := pg_get_serial_sequence({}, {});\n"
          "BEGIN\n  IF now IS NOT NULL AND kept IS NOT NULL THEN\n"
          "    EXECUTE format('SELECT setval(%L, last_value, is_called) FROM %s', now, kept);\n"
          "  END IF;\nEND\n$counter$",
          Literal{Sql(table_of(column.id)).str()}, Literal{column.id.name},
          Literal{Sql(kept).str()}, Literal{column.id.name}),
      "$counter$");
}

// Rows that a rollback kept come back into the table made anew.
void restore_kept(Change& add, const Table& made, const Context& context, const KeptArchive& kept) {
  std::vector<std::string> names;
  for (const Column* column : columns_in_order(context.to, made.id))
    if (!column->generated) names.push_back(column->id.name);
  const QualifiedName source{"schemasync", kept.relation};
  std::vector<Sql> values;  // of an enum that went meanwhile the archive has text
  for (const Column* column : columns_in_order(context.to, made.id))
    if (!column->generated)
      values.push_back(enum_of(*column, context.to)
                           ? sql("{}::{}", Identifier{column->id.name}, Expression{column->type})
                           : Sql(Identifier{column->id.name}));
  // Rows of a table without columns, or with generated ones alone, are rows too; only `()` is none.
  const Sql columns = names.empty() ? Sql() : sql(" ({})", identifiers(names));
  add.up.push_back(step(sql("INSERT INTO {}{} OVERRIDING SYSTEM VALUE SELECT {} FROM {}",
                            name_of(made.id), columns, join(values, ", "), source),
                        Work::rewrite));
  for (const Column* column : columns_in_order(context.to, made.id))
    if (column->identity || column->default_value)
      add.up.push_back(step(counter_again(*column, source)));
  add.restores = kept.number;
  add.notes.push_back("The rows that a rollback kept come back into it.");
}

QualifiedName kept_of(const ObjectId& table, const Context& context) {
  return {"schemasync", context.facts.kept.at(table).relation};
}

}  // namespace

void Table::follow(const Rename&) {}

std::span<const Rule> Table::rules() { return table_rules; }

Sql Table::address(const ObjectId& id) { return sql("TABLE {}", name_of(id)); }

std::vector<Sql> Table::renaming(const ObjectId& from, const ObjectId& to) {
  return renamed_and_moved(from, to, address);
}

Sql Table::catalog_query(const Catalog& catalog) {
  // Ordinary tables that are neither partitions nor inheritance children; the others are listed by
  // load/unmodelled.
  return sql(
      "SELECT c.oid, n.nspname, c.relname, pg_get_userbyid(c.relowner), {} FROM pg_class c JOIN "
      "pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relnamespace = "
      "ANY({}::oid[]) AND NOT c.relispartition AND c.oid NOT IN (SELECT unnest(ARRAY[inhrelid, "
      "inhparent]) "
      "FROM pg_inherits) AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE classid = "
      "'pg_class'::regclass AND deptype = 'e') "
      "ORDER BY n.nspname, c.relname",
      acl_entries({"c.relacl"}, {"c.relowner"}), catalog.namespaces());
}

void Table::read(Catalog& catalog, const Rows& rows, Schema& schema) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Table found;
    found.id = {"table", std::string(rows.text(i, 1)), "", std::string(rows.text(i, 2))};
    if (!catalog.scope().has(found.id)) continue;
    found.aspects = {catalog.comment("pg_class", rows.number(i, 0)), std::string(rows.text(i, 3)),
                     grants_of(rows.list(i, 4))};
    catalog.remember("pg_class", rows.number(i, 0), found.id);
    schema.add(std::move(found));
  }
}

std::vector<Change> Table::create(const Table& made, const Context& context) {
  Change add = change(context, table_rule("table.add"), made,
                      "Nothing reads or writes a new table yet.", "Add table " + made.id.shown());
  add.strategy = "simple CREATE TABLE";
  add.backup = "a dump of the database";
  add.blocks = "Nobody.";
  add.undo = {Undo::Kind::lossless,
              "moves the table away; rows entered meanwhile stay in schema schemasync and come "
              "back when it is "
              "added again."};
  if (context.undoing()) {
    for (Step& one : moved_back(made, context.to, archive_relation()))
      add.up.push_back(std::move(one));
    for (Step& one : published_again(made, context)) add.up.push_back(std::move(one));
  } else {
    for (const Sequence* sequence : owned_sequences(context.to, made.id))
      add.up.push_back(step(create_sequence(*sequence)));
    add.up.push_back(step(create_table(made, context.to), Work::catalog,
                          table_search_path(context.to, made.id)));
    for (const Key* key : left_out_keys(context.to, made.id))
      add.up.push_back(step(sql("ALTER TABLE {} ADD {}", name_of(made.id), key_definition(*key))));
    for (const Sequence* sequence : owned_sequences(context.to, made.id))
      add.up.push_back(step(own_sequence(*sequence)));
    for (const Index* index : context.to.parts<Index>(made.id))
      add.up.push_back(step(create_index(*index), Work::catalog, index_search_path(*index)));
    if (const auto kept = context.facts.kept.find(made.id); kept != context.facts.kept.end())
      restore_kept(add, made, context, kept->second);
    // CREATE TABLE takes NOT VALID and forgets it: the table has no rows (seen). Rows that come
    // back may not pass.
    for (const CheckConstraint* check : context.to.parts<CheckConstraint>(made.id))
      if (!check->validated)
        add.up.push_back(
            step(sql("ALTER TABLE {} ADD {}", name_of(made.id), check_definition(*check)),
                 Work::catalog, check->expression.path));
  }
  // Before any key is made again; those to itself last, for they miss what the others took.
  const bool rows_return = add.restores != 0 || context.undoing();
  for (const bool to_itself : {false, true})
    for (const ForeignKey* key : context.to.parts<ForeignKey>(made.id))
      if (rows_return && key->validated && context.late.count(key->id) == 0 &&
          (key->target == made.id) == to_itself)
        add.up.push_back(follow_on_delete(
            *key, context.undoing() ? archive_relation() : kept_of(made.id, context),
            !context.undoing()));
  for (const ForeignKey* key : context.to.parts<ForeignKey>(made.id)) {
    if (context.late.count(key->id) > 0) continue;
    add.up.push_back(
        step(sql("ALTER TABLE {} ADD {}", name_of(made.id), foreign_key_definition(*key)),
             context.undoing() ? Work::scan : Work::catalog));
    if (key->target != made.id) {
      with_lock(add.up.back(), key->target, "SHARE ROW EXCLUSIVE");
      add.needs.push_back(key->target);
      for (const std::string& column : key->target_columns)
        add.needs.push_back(column_id(key->target, column));
      for (const ObjectId& under : ForeignKey::stands_on(*key, context.to))
        add.needs.push_back(under);
      add.blocks =
          "Writes of " + key->target.shown() + " wait for a moment while the foreign key is made.";
    }
  }
  // What came with the table has its aspects still when it moves back, but grants were revoked.
  add_aspects(add.up, made);
  if (!context.undoing()) {
    for (const Column* column : columns_in_order(context.to, made.id)) add_aspects(add.up, *column);
    for (const Key* key : context.to.parts<Key>(made.id)) add_aspects(add.up, *key);
    for (const CheckConstraint* check : context.to.parts<CheckConstraint>(made.id))
      add_aspects(add.up, *check);
    for (const Index* index : context.to.parts<Index>(made.id)) add_aspects(add.up, *index);
    for (const Sequence* sequence : owned_sequences(context.to, made.id))
      add_aspects(add.up, *sequence);
  }
  for (const ForeignKey* key : context.to.parts<ForeignKey>(made.id))
    if (context.late.count(key->id) == 0) add_aspects(add.up, *key);
  for (const Column* column : columns_in_order(context.to, made.id)) {
    add.diff.push_back("+ " + column_shown(*column));
    for (const ObjectId& one : needs_of_default(*column, context.to)) add.needs.push_back(one);
  }
  return {add};
}

std::vector<Change> Table::drop(const Table& dropped, const Context& context) {
  Change gone = change(context, table_rule("table.drop"), dropped,
                       "Code that still reads or writes the table fails at once.",
                       "Drop table " + dropped.id.shown());
  gone.strategy = "move it away whole, with its rows";
  gone.backup = dropped.id.shown() + " (full export of the table), before anything runs";
  gone.blocks = "Reads and writes of " + dropped.id.shown() + " wait for a moment, then fail.";
  gone.breaking = "the table is gone";
  gone.code_names = code_names(dropped.id, context);
  gone.undo = {Undo::Kind::lossless, "moves the table back with all its rows, keys and indexes."};
  gone.archive = Archive{Archive::Form::table, dropped.id, ""};
  const QualifiedName away = context.undoing() ? kept_relation() : archive_relation();
  gone.up = moved_away(dropped, context, away);
  if (const auto found = context.facts.publications.find(dropped.id);
      found != context.facts.publications.end())
    for (const Publication& one : found->second)
      gone.notes.push_back("It leaves publication " + display_name(one.name) +
                           ", and is put back into it when it comes back.");
  for (const ForeignKey* key : context.from.parts<ForeignKey>(dropped.id)) {
    if (context.late.count(key->id) > 0) continue;  // in a cycle: gone by a change of its own
    gone.releases.push_back(key->target);
    for (const ObjectId& under : ForeignKey::stands_on(*key, context.from))
      gone.releases.push_back(under);
    if (context.undoing()) continue;
    gone.notes.push_back("Its foreign key " + key->id.name + " to " + key->target.shown() +
                         " is recorded and made again when it comes back.");
  }
  if (const auto found = context.facts.obstacles.find(dropped.id);
      found != context.facts.obstacles.end())
    for (const std::string& obstacle : found->second) {
      Check stands;
      stands.name = "dependents";
      stands.passed = "nothing that schemasync does not model stands on it";
      stands.failed = obstacle + " stands on " + dropped.id.shown() +
                      " and is not in the models; drop it first, or keep the table";
      gone.checks.push_back(std::move(stands));
    }
  else
    gone.checks.push_back(nothing_unknown_stands_on(dropped, context));
  for (const Column* column : columns_in_order(context.from, dropped.id))
    if (const auto type = enum_of(*column, context.from)) gone.releases.push_back(*type);
  for (const Column* column : columns_in_order(context.from, dropped.id))
    gone.diff.push_back("- " + column_shown(*column));
  return {gone};
}

std::vector<Change> Table::alter(const Table&, const Table&, const Context&) { return {}; }

std::optional<std::string> why_rows_stay_away(const Schema& schema, const ObjectId& table,
                                              const std::vector<std::string>& columns,
                                              const std::vector<std::string>& types) {
  std::map<std::string_view, std::string_view> kept;
  for (std::size_t i = 0; i < columns.size(); ++i) kept.emplace(columns[i], types[i]);
  const std::vector<const Column*> wanted = columns_in_order(schema, table);
  if (wanted.size() != kept.size()) return "";
  std::string another;
  for (const Column* column : wanted) {
    const auto found = kept.find(column->id.name.str());
    if (found == kept.end()) return "";
    const bool as_text = found->second.starts_with("text") && enum_of(*column, schema);
    if (another.empty() && found->second != column->type.str() && !as_text)
      another = column->id.name + " was " + std::string(found->second) + " there, and is " +
                column->type.str();
  }
  return another.empty() ? std::nullopt : std::optional(another);
}

}  // namespace schemasync
