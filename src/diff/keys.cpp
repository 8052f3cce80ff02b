#include "diff/keys.hpp"

namespace schemasync {
namespace {

bool goes(const ObjectId& id, const Schema& from, const Schema& to) {
  bool gone = false;
  for_each_kind([&]<class K>() {
    const K* before = id.kind == K::kind ? from.find<K>(id) : nullptr;
    if (before == nullptr) return;
    const K* after = to.find<K>(id);
    gone = after == nullptr || !same_attributes(*before, *after);
  });
  return gone;
}

}  // namespace

std::set<ObjectId> keys_that_go(const Schema& from, const Schema& to) {
  std::set<ObjectId> found;
  for_each_kind([&]<class K>() {
    if constexpr (StandsOnKeys<K>)
      for (const auto& [id, object] : from.all<K>())
        for (const ObjectId& key : K::stands_on(object, from))
          if (goes(key, from, to)) found.insert(key);
  });
  return found;
}

}  // namespace schemasync
