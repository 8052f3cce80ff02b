#include "code/words.hpp"

#include <algorithm>

namespace schemasync {
namespace {

bool is_ascii_word(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Bytes of a word, by table. Beyond ASCII all are; punctuation is told apart in word_bytes().
constexpr std::array<bool, 256> word_table = [] {
  std::array<bool, 256> table = {};
  for (int c = 0; c < 256; ++c)
    table[static_cast<std::size_t>(c)] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                         (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
  return table;
}();

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// Length of the punctuation that begins here although its bytes are beyond ASCII: U+00A0-00BF,
// U+2000-206F (quotes, dashes), U+3000-303F; 0: a letter.
std::size_t punctuation(std::string_view text, std::size_t at) {
  const auto next = [&](std::size_t n) -> unsigned {
    return at + n < text.size() ? byte_at(text, at + n) : 0U;
  };
  switch (byte_at(text, at)) {
    case 0xC2:
      return next(1) >= 0xA0 && next(1) != 0xAA && next(1) != 0xB5 && next(1) != 0xBA ? 2 : 0;
    case 0xE2:
      return next(1) == 0x80 || (next(1) == 0x81 && next(2) < 0xB0) ? 3 : 0;
    case 0xE3:
      return next(1) == 0x80 ? 3 : 0;
    default:
      return 0;
  }
}

bool starts_word(std::string_view text, std::size_t at) {
  const unsigned char c = byte_at(text, at);
  return word_table[c] && (c < 0x80 || punctuation(text, at) == 0);
}

std::size_t end_of_word(std::string_view text, std::size_t at) {
  while (at < text.size() && word_table[byte_at(text, at)]) {
    if (byte_at(text, at) >= 0xC0 && punctuation(text, at) > 0) break;
    ++at;
  }
  return at;
}

std::size_t length_bit(std::size_t length) { return std::min<std::size_t>(length, 63); }

bool looks_like_class(std::string_view word) {
  return word[0] >= 'A' && word[0] <= 'Z' &&
         std::any_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

std::string folded(std::string_view word) {
  std::string out;
  out.reserve(word.size());
  for (const char c : word)
    if (c != '_') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::size_t Words::add(const std::string& name, bool names_classes) {
  const auto [entry, is_new] = numbers_.try_emplace(name, names_.size());
  if (is_new) {
    Name made{name, 0};
    while (made.lead < name.size() && !starts_word(name, made.lead)) ++made.lead;
    names_.push_back(made);
    if (made.lead < name.size()) {
      const std::size_t end = end_of_word(name, made.lead);
      const std::string first = name.substr(made.lead, end - made.lead);
      by_first_word_[first].push_back(entry->second);
      lengths_[byte_at(first, 0)] |= std::uint64_t{1} << length_bit(first.size());
    }
  }
  if (names_classes && !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return is_ascii_word(static_cast<unsigned char>(c));
      })) {
    const std::string fold = folded(name);
    std::vector<std::size_t>& same = classes_[fold];
    if (std::find(same.begin(), same.end(), entry->second) == same.end())
      same.push_back(entry->second);
    if (!fold.empty() && fold[0] >= 'a' && fold[0] <= 'z')  // a word may hold any number of _
      for (std::size_t length = fold.size(); length <= 2 * fold.size(); ++length)
        lengths_[static_cast<unsigned char>(fold[0] - 'a' + 'A')] |= std::uint64_t{1}
                                                                     << length_bit(length);
  }
  return entry->second;
}

void Words::look_up(std::string_view text, std::size_t begin, std::size_t end, int line,
                    std::vector<WordHit>& hits) const {
  const std::string word(text.substr(begin, end - begin));
  if (const auto found = by_first_word_.find(word); found != by_first_word_.end())
    for (const std::size_t number : found->second) {
      const auto& [name, lead] = names_[number];
      if (begin < lead || text.compare(begin - lead, name.size(), name) != 0) continue;
      const std::size_t start = begin - lead;
      const std::size_t stop = start + name.size();
      const bool goes_on = stop < text.size() && starts_word(name, name.size() - 1) &&
                           word_table[byte_at(text, stop)] && end_of_word(text, stop) > stop;
      if (!goes_on) hits.push_back({number, start, line});
    }
  if (classes_.empty() || !looks_like_class(word)) return;
  if (const auto found = classes_.find(folded(word)); found != classes_.end())
    for (const std::size_t number : found->second)
      if (names_[number].text != word) hits.push_back({number, begin, line});
}

std::vector<WordHit> Words::in(std::string_view text) const {
  std::vector<WordHit> hits;
  int line = 1;
  const std::size_t size = text.size();
  for (std::size_t at = 0; at < size;) {
    const unsigned char c = byte_at(text, at);
    if (!word_table[c]) {
      if (c == '\n') ++line;
      ++at;
      continue;
    }
    if (c >= 0x80)
      if (const std::size_t length = punctuation(text, at); length > 0) {
        at += length;
        continue;
      }
    const std::size_t begin = at;
    at = end_of_word(text, at);
    if ((lengths_[c] >> length_bit(at - begin) & 1U) != 0) look_up(text, begin, at, line, hits);
  }
  return hits;
}

}  // namespace schemasync
