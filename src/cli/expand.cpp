#include "cli/expand.hpp"

#include <algorithm>

namespace schemasync {
namespace {

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

}  // namespace

bool has_variable(const std::string& text) { return text.find("${") != std::string::npos; }

std::optional<std::string> expand(const Document& document, const Text& text,
                                  const Environment& environment, Mistakes& mistakes) {
  const std::string& from = text.text;
  std::string out;
  bool sound = true;
  Node place;
  place.where = text.where;
  place.text = from;
  const auto reject = [&](std::string_view part, std::string what, std::string hint) {
    const Source where = place_of(document, place, part);
    const bool found = where != text.where;
    mistakes.add(where, found ? static_cast<int>(part.size()) : text.length, std::move(what),
                 std::move(hint));
    sound = false;
  };
  for (std::size_t at = 0; at < from.size();) {
    const std::size_t begin = std::min(from.find("${", at), from.size());
    out += from.substr(at, begin - at);
    if (begin == from.size()) break;
    const std::size_t end = from.find('}', begin);
    if (end == std::string::npos) {
      reject(std::string_view(from).substr(begin, 2), "this ${ has no closing }",
             "write ${NAME} or ${NAME:-default}");
      break;
    }
    const std::string whole = from.substr(begin, end + 1 - begin);
    const std::string inside = whole.substr(2, whole.size() - 3);
    const std::size_t split = inside.find(":-");
    const std::string name = inside.substr(0, split);
    at = end + 1;
    if (!is_variable_name(name)) {
      reject(whole, "\"" + name + "\" is no name of an environment variable",
             "write ${NAME} or ${NAME:-default}");
      continue;
    }
    const std::optional<std::string> value = environment(name);
    if (split != std::string::npos && (!value || value->empty()))
      out += inside.substr(split + 2);
    else if (value)
      out += *value;
    else
      reject(whole, "the environment variable " + name + " is not set",
             "set it, or give a default: ${" + name + ":-...}");
  }
  if (!sound) return std::nullopt;
  return out;
}

}  // namespace schemasync
