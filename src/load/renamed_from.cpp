#include "load/renamed_from.hpp"

#include <map>
#include <set>

namespace schemasync {
namespace {

// The object that is meant: a table's old name has its schema, a part keeps its table.
ObjectId old_id(const ObjectId& now, const std::string& old) {
  ObjectId id = now;
  if (now.kind == "table") {
    const ObjectId parsed = ObjectId::from_text("table " + old);
    id.schema = parsed.schema;
    id.name = parsed.name;
  } else {
    id.name = old;
  }
  return id;
}

using OldNames = std::map<ObjectId, std::vector<ObjectId>>;

// Does following old names from `at` lead back to `start`?
bool leads_to(const OldNames& names, const ObjectId& at, const ObjectId& start,
              std::set<ObjectId>& seen) {
  const auto found = names.find(at);
  if (found == names.end() || !seen.insert(at).second) return false;
  for (const ObjectId& old : found->second)
    if (old == start || leads_to(names, old, start, seen)) return true;
  return false;
}

}  // namespace

bool check_renames(const Schema& schema, Mistakes& mistakes) {
  bool any = false;
  OldNames names;
  std::map<ObjectId, ObjectId> claimed;
  std::set<ObjectId> told;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : schema.all<K>())
      for (const std::string& old : object.renamed_from) {
        any = true;
        const ObjectId before = old_id(id, old);
        if (before == id) {
          mistakes.add(object.where, 1, id.kind + " " + id.shown() + " is renamed from itself",
                       "renamed_from holds the old name: take it out");
          continue;
        }
        names[id].push_back(before);
        const auto [other, is_first] = claimed.insert({before, id});
        if (!is_first && other->second != id)
          mistakes.add(object.where, 1,
                       id.kind + " " + id.shown() + " and " + other->second.shown() +
                           " are both renamed from " + before.shown(),
                       "one object has one new name: take it out of the other");
      }
  });
  for (const auto& [id, olds] : names) {
    std::set<ObjectId> ring;
    bool swapped = false;
    for (const ObjectId& old : olds) swapped = swapped || leads_to(names, old, id, ring);
    if (!swapped || told.count(id) > 0) continue;
    told.insert(ring.begin(), ring.end());
    const Object* object = schema.object(id);
    mistakes.add(object->where, 1,
                 id.kind + " " + id.shown() + " and " + olds.front().shown() + " swap their names",
                 "do it in two plans, through a third name");
  }
  return any;
}

}  // namespace schemasync
