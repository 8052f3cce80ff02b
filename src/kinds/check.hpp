// CHECK constraints.
#pragma once

#include <array>

#include "kinds/object.hpp"
#include "kinds/parts.hpp"

namespace schemasync {

struct CheckConstraint : Object {
  static constexpr std::string_view kind = "check";
  static constexpr bool is_referred_to = false;  // no other object holds its name
  static std::span<const Rule> rules();          // how it can change, explained
  SqlText expression;
  bool validated = true;
  bool no_inherit = false;
  std::vector<std::string>
      columns;  // that it names, by conkey; for automatic names. {} while unknown

  static constexpr auto fields() {
    return std::tuple{Field{"sql", &CheckConstraint::expression},
                      Field{"validated", &CheckConstraint::validated},
                      Field{"no_inherit", &CheckConstraint::no_inherit}};
  }
  void follow(const Rename& rename);
  static Sql address(const ObjectId& id);
  static std::vector<Sql> renaming(const ObjectId& from, const ObjectId& to);
  static Sql catalog_query(const Catalog& catalog);
  static void read(Catalog& catalog, const Rows& rows, Schema& schema);
  static constexpr bool is_constraint = true;
  static constexpr std::array naming_words = {std::string_view("check")};
  static void load_of_table(TableModel& table);
  static void write_of_table(TableText& text);
  static std::vector<Change> create(const CheckConstraint& made, const Context& context);
  static std::vector<Change> drop(const CheckConstraint& dropped, const Context& context);
  static std::vector<Change> alter(const CheckConstraint& from, const CheckConstraint& to,
                                   const Context& context);
  static std::string automatic_name(const CheckConstraint& check, const Naming& naming,
                                    int pass = 0);
};

Sql check_definition(const CheckConstraint& check);

}  // namespace schemasync
