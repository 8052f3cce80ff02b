// Files of backups: where they go, how they are written (a partial file that gets its name when it
// is complete, readable by its owner alone, never over another one), and what is there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/manifest.hpp"
#include "pg/process.hpp"

namespace schemasync {

// "20260104_152207", UTC.
std::string file_time();
// "20260104T15:22:07Z" for people and manifests: ISO 8601.
std::string iso_time();
// A database's or table's name as part of a file's: what a shell or a file system trips over is
// replaced by "_".
std::string file_part(std::string_view name);

// Written under <name>.partial, and removed again unless keep() is called.
class PartialFile {
 public:
  explicit PartialFile(std::filesystem::path wanted);  // makes the folder; mode 0600
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  int descriptor() const { return file_.get(); }
  void write(std::string_view text);
  // On disk, and under its name: `wanted`, or with _2, _3, … where that is taken.
  std::filesystem::path keep();

 private:
  std::filesystem::path wanted_;
  std::filesystem::path partial_;
  Descriptor file_;
};

struct BackupEntry {
  std::filesystem::path file;
  std::int64_t bytes = 0;
  std::string kind;  // "full", …; "csv"; "incomplete"; "not of schemasync"
  std::string taken_at;
  std::string database;
  std::string migration;
};
// The backups in a folder, oldest first; none where there is no folder.
std::vector<BackupEntry> list_backups(const std::filesystem::path& folder);

// Does the file end as a complete backup of ours does?
bool is_complete(const std::filesystem::path& file);
// Its first bytes: enough for a manifest.
std::string beginning_of(const std::filesystem::path& file);

}  // namespace schemasync
