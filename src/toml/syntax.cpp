#include "toml/syntax.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "text/strings.hpp"
#include "toml/document.hpp"
#include "toml/scan.hpp"

namespace schemasync {
namespace {

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

// One line of a suggestion, padded so that the = of a block stand under each other.
std::string suggestion(std::string_view key, std::size_t width, std::string_view value) {
  return "  " + std::string(key) + std::string(width - key.size(), ' ') + " = " +
         std::string(value);
}

// A key that fits into one line of a hint.
std::string shortened(std::string_view text) {
  return text.size() <= 60 ? std::string(text) : std::string(clipped(text, 57)) + "...";
}

class Explainer {
 public:
  Explainer(const std::string& file, const TextPlaces& places, std::size_t at,
            std::string_view says)
      : file_(file),
        places_(places),
        text_(places.text()),
        at_(at),
        says_(says),
        here_(situation_at(text_, at)) {}

  Mistake explain() const {
    using Attempt = std::optional<Mistake> (Explainer::*)() const;
    static constexpr Attempt attempts[] = {
        &Explainer::of_string,       &Explainer::of_second_definition,
        &Explainer::of_open_bracket, &Explainer::of_comment,
        &Explainer::of_line_end,     &Explainer::of_header,
        &Explainer::of_key,          &Explainer::of_value,
        &Explainer::of_rest_of_line,
    };
    for (const Attempt attempt : attempts)
      if (std::optional<Mistake> mistake = (this->*attempt)()) return *mistake;
    return mistake(at_, 1, "this is not TOML: " + without_preface(), "");
  }

 private:
  bool says(std::string_view part) const { return says_.find(part) != std::string_view::npos; }
  char current() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  bool at_line_end() const { return current() == '\n' || current() == '\r'; }
  bool at_end() const { return at_ >= text_.size() || says("end-of-file"); }

  Mistake mistake(std::size_t offset, std::size_t bytes, std::string what, std::string hint) const {
    const LineColumn place = places_.place(offset);
    const std::size_t end = std::clamp(offset + bytes, offset, places_.line_end(place.line));
    const int length = std::max(1, code_points(text_.substr(offset, end - offset)));
    return {{file_, place.line, place.column}, length, std::move(what), std::move(hint)};
  }

  // "Error while parsing value: could not …" -> "could not …"
  std::string without_preface() const {
    const std::size_t colon =
        says_.starts_with("Error while parsing ") ? says_.find(": ") : says_.npos;
    return std::string(colon == says_.npos ? says_ : says_.substr(colon + 2));
  }

  std::string_view line_from(std::size_t offset) const {
    return text_.substr(offset, places_.line_end(places_.place(offset).line) - offset);
  }

  // The key whose value the error is in, as written.
  std::string_view key_text() const {
    const auto pair = key_and_value(line_from(here_.key));
    return pair ? pair->first : std::string_view("name");
  }

  std::optional<Mistake> of_string() const {
    if (here_.string == Situation::none) return std::nullopt;
    const std::size_t begin = here_.string;
    if (says("escape sequence") || says("unicode scalar") || says("hex digit")) {
      const std::size_t slash = text_.rfind('\\', std::min(at_, text_.size() - 1));
      if (slash == text_.npos || slash < begin) return std::nullopt;
      return mistake(slash, 2, "in \"...\" a \\ starts an escape, and this is none",
                     "write \\\\, or the whole string in single quotes: '...'");
    }
    const std::string_view three = text_.substr(begin, 3);
    if (three == "\"\"\"" || three == "'''")
      if (!string_end(text_, begin))
        return mistake(begin, 3, "this string has no closing " + std::string(three), "");
    const bool inside = at_ < text_.size() && !at_line_end() && says("control character");
    if (inside)
      return mistake(at_, 1, "a control character stands in this string",
                     "write it as an escape in double quotes, such as \\u0001");
    const std::string quote(1, text_[begin]);
    return mistake(begin, line_from(begin).size(), "this string has no closing " + quote,
                   "a string of several lines stands in three quotes: '''...'''");
  }

  std::optional<Mistake> of_second_definition() const {
    if (!says("cannot redefine")) return std::nullopt;
    if (here_.in_header) {
      const std::string_view header = trimmed(line_from(here_.statement));
      const std::string name(header.substr(0, header.rfind(']') + 1));
      const std::string plain = "[" + joined(strings(key_parts(name)), ".") + "]";
      const std::string hint =
          name.starts_with("[[")
              ? "every one of them is written " + name
              : "keep one of them; several of one kind are written [" + plain + "]";
      return mistake(here_.statement, name.size(), name + " is defined twice",
                     first_definition(key_parts(name)) + hint);
    }
    const std::string_view key = key_text();
    std::vector<std::string_view> path = key_parts(here_.header);
    for (const std::string_view part : key_parts(key)) path.push_back(part);
    const std::string first = here_.open.empty() ? first_definition(path) : "";
    return mistake(here_.key, key.size(), in_quotes(shortened(key)) + " is defined twice",
                   first + "keep one of them");
  }

  static std::vector<std::string> strings(const std::vector<std::string_view>& parts) {
    return {parts.begin(), parts.end()};
  }

  // "first on line 4: ", from the text before the statement, which is TOML.
  std::string first_definition(const std::vector<std::string_view>& path) const {
    Mistakes none;
    const Document before = parse_toml(
        file_, text_.substr(0, places_.line_begin(places_.place(here_.statement).line)), none);
    const Node* node = &before.root;
    int line = 0;
    for (const std::string_view part : path) {
      while (node->is_array() && !node->elements.empty()) node = &node->elements.back();
      const Entry* entry = node->find(part);
      if (entry == nullptr) break;
      line = entry->key.where.line;
      node = &entry->value;
    }
    return line > 0 ? "first on line " + std::to_string(line) + ": " : "";
  }

  std::optional<Mistake> of_open_bracket() const {
    if (here_.open.empty()) return std::nullopt;
    const std::size_t bracket = here_.open.back();
    if (text_[bracket] == '[') {
      const bool next_statement = key_and_value(line_from(at_)) && !at_end();
      if (at_end() || (next_statement && says("determine value type")))
        return mistake(bracket, 1, "this list has no closing ]", "");
      if (says("expected comma"))
        return mistake(at_, 1, "a comma is missing before this element", "");
      return std::nullopt;
    }
    if (current() == '#') return of_open_table(bracket);
    if (says("dangling comma"))
      return mistake(text_.rfind(',', at_), 1, "a comma stands before the closing }",
                     "take it out");
    if (says("expected comma")) return mistake(at_, 1, "a comma is missing before this key", "");
    if (at_line_end() || at_end()) return of_open_table(bracket);
    return std::nullopt;
  }

  Mistake of_open_table(std::size_t bracket) const {
    const std::size_t end = places_.line_end(places_.place(bracket).line);
    return mistake(end, 1, "a { ... } table must end on the line where it starts",
                   dotted_form(bracket));
  }

  // The table's members as dotted keys, ready to be pasted.
  std::string dotted_form(std::size_t bracket) const {
    const std::string plain = "write one line, or dotted keys";
    const std::optional<std::size_t> end = bracket_end(text_, bracket);
    if (!end) return "close it with }";
    if (here_.open.size() != 1) return "write one line";
    const auto outer = key_and_value(line_from(here_.statement));
    if (!outer) return plain;
    std::vector<std::pair<std::string, std::string_view>> lines;
    std::size_t width = 0;
    for (const std::string_view member :
         members_of(text_.substr(bracket + 1, *end - bracket - 2))) {
      const auto pair = key_and_value(member);
      if (!pair || pair->second.empty() || member.find('\n') != member.npos) return plain;
      lines.emplace_back(std::string(outer->first) + "." + std::string(pair->first), pair->second);
      width = std::max(width, lines.back().first.size());
    }
    if (lines.empty()) return plain;
    std::string hint = plain + ":";
    for (const auto& [key, value] : lines) hint += "\n" + suggestion(key, width, value);
    return hint;
  }

  std::optional<Mistake> of_comment() const {
    const std::string_view statement = line_from(here_.statement);
    const std::string_view rest = line_from(at_);
    for (const std::string_view mark : {"--", "//", "/*", ";"}) {
      const bool whole = statement.starts_with(mark);
      const bool behind = rest.starts_with(mark) && (mark != ";" || trimmed(rest).size() > 1);
      if (!whole && !behind) continue;
      return mistake(whole ? here_.statement : at_, mark.size(), "a comment starts with #", "");
    }
    return std::nullopt;
  }

  std::optional<Mistake> of_line_end() const {
    if (says("after '\\r'"))
      return mistake(at_, 1, "a line ends in a lone carriage return",
                     "save the file with line feeds as line ends");
    const std::string_view rest = trimmed(line_from(at_));
    if (here_.value == Situation::none || (rest != "," && rest != ";")) return std::nullopt;
    return mistake(at_, 1, "a line ends without " + std::string(rest), "take it out");
  }

  std::optional<Mistake> of_header() const {
    if (!here_.in_header) return std::nullopt;
    const std::string_view line = trimmed(line_from(here_.statement));
    const std::size_t close = line.rfind(']');
    if (close == line.npos ||
        (line.starts_with("[[") && !line.substr(0, close + 1).ends_with("]]")))
      return mistake(
          here_.statement, line.size(),
          "this header has no closing " + std::string(line.starts_with("[[") ? "]]" : "]"), "");
    if (says("expected a comment"))
      return mistake(at_, line_from(at_).size(), "keys stand on the lines below their header", "");
    if (says("blank bare keys") || current() == '.' || current() == ']')
      return mistake(here_.statement, line.size(), "a part of this header is empty",
                     "an object is named as in [table.user]");
    return mistake(at_, 1, "this character needs quotes in a header",
                   "a name with anything but A-Z a-z 0-9 _ - is quoted: [table.\"Order Lines\"]");
  }

  std::optional<Mistake> of_key() const {
    if (here_.value != Situation::none || here_.in_header) return std::nullopt;
    if (current() == '=') return mistake(at_, 1, "a key is missing before =", "");
    const std::string_view line = line_from(here_.key);
    if (says("saw ':'")) return mistake(at_, 1, "a key is followed by =, not by :", "");
    const auto pair = key_and_value(line);
    if ((says("expected '='") || at_end()) && !pair && !line.empty())
      return mistake(here_.key, line.size(),
                     "a line is a key with a value, a [header] or a # comment",
                     says("saw '\\n'") ? "write " + shortened(trimmed(line)) + " = ..." : "");
    if (!pair) return std::nullopt;
    return mistake(here_.key, pair->first.size(), "this key needs quotes",
                   "a name with anything but A-Z a-z 0-9 _ - is quoted: \"" +
                       shortened(pair->first) + "\" = ...");
  }

  // The value as far as a reader would take it: to the next comma or bracket that is not its own.
  std::string_view value_text() const {
    std::size_t begin = here_.value;
    while (begin < text_.size() && (text_[begin] == ' ' || text_[begin] == '\t')) ++begin;
    const std::string_view line = line_from(begin);
    int depth = 0;
    std::size_t end = 0;
    for (; end < line.size(); ++end) {
      const char c = line[end];
      if (c == '(') ++depth;
      if (c == ')') --depth;
      if (c == '#' || (depth <= 0 && (c == ',' || c == '}' || c == ']'))) break;
    }
    return trimmed(line.substr(0, end));
  }

  std::optional<Mistake> of_value() const {
    if (here_.value == Situation::none || says("expected a comment")) return std::nullopt;
    const std::string_view value = value_text();
    if (value.empty())
      return mistake(std::min(here_.value, text_.size()), 1,
                     in_quotes(shortened(key_text())) + " has no value", "");
    const auto at = static_cast<std::size_t>(value.data() - text_.data());
    const char first = value.front();
    if ((first >= '0' && first <= '9') || first == '+' || first == '-' || first == '.')
      return of_number(at, value);
    const std::string folded = lowercase(value);
    if (folded == "true" || folded == "false")
      return mistake(at, value.size(), "this is written in lower case", "write " + folded);
    if (folded == "null" || folded == "none" || folded == "nil")
      return mistake(at, value.size(), "TOML has no " + std::string(value),
                     "leave the key out; a nullable column has a ? behind its type: \"varchar?\"");
    if (value.starts_with("\u201c") || value.starts_with("\u2018"))
      return mistake(at, value.size(), "these are not the quotes of a string",
                     "write \"...\" or '...'");
    if (first == '"' || first == '\'') return std::nullopt;
    if (static_cast<unsigned char>(first) < 0x20U)
      return mistake(at, 1, "a control character stands here", "take it out");
    return mistake(at, value.size(), "a string needs quotes",
                   "write " + shortened(key_text()) + " = \"" + shortened(value) + "\"");
  }

  std::optional<Mistake> of_number(std::size_t at, std::string_view value) const {
    const auto because = [&](const std::string& what, const std::string& hint) {
      return mistake(at, value.size(), what, hint);
    };
    if (says("not representable in 64 bits"))
      return because("this number has more than 64 bits",
                     "write it in quotes: \"" + std::string(value) + "\"");
    if (says("leading zeroes"))
      return because("a number has no leading zeros",
                     "write it without them, or a string in quotes");
    if (says("could not be interpreted"))
      return because("this number is out of range",
                     "write it in quotes: \"" + std::string(value) + "\"");
    if (value.front() == '.')
      return because("a number starts with a digit", "write 0" + std::string(value));
    if (value.ends_with('.'))
      return because("a number ends with a digit", "write " + std::string(value) + "0");
    const bool date = says("parsing date") || says("parsing time");
    return because(date ? "this is no date or time: " + without_preface() : "this is no number",
                   "a string needs quotes: \"" + shortened(value) + "\"");
  }

  std::optional<Mistake> of_rest_of_line() const {
    if (!says("expected a comment") && !says("expected digit")) return std::nullopt;
    const std::string_view rest = trimmed(line_from(at_));
    const bool after_quote = at_ > 0 && (text_[at_ - 1] == '"' || text_[at_ - 1] == '\'');
    if (after_quote)
      return mistake(at_, rest.size(), "the string ended before this",
                     "a quote inside a string: '...\"...', \"...'...\" or '''...'''");
    if (key_and_value(rest))
      return mistake(at_, rest.size(), "each key stands on a line of its own", "");
    return mistake(at_, rest.size(), "nothing may stand behind a value", "a string needs quotes");
  }

  const std::string& file_;
  const TextPlaces& places_;
  std::string_view text_;
  std::size_t at_;
  std::string_view says_;
  Situation here_;
};

}  // namespace

Mistake syntax_mistake(const std::string& file, const TextPlaces& places, LineColumn at,
                       std::string_view description) {
  return Explainer(file, places, places.offset(at), description).explain();
}

}  // namespace schemasync
