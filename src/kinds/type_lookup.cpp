#include <algorithm>
#include <array>
#include <unordered_map>

#include "kinds/schema_of.hpp"
#include "kinds/type_name.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

int distance_of_swaps(std::string_view a, std::string_view b) {
  // One swap of neighbours, or 2.
  if (a.size() != b.size()) return 2;
  for (std::size_t i = 0; i + 1 < a.size(); ++i) {
    std::string swapped(a);
    std::swap(swapped[i], swapped[i + 1]);
    if (swapped == b) return 1;
  }
  return 2;
}

// Exactly one letter more, less or other.
bool is_one_edit(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1 || a == b) return false;
  std::size_t same = 0;
  while (same < a.size() && a[same] == b[same]) ++same;
  return a.substr(same + (a.size() == b.size() ? 1 : 0)) == b.substr(same + 1);
}

}  // namespace

std::optional<std::string> near_miss(const UserType& type) {
  if (!type.schema.empty() || type.name.size() < 3) return std::nullopt;
  const std::string name = lowercase(type.name);
  static constexpr std::string_view often[] = {
      "integer",          "varchar",           "text",      "boolean", "bigint",    "smallint",
      "numeric",          "decimal",           "timestamp", "serial",  "bigserial", "jsonb",
      "timestamptz",      "interval",          "bytea",     "uuid",    "date",      "float",
      "double precision", "character varying", "real",      "json",    "inet"};
  for (const std::string_view known : often) {
    // Of a short name another letter makes another word ("test"), but one left out ("txt") does
    // not.
    const bool long_enough = known.size() > 4 || name.size() > 4 || name.size() < known.size();
    if (distance_of_swaps(name, known) == 1) return std::string(known);
    if (long_enough && is_one_edit(name, known)) return std::string(known);
  }
  return std::nullopt;
}

std::optional<std::string> foreign_habit(const UserType& type) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 22> habits = {
      {{"string", "varchar"},     {"str", "varchar"},
       {"datetime", "timestamp"}, {"double", "double precision"},
       {"blob", "bytea"},         {"binary", "bytea"},
       {"varbinary", "bytea"},    {"bytes", "bytea"},
       {"tinyint", "smallint"},   {"mediumint", "integer"},
       {"long", "bigint"},        {"i16", "smallint"},
       {"i32", "integer"},        {"i64", "bigint"},
       {"f32", "real"},           {"f64", "double precision"},
       {"number", "numeric"},     {"longtext", "text"},
       {"mediumtext", "text"},    {"tinytext", "text"},
       {"nvarchar", "varchar"},   {"uniqueidentifier", "uuid"}}};
  const std::string name = lowercase(type.name);
  for (const auto& [other, ours] : habits)
    if (name == other) return std::string(ours);
  return near_miss(type);
}

std::vector<Mistake> resolve_types(Schema& schema,
                                   const std::set<std::pair<std::string, std::string>>& known) {
  std::vector<Mistake> mistakes;
  const auto is_known = [&](const std::string& in, const std::string& name) {
    return known.count({in, name}) > 0 || schema.find<Enum>({"enum", in, "", name}) != nullptr ||
           schema.find<Table>({"table", in, "", name}) != nullptr;
  };
  std::unordered_map<Symbol, TypeName> types;  // thousands of columns have a handful of types
  for (auto& [id, column] : schema.all<Column>()) {
    const auto [at, is_new] = types.try_emplace(column.type);
    if (is_new) at->second = parse_type(column.type);
    const TypeName& type = at->second;
    if (!type.user) continue;
    const UserType& user = *type.user;
    std::vector<std::string> path = {user.schema};
    if (user.schema.empty()) path = {id.schema, "public"};
    const auto found = std::find_if(path.begin(), path.end(),
                                    [&](const std::string& in) { return is_known(in, user.name); });
    if (found != path.end()) {
      column.type = user.spelled(*found);
      continue;
    }
    std::string hint = "declare it as [enum." + user.name + "], or create it in the database first";
    if (const std::optional<std::string> meant = foreign_habit(user))
      hint = "did you mean \"" + *meant + "\"?";
    mistakes.push_back({column.where, 1,
                        "column " + id.shown() +
                            " has a type that neither the models nor the "
                            "server know: " +
                            column.type,
                        hint});
  }
  return mistakes;
}

}  // namespace schemasync
