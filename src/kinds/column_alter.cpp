// What changes of a column that stays: its default, NULL, identity, and how it is generated. The
// type is column_type.cpp's.
#include "kinds/column_parts.hpp"
#include "kinds/rows_to_come.hpp"

namespace schemasync {
namespace {

Change altered(const Column& to, const Context& context, const Rule& rule, std::string why,
               std::string summary, std::string part) {
  Change made = change(context, rule, to, std::move(why), std::move(summary));
  made.part = std::move(part);
  made.backup = "a dump of the database";
  made.blocks = "Reads and writes of " + to.id.owner().shown() + " wait for a moment.";
  return made;
}

// A column with an identity has neither a default nor NULL: these go before it comes, and come
// after it is gone.
void keep_clear_of_identity(Change& made, const Column& from, const Column& to) {
  if (!from.identity && to.identity) made.releases.push_back(identity_sequence(to));
  if (from.identity && !to.identity) made.needs.push_back(identity_sequence(from));
}

// Around a conversion: one that goes by its sequence goes before it, as it comes after it.
bool goes_before_type(const Column& from, const Column& to, const Context& context) {
  const Context back{context.to,    context.from, context.undoing() ? Way::forward : Way::undo,
                     context.facts, context.late, context.recreated};
  return comes_after_type(to, from, back);
}

Change default_changed(const Column& from, const Column& to, const Context& context) {
  const std::string before = from.default_value ? from.default_value->text : "none";
  const std::string after = to.default_value ? to.default_value->text : "none";
  Change made =
      altered(to, context, column_rule("column.default"), "Only rows inserted from then on see it.",
              "Change default of " + to.id.shown() + ": " + before + " -> " + after, "default");
  made.strategy = to.default_value ? "SET DEFAULT" : "DROP DEFAULT";
  made.undo = {Undo::Kind::lossless, "sets the old default again."};
  // The conversion sets the new one, for its own type.
  const bool only_drops = from.type != to.type && !comes_after_type(from, to, context);
  made.up.push_back(
      to.default_value && !only_drops
          ? step(alter_column(to, sql("SET DEFAULT {}", Expression{to.default_value->text})),
                 Work::catalog, to.default_value->path)
          : step(alter_column(to, sql("DROP DEFAULT"))));
  with_lock(made.up.back(), to.id, "ACCESS EXCLUSIVE");
  if (counts_by_new_sequence(to, context) && is_whole_number(to.type))
    made.up.push_back(count_behind_values(
        to, *context.to.find<Sequence>(*sequence_of_default(to.default_value->spelling()))));
  for (const ObjectId& used : to.uses) made.needs.push_back(used);
  for (const ObjectId& one : counts_by(to, context.to)) made.needs.push_back(one);
  for (const ObjectId& one : counts_by(from, context.from)) made.releases.push_back(one);
  if (comes_after_type(from, to, context)) made.needs.push_back(to.id);
  if (goes_before_type(from, to, context)) made.releases.push_back(to.id);
  keep_clear_of_identity(made, from, to);
  made.diff = {"~ " + to.id.shown() + "  default " + before + " -> " + after};
  return made;
}

// Rows that a backfill fills are remembered by key, so that the way back empties just those.
Change nullability_changed(const Column& from, const Column& to, const Context& context) {
  const ObjectId table = to.id.owner();
  const std::vector<std::string> key = usable_key(table, context);
  const Column& in_models = *context.models().find<Column>(to.id);
  const bool fills = in_models.backfill && !in_models.nullable &&
                     (context.undoing() ? context.facts.tables.count(table) > 0 &&
                                              context.facts.tables.at(table).rows > 0
                                        : context.may_have_rows(table));
  if (to.nullable) {
    Change made = altered(to, context, column_rule("column.nullable"),
                          "Code may meet NULL where there was none.",
                          "Allow NULL in " + to.id.shown(), "nullability");
    made.strategy = "DROP NOT NULL";
    made.undo = {Undo::Kind::lossless, "forbids NULL again; stops where a row has NULL by then."};
    keep_clear_of_identity(made, from, to);
    if (from.type != to.type) made.releases.push_back(to.id);  // it may make NULL of a value
    made.up.push_back(step(alter_column(to, sql("DROP NOT NULL"))));
    with_lock(made.up.back(), to.id, "ACCESS EXCLUSIVE");
    if (fills && context.undoing() && key.empty())
      empty_filled_in_place(made, to);
    else if (fills && context.undoing())
      made.up.push_back(
          step(without_user_triggers(
                   table,
                   set_values(
                       to, sql("NULL"),
                       sql(" FROM {} AS a WHERE {} AND t.{}::text IS NOT DISTINCT FROM a.converted",
                           archive_relation(), key_join(key), Identifier{to.id.name}))),
               Work::rewrite));
    made.diff = {"~ " + to.id.shown() + "  not null -> null"};
    return made;
  }
  Change made = altered(to, context, column_rule("column.not_null"),
                        "From then on a write of NULL is refused (SQLSTATE 23502).",
                        "Forbid NULL in " + to.id.shown(), "nullability");
  made.strategy = fills ? "fill the rows that have none, then SET NOT NULL"
                        : "verify that no row has NULL, then SET NOT NULL";
  made.blocks = "Reads and writes of " + table.shown() + " wait while its rows are checked.";
  made.breaking = "a write of NULL fails";
  keep_clear_of_identity(made, from, to);
  if (from.type != to.type) made.needs.push_back(to.id);  // it may give a row its value
  made.undo = {Undo::Kind::lossless, fills ? "allows NULL again, in just the rows that were filled."
                                           : "allows NULL again."};
  if (fills && !context.undoing()) {
    read_before_they_go(made, *in_models.backfill, table, context);
    if (std::optional<Check> gives = backfill_gives_values(to, context))
      made.checks.push_back(std::move(*gives));
  }
  const Work work = context.may_have_rows(table) ? Work::scan : Work::catalog;
  const char* untriggered = " do not fire while it is filled.";
  if (fills && !context.undoing() && key.empty()) {
    fill_in_place(made, to, *in_models.backfill);
    made.notes.push_back("The user's triggers of " + table.shown() + untriggered);
  } else if (fills && !context.undoing()) {
    const Identifier name{to.id.name};
    made.archive = Archive{Archive::Form::conversion, to.id, ""};
    made.up.push_back(step(sql("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table_of(to.id))));
    made.up.push_back(step(sql("CREATE TABLE {} AS SELECT {}, NULL::text AS old, NULL::text AS "
                               "converted, NULL::boolean AS "
                               "restored FROM {} WHERE {} IS NULL",
                               archive_relation(), identifiers(key), table_of(to.id), name),
                           Work::rewrite));
    made.up.push_back(
        step(sql("ALTER TABLE {} ADD PRIMARY KEY ({})", archive_relation(), identifiers(key)),
             Work::scan));
    made.up.push_back(
        step(without_user_triggers(table,
                                   set_values(to, sql("({})", Expression{in_models.backfill->text}),
                                              sql(" WHERE t.{} IS NULL", name))),
             Work::rewrite, in_models.backfill->path));
    made.up.push_back(step(sql("UPDATE {} AS a SET converted = t.{}::text FROM {} AS t WHERE {}",
                               archive_relation(), name, table_of(to.id), key_join(key)),
                           Work::rewrite));
    made.notes.push_back("The user's triggers of " + table.shown() + untriggered);
  } else if (work == Work::scan) {
    made.checks.push_back(no_nulls(from, to, context));
  }
  made.up.push_back(step(alter_column(to, sql("SET NOT NULL")), work));
  with_lock(made.up.back(), to.id, "ACCESS EXCLUSIVE");
  made.diff = {"~ " + from.id.shown() + "  null -> not null"};
  return made;
}

Change identity_changed(const Column& from, const Column& to, const Context& context) {
  Change made = altered(to, context, column_rule("column.identity"),
                        "Values that an INSERT leaves out are counted differently from then on.",
                        "Change identity of " + to.id.shown(), "identity");
  made.strategy = "ALTER COLUMN";
  made.undo = {Undo::Kind::lossless, "sets the old identity again."};
  // Its sequence comes and goes with it, and may have the name of one that goes or comes.
  if (!to.identity) {
    made.creates = made.drops = {identity_sequence(from)};
    made.releases.push_back(to.id);
    made.up.push_back(step(alter_column(to, sql("DROP IDENTITY"))));
  } else if (!from.identity) {
    made.creates = made.drops = {identity_sequence(to)};
    made.needs.push_back(to.id);
    made.up.push_back(
        step(alter_column(to, sql("ADD {}", identity_clause(*to.identity, to.id.owner())))));
    const Literal table{Sql(table_of(to.id)).str()};
    made.up.push_back(step(sql("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {} "
                               "HAVING max({}) IS NOT NULL",
                               table, Literal{to.id.name}, Identifier{to.id.name}, table_of(to.id),
                               Identifier{to.id.name}),
                           Work::scan));
  } else {
    made.up.push_back(step(alter_column(to, identity_options(*to.identity))));
  }
  with_lock(made.up.back(), to.id, "ACCESS EXCLUSIVE");
  made.diff = {"~ " + to.id.shown() + "  identity"};
  return made;
}

// Whether the values come back is what the drop says.
Change generated_anew(std::vector<Change> drops, std::vector<Change> creates, const Column& to) {
  const Undo undo = drops.front().undo;
  const Risk of_drop = drops.front().risk;
  const Rule& rule = column_rule("column.generated");
  Change made = replaced(std::move(drops), std::move(creates), rule,
                         "Change how " + to.id.shown() + " is generated");
  made.becomes(rule,
               to.generated
                   ? "Readers see the computed values at once, and a write of the column fails."
                   : "The values that were computed go, and no new ones come by themselves.");
  if (of_drop.level > of_drop.base) made.risk.raise(of_drop.level, of_drop.reasons.back());
  made.undo = undo;
  made.strategy = "drop and add, its values are computed anew";
  made.breaking = to.generated ? "a write of the column fails (SQLSTATE 428C9)"
                               : "the column has the values that are written, no others";
  return made;
}

}  // namespace

std::vector<Change> Column::alter(const Column& from, const Column& to, const Context& context) {
  if (same_attributes(from, to)) return {};
  std::vector<Change> changes;
  if (from.generated != to.generated || from.generated_virtual != to.generated_virtual) {
    Change again = generated_anew(drop_column(from, context), create(to, context), to);
    again.rebuilds = true;
    again.drops = {to.id};
    again.creates = {to.id};
    return {again};
  }
  const bool conversion = from.type != to.type;
  if (conversion) changes.push_back(convert_column(from, to, context));
  // A conversion takes the default along, dropped before, set after; and what an identity counts
  // by.
  const bool apart =
      !conversion || comes_after_type(from, to, context) || goes_before_type(from, to, context);
  if (from.default_value != to.default_value && apart)
    changes.push_back(default_changed(from, to, context));
  if (from.identity != to.identity && !(conversion && from.identity && to.identity))
    changes.push_back(identity_changed(from, to, context));
  if (from.nullable != to.nullable) changes.push_back(nullability_changed(from, to, context));
  return changes;
}

}  // namespace schemasync
