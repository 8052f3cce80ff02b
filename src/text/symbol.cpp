#include "text/symbol.hpp"

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

// The only copy of each text; a set's nodes stay where they are.
const std::string* kept(std::string_view text) {
  static std::mutex alone;
  static std::unordered_set<std::string, Hash, std::equal_to<>> texts;
  const std::lock_guard guard(alone);
  const auto found = texts.find(text);
  return found != texts.end() ? &*found : &*texts.emplace(text).first;
}

}  // namespace

Symbol::Symbol() : text_(&no_text) {}
Symbol::Symbol(std::string_view text) : text_(text.empty() ? &no_text : kept(text)) {}

std::ostream& operator<<(std::ostream& out, const Symbol& symbol) { return out << symbol.str(); }

}  // namespace schemasync
