#include "text/symbol.hpp"

#include <array>
#include <mutex>
#include <ostream>
#include <unordered_set>

namespace schemasync {
namespace {

const Symbol::Kept no_text{""};

std::uint64_t head_of(std::string_view text) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < sizeof head; ++i)
    head = (head << 8U) | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  return head;
}

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
  std::size_t operator()(const Symbol::Kept& kept) const { return (*this)(kept.text); }
};

struct SameText {
  using is_transparent = void;
  bool operator()(const Symbol::Kept& a, const Symbol::Kept& b) const { return a.text == b.text; }
  bool operator()(const Symbol::Kept& a, std::string_view b) const { return a.text == b; }
  bool operator()(std::string_view a, const Symbol::Kept& b) const { return a == b.text; }
};

// The only copy of each text; a set's nodes stay where they are. Never destroyed: symbols live
// until the end, and the end should not wait for it.
const Symbol::Kept* kept_of_all(std::string_view text) {
  static std::mutex alone;
  static auto& texts = *new std::unordered_set<Symbol::Kept, Hash, SameText>;
  const std::lock_guard guard(alone);
  const auto found = texts.find(text);
  return found != texts.end() ? &*found : &*texts.emplace(text).first;
}

// What a thread says it soon says again: most texts are found without the others' lock.
const Symbol::Kept* kept(std::string_view text) {
  thread_local std::array<const Symbol::Kept*, 1024> said = {};
  const Symbol::Kept*& one = said[Hash()(text) % said.size()];
  if (one == nullptr || one->text != text) one = kept_of_all(text);
  return one;
}

}  // namespace

Symbol::Kept::Kept(std::string_view of) : text(of), head(head_of(of)) {}

Symbol::Symbol() : kept_(&no_text) {}
Symbol::Symbol(std::string_view text) : kept_(text.empty() ? &no_text : kept(text)) {}

std::ostream& operator<<(std::ostream& out, const Symbol& symbol) { return out << symbol.str(); }

}  // namespace schemasync
