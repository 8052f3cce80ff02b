// Schemas (PostgreSQL's namespaces): [schemas.app]. A schema that a file names exists implicitly;
// public is never dropped, and created only where it is missing.
#pragma once

#include "kinds/object.hpp"
#include "kinds/parts.hpp"

namespace schemasync {

struct Namespace : Object {
  static constexpr std::string_view kind = "schema";
  static std::span<const Rule> rules();  // how it can change, explained
  bool stated = false;                   // a header of its own stands in the models

  static constexpr auto fields() { return std::tuple{}; }
  void follow(const Rename& rename);
  static Sql address(const ObjectId& id);
  // The statements by which `from` gets the name (and schema) of `to`.
  static std::vector<Sql> renaming(const ObjectId& from, const ObjectId& to);
  static Sql catalog_query(const Catalog& catalog);
  static void read(Catalog& catalog, const Rows& rows, Schema& schema);
  static constexpr std::string_view header = "schemas";
  static void load(ModelFile& file, const Text& name, Section& section);
  static constexpr std::string_view gathered = "schemas";
  // Of public only what [schemas.public] states, whatever the scope manages.
  static bool has_stated_aspects_alone(const ObjectId& id) { return id.name == "public"; }
  static bool is_written(const Namespace& space, const Schema& schema);
  static void write(const Namespace& space, const Writing& writing, TomlWriter& out);
  void take_intent(const Namespace& of_models);
  static void complete(Loading& loading);  // adds those that files name
  static std::vector<Change> create(const Namespace& made, const Context& context);
  static std::vector<Change> drop(const Namespace& dropped, const Context& context);
  static std::vector<Change> alter(const Namespace& from, const Namespace& to,
                                   const Context& context);
};

}  // namespace schemasync
