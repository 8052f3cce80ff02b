#include "pg/guardian.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "text/error.hpp"

namespace schemasync {

namespace {

enum class Lifetime { shared, with_parent };

// Everything that the children need, made before fork: a child of a process with threads may only
// make system calls.
struct Prepared {
  explicit Prepared(const Launch& launch)
      : account(launch.account),
        words(launch.command),
        variables(server_environment()),
        argv(exec_array(words)),
        envp(exec_array(variables)),
        data(launch.data.string()),
        log(launch.log.string()),
        is_new(launch.is_new) {}
  Account account;
  std::vector<std::string> words;
  std::vector<std::string> variables;
  std::vector<char*> argv;
  std::vector<char*> envp;
  std::string data;
  std::string log;
  bool is_new;
};

void say(const char* text) {
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
}

// In the guardian's child.
[[noreturn]] void be_postmaster(const Prepared& prepared, Lifetime lifetime, pid_t guardian) {
  if (const int null = open("/dev/null", O_RDONLY); null >= 0) dup2(null, STDIN_FILENO);
  become(prepared.account);
  // After the change of user, which clears it. The guardian may be gone already.
  if (lifetime == Lifetime::with_parent) {
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() != guardian) _exit(1);
  }
  if (chdir(prepared.data.c_str()) != 0) {
    say("schemasync: the server's user cannot enter the data folder\n");
    _exit(1);
  }
  execve(prepared.argv[0], prepared.argv.data(), prepared.envp.data());
  say("schemasync: postgres could not be run: ");
  say(std::strerror(errno));
  say("\n");
  _exit(127);
}

// In the guardian: away from our terminal, folder and files.
void settle(const Prepared& prepared) {
  setsid();
  prctl(PR_SET_NAME, "schemasync-pg");
  if (chdir("/") != 0) _exit(1);
  const int null = open("/dev/null", O_RDWR);
  const int log = open(prepared.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(null, STDIN_FILENO);
  dup2(log >= 0 ? log : null, STDOUT_FILENO);
  dup2(log >= 0 ? log : null, STDERR_FILENO);
}

pid_t start_postmaster(const Prepared& prepared, Lifetime lifetime) {
  const pid_t guardian = getpid();
  const pid_t postmaster = fork();
  if (postmaster == 0) be_postmaster(prepared, lifetime, guardian);
  return postmaster;
}

bool has_ended(pid_t child) { return waitpid(child, nullptr, WNOHANG) != 0; }

void wait_for_end(pid_t child) {
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ignore_signal(int) {}

// A blocking flock ends with EINTR when the postmaster ends. The timer covers the moment between
// the look at the postmaster and the flock.
void interrupt_waits(bool on) {
  struct sigaction action {};
  action.sa_handler = ignore_signal;
  sigaction(SIGCHLD, &action, nullptr);
  sigaction(SIGALRM, &action, nullptr);
  const itimerval every_second{{on ? 1 : 0, 0}, {on ? 1 : 0, 0}};
  setitimer(ITIMER_REAL, &every_second, nullptr);
}

// Blocks until no user is left, or the postmaster ended by itself.
bool wait_for_last_user(int uses, pid_t postmaster) {
  interrupt_waits(true);
  bool is_unused = false;
  while (!has_ended(postmaster)) {
    if (flock(uses, LOCK_EX) != 0) continue;
    flock(uses, LOCK_UN);
    is_unused = true;
    break;
  }
  interrupt_waits(false);
  return is_unused;
}

// PostgreSQL syncs what it writes, not the files that it finds: a cluster just copied has to reach
// the disk too, or a power cut leaves user data without its catalog. Nobody waits for it.
[[noreturn]] void sync_to_disk(const std::string& folder) {
  if (const int data = open(folder.c_str(), O_RDONLY); data >= 0) syncfs(data);
  _exit(0);
}

[[noreturn]] void guard_shared(const Prepared& prepared, const Sharing& sharing) {
  settle(prepared);
  forget_parent();
  if (prepared.is_new && fork() == 0) sync_to_disk(prepared.data);
  const pid_t postmaster = start_postmaster(prepared, Lifetime::shared);
  if (postmaster < 0) _exit(1);
  const int gate = open(sharing.gate.c_str(), O_RDONLY | O_CLOEXEC);
  const int uses = open(sharing.uses.c_str(), O_RDONLY | O_CLOEXEC);
  while (gate >= 0 && uses >= 0 && wait_for_last_user(uses, postmaster)) {
    while (flock(gate, LOCK_EX) != 0 && errno == EINTR) {
    }
    const bool is_kept = access(sharing.keep.c_str(), F_OK) == 0;
    if (!is_kept && flock(uses, LOCK_EX | LOCK_NB) == 0) {
      kill(postmaster, SIGINT);  // fast shutdown: ends sessions, writes a checkpoint
      wait_for_end(postmaster);
      rmdir(sharing.socket.c_str());
      _exit(0);
    }
    flock(gate, LOCK_UN);
    if (is_kept) break;
  }
  wait_for_end(postmaster);
  _exit(0);
}

[[noreturn]] void guard_private(const Prepared& prepared, int leash,
                                const std::filesystem::path& folder) {
  settle(prepared);
  dup2(leash, STDIN_FILENO);
  forget_parent();
  const pid_t postmaster = start_postmaster(prepared, Lifetime::with_parent);
  if (postmaster < 0) _exit(1);
  interrupt_waits(true);
  char byte = 0;
  while (!has_ended(postmaster)) {
    if (read(STDIN_FILENO, &byte, 1) == 0) {  // nobody holds the other end any more
      kill(postmaster, SIGQUIT);              // nothing in it is worth a checkpoint
      wait_for_end(postmaster);
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
      _exit(0);
    }
  }
  _exit(1);  // it died by itself; our destructor removes the folder and its log
}

pid_t checked_fork() {
  const pid_t child = fork();
  if (child < 0) throw Error(std::string("cannot start a process: ") + std::strerror(errno));
  return child;
}

}  // namespace

pid_t launch_shared(const Launch& launch, const Sharing& sharing) {
  const Prepared prepared(launch);
  const pid_t child = checked_fork();
  if (child == 0) guard_shared(prepared, sharing);
  return child;
}

PrivateLaunch launch_private(const Launch& launch, const std::filesystem::path& folder) {
  const Prepared prepared(launch);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
  const Descriptor theirs(ends[0]);
  PrivateLaunch started;
  started.leash = Descriptor(ends[1]);
  started.guardian = checked_fork();
  if (started.guardian == 0) guard_private(prepared, theirs.get(), folder);
  return started;
}

}  // namespace schemasync
