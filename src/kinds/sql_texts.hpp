// Walks the SQL that stands among an object's attributes, wherever fields() leads to.
#pragma once

#include <type_traits>

#include "kinds/object.hpp"

namespace schemasync {

namespace detail {
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
}  // namespace detail

// Calls f(SqlText&, const SqlText* counterpart) for each; the counterpart is the one at the same
// place of `other`, nullptr where there is none. Pass the object itself to walk it alone.
template <class T, class F>
void each_sql(T& value, const std::remove_const_t<T>* other, F&& f) {
  using Plain = std::remove_const_t<T>;
  if constexpr (std::is_same_v<Plain, SqlText>) {
    f(value, other);
  } else if constexpr (detail::is_optional<Plain>::value) {
    if (value) each_sql(*value, other != nullptr && *other ? &**other : nullptr, f);
  } else if constexpr (detail::is_vector<Plain>::value) {
    if constexpr (!std::is_same_v<typename Plain::value_type, bool>)
      for (std::size_t i = 0; i < value.size(); ++i)
        each_sql(value[i], other != nullptr && i < other->size() ? &(*other)[i] : nullptr, f);
  } else if constexpr (requires { Plain::fields(); }) {
    std::apply(
        [&](const auto&... field) {
          (each_sql(value.*field.member, other != nullptr ? &(other->*field.member) : nullptr, f),
           ...);
        },
        Plain::fields());
  }
}

template <class K>
bool all_asked(const K& object) {
  bool asked = true;
  each_sql(object, static_cast<const K*>(nullptr),
           [&](const SqlText& text, const SqlText*) { asked = asked && text.asked(); });
  return asked;
}

}  // namespace schemasync
