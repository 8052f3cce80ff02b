// The files of a server that schemasync runs: where the cluster of an env lies, how it is made (a
// copy of a cached template, because initdb takes ten times as long), and what its postmaster.pid
// says. Used inside pg/ only; starting and stopping is embedded_server.cpp's and
// private_server.cpp's.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "pg/binaries.hpp"
#include "pg/guardian.hpp"
#include "pg/process.hpp"

namespace schemasync {

struct Cluster {
  std::filesystem::path folder;  // ours: locks, log, data/
  std::filesystem::path data;    // the server's
  std::filesystem::path log;
  std::filesystem::path socket;  // a short private folder: a socket's path has 107 bytes at most
  Account account;
  Sharing sharing;
};

// Where the env's cluster is, or would be made. Makes nothing.
Cluster locate_cluster(const std::filesystem::path& project, const std::string& env);

// Its folder, with the locks' files; made where they are missing.
void prepare_folder(const Cluster& cluster, const std::filesystem::path& project);

// Fills `data` (which must not exist) from the cached template, made the first time.
void make_data(const std::filesystem::path& data, const Binaries& binaries, const Account& account);

// The postmaster that runs on a data folder.
struct Postmaster {
  pid_t pid = 0;
  std::filesystem::path socket;
  bool is_ready = false;
  bool is_stopping = false;
};

// The lines of postmaster.pid; nullopt when they are not all written yet.
std::optional<Postmaster> parse_postmaster_file(std::string_view text);

// nullopt when none runs, whatever a postmaster.pid of a killed server says: its number may belong
// to another process by now.
std::optional<Postmaster> running_postmaster(const std::filesystem::path& data);

// Waits until the processes of a killed server are gone, and removes the postmaster.pid it left.
void clear_remains(const std::filesystem::path& data);

// The folder for the socket, 0700 and the server's; refuses one that somebody else put there.
void prepare_socket_folder(const std::filesystem::path& folder, const Account& account);

// Blocks until the server answers. Throws Error with the end of its log when its guardian ends
// before that (0: somebody else started it).
Postmaster wait_until_ready(const std::filesystem::path& data, const std::filesystem::path& log,
                            pid_t guardian);

std::string last_lines(const std::filesystem::path& log);

// A URI for superuser "postgres" through the socket.
std::string socket_url(const std::filesystem::path& socket, const std::string& database);

}  // namespace schemasync
