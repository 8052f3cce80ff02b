// Runs a plan: takes the lock, makes sure that nothing moved since the plan was made, asks the
// checks, records the baseline the first time, runs the steps segment by segment, and reads the
// result again. What was interrupted is continued, by the plan that the journal holds. Policy
// (risks, asking, unmanaged objects) is the command's; apply/ never asks.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "apply/journal.hpp"
#include "apply/run.hpp"

namespace schemasync {

struct ApplyOptions {
  Timeouts timeouts;
  std::string name;           // of the migration; "" = the plan's slug
  std::string target_option;  // "--env prod", for the commands that messages name
  bool dry_run = false;
  bool terminate = false;  // end the session that holds the lock
  bool allow_publication = false;
  bool discard_kept = false;  // leave what a rollback kept where it is
  bool rollback_on_failure = false;
  bool saved = false;  // the plan was made before, of models that may say other things by now
  bool adopt = false;  // the journal came with a copy, and belongs to this database from now on
  // May this change go on although a check of it did not answer in time? Absent: none may.
  std::function<bool(const Change&)> allow_unknown;
};

struct ApplyDoors {
  ReadDefinitions read;
  // What of the result is not as the models say; absent: not asked.
  std::function<std::vector<std::string>(Connection&)> verify;
  OnProgress progress;
  std::function<void(const std::string&)> note;  // for stderr: waiting for the lock, and the like
  // Takes the backup that the env asks for before the migration of this id; nullopt: it asks for
  // none. Absent: none is taken. `stop`: was apply interrupted meanwhile?
  std::function<std::optional<BackupRecord>(const Plan&, const std::string& migration,
                                            const std::function<bool()>& stop)>
      backup;
};

struct Applied {
  std::string migration;  // id; "" when nothing was to be done
  bool baseline_recorded = false;
  bool resumed = false;
  bool adopted = false;
  int accepted = 0;  // objects changed outside, which the models say too: they are the state now
  int steps = 0;
  std::chrono::milliseconds elapsed{0};
  std::vector<std::string> statements;  // of a dry run
  std::vector<std::string> notes;       // what did not come back
};

// Throws Error: 1 a step failed and nothing stayed, or the result is not what the models say;
// 3 a publication; 4 a check; 5 the target moved since the plan was made; 6 something stayed, or
// another migration is interrupted.
Applied apply(const Plan& plan, Connection& db, const ApplyOptions& options,
              const ApplyDoors& doors);

// The interrupted migration that an apply with these models, or with this plan, would continue:
// true when there is one and it fits, false when there is none. Throws Error (exit 6) for another.
bool would_resume(const Journal& journal, const std::string& models_hash,
                  const std::string& plan_id, const std::string& target_option);

// Throws Error (exit 6) that says where it stopped and both ways on, when a migration is
// interrupted: for commands that need a settled target (plan).
void stop_if_interrupted(const Journal& journal, const std::string& target_option);

// Continues the interrupted migration, for a command that need not plan first.
Applied resume(Connection& db, const ApplyOptions& options, const ApplyDoors& doors);

}  // namespace schemasync
