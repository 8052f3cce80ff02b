// SQL that cannot be mis-quoted. Every part of a statement has a type that says how it is written:
// keywords are literals of our own source (checked at compile time), names are Identifier, values
// are Literal, and text that PostgreSQL or a model author wrote as SQL is Expression. A bare
// run-time std::string does not compile. All kinds build their statements with sql("… {} …",
// parts…).
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace schemasync {

// A name as PostgreSQL stores it; printed double-quoted, always (a quoted name is never a keyword).
struct Identifier {
  std::string name;
  auto operator<=>(const Identifier&) const = default;
};

// schema.name, both as stored.
struct QualifiedName {
  std::string schema;
  std::string name;
  auto operator<=>(const QualifiedName&) const = default;
};

// A string value; printed in single quotes. Relies on standard_conforming_strings = on.
struct Literal {
  std::string value;
  auto operator<=>(const Literal&) const = default;
};

// SQL text written by a model author or printed by PostgreSQL: an expression, a type, a query.
// It is inserted as it stands. Never make one from a name or a value.
struct Expression {
  std::string text;
  auto operator<=>(const Expression&) const = default;
};

// A finished piece of SQL. Concatenates with its own kind only.
class Sql {
 public:
  Sql() = default;
  explicit Sql(const Identifier& identifier);
  explicit Sql(const QualifiedName& name);
  explicit Sql(const Literal& literal);
  explicit Sql(const Expression& expression) : text_(expression.text) {}
  explicit Sql(std::int64_t number) : text_(std::to_string(number)) {}

  // Takes SQL back from a plan file or the journal, where it was written by str().
  static Sql recorded(std::string text) {
    Sql sql;
    sql.text_ = std::move(text);
    return sql;
  }

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  Sql& operator+=(const Sql& other) {
    text_ += other.text_;
    return *this;
  }
  friend Sql operator+(Sql left, const Sql& right) { return left += right; }
  bool operator==(const Sql&) const = default;

 private:
  std::string text_;
};

template <class T>
concept SqlPart = std::same_as<T, Sql> || std::constructible_from<Sql, const T&>;

// The fixed text of a statement: a literal of our own source with one {} for each part.
// `{{` and `}}` do not exist here: no statement of ours needs a brace of its own, except the
// archive's placeholder, which is a part (see archive_name in model/change.hpp).
template <SqlPart... Parts>
struct SqlPattern {
  std::string_view text;
  template <std::size_t N>
  consteval SqlPattern(const char (&literal)[N])
      : text(literal, N - 1) {  // NOLINT: implicit by intent
    std::size_t holes = 0;
    for (std::size_t i = 0; i + 1 < N; ++i)
      if (literal[i] == '{') {
        if (literal[i + 1] != '}') throw "a brace that is not {}";
        ++holes;
      }
    if (holes != sizeof...(Parts)) throw "as many {} as parts";
  }
};

namespace detail {
Sql fill(std::string_view text, const Sql* parts, std::size_t count);
}

// sql("ALTER TABLE {} DROP COLUMN {}", table, column)
template <SqlPart... Parts>
Sql sql(SqlPattern<std::type_identity_t<Parts>...> text, const Parts&... parts) {
  const Sql pieces[] = {Sql(parts)..., Sql()};
  return detail::fill(text.text, pieces, sizeof...(Parts));
}

// Joins with a separator of our own source: join(columns, ", ").
Sql join(const std::vector<Sql>& pieces, SqlPattern<> separator);

// "a", "b", "c"
Sql identifiers(const std::vector<std::string>& names);

// A name as people read it in messages: bare where PostgreSQL would need no quotes, else quoted.
std::string display_name(std::string_view name);

}  // namespace schemasync
