// Where kinds write model files, the counterpart of model_file.hpp. A kind with a header of its own
// declares write(); a part of a table declares write_of_table(), which puts short forms into the
// columns' inline tables and adds blocks of its own for the rest. load/write_models decides what is
// written into which file; here nothing is decided but the form.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kinds/schema_of.hpp"
#include "toml/writer.hpp"

namespace schemasync {

using TomlMembers = TomlWriter::Members;

// What is written, in all files together. Objects that the models hold already carry their place
// in them (`where`) and whether their name is written (`named`); those of the catalog have no
// place.
class Writing {
 public:
  Writing(const Schema& schema, const Naming& naming);

  const Schema& schema() const { return schema_; }
  const Naming& naming() const { return naming_; }

  // The loader would give it this very name, or the models left it out before.
  template <class K>
  bool leaves_name_out(const K& part) const {
    if (!part.named) return true;
    if (part.where.line != 0) return false;
    return K::automatic_name(part, naming_) == part.id.name && !is_shared(part.id);
  }

 private:
  // Constraints of two tables have the name: PostgreSQL, like the loader, would number the second.
  bool is_shared(const ObjectId& constraint) const;

  const Schema& schema_;
  const Naming& naming_;
  std::set<std::pair<std::string, std::string>> shared_;  // (schema, name)
};

// The order of keys in a column's inline table: what it is, where it points, what it holds, …
enum class ColumnSlot { key, link, value, rule, lookup, intent, note };

struct ColumnText {
  const Column* column;
  std::string type;  // as the file writes it, with its `?`
  std::vector<std::pair<ColumnSlot, TomlMember>> keys;

  void say(ColumnSlot slot, std::string key, Toml value) {
    keys.push_back({slot, {std::move(key), std::move(value)}});
  }
};

// A table on its way into a file.
struct TableText {
  struct Block {
    std::string key;  // [table.x.primary_key], or
    bool is_list;     // [[table.x.unique]]
    TomlMembers members;
  };
  const Writing& writing;
  const Table& table;
  std::vector<ColumnText> columns;  // in the order of the file
  std::vector<Block> blocks;

  ColumnText* column(std::string_view name);
};

template <class K>
concept WrittenHeader = requires(const K& object, const Writing& writing, TomlWriter& out) {
  K::write(object, writing, out);
};
template <class K>
concept WrittenPart = requires(TableText& text) {
  K::write_of_table(text);
};

// ---- writers that kinds share ----------------------------------------------------------------

// a.b as `references` and `owned_by` name it: parts with a dot or a quote are quoted.
std::string name_path_text(const std::vector<std::string>& parts);
// The same with the schema in front where it is not the file's.
std::string name_path_text(const std::string& file_schema, const std::string& schema,
                           const std::vector<std::string>& parts);

// A type as people write it: varchar(20), timestamptz; a type of the file's schema without it.
std::string written_type(const std::string& type, const std::string& file_schema);

// [header.name] with the kind's own keys, then comment, owner and grants.
void write_header(TomlWriter& out, const std::vector<std::string>& path, TomlMembers own,
                  const Object& object);

// A long list has a line for each element.
Toml wrapped_list(const std::vector<Toml>& elements);
void add_renamed_from(TomlMembers& members, const std::vector<std::string>& old_names);
void add_comment(TomlMembers& members, const Object& object);
// name, renamed_from and comment of a constraint or an index in its own block.
template <class K>
void add_part_keys(TomlMembers& members, const K& part, const Writing& writing) {
  if (!writing.leaves_name_out(part)) members.emplace_back("name", toml_text(part.id.name));
  add_renamed_from(members, part.renamed_from);
  add_comment(members, part);
}
// An inline short form has no place for these.
inline bool fits_short_form(const Object& part) {
  return part.renamed_from.empty() && !part.aspects.comment;
}

void add_deferrable(TomlMembers& members, Deferrable deferrable);
// The options that are not those of a new sequence of that type.
void add_counting(TomlMembers& members, const Counting& counting);
// Is the column exactly what `serial` makes? Then its sequence is not written on its own.
bool is_written_as_serial(const Column& column, const Schema& schema);

}  // namespace schemasync
