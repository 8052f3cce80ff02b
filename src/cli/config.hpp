// schemasync.toml: where the models are and which databases they are for. Every command reads it
// once and chooses its env. ${VAR} is expanded only in the env (or shadow) in use; what is expanded
// is never printed. Refuses, with file:line:column and all at once, what it does not know.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/risk.hpp"
#include "text/error.hpp"
#include "toml/document.hpp"

namespace schemasync {

// The process environment, or a table in tests.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> process_environment(const std::string& name);

enum class BackupExtent { none, affected, full };  // what a backup before apply holds

struct Env {
  enum class Origin {
    config,           // its url or embedded in schemasync.toml
    url_option,       // --url
    database_url,     // DATABASE_URL
    libpq_variables,  // PGHOST, PGDATABASE, PGSERVICE: url is ""
  };
  std::string name;  // "url" for --url
  Origin origin = Origin::config;
  std::string url;  // with its password: never print it
  bool embedded = false;
  bool is_protected = false;
  std::string role;  // SET ROLE after connecting; "": the role that connects
  std::map<std::string, std::string> roles;  // in models -> here
  Level allow = Level::high;                 // a protected one's default is medium
  BackupExtent backup = BackupExtent::affected;
  std::string backup_dir;  // relative to the config file; "": backups/<name>
  std::int64_t lock_timeout_ms = 3'000;
  std::int64_t statement_timeout_ms = 30'000;
  std::int64_t rewrite_timeout_ms = 3'600'000;
  std::int64_t archive_limit = 256LL * 1024 * 1024;  // bytes

  // The role that `name` in the models is in this env.
  const std::string& role_here(const std::string& model_role) const;
};

// The server where expressions are asked; embedded unless the config says otherwise.
struct Shadow {
  std::string url;
  bool same_server = false;           // a scratch database beside the target
  std::optional<int> server_version;  // major; decides when no server is there

  bool embedded() const { return url.empty() && !same_server; }
};

// A folder or file of the application's source, as `code` names it.
struct CodeRoot {
  std::filesystem::path path;  // absolute
  Source where;
  int length = 1;
  std::string written;
};

struct Config {
  Document document;              // of schemasync.toml; empty where there is none
  bool found = false;             // false: --url or DATABASE_URL, and schemas/
  std::filesystem::path folder;   // of the config file, else the current one; absolute
  std::filesystem::path models;   // absolute
  std::string models_shown;       // relative to the current folder where that is short
  std::vector<std::string> envs;  // in file order
  std::vector<CodeRoot> code;     // searched for names that a plan takes away
};

struct ConfigOptions {
  std::filesystem::path current;  // the folder that the command runs in
  std::string config;             // --config; "": searched upwards
  std::string models;             // --models; "": the config's
};

// MistakesError, or Error where --config names nothing. Checks every env, but expands nothing.
Config load_config(const ConfigOptions& options);

// `name`: --env, nullopt: dev. `url`: --url, "": none. Throws Error or MistakesError.
Env choose_env(const Config& config, const std::optional<std::string>& name, const std::string& url,
               const Environment& environment = process_environment);

// The roots of `code`, all of which are there; MistakesError for those that are not. For commands
// that search, before they talk to a database.
std::vector<std::filesystem::path> code_to_search(const Config& config);

Shadow choose_shadow(const Config& config, const Environment& environment = process_environment);

// A path as messages name it: relative to `current` unless it is far from there.
std::string shown_path(const std::filesystem::path& path, const std::filesystem::path& current);

}  // namespace schemasync
