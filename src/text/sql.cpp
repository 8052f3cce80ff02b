#include "text/sql.hpp"

namespace schemasync {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out;
  out.reserve(text.size() + 2);
  out += quote;
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  out += quote;
  return out;
}

}  // namespace

Sql::Sql(const Identifier& identifier) : text_(quoted(identifier.name, '"')) {}

Sql::Sql(const QualifiedName& name)
    : text_(quoted(name.schema, '"') + '.' + quoted(name.name, '"')) {}

Sql::Sql(const Literal& literal) : text_(quoted(literal.value, '\'')) {}

Sql detail::fill(std::string_view text, const Sql* parts, std::size_t count) {
  std::string out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' && next < count) {
      out += parts[next++].str();
      ++i;
    } else {
      out += text[i];
    }
  }
  return Sql::recorded(std::move(out));
}

Sql join(const std::vector<Sql>& pieces, SqlPattern<> separator) {
  std::string out;
  for (const Sql& piece : pieces) {
    if (&piece != &pieces.front()) out += separator.text;
    out += piece.str();
  }
  return Sql::recorded(std::move(out));
}

Sql identifiers(const std::vector<std::string>& names) {
  std::vector<Sql> pieces;
  for (const std::string& name : names) pieces.emplace_back(Identifier{name});
  return join(pieces, ", ");
}

std::string display_name(std::string_view name) {
  const auto plain = [](char c, bool first) {
    return (c >= 'a' && c <= 'z') || c == '_' || (!first && ((c >= '0' && c <= '9') || c == '$')) ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  bool bare = !name.empty();
  for (std::size_t i = 0; i < name.size(); ++i) bare = bare && plain(name[i], i == 0);
  return bare ? std::string(name) : quoted(name, '"');
}

}  // namespace schemasync
