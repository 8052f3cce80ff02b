// Where an offset of a TOML text stands: in which statement, value, bracket or string. syntax.cpp
// explains mistakes with it, so it makes sense of texts that no parser accepts.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace schemasync {

struct Situation {
  static constexpr std::size_t none = std::string_view::npos;

  std::size_t statement = 0;      // the first character of the key or header
  bool in_header = false;         // the statement is a [header]
  std::string_view header;        // the last whole header before the statement, "[table.user]"
  std::vector<std::size_t> open;  // each { and [ of values that is not closed yet
  std::size_t key = 0;            // the innermost key
  std::size_t value = none;       // the innermost value, when the offset is behind its = [ or ,
  std::size_t string = none;      // the string that the offset is in, or that never ends
};

Situation situation_at(std::string_view text, std::size_t offset);

// Behind the closing quote of the string that starts at `at`; nullopt: it has none.
std::optional<std::size_t> string_end(std::string_view text, std::size_t at);
// Behind the bracket that closes the one at `at`, over line ends too; nullopt: there is none.
std::optional<std::size_t> bracket_end(std::string_view text, std::size_t at);
// What stands between a { and its }, split at commas and line ends; without comments and blanks.
std::vector<std::string_view> members_of(std::string_view inside);
// `a.b = 1` at its first = outside quotes; nullopt: there is none.
std::optional<std::pair<std::string_view, std::string_view>> key_and_value(std::string_view line);
// The names of a dotted key or of a header with its brackets.
std::vector<std::string_view> key_parts(std::string_view key);

}  // namespace schemasync
