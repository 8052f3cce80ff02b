#include "pg/binaries.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "pg/server.hpp"
#include "text/error.hpp"
#include "text/strings.hpp"

namespace schemasync {

namespace fs = std::filesystem;

namespace {

constexpr int oldest_major = 13;

bool holds_server(const fs::path& folder) {
  return access((folder / "initdb").c_str(), X_OK) == 0 &&
         access((folder / "postgres").c_str(), X_OK) == 0;
}

// A folder of links (/usr/local/bin/postgres -> /usr/lib/postgresql/15/bin/postgres) has no pg_dump
// beside it: the folder that the links lead to is the one that is meant.
fs::path resolved(const fs::path& folder) {
  std::error_code unreadable;
  const fs::path program = fs::canonical(folder / "postgres", unreadable);
  return !unreadable && holds_server(program.parent_path()) ? program.parent_path() : folder;
}

std::vector<fs::path> search_path() {
  std::vector<fs::path> folders;
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path != nullptr ? path : "", ':'))
    if (folder.starts_with("/")) folders.emplace_back(folder);
  return folders;
}

std::vector<fs::path> folder_of_pg_config(const std::vector<fs::path>& path) {
  for (const fs::path& folder : path)
    if (access((folder / "pg_config").c_str(), X_OK) == 0) {
      const Account us{geteuid(), getegid(), "", true};
      const Outcome outcome = run_program(us, {(folder / "pg_config").string(), "--bindir"});
      if (outcome.exit_code == 0) return {std::string(trimmed(outcome.output))};
    }
  return {};
}

// parent/<prefix><major><suffix>, the newest major first.
std::vector<fs::path> versioned(const fs::path& parent, std::string_view prefix,
                                const fs::path& suffix) {
  std::vector<std::pair<int, fs::path>> found;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(parent, missing)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    if (const int major = major_of(name.substr(prefix.size())); major > 0)
      found.emplace_back(major, entry.path() / suffix);
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<fs::path> folders;
  for (auto& [major, folder] : found) folders.push_back(std::move(folder));
  return folders;
}

std::vector<fs::path> distribution_folders() {
  std::vector<fs::path> folders;
  const auto add = [&](std::vector<fs::path> more) {
    folders.insert(folders.end(), more.begin(), more.end());
  };
  add(versioned("/usr/lib/postgresql", "", "bin"));  // Debian, Ubuntu
  add(versioned("/usr", "pgsql-", "bin"));           // PostgreSQL's own packages for Red Hat
  add(versioned("/usr/lib", "postgresql", "bin"));   // SUSE
  add(versioned("/usr/libexec", "postgresql", ""));  // Alpine
  add(versioned("/opt/homebrew/opt", "postgresql@", "bin"));
  add(versioned("/usr/local/opt", "postgresql@", "bin"));
  add({"/usr/local/pgsql/bin", "/usr/lib/postgresql/bin", "/usr/bin"});
  return folders;
}

std::string chosen_folder() {
  const char* chosen = std::getenv("SCHEMASYNC_PGBIN");
  return chosen != nullptr ? chosen : "";
}

Error none_found(int major) {
  const std::string version = major > 0 ? " " + std::to_string(major) : "";
  const std::string debian = major > 0 ? "postgresql-" + std::to_string(major) : "postgresql";
  return Error(
      "no PostgreSQL" + version + " server programs (initdb, postgres) found on this machine",
      "install them (Debian, Ubuntu: apt-get install " + debian +
          "; Fedora: dnf install postgresql-server; Alpine: apk add postgresql; macOS: brew "
          "install postgresql), or name their folder in SCHEMASYNC_PGBIN");
}

}  // namespace

std::string parse_version(std::string_view printed) {
  constexpr std::string_view mark = "(PostgreSQL) ";
  const std::size_t at = printed.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view version = trimmed(printed.substr(at + mark.size()));
  return std::string(version.substr(0, version.find_first_of(" \n")));
}

int major_of(std::string_view version) {
  int major = 0;
  const auto read = std::from_chars(version.data(), version.data() + version.size(), major);
  return read.ec == std::errc() ? major : 0;
}

std::vector<fs::path> program_folders() {
  std::vector<fs::path> folders = search_path();
  for (auto&& more : {folder_of_pg_config(folders), distribution_folders()})
    folders.insert(folders.end(), more.begin(), more.end());
  return folders;
}

std::vector<fs::path> postgres_folders() {
  std::vector<fs::path> folders;
  const auto add = [&](const std::vector<fs::path>& candidates) {
    for (const fs::path& candidate : candidates) {
      if (!holds_server(candidate)) continue;
      const fs::path folder = resolved(candidate);
      if (std::find(folders.begin(), folders.end(), folder) == folders.end())
        folders.push_back(folder);
    }
  };
  if (const std::string chosen = chosen_folder(); !chosen.empty()) {
    if (!holds_server(chosen))
      throw Error("SCHEMASYNC_PGBIN names " + chosen + ", where there is no initdb and postgres",
                  "name the folder that holds them, or unset SCHEMASYNC_PGBIN");
    add({chosen});
    return folders;
  }
  const std::vector<fs::path> path = search_path();
  add(path);
  if (folders.empty()) add(folder_of_pg_config(path));
  add(distribution_folders());
  return folders;
}

Binaries binaries_for(const Account& account, int major) {
  std::string trouble;
  std::string hint;
  for (const fs::path& folder : postgres_folders()) {
    const std::string program = (folder / "postgres").string();
    const Outcome outcome = run_program(account, {program, "--version"});
    const std::string version = parse_version(outcome.output);
    const int found = major_of(version);
    if (outcome.exit_code != 0 || found == 0) {
      hint = "let that user read and run the folder, or name another one in SCHEMASYNC_PGBIN";
      trouble = program + " cannot be run by user " + account.name +
                (outcome.output.empty() ? "" : ": " + std::string(trimmed(outcome.output)));
    } else if (found < oldest_major) {
      trouble = program + " is PostgreSQL " + version + ", and schemasync needs 13 or newer";
      hint = "install a newer one, or name its folder in SCHEMASYNC_PGBIN";
    } else if (major == 0 || found == major) {
      return {folder, version, found};
    }
  }
  if (!trouble.empty()) throw Error(trouble, hint);
  throw none_found(major);
}

fs::path find_postgres_binaries() {
  const std::vector<fs::path> folders = postgres_folders();
  if (folders.empty()) throw none_found(0);
  return folders.front();
}

}  // namespace schemasync
