// `rollback --fill` for values that a conversion back refuses. The value given is one of the type
// that comes back, so that the column is without a value while its type changes: the rows are found
// by the very expression, their values kept and taken away before it, and filled behind it.
#include <algorithm>

#include "kinds/column_parts.hpp"
#include "kinds/repairs.hpp"

namespace schemasync {
namespace {

bool is_of_primary_key(const ObjectId& column, const Schema& schema) {
  for (const Key* key : schema.parts<Key>(column.owner()))
    if (key->primary &&
        std::find(key->columns.begin(), key->columns.end(), column.name) != key->columns.end())
      return true;
  return false;
}

// Runs `statement` for each row that does not fit: "own.r" is the row, "own.given" the value given,
// which has to be one of the type. plpgsql assigns it: a cast would cut it.
Sql for_each_refused(const Conversion& back, const Sql& statement) {
  const Identifier name{back.from.id.name};
  const Identifier whole = whole_row();  // with the columns that are there at that moment
  const Sql same = back.refuses_changed() ? says_the_same(back, Expression{back.from.type},
                                                          sql("own.v"), sql("own.r.{}", name))
                                          : sql("true");
  return sql(
      "<<own>>\n"
      "  DECLARE\n"
      "    r record;\n"
      "    v {};\n"
      "    given {} := current_setting('schemasync.fill');\n"
      "    fits boolean;\n"
      "  BEGIN\n"
      "    BEGIN PERFORM {} FROM {} AS {} WHERE false; EXCEPTION WHEN OTHERS THEN {} END;\n"
      "    FOR r IN SELECT {}.ctid, {}.tableoid, {}.*, {} AS {} FROM {} AS {} WHERE {}.{} IS NOT "
      "NULL LOOP\n"
      "      BEGIN\n"
      "        SELECT {} INTO own.v FROM (SELECT (own.r.{}).*) AS {};\n"
      "        own.fits := {};\n"
      "      EXCEPTION WHEN OTHERS THEN\n"
      "        {}\n"
      "        own.fits := false;\n"
      "      END;\n"
      "      CONTINUE WHEN own.fits;\n"
      "      {};\n"
      "    END LOOP;\n"
      "  END",
      Expression{back.to.type}, Expression{back.to.type}, back.value, table_of(back.from.id),
      Identifier{back.from.id.table}, raise_unless_of_a_value(), whole, whole, whole, whole, whole,
      table_of(back.from.id), whole, whole, name, back.value, whole, Identifier{back.from.id.table},
      same, raise_unless_of_a_value(), statement);
}

Sql given_column() { return Sql(hidden_column(kept_relation(), 1)); }

}  // namespace

Identifier whole_row() { return Identifier{"row schemasync"}; }

Sql raise_unless_of_a_value() {
  return sql(
      "IF SQLSTATE ~ '^(08|40|53|55|57|58)' OR SQLSTATE IN ('42703', '42501') THEN RAISE; END IF;");
}

void add_filling(Step& conversion_step, const Conversion& back, const std::vector<std::string>& key,
                 const Context& context) {
  const Column& from = back.from;
  if (from.generated || back.to.generated || is_of_primary_key(from.id, context.from) ||
      is_of_primary_key(from.id, context.to))
    return;
  const ObjectId table = from.id.owner();
  const QualifiedName rows = table_of(from.id);
  const Identifier name{from.id.name};
  const Expression type{back.to.type};
  Filling filling{{Archive::Form::filled, from.id, ""}, {}, {}};
  filling.before.push_back(sql("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", rows));
  if (!from.nullable) filling.before.push_back(alter_column(from, sql("DROP NOT NULL")));
  // A partition has rows of its own at the same place.
  const Sql the_row = sql("t.ctid = own.r.ctid AND t.tableoid = own.r.tableoid");
  Sql take, fill;
  if (key.empty()) {
    const Identifier old = hidden_column(kept_relation());
    filling.before.push_back(sql("ALTER TABLE {} ADD COLUMN {} {}, ADD COLUMN {} text", rows, old,
                                 Expression{from.type}, given_column()));
    take = sql("UPDATE {} AS t SET {} = t.{}, {} = own.given::text, {} = NULL WHERE {}", rows, old,
               name, given_column(), name, the_row);
    fill = set_values(from, sql("t.{}::{}", given_column(), type),
                      sql(" WHERE t.{} IS NOT NULL", given_column()));
  } else {
    std::vector<Sql> by;
    for (const std::string& column : key) by.push_back(sql("t.{}", Identifier{column}));
    filling.before.push_back(
        sql("CREATE TABLE {} AS SELECT {}, t.{} AS old, NULL::text AS converted, NULL::boolean AS "
            "restored FROM {} AS t WITH NO DATA",
            kept_relation(), join(by, ", "), name, rows));
    filling.before.push_back(
        sql("ALTER TABLE {} ADD PRIMARY KEY ({})", kept_relation(), identifiers(key)));
    take =
        sql("INSERT INTO {} SELECT {}, t.{}, own.given::text FROM {} AS t WHERE {};\n"
            "      UPDATE {} AS t SET {} = NULL WHERE {}",
            kept_relation(), join(by, ", "), name, rows, the_row, rows, name, the_row);
    fill = set_values(from, sql("a.converted::{}", type),
                      sql(" FROM {} AS a WHERE {}", kept_relation(), key_join(key)));
  }
  filling.before.push_back(without_user_triggers(table, for_each_refused(back, take)));
  filling.after.push_back(without_user_triggers(table, fill));
  if (!from.nullable) filling.after.push_back(alter_column(from, sql("SET NOT NULL")));
  conversion_step.filling = std::move(filling);
}

const KeptArchive* kept_by_filling(const Column& to, const std::vector<std::string>& key,
                                   const Context& context) {
  const auto found = context.facts.kept.find(to.id);
  if (found == context.facts.kept.end() || found->second.form != Archive::Form::filled)
    return nullptr;
  const std::vector<std::string>& columns = found->second.columns;
  if (columns.empty()) return nullptr;
  if (is_hidden_column(columns.front())) return &found->second;
  const bool joins = !key.empty() && std::all_of(key.begin(), key.end(), [&](const auto& column) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  });
  return joins ? &found->second : nullptr;
}

void mark_filled(Change& made, const Conversion& again, const KeptArchive& kept,
                 const std::vector<std::string>& key) {
  const QualifiedName rows = table_of(again.from.id);
  const Identifier name{again.from.id.name};
  const QualifiedName archive{"schemasync", kept.relation};
  if (is_hidden_column(kept.columns.front())) {
    const Identifier given = hidden_column(archive, 1);
    made.up.push_back(
        step(without_user_triggers(again.from.id.owner(),
                                   sql("UPDATE {} AS t SET {} = NULL WHERE t.{} IS NOT NULL AND "
                                       "t.{}::text IS DISTINCT FROM t.{}",
                                       rows, given, given, name, given)),
             Work::rewrite));
  } else {
    made.up.push_back(step(sql("UPDATE {} AS a SET restored = t.{}::text IS NOT DISTINCT FROM "
                               "a.converted FROM {} AS t WHERE {}",
                               archive, name, rows, key_join(key)),
                           Work::rewrite));
  }
}

void put_back_filled(Change& made, const Conversion& again, const KeptArchive& kept,
                     const std::vector<std::string>& key) {
  const ObjectId table = again.to.id.owner();
  const QualifiedName rows = table_of(again.to.id);
  const QualifiedName archive{"schemasync", kept.relation};
  const Sql cast = sql("{}::{}", again.between, Expression{again.to.type});
  made.restores = kept.number;
  made.notes.push_back(
      "Values that rollback --fill replaced come back where the one given stands.");
  if (!is_hidden_column(kept.columns.front())) {
    made.up.push_back(
        step(without_user_triggers(table, set_values(again.to, sql("a.old{}", cast),
                                                     sql(" FROM {} AS a WHERE {} AND a.restored",
                                                         archive, key_join(key)))),
             Work::rewrite));
    return;
  }
  const Identifier old = hidden_column(archive);
  const Identifier given = hidden_column(archive, 1);
  made.up.push_back(
      step(without_user_triggers(table, set_values(again.to, sql("t.{}{}", old, cast),
                                                   sql(" WHERE t.{} IS NOT NULL", given))),
           Work::rewrite));
  // A value that the application has replaced since stays until purge.
  made.up.push_back(
      step(between_marks(sql("DO $filled$ BEGIN IF NOT EXISTS (SELECT FROM {} AS t WHERE t.{} IS "
                             "NOT NULL AND t.{} IS NULL) THEN ALTER TABLE {} DROP COLUMN {}, DROP "
                             "COLUMN {}; END IF; END $filled$",
                             rows, old, given, rows, old, given),
                         "$filled$"),
           Work::scan));
}

}  // namespace schemasync
