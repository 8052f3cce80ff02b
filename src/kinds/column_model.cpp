#include <algorithm>
#include <cstdio>

#include "kinds/column.hpp"
#include "kinds/column_default.hpp"
#include "kinds/naming.hpp"
#include "kinds/type_name.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

bool is_integer(const std::string& type) {
  return type == "integer" || type == "bigint" || type == "smallint";
}

void mistake(const TableModel& table, const Text& at, std::string what, std::string hint = {}) {
  table.mistakes().add(at.where, at.length, std::move(what), std::move(hint));
}

// A type that no enum of the models is, and that nearly is a built-in one.
void check_near_miss(Loading& loading, const ObjectId& column, const Text& written) {
  const Column* found = loading.schema().find<Column>(column);
  if (found == nullptr) return;
  const TypeName type = parse_type(found->type);
  if (!type.user || !type.user->schema.empty() || loading.may_be_lost(type.user->name)) return;
  if (const std::optional<std::string> near = near_miss(*type.user))
    loading.mistakes().add(written.where, written.length,
                           "unknown type \"" + type.user->name + "\" of column " + column.shown(),
                           "did you mean \"" + *near + "\"?");
}

void load_type(TableModel& table, const ColumnModel& model, Column& made) {
  std::string_view written = trimmed(model.type.text);
  if (model.type.text.empty() && !model.is_short) return;  // noted already
  made.nullable = written.ends_with('?');
  if (made.nullable) written = trimmed(written.substr(0, written.size() - 1));
  const std::string subject = model.section.subject();
  if (const std::optional<std::string> integer = serial_type(written)) {
    made.type = *integer;
    made.serial = true;
    if (made.nullable)
      mistake(table, model.type, "a serial column is never NULL: " + subject,
              "take the ? away, or write \"" + *integer + "?\" for a column without a sequence");
    made.nullable = false;
    return;
  }
  const TypeName& type = table.file.loading.type(std::string(written));
  if (!type.problem.empty()) {
    std::string hint = type.hint;
    if (written.empty()) hint = "write a type, as in \"varchar\"";
    if (written.find('?') != std::string_view::npos) hint = "the ? stands at the end: \"text[]?\"";
    const bool plain = type.problem == "this is not a type";
    mistake(table, model.type,
            plain ? "\"" + std::string(written) + "\" of " + subject + " is not a type"
                  : type.problem + " (" + subject + ")",
            hint);
    return;
  }
  made.type = type.user ? std::string(written) : type.built_in;
  if (type.user)
    table.file.loading.check_later([&loading = table.file.loading, id = made.id,
                                    text = model.type] { check_near_miss(loading, id, text); });
}

// A scale below 0 or above the precision.
bool needs_wide_scale(const std::string& type) {
  int precision = 0;
  int scale = 0;
  if (std::sscanf(type.c_str(), "numeric(%d,%d)", &precision, &scale) != 2) return false;
  return scale < 0 || scale > precision;
}

void load_identity(ColumnModel& model, Column& made) {
  const Entry* entry = model.section.entry("identity");
  if (entry == nullptr || entry->value.is_flag(false)) return;
  Identity identity;
  if (entry->value.is_table()) {
    Section section(entry->value, entry->key, "identity of " + model.section.subject(),
                    model.section.mistakes());
    identity.always = section.flag("always").value_or(false);
    identity.counting = load_counting(section, made.type);
    section.finish();
  } else if (entry->value.is_flag(true)) {
    identity.counting = Counting::of_type(made.type);
  } else {
    model.section.reject_type("identity", entry->value, "true or a table");
    return;
  }
  made.identity = std::move(identity);
}

void load_generated(TableModel& table, ColumnModel& model, Column& made) {
  const Entry* entry = model.section.entry("generated");
  if (entry == nullptr) return;
  if (!entry->value.is_table()) {
    made.generated = sql_of(table.file, entry->value, "generated in " + model.section.subject());
    return;
  }
  Section section(entry->value, entry->key, "generated of " + model.section.subject(),
                  model.section.mistakes());
  if (!section.has("sql")) section.reject_missing("sql");
  made.generated = sql_text(table.file, section, "sql");
  made.generated_virtual = section.flag("virtual").value_or(false);
  section.finish();
}

void load_using(TableModel& table, ColumnModel& model, Column& made) {
  const Entry* entry = model.section.entry("using");
  if (entry == nullptr) return;
  if (!entry->value.is_table()) {
    if (auto up = sql_of(table.file, entry->value, "using in " + model.section.subject()))
      made.conversion = Using{std::move(*up), std::nullopt};
    return;
  }
  Section section(entry->value, entry->key, "using of " + model.section.subject(),
                  model.section.mistakes());
  if (!section.has("up")) section.reject_missing("up", "write { up = \"...\", down = \"...\" }");
  std::optional<SqlText> up = sql_text(table.file, section, "up");
  std::optional<SqlText> down = sql_text(table.file, section, "down");
  section.finish();
  if (up) made.conversion = Using{std::move(*up), std::move(down)};
}

// A string default of an enum of the models must be one of its labels.
void check_label(Loading& loading, const ObjectId& id, const std::string& text, const Text& at) {
  Schema& schema = loading.schema();
  const auto found = schema.all<Column>().find(id);
  if (found == schema.all<Column>().end() || !found->second.default_value) return;
  Column& column = found->second;
  const TypeName type = parse_type(column.type);
  if (!type.user || type.user->array) return;
  const Enum* of = schema.find<Enum>({"enum", type.user->schema, "", type.user->name});
  if (of == nullptr) return;
  column.default_value->canon = cast_literal(text, column.type);
  if (std::find(of->labels.begin(), of->labels.end(), text) != of->labels.end()) return;
  loading.mistakes().add(
      at.where, at.length,
      "default \"" + text + "\" of column " + id.shown() + " is no value of enum " + of->id.shown(),
      meant(text, of->labels));
}

void load_values(TableModel& table, ColumnModel& model, Column& made) {
  Section& section = model.section;
  const Node* written = section.any("default");
  if (std::optional<ColumnValue> value = load_value(table.file, section, "default", made.type)) {
    if (value->text)
      table.file.loading.check_later(
          [&loading = table.file.loading, id = made.id, text = *value->text,
           at = Text{"", written->where, written->length}] { check_label(loading, id, text, at); });
    made.default_value = std::move(value->sql);
  }
  if (std::optional<ColumnValue> value = load_value(table.file, section, "backfill", made.type))
    made.backfill = std::move(value->sql);
}

// What cannot be said together of one column.
void check_together(ColumnModel& model, const Column& made) {
  Section& section = model.section;
  const std::string& subject = section.subject();
  if (made.generated && made.default_value)
    section.reject("default", subject + " is generated and has a default",
                   "a generated column has its expression alone: take the default out");
  if (made.generated && made.backfill)
    section.reject("backfill", subject + " is generated and has a backfill",
                   "PostgreSQL computes it for the old rows too: take the backfill out");
  if (made.generated && (made.identity || made.serial))
    section.reject("generated", subject + " is generated and counts by a sequence");
  if (made.identity && made.default_value)
    section.reject("default", subject + " is an identity column and has a default",
                   "an identity column counts by its own sequence: take the default out");
  if (made.serial && made.default_value)
    section.reject("default", subject + " is serial and has a default",
                   "serial is a default already: write \"" + made.type +
                       "\" as type, or take the "
                       "default out");
  if (made.serial && made.identity)
    section.reject("identity", subject + " is serial and an identity column",
                   "write \"" + made.type + "\" as type, with identity = true");
  if (made.identity && !made.serial && !made.type.empty() && !is_integer(made.type))
    section.reject("identity", subject + " is an identity column of type " + made.type,
                   "write \"smallint\", \"integer\" or \"bigint\" as type");
  if (made.identity && made.nullable)
    section.mistakes().add(model.type.where, model.type.length,
                           "an identity column is never NULL: " + subject, "take the ? away");
}

// serial: a sequence that the column owns, and its nextval as default.
void add_sequence_of(Loading& loading, const Column& made) {
  Sequence sequence;
  sequence.id = {"sequence", made.id.schema, "", ""};
  sequence.where = made.where;
  sequence.counting = Counting::of_type(made.type);
  sequence.owned_by = made.id;
  loading.add_unnamed(
      std::move(sequence), [&schema = loading.schema(), column = made.id](const ObjectId& id) {
        schema.all<Column>().at(column).default_value = SqlText::of_catalog(nextval_of(id));
      });
}

void name_identity_sequence(Loading& loading, const Column& made) {
  loading.add_unnamed_relation(
      made.id.schema,
      [id = made.id](int pass) {
        return postgres_name(id.table, id.name, pass == 0 ? "seq" : "seq" + std::to_string(pass));
      },
      [&schema = loading.schema(), column = made.id](const ObjectId& id) {
        schema.all<Column>().at(column).identity->sequence = id.name;
      });
}

}  // namespace

void Column::load_of_table(TableModel& table) {
  int position = 0;
  for (ColumnModel& model : table.columns) {
    Column made;
    made.id = column_id(table.id, model.name.text);
    made.where = model.name.where;
    made.position = ++position;
    load_type(table, model, made);
    if (!model.is_short) {
      load_identity(model, made);
      load_generated(table, model, made);
      load_using(table, model, made);
      load_values(table, model, made);
      load_comment(model.section, made);
      made.archive_in_place = load_archive_in_place(model.section);
      load_renamed_from(model.section, made);
      check_together(model, made);
    }
    if (made.serial) add_sequence_of(table.file.loading, made);
    if (made.identity) name_identity_sequence(table.file.loading, made);
    table.file.loading.add(std::move(made));
  }
}

void Column::complete(Loading& loading) { resolve_types(loading.schema(), {}); }

std::optional<ServerNeed> Column::newest(const Column& column) {
  if (column.generated_virtual) return ServerNeed{18, "virtual = true"};
  const std::string type = column.type.str();
  if (needs_wide_scale(type)) return ServerNeed{15, "the scale of " + type};
  if (type.find("multirange") != std::string::npos && canonical_type(type))
    return ServerNeed{14, "type " + type};
  return std::nullopt;
}

}  // namespace schemasync
