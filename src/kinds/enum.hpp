// Enum types: [enum.mood]. New labels are committed before anything uses them; labels are renamed
// in place; a removed or moved label needs the type to be made again and every column converted.
#pragma once

#include "kinds/object.hpp"
#include "kinds/parts.hpp"

namespace schemasync {

struct Enum : Object {
  static constexpr std::string_view kind = "enum";
  static std::span<const Rule> rules();                    // how it can change, explained
  std::vector<std::string> labels;                         // in sort order
  std::multimap<std::string, std::string> renamed_labels;  // new -> old ones, from the models

  static constexpr auto fields() { return std::tuple{Field{"labels", &Enum::labels}}; }
  void follow(const Rename& rename);
  // Labels that go or move need a new type, to which every column is converted.
  static bool disturbs(const Enum& from, const Enum& to, const Context& context);
  // Labels that only came go with the very last step of the way back.
  static constexpr bool goes_back_last = true;
  static std::vector<ObjectId> converts(const Enum& type, const Schema& schema);
  static Sql address(const ObjectId& id);
  static std::vector<Sql> renaming(const ObjectId& from, const ObjectId& to);
  static Sql catalog_query(const Catalog& catalog);
  static void read(Catalog& catalog, const Rows& rows, Schema& schema);
  static constexpr std::string_view header = "enum";
  static constexpr bool is_type = true;
  static void load(ModelFile& file, const Text& name, Section& section);
  static constexpr std::string_view gathered = "enums";  // the file that pull writes them into
  static void write(const Enum& type, const Writing& writing, TomlWriter& out);
  void take_intent(const Enum& of_models);
  static std::vector<Change> create(const Enum& made, const Context& context);
  static std::vector<Change> drop(const Enum& dropped, const Context& context);
  static std::vector<Change> alter(const Enum& from, const Enum& to, const Context& context);
};

}  // namespace schemasync
