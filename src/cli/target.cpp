#include "cli/target.hpp"

#include "text/shell.hpp"

namespace schemasync {
namespace {

SessionOptions session_of(const Env& env) {
  SessionOptions options;
  options.role = env.role;
  options.statement_timeout_ms = env.statement_timeout_ms;
  options.lock_timeout_ms = env.lock_timeout_ms;
  return options;
}

}  // namespace

Config open_config(const Options& options) {
  return load_config({std::filesystem::current_path(), options.config, options.models});
}

Place open_place(const Options& options) {
  Place place;
  place.config = open_config(options);
  place.env = choose_env(place.config, options.env, options.url);
  return place;
}

Target open_target(const Options& options) {
  Target target;
  target.place = open_place(options);
  const Env& env = target.place.env;
  std::string url = env.url;
  if (env.embedded) {
    target.server = use_embedded_server(target.place.config.folder, env.name, embedded_database);
    url = target.server.url();
  }
  target.db = std::make_unique<Connection>(url, session_of(env));
  return target;
}

std::string Target::shown() const {
  if (env().embedded) return db->database() + " at .schemasync/" + env().name;
  return shown_target(*db);
}

std::string Target::option() const {
  if (env().origin == Env::Origin::url_option)
    return "--url " + shell_word(without_password(env().url));
  return env().name == "dev" ? "" : "--env " + env().name;
}

std::string Target::owner() const { return env().role.empty() ? db->user() : env().role; }

Timeouts Target::timeouts() const {
  Timeouts timeouts;
  timeouts.lock_ms = env().lock_timeout_ms;
  timeouts.statement_ms = env().statement_timeout_ms;
  timeouts.rewrite_ms = env().rewrite_timeout_ms;
  return timeouts;
}

ShadowPlace::ShadowPlace(const Config& config, const Target* target)
    : config_(config), target_(target), server_([this] { return url(); }) {}

std::string ShadowPlace::url() {
  const Shadow choice = choose_shadow(config_);
  if (!choice.url.empty()) return choice.url;
  if (choice.same_server && target_ != nullptr) return target_->env().url;
  private_server_ = start_private_server();
  return private_server_.url();
}

std::string server_version_text(const Connection& db) {
  const int version = db.server_version();
  return std::to_string(version / 10000) + "." + std::to_string(version % 10000);
}

}  // namespace schemasync
