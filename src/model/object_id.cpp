#include "model/object_id.hpp"

#include <vector>

#include "text/error.hpp"
#include "text/sql.hpp"

namespace schemasync {
namespace {

// Splits a.b."c.d" at its dots; quotes are taken off.
std::vector<std::string> dotted(std::string_view text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      parts.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

}  // namespace

std::string ObjectId::to_text() const {
  std::string out = kind + " ";
  if (!schema.empty()) out += display_name(schema) + ".";
  if (!table.empty()) out += display_name(table) + ".";
  return out + display_name(name);
}

ObjectId ObjectId::from_text(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) throw Error("not an object: " + std::string(text));
  std::vector<std::string> parts = dotted(text.substr(space + 1));
  ObjectId id;
  id.kind = std::string(text.substr(0, space));
  if (parts.size() > 3) throw Error("not an object: " + std::string(text));
  id.name = parts.back();
  if (parts.size() > 1) id.schema = parts.front();
  if (parts.size() > 2) id.table = parts[1];
  return id;
}

std::string ObjectId::shown() const {
  std::string out;
  if (!schema.empty() && schema != "public") out += display_name(schema) + ".";
  if (!table.empty()) out += display_name(table) + ".";
  return out + display_name(name);
}

ObjectId ObjectId::owner() const {
  if (table.empty()) return *this;
  return {"table", schema, "", table};
}

std::string shown_relation(std::string_view schema, std::string_view name) {
  return ObjectId{"table", std::string(schema), "", std::string(name)}.shown();
}

}  // namespace schemasync
