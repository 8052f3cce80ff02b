#include "backup/backup_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <tuple>

#include "text/error.hpp"
#include "text/strings.hpp"

namespace schemasync {

namespace fs = std::filesystem;

namespace {

std::string utc(const char* pattern, std::time_t when) {
  std::tm parts{};
  gmtime_r(&when, &parts);
  char text[32];
  std::strftime(text, sizeof text, pattern, &parts);
  return text;
}

[[noreturn]] void fail(const std::string& doing, const fs::path& path) {
  throw Error("cannot " + doing + " " + path.string() + ": " + std::strerror(errno),
              "look at the folder's rights and free space");
}

// The first name that is free: x.sql, x_2.sql, …
fs::path numbered(const fs::path& wanted, int number) {
  if (number == 1) return wanted;
  return wanted.parent_path() /
         (wanted.stem().string() + "_" + std::to_string(number) + wanted.extension().string());
}

BackupEntry entry_of(const fs::path& file) {
  BackupEntry entry;
  entry.file = file;
  std::error_code failure;
  entry.bytes = static_cast<std::int64_t>(fs::file_size(file, failure));
  struct stat facts {};
  if (stat(file.c_str(), &facts) == 0)
    entry.taken_at = utc("%Y-%m-%dT%H:%M:%SZ", facts.st_mtim.tv_sec);
  entry.kind = file.extension() == ".csv"       ? "csv"
               : file.extension() == ".partial" ? "incomplete"
                                                : "not of schemasync";
  try {
    const std::optional<Manifest> manifest = parse_header(beginning_of(file));
    if (!manifest) return entry;
    entry.kind = to_text(manifest->kind);
    if (manifest->chosen && manifest->kind != BackupKind::tables) entry.kind += " of tables";
    entry.taken_at = manifest->taken_at;
    entry.database = manifest->database.name;
    entry.migration = manifest->migration;
    if (!is_complete(file)) entry.kind = "incomplete";
  } catch (const Error&) {
    entry.kind = "damaged";
  }
  return entry;
}

}  // namespace

std::string file_time() { return utc("%Y%m%d_%H%M%S", std::time(nullptr)); }
std::string iso_time() { return utc("%Y-%m-%dT%H:%M:%SZ", std::time(nullptr)); }

std::string file_part(std::string_view name) {
  std::string part;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        byte >= 0x80 || std::isalnum(byte) != 0 || c == '_' || c == '-' || c == '.';
    part += is_plain ? c : '_';
  }
  if (part.empty() || part.front() == '.' || part.front() == '-') part.insert(0, "_");
  return std::string(clipped(part, 180));  // a file's name has 255 bytes, and gets a time and more
}

PartialFile::PartialFile(fs::path wanted) : wanted_(std::move(wanted)) {
  std::error_code failure;
  if (wanted_.has_parent_path()) fs::create_directories(wanted_.parent_path(), failure);
  if (failure)
    throw Error(
        "cannot make the folder " + wanted_.parent_path().string() + ": " + failure.message(),
        "name another one with backup_dir or -o");
  if (wanted_.filename().empty() || fs::is_directory(wanted_, failure))
    throw Error(wanted_.string() + " is a folder", "name a file in it");
  partial_ = wanted_.string() + "." + std::to_string(getpid()) + ".partial";
  file_ = Descriptor(open(partial_.c_str(),
                          O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file_.get() < 0) fail("write", partial_);
}

PartialFile::~PartialFile() {
  if (!partial_.empty()) unlink(partial_.c_str());
}

void PartialFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file_.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", partial_);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// link() refuses a name that is taken, also when two dumps end at once; where a file system knows
// no links, looking first has to do.
fs::path PartialFile::keep() {
  if (fsync(file_.get()) != 0) fail("write", partial_);
  for (int number = 1;; ++number) {
    const fs::path name = numbered(wanted_, number);
    if (link(partial_.c_str(), name.c_str()) == 0) {
      unlink(partial_.c_str());
    } else {
      if (errno == EEXIST || access(name.c_str(), F_OK) == 0) continue;
      if (rename(partial_.c_str(), name.c_str()) != 0) fail("write", name);
    }
    partial_.clear();
    return name;
  }
}

std::vector<BackupEntry> list_backups(const fs::path& folder) {
  std::vector<BackupEntry> entries;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing))
    if (entry.is_regular_file(missing)) entries.push_back(entry_of(entry.path()));
  std::sort(entries.begin(), entries.end(), [](const BackupEntry& a, const BackupEntry& b) {
    return std::tie(a.taken_at, a.file) < std::tie(b.taken_at, b.file);
  });
  return entries;
}

bool is_complete(const fs::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::streamoff>(in.tellg());
  constexpr std::streamoff looked_at = 200;
  in.seekg(std::max<std::streamoff>(0, size - looked_at));
  std::string end(static_cast<std::size_t>(std::min(std::max<std::streamoff>(size, 0), looked_at)),
                  '\0');
  in.read(end.data(), static_cast<std::streamsize>(end.size()));
  return trimmed(end).ends_with(last_line);
}

std::string beginning_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error("cannot read " + file.string(), "is it there, and readable?");
  // A manifest ends with its comment block; one of 10,000 tables has half a megabyte.
  std::string text;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("--")) break;
    text += line + "\n";
  }
  return text;
}

}  // namespace schemasync
