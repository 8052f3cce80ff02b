// What the models claim to describe: [scope] and [naming] of the model files.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/object_id.hpp"

namespace schemasync {

enum class Unmanaged { drop, report, refuse };

struct Scope {
  std::vector<std::string> schemas;  // empty: all but the system's; `schemasync` never
  std::vector<std::string> include;  // "table:public.*"; empty: everything
  std::vector<std::string> ignore;
  std::vector<std::string> manage = {"comments", "statistics", "publications"};
  Unmanaged unmanaged = Unmanaged::drop;
  bool stated = false;  // a [scope] stands in the models
  // [schemas.public] stands in the models: its comment, owner and grants are read. Else they are
  // PostgreSQL's business.
  bool states_public = false;

  bool manages(std::string_view aspect) const;
  bool has_schema(std::string_view schema) const;
  // By include and ignore: patterns "kind:schema.name" with * and ?; a part goes with its table.
  bool has(const ObjectId& id) const;
  bool operator==(const Scope&) const = default;
};

std::string_view to_text(Unmanaged unmanaged);

// Name patterns for what the models leave unnamed, by kind ("index", "unique", …): {table},
// {columns}.
using Naming = std::map<std::string, std::string>;

}  // namespace schemasync
