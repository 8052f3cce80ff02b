// Tables: [table.expense]. Created with their columns, keys, checks, indexes and those foreign keys
// whose target is there; dropped by moving them, whole, into schema schemasync.
#pragma once

#include "kinds/object.hpp"
#include "kinds/parts.hpp"

namespace schemasync {

struct Table : Object {
  static constexpr std::string_view kind = "table";
  static std::span<const Rule> rules();  // how it can change, explained
  std::string class_name;                // in generated code; not in the database
  bool archive_in_place = false;         // intent: dropped columns stay in the table, out of sight

  static constexpr auto fields() { return std::tuple{}; }
  void follow(const Rename& rename);
  static Sql address(const ObjectId& id);
  static std::vector<Sql> renaming(const ObjectId& from, const ObjectId& to);
  static Sql catalog_query(const Catalog& catalog);
  static void read(Catalog& catalog, const Rows& rows, Schema& schema);
  static constexpr std::string_view header = "table";
  static constexpr bool is_relation = true;
  static constexpr bool is_type = true;  // its row type
  static void load(ModelFile& file, const Text& name, Section& section);
  static void write(const Table& table, const Writing& writing, TomlWriter& out);
  void take_intent(const Table& of_models);
  static std::vector<Change> create(const Table& made, const Context& context);
  static std::vector<Change> drop(const Table& dropped, const Context& context);
  static std::vector<Change> alter(const Table& from, const Table& to, const Context& context);
};

// Why rows that were kept in a relation of these columns, with types as format_type prints them, do
// not come back into the table: nullopt where they do, "" where its columns are others, else which
// type is another one. An enum's values fit that were kept as text.
std::optional<std::string> why_rows_stay_away(const Schema& schema, const ObjectId& table,
                                              const std::vector<std::string>& columns,
                                              const std::vector<std::string>& types);

}  // namespace schemasync
