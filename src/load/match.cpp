#include "load/match.hpp"

#include <algorithm>

namespace schemasync {
namespace {

// Who has the name of an equal object is settled; the others are matched with what no object of the
// models claims, by what they come and go with.
template <class K>
std::vector<Rename> names_to_adopt(const Schema& wanted, const Schema& live) {
  std::vector<const K*> nameless;
  std::multimap<ObjectId, const K*> free;
  each_pair<K>(wanted, live, [&](const ObjectId&, const K* object, const K* there) {
    const bool unnamed = object != nullptr && !object->named;
    if (unnamed && there != nullptr && same_attributes(*object, *there)) return;
    if (unnamed) nameless.push_back(object);
    if (there != nullptr && (object == nullptr || unnamed)) free.emplace(there->container(), there);
  });
  std::vector<Rename> renames;
  for (const K* object : nameless) {
    const auto [begin, end] = free.equal_range(object->container());
    const auto equal = std::find_if(
        begin, end, [&](const auto& entry) { return same_attributes(*object, *entry.second); });
    if (equal == end) continue;
    renames.push_back({object->id, equal->second->id});
    free.erase(equal);
  }
  return renames;
}

template <class K>
bool adopt_names_of(Schema& wanted, const Schema& live) {
  std::vector<Rename> renames = names_to_adopt<K>(wanted, live);
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
  return !renames.empty();
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

bool adopt_names(Schema& wanted, const Schema& live) {
  bool adopted = false;
  for_each_kind([&]<class K>() { adopted = adopt_names_of<K>(wanted, live) || adopted; });
  return adopted;
}

void adopt_aspects(Schema& wanted, const Schema& live, const Scope& scope, const std::string& owner,
                   const std::map<std::string, std::string>& roles) {
  const bool comments = scope.manages("comments");
  const bool owners = scope.manages("owners");
  const bool grants = scope.manages("grants");
  const Aspects none;
  for_each_kind([&]<class K>() {
    each_pair<K>(wanted, live, [&](const ObjectId& id, K* object, const K* now) {
      if (object == nullptr) return;
      Aspects& aspects = object->aspects;
      if (aspects.owner) aspects.owner = mapped(*aspects.owner, roles);
      if (aspects.grants) {
        for (Grant& grant : *aspects.grants) grant.to = mapped(grant.to, roles);
        std::sort(aspects.grants->begin(), aspects.grants->end());
      }
      const Aspects& there = now == nullptr ? none : now->aspects;
      if (now != nullptr && stated_aspects_alone<K>(id)) {
        if (!aspects.comment) aspects.comment = there.comment;
        if (!aspects.owner) aspects.owner = there.owner;
        if (!aspects.grants) aspects.grants = there.grants;
        return;
      }
      if (!aspects.comment && !comments) aspects.comment = there.comment;
      if (aspects.comment && aspects.comment->empty()) aspects.comment.reset();
      if (!aspects.owner) {
        const bool has_owner = there.owner.has_value();
        if (!owners || !has_owner) {
          aspects.owner = there.owner;
        } else {
          // What goes with a table has its owner: PostgreSQL sees to that.
          const Object* home = wanted.object(object->container().owner());
          aspects.owner = home == nullptr || home == object ? owner : home->aspects.owner;
        }
      }
      if (!aspects.grants) {
        if (grants && there.grants) {
          aspects.grants.emplace();
        } else {
          aspects.grants = there.grants;
        }
      }
      // The owner's own privileges are no grants, as in the catalog's reading.
      if (aspects.grants && aspects.owner)
        std::erase_if(*aspects.grants, [&](const Grant& one) { return one.to == *aspects.owner; });
    });
  });
}

std::vector<ObjectId> objects_beside(const Schema& wanted, const Schema& live) {
  std::vector<ObjectId> found;
  for_each_kind([&]<class K>() {
    each_pair<K>(wanted, live, [&](const ObjectId& id, const K* in_models, const K* object) {
      if (in_models != nullptr || object == nullptr) return;
      const ObjectId home = object->container();
      // A part is managed when its table is; an owned sequence when its column is there no more
      // than it.
      if (home != id && (live.has(home) || live.has(home.owner()))) return;
      if (id.kind == "schema" && id.name == "public") return;
      found.push_back(id);
    });
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
