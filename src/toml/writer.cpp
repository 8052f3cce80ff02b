#include "toml/writer.hpp"

#include <algorithm>
#include <charconv>

#include "toml/text_place.hpp"

namespace schemasync {
namespace {

constexpr int widest_line = 100;
constexpr int widest_key = 32;  // longer ones do not push the = of their block

bool is_bare(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20U || byte == 0x7FU;
}

// Controls but for tab (and, over several lines, the line end) need escapes, which '...' has none
// of.
bool needs_escapes(std::string_view text, bool several_lines) {
  return std::any_of(text.begin(), text.end(), [&](char c) {
    return is_control(c) && c != '\t' && !(several_lines && c == '\n');
  });
}

void append_escaped(std::string& out, char c) {
  static constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      break;
  }
  if (!is_control(c)) {
    out += c;
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += digits[byte >> 4U];
  out += digits[byte & 0xFU];
}

std::string basic(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '\\';
    append_escaped(out, c);
  }
  return out + "\"";
}

std::string basic_lines(std::string_view text) {
  std::string out = "\"\"\"\n";
  int quotes = 0;  // in a row
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    quotes = c == '"' ? quotes + 1 : 0;
    if (c == '"' && (quotes == 3 || i + 1 == text.size())) {
      out += '\\';
      quotes = 0;
    }
    if (c == '\n' || c == '\t') {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
  return out + "\"\"\"";
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What TOML takes as an integer or a float with exactly these digits.
bool is_toml_number(std::string_view text) {
  std::string_view digits = text;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  const std::size_t point = digits.find('.');
  const std::string_view whole = digits.substr(0, point);
  if (!is_digits(whole) || (whole.size() > 1 && whole[0] == '0')) return false;
  if (point != std::string_view::npos)
    return is_digits(digits.substr(point + 1)) &&
           digits.size() <= 300;  // else it may be out of range
  std::int64_t number = 0;
  if (text[0] == '+') text.remove_prefix(1);
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc{} && end == text.data() + text.size();
}

bool is_one_line(const Toml& value) { return value.text.find('\n') == std::string::npos; }

using Line = std::pair<std::string, const Toml*>;

// The lines of one block entry: itself, or its members with dotted keys.
void flatten(const std::string& key, const Toml& value, int indent, std::vector<Line>& lines) {
  const bool fits = is_one_line(value) && indent + code_points(value.text) <= widest_line;
  if (value.members.empty() || fits) {
    lines.emplace_back(key, &value);
    return;
  }
  for (const auto& [name, member] : value.members) {
    const std::string dotted = key + "." + toml_key(name);
    flatten(dotted, member, code_points(dotted) + 3, lines);
  }
}

int width_of(const std::vector<Line>& lines) {
  int width = 0;
  for (const Line& line : lines)
    if (const int own = code_points(line.first); own <= widest_key) width = std::max(width, own);
  return width;
}

void append_lines(std::string& text, const std::vector<Line>& lines, int width) {
  for (const auto& [key, value] : lines) {
    const int padding = std::max(0, width - code_points(key));
    text += key + std::string(static_cast<std::size_t>(padding), ' ') + " = " + value->text + "\n";
  }
}

}  // namespace

std::string toml_key(std::string_view name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), is_bare);
  return bare ? std::string(name) : toml_text(name).text;
}

std::string toml_path(const std::vector<std::string>& names) {
  std::string path;
  for (const std::string& name : names) path += (path.empty() ? "" : ".") + toml_key(name);
  return path;
}

Toml toml_text(std::string_view text) {
  const bool escapes = text.find_first_of("\\\"") != std::string_view::npos;
  const bool literal =
      escapes && text.find('\'') == std::string_view::npos && !needs_escapes(text, false);
  return {literal ? "'" + std::string(text) + "'" : basic(text), {}};
}

Toml toml_lines(std::string_view text) {
  if (text.find('\n') == std::string_view::npos) return toml_text(text);
  const bool literal = text.find("'''") == std::string_view::npos && !text.ends_with('\'') &&
                       !needs_escapes(text, true);
  if (literal) return {"'''\n" + std::string(text) + "'''", {}};
  return {basic_lines(text), {}};
}

Toml toml_number(std::string_view digits) {
  return is_toml_number(digits) ? Toml{std::string(digits), {}} : toml_text(digits);
}

Toml toml_integer(std::int64_t number) { return {std::to_string(number), {}}; }

Toml toml_flag(bool value) { return {value ? "true" : "false", {}}; }

Toml toml_list(const std::vector<Toml>& elements) {
  std::string text = "[";
  for (const Toml& element : elements) text += (text.size() > 1 ? ", " : "") + element.text;
  return {text + "]", {}};
}

Toml toml_texts(const std::vector<std::string>& texts) {
  std::vector<Toml> elements;
  for (const std::string& text : texts) elements.push_back(toml_text(text));
  return toml_list(elements);
}

Toml toml_table(std::vector<TomlMember> members) {
  if (members.empty()) return {"{}", {}};
  std::string text = "{ ";
  for (const auto& [name, value] : members)
    text += (text.size() > 2 ? ", " : "") + toml_key(name) + " = " + value.text;
  return {text + " }", std::move(members)};
}

void TomlWriter::comment(std::string_view line) { text_ += "# " + std::string(line) + "\n"; }

void TomlWriter::blank() {
  if (!text_.empty() && !text_.ends_with("\n\n")) text_ += "\n";
}

void TomlWriter::header(const std::vector<std::string>& path) {
  blank();
  text_ += "[" + toml_path(path) + "]\n";
}

void TomlWriter::list_header(const std::vector<std::string>& path) {
  blank();
  text_ += "[[" + toml_path(path) + "]]\n";
}

void TomlWriter::block(const Members& members) {
  std::vector<Line> short_keys;
  for (const auto& [name, value] : members)
    if (code_points(toml_key(name)) <= widest_key) short_keys.emplace_back(toml_key(name), &value);
  const int width = width_of(short_keys);
  for (const auto& [name, value] : members) {
    const std::string key = toml_key(name);
    std::vector<Line> lines;
    flatten(key, value, std::max(width, code_points(key)) + 3, lines);
    const bool dotted = lines.size() > 1 || (lines.size() == 1 && lines[0].first != key);
    append_lines(text_, lines, dotted ? width_of(lines) : width);
  }
}

}  // namespace schemasync
