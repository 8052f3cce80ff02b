#include "kinds/naming.hpp"

#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t name_bytes = 63;  // NAMEDATALEN - 1

std::string replaced_all(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

}  // namespace

std::string postgres_name(std::string_view first, std::string_view second,
                          std::string_view suffix) {
  const std::size_t overhead = (second.empty() ? 0 : 1) + (suffix.empty() ? 0 : suffix.size() + 1);
  std::size_t one = first.size();
  std::size_t two = second.size();
  while (one + two > name_bytes - overhead) {
    if (one > two) {
      --one;
    } else {
      --two;
    }
  }
  std::string name(clipped(first, one));
  if (!second.empty()) name += "_" + std::string(clipped(second, two));
  if (!suffix.empty()) name += "_" + std::string(suffix);
  return name;
}

std::string object_name(const Naming& naming, const std::string& kind, const std::string& table,
                        const std::vector<std::string>& columns, const std::string& suffix,
                        int pass) {
  const std::string number = pass == 0 ? "" : std::to_string(pass);
  if (const auto pattern = naming.find(kind); pattern != naming.end()) {
    const std::string with_table = replaced_all(pattern->second, "{table}", table);
    const std::string name = replaced_all(with_table, "{columns}", joined(columns, "_"));
    return std::string(clipped(name, name_bytes - number.size())) + number;
  }
  // ChooseIndexNameAddition stops adding column names once it has NAMEDATALEN bytes.
  std::string second;
  for (const std::string& column : columns) {
    if (!second.empty()) second += "_";
    second += column;
    if (second.size() > name_bytes) break;
  }
  return postgres_name(table, second, suffix + number);
}

}  // namespace schemasync
