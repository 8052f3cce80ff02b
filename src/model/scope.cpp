#include "model/scope.hpp"

#include <algorithm>
#include <array>

namespace schemasync {
namespace {

// `*` and `?` over bytes; linear in the text for each star.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool any_matches(const std::vector<std::string>& patterns, const ObjectId& id) {
  const ObjectId top = id.owner();
  const std::string whole =
      top.kind + ":" + (top.schema.empty() ? "" : top.schema + ".") + top.name;
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, whole); });
}

}  // namespace

std::string_view to_text(Unmanaged unmanaged) {
  static constexpr std::array<std::string_view, 3> names = {"drop", "report", "refuse"};
  return names[static_cast<std::size_t>(unmanaged)];
}

bool Scope::manages(std::string_view aspect) const {
  return std::find(manage.begin(), manage.end(), aspect) != manage.end();
}

bool Scope::has_schema(std::string_view schema) const {
  if (schema == "schemasync") return false;
  return schemas.empty() || std::find(schemas.begin(), schemas.end(), schema) != schemas.end();
}

bool Scope::has(const ObjectId& id) const {
  const std::string& schema = id.kind == "schema" ? id.name : id.schema;
  if (!has_schema(schema)) return false;
  if (!include.empty() && id.kind != "schema" && !any_matches(include, id)) return false;
  return !any_matches(ignore, id);
}

}  // namespace schemasync
