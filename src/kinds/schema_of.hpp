// All objects of all kinds: what a models folder describes, or what a database holds.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "kinds/all.hpp"
#include "kinds/external.hpp"

namespace schemasync {

// Calls f.operator()<K>() for each kind, in the order of the list.
template <class F>
void for_each_kind(F&& f) {
  [&]<class... K>(KindList<K...>) { (f.template operator()<K>(), ...); }(AllKinds{});
}

class Schema {
 public:
  template <class K>
  std::map<ObjectId, K>& all() {
    hanging_.reset();
    return std::get<std::map<ObjectId, K>>(objects_);
  }
  template <class K>
  const std::map<ObjectId, K>& all() const {
    return std::get<std::map<ObjectId, K>>(objects_);
  }
  template <class K>
  const K* find(const ObjectId& id) const {
    const auto found = all<K>().find(id);
    return found == all<K>().end() ? nullptr : &found->second;
  }
  template <class K>
  void add(K object) {
    ObjectId id = object.id;
    all<K>().insert_or_assign(all<K>().end(), std::move(id), std::move(object));
  }
  // The parts of one kind that a table has, by name.
  template <class K>
  std::vector<const K*> parts(const ObjectId& table) const {
    std::vector<const K*> found;
    static const Symbol kind = K::kind;
    const ObjectId first{kind, table.schema, table.name, {}};
    for (auto it = all<K>().lower_bound(first);
         it != all<K>().end() && it->first.schema == table.schema && it->first.table == table.name;
         ++it)
      found.push_back(&it->second);
    return found;
  }
  // Of one kind, what comes and goes with a table: itself, its parts, what its columns own.
  template <class K>
  std::vector<const K*> belonging(const ObjectId& table) const {
    std::vector<const K*> found = parts<K>(table);
    if (const K* itself = find<K>(table)) found.push_back(itself);
    if constexpr (hangs_on_a_column<K>)
      for (const ObjectId& id : hanging_on(table))
        if (id.kind == K::kind) found.push_back(find<K>(id));
    return found;
  }
  bool has(const ObjectId& id) const;
  // The object behind an id, whatever its kind; nullptr where there is none.
  const Object* object(const ObjectId& id) const;

  // In scope, in the database, of no kind that schemasync models: "trigger last_updated on actor".
  std::vector<std::string> unmodelled;
  // What foreign keys point at outside of all this, by its id as a table.
  std::map<ObjectId, ExternalTable> externals;

 private:
  // It stands by itself and hangs on a column.
  template <class K>
  static constexpr bool hangs_on_a_column =
      !std::is_same_v<decltype(&K::container), decltype(&Object::container)>;
  // By id; of all kinds that do. The index is made when it is first asked for.
  const std::vector<ObjectId>& hanging_on(const ObjectId& table) const;

  template <class List>
  struct Maps;
  template <class... K>
  struct Maps<KindList<K...>> {
    using Type = std::tuple<std::map<ObjectId, K>...>;
  };
  Maps<AllKinds>::Type objects_;
  mutable std::optional<std::map<ObjectId, std::vector<ObjectId>>> hanging_;
};

// The objects of one kind on both sides in the order of their ids: f(id, left, right), nullptr
// where a side has none. Both maps are sorted alike, so one walk answers what a look-up for each
// would.
template <class K, class Left, class Right, class F>
void each_pair(Left& left, Right& right, F&& f) {
  auto& ours = left.template all<K>();
  auto& theirs = right.template all<K>();
  auto a = ours.begin();
  auto b = theirs.begin();
  decltype(&a->second) no_left = nullptr;
  decltype(&b->second) no_right = nullptr;
  while (a != ours.end() || b != theirs.end()) {
    const auto order = a == ours.end()     ? std::strong_ordering::greater
                       : b == theirs.end() ? std::strong_ordering::less
                                           : a->first <=> b->first;
    if (order < 0) {
      f(a->first, &a->second, no_right);
      ++a;
    } else if (order > 0) {
      f(b->first, no_left, &b->second);
      ++b;
    } else {
      f(a->first, &a->second, &b->second);
      ++a;
      ++b;
    }
  }
}

// A table's columns in order.
std::vector<const Column*> columns_in_order(const Schema& schema, const ObjectId& table);
ObjectId column_id(const ObjectId& table, const std::string& name);
// The sequences that a table's columns own, by name.
std::vector<const Sequence*> owned_sequences(const Schema& schema, const ObjectId& table);

// Canonical definitions of every object (definition.cpp), and back: from a plan file or the
// journal.
Definitions definitions_of(const Schema& schema);
std::string definition_of(const Schema& schema, const ObjectId& id);
Schema schema_from(const Definitions& definitions);

// Every object follows a rename: its own id and its references to columns, tables, types and
// sequences. Expressions keep their text.
void rename_in(Schema& schema, const Rename& rename);

}  // namespace schemasync
