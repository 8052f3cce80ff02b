// The names of types: a built-in one in the one spelling that PostgreSQL's format_type prints, any
// other (enum, domain, an extension's) as the name by which it is looked up on the server. The
// loader of columns and sequences calls it; it refuses what PostgreSQL's grammar would refuse.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/error.hpp"

namespace schemasync {

class Schema;

// As PostgreSQL's own quote_ident: bare where it needs no quotes, keywords included.
std::string quote_ident(std::string_view name);

// A type that is not built in.
struct UserType {
  std::string schema;     // "" where it is not written
  std::string name;       // as stored
  std::string modifiers;  // "(Point,4326)", or ""
  bool array = false;

  // "public.mood[]", as format_type prints it for a type of that schema.
  std::string spelled(std::string_view in_schema) const;
  bool operator==(const UserType&) const = default;
};

// What a type's text says: one of the three.
struct TypeName {
  std::string built_in;  // canonical: "timestamp(3) with time zone"
  std::optional<UserType> user;
  std::string problem;  // "length for type varchar must be at least 1"
  std::string hint;
};
TypeName parse_type(std::string_view written);

// The canonical spelling of a built-in type; nullopt for anything else.
std::optional<std::string> canonical_type(std::string_view written);

// The integer type behind serial, bigserial, smallserial and their aliases.
std::optional<std::string> serial_type(std::string_view written);

// A built-in name that `type` nearly is ("varchr"), or that another system calls so ("datetime").
std::optional<std::string> near_miss(const UserType& type);
std::optional<std::string> foreign_habit(const UserType& type);

// Types of columns that are not built in get the schema in which PostgreSQL finds them: the
// column's own, then public. `known`: (schema, name) of what the server has; the models' own enums
// and tables count too. Returns a mistake for each column whose type nobody has. Idempotent.
std::vector<Mistake> resolve_types(Schema& schema,
                                   const std::set<std::pair<std::string, std::string>>& known);

}  // namespace schemasync
