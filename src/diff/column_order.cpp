#include "diff/column_order.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t most = 10;  // tables that are named

// Of one table after the other: where the columns that both sides have stand on either.
class Places {
 public:
  void add(const ObjectId& column, int here, int there) {
    if (table_ == nullptr || table_->table != column.table || table_->schema != column.schema)
      end();
    table_ = &column;
    places_.emplace_back(here, there);
  }
  std::vector<std::string> tables() {
    end();
    return std::move(tables_);
  }

 private:
  void end() {
    std::sort(places_.begin(), places_.end());
    const bool alike = std::is_sorted(places_.begin(), places_.end(),
                                      [](auto& a, auto& b) { return a.second < b.second; });
    if (!alike) tables_.push_back(table_->owner().shown());
    places_.clear();
  }

  const ObjectId* table_ = nullptr;  // one of its columns
  std::vector<std::pair<int, int>> places_;
  std::vector<std::string> tables_;
};

}  // namespace

std::optional<std::string> note_of_column_order(const Schema& live, const Schema& models) {
  Places places;
  each_pair<Column>(live, models, [&](const ObjectId& id, const Column* here, const Column* there) {
    if (here != nullptr && there != nullptr) places.add(id, here->position, there->position);
  });
  std::vector<std::string> tables = places.tables();
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
