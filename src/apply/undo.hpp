// The way back over one migration, for who holds the lock already: rollback, and an apply that
// undoes its own failed migration.
#pragma once

#include "apply/rollback.hpp"

namespace schemasync {

// A migration to undo with what the journal knows of it.
struct Undoable {
  Migration migration;
  Plan plan;
  Before before;  // what it changed, as it was; of an unfinished one: everything in scope
  bool finished;  // applied once, whole
  std::vector<NumberedStep> steps;  // of the way down, left to run; points into `plan`

  Undoable(Connection& db, const Migration& m);
  Undoable(const Undoable&) = delete;
  Undoable& operator=(const Undoable&) = delete;

  // Objects that it touched.
  std::set<ObjectId> touched() const;
};

// The fills that settle a check of the way down. Throws Error (exit 4) with all that stops it, and
// the fills that would settle that.
Fills passed_checks(Connection& db, const Undoable& undoable, const RollbackOptions& options);

// Runs the checks of the way down, then the way down, then reads the catalog and compares.
RolledBack undo(Connection& db, const ApplyLock& lock, const InterruptWatch& watch,
                const Undoable& undoable, const std::string& reached,
                const RollbackOptions& options, const ApplyDoors& doors);

// The commands that go on after an interruption, for messages: "schemasync apply --env prod".
std::string command(std::string_view verb, const std::string& target_option);

// Writes to the journal that a migration stopped, if the connection still stands, and throws the
// Error that says where it stands and both ways on.
[[noreturn]] void stop_interrupted(Connection& db, const Migration& migration, Direction direction,
                                   int done, int total, const RunFailure& failure,
                                   const std::string& target_option);

}  // namespace schemasync
