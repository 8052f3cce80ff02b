// A page of text at 100 columns: wraps with a hanging indent, aligns small tables, colours words.
// The text renderings are written with it. It never lets a control character of a name or a value
// through to the terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/risk.hpp"

namespace schemasync {

constexpr std::size_t page_width = 100;

enum class Colour { none, green, yellow, red };
Colour colour_of(Level level);

class Page {
 public:
  explicit Page(bool coloured) : coloured_(coloured) {}

  void blank();  // never two in a row, never first
  // `lead`, then `text` wrapped at words; all lines after the first are indented to the lead's
  // width. Newlines in the text stay, and so do the spaces that a line of it starts with.
  void add(std::string_view lead, std::string_view text);
  // Lines as they stand, each indented; for SQL that will be copied.
  void verbatim(std::size_t indent, std::string_view text);
  // Columns two spaces apart; a column of numbers is flushed right. Long cells are clipped.
  void table(std::size_t indent, const std::vector<std::string>& headings,
             const std::vector<std::vector<std::string>>& rows);

  // A word in colour; the lead of add() may hold some.
  std::string painted(std::string_view word, Colour colour) const;

  std::string text() &&;

 private:
  std::string out_;
  bool coloured_;
};

// Columns that the text takes on a terminal: code points, without colour.
std::size_t shown_width(std::string_view text);
// Padded with spaces to a width.
std::string padded(std::string text, std::size_t width);
// Control characters (but newlines) as \x1b.
std::string printable(std::string_view text);
// Ends with a full stop; sentence() also starts with an upper case letter (ASCII).
std::string stopped(std::string text);
std::string sentence(std::string text);
// {1,2,3,7} -> "#1-#3, #7".
std::string numbered(const std::vector<std::size_t>& numbers);

}  // namespace schemasync
