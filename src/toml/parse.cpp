#include <toml++/toml.h>
#include <algorithm>
#include <system_error>

#include "text/files.hpp"
#include "toml/document.hpp"
#include "toml/syntax.hpp"
#include "toml/text_place.hpp"

namespace schemasync {
namespace {

constexpr int deepest = 100;  // levels of tables and lists; the grammar needs six
constexpr std::uintmax_t largest = 64ULL * 1024 * 1024;

NodeKind kind_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::string:
      return NodeKind::string;
    case toml::node_type::integer:
      return NodeKind::integer;
    case toml::node_type::floating_point:
      return NodeKind::floating;
    case toml::node_type::boolean:
      return NodeKind::boolean;
    case toml::node_type::date:
      return NodeKind::date;
    case toml::node_type::time:
      return NodeKind::time;
    case toml::node_type::date_time:
      return NodeKind::datetime;
    case toml::node_type::array:
      return NodeKind::array;
    case toml::node_type::none:
    case toml::node_type::table:
      break;
  }
  return NodeKind::table;
}

// toml++'s tree as ours. Its tables are sorted by key: the order of the file is that of the keys'
// places.
class Converter {
 public:
  Converter(Symbol file, const TextPlaces& places, Mistakes& mistakes)
      : file_(file), places_(places), mistakes_(mistakes) {}

  Node convert(const toml::node& from, int depth = 0) {
    Node node;
    node.kind = kind_of(from.type());
    const toml::source_region& region = from.source();
    node.where = source(region.begin);
    node.length = length(region);
    if (depth > deepest) {
      if (!too_deep_) mistakes_.add(node, "tables are nested too deep", "");
      too_deep_ = true;
      return node;
    }
    if (const toml::table* table = from.as_table()) {
      node.form = form_of(*table);
      node.entries = entries(*table, depth);
    } else if (const toml::array* array = from.as_array()) {
      node.elements.reserve(array->size());
      for (const toml::node& element : *array) node.elements.push_back(convert(element, depth + 1));
    } else if (const toml::value<std::string>* string = from.as_string()) {
      node.text = string->get();
    } else {
      const std::size_t begin = offset(region.begin);
      node.text = places_.text().substr(begin, offset(region.end) - begin);
      if (const toml::value<std::int64_t>* integer = from.as_integer())
        node.integer = integer->get();
    }
    return node;
  }

 private:
  static LineColumn place(const toml::source_position& position) {
    return {static_cast<int>(position.line), static_cast<int>(position.column)};
  }
  std::size_t offset(const toml::source_position& position) const {
    return places_.offset(place(position));
  }
  Source source(const toml::source_position& position) const {
    return {file_, static_cast<int>(position.line), static_cast<int>(position.column)};
  }
  int length(const toml::source_region& region) const {
    if (region.begin.line == region.end.line)
      return std::max(1,
                      static_cast<int>(region.end.column) - static_cast<int>(region.begin.column));
    const std::size_t begin = offset(region.begin);
    const std::size_t end = places_.line_end(static_cast<int>(region.begin.line));
    return std::max(1, code_points(places_.text().substr(begin, end - begin)));
  }
  TableForm form_of(const toml::table& table) const {
    if (table.is_inline()) return TableForm::in_line;
    const std::size_t begin = offset(table.source().begin);
    const bool header = begin < places_.text().size() && places_.text()[begin] == '[';
    return header ? TableForm::header : TableForm::dotted;
  }

  std::vector<Entry> entries(const toml::table& table, int depth) {
    using Pair = std::pair<const toml::key*, const toml::node*>;
    std::vector<Pair> pairs;
    pairs.reserve(table.size());
    for (auto&& [key, value] : table) pairs.emplace_back(&key, &value);
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
      const toml::source_position left = a.first->source().begin;
      const toml::source_position right = b.first->source().begin;
      return std::tie(left.line, left.column) < std::tie(right.line, right.column);
    });
    std::vector<Entry> all;
    all.reserve(pairs.size());
    for (const auto& [key, value] : pairs) {
      const toml::source_region& region = key->source();
      EntryKey own{std::string(key->str()), source(region.begin), length(region)};
      all.push_back({std::move(own), convert(*value, depth + 1)});
    }
    return all;
  }

  Symbol file_;
  const TextPlaces& places_;
  Mistakes& mistakes_;
  bool too_deep_ = false;
};

// A key of very many parts would exhaust the stack: toml++ frees its tables by recursion.
std::size_t endless_key(std::string_view text) {
  static constexpr std::string_view of_keys = "_-\"' \t";
  constexpr std::size_t most_parts = 10'000;
  if (text.size() <= most_parts) return std::string_view::npos;
  std::size_t dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (c == '.') {
      if (++dots > most_parts) return i;
    } else if (!letter && of_keys.find(c) == std::string_view::npos) {
      dots = 0;
    }
  }
  return std::string_view::npos;
}

// Everything that has to be right before the text is a text. False: a mistake was noted.
bool is_sound(Symbol file, std::string_view text, Mistakes& mistakes) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    mistakes.add({file, 1, 1}, 1, "the file is UTF-16", "save it as UTF-8");
    return false;
  }
  if (const std::size_t bad = first_invalid_utf8(text); bad != std::string_view::npos) {
    const LineColumn at = TextPlaces(text.substr(0, bad)).place(bad);
    mistakes.add({file, at.line, at.column}, 1, "this byte is not UTF-8", "save the file as UTF-8");
    return false;
  }
  if (const std::size_t bad = endless_key(text); bad != std::string_view::npos) {
    const LineColumn at = TextPlaces(text).place(bad);
    mistakes.add({file, at.line, at.column}, 1, "a key with more than 10,000 parts", "");
    return false;
  }
  return true;
}

}  // namespace

Document parse_toml(Symbol file, std::string_view text, Mistakes& mistakes) {
  Document document;
  document.file = file;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  document.text = text;
  if (!is_sound(document.file, text, mistakes)) return document;
  const TextPlaces places(text);
  try {
    // Without the file's name, which each node would hold and count.
    const toml::table table = toml::parse(text);
    document.root = Converter(document.file, places, mistakes).convert(table);
    document.root.where = {document.file, 1, 1};
    document.root.length = 1;
    document.parsed = true;
  } catch (const toml::parse_error& error) {
    const toml::source_position at = error.source().begin;
    const LineColumn place{static_cast<int>(at.line), static_cast<int>(at.column)};
    const Mistake mistake = syntax_mistake(document.file, places, place, error.description());
    mistakes.add(mistake.where, mistake.length, mistake.what, mistake.hint);
  }
  return document;
}

Document read_toml(const std::filesystem::path& path, std::string shown, Mistakes& mistakes) {
  mistakes.count_file();
  const auto unreadable = [&](const std::string& what, const std::string& hint) {
    mistakes.add({shown, 0, 0}, 1, what, hint);
    Document none;
    none.file = shown;
    return none;
  };
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure))
    return unreadable("this is a folder, not a file", "");
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  if (!failure && size > largest)
    return unreadable("the file is larger than 64 MB", "split it: a folder may hold any number");
  const std::optional<std::string> text = read_file(path);
  if (!text)
    return unreadable("the file cannot be read: " + std::generic_category().message(errno),
                      "check its path and permissions");
  return parse_toml(std::move(shown), *text, mistakes);
}

Source place_of(const Document& document, const Node& string, std::string_view part) {
  if (part.empty() || string.where.line < 1) return string.where;
  const TextPlaces places(document.text);
  const auto lines = static_cast<int>(std::count(string.text.begin(), string.text.end(), '\n')) + 1;
  const std::size_t begin = places.offset({string.where.line, string.where.column});
  const std::size_t end = places.line_end(string.where.line + lines);
  const std::size_t found = std::string_view(document.text).substr(0, end).find(part, begin);
  if (found == std::string_view::npos) return string.where;
  const LineColumn at = places.place(found);
  return {document.file, at.line, at.column};
}

}  // namespace schemasync
