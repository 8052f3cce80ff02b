#include "cli/config_tables.hpp"

#include <algorithm>

#include "cli/expand.hpp"
#include "text/strings.hpp"
#include "toml/section.hpp"
#include "toml/writer.hpp"

namespace schemasync {
namespace {

constexpr std::int64_t longest_timeout = 2'147'483'647;  // PostgreSQL keeps milliseconds in 32 bits
constexpr std::string_view url_hint = "write \"postgresql://user@host:5432/database\"";

// Reads the strings of one section. Without an environment nothing is expanded, and what holds a
// variable is taken for right.
class Values {
 public:
  Values(const Document& document, Section& section, const Environment* environment)
      : document_(document), section_(section), environment_(environment) {}

  // nullopt: absent, wrong, or not known yet.
  std::optional<Text> text(std::string_view key) {
    const std::optional<Text> written = section_.text(key);
    return written ? expanded(*written) : std::nullopt;
  }

  std::optional<Text> expanded(Text text) {
    if (!has_variable(text.text)) return text;
    if (environment_ == nullptr) return std::nullopt;
    std::optional<std::string> value = expand(document_, text, *environment_, section_.mistakes());
    if (!value) return std::nullopt;
    text.text = std::move(*value);
    return text;
  }

  void url(std::string_view key, std::string& into) {
    const std::optional<Text> found = text(key);
    if (!found) return;
    const std::string& url = found->text;
    const bool sound = url.starts_with("postgresql://") || url.starts_with("postgres://") ||
                       url.find('=') != std::string::npos;
    if (!sound)  // the value may hold a password: only its place is shown
      reject(*found,
             url.empty() ? "this url is empty" : "this is not the url of a PostgreSQL database",
             std::string(url_hint));
    into = url;
  }

  void duration(std::string_view key, std::int64_t& into) {
    const std::optional<Text> found = text_for(key, "a duration such as \"3s\"");
    if (!found) return;
    const std::optional<std::int64_t> ms = parse_duration_ms(found->text);
    if (ms && *ms <= longest_timeout)
      into = *ms;
    else
      reject(*found,
             std::string(key) + " in " + section_.subject() +
                 (ms ? " is too long" : " is no duration"),
             "write a number with ms, s, min, h or d: \"30s\"");
  }

  void size(std::string_view key, std::int64_t& into) {
    const std::optional<Text> found = text_for(key, "a size such as \"256MB\"");
    if (!found) return;
    if (const std::optional<std::int64_t> bytes = parse_size(found->text))
      into = *bytes;
    else
      reject(*found, std::string(key) + " in " + section_.subject() + " is no size",
             "write a number with kB, MB, GB or TB: \"256MB\"");
  }

  template <class T>
  bool choice(std::string_view key, const std::vector<std::pair<std::string, T>>& words, T& into) {
    const std::optional<Text> found = text(key);
    if (!found) return false;
    std::vector<std::string> known;
    for (const auto& [spelling, value] : words) {
      if (spelling == found->text) {
        into = value;
        return true;
      }
      known.push_back(spelling);
    }
    section_.reject_word(key, *found, known);
    return false;
  }

 private:
  std::optional<Text> text_for(std::string_view key, std::string_view wanted) {
    const Node* value = section_.any(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return expanded({value->text, value->where, value->length});
    section_.reject_type(key, *value, wanted);
    return std::nullopt;
  }

  void reject(const Text& text, std::string what, std::string hint) {
    section_.mistakes().add(text.where, text.length, std::move(what), std::move(hint));
  }

  const Document& document_;
  Section& section_;
  const Environment* environment_;
};

void read_roles(Section& section, Values& values, Env& env) {
  std::optional<Section> roles = section.section("roles", "roles of " + section.subject());
  if (!roles) return;
  for (const Entry& entry : roles->node().entries) {
    const std::optional<Text> written = roles->name(entry.key.name);
    const std::optional<Text> here = written ? values.expanded(*written) : std::nullopt;
    if (here) env.roles[entry.key.name] = here->text;
  }
}

}  // namespace

Env read_env(const Document& document, const Entry& entry, const Environment* environment,
             Mistakes& mistakes) {
  Env env;
  env.name = entry.key.name;
  if (!entry.value.is_table()) {
    mistakes.add(entry.key, "env " + env.name + " must be a table",
                 "write [env." + toml_key(env.name) + "]");
    return env;
  }
  Section section(entry.value, entry.key, "env " + env.name, mistakes);
  Values values(document, section, environment);
  env.embedded = section.flag("embedded").value_or(false);
  if (env.embedded && section.has("url"))
    section.reject("embedded", "env " + env.name + " has a url and is embedded",
                   "keep one: embedded = true is a server of schemasync's own");
  values.url("url", env.url);
  env.is_protected = section.flag("protected").value_or(false);
  if (const std::optional<Text> role = values.text("role")) env.role = role->text;
  read_roles(section, values, env);
  env.allow = env.is_protected ? Level::medium : Level::high;
  values.choice<Level>(
      "allow", {{"low", Level::low}, {"medium", Level::medium}, {"high", Level::high}}, env.allow);
  const bool backup_stated = values.choice<BackupExtent>("backup",
                                                         {{"none", BackupExtent::none},
                                                          {"affected", BackupExtent::affected},
                                                          {"full", BackupExtent::full}},
                                                         env.backup);
  if (backup_stated && env.is_protected && env.backup == BackupExtent::none)
    section.reject("backup", "a protected env has a backup: \"none\" is for others",
                   "write \"affected\" or \"full\", or take the key out");
  if (const std::optional<Text> folder = values.text("backup_dir")) env.backup_dir = folder->text;
  values.duration("lock_timeout", env.lock_timeout_ms);
  values.duration("statement_timeout", env.statement_timeout_ms);
  values.duration("rewrite_timeout", env.rewrite_timeout_ms);
  values.size("archive_limit", env.archive_limit);
  section.finish();
  return env;
}

// An env's name names folders too.
void check_env_name(const EntryKey& key, Mistakes& mistakes) {
  const bool sound = !key.name.empty() && key.name[0] != '.' && key.name[0] != '-' &&
                     std::all_of(key.name.begin(), key.name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
                     });
  if (!sound)
    mistakes.add(key, "an env's name is made of letters, digits, _ - and .",
                 "it names folders and is typed at --env");
  if (key.name == "url")
    mistakes.add(key, "an env cannot be named url", "databases of --url go by that name");
}

Shadow read_shadow(const Document& document, const Entry& entry, const Environment* environment,
                   Mistakes& mistakes) {
  Shadow shadow;
  if (!entry.value.is_table()) {
    mistakes.add(entry.key, "shadow must be a table", "write [shadow]");
    return shadow;
  }
  Section section(entry.value, entry.key, "shadow", mistakes);
  Values(document, section, environment).url("url", shadow.url);
  shadow.same_server = section.flag("same_server").value_or(false);
  const bool embedded = section.flag("embedded").value_or(false);
  if (static_cast<int>(section.has("url")) + static_cast<int>(shadow.same_server) +
          static_cast<int>(embedded) >
      1)
    section.reject(shadow.same_server ? "same_server" : "embedded",
                   "the shadow is one server, and two are named",
                   "keep one of url, same_server and embedded");
  if (const std::optional<std::int64_t> version = section.integer("server_version", 13, 99))
    shadow.server_version = static_cast<int>(*version);
  section.finish();
  return shadow;
}

}  // namespace schemasync
