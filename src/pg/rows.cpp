#include "pg/rows.hpp"

#include <charconv>

namespace schemasync {

std::vector<std::string> parse_array(std::string_view text) {
  if (!text.empty() && text.front() == '[')
    text.remove_prefix(std::min(text.find('='), text.size() - 1) + 1);
  std::vector<std::string> elements;
  if (text.size() < 2 || text == "{}") return elements;
  std::string element;
  bool quoted = false;      // inside quotes now
  bool was_quoted = false;  // "NULL" in quotes is a text, bare it is a null
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      element += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
      was_quoted = true;
    } else if (!quoted && (c == ',' || c == '}')) {
      elements.push_back(!was_quoted && element == "NULL" ? std::string() : std::move(element));
      element.clear();
      was_quoted = false;
    } else {
      element += c;
    }
  }
  return elements;
}

pqxx::field Rows::Body::cell(std::size_t row, std::size_t column) {
  if (row != at_) {
    row_ = result[static_cast<pqxx::result::size_type>(row)];
    at_ = row;
  }
  return row_[static_cast<pqxx::row::size_type>(column)];
}

Rows::Rows() = default;
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

std::size_t Rows::size() const {
  return body_ ? static_cast<std::size_t>(body_->result.size()) : 0;
}

std::size_t Rows::columns() const {
  return body_ ? static_cast<std::size_t>(body_->result.columns()) : 0;
}

std::string Rows::column_name(std::size_t column) const {
  return body_->result.column_name(static_cast<pqxx::row::size_type>(column));
}

bool Rows::is_null(std::size_t row, std::size_t column) const {
  return body_->cell(row, column).is_null();
}

std::string_view Rows::text(std::size_t row, std::size_t column) const {
  const pqxx::field field = body_->cell(row, column);
  return {field.c_str(), static_cast<std::size_t>(field.size())};
}

std::int64_t Rows::number(std::size_t row, std::size_t column) const {
  const std::string_view digits = text(row, column);
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool Rows::truth(std::size_t row, std::size_t column) const { return text(row, column) == "t"; }

std::optional<std::string> Rows::maybe(std::size_t row, std::size_t column) const {
  if (is_null(row, column)) return std::nullopt;
  return std::string(text(row, column));
}

std::vector<std::string> Rows::list(std::size_t row, std::size_t column) const {
  return parse_array(text(row, column));
}

}  // namespace schemasync
