// Places in the text of a file: toml++ and people count lines and code points, strings count bytes.
// parse.cpp and syntax.cpp convert with it. The text is valid UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace schemasync {

struct LineColumn {
  int line = 1;    // 1-based
  int column = 1;  // 1-based, in code points
};

class TextPlaces {
 public:
  explicit TextPlaces(std::string_view text);

  // Past the end of its line, or of the text: that end.
  std::size_t offset(LineColumn place) const;
  LineColumn place(std::size_t offset) const;
  std::size_t line_begin(int line) const;
  std::size_t line_end(int line) const;  // before its \n or \r\n
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  std::vector<std::size_t> begins_;
  std::vector<bool> ascii_;
  // The last place looked up: the next one is usually further right on the same line.
  mutable int last_line_ = 0;
  mutable int last_column_ = 1;
  mutable std::size_t last_offset_ = 0;
};

int code_points(std::string_view text);
// The offset of the first byte that is not UTF-8; npos: all of it is.
std::size_t first_invalid_utf8(std::string_view text);

}  // namespace schemasync
