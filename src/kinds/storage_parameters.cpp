#include "kinds/storage_parameters.hpp"

#include <array>
#include <charconv>
#include <cstdint>

#include "text/strings.hpp"
#include "toml/section.hpp"

namespace schemasync {
namespace {

// As reloptions.c lists them.
struct Parameter {
  std::string_view methods;  // between blanks
  std::string_view name;
  std::int64_t least = 0;
  std::int64_t most = -1;  // less than least: one of the words
  std::string_view words = " true false on off yes no 1 0 ";
};

constexpr std::array parameters = {
    Parameter{" btree hash gist spgist ", "fillfactor", 10, 100},
    Parameter{" btree ", "deduplicate_items"},
    Parameter{.methods = " gist ", .name = "buffering", .words = " on off auto "},
    Parameter{" gin ", "fastupdate"},
    Parameter{" gin ", "gin_pending_list_limit", 64, 2147483647},
    Parameter{" brin ", "pages_per_range", 1, 131072},
    Parameter{" brin ", "autosummarize"},
};

bool has_word(std::string_view words, std::string_view word) {
  return words.find(" " + std::string(word) + " ") != std::string_view::npos;
}

std::optional<WrongParameter> wrong_value(const Parameter& parameter, const std::string& value) {
  const std::string what = std::string(parameter.name) + " is " + value;
  if (parameter.most < parameter.least) {
    if (has_word(parameter.words, lowercase(value))) return std::nullopt;
    return WrongParameter{what, "one of " + joined(split(trimmed(parameter.words), ' '), ", ")};
  }
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_number = failure == std::errc() && end == value.data() + value.size();
  if (is_number && number >= parameter.least && number <= parameter.most) return std::nullopt;
  return WrongParameter{what,
                        std::to_string(parameter.least) + " to " + std::to_string(parameter.most)};
}

}  // namespace

std::optional<WrongParameter> wrong_storage_parameter(const std::string& method,
                                                      const std::string& name,
                                                      const std::string& value) {
  std::vector<std::string> known;
  for (const Parameter& one : parameters) {
    if (!has_word(one.methods, method)) continue;
    if (one.name == name) return wrong_value(one, value);
    known.emplace_back(one.name);
  }
  if (known.empty()) return std::nullopt;
  return WrongParameter{"access method " + method + " has no storage parameter \"" + name + "\"",
                        meant(name, known)};
}

}  // namespace schemasync
