#include "diff/standing.hpp"

#include <algorithm>

#include "diff/keys.hpp"

namespace schemasync {
namespace {

template <class K>
bool disturbs(const K& from, const K& to, const Context& context) {
  if constexpr (requires { K::disturbs(from, to, context); })
    return K::disturbs(from, to, context);
  else if constexpr (requires { K::disturbs(from, to); })
    return K::disturbs(from, to);
  else
    return false;
}

// Disturbed objects that go and come again.
std::set<ObjectId> remade(const Schema& live, const Schema& models,
                          const std::set<ObjectId>& disturbed) {
  std::set<ObjectId> objects;
  for_each_kind([&]<class K>() {
    if constexpr (requires(const K& k) { K::remakes(k, k); })
      for (const ObjectId& id : disturbed) {
        const K* before = live.find<K>(id);
        const K* after = models.find<K>(id);
        if (before != nullptr && after != nullptr && K::remakes(*before, *after))
          objects.insert(id);
      }
  });
  return objects;
}

// What goes without a word when a column is dropped, although it only names it.
template <class K>
std::vector<ObjectId> named_columns(const K& object) {
  if constexpr (requires { object.named_columns(); })
    return object.named_columns();
  else
    return {};
}

// The keys that a foreign key needs.
template <class K>
std::vector<ObjectId> keys_of(const K& object, const Schema& schema) {
  if constexpr (StandsOnKeys<K>)
    return K::stands_on(object, schema);
  else
    return {};
}

}  // namespace

std::set<ObjectId> disturbed(const Context& context) {
  std::set<ObjectId> objects;
  for_each_kind([&]<class K>() {
    each_pair<K>(context.from, context.to,
                 [&](const ObjectId& id, const K* before, const K* after) {
                   if (before != nullptr && after != nullptr && disturbs(*before, *after, context))
                     objects.insert(id);
                 });
  });
  objects.merge(keys_that_go(context.from, context.to));
  return objects;
}

Standing standing_on(const Schema& live, const Schema& models,
                     const std::set<ObjectId>& disturbed) {
  Standing found;
  if (disturbed.empty()) return found;
  std::map<ObjectId, std::vector<ObjectId>>
      around;  // disturbed or found -> what it is made again around
  for (const ObjectId& id : disturbed) around[id] = {id};
  // What is converted with a type stands for it.
  for_each_kind([&]<class K>() {
    if constexpr (requires(const K& k) { K::converts(k, live); })
      for (const auto& [id, type] : live.all<K>())
        if (disturbed.count(id) > 0)
          for (const ObjectId& converted : K::converts(type, live)) around[converted].push_back(id);
  });
  const std::set<ObjectId> again = remade(live, models, disturbed);
  for (bool more = true; more;) {
    more = false;
    for_each_kind([&]<class K>() {
      for (const auto& [id, object] : live.all<K>()) {
        const K* after = models.find<K>(id);
        if (after == nullptr || found.count(id) > 0) continue;
        std::set<ObjectId> causes;
        const bool changes = !same_attributes(object, *after);
        for (const K* side : {&object, after}) {
          for (const ObjectId& used : side->uses)
            if (const auto cause = around.find(used); cause != around.end())
              causes.insert(cause->second.begin(), cause->second.end());
          for (const ObjectId& named : named_columns(*side))
            if (again.count(named) > 0 || found.count(named) > 0 ||
                (changes && around.count(named) > 0)) {
              const std::vector<ObjectId>& cause = around.at(named);
              causes.insert(cause.begin(), cause.end());
            }
        }
        for (const ObjectId& key : keys_of(object, live))
          if (const auto cause = around.find(key); cause != around.end()) {
            causes.insert(cause->second.begin(), cause->second.end());
            // On the way back it stands on the one that came instead.
            for (const ObjectId& then : keys_of(*after, models))
              if (disturbed.count(then) > 0) causes.insert(then);
          }
        causes.erase(id);
        if (causes.empty()) continue;
        found[id] = {causes.begin(), causes.end()};
        std::vector<ObjectId>& own = around[id];
        own.insert(own.end(), causes.begin(), causes.end());
        more = true;
      }
    });
  }
  return found;
}

std::size_t depth_of(const ObjectId& id, const Standing& standing, const Schema& schema) {
  std::size_t depth = 0;
  if (const Object* object = schema.object(id))
    for (const ObjectId& used : object->uses)
      if (used != id && standing.count(used) > 0)
        depth = std::max(depth, depth_of(used, standing, schema) + 1);
  return depth;
}

}  // namespace schemasync
