// Writes TOML for `pull` and `init`: what it writes parses back to the same text and values. The
// caller gives the order; the writer quotes, keeps inline tables on one line and sets the = of a
// block under each other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace schemasync {

// A value as TOML spells it. A table keeps its members, so that a long one can become dotted keys.
struct TomlMember;
struct Toml {
  std::string text;
  std::vector<TomlMember> members;
};
struct TomlMember {
  std::string first;
  Toml second;
  TomlMember(std::string key, Toml value) : first(std::move(key)), second(std::move(value)) {}
};

std::string toml_key(std::string_view name);                   // bare where it may be
std::string toml_path(const std::vector<std::string>& names);  // table."Order Lines".columns

// A string on one line; its text in '...' where that saves escapes.
Toml toml_text(std::string_view text);
// Long SQL: with line ends it stands in three quotes over several lines, else as toml_text.
Toml toml_lines(std::string_view text);
// A number as PostgreSQL prints it; what TOML cannot spell as this number becomes a string.
Toml toml_number(std::string_view digits);
Toml toml_integer(std::int64_t number);
Toml toml_flag(bool value);
Toml toml_list(const std::vector<Toml>& elements);
Toml toml_texts(const std::vector<std::string>& texts);
Toml toml_table(std::vector<TomlMember> members);

class TomlWriter {
 public:
  using Members = std::vector<TomlMember>;

  void comment(std::string_view line);
  void blank();  // never two in a row, none at the start
  void header(
      const std::vector<std::string>& path);  // [table.user.columns], a blank line before it
  void list_header(const std::vector<std::string>& path);  // [[table.user.index]]
  // Keys with their = under each other. A table that is wider than 100 columns, or holds a text of
  // several lines, is written as dotted keys.
  void block(const Members& members);

  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

}  // namespace schemasync
