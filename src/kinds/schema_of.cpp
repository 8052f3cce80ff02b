#include "kinds/schema_of.hpp"

#include <algorithm>

namespace schemasync {

void follow(ObjectId& id, const Rename& rename) {
  if (id == rename.from) {
    id = rename.to;
  } else if (rename.from.kind == "table" && id.schema == rename.from.schema &&
             id.table == rename.from.name) {
    id.schema = rename.to.schema;
    id.table = rename.to.name;
  }
}

void follow(std::vector<std::string>& columns, const ObjectId& part, const Rename& rename) {
  if (rename.from.kind != "column" || part.owner() != rename.from.owner()) return;
  std::replace(columns.begin(), columns.end(), rename.from.name, rename.to.name);
}

const std::vector<ObjectId>& Schema::hanging_on(const ObjectId& table) const {
  if (!hanging_) {
    auto& index = hanging_.emplace();
    for_each_kind([&]<class K>() {
      if constexpr (hangs_on_a_column<K>)
        for (const auto& [id, object] : all<K>())
          if (const ObjectId owner = object.container().owner(); owner != id)
            index[owner].push_back(id);
    });
  }
  static const std::vector<ObjectId> none;
  const auto found = hanging_->find(table);
  return found == hanging_->end() ? none : found->second;
}

bool Schema::has(const ObjectId& id) const { return object(id) != nullptr; }

const Object* Schema::object(const ObjectId& id) const {
  const Object* found = nullptr;
  for_each_kind([&]<class K>() {
    if (id.kind == K::kind) found = find<K>(id);
  });
  return found;
}

std::vector<const Column*> columns_in_order(const Schema& schema, const ObjectId& table) {
  std::vector<const Column*> columns = schema.parts<Column>(table);
  std::stable_sort(columns.begin(), columns.end(),
                   [](const Column* a, const Column* b) { return a->position < b->position; });
  return columns;
}

ObjectId column_id(const ObjectId& table, const std::string& name) {
  static const Symbol kind = "column";
  return {kind, table.schema, table.name, name};
}

std::vector<const Sequence*> owned_sequences(const Schema& schema, const ObjectId& table) {
  return schema.belonging<Sequence>(table);
}

namespace {

// Moves the objects within their map. All are taken out before the first is put back: one may get
// the old name of another.
template <class K>
void move_all(Schema& schema, const std::vector<Rename>& moved) {
  std::vector<typename std::map<ObjectId, K>::node_type> nodes;
  for (const Rename& one : moved) {
    nodes.push_back(schema.all<K>().extract(one.from));
    nodes.back().key() = one.to;
    nodes.back().mapped().id = one.to;
  }
  for (auto& node : nodes) {
    schema.all<K>().erase(node.key());
    schema.all<K>().insert(std::move(node));
  }
}

// True when the renamed object is of this kind, and of one that no other object refers to.
template <class K>
bool rename_alone(Schema& schema, const Rename& rename) {
  if constexpr (requires { K::is_referred_to; }) {
    if (rename.from.kind != K::kind) return false;
    if (schema.find<K>(rename.from) != nullptr) move_all<K>(schema, {rename});
    return true;
  }
  return false;
}

template <class K>
void follow_all(Schema& schema, const Rename& rename) {
  std::vector<Rename> moved;
  for (auto& [id, object] : schema.all<K>()) {
    object.follow(rename);  // before its own id: references are told from the old table name
    follow(object.id, rename);
    for (ObjectId& used : object.uses) follow(used, rename);
    if (object.id != id) moved.push_back({id, object.id});
  }
  move_all<K>(schema, moved);
}

}  // namespace

void rename_in(Schema& schema, const Rename& rename) {
  bool alone = false;
  for_each_kind([&]<class K>() { alone = alone || rename_alone<K>(schema, rename); });
  if (alone) return;
  for_each_kind([&]<class K>() { follow_all<K>(schema, rename); });
}

}  // namespace schemasync
