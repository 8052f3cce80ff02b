// The small process between us and a postmaster: it starts it, waits until nobody needs it, and
// ends it, also when its users were killed. A fork of ours in a session of its own, so that Ctrl-C
// does not reach it; it holds nothing of ours open. Used by the two kinds of server only.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "pg/process.hpp"

namespace schemasync {

struct Launch {
  Account account;
  std::vector<std::string> command;  // postgres -D …
  std::filesystem::path data;
  std::filesystem::path log;  // gets what the server says
  bool is_new = false;        // the data folder was just made, and is not on disk yet
};

// How the processes that share a server find one another: files in the cluster's folder.
struct Sharing {
  std::filesystem::path gate;    // held while somebody decides to start or stop
  std::filesystem::path uses;    // each user holds it shared
  std::filesystem::path keep;    // exists: the server runs on without users
  std::filesystem::path socket;  // the socket's folder, removed when the server ended
};

// Starts a server that ends cleanly when its last user goes. Returns the guardian.
pid_t launch_shared(const Launch& launch, const Sharing& sharing);

struct PrivateLaunch {
  pid_t guardian = 0;
  Descriptor leash;  // the server lives as long as this end of a pipe is open
};

// Starts a server that dies with us; then `folder` is removed.
PrivateLaunch launch_private(const Launch& launch, const std::filesystem::path& folder);

}  // namespace schemasync
