// The database that a command talks to: its env, its server (started when it is the embedded one),
// and one connection.
#pragma once

#include <memory>
#include <string>

#include "apply/run.hpp"
#include "cli/config.hpp"
#include "cli/options.hpp"
#include "load/shadow.hpp"
#include "pg/connection.hpp"
#include "pg/server.hpp"

namespace schemasync {

// An embedded env holds one database of this name.
inline constexpr const char* embedded_database = "app";

// Where the command stands: the config file, or its absence, and the chosen env.
struct Place {
  Config config;
  Env env;
};
Config open_config(const Options& options);
Place open_place(const Options& options);

struct Target {
  Place place;
  ServerUse server;  // of an embedded env; must outlive the connection
  std::unique_ptr<Connection> db;

  const Env& env() const { return place.env; }
  std::string shown() const;   // "expenses_db at localhost:5432", never a password
  std::string option() const;  // "--env prod", "" for dev: for the commands that messages name
  std::string owner() const;   // the role that new objects belong to
  Timeouts timeouts() const;
};

// Connects. `role` is SET and checked first.
Target open_target(const Options& options);

// The server where expressions are asked, as the config says: private, another, or the target's
// own. An embedded env takes a private one as well: on tmpfs and without fsync it is there sooner
// than a scratch database on a server that keeps user data. Not started before it is needed.
class ShadowPlace {
 public:
  ShadowPlace(const Config& config, const Target* target);
  ShadowServer& server() { return server_; }

 private:
  std::string url();

  const Config& config_;
  const Target* target_;
  ServerUse private_server_;
  ShadowServer server_;
};

// "dev     app at .schemasync/dev, PostgreSQL 15.18": the header line of every command.
std::string server_version_text(const Connection& db);

}  // namespace schemasync
