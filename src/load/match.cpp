#include "load/match.hpp"

#include <algorithm>

namespace schemasync {
namespace {

template <class K>
void adopt_names_of(Schema& wanted, const Schema& live) {
  // Live objects that no named object of the models claims, by what they come and go with.
  std::multimap<ObjectId, const K*> free;
  for (const auto& [id, object] : live.all<K>())
    if (wanted.find<K>(id) == nullptr || !wanted.find<K>(id)->named)
      free.emplace(object.container(), &object);
  std::vector<Rename> renames;
  for (const auto& [id, object] : wanted.all<K>()) {
    if (object.named) continue;
    const auto [begin, end] = free.equal_range(object.container());
    auto equal = end;
    for (auto it = begin; it != end; ++it) {
      if (!same_attributes(object, *it->second)) continue;
      if (equal == end || it->second->id == id) equal = it;
    }
    if (equal == end) continue;
    if (equal->second->id != id) renames.push_back({id, equal->second->id});
    free.erase(equal);
  }
  // Two steps, because one object's new name may be another's provisional one.
  for (std::size_t i = 0; i < renames.size(); ++i) {
    ObjectId aside = renames[i].from;
    aside.name = std::string("\x01") + std::to_string(i);
    rename_in(wanted, {renames[i].from, aside});
    renames[i].from = aside;
  }
  for (const Rename& rename : renames) {
    if (wanted.has(rename.to)) {  // provisional name of another, which is created under a free one
      ObjectId other = rename.to;
      for (int n = 1; wanted.has(other) || live.has(other); ++n)
        other.name = rename.to.name + std::to_string(n);
      rename_in(wanted, {rename.to, other});
    }
    rename_in(wanted, rename);
  }
}

template <class K>
bool stated_aspects_alone(const ObjectId& id) {
  if constexpr (requires { K::has_stated_aspects_alone(id); })
    return K::has_stated_aspects_alone(id);
  else
    return false;
}

// Role names of the models in this env.
std::string mapped(const std::string& role, const std::map<std::string, std::string>& roles) {
  const auto found = roles.find(role);
  return found == roles.end() ? role : found->second;
}

}  // namespace

void adopt_names(Schema& wanted, const Schema& live) {
  for_each_kind([&]<class K>() { adopt_names_of<K>(wanted, live); });
}

void adopt_aspects(Schema& wanted, const Schema& live, const Scope& scope, const std::string& owner,
                   const std::map<std::string, std::string>& roles) {
  for_each_kind([&]<class K>() {
    for (auto& [id, object] : wanted.all<K>()) {
      const K* now = live.find<K>(id);
      Aspects& aspects = object.aspects;
      if (aspects.owner) aspects.owner = mapped(*aspects.owner, roles);
      if (aspects.grants) {
        for (Grant& grant : *aspects.grants) grant.to = mapped(grant.to, roles);
        std::sort(aspects.grants->begin(), aspects.grants->end());
      }
      const Aspects none;
      const Aspects& there = now == nullptr ? none : now->aspects;
      if (now != nullptr && stated_aspects_alone<K>(id)) {
        if (!aspects.comment) aspects.comment = there.comment;
        if (!aspects.owner) aspects.owner = there.owner;
        if (!aspects.grants) aspects.grants = there.grants;
        continue;
      }
      if (!aspects.comment && !scope.manages("comments")) aspects.comment = there.comment;
      if (aspects.comment && aspects.comment->empty()) aspects.comment.reset();
      if (!aspects.owner) {
        const bool has_owner = there.owner.has_value();
        if (!scope.manages("owners") || !has_owner) {
          aspects.owner = there.owner;
        } else {
          // What goes with a table has its owner: PostgreSQL sees to that.
          const Object* home = wanted.object(object.container().owner());
          aspects.owner = home == nullptr || home == &object ? owner : home->aspects.owner;
        }
      }
      if (!aspects.grants) {
        if (scope.manages("grants") && there.grants) {
          aspects.grants.emplace();
        } else {
          aspects.grants = there.grants;
        }
      }
    }
  });
}

std::vector<ObjectId> unmanaged_objects(const Schema& wanted, const Schema& live,
                                        const std::set<ObjectId>& managed) {
  std::vector<ObjectId> found;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : live.all<K>()) {
      if (wanted.has(id) || managed.count(id) > 0) continue;
      const ObjectId home = object.container();
      // A part is managed when its table is; an owned sequence when its column is there no more
      // than it.
      if (home != id && (live.has(home) || live.has(home.owner()))) continue;
      if (id.kind == "schema" && id.name == "public") continue;
      found.push_back(id);
    }
  });
  return found;
}

void remove_objects(Schema& schema, const std::vector<ObjectId>& objects) {
  const std::set<ObjectId> gone(objects.begin(), objects.end());
  for_each_kind([&]<class K>() {
    std::erase_if(schema.all<K>(), [&](const auto& entry) {
      const ObjectId home = entry.second.container();
      return gone.count(entry.first) > 0 || gone.count(home) > 0 || gone.count(home.owner()) > 0;
    });
  });
}

}  // namespace schemasync
