#include "diff/keys.hpp"

#include "kinds/referenced_keys.hpp"

namespace schemasync {
namespace {

template <class K>
bool goes(const ObjectId& id, const Schema& from, const Schema& to) {
  const K* before = from.find<K>(id);
  const K* after = to.find<K>(id);
  return before != nullptr && (after == nullptr || !same_attributes(*before, *after));
}

}  // namespace

std::set<ObjectId> keys_that_go(const Schema& from, const Schema& to) {
  std::set<ObjectId> found;
  for (const auto& [id, key] : from.all<ForeignKey>())
    for (const ObjectId& one : referenced_keys(key, from))
      if (goes<Key>(one, from, to) || goes<Index>(one, from, to)) found.insert(one);
  return found;
}

}  // namespace schemasync
