#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "pg/cluster.hpp"
#include "text/digest.hpp"
#include "text/error.hpp"
#include "text/strings.hpp"

namespace schemasync {

namespace fs = std::filesystem;

namespace {

// 1 MB of write-ahead log a segment: a third less to copy.
std::vector<std::string> initdb_command(const Binaries& binaries, const fs::path& data,
                                        const std::string& locale) {
  return {(binaries.folder / "initdb").string(),
          "-D",
          data.string(),
          "-A",
          "trust",
          "-U",
          "postgres",
          "-E",
          "UTF8",
          "--locale=" + locale,
          "--no-sync",
          "--wal-segsize=1"};
}

void run_initdb(const Binaries& binaries, const fs::path& data, const Account& account) {
  Outcome outcome;
  for (const char* locale : {"C.UTF-8", "C"}) {  // the first is unknown to macOS and old systems
    outcome = run_program(account, initdb_command(binaries, data, locale));
    if (outcome.exit_code == 0) return;
    if (outcome.output.find("invalid locale") == std::string::npos) break;
  }
  const bool has_no_name =
      outcome.output.find("could not look up effective user ID") != std::string::npos;
  throw Error("initdb failed: " + std::string(trimmed(outcome.output)),
              has_no_name ? "this user has no entry in /etc/passwd: add one, or run as root" : "");
}

// ~/.cache/schemasync; for root a folder that the server's user can enter. Empty when there is no
// home.
fs::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return fs::path(cache) / "schemasync";
  if (geteuid() == 0) return "/var/cache/schemasync";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return fs::path(home) / ".cache" / "schemasync";
  return {};
}

// The same programs, and the same way to call them.
std::string template_name(const Binaries& binaries, const Account& account) {
  struct stat program {};
  stat((binaries.folder / "postgres").c_str(), &program);
  std::string key = joined(initdb_command(binaries, "", "C.UTF-8"), "\n") + "\n" +
                    std::to_string(program.st_size) + "\n" + std::to_string(program.st_mtime) +
                    "\n" + std::to_string(account.uid);
  return "pg" + binaries.version + "-" + sha256(key).substr(0, 12);
}

bool is_complete(const fs::path& data) {
  return access((data / "global" / "pg_control").c_str(), F_OK) == 0;
}

// Made in a folder of its own and renamed: two that make it at once do not see each other's half.
fs::path make_template(const fs::path& cache, const fs::path& target, const Binaries& binaries,
                       const Account& account) {
  const fs::path making = make_unique_folder(cache / "making-");
  try {
    give_to(account, making);
    run_initdb(binaries, making / "data", account);
    std::error_code taken;
    fs::rename(making, target, taken);
    if (taken && is_complete(target / "data"))
      fs::remove_all(making);  // another one was faster
    else if (taken) {
      fs::remove_all(target);  // a template that lost files
      fs::rename(making, target);
    }
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(making, ignored);
    throw;
  }
  return target / "data";
}

// Empty when this machine offers no place for a cache.
fs::path template_for(const Binaries& binaries, const Account& account) {
  const fs::path cache = cache_folder();
  if (cache.empty()) return {};
  std::error_code cannot;
  fs::create_directories(cache, cannot);
  if (geteuid() == 0 && !cannot) chmod(cache.c_str(), 0755);
  if (access(cache.c_str(), W_OK | X_OK) != 0 || !may_enter(account, cache)) return {};
  const fs::path target = cache / template_name(binaries, account);
  if (is_complete(target / "data")) return target / "data";
  return make_template(cache, target, binaries, account);
}

}  // namespace

void make_data(const fs::path& data, const Binaries& binaries, const Account& account) {
  const fs::path parent = data.parent_path();
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent))  // of one that was killed
    if (entry.path().filename().string().starts_with("making-"))
      fs::remove_all(entry.path(), ignored);
  const fs::path making = make_unique_folder(parent / "making-");
  try {
    give_to(account, making);
    const fs::path source = template_for(binaries, account);
    if (source.empty())
      run_initdb(binaries, making / "data", account);
    else
      copy_tree(source, making / "data", account);
    fs::rename(making / "data", data);
  } catch (...) {
    fs::remove_all(making, ignored);
    throw;
  }
  fs::remove_all(making, ignored);
}

}  // namespace schemasync
