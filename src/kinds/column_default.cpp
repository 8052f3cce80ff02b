#include "kinds/column_default.hpp"

#include <algorithm>
#include <charconv>

#include "text/strings.hpp"
#include "toml/writer.hpp"

namespace schemasync {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string base_of(const std::string& type) {
  if (type.ends_with("[]")) return type;
  return type.substr(0, type.find('('));
}
bool is_integer(const std::string& base) {
  return base == "integer" || base == "bigint" || base == "smallint";
}
bool is_number(const std::string& base) {
  return is_integer(base) || base == "numeric" || base == "real" || base == "double precision";
}
bool is_string(const std::string& base) { return base == "text" || base == "character varying"; }

// ---- text that looks like SQL ----------------------------------------------------------------

// now(), CURRENT_DATE, nextval('x'), now, today.
bool looks_like_sql(std::string_view text) {
  const std::string word = lowercase(trimmed(text));
  constexpr std::array<std::string_view, 16> words = {
      "now",          "today",       "tomorrow",       "yesterday",         "current_date",
      "current_time", "localtime",   "localtimestamp", "current_timestamp", "current_user",
      "session_user", "system_user", "current_role",   "current_catalog",   "current_schema",
      "null"};
  if (std::find(words.begin(), words.end(), word) != words.end()) return true;
  const std::size_t open = word.find('(');
  if (open == 0 || open == std::string::npos || !word.ends_with(')')) return false;
  return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(open), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '"';
  });
}

void reject_sql(const Section& section, std::string_view key, const Node& value) {
  const std::string text = toml_text(value.text).text;
  const std::string as = std::string(key) + " = { sql = " + text + " }";
  if (lowercase(trimmed(value.text)) == "null") {
    section.mistakes().add(value, std::string(key) + " in " + section.subject() + " looks like SQL",
                           "a column without a default has NULL: take the key out. As text: { text "
                           "= " +
                               text + " }");
    return;
  }
  section.mistakes().add(value, std::string(key) + " in " + section.subject() + " looks like SQL",
                         "write " + as + ", or { text = " + text + " } where the text is meant");
}

// ---- numbers ---------------------------------------------------------------------------------

// Digits, sign and scale as written; hex, octal and binary written out.
std::string number_text(const Node& value) {
  std::string text = value.text;
  std::erase(text, '_');
  if (text.starts_with('+')) text.erase(0, 1);
  if (value.kind == NodeKind::integer) {
    if (text.starts_with("0x") || text.starts_with("0o") || text.starts_with("0b"))
      return std::to_string(value.integer);
    return text;
  }
  if (text.ends_with("inf")) return text.starts_with('-') ? "'-Infinity'" : "'Infinity'";
  if (text.ends_with("nan")) return "'NaN'";
  return text;
}

// 1.50e10 -> 15000000000, as numeric prints it; "" where that would be very long.
std::string without_exponent(const std::string& text) {
  const std::size_t e = text.find_first_of("eE");
  if (e == std::string::npos) return text;
  int exponent = 0;
  const std::string_view power = std::string_view(text).substr(text[e + 1] == '+' ? e + 2 : e + 1);
  const auto [end, failure] = std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (failure != std::errc() || end != power.data() + power.size() || std::abs(exponent) > 200)
    return "";
  const std::size_t point = text.find('.');
  std::string whole = text.substr(0, std::min(point, e));
  std::string fraction = point < e ? text.substr(point + 1, e - point - 1) : "";
  for (; exponent > 0; --exponent) {
    whole += fraction.empty() ? '0' : fraction.front();
    if (!fraction.empty()) fraction.erase(0, 1);
  }
  for (; exponent < 0; ++exponent) {
    fraction.insert(fraction.begin(), whole.empty() ? '0' : whole.back());
    if (!whole.empty()) whole.pop_back();
  }
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.empty()) whole = "0";
  return fraction.empty() ? whole : whole + "." + fraction;
}

// A numeric literal with its sign apart, as pg_get_expr prints the constant.
std::string numeric_canon(const std::string& number) {
  const bool negative = number.starts_with('-');
  std::string digits = without_exponent(negative ? number.substr(1) : number);
  if (digits.empty()) return "";
  const bool is_zero = digits.find_first_not_of("0.") == std::string::npos;
  const bool has_point = digits.find('.') != std::string::npos;
  if (has_point && (!negative || is_zero)) return digits;
  return "'" + std::string(negative && !is_zero ? "-" : "") + digits + "'::numeric";
}

std::string number_canon(const Node& value, const std::string& number) {
  if (number.starts_with('\'')) return "";
  if (value.kind == NodeKind::floating) return numeric_canon(number);
  if (value.integer >= 0 && value.integer <= 2147483647) return std::to_string(value.integer);
  const bool small = value.integer >= -2147483648LL && value.integer < 0;
  return "'" + std::to_string(value.integer) + (small ? "'::integer" : "'::bigint");
}

// ---- strings ---------------------------------------------------------------------------------

std::string string_canon(const std::string& text, const std::string& base) {
  if (is_string(base)) return cast_literal(text, base);
  if (base == "character" || base == "bpchar") return cast_literal(text, "bpchar");
  const bool negative = text.starts_with('-');
  const std::string_view digits = std::string_view(text).substr(negative ? 1 : 0);
  if (digits.empty() || (digits.size() > 1 && digits[0] == '0' && digits[1] != '.')) return "";
  if (is_integer(base) && is_digits(digits) && digits != "0") {
    if (base == "integer" && !negative) return text;
    return cast_literal(text, base);
  }
  if (base == "numeric") {
    const std::size_t point = digits.find('.');
    const bool plain = is_digits(digits.substr(0, point)) &&
                       (point == std::string_view::npos || is_digits(digits.substr(point + 1)));
    if (!plain || digits.find_first_not_of("0.") == std::string_view::npos) return "";
    return point != std::string_view::npos && !negative ? text : cast_literal(text, "numeric");
  }
  return "";
}

void reject_mismatch(const Section& section, std::string_view key, const Node& value,
                     const std::string& type) {
  section.mistakes().add(value,
                         std::string(key) + " in " + section.subject() + " is " +
                             std::string(described(value.kind)) + ", its type is " + type,
                         type == "boolean" ? "write true or false" : "write a number");
}

std::optional<ColumnValue> explicit_value(ModelFile& file, Section& section, std::string_view key,
                                          const Node& value, const std::string& base) {
  Section which(value, std::string(key) + " of " + section.subject(), file.mistakes());
  const bool has_text = which.has("text");
  const bool has_sql = which.has("sql");
  std::optional<ColumnValue> found;
  if (has_text == has_sql) {
    section.mistakes().add(value, which.subject() +
                                      " must be a value, { sql = \"...\" } or { text "
                                      "= \"...\" }");
    which.any("text");
    which.any("sql");
  } else if (has_sql) {
    if (std::optional<SqlText> sql = sql_text(file, which, "sql")) found = {std::move(*sql), {}};
  } else if (const std::optional<Text> text = which.text("text")) {
    found = {{Sql(Literal{text->text}).str(), string_canon(text->text, base), file.schema},
             text->text};
  }
  which.finish();
  return found;
}

}  // namespace

std::string cast_literal(const std::string& text, const std::string& type) {
  return Sql(Literal{text}).str() + "::" + type;
}

std::optional<ColumnValue> load_value(ModelFile& file, Section& section, std::string_view key,
                                      const std::string& type) {
  const Node* value = section.any(key);
  if (value == nullptr) return std::nullopt;
  const std::string base = base_of(type);
  switch (value->kind) {
    case NodeKind::table:
      return explicit_value(file, section, key, *value, base);
    case NodeKind::string:
      if (looks_like_sql(value->text)) {
        reject_sql(section, key, *value);
        return std::nullopt;
      }
      return ColumnValue{
          {Sql(Literal{value->text}).str(), string_canon(value->text, base), file.schema},
          value->text};
    case NodeKind::boolean:
      if (is_number(base)) {
        reject_mismatch(section, key, *value, type);
        return std::nullopt;
      }
      return ColumnValue{
          {value->text, base == "boolean" || is_string(base) ? value->text : "", file.schema}, {}};
    case NodeKind::integer:
    case NodeKind::floating: {
      if (base == "boolean") {
        reject_mismatch(section, key, *value, type);
        return std::nullopt;
      }
      const std::string number = number_text(*value);
      const bool known = is_number(base) || is_string(base);
      return ColumnValue{{number, known ? number_canon(*value, number) : "", file.schema}, {}};
    }
    case NodeKind::date:
    case NodeKind::time:
    case NodeKind::datetime:
      return ColumnValue{{Sql(Literal{value->text}).str(), "", file.schema}, {}};
    case NodeKind::array:
      section.mistakes().add(*value, std::string(key) + " in " + section.subject() + " is a list",
                             "write an array as PostgreSQL does: " + std::string(key) +
                                 " = \"{}\", or { sql = \"ARRAY[...]\" }");
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace schemasync
