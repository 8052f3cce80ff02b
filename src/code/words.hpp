// Finds given names as whole words in one pass over a text, however many they are. A word is made
// of letters, digits and _; every letter beyond ASCII is one. A name of several words ("Odd. Name")
// is found where it stands as it is written, and does not go on on either side.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace schemasync {

struct WordHit {
  std::size_t name = 0;    // as add() numbered it
  std::size_t offset = 0;  // in the text
  int line = 0;            // from 1
};

class Words {
 public:
  // The same name twice has one number. `names_classes`: also where a word starts with a capital,
  // has small letters, and is the name when case and _ are left out of account (DebitCard).
  // A name without any letter or digit is never found.
  std::size_t add(const std::string& name, bool names_classes);

  std::vector<WordHit> in(std::string_view text) const;
  std::size_t size() const { return names_.size(); }

 private:
  struct Name {
    std::string text;
    std::size_t lead = 0;  // where its first word begins
  };
  void look_up(std::string_view text, std::size_t begin, std::size_t end, int line,
               std::vector<WordHit>& hits) const;

  std::vector<Name> names_;
  std::unordered_map<std::string, std::size_t> numbers_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_first_word_;
  std::unordered_map<std::string, std::vector<std::size_t>> classes_;  // by folded name
  // By first byte, the lengths (up to 63, longer ones as 63) of the words that are looked for: what
  // keeps the other words of a text away from the maps.
  std::array<std::uint64_t, 256> lengths_ = {};
};

// Lower case and without _ : debitcard for DebitCard and debit_card.
std::string folded(std::string_view word);

}  // namespace schemasync
