// What an index, a constraint's own one too, asks of the server's access methods.
// load/index_support puts the question.
#pragma once

#include <compare>
#include <string>
#include <vector>

namespace schemasync {

struct IndexColumnNeeds {
  std::string method;
  std::string type;       // "" for an expression
  std::string opclass;    // as SQL; "" = the type's default
  std::string collation;  // as SQL; "" = the column's own
  bool has_order = false;
  bool is_unique = false;
  bool has_include = false;
  bool has_more_columns = false;
  auto operator<=>(const IndexColumnNeeds&) const = default;
};

struct IndexNeeds {
  std::string subject;  // "unique constraint t.t_a_key"
  std::vector<IndexColumnNeeds> columns;
  bool operator==(const IndexNeeds&) const = default;
};

}  // namespace schemasync
