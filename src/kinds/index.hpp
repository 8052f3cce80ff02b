// Indexes that no constraint owns: partial, on expressions, with INCLUDE, order, method, opclass.
#pragma once

#include <array>

#include "kinds/index_needs.hpp"
#include "kinds/object.hpp"
#include "kinds/parts.hpp"

namespace schemasync {

struct IndexElement {
  std::string column;  // or
  std::optional<SqlText> expression;
  std::string collation;  // "schema.name" spelled as SQL; "" = the column's own
  std::string opclass;    // as SQL; "" = the type's default
  bool descending = false;
  bool nulls_first = false;
  bool operator==(const IndexElement&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"column", &IndexElement::column},
                      Field{"sql", &IndexElement::expression},
                      Field{"collation", &IndexElement::collation},
                      Field{"opclass", &IndexElement::opclass},
                      Field{"desc", &IndexElement::descending},
                      Field{"nulls_first", &IndexElement::nulls_first}};
  }
};

struct Index : Object {
  static constexpr std::string_view kind = "index";
  static constexpr bool is_referred_to = false;  // no other object holds its name
  static std::span<const Rule> rules();          // how it can change, explained
  std::string method = "btree";
  bool unique = false;
  bool nulls_distinct = true;
  std::vector<IndexElement> elements;
  std::vector<std::string> include;
  std::optional<SqlText> where_clause;
  std::vector<std::string> with;  // "fillfactor=70", sorted
  bool valid = true;              // not an attribute: a state, mended by building it again

  static constexpr auto fields() {
    return std::tuple{Field{"method", &Index::method},
                      Field{"unique", &Index::unique},
                      Field{"nulls_distinct", &Index::nulls_distinct},
                      Field{"columns", &Index::elements},
                      Field{"include", &Index::include},
                      Field{"where", &Index::where_clause},
                      Field{"with", &Index::with}};
  }
  void follow(const Rename& rename);
  std::vector<ObjectId> named_columns() const;
  // Says the same, and has to be built again.
  static bool is_rebuilt(const Index& from, const Index& to) { return !from.valid && to.valid; }
  static Sql address(const ObjectId& id);
  static std::vector<Sql> renaming(const ObjectId& from, const ObjectId& to);
  static Sql catalog_query(const Catalog& catalog);
  static void read(Catalog& catalog, const Rows& rows, Schema& schema);
  static constexpr bool is_relation = true;
  static constexpr std::array naming_words = {std::string_view("index")};
  static void load_of_table(TableModel& table);
  static bool is_written(const Index& index, const Schema& schema);
  static void write_of_table(TableText& text);
  static std::vector<Change> create(const Index& made, const Context& context);
  static std::vector<Change> drop(const Index& dropped, const Context& context);
  static std::vector<Change> alter(const Index& from, const Index& to, const Context& context);
  static std::optional<ServerNeed> newest(const Index& index);
  static IndexNeeds index_needs(const Index& index, const Schema& schema);
  static std::string automatic_name(const Index& index, const Naming& naming, int pass = 0);
};

Sql create_index(const Index& index);
std::string index_search_path(const Index& index);

}  // namespace schemasync
