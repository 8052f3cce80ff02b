// Takes a backup: through pg_dump into a file of plain SQL, or columns of a table as CSV.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "backup/manifest.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// How PostgreSQL's programs reach the database that `db` is connected to.
struct ProgramTarget {
  std::string url;   // with its password: never shown
  std::string role;  // SET ROLE; "" = none
  std::int64_t lock_timeout_ms = 0;
  std::function<bool()> stop;  // asked while a program runs; may be empty
};

struct DumpRequest {
  BackupKind kind = BackupKind::full;
  std::vector<ObjectId> tables;  // of a full one: none
  std::filesystem::path file;    // where to; the name gets a suffix when it is taken
  std::string migration;         // the journal's last
  bool as_recorded = false;      // the database is as that migration left it
};

struct BackupTaken {
  std::filesystem::path file;
  std::int64_t bytes = 0;
};

// A full one holds schema schemasync, others do not. Throws Error; then no file is left.
BackupTaken take_backup(Connection& db, const ProgramTarget& target, const DumpRequest& request);

// With a header line.
BackupTaken export_csv(Connection& db, const ProgramTarget& target, const ObjectId& table,
                       const std::vector<std::string>& columns, const std::filesystem::path& file);

}  // namespace schemasync
