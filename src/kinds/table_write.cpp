#include <algorithm>

#include "kinds/model_file.hpp"
#include "kinds/model_writing.hpp"
#include "kinds/table.hpp"

namespace schemasync {
namespace {

// Columns that the models do not have yet come last, as PostgreSQL appended them.
std::vector<ColumnText> columns_of(const Schema& schema, const ObjectId& table) {
  std::vector<ColumnText> columns;
  for (const Column* column : columns_in_order(schema, table)) columns.push_back({column, {}, {}});
  std::stable_partition(columns.begin(), columns.end(),
                        [](const ColumnText& one) { return one.column->where.line != 0; });
  return columns;
}

// "varchar?", or a table with its type first.
Toml toml_of(ColumnText& column) {
  if (column.keys.empty()) return toml_text(column.type);
  std::stable_sort(column.keys.begin(), column.keys.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  TomlMembers members = {{"type", toml_text(column.type)}};
  for (auto& [slot, key] : column.keys) members.push_back(std::move(key));
  return toml_table(std::move(members));
}

// Stored with both parts, quoted where PostgreSQL would.
std::vector<std::string> old_names(const Table& table) {
  std::vector<std::string> names;
  for (const std::string& old : table.renamed_from) {
    const std::vector<std::string> path = name_path(old);
    names.push_back(path.size() == 2 ? name_path_text(table.id.schema, path[0], {path[1]}) : old);
  }
  return names;
}

}  // namespace

void Table::take_intent(const Table& of_models) {
  class_name = of_models.class_name;
  archive_in_place = of_models.archive_in_place;
}

void Table::write(const Table& table, const Writing& writing, TomlWriter& out) {
  TableText text{writing, table, columns_of(writing.schema(), table.id), {}};
  for_each_kind([&]<class K>() {
    if constexpr (WrittenPart<K>) K::write_of_table(text);
  });
  const std::vector<std::string> path = {std::string(header), table.id.name};
  TomlMembers own;
  if (!table.class_name.empty()) own.emplace_back("class", toml_text(table.class_name));
  add_renamed_from(own, old_names(table));
  if (table.archive_in_place) own.emplace_back("archive", toml_text("in_place"));
  const bool says_nothing = own.empty() && table.aspects == Aspects{};
  if (!says_nothing || text.columns.empty()) write_header(out, path, std::move(own), table);

  TomlMembers columns;
  for (ColumnText& column : text.columns)
    columns.emplace_back(column.column->id.name, toml_of(column));
  out.header({path[0], path[1], "columns"});
  out.block(columns);
  for (const TableText::Block& block : text.blocks) {
    const std::vector<std::string> below = {path[0], path[1], block.key};
    block.is_list ? out.list_header(below) : out.header(below);
    out.block(block.members);
  }
}

}  // namespace schemasync
