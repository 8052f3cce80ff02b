// Runs the steps of one direction of one migration, segment by segment: each segment is one
// transaction, whose last statement marks its steps as done in the journal. A segment that waits in
// vain for a lock is tried again. Used by the executor (up) and by rollback (down); both hold the
// lock, have written the migration's row, and say what a failure means.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apply/catalog_mark.hpp"
#include "apply/interrupt.hpp"
#include "apply/lock.hpp"
#include "model/journal_sql.hpp"

namespace schemasync {

struct Timeouts {  // milliseconds; 0 = none
  std::int64_t lock_ms = 3000;
  std::int64_t statement_ms = 30'000;
  std::int64_t rewrite_ms = 3'600'000;  // for steps that scan or write whole tables
  int lock_attempts = 5;                // of a segment
};

struct Progress {
  enum class Kind { begun, done, waiting };
  Kind kind = Kind::begun;
  int number = 0;  // of the step, in running order
  int total = 0;
  std::string text;  // the change's summary; when waiting, for whom
  std::chrono::milliseconds elapsed{0};
};
using OnProgress = std::function<void(const Progress&)>;

// `--fill TABLE.COLUMN=VALUE`: the value for rows that have none where the way back needs one, or
// whose value it refuses.
struct Fill {
  ObjectId column;
  std::string value;
};

// The fills that a check of the way down asked for, by the number of the check's change.
struct Fills {
  std::map<int, Fill> missing;  // for rows that have no value
  std::map<int, Fill> refused;  // for rows whose value does not fit: Step::filling
};

struct RunFailure {
  std::string what;
  ExitCode code = ExitCode::error;  // stale and check_failed when a step's own guard says so
  int ordinal = 0;                  // of the step that failed; 0: between steps
  bool in_doubt = false;            // the connection broke in COMMIT
};

struct RunOutcome {
  int segments = 0;  // committed
  int steps = 0;
  std::optional<RunFailure> failure;
};

struct Run {
  const Plan& plan;
  int migration;
  Direction direction;
  std::vector<NumberedStep> steps;  // left to run, in order
  Timeouts timeouts;
  Fills fills;
  OnProgress progress;
};

RunOutcome run_steps(Connection& db, const ApplyLock& lock, const InterruptWatch& watch,
                     CatalogMark& mark, const Run& run);

// Who holds locks on these tables right now, for a report; "" when nobody is seen.
std::string blockers_of(Connection& db, const std::vector<ObjectId>& tables);
// Who keeps others from even reading a table right now.
std::string blockers_of_readers(Connection& db);

}  // namespace schemasync
