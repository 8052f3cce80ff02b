#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "pg/cluster.hpp"
#include "pg/server_body.hpp"
#include "text/error.hpp"

namespace schemasync {

namespace fs = std::filesystem;

namespace {

bool has_room(const fs::path& folder) {
  constexpr std::uint64_t needed = 200ULL << 20;
  struct statvfs facts {};
  return statvfs(folder.c_str(), &facts) == 0 && access(folder.c_str(), W_OK | X_OK) == 0 &&
         std::uint64_t{facts.f_bavail} * facts.f_frsize >= needed;
}

// In memory where there is room (a container's /dev/shm often has 64 MB). The names are short: the
// server's socket lies in the folder too.
fs::path parent_folder(const Account& account) {
  if (has_room("/dev/shm")) return "/dev/shm";
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (account.is_us && runtime != nullptr && std::string_view(runtime).size() < 60 &&
      has_room(runtime))
    return runtime;
  return "/tmp";
}

// The fast recipe: nothing in this cluster outlives us.
std::vector<std::string> server_command(const Binaries& binaries, const fs::path& folder) {
  return {(binaries.folder / "postgres").string(),
          "-D",
          (folder / "data").string(),
          "-c",
          "listen_addresses=",
          "-c",
          "port=5432",
          "-c",
          "unix_socket_directories=" + folder.string(),
          "-c",
          "unix_socket_permissions=0700",
          "-c",
          "fsync=off",
          "-c",
          "synchronous_commit=off",
          "-c",
          "full_page_writes=off",
          "-c",
          "wal_level=minimal",
          "-c",
          "max_wal_senders=0",
          "-c",
          "autovacuum=off",
          "-c",
          "max_connections=20",
          "-c",
          "shared_buffers=64MB",
          "-c",
          "max_locks_per_transaction=1024",
          "-c",
          "jit=off",
          "-c",
          "dynamic_shared_memory_type=mmap"};
}

struct PrivateServer : ServerUse::Body {
  fs::path folder;
  PrivateLaunch launch;

  ~PrivateServer() override {
    launch.leash.close();
    if (launch.guardian > 0)
      while (waitpid(launch.guardian, nullptr, 0) < 0 && errno == EINTR) {
      }
    std::error_code ignored;
    if (!folder.empty()) fs::remove_all(folder, ignored);
  }
};

}  // namespace

ServerUse start_private_server() {
  const Account account = server_account();
  const Binaries binaries = binaries_for(account, 0);
  auto server = std::make_unique<PrivateServer>();
  server->folder = make_unique_folder(parent_folder(account) / "schemasync-");
  server->socket = server->folder;
  give_to(account, server->folder);
  const fs::path data = server->folder / "data";
  const fs::path log = server->folder / "server.log";
  make_data(data, binaries, account);
  server->launch = launch_private(
      {account, server_command(binaries, server->folder), data, log, false}, server->folder);
  wait_until_ready(data, log, server->launch.guardian);
  server->url = socket_url(server->socket, "postgres");
  return ServerUse(std::move(server));
}

}  // namespace schemasync
