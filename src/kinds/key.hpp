// Primary keys and UNIQUE constraints. Adding a UNIQUE looks for duplicates first, shows them, and
// prints both repairs.
#pragma once

#include <array>

#include "kinds/index_needs.hpp"
#include "kinds/object.hpp"
#include "kinds/parts.hpp"

namespace schemasync {

enum class Deferrable { no, initially_immediate, initially_deferred };
Sql deferrable_clause(Deferrable deferrable);  // " DEFERRABLE INITIALLY DEFERRED" or ""

struct Key : Object {
  static constexpr std::string_view kind = "key";
  static constexpr bool is_referred_to = false;  // no other object holds its name
  static std::span<const Rule> rules();          // how it can change, explained
  bool primary = false;
  std::vector<std::string> columns;
  std::vector<std::string> include;
  bool nulls_distinct = true;
  Deferrable deferrable = Deferrable::no;

  static constexpr auto fields() {
    return std::tuple{Field{"primary", &Key::primary}, Field{"columns", &Key::columns},
                      Field{"include", &Key::include},
                      Field{"nulls_distinct", &Key::nulls_distinct},
                      Field{"deferrable", &Key::deferrable}};
  }
  void follow(const Rename& rename);
  std::vector<ObjectId> named_columns() const;
  static Sql address(const ObjectId& id);
  static std::vector<Sql> renaming(const ObjectId& from, const ObjectId& to);
  static Sql catalog_query(const Catalog& catalog);
  static void read(Catalog& catalog, const Rows& rows, Schema& schema);
  static constexpr bool is_relation = true;  // its index
  static constexpr bool is_constraint = true;
  static constexpr std::array naming_words = {std::string_view("primary_key"),
                                              std::string_view("unique")};
  static void load_of_table(TableModel& table);
  static void write_of_table(TableText& text);
  static std::vector<Change> create(const Key& made, const Context& context);
  static std::vector<Change> drop(const Key& dropped, const Context& context);
  static std::vector<Change> alter(const Key& from, const Key& to, const Context& context);
  static std::optional<ServerNeed> newest(const Key& key);
  static IndexNeeds index_needs(const Key& key, const Schema& schema);
  static std::string automatic_name(const Key& key, const Naming& naming, int pass = 0);
};

// `CONSTRAINT "name" UNIQUE (…)`, for CREATE TABLE and ADD CONSTRAINT.
Sql key_definition(const Key& key);

// The columns by which rows of a table are told apart: the primary key, or a unique, immediate key
// of not-null columns, that stands in both schemas of the context. {} where there is none.
std::vector<std::string> usable_key(const ObjectId& table, const Context& context);

}  // namespace schemasync
