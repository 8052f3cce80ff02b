#include "pg/client_program.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "pg/binaries.hpp"
#include "pg/conninfo.hpp"
#include "text/error.hpp"
#include "text/strings.hpp"

extern char** environ;

namespace schemasync {

namespace fs = std::filesystem;

namespace {

bool holds_pg_dump(const fs::path& folder) {
  return access((folder / "pg_dump").c_str(), X_OK) == 0;
}

// Debian's /usr/bin/pg_dump is a script that chooses among the folders that come later anyway.
bool is_wrapper(const fs::path& folder) {
  std::error_code failure;
  return fs::canonical(folder / "pg_dump", failure).filename() == "pg_wrapper";
}

Error none_found(int server_major, const std::vector<std::string>& older) {
  const std::string major = std::to_string(server_major);
  const std::string what =
      older.empty() ? "no pg_dump found on this machine"
                    : "the server is PostgreSQL " + major + ", and " + joined(older, ", ") +
                          (older.size() == 1 ? " is" : " are") + " too old to dump it";
  return Error(what, "install the client programs of " + major +
                         " or newer (Debian, Ubuntu: apt-get install postgresql-client-" + major +
                         "; Fedora: dnf install postgresql; Alpine: apk add postgresql" + major +
                         "-client), or name their folder in SCHEMASYNC_PGBIN");
}

std::vector<fs::path> candidates() {
  const char* chosen = std::getenv("SCHEMASYNC_PGBIN");
  if (chosen != nullptr && *chosen != '\0' && holds_pg_dump(chosen)) return {chosen};
  std::vector<fs::path> folders;
  for (const fs::path& folder : program_folders())
    if (holds_pg_dump(folder) && !is_wrapper(folder)) folders.push_back(folder);
  return folders;
}

// Our own environment, PG* variables and all, with the url's password and messages in English.
std::vector<std::string> client_environment(const Conninfo& conninfo) {
  std::vector<std::string> variables;
  const auto password = conninfo.find("password");
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    // A dump is in the database's encoding, whatever the terminal's is.
    if (text.starts_with("LC_") || text.starts_with("LANG") ||
        text.starts_with("PGCLIENTENCODING="))
      continue;
    if (password != conninfo.end() && text.starts_with("PGPASSWORD=")) continue;
    variables.emplace_back(text);
  }
  variables.emplace_back("LC_ALL=C");
  if (password != conninfo.end()) variables.push_back("PGPASSWORD=" + password->second);
  return variables;
}

// A program that ends before it has read everything is no reason to end ourselves.
class WithoutSigpipe {
 public:
  WithoutSigpipe() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  ~WithoutSigpipe() { std::signal(SIGPIPE, before_); }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  void (*before_)(int);
};

}  // namespace

std::string ClientTools::program(std::string_view name) const {
  const fs::path path = folder / name;
  if (access(path.c_str(), X_OK) == 0) return path.string();
  throw Error("there is a pg_dump in " + folder.string() + ", but no " + std::string(name),
              "install PostgreSQL's client programs (postgresql-client), or name their folder in "
              "SCHEMASYNC_PGBIN");
}

ClientTools find_client_tools(int server_major) {
  const Account us{geteuid(), getegid(), "", true};
  std::vector<std::string> older;
  ClientTools best;
  for (const fs::path& folder : candidates()) {
    const std::string program = (folder / "pg_dump").string();
    const Outcome outcome = run_program(us, {program, "--version"});
    const std::string version = parse_version(outcome.output);
    const int major = major_of(version);
    if (outcome.exit_code != 0 || major == 0) continue;
    if (major < server_major)
      older.push_back(program + " (" + version + ")");
    else if (best.version.empty() || major < major_of(best.version))
      best = {folder, version};
  }
  if (best.version.empty()) throw none_found(server_major, older);
  return best;
}

std::vector<std::string> connection_arguments(const std::string& url) {
  Conninfo conninfo = parse_conninfo(url);
  conninfo.erase("password");
  if (conninfo.contains("sslpassword"))
    throw Error("PostgreSQL's programs take no sslpassword that stays off their command line",
                "use a client key without a password of its own (chmod 600)");
  if (conninfo.empty()) return {};
  return {"--dbname=" + conninfo_text(conninfo)};
}

ClientProgram::ClientProgram(const std::vector<std::string>& command, const std::string& url,
                             int output)
    : url_(url), errors_(std::tmpfile(), &std::fclose) {
  if (!errors_) throw Error(std::string("cannot make a temporary file: ") + std::strerror(errno));
  std::vector<std::string> words = command;
  std::vector<std::string> variables = client_environment(parse_conninfo(url));
  const std::vector<char*> argv = exec_array(words);
  const std::vector<char*> envp = exec_array(variables);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Error("cannot run " + command.front() + ": " + std::strerror(errno));
  Descriptor theirs(ends[0]);
  input_ = Descriptor(ends[1]);
  const pid_t us = getpid();
  const int errors = fileno(errors_.get());
  child_ = fork();
  if (child_ < 0) throw Error("cannot run " + command.front() + ": " + std::strerror(errno));
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != us) _exit(127);
    const int out = output >= 0 ? output : open("/dev/null", O_WRONLY);
    dup2(theirs.get(), STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    forget_parent();
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
}

ClientProgram::~ClientProgram() {
  if (child_ <= 0) return;
  kill(child_, SIGTERM);
  input_.close();
  int status = 0;
  while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
}

bool ClientProgram::write(std::string_view text) {
  const WithoutSigpipe quietly;
  while (!text.empty()) {
    const ssize_t sent = ::write(input_.get(), text.data(), text.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

int ClientProgram::finish(const std::function<bool()>& stop) {
  input_.close();
  sigset_t signals;
  sigset_t before;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  int status = 0;
  pid_t ended = 0;
  while ((ended = waitpid(child_, &status, WNOHANG)) == 0) {
    constexpr timespec tick{0, 20'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &tick);
    if (signal != SIGINT && signal != SIGTERM && !(stop && stop())) continue;
    if (!stopped_) kill(child_, SIGTERM);
    stopped_ = true;
  }
  child_ = 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (ended < 0) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string ClientProgram::errors() const {
  std::string text;
  char buffer[4096];
  std::rewind(errors_.get());
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, errors_.get())) > 0;)
    text.append(buffer, got);
  return scrubbed(std::string(trimmed(text)), parse_conninfo(url_));
}

}  // namespace schemasync
