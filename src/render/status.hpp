// What `status`, `history` and `rollback` print for people. The views are plain data that cli/
// fills from the journal and the catalog; nothing here reads either.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/migration.hpp"
#include "model/plan.hpp"

namespace schemasync {

struct TargetView {
  std::string env;
  std::string target;  // "expenses_db at localhost:5432"
  std::string server_version;
  bool protected_target = false;
  std::string option;  // "--env prod"; "" where commands find it without
};

// One object that is not as the last migration left it.
struct DriftLine {
  enum class Kind { added, removed, changed };
  Kind kind = Kind::changed;
  ObjectId object;
  std::string what;  // "varchar(100) -> varchar(200)"; may be empty
};

struct PendingView {
  std::string models;  // "schemas/"
  int high = 0, medium = 0, low = 0;
  std::string unknown;  // why it cannot be told: the models have mistakes, …; else ""
};

struct StoppedView {
  std::string migration;  // "0009_add_creditcard_user_card_name_unique"
  std::string at;         // "15:24 UTC"; may be empty
  std::string why;        // "connection lost"
  int done = 0, steps = 0;
  std::string last_done;  // what step `done` did; "" when none is done
  std::string next;       // what step done + 1 does
  Direction direction = Direction::up;
};

struct StatusView {
  TargetView target;
  bool has_journal = false;
  int applied = 0;      // migrations in force, without the baseline
  std::string last;     // id of the newest of them; the baseline's where there is none
  std::string last_at;  // "2026-01-04 15:22 UTC"
  std::string last_by;
  std::vector<DriftLine> drift;
  std::optional<StoppedView> stopped;
  std::optional<PendingView> pending;    // nullopt: not asked
  std::string oldest;                    // rollback reaches back to this id; "" = nowhere
  std::vector<std::string> lossy;        // migrations whose rollback loses data
  std::optional<std::int64_t> archived;  // bytes kept for rollback
  std::string backup;                    // the newest: "backups/dev/before_0007_x.sql, 38 kB"
  std::vector<std::string> warnings;     // the journal belongs to another system, …
};

struct StatusOptions {
  bool colour = false;
};

std::string status_text(const StatusView& view, const StatusOptions& options = {});

struct HistoryRow {
  std::string id;
  std::string status;  // "baseline", "applied", "interrupted", "rolled_back"
  std::string at;      // "2026-01-04 15:22 UTC"
  std::string by;
  std::string summary;
  std::string backup = {};  // taken before it: "backups/dev/before_0007_x.sql, 38 kB"; or ""
};

// Oldest first, one line each.
std::string history_text(const TargetView& target, const std::vector<HistoryRow>& rows);

// One migration that was (or would be) undone.
struct RollbackRow {
  std::string from, to;  // migration ids: the state before and after
  std::int64_t rows_restored = 0;
  double seconds = 0;
  std::vector<std::string> summaries;  // of its changes, as they are undone
};

// "0010_drop_notification -> 0009_x   12 rows restored   0.04 s"
std::string rollback_line(const RollbackRow& row);
// What would be undone, for --dry-run and before it asks.
std::string rollback_preview(const TargetView& target, const std::vector<RollbackRow>& rows);
// After it ran: the models still hold what was undone.
std::string rollback_reminder(const std::string& models, const TargetView& target);

}  // namespace schemasync
