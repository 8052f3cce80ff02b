#include <algorithm>

#include "kinds/column.hpp"
#include "kinds/column_default.hpp"
#include "kinds/model_writing.hpp"
#include "kinds/type_name.hpp"

namespace schemasync {
namespace {

// ---- values ----------------------------------------------------------------------------------

// What the loader makes of `value` for this column; nullopt: a mistake.
std::optional<ColumnValue> loaded(const Toml& value, const Column& column) {
  Mistakes mistakes;
  Schema nothing;
  Loading loading(nothing, mistakes);
  const Document document = parse_toml("", "default = " + value.text, mistakes);
  ModelFile file{loading, document, {}, column.id.schema};
  Section section(document.root, "", mistakes);
  std::optional<ColumnValue> made = load_value(file, section, "default", column.type);
  return mistakes.empty() ? made : std::nullopt;
}

// The value of a text that is one string literal, with or without a cast behind it: 'it''s'::text.
std::optional<std::string> string_value(const std::string& sql) {
  if (!sql.starts_with('\'')) return std::nullopt;
  std::string value;
  for (std::size_t i = 1; i < sql.size(); ++i) {
    if (sql[i] != '\'') {
      value += sql[i];
    } else if (i + 1 < sql.size() && sql[i + 1] == '\'') {
      value += sql[i++];
    } else {
      const bool alone = i + 1 == sql.size();
      if (alone || sql.compare(i + 1, 2, "::") == 0) return value;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

bool is_label(const Schema& schema, const std::string& type, const std::string& text) {
  const TypeName read = parse_type(type);
  if (!read.user || read.user->array) return false;
  const Enum* of = schema.find<Enum>({"enum", read.user->schema, "", read.user->name});
  return of != nullptr && std::find(of->labels.begin(), of->labels.end(), text) != of->labels.end();
}

// The TOML literal says the same: in PostgreSQL's own spelling, or as the models wrote it.
bool says(const Toml& literal, const SqlText& value, const Column& column, const Schema& schema) {
  const std::optional<ColumnValue> read = loaded(literal, column);
  if (!read) return false;
  if (read->sql.text == value.text) return true;
  if (!read->sql.canon.empty()) return read->sql.canon == value.spelling();
  return read->text && is_label(schema, column.type, *read->text) &&
         cast_literal(*read->text, column.type) == value.spelling();
}

Toml toml_of(const SqlText& value, const Column& column, const Schema& schema) {
  const std::string& sql = value.spelling();
  std::vector<Toml> literals;
  if (sql == "true" || sql == "false") literals.push_back({sql, {}});
  if (const Toml number = toml_number(sql); number.text == sql) literals.push_back(number);
  for (const std::string& spelling : {sql, value.text.str()})
    if (const std::optional<std::string> text = string_value(spelling)) {
      if (const Toml number = toml_number(*text); number.text == *text) literals.push_back(number);
      literals.push_back(toml_text(*text));
      literals.push_back(toml_table({{"text", toml_text(*text)}}));
    }
  for (Toml& literal : literals)
    if (says(literal, value, column, schema)) return std::move(literal);
  return toml_table({{"sql", toml_lines(value.text)}});
}

// ---- the other keys --------------------------------------------------------------------------

Toml toml_of(const Identity& identity) {
  TomlMembers members;
  if (identity.always) members.emplace_back("always", toml_flag(true));
  add_counting(members, identity.counting);
  return members.empty() ? toml_flag(true) : toml_table(std::move(members));
}

Toml generated_of(const Column& column) {
  const Toml sql = toml_lines(column.generated->text);
  if (!column.generated_virtual) return sql;
  return toml_table({{"sql", sql}, {"virtual", toml_flag(true)}});
}

Toml toml_of(const Using& conversion) {
  const Toml up = toml_lines(conversion.up.text);
  if (!conversion.down) return up;
  return toml_table({{"up", up}, {"down", toml_lines(conversion.down->text)}});
}

std::string serial_of(const std::string& integer) {
  return integer == "bigint" ? "bigserial" : integer == "smallint" ? "smallserial" : "serial";
}

void say_values(ColumnText& text, const Column& column, const Schema& schema, bool serial) {
  if (column.default_value && !serial)
    text.say(ColumnSlot::value, "default", toml_of(*column.default_value, column, schema));
  if (column.identity) text.say(ColumnSlot::value, "identity", toml_of(*column.identity));
  if (column.generated) text.say(ColumnSlot::value, "generated", generated_of(column));
  if (column.conversion) text.say(ColumnSlot::intent, "using", toml_of(*column.conversion));
  if (column.backfill)
    text.say(ColumnSlot::intent, "backfill", toml_of(*column.backfill, column, schema));
}

}  // namespace

void Column::take_intent(const Column& of_models) {
  position = of_models.position;
  serial = of_models.serial;
  conversion = of_models.conversion;
  backfill = of_models.backfill;
  archive_in_place = of_models.archive_in_place;
}

void Column::write_of_table(TableText& table) {
  const Schema& schema = table.writing.schema();
  for (ColumnText& text : table.columns) {
    const Column& column = *text.column;
    const bool serial = is_written_as_serial(column, schema);
    text.type = serial ? serial_of(column.type)
                       : written_type(column.type, column.id.schema) + (column.nullable ? "?" : "");
    say_values(text, column, schema, serial);
    TomlMembers others;
    add_renamed_from(others, column.renamed_from);
    for (auto& [key, value] : others) text.say(ColumnSlot::intent, key, std::move(value));
    if (column.archive_in_place) text.say(ColumnSlot::intent, "archive", toml_text("in_place"));
    others.clear();
    add_comment(others, column);
    for (auto& [key, value] : others) text.say(ColumnSlot::note, key, std::move(value));
  }
}

}  // namespace schemasync
