// Goes back to an earlier state from the journal alone: newest migration first, each by the way
// down that its plan recorded. What it removes is kept, as apply does. Touches only what the
// migrations touched.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "apply/executor.hpp"
#include "apply/fill.hpp"

namespace schemasync {

struct RollbackTarget {
  enum class Kind { steps, to, all };
  Kind kind = Kind::steps;
  int steps = 1;
  std::string to;  // "4", "0004" or a whole id: the state right after it
};

struct RollbackPlan {
  std::vector<int> migrations;       // to undo, newest first; empty: there already
  std::vector<std::string> ids;      // of these
  std::vector<std::string> reached;  // parallel: the state that each leads to
};

// Throws Error for a target that is no state of this database.
RollbackPlan plan_rollback(const Journal& journal, const RollbackTarget& target);

// Would `--all` drop everything? True when the baseline was an empty database.
bool has_empty_baseline(Connection& db, const Journal& journal);

struct RollbackOptions {
  Timeouts timeouts;
  std::string target_option;
  bool terminate = false;
  std::vector<Fill> fills;
  bool allow_data_loss = false;  // go back over what was purged: it comes back empty
  std::function<bool(const Change&)> allow_unknown;
};

// What would be undone, to show before asking and for a dry run.
struct UndoPreview {
  std::string id;
  std::string reached;
  std::vector<std::string> changes;     // "Drop column debitcard.daily_limit: adds the column …"
  std::vector<std::string> statements;  // with the archives' names where they are known
};
// For a dry run, as `options` would have it: throws what the checks of the first migration stop
// (the others' rows are not there yet), and has the statements of its fills.
std::vector<UndoPreview> preview_rollback(Connection& db, const RollbackPlan& plan,
                                          const RollbackOptions* dry_run = nullptr);

struct RolledBack {
  std::string id;
  std::string reached;
  std::int64_t rows = 0;  // that came back
  std::chrono::milliseconds elapsed{0};
  std::vector<std::string> notes;  // values that were not put back, and why
};

// on_done is called after each migration. Throws Error: 4 a check of the way down (before that
// migration was touched), 5 drift in the way, 6 a step failed and something stayed.
std::vector<RolledBack> rollback(Connection& db, const RollbackTarget& target,
                                 const RollbackOptions& options, const ApplyDoors& doors,
                                 const std::function<void(const RolledBack&)>& on_done);

}  // namespace schemasync
