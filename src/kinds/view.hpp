// Views: [view.monthly_total]. They hold no data, so a view whose text changes is dropped and made
// again, with the views that stand on it.
#pragma once

#include "kinds/object.hpp"
#include "kinds/parts.hpp"

namespace schemasync {

struct View : Object {
  static constexpr std::string_view kind = "view";
  static std::span<const Rule> rules();  // how it can change, explained
  SqlText query;

  static constexpr auto fields() { return std::tuple{Field{"sql", &View::query}}; }
  static bool disturbs(const View& from, const View& to) { return from.query != to.query; }
  void follow(const Rename& rename);
  static Sql address(const ObjectId& id);
  static std::vector<Sql> renaming(const ObjectId& from, const ObjectId& to);
  static Sql catalog_query(const Catalog& catalog);
  static void read(Catalog& catalog, const Rows& rows, Schema& schema);
  static constexpr std::string_view header = "view";
  static constexpr bool is_relation = true;
  static constexpr bool is_type = true;  // its row type
  static void load(ModelFile& file, const Text& name, Section& section);
  static void write(const View& view, const Writing& writing, TomlWriter& out);
  static std::vector<Change> create(const View& made, const Context& context);
  static std::vector<Change> drop(const View& dropped, const Context& context);
  // Fails while the view carries what is not modelled: nothing would put it on the view again.
  static Check carries_nothing(const View& dropped, const Context& context);
  static std::vector<Change> alter(const View& from, const View& to, const Context& context);
};

}  // namespace schemasync
