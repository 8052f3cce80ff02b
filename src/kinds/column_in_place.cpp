// A column that is kept in its own table, under a reserved name; and what leaves and comes back
// with a column, whichever way it is kept: its sequences and its counter.
#include "kinds/column_parts.hpp"
#include "kinds/schema_of.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

QualifiedName beside(const QualifiedName& archive, std::size_t number) {
  return {archive.schema, archive.name + "_" + std::to_string(number)};
}

// A rename stops nothing that DROP COLUMN would have stopped: a view made since the plan would go
// on showing the values. Extended statistics alone may stay: they show nothing.
Sql nothing_stands_on(const Column& column) {
  const Literal table{Sql(table_of(column.id)).str()};
  return guard_against(
      sql("SELECT FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_attribute AS a ON a.attrelid = "
          "d.refobjid AND a.attnum = d.refobjsubid WHERE d.refclassid = "
          "'pg_catalog.pg_class'::regclass AND d.refobjid = {}::regclass AND a.attname = {} AND "
          "d.classid <> 'pg_catalog.pg_statistic_ext'::regclass",
          table, Literal{column.id.name}),
      "something stands on " + column.id.shown() + " by now: plan again to see what");
}

// A privilege on the column alone would follow it out of sight. All of them, also those granted
// since the plan; an owner's own stay, they are no grants.
Sql revoke_grants_of(const Column& column) {
  const Literal table{Sql(table_of(column.id)).str()};
  const Sql revoke =
      sql("REVOKE ALL ({}) ON TABLE {} FROM ", Identifier{column.id.name}, table_of(column.id));
  return between_marks(
      sql("DO $revoke$\nDECLARE other text;\nBEGIN\n"
          "  FOR other IN SELECT DISTINCT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE "
          "quote_ident(pg_get_userbyid(g.grantee)) END FROM pg_catalog.pg_attribute AS a JOIN "
          "pg_catalog.pg_class AS c ON c.oid = a.attrelid, aclexplode(a.attacl) AS g WHERE "
          "a.attrelid "
          "= {}::regclass AND a.attname = {} AND g.grantee <> c.relowner LOOP\n"
          "    EXECUTE {} || other || ' CASCADE';\n"
          "  END LOOP;\nEND\n$revoke$",
          table, Literal{column.id.name}, Literal{revoke.str()}),
      "$revoke$");
}

// The column may be text by now: of an enum that went meanwhile, or made anew after a purge.
Step type_again(const Column& made) {
  const Identifier name{made.id.name};
  const Expression own{made.type};
  return step(
      between_marks(
          sql("DO $type$ BEGIN IF (SELECT format_type(atttypid, atttypmod) FROM "
              "pg_catalog.pg_attribute WHERE attrelid = {}::regclass AND attname = {}) <> {} "
              "THEN ALTER TABLE {} ALTER COLUMN {} TYPE {} USING {}::{}; END IF; END $type$",
              Literal{Sql(table_of(made.id)).str()}, Literal{made.id.name}, Literal{made.type},
              table_of(made.id), name, own, name, own),
          "$type$"),
      Work::catalog);
}

Check rows_without_value(const Column& made, const QualifiedName& archive, const Context& context) {
  Check check;
  check.name = "missing";
  check.passed = "every row has a kept value for " + made.id.shown();
  check.failed = "{0|row was|rows were} added since and {0:has|have} no value for " +
                 made.id.shown() + ", which must not be NULL";
  const Identifier hidden = hidden_column(archive);
  const Sql missing =
      sql("FROM {} AS t WHERE {} IS NULL", rows_of(made.id.owner(), context, {hidden}), hidden);
  check.count = sql("SELECT count(*) {}", missing);
  std::vector<std::string> shown = archive_key(made.id.owner(), context);
  if (shown.empty())
    for (const Column* column : columns_in_order(context.from, made.id.owner()))
      if (shown.size() < 8) shown.push_back(column->id.name);
  if (!shown.empty()) check.sample = sql("SELECT {} {} LIMIT 10", identifiers(shown), missing);
  return check;
}

// What the conversion made of the old value; of a plain cast it is made again.
Sql converted_in_place(const InPlace& kept, const Sql& table) {
  if (kept.by_author) return sql("{}{}", table, hidden_column(archive_relation(), 1));
  return sql("{}{}::{}{}::{}", table, hidden_column(archive_relation()),
             Expression{kept.before.type}, kept.between, Expression{kept.after.type});
}

// Values of all rows, in the rewrite that a generated column takes, and plain from then on: an
// UPDATE would fire triggers and leave every row twice.
void copy_within(Change& made, const Column& of, const Identifier& to, const std::string& type) {
  made.up.push_back(step(sql("ALTER TABLE {} ADD COLUMN {} {} GENERATED ALWAYS AS ({}) STORED",
                             table_of(of.id), to, Expression{type}, Identifier{of.id.name}),
                         Work::rewrite));
  with_lock(made.up.back(), of.id, "ACCESS EXCLUSIVE");
  made.up.push_back(
      step(sql("ALTER TABLE {} ALTER COLUMN {} DROP EXPRESSION", table_of(of.id), to)));
}

}  // namespace

void keep_old_in_place(Change& made, const InPlace& kept) {
  made.archive = Archive{Archive::Form::in_place, kept.before.id, ""};
  copy_within(made, kept.before, hidden_column(archive_relation()), kept.before.type);
}

void keep_converted_in_place(Change& made, const InPlace& kept) {
  if (kept.by_author)
    copy_within(made, kept.after, hidden_column(archive_relation(), 1), kept.after.type);
}

void list_changed_in_place(Change& made, const InPlace& kept) {
  const Sql old = sql("t.{}::{}", hidden_column(archive_relation()), Expression{kept.before.type});
  const Sql converted = converted_in_place(kept, sql("t."));
  // A value that the cast kept comes back by itself; what an author makes may not cast back.
  const Sql changed = kept.by_author
                          ? sql("true")
                          : sql("(({}){}::{})::text IS DISTINCT FROM ({})::text", converted,
                                kept.between, Expression{kept.before.type}, old);
  // With the columns that are there at that moment, but for those that are out of sight.
  made.up.push_back(
      step(sql("CREATE TABLE {} AS SELECT row_number() OVER () AS n, {} AS old, {} AS converted, "
               "(SELECT jsonb_object_agg(c.key, c.value) FROM jsonb_each(to_jsonb(t.*)) AS c WHERE "
               "NOT {}) AS now, false AS restored FROM {} AS t "
               "WHERE {} AND t.{}::text IS DISTINCT FROM ({})::text AND num_nonnulls({}, {}) > 0",
               archive_relation(), old, converted, is_hidden_column(sql("c.key")),
               table_of(kept.after.id), changed, Identifier{kept.after.id.name}, converted, old,
               converted),
           Work::rewrite));
  made.up.push_back(
      step(sql("ALTER TABLE {} ADD PRIMARY KEY (n)", archive_relation()), Work::scan));
}

Sql old_value_in_place(const InPlace& kept, const Sql& converted_back) {
  // A row that came since has no old value: where there must be one, NULL is none.
  const Sql there =
      kept.before.nullable ? Sql() : sql(" AND {} IS NOT NULL", hidden_column(archive_relation()));
  return sql("CASE WHEN {}::text IS NOT DISTINCT FROM ({})::text{} THEN {} ELSE {} END",
             Identifier{kept.after.id.name}, converted_in_place(kept, Sql()), there,
             sql("{}::{}", hidden_column(archive_relation()), Expression{kept.before.type}),
             converted_back);
}

void drop_old_in_place(Change& made, const InPlace& kept) {
  made.up.push_back(step(sql("ALTER TABLE {} DROP COLUMN {}", table_of(kept.before.id),
                             hidden_column(archive_relation()))));
  if (kept.by_author)
    made.up.push_back(step(sql("ALTER TABLE {} DROP COLUMN {}", table_of(kept.before.id),
                               hidden_column(archive_relation(), 1))));
}

void fill_in_place(Change& made, const Column& column, const SqlText& value) {
  const Identifier filled = hidden_column(archive_relation());
  const Identifier name{column.id.name};
  made.archive = Archive{Archive::Form::in_place, column.id, ""};
  made.up.push_back(step(sql("ALTER TABLE {} ADD COLUMN {} {}", table_of(column.id), filled,
                             Expression{column.type})));
  with_lock(made.up.back(), column.id, "ACCESS EXCLUSIVE");
  made.up.push_back(
      step(without_user_triggers(column.id.owner(),
                                 sql("UPDATE {} AS t SET {} = ({}) WHERE t.{} IS NULL;\n"
                                     "  UPDATE {} AS t SET {} = t.{} WHERE t.{} IS NULL",
                                     table_of(column.id), filled, Expression{value.text}, name,
                                     table_of(column.id), name, filled, name)),
           Work::rewrite, value.path));
}

void empty_filled_in_place(Change& made, const Column& column) {
  const Identifier filled = hidden_column(archive_relation());
  const Identifier name{column.id.name};
  made.up.push_back(step(
      without_user_triggers(
          column.id.owner(),
          set_values(column, sql("NULL"),
                     sql(" WHERE t.{} IS NOT NULL AND t.{}::text IS NOT DISTINCT FROM t.{}::text",
                         filled, name, filled))),
      Work::rewrite));
  made.up.push_back(step(sql("ALTER TABLE {} DROP COLUMN {}", table_of(column.id), filled)));
}

std::vector<const Sequence*> sequences_of(const Schema& schema, const ObjectId& column) {
  std::vector<const Sequence*> found;
  for (const Sequence* sequence : schema.belonging<Sequence>(column.owner()))
    if (sequence->owned_by == column) found.push_back(sequence);
  return found;
}

void keep_sequences(Change& gone, const Column& dropped, const Context& context,
                    const QualifiedName& archive) {
  std::size_t number = 0;
  for (const Sequence* sequence : sequences_of(context.from, dropped.id)) {
    const QualifiedName away = beside(archive, ++number);
    if (number == 1) gone.up.push_back(step(alter_column(dropped, sql("DROP DEFAULT"))));
    gone.up.push_back(step(sql("ALTER SEQUENCE {} OWNED BY NONE", name_of(sequence->id))));
    gone.up.push_back(
        step(sql("ALTER SEQUENCE {} RENAME TO {}", name_of(sequence->id), Identifier{away.name})));
    gone.up.push_back(step(sql("ALTER SEQUENCE {} SET SCHEMA schemasync",
                               QualifiedName{sequence->id.schema, away.name})));
  }
}

void return_sequences(Change& add, const Column& made, const Context& context,
                      const QualifiedName& archive) {
  if (!context.undoing()) return;  // made anew by the way up
  std::size_t number = 0;
  for (const Sequence* sequence : sequences_of(context.to, made.id)) {
    const QualifiedName away = beside(archive, ++number);
    add.up.push_back(
        step(sql("ALTER SEQUENCE {} SET SCHEMA {}", away, Identifier{sequence->id.schema})));
    add.up.push_back(
        step(sql("ALTER SEQUENCE {} RENAME TO {}", QualifiedName{sequence->id.schema, away.name},
                 Identifier{sequence->id.name})));
  }
}

void keep_counter(Change& gone, const Column& dropped, const QualifiedName& archive) {
  if (!dropped.identity || dropped.identity->sequence.empty()) return;
  gone.up.push_back(
      step(sql("CREATE TABLE {} AS SELECT last_value, is_called FROM {}", beside(archive, 1),
               QualifiedName{dropped.id.schema, dropped.identity->sequence})));
}

void count_rows_without_value(Change& add, const Column& made, const QualifiedName& archive) {
  const Identifier name{made.id.name};
  const QualifiedName counter = beside(archive, 1);
  const Sql by = Sql(made.identity->counting.increment);
  // The counter goes on behind them, wherever it is put back.
  add.up.push_back(step(
      without_user_triggers(
          made.id.owner(),
          sql("WITH given AS (UPDATE {} AS t SET {} = n.value FROM (SELECT r.ctid AS place, "
              "c.last_value + {} * (row_number() OVER (ORDER BY r.ctid) - CASE WHEN c.is_called "
              "THEN 0 ELSE 1 END) AS value FROM {} AS r, {} AS c WHERE r.{} IS NULL) AS n WHERE "
              "t.ctid = n.place RETURNING t.{} AS value)\n"
              "  UPDATE {} AS c SET last_value = g.last, is_called = true FROM (SELECT {}(value) "
              "AS "
              "last FROM given) AS g WHERE g.last IS NOT NULL",
              table_of(made.id), name, by, table_of(made.id), counter, name, name, counter,
              made.identity->counting.increment < 0 ? sql("min") : sql("max"))),
      Work::rewrite));
}

void return_counter(Change& add, const Column& made, const QualifiedName& archive) {
  if (!made.identity) return;
  const Sql sequence =
      made.identity->sequence.empty()
          ? Sql()
          : sql("SEQUENCE NAME {} ", QualifiedName{made.id.schema, made.identity->sequence});
  add.up.push_back(
      step(alter_column(made, sql("ADD GENERATED {} AS IDENTITY ({}{})",
                                  made.identity->always ? sql("ALWAYS") : sql("BY DEFAULT"),
                                  sequence, counting_clause(made.identity->counting)))));
  add.up.push_back(step(
      sql("SELECT setval(pg_get_serial_sequence({}, {}), s.last_value, s.is_called) FROM {} AS s",
          Literal{Sql(table_of(made.id)).str()}, Literal{made.id.name}, beside(archive, 1))));
}

void count_on(Change& add, const Column& made, const Context& context) {
  if (context.undoing()) return;  // the sequence itself came back
  for (const Sequence* sequence : sequences_of(context.to, made.id))
    add.up.push_back(count_behind_values(made, *sequence));
}

void put_out_of_sight(Change& gone, const Column& dropped, const QualifiedName& archive) {
  keep_counter(gone, dropped, archive);
  if (dropped.identity) gone.up.push_back(step(alter_column(dropped, sql("DROP IDENTITY"))));
  if (dropped.default_value) gone.up.push_back(step(alter_column(dropped, sql("DROP DEFAULT"))));
  if (!dropped.nullable) gone.up.push_back(step(alter_column(dropped, sql("DROP NOT NULL"))));
  gone.up.push_back(step(sql("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table_of(dropped.id))));
  gone.up.push_back(step(nothing_stands_on(dropped)));
  gone.up.push_back(step(revoke_grants_of(dropped)));
  gone.up.push_back(step(sql("ALTER TABLE {} RENAME COLUMN {} TO {}", table_of(dropped.id),
                             Identifier{dropped.id.name}, hidden_column(archive))));
  with_lock(gone.up.back(), dropped.id, "ACCESS EXCLUSIVE");
}

void bring_back(Change& add, const Column& made, const Context& context,
                const QualifiedName& archive) {
  const ObjectId table = made.id.owner();
  return_sequences(add, made, context, archive);
  add.up.push_back(step(sql("ALTER TABLE {} RENAME COLUMN {} TO {}", table_of(made.id),
                            hidden_column(archive), Identifier{made.id.name})));
  with_lock(add.up.back(), made.id, "ACCESS EXCLUSIVE");
  add.up.push_back(type_again(made));
  if (made.default_value)
    add.up.push_back(
        step(alter_column(made, sql("SET DEFAULT {}", Expression{made.default_value->text})),
             Work::catalog, column_search_path(made)));
  if (!made.nullable) {
    if (made.identity)
      count_rows_without_value(add, made, archive);
    else if (made.backfill && !context.undoing())
      add.up.push_back(
          step(without_user_triggers(
                   table, set_values(made, sql("({})", Expression{made.backfill->text}),
                                     sql(" WHERE t.{} IS NULL", Identifier{made.id.name}))),
               Work::rewrite, made.backfill->path));
    else if (made.default_value)
      add.up.push_back(step(without_user_triggers(table, set_values(made, sql("DEFAULT"),
                                                                    sql(" WHERE t.{} IS NULL",
                                                                        Identifier{made.id.name}))),
                            Work::rewrite));
    else
      add.checks.push_back(rows_without_value(made, archive, context));
    add.up.push_back(step(alter_column(made, sql("SET NOT NULL")), Work::scan));
    with_lock(add.up.back(), made.id, "ACCESS EXCLUSIVE");
  }
  return_counter(add, made, archive);
  count_on(add, made, context);
  for (const Sequence* sequence : sequences_of(context.to, made.id))
    if (context.undoing()) add.up.push_back(step(own_sequence(*sequence)));
  for (Step& one : aspect_steps(made, Column::address(made.id))) add.up.push_back(std::move(one));
  add.undo = {Undo::Kind::lossless, "drops the column again."};
}

}  // namespace schemasync
