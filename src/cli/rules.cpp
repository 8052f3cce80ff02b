#include "cli/rules.hpp"

#include <type_traits>

#include "cli/unmanaged_rules.hpp"
#include "diff/recreate_rules.hpp"
#include "diff/rename_rules.hpp"
#include "kinds/aspect_rules.hpp"
#include "kinds/schema_of.hpp"
#include "text/error.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

template <class T>
struct Inner {
  using Type = T;
};
template <class T>
struct Inner<std::optional<T>> : Inner<T> {};
template <class T>
struct Inner<std::vector<T>> : Inner<T> {};

// Does SQL of a model author stand among its attributes? Such an object may stand on a column whose
// type changes.
template <class T>
constexpr bool holds_sql() {
  using Plain = typename Inner<T>::Type;
  if constexpr (std::is_same_v<Plain, SqlText>) {
    return true;
  } else if constexpr (requires { Plain::fields(); }) {
    return std::apply(
        []<class... F>(const F&... field) {
          return (
              holds_sql<std::remove_cvref_t<decltype(std::declval<Plain&>().*field.member)>>() ||
              ... || false);
        },
        Plain::fields());
  } else {
    return false;
  }
}

template <class K>
constexpr bool has_header = requires {
  K::header;
};

}  // namespace

std::vector<NamedRule> all_rules() {
  std::vector<NamedRule> rules;
  for_each_kind([&]<class K>() {
    for (const Rule& rule : K::rules()) rules.push_back({rule.id_for(K::kind), &rule});
  });
  for_each_kind([&]<class K>() {
    const auto add = [&](const Rule& family) {
      rules.push_back({family.id_for(K::kind), &family});
    };
    add(aspect_rule("*.comment"));
    add(rename_rule("*.rename"));
    if constexpr (holds_sql<K>()) add(recreate_rule("*.recreate"));
    if constexpr (has_header<K>) {
      add(aspect_rule("*.owner"));
      add(aspect_rule("*.grants"));
      add(unmanaged_rule("*.drop.unmanaged"));
    }
  });
  return rules;
}

NamedRule find_rule(const std::string& word) {
  const std::string id = word.substr(0, word.find(':'));
  std::vector<std::string> known;
  for (const NamedRule& one : all_rules()) {
    if (one.id == id) return one;
    if (one.rule->id.text() == id) return {id, one.rule};
    known.push_back(one.id);
  }
  const std::string kind = id.substr(0, id.find('.'));
  std::vector<std::string> kinds;
  for (const std::string& rule : known) kinds.push_back(rule.substr(0, rule.find('.')));
  const std::string meant = nearest(kind, kinds).value_or(kind);
  std::vector<std::string> of_kind;
  for (const std::string& rule : known)
    if (rule.starts_with(meant + ".")) of_kind.push_back(rule);
  const std::optional<std::string> near = nearest(id, known);
  if (!near && !of_kind.empty())
    throw Error("there is no rule \"" + id + "\"",
                "the rules of " + meant + ": " + joined(of_kind, ", "));
  throw Error("there is no rule \"" + id + "\"", (near ? "did you mean \"" + *near + "\"? " : "") +
                                                     "`schemasync explain` lists them all");
}

}  // namespace schemasync
