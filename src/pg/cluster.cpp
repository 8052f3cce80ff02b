#include "pg/cluster.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <fstream>
#include <thread>

#include "text/digest.hpp"
#include "text/error.hpp"
#include "text/files.hpp"
#include "text/strings.hpp"

namespace schemasync {

namespace fs = std::filesystem;

namespace {

// An env's name as the name of a folder.
std::string folder_name(const std::string& env) {
  const bool is_plain = !env.empty() && std::all_of(env.begin(), env.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
  return is_plain ? env : "env-" + sha256(env).substr(0, 12);
}

Cluster cluster_in(const fs::path& folder, const Account& account) {
  Cluster cluster;
  cluster.folder = folder;
  cluster.data = folder / "data";
  cluster.log = folder / "server.log";
  cluster.account = account;
  cluster.socket = fs::path("/tmp") / ("schemasync-" + std::to_string(account.uid) + "-" +
                                       sha256(folder.string()).substr(0, 12));
  cluster.sharing = {folder / "gate.lock", folder / "uses.lock", folder / "keep", cluster.socket};
  return cluster;
}

// A cluster that is there keeps the account that owns it.
std::optional<Cluster> existing_cluster(const fs::path& folder) {
  if (access((folder / "data").c_str(), F_OK) != 0) return std::nullopt;
  const Account owner = account_of(folder / "data");
  if (!owner.is_us && geteuid() != 0)
    throw Error("the embedded server in " + folder.string() + " belongs to user " + owner.name,
                "run schemasync as the user that made it (or as root), or remove that folder");
  if (!may_enter(owner, folder))
    throw Error("the embedded server's user " + owner.name + " cannot enter " + folder.string(),
                "let it: chmod o+x on that folder and the ones above it");
  return cluster_in(folder, owner);
}

bool runs_in(const fs::path& process, const fs::path& data) {
  struct stat cwd {};
  struct stat folder {};
  return stat((process / "cwd").c_str(), &cwd) == 0 && stat(data.c_str(), &folder) == 0 &&
         cwd.st_dev == folder.st_dev && cwd.st_ino == folder.st_ino;
}

// A postmaster and its backends have the data folder as their current one.
bool has_processes(const fs::path& data) {
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator("/proc", unreadable))
    if (std::isdigit(static_cast<unsigned char>(entry.path().filename().native().front())) != 0 &&
        runs_in(entry.path(), data))
      return true;
  return false;
}

}  // namespace

Cluster locate_cluster(const fs::path& project, const std::string& env) {
  const fs::path here = fs::weakly_canonical(fs::absolute(project));
  const fs::path local = here / ".schemasync" / folder_name(env);
  const fs::path elsewhere = fs::path("/var/lib/schemasync") / sha256(local.string()).substr(0, 16);
  if (auto found = existing_cluster(local)) return *found;
  if (geteuid() != 0) return cluster_in(local, server_account());
  if (auto found = existing_cluster(elsewhere)) return *found;
  const Account account = server_account();
  return cluster_in(may_enter(account, here) ? local : elsewhere, account);
}

void prepare_folder(const Cluster& cluster, const fs::path& project) {
  const fs::path parent = cluster.folder.parent_path();
  if (!fs::exists(parent)) {
    if (!fs::is_directory(parent.parent_path()))
      throw Error("the folder " + parent.parent_path().string() + " does not exist",
                  "the embedded server lives beside schemasync.toml, in .schemasync/");
    make_folder(parent, 0755);
    if (parent == fs::weakly_canonical(fs::absolute(project)) / ".schemasync")
      std::ofstream(parent / ".gitignore") << "*\n";
  }
  make_folder(cluster.folder, 0755);
  constexpr std::uintmax_t long_log = 1 << 20;
  std::error_code missing;
  const bool is_long = fs::file_size(cluster.log, missing) > long_log && !missing;
  std::ofstream(cluster.log, is_long ? std::ios::trunc : std::ios::app);
  give_to(cluster.account, cluster.log);
}

// postmaster.pid: pid, data folder, start time, port, socket folder, listen address, shared memory,
// status.
std::optional<Postmaster> parse_postmaster_file(std::string_view text) {
  const std::vector<std::string> lines = split(text, '\n');
  if (lines.empty()) return std::nullopt;
  Postmaster postmaster;
  const std::string& pid = lines.front();
  const auto read = std::from_chars(pid.data(), pid.data() + pid.size(), postmaster.pid);
  if (read.ec != std::errc() || postmaster.pid <= 1) return std::nullopt;
  if (lines.size() > 4) postmaster.socket = lines[4];
  if (lines.size() > 7) {
    postmaster.is_ready = trimmed(lines[7]) == "ready";
    postmaster.is_stopping = trimmed(lines[7]) == "stopping";
  }
  return postmaster;
}

std::optional<Postmaster> running_postmaster(const fs::path& data) {
  auto postmaster = parse_postmaster_file(read_file(data / "postmaster.pid").value_or(""));
  if (!postmaster || kill(postmaster->pid, 0) != 0) return std::nullopt;
  if (!runs_in(fs::path("/proc") / std::to_string(postmaster->pid), data)) return std::nullopt;
  return postmaster;
}

void clear_remains(const fs::path& data) {
  if (!fs::exists(data / "postmaster.pid")) return;
  // A backend of a killed postmaster ends by itself, soon; two servers on the same files would ruin
  // them.
  for (int waited = 0; has_processes(data); waited += 20) {
    if (waited >= 10'000)
      throw Error("processes of a killed server still use " + data.string(),
                  "end them, then try again");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  fs::remove(data / "postmaster.pid");
}

void prepare_socket_folder(const fs::path& folder, const Account& account) {
  if (mkdir(folder.c_str(), 0700) == 0) give_to(account, folder);
  struct stat facts {};
  if (lstat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode) ||
      facts.st_uid != account.uid || (facts.st_mode & 077) != 0)
    throw Error("the folder for the server's socket, " + folder.string() +
                    ", is not a private one of user " + account.name,
                "remove it: somebody else made it");
}

Postmaster wait_until_ready(const fs::path& data, const fs::path& log, pid_t guardian) {
  constexpr auto longest = std::chrono::minutes(5);  // recovery after a power cut
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begun < longest) {
    const auto postmaster = running_postmaster(data);
    if (postmaster && postmaster->is_ready) return *postmaster;
    const bool has_ended = guardian > 0 ? waitpid(guardian, nullptr, WNOHANG) != 0 : !postmaster;
    if (has_ended)
      throw Error("the server did not start:\n" + last_lines(log), "its log is " + log.string());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  throw Error("the server is not ready after 5 minutes:\n" + last_lines(log),
              "its log is " + log.string());
}

std::string last_lines(const fs::path& log) {
  const std::vector<std::string> lines = split(trimmed(read_file(log).value_or("")), '\n');
  const std::size_t first = lines.size() > 6 ? lines.size() - 6 : 0;
  return joined({lines.begin() + static_cast<std::ptrdiff_t>(first), lines.end()}, "\n");
}

std::string socket_url(const fs::path& socket, const std::string& database) {
  std::string escaped;
  for (const char c : database) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '_' || c == '-' || c == '.') {
      escaped += c;
    } else {
      constexpr std::string_view digits = "0123456789ABCDEF";
      escaped += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return "postgresql://postgres@/" + escaped + "?host=" + socket.string() + "&port=5432";
}

}  // namespace schemasync
