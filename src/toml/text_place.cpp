#include "toml/text_place.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace schemasync {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

TextPlaces::TextPlaces(std::string_view text) : text_(text), begins_{0} {
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n', end + 1))
    begins_.push_back(end + 1);
  const bool all_ascii = is_ascii(text);
  ascii_.reserve(begins_.size());
  for (std::size_t i = 0; i < begins_.size(); ++i) {
    const std::size_t length = i + 1 < begins_.size() ? begins_[i + 1] - begins_[i] : text.npos;
    ascii_.push_back(all_ascii || is_ascii(text.substr(begins_[i], length)));
  }
}

std::size_t TextPlaces::line_begin(int line) const {
  const auto index = static_cast<std::size_t>(std::max(line, 1) - 1);
  return index < begins_.size() ? begins_[index] : text_.size();
}

std::size_t TextPlaces::line_end(int line) const {
  const auto next = static_cast<std::size_t>(std::max(line, 1));
  std::size_t end = next < begins_.size() ? begins_[next] - 1 : text_.size();
  if (end > line_begin(line) && text_[end - 1] == '\r') --end;
  return end;
}

std::size_t TextPlaces::offset(LineColumn place) const {
  const std::size_t begin = line_begin(place.line);
  const std::size_t end = line_end(place.line);
  const auto index = static_cast<std::size_t>(std::max(place.line, 1) - 1);
  if (index < ascii_.size() && ascii_[index])
    return std::min(begin + static_cast<std::size_t>(std::max(place.column, 1) - 1), end);
  std::size_t at = begin;
  int column = 1;
  if (place.line == last_line_ && place.column >= last_column_) {
    at = last_offset_;
    column = last_column_;
  }
  while (at < end && column < place.column) {
    ++at;
    while (at < end && continues(text_[at])) ++at;
    ++column;
  }
  last_line_ = place.line;
  last_column_ = column;
  last_offset_ = at;
  return at;
}

LineColumn TextPlaces::place(std::size_t offset) const {
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), offset);
  const auto line = static_cast<int>(after - begins_.begin());
  const std::size_t begin = *(after - 1);
  return {line, 1 + code_points(text_.substr(begin, offset - begin))};
}

int code_points(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::size_t first_invalid_utf8(std::string_view text) {
  if (is_ascii(text)) return std::string_view::npos;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace schemasync
