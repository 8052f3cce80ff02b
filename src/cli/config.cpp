#include "cli/config.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "cli/config_tables.hpp"
#include "cli/expand.hpp"
#include "text/strings.hpp"
#include "toml/section.hpp"
#include "toml/writer.hpp"

namespace schemasync {
namespace {

constexpr std::string_view config_name = "schemasync.toml";

std::string hint_for_top_level(const Entry& unknown) {
  const std::string& name = unknown.key.name;
  for (const std::string_view table :
       {"table", "enum", "sequence", "view", "scope", "naming", "schemas"})
    if (name == table)
      return "objects stand in model files, not here: models = \"schemas\" names their folder";
  if (name == "url" || name == "embedded" || name == "database_url")
    return "a database belongs to an env: [env.dev]";
  return "";
}

void read_code(Section& section, Config& config, Mistakes& mistakes) {
  const std::optional<std::vector<Text>> roots = section.text_list("code");
  if (!roots) return;
  for (const Text& root : *roots) {
    if (root.text.empty())
      mistakes.add(root.where, root.length, "code names no folder", "write code = [\"../app\"]");
    if (has_variable(root.text))
      mistakes.add(root.where, root.length, "code holds a variable",
                   "variables are for envs: write the folder");
    config.code.push_back(
        {(config.folder / root.text).lexically_normal(), root.where, root.length, root.text});
  }
}

// Every key of the file, each env and the shadow; nothing expanded.
void read_document(const Document& document, Config& config, std::string& models,
                   Mistakes& mistakes) {
  Section section(document.root, std::string(config_name), mistakes);
  section.hint_with(hint_for_top_level);
  if (const std::optional<Text> folder = section.text("models")) {
    if (folder->text.empty())
      mistakes.add(folder->where, folder->length, "models names no folder",
                   "write models = \"schemas\"");
    if (has_variable(folder->text))
      mistakes.add(folder->where, folder->length, "models holds a variable",
                   "variables are for envs: write the folder");
    models = folder->text;
  }
  read_code(section, config, mistakes);
  if (const std::optional<Section> envs = section.section("env", "env")) {
    for (const Entry& entry : envs->node().entries) {
      check_env_name(entry.key, mistakes);
      read_env(document, entry, nullptr, mistakes);
      config.envs.push_back(entry.key.name);
    }
  }
  if (const Entry* shadow = section.entry("shadow"))
    read_shadow(document, *shadow, nullptr, mistakes);
  section.finish();
}

// The nearest schemasync.toml from the folder upwards.
std::optional<std::filesystem::path> find_config(std::filesystem::path folder) {
  for (;; folder = folder.parent_path()) {
    std::error_code failure;
    if (std::filesystem::is_regular_file(folder / config_name, failure))
      return folder / config_name;
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

const Entry* env_entry(const Config& config, const std::string& name) {
  const Entry* envs = config.document.root.find("env");
  return envs == nullptr ? nullptr : envs->value.find(name);
}

[[noreturn]] void throw_unknown_env(const Config& config, const std::optional<std::string>& asked) {
  const std::string name = asked.value_or("dev");
  if (!config.found)
    throw Error(
        "no " + std::string(config_name) + " was found, so there is no env \"" + name + "\"",
        "use --url, or write one (searched from " + config.folder.string() + " upwards)");
  const std::string known = config.envs.empty() ? "" : "the envs are " + joined(config.envs, ", ");
  if (!asked)
    throw Error(config.document.file + " has no [env.dev]",
                "choose one with --env: " + joined(config.envs, ", "));
  std::string hint = known.empty()
                         ? config.document.file + " has no env: add [env." + toml_key(name) + "]"
                         : known;
  if (const std::optional<std::string> near = nearest(name, config.envs))
    hint = "did you mean \"" + *near + "\"? " + hint;
  throw Error("unknown env \"" + name + "\"", hint);
}

bool is_set(const Environment& environment, const std::string& name) {
  const std::optional<std::string> value = environment(name);
  return value && !value->empty();
}

// An env without url and embedded is where DATABASE_URL, or else libpq's own variables, point.
void connect_by_environment(const Config& config, Env& env, const Environment& environment) {
  if (is_set(environment, "DATABASE_URL")) {
    env.origin = Env::Origin::database_url;
    env.url = *environment("DATABASE_URL");
    return;
  }
  for (const char* variable : {"PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"})
    if (is_set(environment, variable)) {
      env.origin = Env::Origin::libpq_variables;
      return;
    }
  if (!config.found)
    throw Error("no database is named", "use --url, set DATABASE_URL, or write a " +
                                            std::string(config_name) + " with an [env.dev]");
  throw Error("env " + env.name + " names no database",
              "in " + config.document.file + " under [env." + toml_key(env.name) +
                  "]: embedded = true, or url = \"...\"; or set DATABASE_URL");
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

const std::string& Env::role_here(const std::string& model_role) const {
  const auto found = roles.find(model_role);
  return found == roles.end() ? model_role : found->second;
}

std::string shown_path(const std::filesystem::path& path, const std::filesystem::path& current) {
  const std::string relative =
      path.lexically_normal().lexically_relative(current.lexically_normal()).string();
  if (relative.empty() || relative.starts_with("../../..")) return path.string();
  return relative;
}

Config load_config(const ConfigOptions& options) {
  const std::filesystem::path current = options.current.lexically_normal();
  Config config;
  config.folder = current;
  std::string models = "schemas";
  std::optional<std::filesystem::path> file;
  if (!options.config.empty()) {
    file = (current / options.config).lexically_normal();
    std::error_code failure;
    if (!std::filesystem::exists(*file, failure))
      throw Error("there is no config file " + options.config, "check the path after --config");
  } else {
    file = find_config(current);
  }
  if (file) {
    config.found = true;
    config.folder = file->parent_path();
    Mistakes mistakes;
    config.document = read_toml(*file, shown_path(*file, current), mistakes);
    if (config.document.parsed) read_document(config.document, config, models, mistakes);
    mistakes.throw_if_any();
  }
  const std::filesystem::path folder =
      options.models.empty() ? config.folder / models : current / options.models;
  config.models = folder.lexically_normal();
  if (!config.models.has_filename()) config.models = config.models.parent_path();
  config.models_shown = shown_path(config.models, current);
  return config;
}

Env choose_env(const Config& config, const std::optional<std::string>& name, const std::string& url,
               const Environment& environment) {
  if (!url.empty()) {
    if (name) throw Error("--env and --url name two databases", "give one of them");
    Env env;
    env.name = "url";
    env.origin = Env::Origin::url_option;
    env.url = url;
    return env;
  }
  Env env;
  env.name = name.value_or("dev");
  if (const Entry* entry = env_entry(config, env.name)) {
    Mistakes mistakes;
    mistakes.count_file();
    env = read_env(config.document, *entry, &environment, mistakes);
    mistakes.throw_if_any();
  } else if (name || !config.envs.empty()) {
    throw_unknown_env(config, name);
  }
  if (env.url.empty() && !env.embedded) connect_by_environment(config, env, environment);
  return env;
}

std::vector<std::filesystem::path> code_to_search(const Config& config) {
  Mistakes mistakes;
  std::vector<std::filesystem::path> roots;
  for (const CodeRoot& root : config.code) {
    std::error_code failure;
    if (!std::filesystem::exists(root.path, failure))
      mistakes.add(root.where, root.length,
                   "there is no folder or file \"" + root.written + "\" to search",
                   "code is relative to this file's folder; take it out to search nothing");
    roots.push_back(root.path);
  }
  if (!config.code.empty()) mistakes.count_file();
  mistakes.throw_if_any();
  return roots;
}

Shadow choose_shadow(const Config& config, const Environment& environment) {
  const Entry* entry = config.document.root.find("shadow");
  if (entry == nullptr) return {};
  Mistakes mistakes;
  mistakes.count_file();
  Shadow shadow = read_shadow(config.document, *entry, &environment, mistakes);
  mistakes.throw_if_any();
  return shadow;
}

}  // namespace schemasync
