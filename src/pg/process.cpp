#include "pg/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "text/error.hpp"

extern char** environ;

namespace schemasync {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const std::string& doing, const fs::path& path) {
  throw Error("cannot " + doing + " " + path.string() + ": " + std::strerror(errno));
}

std::string account_name(uid_t uid) {
  const passwd* entry = getpwuid(uid);
  return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return exit_code_of(status);
}

void lock(const Descriptor& file, int how) {
  while (flock(file.get(), how) != 0)
    if (errno != EINTR) throw Error(std::string("cannot lock a file: ") + std::strerror(errno));
}

std::string read_all(const Descriptor& from) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t got = read(from.get(), buffer, sizeof buffer);
    if (got > 0)
      text.append(buffer, static_cast<std::size_t>(got));
    else if (got == 0 || errno != EINTR)
      return text;
  }
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

int Descriptor::release() noexcept { return std::exchange(number_, -1); }

void Descriptor::close() noexcept {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

FileLock::FileLock(const fs::path& file)
    : file_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (file_.get() < 0 && errno == EACCES)
    file_ = Descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (file_.get() < 0) fail("open", file);
}

void FileLock::wait_exclusive() { lock(file_, LOCK_EX); }
void FileLock::wait_shared() { lock(file_, LOCK_SH); }
bool FileLock::try_exclusive() { return flock(file_.get(), LOCK_EX | LOCK_NB) == 0; }

Account server_account() {
  if (geteuid() != 0) return {geteuid(), getegid(), account_name(geteuid()), true};
  for (const char* name : {"postgres", "nobody"})
    if (const passwd* entry = getpwnam(name); entry != nullptr && entry->pw_uid != 0)
      return {entry->pw_uid, entry->pw_gid, name, false};
  throw Error("PostgreSQL does not run as root, and there is no user postgres or nobody here",
              "make one (useradd --system postgres), or run as an ordinary user");
}

Account account_of(const fs::path& owned) {
  struct stat facts {};
  if (stat(owned.c_str(), &facts) != 0) fail("look at", owned);
  return {facts.st_uid, facts.st_gid, account_name(facts.st_uid), facts.st_uid == geteuid()};
}

void become(const Account& account) {
  if (account.is_us) return;
  if (setgroups(1, &account.gid) != 0 || setgid(account.gid) != 0 || setuid(account.uid) != 0)
    _exit(126);
}

bool may_enter(const Account& account, const fs::path& folder) {
  if (account.is_us) return access(folder.c_str(), X_OK) == 0;
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    become(account);
    _exit(chdir(folder.c_str()) == 0 ? 0 : 1);
  }
  return wait_for(child) == 0;
}

std::vector<std::string> server_environment() {
  std::vector<std::string> kept;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with("PG") && !text.starts_with("LC_") && !text.starts_with("LANG"))
      kept.emplace_back(text);
  }
  kept.emplace_back("LC_ALL=C");
  return kept;
}

std::vector<char*> exec_array(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

void forget_parent() noexcept {
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0) return;
#endif
  const long limit = std::min(sysconf(_SC_OPEN_MAX), 65536L);
  for (int number = 3; number < static_cast<int>(limit); ++number) close(number);
}

Outcome run_program(const Account& account, const std::vector<std::string>& command) {
  std::vector<std::string> words = command;
  std::vector<std::string> variables = server_environment();
  const std::vector<char*> argv = exec_array(words);
  const std::vector<char*> envp = exec_array(variables);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("run", words.front());
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  const pid_t child = fork();
  if (child < 0) fail("run", words.front());
  if (child == 0) {
    dup2(theirs.get(), STDOUT_FILENO);
    dup2(theirs.get(), STDERR_FILENO);
    if (const int null = open("/dev/null", O_RDONLY); null >= 0) dup2(null, STDIN_FILENO);
    forget_parent();
    become(account);
    if (chdir("/") == 0) execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  theirs.close();
  Outcome outcome;
  outcome.output = read_all(ours);
  outcome.exit_code = wait_for(child);
  return outcome;
}

void make_folder(const fs::path& folder, mode_t mode) {
  if (mkdir(folder.c_str(), mode) == 0) {
    chmod(folder.c_str(), mode);  // whatever the umask
  } else if (errno != EEXIST) {
    fail("make the folder", folder);
  }
}

void give_to(const Account& account, const fs::path& path) {
  if (!account.is_us && lchown(path.c_str(), account.uid, account.gid) != 0)
    fail("give to user " + account.name, path);
}

fs::path make_unique_folder(const fs::path& prefix) {
  std::string name = prefix.string() + "XXXXXX";
  if (mkdtemp(name.data()) == nullptr) fail("make a folder", name);
  return name;
}

void copy_tree(const fs::path& from, const fs::path& to, const Account& account) {
  const auto take_mode = [&](const fs::path& source, const fs::path& copy) {
    fs::permissions(copy, fs::status(source).permissions());
    give_to(account, copy);
  };
  fs::create_directory(to);
  take_mode(from, to);
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    const fs::path copy = to / entry.path().lexically_relative(from);
    if (entry.is_directory())
      fs::create_directory(copy);
    else
      fs::copy_file(entry.path(), copy);
    take_mode(entry.path(), copy);
  }
}

}  // namespace schemasync
