#include "kinds/key.hpp"
#include "kinds/model_writing.hpp"

namespace schemasync {
namespace {

// A second one on the same column would be taken for the same key in both forms.
bool is_short(const Key& key, const std::vector<const Key*>& all) {
  if (key.columns.size() != 1 || !key.include.empty() || !key.nulls_distinct ||
      key.deferrable != Deferrable::no || !fits_short_form(key))
    return false;
  for (const Key* other : all)
    if (other != &key && other->primary == key.primary && other->columns == key.columns)
      return false;
  return true;
}

}  // namespace

void Key::write_of_table(TableText& text) {
  const std::vector<const Key*> all = text.writing.schema().parts<Key>(text.table.id);
  for (const bool primary : {true, false})
    for (const Key* key : all) {
      if (key->primary != primary) continue;
      const std::string word = primary ? "primary_key" : "unique";
      ColumnText* column = text.column(key->columns.front());
      if (column != nullptr && is_short(*key, all)) {
        column->say(ColumnSlot::key, word,
                    text.writing.leaves_name_out(*key) ? toml_flag(true) : toml_text(key->id.name));
        continue;
      }
      TomlMembers members = {{"columns", toml_texts(key->columns)}};
      add_part_keys(members, *key, text.writing);
      if (!key->include.empty()) members.emplace_back("include", toml_texts(key->include));
      if (!key->nulls_distinct) members.emplace_back("nulls_distinct", toml_flag(false));
      add_deferrable(members, key->deferrable);
      text.blocks.push_back({word, !primary, std::move(members)});
    }
}

}  // namespace schemasync
