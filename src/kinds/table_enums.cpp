#include "kinds/table_enums.hpp"

#include <algorithm>

#include "kinds/column_parts.hpp"
#include "kinds/sql_texts.hpp"

namespace schemasync {
namespace {

// By a column of an enum, or by a cast to one.
template <class K>
bool stands_on_enum(const K& object, const Schema& schema) {
  bool stands = std::any_of(object.uses.begin(), object.uses.end(), [&](const ObjectId& used) {
    const Column* column = schema.find<Column>(used);
    return column != nullptr && enum_of(*column, schema);
  });
  each_sql(object, static_cast<const K*>(nullptr), [&](const SqlText& text, const SqlText*) {
    for (const auto& [id, type] : schema.all<Enum>())
      stands = stands || text.spelling().str().find(type_name(id)) != std::string::npos;
  });
  return stands;
}

bool is_computed_by_enum(const Column& column, const Schema& schema) {
  return column.generated && stands_on_enum(column, schema);
}

// An index of an expression, or a key over a column that was computed, goes with these.
template <class K>
bool names_computed(const K& object, const Schema& schema) {
  const std::vector<ObjectId> named = object.named_columns();
  return std::any_of(named.begin(), named.end(), [&](const ObjectId& id) {
    const Column* column = schema.find<Column>(id);
    return column != nullptr && is_computed_by_enum(*column, schema);
  });
}

Step where(const Sql& condition, const Sql& statements) {
  return step(between_marks(
      sql("DO $again$ BEGIN IF {} THEN {}; END IF; END $again$", condition, statements),
      "$again$"));
}

Literal relation(const Table& table) { return Literal{Sql(name_of(table.id)).str()}; }

Step constraint_again(const Table& table, const ObjectId& id, const Sql& definition) {
  return where(sql("NOT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conrelid = "
                   "{}::regclass AND conname = {})",
                   relation(table), Literal{id.name}),
               sql("ALTER TABLE {} ADD {}", name_of(table.id), definition));
}

Step type_again(const Table& table, const Column& column) {
  const Identifier name{column.id.name};
  const Expression own{column.type};
  Sql again = sql("ALTER TABLE {} ALTER COLUMN {} TYPE {} USING {}::{}", name_of(table.id), name,
                  own, name, own);
  if (column.default_value)
    again += sql("; ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {}", name_of(table.id), name,
                 Expression{column.default_value->text});
  return where(sql("(SELECT atttypid FROM pg_catalog.pg_attribute WHERE attrelid = {}::regclass "
                   "AND attname = {}) <> {}::regtype",
                   relation(table), Literal{column.id.name}, Literal{column.type}),
               again);
}

Step computed_again(const Table& table, const Column& column) {
  return where(sql("(SELECT attgenerated FROM pg_catalog.pg_attribute WHERE attrelid = "
                   "{}::regclass AND attname = {}) = ''",
                   relation(table), Literal{column.id.name}),
               sql("ALTER TABLE {} DROP COLUMN {}; ALTER TABLE {} ADD COLUMN {}", name_of(table.id),
                   Identifier{column.id.name}, name_of(table.id), column_definition(column)));
}

}  // namespace

bool may_be_given_up(const Index& index, const Schema& schema) {
  const bool plain =
      !index.where_clause &&
      std::none_of(index.elements.begin(), index.elements.end(),
                   [](const IndexElement& one) { return one.expression.has_value(); });
  return (!plain && stands_on_enum(index, schema)) || names_computed(index, schema);
}

std::vector<Step> made_again_of_enums(const Table& table, const Schema& schema) {
  std::vector<Step> steps;
  const auto with_aspects = [&](const auto& object, const Sql& address) {
    for (Step& one : aspect_steps(object, address)) steps.push_back(std::move(one));
  };
  for (const Column* column : columns_in_order(schema, table.id)) {
    if (column->generated) continue;
    if (enum_of(*column, schema))
      steps.push_back(type_again(table, *column));
    else if (column->default_value && stands_on_enum(*column, schema))
      steps.push_back(step(
          alter_column(*column, sql("SET DEFAULT {}", Expression{column->default_value->text}))));
  }
  for (const Column* column : columns_in_order(schema, table.id)) {
    if (!is_computed_by_enum(*column, schema)) continue;
    steps.push_back(computed_again(table, *column));
    with_aspects(*column, Column::address(column->id));
  }
  for (const Key* key : schema.parts<Key>(table.id)) {
    if (!names_computed(*key, schema)) continue;
    steps.push_back(constraint_again(table, key->id, key_definition(*key)));
    with_aspects(*key, Key::address(key->id));
  }
  for (const CheckConstraint* check : schema.parts<CheckConstraint>(table.id)) {
    if (!stands_on_enum(*check, schema)) continue;
    steps.push_back(constraint_again(table, check->id, check_definition(*check)));
    with_aspects(*check, CheckConstraint::address(check->id));
  }
  for (const Index* index : schema.parts<Index>(table.id)) {
    if (!may_be_given_up(*index, schema)) continue;
    steps.push_back(where(sql("to_regclass({}) IS NULL", Literal{Sql(name_of(index->id)).str()}),
                          create_index(*index)));
    with_aspects(*index, Index::address(index->id));
  }
  return steps;
}

}  // namespace schemasync
