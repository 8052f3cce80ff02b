// A rule: a kind of change that people know by its id, with its base risk and the words that
// explain it. Every change is made by one (Change has no other constructor), every rule has all its
// words (Words cannot be empty or left out), and `explain` and docs/risks.md print what stands
// here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "model/risk.hpp"

namespace schemasync {

// A text of our own source that is there: an empty one does not compile.
class Words {
 public:
  consteval Words(const char* text) : text_(text) {
    if (text_.empty()) throw "a rule has words for this";
  }
  constexpr operator std::string_view() const { return text_; }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

struct Rule {
  Words id;  // "column.drop"; "*.rename" is a family: one rule for each kind of object
  Level base;
  Words title;     // "Drop a column"
  Words strategy;  // in a few words: "verify dependencies, copy the values, then drop"
  Words backup;    // what to back up before
  Words what;      // what it does
  Words why;       // the consequence for who uses the database
  Words lock;      // which, on what, how long, and who waits
  Words fails;     // what can fail
  Words checks;    // what is asked before anything runs
  Words safer;     // the safer way
  Words undo;      // how it is taken back

  // "table.rename" where the family is "*.rename"; else the id.
  std::string id_for(std::string_view kind) const;
};

inline constexpr Words dump_of_all = "a dump of the database";

// The rule of a kind's list by its id, found while it is compiled: a change by a rule that is not
// in the list does not compile.
template <std::size_t N>
consteval const Rule& rule_named(const Rule (&rules)[N], std::string_view id) {
  for (const Rule& rule : rules)
    if (rule.id.text() == id) return rule;
  throw "the list of this kind has no such rule";
}

}  // namespace schemasync
