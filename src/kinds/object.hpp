// What every object has, whatever its kind: a name, aspects (comment, owner, grants), and where the
// models write it. A kind's struct adds its attributes and names each once in fields(), from which
// comparison, definitions (JSON) and digests follow.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/object_id.hpp"
#include "text/error.hpp"

namespace schemasync {

// One attribute of a struct T: its stable name in definitions and the member.
template <class T, class M>
struct Field {
  std::string_view name;
  M T::*member;
};
template <class T, class M>
Field(const char*, M T::*) -> Field<T, M>;

// SQL of a model author or of the catalog, as an attribute of an object. `text` is what is written;
// `canon` is PostgreSQL's own spelling (every name qualified), which alone is compared. Text from
// the catalog is its own canon. Text of a model is resolved in "<path>, public" when it is run.
struct SqlText {
  Symbol text;
  Symbol canon;  // "" until the server was asked (load/normalise)
  Symbol path;   // the file's schema; "" for text from the catalog

  static SqlText of_catalog(Symbol catalog_text) { return {catalog_text, catalog_text, {}}; }
  const Symbol& spelling() const { return canon.empty() ? text : canon; }
  bool asked() const { return !canon.empty(); }
  bool operator==(const SqlText& other) const { return spelling() == other.spelling(); }
};

struct Grant {
  std::string to;                       // "public" for everybody
  std::vector<std::string> privileges;  // lower case, sorted: "select"; never "all"
  std::vector<std::string> columns;     // of a table; empty = the whole object
  bool grantable = false;
  auto operator<=>(const Grant&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"to", &Grant::to}, Field{"privileges", &Grant::privileges},
                      Field{"columns", &Grant::columns}, Field{"grantable", &Grant::grantable}};
  }
};

// nullopt: the models do not state it (settled against the live object by load/match), or the kind
// has none.
struct Aspects {
  std::optional<std::string> comment;
  std::optional<std::string> owner;
  std::optional<std::vector<Grant>> grants;  // sorted; without the owner's own
  bool operator==(const Aspects&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"comment", &Aspects::comment}, Field{"owner", &Aspects::owner},
                      Field{"grants", &Aspects::grants}};
  }
};

struct Object {
  ObjectId id;
  Aspects aspects;
  std::vector<std::string> renamed_from;  // newest first; of a table "schema.name" with both parts
  Source where;                           // in the models; line 0 for the catalog's
  bool named =
      true;  // false: the models leave the name to us (constraints, indexes, serial's sequence)
  // What it comes and goes with: its table; kinds that hang on something else hide this.
  ObjectId container() const { return id.owner(); }
  std::vector<ObjectId> uses;  // what its expressions stand on, by pg_depend; {} while unknown
};

// Something that PostgreSQL has since a major version after 13.
struct ServerNeed {
  int major;
  std::string what;  // "nulls_distinct = false"
};

// True when every attribute in fields() is equal; names and aspects are not attributes.
template <class K>
bool same_attributes(const K& a, const K& b) {
  return std::apply(
      [&](const auto&... field) { return ((a.*field.member == b.*field.member) && ...); },
      K::fields());
}

// The names of the attributes that differ.
template <class K>
std::vector<std::string> differing(const K& a, const K& b) {
  std::vector<std::string> names;
  std::apply(
      [&](const auto&... field) {
        ((a.*field.member == b.*field.member ? void() : names.emplace_back(field.name)), ...);
      },
      K::fields());
  return names;
}

}  // namespace schemasync
