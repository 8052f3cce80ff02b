#include "text/symbol.hpp"

#include <array>
#include <mutex>
#include <ostream>
#include <unordered_set>

namespace schemasync {
namespace {

const std::string no_text;

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

// The only copy of each text; a set's nodes stay where they are. Never destroyed: symbols live
// until the end, and the end should not wait for it.
const std::string* kept_of_all(std::string_view text) {
  static std::mutex alone;
  static auto& texts = *new std::unordered_set<std::string, Hash, std::equal_to<>>;
  const std::lock_guard guard(alone);
  const auto found = texts.find(text);
  return found != texts.end() ? &*found : &*texts.emplace(text).first;
}

// What a thread says it soon says again: most texts are found without the others' lock.
const std::string* kept(std::string_view text) {
  thread_local std::array<const std::string*, 1024> said = {};
  const std::string*& one = said[Hash()(text) % said.size()];
  if (one == nullptr || *one != text) one = kept_of_all(text);
  return one;
}

}  // namespace

Symbol::Symbol() : text_(&no_text) {}
Symbol::Symbol(std::string_view text) : text_(text.empty() ? &no_text : kept(text)) {}

std::ostream& operator<<(std::ostream& out, const Symbol& symbol) { return out << symbol.str(); }

}  // namespace schemasync
