// Reads one table of a file with types, and knows where everything stands. Several readers may
// share a section: each asks for its own keys, and finish() rejects, once, the keys that nobody
// asked for. A wrong type or a missing key is a mistake, and the reader gets nullopt, so that
// reading goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "toml/mistakes.hpp"
#include "toml/node.hpp"

namespace schemasync {

// A string of a file, with its place.
struct Text {
  std::string text;
  Source where;
  int length = 1;
};

class Section {
 public:
  // What an unknown key may have meant; "": nothing known.
  using Hint = std::function<std::string(const Entry& unknown)>;

  // `subject` as in "… in column expense.notes". `where`: underlined when a key is missing.
  Section(const Node& table, std::string subject, Mistakes& mistakes);
  Section(const Node& table, const EntryKey& key, std::string subject, Mistakes& mistakes);

  const std::string& subject() const { return subject_; }
  const Node& node() const { return *table_; }
  const Source& where() const { return where_; }
  int length() const { return length_; }
  Mistakes& mistakes() const { return *mistakes_; }
  void hint_with(Hint hint) { hint_ = std::move(hint); }

  // Keys are words of the grammar: their texts outlive the section.
  bool has(std::string_view key);  // the key is known here, but not read yet
  const Node* any(std::string_view key);
  const Entry* entry(std::string_view key);

  std::optional<Text> text(std::string_view key);  // a string
  std::optional<Text> required_text(std::string_view key);
  std::optional<Text> name(std::string_view key);        // 1 to 63 bytes, as PostgreSQL stores it
  std::optional<Text> expression(std::string_view key);  // SQL: a string that is not blank
  std::optional<bool> flag(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key,
                                      std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                                      std::int64_t most = std::numeric_limits<std::int64_t>::max());
  std::optional<std::vector<Text>> text_list(std::string_view key);
  std::optional<std::vector<Text>> required_text_list(std::string_view key);
  std::optional<std::vector<Text>> text_or_list(std::string_view key);
  std::optional<Section> section(std::string_view key, std::string subject);
  std::vector<Section> sections(std::string_view key, const std::string& subject);

  // One word of a fixed few: choice<Level>("allow", {{"low", Level::low}, …}).
  template <class T>
  std::optional<T> choice(std::string_view key,
                          const std::vector<std::pair<std::string, T>>& words) {
    const std::optional<Text> word = text(key);
    if (!word) return std::nullopt;
    std::vector<std::string> known;
    for (const auto& [spelling, value] : words) {
      if (spelling == word->text) return value;
      known.push_back(spelling);
    }
    reject_word(key, *word, known);
    return std::nullopt;
  }

  // `wanted` as in "default in column a.b must be <wanted>, not a list".
  void reject_type(std::string_view key, const Node& value, std::string_view wanted) const;
  void reject_word(std::string_view key, const Text& word,
                   const std::vector<std::string>& known) const;
  // `key` is missing in the subject.
  void reject_missing(std::string_view key, std::string hint = {}) const;
  // A key that the reader takes no longer, or not together with another.
  void reject(std::string_view key, std::string what, std::string hint = {}) const;

  // Every key that nobody asked for is a mistake, with the nearest known one or a hint.
  void finish();

 private:
  const Entry* look(std::string_view key, bool reads);

  const Node* table_;
  Source where_;
  int length_;
  std::string subject_;
  Mistakes* mistakes_;
  Hint hint_;
  std::vector<bool> read_;               // by entry
  std::vector<std::string_view> known_;  // the keys that were asked for, some more than once
};

// The whole string names one stored object: 1 to 63 bytes. Else a mistake.
bool is_name(const Text& name, std::string_view what, Mistakes& mistakes);

// nearest(), as a sentence: did you mean "reviewed_by"? Or "known here: a, b", or "".
std::string meant(std::string_view word, const std::vector<std::string>& known);

}  // namespace schemasync
