#include "toml/section.hpp"

#include <algorithm>

#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t longest_name = 63;  // NAMEDATALEN - 1
constexpr std::size_t few = 12;           // known words that a hint lists

Text text_of(const Node& node) { return {node.text, node.where, node.length}; }

std::optional<std::vector<Text>> texts(const Node& list) {
  std::vector<Text> all;
  for (const Node& element : list.elements) {
    if (!element.is_string()) return std::nullopt;
    all.push_back(text_of(element));
  }
  return all;
}

}  // namespace

Section::Section(const Node& table, std::string subject, Mistakes& mistakes)
    : table_(&table),
      where_(table.where),
      length_(table.length),
      subject_(std::move(subject)),
      mistakes_(&mistakes),
      read_(table.entries.size()) {}

Section::Section(const Node& table, const EntryKey& key, std::string subject, Mistakes& mistakes)
    : Section(table, std::move(subject), mistakes) {
  where_ = key.where;
  length_ = key.length;
}

const Entry* Section::look(std::string_view key, bool reads) {
  if (known_.empty()) known_.reserve(24);  // a column has 17 keys
  known_.push_back(key);
  for (std::size_t i = 0; i < table_->entries.size(); ++i) {
    if (table_->entries[i].key.name != key) continue;
    if (reads) read_[i] = true;
    return &table_->entries[i];
  }
  return nullptr;
}

bool Section::has(std::string_view key) { return look(key, false) != nullptr; }

const Entry* Section::entry(std::string_view key) { return look(key, true); }

const Node* Section::any(std::string_view key) {
  const Entry* found = entry(key);
  return found == nullptr ? nullptr : &found->value;
}

std::optional<Text> Section::text(std::string_view key) {
  const Node* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return text_of(*value);
  reject_type(key, *value, "a string");
  return std::nullopt;
}

std::optional<Text> Section::required_text(std::string_view key) {
  if (!has(key)) reject_missing(key);
  return text(key);
}

std::optional<Text> Section::name(std::string_view key) {
  std::optional<Text> found = text(key);
  if (found && !is_name(*found, key, *mistakes_)) return std::nullopt;
  return found;
}

std::optional<Text> Section::expression(std::string_view key) {
  const Node* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    reject_type(key, *value, "SQL in a string");
    return std::nullopt;
  }
  if (!trimmed(value->text).empty()) return text_of(*value);
  mistakes_->add(*value, std::string(key) + " in " + subject_ + " is empty",
                 "write its SQL, or take the key out");
  return std::nullopt;
}

std::optional<bool> Section::flag(std::string_view key) {
  const Node* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind == NodeKind::boolean) return value->is_flag(true);
  reject_type(key, *value, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> Section::integer(std::string_view key, std::int64_t least,
                                             std::int64_t most) {
  const Node* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind != NodeKind::integer) {
    reject_type(key, *value, "an integer");
    return std::nullopt;
  }
  if (value->integer >= least && value->integer <= most) return value->integer;
  const bool no_most = most == std::numeric_limits<std::int64_t>::max();
  mistakes_->add(*value, std::string(key) + " in " + subject_ + " is out of range",
                 no_most ? "at least " + std::to_string(least)
                         : std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<std::vector<Text>> Section::text_list(std::string_view key) {
  const Node* value = any(key);
  if (value == nullptr) return std::nullopt;
  std::optional<std::vector<Text>> all;
  if (value->is_array()) all = texts(*value);
  if (!all) reject_type(key, *value, "a list of strings");
  return all;
}

std::optional<std::vector<Text>> Section::required_text_list(std::string_view key) {
  if (!has(key)) reject_missing(key);
  std::optional<std::vector<Text>> all = text_list(key);
  if (all && all->empty()) {
    reject(key, std::string(key) + " in " + subject_ + " is empty");
    return std::nullopt;
  }
  return all;
}

std::optional<std::vector<Text>> Section::text_or_list(std::string_view key) {
  const Node* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return std::vector{text_of(*value)};
  std::optional<std::vector<Text>> all;
  if (value->is_array()) all = texts(*value);
  if (!all) reject_type(key, *value, "a string or a list of strings");
  return all;
}

std::optional<Section> Section::section(std::string_view key, std::string subject) {
  const Entry* found = entry(key);
  if (found == nullptr) return std::nullopt;
  if (found->value.is_table())
    return Section(found->value, found->key, std::move(subject), *mistakes_);
  reject_type(key, found->value, "a table");
  return std::nullopt;
}

std::vector<Section> Section::sections(std::string_view key, const std::string& subject) {
  const Node* value = any(key);
  std::vector<Section> all;
  if (value == nullptr) return all;
  const bool tables =
      value->is_array() && std::all_of(value->elements.begin(), value->elements.end(),
                                       [](const Node& element) { return element.is_table(); });
  if (!tables) {
    const bool header = value->is_table() && value->form == TableForm::header;
    if (header)
      mistakes_->add(
          *value, std::string(key) + " in " + subject_ + " is a list: its header has two brackets",
          "write [[...]] where [...] stands");
    else
      reject_type(key, *value, "a list of tables");
    return all;
  }
  for (const Node& element : value->elements) all.emplace_back(element, subject, *mistakes_);
  return all;
}

void Section::reject_type(std::string_view key, const Node& value, std::string_view wanted) const {
  const NodeKind kind = value.kind;
  std::string_view is = described(kind);
  if (kind == NodeKind::boolean) is = value.is_flag(true) ? "true" : "false";
  if (value.is_array() && wanted.find("list") != std::string_view::npos)
    is = "a list of something else";
  mistakes_->add(value, std::string(key) + " in " + subject_ + " must be " + std::string(wanted) +
                            ", not " + std::string(is));
}

void Section::reject_word(std::string_view key, const Text& word,
                          const std::vector<std::string>& known) const {
  std::string hint = meant(word.text, known);
  if (known.size() <= few) hint = "one of " + joined(known, ", ");
  mistakes_->add(word.where, word.length,
                 "unknown " + std::string(key) + " \"" + word.text + "\" in " + subject_,
                 std::move(hint));
}

void Section::reject_missing(std::string_view key, std::string hint) const {
  mistakes_->add(where_, length_, subject_ + " has no " + std::string(key), std::move(hint));
}

void Section::reject(std::string_view key, std::string what, std::string hint) const {
  const Entry* found = table_->find(key);
  if (found == nullptr)
    mistakes_->add(where_, length_, std::move(what), std::move(hint));
  else
    mistakes_->add(found->key, std::move(what), std::move(hint));
}

void Section::finish() {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < read_.size(); ++i) {
    const Entry& entry = table_->entries[i];
    if (read_[i]) continue;
    if (known.empty())
      for (const std::string_view key : known_)
        if (std::find(known.begin(), known.end(), key) == known.end()) known.emplace_back(key);
    std::string hint = hint_ ? hint_(entry) : "";
    if (hint.empty()) hint = meant(entry.key.name, known);
    mistakes_->add(entry.key, "unknown key \"" + entry.key.name + "\" in " + subject_,
                   std::move(hint));
    read_[i] = true;
  }
}

bool is_name(const Text& name, std::string_view what, Mistakes& mistakes) {
  std::string problem;
  std::string hint;
  if (name.text.empty()) problem = "this " + std::string(what) + " is empty";
  if (name.text.find('\0') != std::string::npos)
    problem = "this " + std::string(what) + " holds a zero byte, which PostgreSQL cannot store";
  if (name.text.size() > longest_name) {
    problem = "this " + std::string(what) + " has " + std::to_string(name.text.size()) +
              " bytes; PostgreSQL stores names of at most 63";
    hint = "PostgreSQL would cut it to \"" + std::string(clipped(name.text, longest_name)) + "\"";
  }
  if (problem.empty()) return true;
  mistakes.add(name.where, name.length, std::move(problem), std::move(hint));
  return false;
}

std::string meant(std::string_view word, const std::vector<std::string>& known) {
  if (const std::optional<std::string> near = nearest(word, known))
    return "did you mean \"" + *near + "\"?";
  return known.empty() || known.size() > few ? "" : "known here: " + joined(known, ", ");
}

}  // namespace schemasync
