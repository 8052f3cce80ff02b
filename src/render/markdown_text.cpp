#include "render/markdown_text.hpp"

#include <algorithm>

#include "render/page.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// A line break in a name is shown, not made.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return printable(out);
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// "@team" would call people, "#1" lead to an issue, and addresses become links; an empty comment
// between the two characters keeps GitHub from seeing them as one word.
bool would_link(std::string_view text, std::size_t at) {
  const char c = text[at];
  const bool followed = at + 1 < text.size() && is_alphanumeric(text[at + 1]);
  return followed && (c == '@' || c == '#');
}

std::size_t longest_run(std::string_view text, char of) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == of ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

std::string html_text(std::string_view text) {
  const std::string line = one_line(text);
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    switch (line[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += line[i];
    }
    if (would_link(line, i)) out += "<!-- -->";
  }
  return out;
}

std::string markdown_text(std::string_view text) {
  constexpr std::string_view special = "\\`*_{}[]|~$!";
  const std::string html = html_text(text);
  std::string out;
  for (std::size_t i = 0; i < html.size(); ++i) {
    const char c = html[i];
    if (html.compare(i, 8, "<!-- -->") == 0) {  // ours
      out += "<!-- -->";
      i += 7;
      continue;
    }
    // In the middle of a word _ means nothing, and names are full of it.
    const bool inside_word = c == '_' && i > 0 && i + 1 < html.size() &&
                             is_alphanumeric(html[i - 1]) && is_alphanumeric(html[i + 1]);
    const bool addresses = c == ':' && html.compare(i, 3, "://") == 0;
    if (special.find(c) != std::string_view::npos && !inside_word) out += '\\';
    out += c;
    if (addresses) out += "<!-- -->";
  }
  return out;
}

std::string markdown_code(std::string_view text) {
  const std::string line = one_line(text);
  if (line.empty()) return "` `";
  const std::string fence(longest_run(line, '`') + 1, '`');
  const bool spaced =
      line.front() == '`' || line.back() == '`' || (line.front() == ' ' && line.back() == ' ');
  return spaced ? fence + " " + line + " " + fence : fence + line + fence;
}

std::string markdown_code_in_cell(std::string_view text) {
  std::string out;
  for (const char c : markdown_code(text)) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string fenced(std::string_view language, std::string_view body) {
  const std::string fence(std::max<std::size_t>(3, longest_run(body, '`') + 1), '`');
  std::string out = fence + std::string(language) + "\n" + std::string(body);
  if (!body.ends_with('\n')) out += '\n';
  return out + fence + "\n";
}

std::string table_row(const std::vector<std::string>& cells) {
  return "| " + joined(cells, " | ") + " |\n";
}

}  // namespace schemasync
