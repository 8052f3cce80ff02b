#include "diff/column_order.hpp"

#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t most = 10;  // tables that are named

std::vector<Symbol> names_of_both(const Schema& schema, const Schema& other,
                                  const ObjectId& table) {
  std::vector<Symbol> names;
  for (const Column* column : columns_in_order(schema, table))
    if (other.has(column->id)) names.push_back(column->id.name);
  return names;
}

}  // namespace

std::optional<std::string> note_of_column_order(const Schema& live, const Schema& models) {
  std::vector<std::string> tables;
  for (const auto& [id, table] : models.all<Table>())
    if (live.has(id) && names_of_both(live, models, id) != names_of_both(models, live, id))
      tables.push_back(id.shown());
  if (tables.empty()) return std::nullopt;
  std::string more;
  if (tables.size() > most) {
    more = " and " + std::to_string(tables.size() - most) + " more";
    tables.resize(most);
  }
  return "the columns of " + joined(tables, ", ") + more +
         " stand in another order than in the models; PostgreSQL cannot move a column, so this is "
         "no change";
}

}  // namespace schemasync
