#include "kinds/column.hpp"

#include <algorithm>

#include "kinds/column_parts.hpp"
#include "kinds/naming.hpp"
#include "kinds/repairs.hpp"
#include "kinds/rows_to_come.hpp"
#include "text/strings.hpp"

namespace schemasync {
Sql identity_clause(const Identity& identity, const ObjectId& table) {
  const Sql name = identity.sequence.empty()
                       ? Sql()
                       : sql("SEQUENCE NAME {} ", QualifiedName{table.schema, identity.sequence});
  return sql("GENERATED {} AS IDENTITY ({}{})", identity.always ? sql("ALWAYS") : sql("BY DEFAULT"),
             name, counting_clause(identity.counting));
}

// What has to be there before the column's default: the sequence that it counts by, with what that
// one comes along with.
std::vector<ObjectId> counts_by(const Column& column, const Schema& schema) {
  if (!column.default_value) return {};
  const std::optional<ObjectId> id = sequence_of_default(column.default_value->spelling());
  const Sequence* sequence = id ? schema.find<Sequence>(*id) : nullptr;
  if (sequence == nullptr) return {};
  return {sequence->id, sequence->container(), sequence->container().owner()};
}

bool is_whole_number(const Symbol& type) {
  return type == "smallint" || type == "integer" || type == "bigint";
}

bool counts_by_new_sequence(const Column& column, const Context& context) {
  if (!column.default_value) return false;
  const std::optional<ObjectId> id = sequence_of_default(column.default_value->spelling());
  return id && context.is_made(*id);
}

namespace {

Check no_rows_without_value(const Column& made, const Context& context) {
  Check check;
  check.name = "rows";
  check.passed = "no row needs a value";
  check.failed = "{0|row|rows} would have no value for " + made.id.shown() +
                 "; give it a default, or a backfill = { sql = \"...\" } in " + made.where.file;
  check.count = sql("SELECT count(*) FROM {} AS t", rows_of(made.id.owner(), context));
  return check;
}

Change add_column(const Column& made, const Context& context, bool required) {
  const ObjectId table = made.id.owner();
  const bool fills = made.default_value || made.backfill || made.identity || made.generated;
  const char* why =
      made.nullable ? "Old rows have NULL; code that does not know the column goes on."
      : fills ? "Every row gets a value at once, and a later INSERT needs one or takes the default."
              : "Every row needs a value, and every INSERT has to give one.";
  Change add = change(
      context, made.nullable ? column_rule("column.add") : column_rule("column.add.not_null"), made,
      why, "Add column " + made.id.shown() + " (" + column_shown(made) + ")");
  add.backup = "a dump of the database";
  add.blocks = "Reads and writes of " + table.shown() + " wait for a moment.";
  if (required)
    add.breaking = "an INSERT that does not give " + display_name(made.id.name) + " a value fails";
  add.undo = {Undo::Kind::lossless,
              "drops the column; values entered meanwhile are kept and come back when it is "
              "added again."};
  add.diff = {"+ " + made.id.owner().shown() + "." + column_shown(made)};
  add.place = made.position;  // it becomes the last one of the table
  add.needs = {table};
  for (const ObjectId& used : made.uses) add.needs.push_back(used);
  for (const ObjectId& one : counts_by(made, context.to)) add.needs.push_back(one);
  return add;
}

}  // namespace

void Column::follow(const Rename& rename) {
  if (rename.from.kind == "sequence") {
    if (default_value && default_value->spelling() == nextval_of(rename.from))
      default_value = SqlText::of_catalog(nextval_of(rename.to));
    if (identity && rename.from.schema == id.schema && identity->sequence == rename.from.name)
      identity->sequence = rename.to.name;
  }
  if (rename.from.kind == "enum") {
    const std::string before = type_name(rename.from);
    for (const char* list : {"", "[]"})
      if (type == before + list) {
        type = type_name(rename.to) + list;
        break;
      }
  }
}

std::span<const Rule> Column::rules() { return column_rules; }

Sql Column::address(const ObjectId& id) {
  return sql("COLUMN {}.{}", table_of(id), Identifier{id.name});
}

std::vector<Sql> Column::renaming(const ObjectId& from, const ObjectId& to) {
  return {sql("ALTER TABLE {} RENAME COLUMN {} TO {}", table_of(to), Identifier{from.name},
              Identifier{to.name})};
}

Sql column_definition(const Column& column) {
  Sql out = sql("{} {}", Identifier{column.id.name}, Expression{column.type});
  if (column.generated)
    out += sql(" GENERATED ALWAYS AS ({}) {}", Expression{column.generated->text},
               column.generated_virtual ? sql("VIRTUAL") : sql("STORED"));
  if (column.default_value) out += sql(" DEFAULT {}", Expression{column.default_value->text});
  if (column.identity) out += sql(" {}", identity_clause(*column.identity, column.id.owner()));
  if (!column.nullable) out += sql(" NOT NULL");
  return out;
}

std::string column_search_path(const Column& column) {
  if (column.default_value && !column.default_value->path.empty())
    return column.default_value->path;
  if (column.generated && !column.generated->path.empty()) return column.generated->path;
  return {};
}

std::optional<ObjectId> automatic_sequence(const Column& column) {
  const std::string name = postgres_name(column.id.table, column.id.name, "seq");
  if (!column.identity || column.identity->sequence != name) return std::nullopt;
  return ObjectId{"sequence", column.id.schema, "", name};
}

std::vector<ObjectId> needs_of_default(const Column& column, const Schema& schema) {
  if (!column.default_value) return {};
  const std::optional<ObjectId> id = sequence_of_default(column.default_value->spelling());
  const Sequence* sequence = id ? schema.find<Sequence>(*id) : nullptr;
  if (sequence == nullptr) return {};
  const ObjectId home = sequence->container().owner();
  if (home == column.id.owner()) return {};
  return {home == sequence->id ? sequence->id : home};
}

std::string column_shown(const Column& column) {
  std::string out = display_name(column.id.name) + "  " + column.type;
  if (!column.nullable) out += " not null";
  if (column.default_value) out += " default " + column.default_value->text;
  if (column.generated) out += " generated always as (" + column.generated->text + ")";
  if (column.identity) out += column.identity->always ? " identity always" : " identity";
  return out;
}

ObjectId identity_sequence(const Column& column) {
  const Symbol& name = column.identity->sequence;
  return {"sequence", column.id.schema, "",
          name.empty() ? postgres_name(column.id.table, column.id.name, "seq") : name.str()};
}

Sql identity_options(const Identity& identity) {
  const Counting& c = identity.counting;
  return sql(
      "SET GENERATED {} SET START WITH {} SET INCREMENT BY {} SET MINVALUE {} SET MAXVALUE {} "
      "SET CACHE {} SET {}",
      identity.always ? sql("ALWAYS") : sql("BY DEFAULT"), c.start, c.increment, c.min_value,
      c.max_value, c.cache, c.cycle ? sql("CYCLE") : sql("NO CYCLE"));
}

bool comes_after_type(const Column& from, const Column& to, const Context& context) {
  if (!to.default_value) return false;
  return counts_by_new_sequence(to, context) || (from.identity && !to.identity);
}

Sql alter_column(const Column& column, const Sql& what) {
  return sql("ALTER TABLE {} ALTER COLUMN {} {}", table_of(column.id), Identifier{column.id.name},
             what);
}

Sql set_values(const Column& column, const Sql& value, const Sql& from_and_where) {
  return sql("UPDATE {} AS t SET {} = {}{}", table_of(column.id), Identifier{column.id.name}, value,
             from_and_where);
}

Step count_behind_values(const Column& column, const Sequence& sequence) {
  const Counting& counting = sequence.counting;
  const bool down = counting.increment < 0;
  return step(
      sql("SELECT setval({}::regclass, v.last) FROM (SELECT {}({}) AS last FROM {}) AS v, {} AS s "
          "WHERE v.last BETWEEN {} AND {} AND (v.last {} s.last_value OR v.last = s.last_value AND "
          "NOT s.is_called)",
          Literal{Sql(name_of(sequence.id)).str()}, down ? sql("min") : sql("max"),
          Identifier{column.id.name}, table_of(column.id), name_of(sequence.id), counting.min_value,
          counting.max_value, down ? sql("<") : sql(">")),
      Work::scan);
}

bool is_constant(const SqlText& value) {
  return value.spelling().str().find('(') == std::string::npos;
}

Check no_nulls(const Column& from, const Column& to, const Context& context) {
  const bool conversion = from.type != to.type;
  Check check;
  check.name = "nulls";
  check.passed = "every row has a value for " + to.id.shown();
  check.failed = "{0|row has|rows have} no value for " + to.id.shown();
  const Column* in_models = context.models().find<Column>(to.id);
  if (conversion && in_models != nullptr && in_models->conversion)
    check.search_path = in_models->conversion->up.path.str();
  const Sql empty = sql("FROM {} AS t WHERE {}", rows_of(to.id.owner(), context),
                        conversion ? is_null_after_conversion(from, to, context)
                                   : sql("{} IS NULL", Identifier{to.id.name}));
  check.count = sql("SELECT count(*) {}", empty);
  const std::vector<std::string> key = usable_key(to.id.owner(), context);
  if (!key.empty())
    check.sample =
        sql("SELECT {} {} ORDER BY {} LIMIT 10", identifiers(key), empty, identifiers(key));
  if (!conversion) add_null_repairs(check, to, context);
  return check;
}

std::vector<Change> Column::create(const Column& made, const Context& context) {
  const ObjectId table = made.id.owner();
  const bool required = !made.nullable && !made.default_value && !made.generated && !made.identity;
  Change add = add_column(made, context, required);
  if (context.undoing()) {
    if (keep_of(made, context) == Keep::in_place)
      bring_back(add, made, context, archive_relation());
    else
      add_with_values(add, made, context, archive_relation());
    for (Step& one : column_grant_steps(made.id, context)) add.up.push_back(std::move(one));
    return {add};
  }
  const bool rows = context.may_have_rows(table);
  const std::optional<KeptValues> kept = kept_values(made, context);
  for (const Sequence* sequence : context.to.belonging<Sequence>(table)) {
    if (sequence->owned_by != made.id || context.from.has(sequence->id)) continue;
    add.up.push_back(step(create_sequence(*sequence)));
    if (kept)  // goes on where the kept one stood, before rows that came since get its values
      add.up.push_back(
          step(sql("SELECT setval({}::regclass, s.last_value, s.is_called) FROM {} AS s",
                   Literal{Sql(name_of(sequence->id)).str()},
                   QualifiedName{"schemasync", kept->archive.name + "_1"})));
  }
  if (made.backfill && rows) read_before_they_go(add, *made.backfill, table, context);
  if (kept) {
    if (kept->in_place)
      bring_back(add, made, context, kept->archive);
    else
      add_with_values(add, made, context, kept->archive);
    add.strategy = "add, and bring back the values that a rollback kept";
    if (!kept->in_place)
      add.blocks = "Reads and writes of " + table.shown() + " wait while the values are put back.";
    add.restores = context.facts.kept.at(made.id).number;
  } else if (made.backfill && rows) {
    if (std::optional<Check> gives = backfill_gives_values(made, context))
      add.checks.push_back(std::move(*gives));
    Column bare = made;
    bare.nullable = true;
    add.strategy = "add, fill the old rows, then NOT NULL";
    if (made.nullable) add.strategy = "add, then fill the old rows";
    add.up.push_back(
        step(sql("ALTER TABLE {} ADD COLUMN {}", table_of(made.id), column_definition(bare)),
             Work::catalog, column_search_path(made)));
    with_lock(add.up.back(), made.id, "ACCESS EXCLUSIVE");
    add.up.push_back(
        step(without_user_triggers(
                 table, set_values(made, sql("({})", Expression{made.backfill->text}), Sql())),
             Work::rewrite, made.backfill->path));
    with_lock(add.up.back(), made.id, "ACCESS EXCLUSIVE");
    if (!made.nullable) add.up.push_back(step(alter_column(made, sql("SET NOT NULL")), Work::scan));
    add.blocks = "Reads and writes of " + table.shown() + " wait while its rows are filled.";
    add.notes.push_back("The user's triggers of " + table.shown() +
                        " do not fire while it is filled.");
  } else {
    const bool rewrites = rows && ((made.default_value && !is_constant(*made.default_value)) ||
                                   made.generated || made.identity);
    add.strategy = made.nullable ? "simple ADD COLUMN" : "add with DEFAULT value";
    add.up.push_back(
        step(sql("ALTER TABLE {} ADD COLUMN {}", table_of(made.id), column_definition(made)),
             rewrites ? Work::rewrite : Work::catalog, column_search_path(made)));
    with_lock(add.up.back(), made.id, "ACCESS EXCLUSIVE");
    if (rewrites)
      add.blocks =
          "Reads and writes of " + table.shown() + " wait while every row is written anew.";
    if (required && rows) add.checks.push_back(no_rows_without_value(made, context));
  }
  for (const Sequence* sequence : context.to.belonging<Sequence>(table))
    if (sequence->owned_by == made.id && !context.from.has(sequence->id))
      add.up.push_back(step(own_sequence(*sequence)));
  for (Step& one : aspect_steps(made, address(made.id))) add.up.push_back(std::move(one));
  for (Step& one : column_grant_steps(made.id, context)) add.up.push_back(std::move(one));
  return {add};
}

std::vector<Change> Column::drop(const Column& dropped, const Context& context) {
  return drop_column(dropped, context);
}

}  // namespace schemasync
