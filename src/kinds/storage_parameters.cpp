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
  std::string_view words = "true, false, on, off, yes, no, 1, 0";
};

constexpr std::array parameters = {
    Parameter{" btree hash gist spgist ", "fillfactor", 10, 100},
    Parameter{" btree ", "deduplicate_items"},
    Parameter{" btree ", "vacuum_cleanup_index_scale_factor", 0, 10'000'000'000},  // up to 13
    Parameter{.methods = " gist ", .name = "buffering", .words = "on, off, auto"},
    Parameter{" gin ", "fastupdate"},
    Parameter{" gin ", "gin_pending_list_limit", 64, 2147483647},
    Parameter{" brin ", "pages_per_range", 1, 131072},
    Parameter{" brin ", "autosummarize"},
};

bool is_of(const Parameter& parameter, const std::string& method) {
  return parameter.methods.find(" " + method + " ") != std::string_view::npos;
}

// PostgreSQL takes the beginning of a word for it, and other spellings of a number than this one:
// those are left to the server.
std::optional<WrongParameter> wrong_value(const Parameter& parameter, const std::string& value) {
  const std::string what = std::string(parameter.name) + " is " + value;
  if (parameter.most < parameter.least) {
    if ((", " + std::string(parameter.words)).find(", " + lowercase(value)) != std::string::npos)
      return std::nullopt;
    return WrongParameter{what, "one of " + std::string(parameter.words)};
  }
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (failure == std::errc() && end != value.data() + value.size()) return std::nullopt;
  if (failure == std::errc() && number >= parameter.least && number <= parameter.most)
    return std::nullopt;
  return WrongParameter{what,
                        std::to_string(parameter.least) + " to " + std::to_string(parameter.most)};
}

}  // namespace

std::optional<WrongParameter> wrong_storage_parameter(const std::string& method,
                                                      const std::string& name,
                                                      const std::string& value) {
  std::vector<std::string> known;
  for (const Parameter& one : parameters) {
    if (!is_of(one, method)) continue;
    if (one.name == name) return wrong_value(one, value);
    known.emplace_back(one.name);
  }
  if (known.empty()) return std::nullopt;
  return WrongParameter{"access method " + method + " has no storage parameter \"" + name + "\"",
                        meant(name, known)};
}

}  // namespace schemasync
