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

// Does "table:app.*" look into the schema? Else what is included has no business with it.
bool looks_into(std::string_view pattern, std::string_view schema) {
  const std::size_t colon = pattern.find(':');
  if (colon != std::string_view::npos) pattern.remove_prefix(colon + 1);
  return matches(pattern.substr(0, pattern.find('.')), schema);
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
  if (!include.empty()) {
    const bool is_included =
        id.kind == "schema"
            ? std::any_of(include.begin(), include.end(),
                          [&](const std::string& pattern) { return looks_into(pattern, schema); })
            : any_matches(include, id);
    if (!is_included) return false;
  }
  return !any_matches(ignore, id);
}

}  // namespace schemasync
