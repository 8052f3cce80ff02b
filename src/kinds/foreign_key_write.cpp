#include "kinds/foreign_key.hpp"
#include "kinds/model_writing.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

void add_actions(TomlMembers& members, const ForeignKey& key) {
  const std::string columns =
      key.set_columns.empty() ? "" : " (" + joined(key.set_columns, ", ") + ")";
  if (key.on_delete != "no action")
    members.emplace_back("on_delete", toml_text(key.on_delete + columns));
  if (key.on_update != "no action") members.emplace_back("on_update", toml_text(key.on_update));
}

// The keys beside what it points at.
TomlMembers options_of(const ForeignKey& key, const Writing& writing) {
  TomlMembers members;
  add_part_keys(members, key, writing);
  if (key.match != "simple") members.emplace_back("match", toml_text(key.match));
  add_deferrable(members, key.deferrable);
  if (!key.validated) members.emplace_back("validated", toml_flag(false));
  return members;
}

std::string target_text(const ForeignKey& key, const std::string& column) {
  return name_path_text(key.id.schema, key.target.schema, {key.target.name, column});
}

// The only one of its column stands with it.
ColumnText* home(const ForeignKey& key, const std::vector<const ForeignKey*>& all,
                 TableText& text) {
  if (key.columns.size() != 1) return nullptr;
  for (const ForeignKey* other : all)
    if (other != &key && other->columns == key.columns) return nullptr;
  return text.column(key.columns.front());
}

void say_inline(ColumnText& column, const ForeignKey& key, const Writing& writing) {
  const Toml target = toml_text(target_text(key, key.target_columns.front()));
  const TomlMembers options = options_of(key, writing);
  TomlMembers actions;
  add_actions(actions, key);
  if (!options.empty()) {
    TomlMembers members = {{"column", target}};
    members.insert(members.end(), options.begin(), options.end());
    members.insert(members.end(), actions.begin(), actions.end());
    column.say(ColumnSlot::link, "references", toml_table(std::move(members)));
    return;
  }
  column.say(ColumnSlot::link, "references", target);
  for (auto& [name, value] : actions) column.say(ColumnSlot::link, name, value);
}

}  // namespace

// Its table must stand in the models, or nobody knows what it points at.
bool ForeignKey::is_written(const ForeignKey& key, const Schema& schema) {
  const bool known = schema.has(key.target) || schema.externals.count(key.target) > 0;
  return known && key.target_columns.size() == key.columns.size();
}

void ForeignKey::write_of_table(TableText& text) {
  const auto all = text.writing.schema().parts<ForeignKey>(text.table.id);
  for (const ForeignKey* key : all) {
    if (!is_written(*key, text.writing.schema())) continue;
    if (ColumnText* column = home(*key, all, text)) {
      say_inline(*column, *key, text.writing);
      continue;
    }
    std::vector<std::string> targets;
    for (const std::string& column : key->target_columns)
      targets.push_back(target_text(*key, column));
    TomlMembers members = {{"columns", toml_texts(key->columns)},
                           {"references", toml_texts(targets)}};
    for (auto& option : options_of(*key, text.writing)) members.push_back(std::move(option));
    add_actions(members, *key);
    text.blocks.push_back({"foreign_key", true, std::move(members)});
  }
}

}  // namespace schemasync
