#include <charconv>
#include <map>
#include <set>

#include "kinds/code_names.hpp"
#include "kinds/column_parts.hpp"
#include "kinds/enum_labels.hpp"
#include "kinds/repairs.hpp"
#include "kinds/rows_to_come.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

struct TypeName {
  std::string base;
  std::vector<int> modifiers;
};

TypeName parsed(const std::string& type) {
  TypeName out;
  const std::size_t open = type.find('(');
  if (open == std::string::npos || type.ends_with("[]")) {
    out.base = type;
    return out;
  }
  const std::size_t close = type.find(')', open);
  out.base = type.substr(0, open) + type.substr(close + 1);
  for (const std::string& part :
       split(std::string_view(type).substr(open + 1, close - open - 1), ',')) {
    int number = 0;
    const std::string_view digits = trimmed(part);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    out.modifiers.push_back(number);
  }
  return out;
}

bool is_string(const std::string& base) {
  return base == "text" || base == "character varying" || base == "character";
}
bool is_cutting_string(const TypeName& type) {
  return (type.base == "character varying" || type.base == "character") && !type.modifiers.empty();
}

// The author's conversion for this direction, or nullptr for a plain cast.
const SqlText* conversion_for(const Column& to, const Context& context) {
  const Column* in_models = context.models().find<Column>(to.id);
  if (in_models == nullptr || !in_models->conversion) return nullptr;
  if (!context.undoing()) return &in_models->conversion->up;
  return in_models->conversion->down ? &*in_models->conversion->down : nullptr;
}

Sql converted_value(const Column& from, const Column& to, const SqlText* using_text,
                    const Sql& between) {
  if (using_text != nullptr) return sql("({})", Expression{using_text->text});
  return sql("{}{}::{}", Identifier{from.id.name}, between, Expression{to.type});
}

bool cuts(const Column& from, const Column& to, const SqlText* using_text) {
  return using_text == nullptr && is_cutting_string(parsed(to.type)) &&
         is_string(parsed(from.type).base);
}

Conversion conversion_of(const Column& from, const Column& to, const Context& context) {
  const SqlText* using_text = conversion_for(to, context);
  const Sql between = between_enums(from, to, context);
  return {from,
          to,
          converted_value(from, to, using_text, between),
          cuts(from, to, using_text),
          using_text != nullptr,
          using_text != nullptr ? using_text->path.str() : std::string{},
          between};
}

// Counts, row by row with the very expression, the values that fail and those that change; a cast
// that fails is caught, so that all of them are counted. An expression that names what is not there
// fails before the first row, and counts none. The figures go through settings of the transaction,
// because a DO block returns nothing and the transaction is read-only.
Sql examine(const Conversion& conversion, const std::vector<std::string>& key,
            const Context& context) {
  const Column& from = conversion.from;
  std::vector<Sql> pairs;
  for (const std::string& column : key)
    pairs.push_back(sql("{}, r.{}", Literal{column}, Identifier{column}));
  pairs.push_back(sql("{}, r.{}::text", Literal{from.id.name}, Identifier{from.id.name}));
  const Sql shown = sql("jsonb_build_object({})", join(pairs, ", "));
  const Sql rows = rows_of(from.id.owner(), context);
  const Identifier whole = whole_row();
  // The way back meets the table as it is at that moment, with some of the migration's columns; the
  // way up under the models' names, and then a record's fields are known one by one only.
  std::vector<Sql> row;
  if (context.undoing()) row.push_back(sql("(r.{}).*", whole));
  for (const Column* column : context.from.parts<Column>(from.id.owner()))
    if (!context.undoing())
      row.push_back(sql("r.{} AS {}", Identifier{column->id.name}, Identifier{column->id.name}));
  const Sql also_whole = context.undoing() ? sql(", {} AS {}", whole, whole) : Sql();
  const Sql same = says_the_same(conversion, Expression{type_on_server(from, context)}, sql("v"),
                                 sql("r.{}", Identifier{from.id.name}));
  // What an author's conversion makes may not cast back at all: it changed, then, and does fit.
  const bool by_author = conversion.by_author;
  const Sql begin_back = by_author ? sql("BEGIN ") : Sql();
  const Sql end_back = by_author ? sql(" EXCEPTION WHEN OTHERS THEN {} same := false; END;",
                                       raise_unless_of_a_value())
                                 : Sql();
  return between_marks(
      sql("DO $examine$\n"
          "#variable_conflict use_column\n"  // a column may be called as a variable of ours is
          "DECLARE\n"
          "  r record;\n"
          "  v {};\n"
          "  same boolean;\n"
          "  failing bigint := 0;\n"
          "  changing bigint := 0;\n"
          "  failed jsonb := '[]';\n"
          "  changed jsonb := '[]';\n"
          "BEGIN\n"
          "  BEGIN PERFORM {} FROM {} AS {} WHERE false; EXCEPTION WHEN OTHERS THEN {} END;\n"
          "  FOR r IN SELECT *{} FROM {} AS {} WHERE {} IS NOT NULL LOOP\n"
          "    BEGIN\n"
          "      SELECT {} INTO v FROM (SELECT {}) AS {};\n"
          "      {}same := {};{}\n"
          "      IF NOT same AND {} THEN\n"
          "        failing := failing + 1;\n"
          "        IF jsonb_array_length(failed) < 10 THEN failed := failed || {}; END IF;\n"
          "      ELSIF NOT same THEN\n"
          "        changing := changing + 1;\n"
          "        IF jsonb_array_length(changed) < 10 THEN changed := changed || {}; END IF;\n"
          "      END IF;\n"
          "    EXCEPTION WHEN OTHERS THEN\n"
          "      {}\n"
          "      failing := failing + 1;\n"
          "      IF jsonb_array_length(failed) < 10 THEN failed := failed || {}; END IF;\n"
          "    END;\n"
          "  END LOOP;\n"
          "  PERFORM set_config('schemasync.failing', failing::text, true), "
          "set_config('schemasync.failed', failed::text, true),\n"
          "    set_config('schemasync.changing', changing::text, true), "
          "set_config('schemasync.changed', changed::text, true);\n"
          "END\n"
          "$examine$;\n",
          Expression{conversion.to.type}, conversion.value, rows, Identifier{from.id.table},
          raise_unless_of_a_value(), also_whole, rows, whole, Identifier{from.id.name},
          conversion.value, join(row, ", "), Identifier{from.id.table}, begin_back, same, end_back,
          conversion.refuses_changed() ? sql("true") : sql("false"), shown, shown,
          raise_unless_of_a_value(), shown),
      "$examine$");
}

Sql listed(const char* setting, const Column& from, const std::vector<std::string>& key) {
  std::vector<Sql> columns;
  for (const std::string& column : key)
    columns.push_back(sql("s ->> {} AS {}", Literal{column}, Identifier{column}));
  columns.push_back(sql("s ->> {} AS {}", Literal{from.id.name}, Identifier{from.id.name}));
  return sql("SELECT {} FROM jsonb_array_elements(current_setting({})::jsonb) AS s",
             join(columns, ", "), Literal{setting});
}

// PostgreSQL refuses to convert a column that a materialized view, a policy or the like uses.
void stop_on_obstacles(Change& made, const Column& to, const Context& context) {
  if (context.undoing()) return;
  const auto found = context.facts.obstacles.find(to.id);
  if (found == context.facts.obstacles.end()) {
    made.checks.push_back(no_view_came_since(to, context));
    made.checks.back().passed = "nothing stands on it that stops this";
    return;
  }
  for (const std::string& obstacle : found->second) {
    Check stands;
    stands.name = "dependents";
    stands.passed = "nothing that schemasync does not model stands on it";
    stands.failed = obstacle + " stands on " + to.id.shown() +
                    " and is not in the models; drop it first, and make it again after";
    made.checks.push_back(std::move(stands));
  }
}

void add_checks(Change& made, const Conversion& conversion, const std::vector<std::string>& key,
                const Context& context) {
  const Column& from = conversion.from;
  const Column& to = conversion.to;
  const Sql examined = examine(conversion, key, context);
  Check casts;
  casts.name = "casts";
  casts.passed = "every value of " + from.id.shown() + " fits " + to.type;
  casts.failed = "{0|value|values} of " + from.id.shown() + " {0:does|do} not fit " + to.type;
  casts.count = examined + sql("SELECT current_setting('schemasync.failing')::bigint");
  casts.sample = examined + listed("schemasync.failed", from, key);
  casts.search_path = conversion.path;
  add_cast_repairs(casts, conversion, key, context);
  Check values;
  values.name = "values_change";
  values.passed = "every value stays the same";
  values.failed =
      "{0|value|values} of " + from.id.shown() + " {0:changes|change}; the old ones are kept";
  values.count = examined + sql("SELECT current_setting('schemasync.changing')::bigint");
  values.sample = examined + listed("schemasync.changed", from, key);
  values.search_path = conversion.path;
  values.stops = false;
  if (made.undo.kind == Undo::Kind::lossy)
    values.failed =
        "{0|value|values} of " + from.id.shown() + " {0:changes|change}, and the old ones are lost";
  made.checks.push_back(std::move(casts));
  made.checks.push_back(std::move(values));
}

void keep_old_values(Change& made, const Conversion& conversion,
                     const std::vector<std::string>& key, const QualifiedName& archive) {
  const Column& from = conversion.from;
  const Identifier name{from.id.name};
  // What an author's conversion makes need not cast back: then every value is kept.
  const Sql which = conversion.by_author
                        ? Sql()
                        : sql(" WHERE (({}){}::{})::text IS DISTINCT FROM {}::text",
                              conversion.value, conversion.between, Expression{from.type}, name);
  // An author's may be of another type, which the column's assignment casts.
  const Sql converted = conversion.by_author
                            ? sql("({})::{}", conversion.value, Expression{conversion.to.type})
                            : conversion.value;
  made.up.push_back(step(sql("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table_of(from.id))));
  made.up.push_back(step(sql("CREATE TABLE {} AS SELECT {}, {} AS old, {} AS converted, "
                             "NULL::boolean AS restored FROM {}{}",
                             archive, identifiers(key), name, converted, table_of(from.id), which),
                         Work::rewrite, conversion.path));
  made.up.push_back(
      step(sql("ALTER TABLE {} ADD PRIMARY KEY ({})", archive, identifiers(key)), Work::scan));
}

// What was kept of an enum is text when the enum went meanwhile.
Sql old_value(const Column& to, const Context& context) {
  return enum_of(to, context.to) ? sql("a.old::{}", Expression{to.type}) : sql("a.old");
}

// Labels have their old names again when a column goes back from or to another type, and its values
// are converted, compared and put back by the names that they had when it came.
void under_their_new_labels(Change& made, const Column& from, const Column& to,
                            const Context& context) {
  if (!context.undoing()) return;
  std::set<ObjectId> types;
  for (const auto& type : {enum_of(from, context.from), enum_of(to, context.to)})
    if (type) types.insert(*type);
  for (const ObjectId& type : types) {
    const Enum* before = context.from.find<Enum>(type);
    const Enum* after = context.to.find<Enum>(type);
    if (before == nullptr || after == nullptr) continue;
    for (const auto& [old_label, new_label] : label_renames(*before, *after, context)) {
      made.up.insert(made.up.begin(), rename_label(type, old_label, new_label));
      made.up.push_back(rename_label(type, new_label, old_label));
    }
  }
}

}  // namespace

bool is_widening(const std::string& from, const std::string& to) {
  const TypeName a = parsed(from);
  const TypeName b = parsed(to);
  if (a.base == "character varying" || a.base == "text") {
    if (b.base == "text") return true;
    if (b.base != "character varying") return false;
    return b.modifiers.empty() || (!a.modifiers.empty() && b.modifiers[0] >= a.modifiers[0]);
  }
  if (a.base == "numeric" && b.base == "numeric") {
    if (b.modifiers.empty()) return true;
    const int scale_a = a.modifiers.size() > 1 ? a.modifiers[1] : 0;
    const int scale_b = b.modifiers.size() > 1 ? b.modifiers[1] : 0;
    return !a.modifiers.empty() && scale_a == scale_b && b.modifiers[0] >= a.modifiers[0];
  }
  return false;
}

// Does a plain cast keep every value there is, so that casting back gives the very same text?
bool is_exact(const std::string& from, const std::string& to) {
  static const std::map<std::string, std::set<std::string>> exact = {
      {"smallint", {"integer", "bigint", "numeric", "real", "double precision"}},
      {"integer", {"bigint", "numeric", "double precision"}},
      {"bigint", {"numeric"}},
      {"real", {"double precision"}},
      {"date", {"timestamp without time zone", "timestamp with time zone"}},
  };
  if (to == "text" || to == "character varying") return true;
  const auto found = exact.find(from);
  if (found != exact.end()) return found->second.count(to) > 0;
  const TypeName a = parsed(from);
  const TypeName b = parsed(to);
  if (a.base != "numeric" || b.base != "numeric" || a.modifiers.size() != 2 ||
      b.modifiers.size() != 2)
    return false;
  return b.modifiers[1] >= a.modifiers[1] &&
         b.modifiers[0] - b.modifiers[1] >= a.modifiers[0] - a.modifiers[1];
}

namespace {

// A table has at most 1600 columns, dropped ones included.
constexpr int most_columns = 1600;

bool keeps_values(const Column& before, const Column& after) {
  return is_widening(before.type, after.type) || is_exact(before.type, after.type);
}

Keep kept_by(const Column& before, const Column& after, bool by_author, const Context& context) {
  const ObjectId table = before.id.owner();
  const TableFacts* facts = context.table_facts(table);
  if (facts == nullptr || facts->rows == 0 || before.generated) return Keep::nothing;
  if (!by_author && keeps_values(before, after)) return Keep::nothing;
  const Column* column = context.models().find<Column>(after.id);
  const Table* home = context.models().find<Table>(table);
  const bool wanted_in_place = (column != nullptr && column->archive_in_place) ||
                               (home != nullptr && home->archive_in_place);
  if (!wanted_in_place && facts->bytes <= context.facts.archive_limit &&
      !usable_key(table, context).empty())
    return Keep::copy;
  return Keep::in_place;
}

}  // namespace

Sql is_null_after_conversion(const Column& from, const Column& to, const Context& context) {
  const Identifier name{to.id.name};
  const Sql none = sql("t.{} IS NULL", name);
  const Column* in_models = context.models().find<Column>(to.id);
  if (in_models == nullptr || !in_models->conversion)
    return none;  // a cast makes no NULL of a value
  if (!context.undoing())
    return labels_to_come(to, context) != nullptr
               ? sql("false")
               : sql("({}) IS NULL", conversion_of(from, to, context).value);
  switch (kept_by(to, from, true, context)) {
    case Keep::nothing:
      return none;
    case Keep::copy:
      return sql(
          "{} AND NOT EXISTS (SELECT FROM {} AS a WHERE {} AND a.converted IS NULL AND "
          "a.old IS NOT NULL)",
          none, archive_of(to.id), key_join(usable_key(to.id.owner(), context)));
    case Keep::in_place:
      return sql("{} AND NOT ({} IS NULL AND {} IS NOT NULL)", none,
                 hidden_column(archive_of(to.id), 1), hidden_column(archive_of(to.id)));
  }
  return none;
}

Change convert_column(const Column& from, const Column& to, const Context& context) {
  const ObjectId table = to.id.owner();
  const bool rows = context.may_have_rows(table);
  Conversion conversion = conversion_of(from, to, context);
  const bool widening = !conversion.by_author && is_widening(from.type, to.type);
  const std::vector<std::string> key = usable_key(table, context);
  // The way up of the pair decides what is kept: the archive is there on the way back only then.
  const Column& before = context.undoing() ? to : from;
  const Column& after = context.undoing() ? from : to;
  const Column* in_models = context.models().find<Column>(to.id);
  const InPlace in_place{before, after, in_models != nullptr && in_models->conversion.has_value(),
                         conversion.between};
  const Keep keep = kept_by(before, after, in_place.by_author, context);
  conversion.exact = context.undoing() && !in_place.by_author && keeps_values(before, after);
  const auto used = context.facts.columns_used.find(table);
  const bool full = keep == Keep::in_place && used != context.facts.columns_used.end() &&
                    used->second + (in_place.by_author ? 2 : 1) > most_columns;
  const bool copied = keep == Keep::copy;
  const bool stays = keep == Keep::in_place && !full;

  Change made =
      change(context, widening ? column_rule("column.type.widen") : column_rule("column.type"), to,
             widening ? "Every old value fits as it is."
                      : "Every value is converted, and code that expects the old type may fail.",
             "Change type of " + to.id.shown() + ": " + from.type + " -> " + to.type);
  made.part = "type";
  made.rebuilds = true;
  made.drops = {to.id};  // what lets go of the column comes before, what needs it after
  made.creates = {to.id};
  if (const auto type = enum_of(from, context.from)) made.releases.push_back(*type);
  if (in_models != nullptr && in_models->conversion)
    read_before_they_go(made, in_models->conversion->up, table, context);
  made.strategy = widening ? "ALTER TYPE, no rewrite" : "USING clause for the conversion";
  made.backup = widening ? "a dump of the database"
                         : table.shown() + " (the table too), before anything runs";
  made.blocks = widening
                    ? "Reads and writes of " + table.shown() + " wait for a moment."
                    : "Reads and writes of " + table.shown() + " wait while it is written anew.";
  if (!widening) {
    made.breaking = "the column has another type";
    made.code_names = code_names(to.id, context);
  }
  made.diff = {"- " + table.shown() + "." + display_name(from.id.name) + "  " + from.type,
               "+ " + table.shown() + "." + display_name(to.id.name) + "  " + to.type};
  if (full) {
    const std::string why = table.shown() + " has no room for another column";
    made.undo = {Undo::Kind::lossy,
                 "converts back; values that changed stay changed: " + why + "."};
    made.risk.raise(Level::high, "What the conversion changes is lost: " + why + ".");
  } else {
    made.undo = {Undo::Kind::lossless, copied || stays
                                           ? "converts back, and puts the old values back where "
                                             "the new ones still stand."
                                       : keeps_values(before, after) && !in_place.by_author
                                           ? "converts back; stops where a value written since "
                                             "does not fit."
                                           : "converts back."};
  }
  if (stays && !context.undoing()) {
    made.strategy += "; the old values stay in the table, out of sight";
    made.notes.push_back("SELECT * of " + table.shown() +
                         " shows the old values too, under a name that ends in \" schemasync\", "
                         "and a COPY without a list of columns counts it, until schemasync purge.");
  }
  const Identifier name{to.id.name};
  if (copied && !context.undoing()) {
    made.archive = Archive{Archive::Form::conversion, to.id, ""};
    keep_old_values(made, conversion, key, archive_relation());
  }
  if (stays)
    context.undoing() ? list_changed_in_place(made, in_place) : keep_old_in_place(made, in_place);
  if (copied && context.undoing())
    made.up.push_back(step(sql("UPDATE {} AS a SET restored = t.{}::text IS NOT DISTINCT FROM "
                               "a.converted::text FROM {} AS t "
                               "WHERE {}",
                               archive_relation(), name, table_of(to.id), key_join(key)),
                           Work::rewrite));
  const KeptArchive* filled = context.undoing() ? nullptr : kept_by_filling(to, key, context);
  if (filled != nullptr) mark_filled(made, conversion, *filled, key);
  if (from.default_value) made.up.push_back(step(alter_column(to, sql("DROP DEFAULT"))));
  const bool assignment = conversion.cuts;
  Sql value = conversion.value;
  if (stays && context.undoing()) {
    // As text where the assignment itself has to refuse what is too long: a cast would cut it.
    value = old_value_in_place(
        in_place, assignment ? sql("{}::text", name) : sql("({})::{}", value, Expression{to.type}));
  }
  // The new type has to hold the bounds of the counter, so the narrower ones come first.
  const bool counts = from.identity && to.identity && from.identity != to.identity;
  const bool narrower =
      counts && to.identity->counting.max_value < from.identity->counting.max_value;
  if (narrower) made.up.push_back(step(alter_column(to, identity_options(*to.identity))));
  const bool plain = widening || assignment;
  const Sql by = plain && !(stays && context.undoing()) ? Sql() : sql(" USING {}", value);
  made.up.push_back(step(alter_column(to, sql("TYPE {}{}", Expression{to.type}, by)),
                         (rows && !widening) || stays ? Work::rewrite : Work::catalog,
                         conversion.path));
  with_lock(made.up.back(), to.id, "ACCESS EXCLUSIVE");
  const std::size_t converts = made.up.size() - 1;
  if (counts && !narrower)
    made.up.push_back(step(alter_column(to, identity_options(*to.identity))));
  if (context.undoing() && stays)
    add_filling(made.up[converts],
                {from, to, value, false, false, conversion.path, conversion.between}, key, context);
  else if (context.undoing() && !widening)
    add_filling(made.up[converts], conversion, key, context);
  if (to.default_value && !comes_after_type(from, to, context))
    made.up.push_back(
        step(alter_column(to, sql("SET DEFAULT {}", Expression{to.default_value->text})),
             Work::catalog, to.default_value->path));
  if (stays)
    context.undoing() ? drop_old_in_place(made, in_place) : keep_converted_in_place(made, in_place);
  if (copied && context.undoing())
    made.up.push_back(
        step(without_user_triggers(table, set_values(to, old_value(to, context),
                                                     sql(" FROM {} AS a WHERE {} AND a.restored",
                                                         archive_relation(), key_join(key)))),
             Work::rewrite));
  if (filled != nullptr) put_back_filled(made, conversion, *filled, key);
  if (rows) made.up.push_back(step(sql("ANALYZE {} ({})", table_of(to.id), name), Work::scan));
  under_their_new_labels(made, from, to, context);
  stop_on_obstacles(made, to, context);
  if (const Enum* type = labels_to_come(to, context); type != nullptr && rows)
    made.checks.push_back(fits_labels(conversion, *type, key, context));
  else if (rows && !widening)
    add_checks(made, conversion, key, context);
  if (to.id.kind == "column" &&
      (from.type.starts_with("timestamp") && to.type.starts_with("timestamp")))
    made.notes.push_back("Values without a time zone are taken as UTC.");
  return made;
}

}  // namespace schemasync
