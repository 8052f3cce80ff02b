// A text that is kept once for as long as the program runs: a schema has tens of thousands of names
// and only a few words and tables among them. A copy costs a pointer, and so does telling that two
// are equal. Reads like the constant std::string that it stands for; safe between threads.
#pragma once

#include <compare>
#include <concepts>
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

  const std::string& str() const { return *text_; }
  operator const std::string&() const { return *text_; }  // NOLINT
  operator std::string_view() const { return *text_; }    // NOLINT
  bool empty() const { return text_->empty(); }
  bool starts_with(auto beginning) const { return text_->starts_with(beginning); }
  bool ends_with(auto end) const { return text_->ends_with(end); }

  friend bool operator==(const Symbol& a, const Symbol& b) { return a.text_ == b.text_; }
  // By the bytes of their texts.
  friend std::strong_ordering operator<=>(const Symbol& a, const Symbol& b) {
    return a.text_ == b.text_ ? std::strong_ordering::equal : *a.text_ <=> *b.text_;
  }
  // With other texts as std::string does it; those are not kept.
  template <OtherText T>
  friend bool operator==(const Symbol& a, const T& b) {
    return *a.text_ == std::string_view(b);
  }
  template <OtherText T>
  friend std::strong_ordering operator<=>(const Symbol& a, const T& b) {
    return std::string_view(*a.text_) <=> std::string_view(b);
  }
  friend std::string operator+(std::string a, const Symbol& b) { return a += *b.text_; }
  friend std::string operator+(const Symbol& a, std::string_view b) {
    return std::string(*a.text_).append(b);
  }
  friend std::string operator+(const Symbol& a, char b) { return *a.text_ + b; }
  friend std::string operator+(char a, const Symbol& b) { return a + *b.text_; }

 private:
  const std::string* text_;
};

std::ostream& operator<<(std::ostream& out, const Symbol& symbol);

}  // namespace schemasync

template <>
struct std::hash<schemasync::Symbol> {
  std::size_t operator()(const schemasync::Symbol& symbol) const {
    return std::hash<const void*>()(&symbol.str());
  }
};
