// Foreign keys. Adding one to rows that exist looks for orphans first; cycles are normal.
#pragma once

#include <array>

#include "kinds/key.hpp"
#include "kinds/object.hpp"
#include "kinds/parts.hpp"

namespace schemasync {

struct ForeignKey : Object {
  static constexpr std::string_view kind = "foreign_key";
  static constexpr bool is_referred_to = false;  // no other object holds its name
  static std::span<const Rule> rules();          // how it can change, explained
  std::vector<std::string> columns;
  ObjectId target;  // the referenced table
  std::vector<std::string> target_columns;
  std::string match = "simple";         // or "full"
  std::string on_delete = "no action";  // "cascade", "set null", "set default", "restrict"
  std::string on_update = "no action";
  std::vector<std::string> set_columns;  // of ON DELETE SET NULL|DEFAULT (…), from 15
  Deferrable deferrable = Deferrable::no;
  bool validated = true;

  static constexpr auto fields() {
    return std::tuple{Field{"columns", &ForeignKey::columns},
                      Field{"references", &ForeignKey::target},
                      Field{"referenced_columns", &ForeignKey::target_columns},
                      Field{"match", &ForeignKey::match},
                      Field{"on_delete", &ForeignKey::on_delete},
                      Field{"on_update", &ForeignKey::on_update},
                      Field{"set_columns", &ForeignKey::set_columns},
                      Field{"deferrable", &ForeignKey::deferrable},
                      Field{"validated", &ForeignKey::validated}};
  }
  void follow(const Rename& rename);
  std::vector<ObjectId> named_columns() const;  // of both tables
  // The keys that it needs: PostgreSQL refuses to drop one before it.
  static std::vector<ObjectId> stands_on(const ForeignKey& key, const Schema& schema);
  static Sql address(const ObjectId& id);
  static std::vector<Sql> renaming(const ObjectId& from, const ObjectId& to);
  static Sql catalog_query(const Catalog& catalog);
  static void read(Catalog& catalog, const Rows& rows, Schema& schema);
  static constexpr bool is_constraint = true;
  static constexpr std::array naming_words = {std::string_view("foreign_key")};
  static void load_of_table(TableModel& table);
  static bool is_written(const ForeignKey& key, const Schema& schema);
  static void write_of_table(TableText& text);
  static std::vector<Change> create(const ForeignKey& made, const Context& context);
  static std::vector<Change> drop(const ForeignKey& dropped, const Context& context);
  static std::vector<Change> alter(const ForeignKey& from, const ForeignKey& to,
                                   const Context& context);
  static std::optional<ServerNeed> newest(const ForeignKey& key);
  static std::string automatic_name(const ForeignKey& key, const Naming& naming, int pass = 0);
};

Sql foreign_key_definition(const ForeignKey& key);

}  // namespace schemasync
