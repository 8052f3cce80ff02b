// What a foreign key stands on: the keys and unique indexes of exactly the columns that it points
// at, in any order. It may stand on any of them.
#include <set>

#include "kinds/schema_of.hpp"

namespace schemasync {
namespace {

std::set<std::string> columns_of(const Index& index) {
  std::set<std::string> columns;
  for (const IndexElement& element : index.elements) columns.insert(element.column);
  return columns;
}

}  // namespace

std::vector<ObjectId> ForeignKey::stands_on(const ForeignKey& key, const Schema& schema) {
  const std::set<std::string> target(key.target_columns.begin(), key.target_columns.end());
  std::vector<ObjectId> found;
  for (const Key* one : schema.parts<Key>(key.target))
    if (std::set<std::string>(one->columns.begin(), one->columns.end()) == target)
      found.push_back(one->id);
  for (const Index* one : schema.parts<Index>(key.target))
    if (one->unique && !one->where_clause && columns_of(*one) == target) found.push_back(one->id);
  return found;
}

}  // namespace schemasync
