// PostgreSQL servers that schemasync starts itself: the embedded server of an env, which keeps user
// data and is shared by commands that run at once, and the private one on which expressions are
// asked. Unix socket only; as an unprivileged user also when we are root.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace schemasync {

// The folder with initdb, postgres, pg_dump…: SCHEMASYNC_PGBIN, PATH, pg_config --bindir, the
// distributions' folders (newest major first). Throws Error that names the package to install.
std::filesystem::path find_postgres_binaries();

// A started server; how long it runs is said by who made it.
class ServerUse {
 public:
  ServerUse();
  ServerUse(ServerUse&&) noexcept;
  ServerUse& operator=(ServerUse&&) noexcept;
  ~ServerUse();  // the last one out stops the server, unless `server start` did start it
  const std::string& url() const;  // superuser "postgres", unix socket, for database `database`
  std::string url_for(const std::string& database) const;

  struct Body;
  explicit ServerUse(std::unique_ptr<Body> body);

 private:
  std::unique_ptr<Body> body_;
};

// The env's own server under <project>/.schemasync/<env> (under /var/lib/schemasync when root's
// folders are closed to the server's user). Makes the cluster the first time, from a cached
// template; holds database `database`, made when it is not there. fsync on, no parent-death signal.
ServerUse use_embedded_server(const std::filesystem::path& project, const std::string& env,
                              const std::string& database);

// A private throw-away server on tmpfs with the fast recipe (fsync off, dies with us).
ServerUse start_private_server();

// For `schemasync server start|stop|url`. start: keeps it running after this command, returns the
// url. stop: false when it did not run. running_url: nullopt when it does not run.
std::string start_embedded_server(const std::filesystem::path& project, const std::string& env,
                                  const std::string& database);
bool stop_embedded_server(const std::filesystem::path& project, const std::string& env);
std::optional<std::string> running_embedded_server(const std::filesystem::path& project,
                                                   const std::string& env,
                                                   const std::string& database);

// A database of our own on a server, dropped at the end, owned by a role without SUPERUSER (made
// when the connecting role is a superuser, so that model SQL never runs with its rights).
class ScratchDatabase {
 public:
  // `server_url`: a database on the server to connect to first. Throws Error when it may not be
  // made.
  explicit ScratchDatabase(const std::string& server_url);
  ~ScratchDatabase();
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;
  const std::string& url() const;            // as the unprivileged owner
  const std::string& superuser_url() const;  // "" where the connecting role is none

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace schemasync
