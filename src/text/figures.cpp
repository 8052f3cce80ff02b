#include "text/figures.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "text/strings.hpp"

namespace schemasync {
namespace {

struct Hole {
  std::size_t index = 0;  // of the figure
  bool shows_figure = true;
  std::string_view one, many;  // words behind it
  std::size_t size = 0;        // in the text
};

// The hole that `text` begins with.
std::optional<Hole> hole_in(std::string_view text) {
  const std::size_t close = text.find('}');
  if (text.empty() || text[0] != '{' || close == text.npos) return std::nullopt;
  Hole hole;
  hole.size = close + 1;
  const char* const end = text.data() + close;
  const auto [after, failure] = std::from_chars(text.data() + 1, end, hole.index);
  if (failure != std::errc{}) return std::nullopt;
  if (after == end) return hole;
  const std::string_view words(after + 1, end);
  const std::size_t bar = words.find('|');
  if ((*after != '|' && *after != ':') || bar == words.npos) return std::nullopt;
  hole.shows_figure = *after == '|';
  hole.one = words.substr(0, bar);
  hole.many = words.substr(bar + 1);
  return hole;
}

struct Clause {
  std::string text;
  bool says_none = false;  // it has figures, and all of them are 0
};

Clause filled(std::string_view text, const std::vector<std::int64_t>& figures) {
  Clause clause;
  std::size_t zeros = 0, others = 0;
  while (!text.empty()) {
    const std::optional<Hole> hole = hole_in(text);
    if (!hole || hole->index >= figures.size()) {
      clause.text += text[0];
      text.remove_prefix(1);
      continue;
    }
    const std::int64_t figure = figures[hole->index];
    const std::string_view word = figure == 1 ? hole->one : hole->many;
    ++(figure == 0 ? zeros : others);
    if (hole->shows_figure) clause.text += with_commas(figure) + (word.empty() ? "" : " ");
    clause.text += word;
    text.remove_prefix(hole->size);
  }
  clause.says_none = zeros > 0 && others == 0;
  return clause;
}

}  // namespace

std::string with_figures(std::string_view text, const std::vector<std::int64_t>& figures) {
  std::string out;
  for (bool first = true; first || !text.empty(); first = false) {
    const std::size_t end = std::min(text.find("; "), text.size());
    Clause clause = filled(text.substr(0, end), figures);
    if (first || !clause.says_none) out += (first ? "" : "; ") + clause.text;
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return out;
}

}  // namespace schemasync
