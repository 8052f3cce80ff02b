#include "toml/node.hpp"

namespace schemasync {

const Entry* Node::find(std::string_view name) const {
  for (const Entry& entry : entries)
    if (entry.key.name == name) return &entry;
  return nullptr;
}

std::string_view described(NodeKind kind) {
  switch (kind) {
    case NodeKind::string:
      return "a string";
    case NodeKind::integer:
      return "an integer";
    case NodeKind::floating:
      return "a number with a fraction";
    case NodeKind::boolean:
      return "true or false";
    case NodeKind::date:
      return "a date";
    case NodeKind::time:
      return "a time";
    case NodeKind::datetime:
      return "a date with time";
    case NodeKind::array:
      return "a list";
    case NodeKind::table:
      return "a table";
  }
  return "";
}

}  // namespace schemasync
