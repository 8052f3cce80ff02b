#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "pg/cluster.hpp"
#include "pg/connection.hpp"
#include "pg/server_body.hpp"
#include "text/error.hpp"
#include "text/strings.hpp"

namespace schemasync {

namespace fs = std::filesystem;

namespace {

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

int data_major(const fs::path& data) {
  std::string version;
  std::ifstream(data / "PG_VERSION") >> version;
  return major_of(version);
}

// fsync stays on: this is a database that somebody works with. The lock table has room for a plan
// that creates ten thousand tables in one transaction.
std::vector<std::string> server_command(const Binaries& binaries, const Cluster& cluster) {
  return {(binaries.folder / "postgres").string(),
          "-D",
          cluster.data.string(),
          "-c",
          "listen_addresses=",
          "-c",
          "port=5432",
          "-c",
          "unix_socket_directories=" + cluster.socket.string(),
          "-c",
          "unix_socket_permissions=0700",
          "-c",
          "max_wal_size=1GB",
          "-c",
          "max_locks_per_transaction=1024"};
}

// A cluster is run by the major that made it.
Binaries binaries_of(const Cluster& cluster) {
  const int major = data_major(cluster.data);
  try {
    return binaries_for(cluster.account, major);
  } catch (const Error& error) {
    throw Error("the cluster in " + cluster.folder.string() + " was made by PostgreSQL " +
                    std::to_string(major) + ": " + error.what(),
                error.hint() + "; or remove that folder, with the data in it");
  }
}

// Under the gate. Returns the guardian.
pid_t start(const Cluster& cluster) {
  const bool is_new = !fs::exists(cluster.data);
  const Binaries binaries = is_new ? binaries_for(cluster.account, 0) : binaries_of(cluster);
  if (is_new) make_data(cluster.data, binaries, cluster.account);
  clear_remains(cluster.data);
  prepare_socket_folder(cluster.socket, cluster.account);
  return launch_shared(
      {cluster.account, server_command(binaries, cluster), cluster.data, cluster.log, is_new},
      cluster.sharing);
}

// Under the gate, when nobody uses it. A fast shutdown, to the end.
void stop(const Cluster& cluster, pid_t guardian) {
  const auto postmaster = running_postmaster(cluster.data);
  if (!postmaster) return;
  kill(postmaster->pid, SIGINT);
  const auto begun = std::chrono::steady_clock::now();
  while (running_postmaster(cluster.data)) {
    if (std::chrono::steady_clock::now() - begun > std::chrono::minutes(1))
      throw Error("the embedded server does not stop: process " + std::to_string(postmaster->pid),
                  "its log is " + cluster.log.string());
    pause();
  }
  // The guardian notices within a second; it is worth a moment's waiting, not more.
  for (int tries = 0; guardian > 0 && tries < 20 && waitpid(guardian, nullptr, WNOHANG) == 0;
       ++tries)
    pause();
  std::error_code ignored;
  fs::remove(cluster.socket, ignored);
}

void make_database(const std::string& server_url, const std::string& database) {
  Connection db(server_url);
  if (db.query(sql("SELECT 1 FROM pg_database WHERE datname = $1"), {database}).size() > 0) return;
  // From 15 the default way writes the whole template to the log: five times slower.
  db.execute(db.server_version() >= 150000
                 ? sql("CREATE DATABASE {} STRATEGY file_copy", Identifier{database})
                 : sql("CREATE DATABASE {}", Identifier{database}));
}

struct EmbeddedUse : ServerUse::Body {
  Cluster cluster;
  FileLock use;  // shared while we use the server
  pid_t guardian = 0;

  ~EmbeddedUse() override {
    try {
      leave();
    } catch (...) {  // the guardian stops the server when we are gone
    }
  }

  void enter(const std::string& database) {
    FileLock gate(cluster.sharing.gate);
    gate.wait_exclusive();
    use = FileLock(cluster.sharing.uses);
    auto postmaster = running_postmaster(cluster.data);
    while (postmaster && postmaster->is_stopping) {  // somebody else's doing: pg_ctl, a shutdown
      pause();
      postmaster = running_postmaster(cluster.data);
    }
    if (postmaster && lost_its_socket(*postmaster)) {
      if (!use.try_exclusive())
        throw Error(
            "the socket of the embedded server was removed from " + postmaster->socket.string(),
            "wait until the other commands that use it have ended, then try again");
      stop(cluster, 0);
      postmaster.reset();
    }
    use.wait_shared();
    if (!postmaster) guardian = start(cluster);
    socket = wait_until_ready(cluster.data, cluster.log, guardian).socket;
    make_database(socket_url(socket, "postgres"), database);
    url = socket_url(socket, database);
  }

  // Clean-up services empty /tmp.
  static bool lost_its_socket(const Postmaster& postmaster) {
    return postmaster.is_ready && !fs::exists(postmaster.socket / ".s.PGSQL.5432");
  }

  void leave() {
    FileLock gate(cluster.sharing.gate);
    gate.wait_exclusive();
    if (fs::exists(cluster.sharing.keep)) return;
    // To ask for the exclusive lock gives up the shared one, and the guardian may be quicker; it
    // holds the lock for a moment only.
    for (int tries = 0; tries < 5; ++tries) {
      if (use.try_exclusive()) {
        stop(cluster, guardian);
        return;
      }
      pause();
    }
  }
};

std::unique_ptr<EmbeddedUse> enter(const fs::path& project, const std::string& env,
                                   const std::string& database) {
  auto body = std::make_unique<EmbeddedUse>();
  body->cluster = locate_cluster(project, env);
  prepare_folder(body->cluster, project);
  body->enter(database);
  return body;
}

}  // namespace

ServerUse use_embedded_server(const fs::path& project, const std::string& env,
                              const std::string& database) {
  return ServerUse(enter(project, env, database));
}

std::string start_embedded_server(const fs::path& project, const std::string& env,
                                  const std::string& database) {
  const auto body = enter(project, env, database);
  std::ofstream keep(body->cluster.sharing.keep);
  if (!keep)
    throw Error("cannot write " + body->cluster.sharing.keep.string(),
                "run schemasync as the user that owns that folder");
  return body->url;
}

bool stop_embedded_server(const fs::path& project, const std::string& env) {
  const Cluster cluster = locate_cluster(project, env);
  if (!fs::exists(cluster.data)) return false;
  FileLock gate(cluster.sharing.gate);
  gate.wait_exclusive();
  fs::remove(cluster.sharing.keep);
  if (!running_postmaster(cluster.data)) return false;
  FileLock use(cluster.sharing.uses);
  if (!use.try_exclusive())
    throw Error("another command uses the embedded server of env " + display_name(env),
                "the server stops when that command ends");
  stop(cluster, 0);
  return true;
}

std::optional<std::string> running_embedded_server(const fs::path& project, const std::string& env,
                                                   const std::string& database) {
  const auto postmaster = running_postmaster(locate_cluster(project, env).data);
  if (!postmaster || !postmaster->is_ready) return std::nullopt;
  return socket_url(postmaster->socket, database);
}

}  // namespace schemasync
