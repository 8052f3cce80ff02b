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
  return {"column", table.schema, table.name, name};
}

std::vector<const Sequence*> owned_sequences(const Schema& schema, const ObjectId& table) {
  std::vector<const Sequence*> owned;
  for (const auto& [id, sequence] : schema.all<Sequence>())
    if (sequence.owned_by && sequence.owned_by->owner() == table) owned.push_back(&sequence);
  return owned;
}

void rename_in(Schema& schema, const Rename& rename) {
  for_each_kind([&]<class K>() {
    std::map<ObjectId, K> renamed;
    for (auto& [id, object] : schema.all<K>()) {
      object.follow(rename);  // before its own id: references are told from the old table name
      schemasync::follow(object.id, rename);
      for (ObjectId& used : object.uses) schemasync::follow(used, rename);
      ObjectId key = object.id;
      renamed.insert_or_assign(renamed.end(), std::move(key), std::move(object));
    }
    schema.all<K>() = std::move(renamed);
  });
}

}  // namespace schemasync
