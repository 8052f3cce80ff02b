#include "render/page.hpp"

#include <algorithm>

#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t widest_cell = 32;

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

// Breaks one line into lines of at most `width`; a word that is longer stands on a line of its own.
std::vector<std::string> broken(std::string_view line, std::size_t width) {
  if (shown_width(line) <= width) return {std::string(line)};
  const std::size_t words_at = std::min(line.find_first_not_of(' '), line.size());
  const std::string indent(words_at, ' ');
  std::vector<std::string> lines(1, indent);
  std::size_t used = words_at;
  bool first = true;
  for (const std::string& word : split(line.substr(words_at), ' ')) {
    if (word.empty()) continue;
    const std::size_t needed = shown_width(word) + (first ? 0 : 1);
    if (!first && used + needed > width) {
      lines.push_back(indent);
      used = words_at;
      first = true;
    }
    if (!first) lines.back() += ' ';
    lines.back() += word;
    used += shown_width(word) + (first ? 0 : 1);
    first = false;
  }
  return lines;
}

std::string cell(std::string_view text) {
  std::string shown = printable(text);
  std::replace(shown.begin(), shown.end(), '\n', ' ');
  if (shown_width(shown) <= widest_cell) return shown;
  std::size_t end = 0;
  for (std::size_t points = 0; end < shown.size(); ++end)
    if (starts_code_point(shown[end]) && points++ == widest_cell - 3) break;
  return shown.substr(0, end) + "...";
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.,-+") == std::string_view::npos;
}

}  // namespace

Colour colour_of(Level level) {
  switch (level) {
    case Level::low:
      return Colour::green;
    case Level::medium:
      return Colour::yellow;
    case Level::high:
      return Colour::red;
  }
  return Colour::none;
}

std::size_t shown_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = std::min(text.find('m', i), text.size());
      continue;
    }
    if (starts_code_point(text[i])) ++width;
  }
  return width;
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t used = shown_width(text);
  if (used < width) text.append(width - used, ' ');
  return text;
}

std::string printable(std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\t') {
      out += "    ";
    } else if ((byte < 0x20 && c != '\n') || byte == 0x7f) {
      out += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
    } else {
      out += c;
    }
  }
  return out;
}

std::string stopped(std::string text) {
  text = std::string(trimmed(text));
  if (text.empty()) return text;
  if (std::string_view(".!?:").find(text.back()) == std::string_view::npos) text += '.';
  return text;
}

std::string sentence(std::string text) {
  text = stopped(std::move(text));
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string numbered(const std::vector<std::size_t>& numbers) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    std::string part = "#" + std::to_string(numbers[i]);
    if (last > i) part += (last == i + 1 ? ", #" : "-#") + std::to_string(numbers[last]);
    parts.push_back(std::move(part));
    i = last + 1;
  }
  return joined(parts, ", ");
}

void Page::blank() {
  if (out_.empty() || out_.ends_with("\n\n")) return;
  out_ += '\n';
}

void Page::add(std::string_view lead, std::string_view text) {
  const std::size_t indent = shown_width(lead);
  const std::size_t width = page_width > indent + 20 ? page_width - indent : 20;
  bool first = true;
  for (const std::string& paragraph : split(printable(text), '\n'))
    for (const std::string& line : broken(paragraph, width)) {
      std::string whole = first ? std::string(lead) : std::string(indent, ' ');
      whole += line;
      whole.erase(whole.find_last_not_of(' ') + 1);
      out_ += whole + "\n";
      first = false;
    }
}

void Page::verbatim(std::size_t indent, std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  for (const std::string& line : split(text, '\n'))
    out_ += line.empty() ? "\n" : std::string(indent, ' ') + printable(line) + "\n";
}

void Page::table(std::size_t indent, const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> cells(1);
  for (const std::string& heading : headings) cells[0].push_back(cell(heading));
  for (const auto& row : rows) {
    cells.emplace_back();
    for (std::size_t i = 0; i < headings.size(); ++i)
      cells.back().push_back(i < row.size() ? cell(row[i]) : "");
  }
  std::vector<std::size_t> widths(headings.size());
  std::vector<bool> right(headings.size(), !rows.empty());
  for (std::size_t r = 0; r < cells.size(); ++r)
    for (std::size_t i = 0; i < headings.size(); ++i) {
      widths[i] = std::max(widths[i], shown_width(cells[r][i]));
      if (r > 0 && !is_number(cells[r][i])) right[i] = false;
    }
  for (const auto& row : cells) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - shown_width(row[i]), ' ');
      line += (i > 0 ? "  " : "") + (right[i] ? gap + row[i] : row[i] + gap);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out_ += line + "\n";
  }
}

std::string Page::painted(std::string_view word, Colour colour) const {
  if (!coloured_) return std::string(word);
  switch (colour) {
    case Colour::none:
      return std::string(word);
    case Colour::green:
      return "\x1b[32m" + std::string(word) + "\x1b[0m";
    case Colour::yellow:
      return "\x1b[33m" + std::string(word) + "\x1b[0m";
    case Colour::red:
      return "\x1b[1;31m" + std::string(word) + "\x1b[0m";
  }
  return std::string(word);
}

std::string Page::text() && {
  while (out_.ends_with("\n\n")) out_.pop_back();
  return std::move(out_);
}

}  // namespace schemasync
