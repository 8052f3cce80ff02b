// What a backup says of itself, in SQL comments at the top of its file: which database it is of,
// what it holds, and at which migration it was taken. restore goes by it (--drop, another
// database), `backup --list` shows it, and psql passes over it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/object_id.hpp"
#include "pg/connection.hpp"

namespace schemasync {

enum class BackupKind { full, tables, schema_only, data_only };
std::string_view to_text(BackupKind kind);

// Which database this is: two are the same by the journal's random id, or by server and oid.
struct DatabaseIdentity {
  std::string name;
  std::string system_identifier;
  std::string oid;
  std::string journal;  // schemasync.database.id; "" where there is no journal

  bool same_as(const DatabaseIdentity& other) const;
};
DatabaseIdentity identity_of(Connection& db);

struct Manifest {
  std::string tool_version;
  BackupKind kind = BackupKind::full;
  bool chosen = false;  // of the tables named by -t alone
  DatabaseIdentity database;
  std::string server_version;  // "15.18"
  std::string migration;       // the journal's last one; "" = none
  std::string taken_at;        // ISO 8601, UTC
  bool as_recorded = false;    // of a full one: without drift since that migration
  std::vector<ObjectId> tables;
  std::vector<std::string> schemas;  // of a backup that is not of chosen tables
  // Of a full one: what belongs to no schema, and would be in the way of its own restore.
  std::vector<std::string> publications, event_triggers;
};

// The comment block, and the last line of a file that was written to its end.
std::string header_of(const Manifest& manifest);
extern const std::string_view last_line;

// From the beginning of a file; nullopt: schemasync did not write it. Throws Error for a manifest
// that is damaged or of a newer format.
std::optional<Manifest> parse_header(std::string_view beginning);

}  // namespace schemasync
