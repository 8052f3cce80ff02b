// The name of one database object, whatever its kind: what plans, journal and fingerprints speak
// of. Kinds live above this floor; here a kind is only its word ("table", "foreign_key").
#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>

#include "text/symbol.hpp"

namespace schemasync {

struct ObjectId {
  Symbol kind;    // "table", "column", "index", …
  Symbol schema;  // "" only for kind "schema"
  Symbol table;   // the table that it is a part of; "" for what stands on its own
  Symbol name;

  auto operator<=>(const ObjectId&) const = default;

  // "column public.debitcard.daily_limit"; parts that need it are double-quoted. One to one.
  std::string to_text() const;
  static ObjectId from_text(std::string_view text);  // throws Error when it is not one

  // For people: "debitcard.daily_limit", with the schema unless it is public.
  std::string shown() const;
  // The table it is a part of, as an id; itself where it stands alone.
  ObjectId owner() const;
};

// Canonical definitions (compact JSON with sorted keys) of the objects in scope. The digest of one
// is sha256(definition); equal definitions mean equal objects, comments and grants included where
// the scope manages them.
using Definitions = std::map<ObjectId, std::string>;

// "debitcard" or "crm.person" for a relation.
std::string shown_relation(std::string_view schema, std::string_view name);

}  // namespace schemasync
