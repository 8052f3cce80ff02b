// What a backup holds and what restoring it into this database means: which rows and tables it
// would overwrite, what has to go before, or why it is refused. Changes nothing.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backup/drop_script.hpp"
#include "backup/manifest.hpp"
#include "backup/tables.hpp"

namespace schemasync {

// A file that was read to its end. pg_dump's custom format is read through pg_restore.
class RestoreSource {
 public:
  // Throws Error for a file that is not complete or that holds what a restore refuses.
  RestoreSource(const std::filesystem::path& file, int server_major);
  ~RestoreSource();
  RestoreSource(const RestoreSource&) = delete;
  RestoreSource& operator=(const RestoreSource&) = delete;

  std::filesystem::path file;
  std::filesystem::path text;             // the SQL: the file itself, or what pg_restore made of it
  std::optional<Manifest> manifest;       // nullopt: not of `schemasync backup`
  std::map<ObjectId, std::int64_t> rows;  // in it, of each table
  std::vector<ObjectId> created;          // tables that it makes
  std::vector<std::string> large_objects;

  bool is_full() const { return manifest && manifest->kind == BackupKind::full; }

 private:
  void unpack(int server_major);
  void read();
};

struct RestoreRequest {
  bool drop = false;
  std::vector<std::string> tables;  // -t: their rows alone
};

struct RestorePlan {
  std::vector<TableRows> overwritten;  // tables that are there and go, or are emptied
  std::vector<ObjectId> tables;        // that come
  bool rows_only = false;              // of these tables, out of a file that holds more
  bool whole = false;                  // everything in the schemas goes first
  Around around;
};

// Throws Error (exit 1) where objects or rows are in the way and --drop was not given, or cannot
// help.
RestorePlan plan_restore(Connection& db, const RestoreSource& source,
                         const RestoreRequest& request);

// In a transaction that is taken back: would the old be gone without anything else? Throws Error
// that names what would go along.
void rehearse(Connection& db, const RestorePlan& plan);

}  // namespace schemasync
