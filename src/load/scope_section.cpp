#include "load/scope_section.hpp"

#include <algorithm>
#include <array>

#include "kinds/schema_of.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

const std::vector<std::string> aspects = {"comments",     "grants",     "owners",
                                          "publications", "statistics", "tablespaces"};

std::vector<std::string> kind_words() {
  std::vector<std::string> words = {"*"};
  for_each_kind([&]<class K>() { words.emplace_back(K::kind); });
  return words;
}

std::vector<std::string_view> naming_words() {
  std::vector<std::string_view> words;
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::naming_words; })
      words.insert(words.end(), K::naming_words.begin(), K::naming_words.end());
  });
  return words;
}

std::vector<std::string> texts(const std::optional<std::vector<Text>>& list) {
  std::vector<std::string> out;
  for (const Text& one : list.value_or(std::vector<Text>{})) out.push_back(one.text);
  return out;
}

// "kind:schema.name". A kind that is not modelled may stand there: it is out of scope anyway.
std::vector<std::string> patterns(Section& section, std::string_view key) {
  const std::optional<std::vector<Text>> list = section.text_list(key);
  for (const Text& one : list.value_or(std::vector<Text>{})) {
    const std::size_t colon = one.text.find(':');
    if (colon == std::string::npos || colon == 0) {
      section.mistakes().add(one.where, one.length,
                             "\"" + one.text + "\" in " + std::string(key) + " of " +
                                 section.subject() + " names no kind",
                             "write kind:schema.name, as in \"table:public.*\"");
      continue;
    }
    const std::string word = one.text.substr(0, colon);
    const std::vector<std::string> known = kind_words();
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    if (const std::optional<std::string> near = nearest(word, known))
      section.mistakes().add(
          one.where, one.length,
          "unknown kind \"" + word + "\" in " + std::string(key) + " of " + section.subject(),
          "did you mean \"" + *near + "\"?");
  }
  return texts(list);
}

// A pattern knows {table} and {columns}.
bool is_pattern(const Text& pattern, const std::string& subject, Mistakes& mistakes) {
  for (std::size_t open = pattern.text.find('{'); open != std::string::npos;
       open = pattern.text.find('{', open + 1)) {
    const std::size_t close = pattern.text.find('}', open);
    const std::string word = pattern.text.substr(
        open, close == std::string::npos ? std::string::npos : close - open + 1);
    if (word == "{table}" || word == "{columns}") continue;
    mistakes.add(pattern.where, pattern.length, "unknown " + word + " in " + subject,
                 "a name is made of {table} and {columns}");
    return false;
  }
  if (!pattern.text.empty() && pattern.text.find('{') != std::string::npos) return true;
  mistakes.add(pattern.where, pattern.length, subject + " gives all objects one name",
               "make it of {table} and {columns}");
  return false;
}

}  // namespace

bool ScopeSections::is_first(const Section& section, Source& place) {
  if (place.line == 0) {
    place = section.where();
    return true;
  }
  mistakes_.add(section.where(), section.length(),
                section.subject() + " stands in the models twice",
                "the other one: " + place.to_text());
  return false;
}

void ScopeSections::read(Section& file) {
  if (std::optional<Section> section = file.section("scope", "[scope]"))
    if (is_first(*section, scope_place_)) read_scope(*section);
  if (std::optional<Section> section = file.section("naming", "[naming]"))
    if (is_first(*section, naming_place_)) read_naming(*section);
}

void ScopeSections::read_scope(Section& section) {
  scope_.stated = true;
  const std::optional<std::vector<Text>> schemas = section.text_list("schemas");
  if (schemas && schemas->empty())
    section.reject("schemas", "schemas = [] names no schema: leave it out for all of them");
  scope_.schemas = texts(schemas);
  for (const std::string& name : scope_.schemas)
    if (name.find_first_of("*?") != std::string::npos)
      section.reject("schemas", "schemas holds names, not patterns: " + name,
                     "include = [\"table:" + name + ".*\"] takes patterns");
  if (std::find(scope_.schemas.begin(), scope_.schemas.end(), "schemasync") != scope_.schemas.end())
    section.reject("schemas", "schema schemasync holds the journal, and is never in scope");
  scope_.include = patterns(section, "include");
  scope_.ignore = patterns(section, "ignore");
  if (const std::optional<std::vector<Text>> manage = section.text_list("manage")) {
    for (const Text& aspect : *manage)
      if (std::find(aspects.begin(), aspects.end(), aspect.text) == aspects.end())
        section.reject_word("aspect", aspect, aspects);
    scope_.manage = texts(manage);
  }
  scope_.unmanaged = section
                         .choice<Unmanaged>("unmanaged", {{"drop", Unmanaged::drop},
                                                          {"report", Unmanaged::report},
                                                          {"refuse", Unmanaged::refuse}})
                         .value_or(Unmanaged::drop);
  section.finish();
}

void ScopeSections::read_naming(Section& section) {
  for (const std::string_view word : naming_words())
    if (const std::optional<Text> pattern = section.text(word))
      if (is_pattern(*pattern, std::string(word) + " of [naming]", mistakes_))
        naming_[std::string(word)] = pattern->text;
  section.finish();
}

}  // namespace schemasync
