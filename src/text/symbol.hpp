// A text that is kept once for as long as the program runs: a schema has tens of thousands of names
// and only a few words and tables among them. A copy costs a pointer, and so does telling that two
// are equal. Reads like the constant std::string that it stands for; safe between threads.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

namespace schemasync {

class Symbol;

template <class T>
concept OtherText = !std::same_as<T, Symbol> && std::convertible_to<const T&, std::string_view>;

class Symbol {
 public:
  Symbol();
  Symbol(std::string_view text);                                       // NOLINT: implicit by intent
  Symbol(const std::string& text) : Symbol(std::string_view(text)) {}  // NOLINT
  Symbol(const char* text) : Symbol(std::string_view(text)) {}         // NOLINT

  // The one copy of a text.
  struct Kept {
    explicit Kept(std::string_view of);

    std::string text;
    std::uint64_t
        head;  // the first eight bytes, the first one highest: most texts are ordered by it
  };

  const std::string& str() const { return kept_->text; }
  operator const std::string&() const { return str(); }  // NOLINT
  operator std::string_view() const { return str(); }    // NOLINT
  bool empty() const { return str().empty(); }
  bool starts_with(auto beginning) const { return str().starts_with(beginning); }
  bool ends_with(auto end) const { return str().ends_with(end); }

  friend bool operator==(const Symbol& a, const Symbol& b) { return a.kept_ == b.kept_; }
  // By the bytes of their texts.
  friend std::strong_ordering operator<=>(const Symbol& a, const Symbol& b) {
    if (a.kept_ == b.kept_) return std::strong_ordering::equal;
    if (a.kept_->head != b.kept_->head) return a.kept_->head <=> b.kept_->head;
    return a.str() <=> b.str();
  }
  // With other texts as std::string does it; those are not kept.
  template <OtherText T>
  friend bool operator==(const Symbol& a, const T& b) {
    return a.str() == std::string_view(b);
  }
  template <OtherText T>
  friend std::strong_ordering operator<=>(const Symbol& a, const T& b) {
    return std::string_view(a.str()) <=> std::string_view(b);
  }
  friend std::string operator+(std::string a, const Symbol& b) { return a += b.str(); }
  friend std::string operator+(const Symbol& a, std::string_view b) {
    return std::string(a.str()).append(b);
  }
  friend std::string operator+(const Symbol& a, char b) { return a.str() + b; }
  friend std::string operator+(char a, const Symbol& b) { return a + b.str(); }

 private:
  const Kept* kept_;
};

std::ostream& operator<<(std::ostream& out, const Symbol& symbol);

}  // namespace schemasync

template <>
struct std::hash<schemasync::Symbol> {
  std::size_t operator()(const schemasync::Symbol& symbol) const {
    return std::hash<const void*>()(&symbol.str());
  }
};
