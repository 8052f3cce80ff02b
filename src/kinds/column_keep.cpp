#include "kinds/code_names.hpp"
#include "kinds/column_parts.hpp"
#include "kinds/model_file.hpp"
#include "kinds/schema_of.hpp"
#include "kinds/type_name.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

Check rows_without_kept_value(const Column& made, const std::vector<std::string>& key,
                              const QualifiedName& archive, const Context& context) {
  Check check;
  check.name = "missing";
  check.passed = "every row has a kept value for " + made.id.shown();
  check.failed = "{0|row was|rows were} added since and {0:has|have} no value for " +
                 made.id.shown() + ", which must not be NULL";
  const Sql missing = sql("FROM {} AS t WHERE NOT EXISTS (SELECT FROM {} AS a WHERE {})",
                          rows_of(made.id.owner(), context), archive, key_join(key));
  check.count = sql("SELECT count(*) {}", missing);
  check.sample =
      sql("SELECT {} {} ORDER BY {} LIMIT 10", identifiers(key), missing, identifiers(key));
  return check;
}

// Of rows that came since the values were kept.
void give_rows_without_kept_value(Change& add, const Column& made, const Sql& value,
                                  const std::string& search_path,
                                  const std::vector<std::string>& key,
                                  const QualifiedName& archive) {
  add.up.push_back(
      step(without_user_triggers(made.id.owner(),
                                 set_values(made, value,
                                            sql(" WHERE NOT EXISTS (SELECT FROM {} AS a WHERE {})",
                                                archive, key_join(key)))),
           Work::rewrite, search_path));
  with_lock(add.up.back(), made.id, "ACCESS EXCLUSIVE");
}

}  // namespace

std::optional<ObjectId> enum_of(const Column& column, const Schema& schema) {
  std::string_view name = column.type;
  if (name.ends_with("[]")) name.remove_suffix(2);
  if (name.find('.') == std::string_view::npos) return std::nullopt;
  const std::vector<std::string> path = name_path(name);
  if (path.size() != 2) return std::nullopt;
  const ObjectId id{"enum", path[0], "", path[1]};
  return schema.find<Enum>(id) != nullptr ? std::optional(id) : std::nullopt;
}

std::vector<ObjectId> Column::types_of(const Column& column, const Schema& schema) {
  const std::optional<ObjectId> type = enum_of(column, schema);
  return type ? std::vector{*type} : std::vector<ObjectId>();
}

Check no_view_came_since(const Column& column, const Context& context) {
  const ObjectId now = on_server(column.id, context);
  std::vector<Sql> known = {sql("d.refobjid")};
  for (const auto& [id, view] : context.from.all<View>())
    if (std::find(view.uses.begin(), view.uses.end(), column.id) != view.uses.end())
      known.push_back(
          sql("to_regclass({})::oid", Literal{Sql(name_of(on_server(id, context))).str()}));
  const Sql views =
      sql("FROM pg_depend AS d JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = "
          "d.refobjsubid JOIN pg_rewrite AS w ON w.oid = d.objid WHERE d.classid = "
          "'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = "
          "to_regclass({}) AND a.attname = {} AND coalesce(w.ev_class <> ALL (ARRAY[{}]), true)",
          Literal{Sql(table_of(now)).str()}, Literal{now.name}, join(known, ", "));
  Check check;
  check.name = "dependents";
  check.passed = known.size() == 1
                     ? "no view, index, constraint, trigger, function or policy uses it"
                     : "nothing uses it that this plan does not drop before, or make again";
  check.failed =
      "{0|view that|views that} came since the plan was made {0:uses|use} it; plan again";
  check.count = sql("SELECT count(DISTINCT w.ev_class) {}", views);
  check.sample =
      sql("SELECT DISTINCT w.ev_class::regclass::text AS view {} ORDER BY 1 LIMIT 10", views);
  return check;
}

// Chosen from what stands in the table now, for both ways alike.
Keep keep_of(const Column& column, const Context& context) {
  if (column.generated) return Keep::nothing;
  const ObjectId table = column.id.owner();
  const TableFacts* facts = context.table_facts(table);
  const bool dropped_by_apply = context.live().has(column.id) && !context.models().has(column.id);
  const bool empty = facts == nullptr || facts->rows == 0;
  // A new column would not have it.
  const bool has_more = dropped_by_apply && !context.live().find<Column>(column.id)->beside.empty();
  if (has_more) return Keep::in_place;
  if (dropped_by_apply && empty && !column.identity) return Keep::nothing;  // a counter is kept
  const Table* in_models = context.models().find<Table>(table);
  const bool wanted_in_place = in_models != nullptr && in_models->archive_in_place;
  const bool large = facts != nullptr && facts->bytes > context.facts.archive_limit;
  return wanted_in_place || large || archive_key(table, context).empty() ? Keep::in_place
                                                                         : Keep::copy;
}

std::vector<std::string> archive_key(const ObjectId& table, const Context& context) {
  return usable_key(table, context);
}

Sql key_join(const std::vector<std::string>& key) {
  std::vector<Sql> tests;
  for (const std::string& column : key)
    tests.push_back(sql("t.{} = a.{}", Identifier{column}, Identifier{column}));
  return join(tests, " AND ");
}

void add_with_values(Change& add, const Column& made, const Context& context,
                     const QualifiedName& archive) {
  const ObjectId table = made.id.owner();
  const std::vector<std::string> key = archive_key(table, context);
  const bool returns = !context.undoing() || keep_of(made, context) == Keep::copy;
  if (context.undoing()) return_sequences(add, made, context, archive);
  // A default that is called for each row is called only for those that need it.
  const bool default_after = returns && made.default_value && !is_constant(*made.default_value);
  Column bare = made;
  if (returns) {
    bare.nullable = true;
    bare.identity.reset();
  }
  if (default_after) bare.default_value.reset();
  add.up.push_back(
      step(sql("ALTER TABLE {} ADD COLUMN {}", table_of(made.id), column_definition(bare)),
           Work::catalog, column_search_path(made)));
  with_lock(add.up.back(), made.id, "ACCESS EXCLUSIVE");
  if (returns) {
    add.up.push_back(
        step(without_user_triggers(
                 table,
                 set_values(made, sql("a.{}::{}", Identifier{made.id.name}, Expression{made.type}),
                            sql(" FROM {} AS a WHERE {}", archive, key_join(key)))),
             Work::rewrite));
    with_lock(add.up.back(), made.id, "ACCESS EXCLUSIVE");
    if (default_after)
      add.up.push_back(
          step(alter_column(made, sql("SET DEFAULT {}", Expression{made.default_value->text})),
               Work::catalog, column_search_path(made)));
    const bool filled = made.backfill && !context.undoing();
    if (filled)
      give_rows_without_kept_value(add, made, sql("({})", Expression{made.backfill->text}),
                                   made.backfill->path, key, archive);
    else if (default_after)
      give_rows_without_kept_value(add, made, sql("DEFAULT"), {}, key, archive);
    if (!made.nullable) {
      if (made.identity)
        count_rows_without_value(add, made, archive);
      else if (!made.default_value && !filled)
        add.checks.push_back(rows_without_kept_value(made, key, archive, context));
      add.up.push_back(step(alter_column(made, sql("SET NOT NULL")), Work::scan));
    }
    if (made.identity) return_counter(add, made, archive);
    count_on(add, made, context);
    add.up.push_back(
        step(sql("ANALYZE {} ({})", table_of(made.id), Identifier{made.id.name}), Work::scan));
  }
  for (const Sequence* sequence : sequences_of(context.to, made.id))
    if (context.undoing()) add.up.push_back(step(own_sequence(*sequence)));
  for (Step& one : aspect_steps(made, Column::address(made.id))) add.up.push_back(std::move(one));
  add.undo = {Undo::Kind::lossless, "drops the column again."};
}

std::vector<Change> drop_column(const Column& dropped, const Context& context) {
  const ObjectId table = dropped.id.owner();
  const Keep keep = keep_of(dropped, context);
  const QualifiedName archive = context.undoing() ? kept_relation() : archive_relation();
  Change gone = change(context, column_rule("column.drop"), dropped,
                       "Code that still reads the column fails at once.",
                       "Drop column " + dropped.id.shown());
  gone.backup = table.shown() + " (export of the column), before anything runs";
  gone.breaking = "the column is gone";
  gone.code_names = code_names(dropped.id, context);
  gone.diff = {"- " + table.shown() + "." + column_shown(dropped)};
  gone.releases = dropped.uses;
  if (const auto type = enum_of(dropped, context.from)) gone.releases.push_back(*type);
  const std::vector<std::string> key = archive_key(table, context);
  switch (keep) {
    case Keep::nothing:
      gone.strategy = "plain DROP COLUMN: no row has a value to keep";
      gone.blocks = "Reads and writes of " + table.shown() + " wait for a moment.";
      gone.undo = {Undo::Kind::lossless, "adds the column again, as the last one."};
      if (!context.undoing() && !dropped.generated)
        gone.up.push_back(step(
            guard_against(sql("SELECT FROM {}", table_of(dropped.id)),
                          table.shown() + " has rows by now: plan again to keep their values")));
      break;
    case Keep::copy: {
      gone.strategy = "verify dependencies, copy the values, then drop";
      gone.blocks = "Reads and writes of " + table.shown() +
                    " wait while the values are copied and the column is dropped.";
      gone.undo = {Undo::Kind::lossless, "adds the column and puts the values back by " +
                                             joined(key, ", ") + ". Rows added since get " +
                                             (dropped.default_value ? "the default"
                                              : dropped.identity ? "the next values of its counter"
                                                                 : "NULL") +
                                             ". The column returns as the last one."};
      gone.archive = Archive{Archive::Form::values, dropped.id, ""};
      gone.up.push_back(step(sql("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table_of(dropped.id))));
      gone.up.push_back(
          step(sql("CREATE TABLE {} AS SELECT {}, {} FROM {}", archive, identifiers(key),
                   Identifier{dropped.id.name}, table_of(dropped.id)),
               Work::rewrite));
      with_lock(gone.up.back(), dropped.id, "ACCESS EXCLUSIVE").rewrites.clear();
      gone.up.push_back(
          step(sql("ALTER TABLE {} ADD PRIMARY KEY ({})", archive, identifiers(key)), Work::scan));
      keep_counter(gone, dropped, archive);
      break;
    }
    case Keep::in_place:
      gone.strategy = "verify dependencies, then rename it out of sight, with its values";
      gone.blocks = "Reads and writes of " + table.shown() + " wait for a moment.";
      gone.undo = {Undo::Kind::lossless,
                   "gives the column its name back, where it stood. Rows added since get " +
                       std::string(dropped.nullable        ? "NULL."
                                   : dropped.default_value ? "the default."
                                   : dropped.identity      ? "the next values of its counter."
                                                           : "the value of --fill.")};
      gone.archive = Archive{Archive::Form::in_place, dropped.id, ""};
      gone.notes.push_back("SELECT * of " + table.shown() +
                           " still shows it, under a name that ends in \" schemasync\", and an "
                           "INSERT or COPY without a list of columns still counts it, until "
                           "schemasync purge.");
      break;
  }
  if (!sequences_of(context.from, dropped.id).empty()) {
    if (!gone.archive) gone.archive = Archive{Archive::Form::values, dropped.id, ""};
    keep_sequences(gone, dropped, context, archive);
  }
  if (keep == Keep::in_place) {
    put_out_of_sight(gone, dropped, archive);
  } else {
    gone.up.push_back(step(
        sql("ALTER TABLE {} DROP COLUMN {}", table_of(dropped.id), Identifier{dropped.id.name})));
    with_lock(gone.up.back(), dropped.id, "ACCESS EXCLUSIVE");
  }

  Check unused;
  unused.name = "dependents";
  if (!context.undoing()) {
    for (const auto* standing : {&context.facts.obstacles, &context.facts.goes_along}) {
      const auto found = standing->find(dropped.id);
      if (found == standing->end()) continue;
      for (const std::string& obstacle : found->second) {
        unused.failed = obstacle + " stands on " + dropped.id.shown() +
                        " and is not in the models; drop it first, or keep the column";
        gone.checks.push_back(unused);
      }
    }
    if (unused.failed.empty()) gone.checks.push_back(no_view_came_since(dropped, context));
  }
  return {gone};
}

}  // namespace schemasync
