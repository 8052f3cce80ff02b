#include "toml/habits.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text/strings.hpp"
#include "toml/writer.hpp"

namespace schemasync {
namespace {

// onDelete, on-delete and ON_DELETE are one habit.
std::string folded(std::string_view key) {
  std::string word = lowercase(key);
  std::erase_if(word, [](char c) { return c == '_' || c == '-' || c == ' '; });
  return word;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The value as the user wrote it, or as an example when it is no scalar.
std::string value_text(const Node& value, std::string_view example) {
  if (value.is_string()) return toml_text(value.text).text;
  if (value.is_table() || value.is_array()) return std::string(example);
  return value.text;
}

std::string type_of(const Node& table) {
  const Entry* type = table.find("type");
  std::string text = type != nullptr && type->value.is_string() ? type->value.text : "varchar";
  if (text.ends_with('?')) text.pop_back();
  return text;
}

// `nullable = true` and its relatives: which of the two does it say?
std::string nullability(std::string_view column, const Node& table, const Node& value,
                        bool says_nullable) {
  if (value.is_flag(false)) says_nullable = !says_nullable;
  if (!says_nullable)
    return "a column is NOT NULL unless a ? stands behind its type: take the key out";
  const std::string type = toml_text(type_of(table) + "?").text;
  const bool nothing_else = table.entries.size() == 2 && table.find("type") != nullptr;
  const std::string key = nothing_else ? toml_key(column) : "type";
  return "a nullable column is marked on its type: " + key + " = " + type;
}

struct Habit {
  std::string_view key;  // folded
  std::string_view hint;
};

constexpr std::array column_habits = {
    Habit{"pk", "write primary_key = true"},
    Habit{"primary", "write primary_key = true"},
    Habit{"isprimary", "write primary_key = true"},
    Habit{"isprimarykey", "write primary_key = true"},
    Habit{"primarykey", "write primary_key = true"},
    Habit{"key", "write primary_key = true, unique = true or index = true"},
    Habit{"isunique", "write unique = true"},
    Habit{"uniquekey", "write unique = true"},
    Habit{"uniq", "write unique = true"},
    Habit{"indexed", "write index = true"},
    Habit{"dbindex", "write index = true"},
    Habit{"idx", "write index = true"},
    Habit{"autoincrement", "write type = \"serial\", or identity = true on an integer type"},
    Habit{"autoinc", "write type = \"serial\", or identity = true on an integer type"},
    Habit{"auto", "write type = \"serial\", or identity = true on an integer type"},
    Habit{"serial", "write type = \"serial\", or identity = true on an integer type"},
    Habit{"enum", "declare it as [enum.name] with values = [...] and write its name as type"},
    Habit{"choices", "declare it as [enum.name] with values = [...] and write its name as type"},
    Habit{"values", "declare it as [enum.name] with values = [...] and write its name as type"},
    Habit{"computed", "write generated = \"...\", with its SQL"},
    Habit{"computedas", "write generated = \"...\", with its SQL"},
    Habit{"generatedas", "write generated = \"...\", with its SQL"},
    Habit{"array", "an array is part of the type: \"text[]\""},
    Habit{"isarray", "an array is part of the type: \"text[]\""},
    Habit{"precision", "it is part of the type: \"numeric(12,2)\""},
    Habit{"scale", "it is part of the type: \"numeric(12,2)\""},
    Habit{"timezone", "it is part of the type: \"timestamptz\" or \"timestamp\""},
    Habit{"name", "the column's name is the key itself; renamed_from = \"...\" says what it was"},
    Habit{"columnname",
          "the column's name is the key itself; renamed_from = \"...\" says what it was"},
    Habit{"previousname", "write renamed_from = \"...\""},
    Habit{"oldname", "write renamed_from = \"...\""},
    Habit{"onupdatenow", "that is a trigger of the database, not an attribute of a column"},
    Habit{"collation", "collations are no part of these models"},
};

constexpr std::array table_habits = {
    Habit{"column", "the columns stand under [table.{}.columns]"},
    Habit{"fields", "the columns stand under [table.{}.columns]"},
    Habit{"field", "the columns stand under [table.{}.columns]"},
    Habit{"attributes", "the columns stand under [table.{}.columns]"},
    Habit{"indexes", "each index is a [[table.{}.index]]"},
    Habit{"indices", "each index is a [[table.{}.index]]"},
    Habit{"constraints",
          "each is a [[table.{}.unique]], [[table.{}.check]] or [[table.{}.foreign_key]]"},
    Habit{"checks", "each check is a [[table.{}.check]]"},
    Habit{"uniques", "each unique constraint is a [[table.{}.unique]]"},
    Habit{"uniquetogether", "write [[table.{}.unique]] with columns = [...]"},
    Habit{"uniqueconstraint", "write [[table.{}.unique]] with columns = [...]"},
    Habit{"uniqueconstraints", "each unique constraint is a [[table.{}.unique]]"},
    Habit{"foreignkeys", "each foreign key is a [[table.{}.foreign_key]]"},
    Habit{"fk", "write [[table.{}.foreign_key]], or references = \"...\" on the column"},
    Habit{"references", "write [[table.{}.foreign_key]], or references = \"...\" on the column"},
    Habit{"pk", "write [table.{}.primary_key] with columns = [...]"},
    Habit{"primarykeys", "write [table.{}.primary_key] with columns = [...]"},
    Habit{"name", "the table's name is in its header; renamed_from = \"...\" says what it was"},
    Habit{"tablename",
          "the table's name is in its header; renamed_from = \"...\" says what it was"},
    Habit{"oldname", "write renamed_from = \"...\""},
    Habit{"schema", "schema = \"...\" stands at the top of the file, for all its objects"},
    Habit{"description", "write comment = \"...\""},
    Habit{"doc", "write comment = \"...\""},
};

template <std::size_t N>
std::string_view find_habit(const std::array<Habit, N>& habits, std::string_view word) {
  const auto found =
      std::find_if(habits.begin(), habits.end(), [&](const Habit& h) { return h.key == word; });
  return found == habits.end() ? std::string_view() : found->hint;
}

}  // namespace

std::string column_habit(std::string_view column, const Node& table, const Entry& unknown) {
  const std::string word = folded(unknown.key.name);
  const Node& value = unknown.value;
  if (is_one_of(word,
                {"nullable", "null", "isnullable", "allownull", "allownulls", "optional", "blank"}))
    return nullability(column, table, value, true);
  if (is_one_of(word, {"notnull", "required", "nonnull", "nonnullable", "mandatory"}))
    return nullability(column, table, value, false);
  if (is_one_of(word, {"foreignkey", "fk", "ref", "reference", "refs", "foreign", "target"}))
    return "write references = " + value_text(value, "\"table.column\"");
  if (word == "ondelete" || word == "onupdate") {
    const std::string_view here = word == "ondelete" ? "on_delete" : "on_update";
    const std::string action = value.is_string() ? lowercase(value.text) : "cascade";
    return "write " + std::string(here) + " = " + toml_text(action).text;
  }
  if (is_one_of(word, {"maxlength", "length", "size", "limit", "maxlen"}))
    return "the length is part of the type: \"varchar(" +
           (value.kind == NodeKind::integer ? value.text : "100") + ")\"";
  if (is_one_of(word,
                {"serverdefault", "defaultsql", "defaultexpr", "defaultexpression", "dbdefault"}))
    return "write default = { sql = " + value_text(value, "\"now()\"") + " }";
  if (is_one_of(word, {"defaultvalue", "initial"}))
    return "write default = " + value_text(value, "...");
  if (is_one_of(word, {"autonow", "autonowadd", "defaultnow"}))
    return "write default = { sql = \"now()\" }";
  if (is_one_of(word, {"datatype", "dtype", "sqltype", "dbtype", "columntype"}))
    return "write type = " + value_text(value, "\"varchar\"");
  if (is_one_of(word, {"description", "doc", "helptext", "note", "docs", "title"}))
    return "write comment = " + value_text(value, "\"...\"");
  if (const std::optional<std::string> meant = nearest(word, {"nullable", "notnull"}))
    return nullability(column, table, value, *meant == "nullable");
  return std::string(find_habit(column_habits, word));
}

std::string table_habit(std::string_view table, const Entry& unknown) {
  std::string hint(find_habit(table_habits, folded(unknown.key.name)));
  const bool looks_like_column =
      hint.empty() && ((unknown.value.is_string() && !unknown.value.text.empty()) ||
                       (unknown.value.is_table() && unknown.value.find("type") != nullptr));
  if (looks_like_column && unknown.value.is_table())
    hint = "the columns stand under [table.{}.columns]";
  for (std::size_t at = hint.find("{}"); at != std::string::npos; at = hint.find("{}"))
    hint.replace(at, 2, toml_key(table));
  return hint;
}

}  // namespace schemasync
