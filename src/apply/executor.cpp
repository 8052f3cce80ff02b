#include "apply/executor.hpp"

#include <algorithm>

#include "apply/baseline.hpp"
#include "apply/checks.hpp"
#include "apply/history.hpp"
#include "apply/inspect.hpp"
#include "apply/kept_rows.hpp"
#include "apply/stops.hpp"
#include "apply/undo.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// One apply: the session that holds the lock, and what it was asked to do.
struct Session {
  Connection& db;
  const ApplyLock& lock;
  const InterruptWatch& watch;
  const ApplyOptions& options;
  const ApplyDoors& doors;
};

std::string id_of(const Session& s, const Plan& plan, const Journal& journal) {
  return migration_id(journal.next_number, s.options.name.empty() ? plan.slug : s.options.name);
}

// The row that says what is about to happen, committed before anything does.
Migration record_start(const Session& s, const Plan& plan, const Journal& journal,
                       const Definitions& live, const std::optional<BackupRecord>& backup) {
  Migration m;
  m.number = journal.next_number;
  m.id = id_of(s, plan, journal);
  m.status = MigrationStatus::interrupted;
  m.steps = static_cast<int>(steps_in_order(plan, Direction::up).size());
  const PlanForJournal kept = plan_for_journal(plan);
  s.db.execute(fail_unstarted_migrations());
  s.db.execute(
      insert_migration({Sql(m.number), sql("{}", Literal{m.id}), "started", migration_summary(plan),
                        kept.id, kept.document, plan.models_hash, plan.tool_version, m.steps,
                        to_json(live), std::nullopt, true, backup, ""}));
  return m;
}

void undo_at_once(const Session& s, Migration m, const RunOutcome& outcome) {
  m.steps_up += outcome.steps;
  const RollbackOptions options{s.options.timeouts, s.options.target_option, false, {}, false, {}};
  s.db.execute(interrupt_migration(Sql(m.number), Direction::up, outcome.failure->what));
  undo(s.db, s.lock, s.watch, Undoable(s.db, m), "", options, s.doors);
}

[[noreturn]] void stop(const Session& s, const Migration& m, const RunOutcome& outcome) {
  const RunFailure& failure = *outcome.failure;
  const int done = m.steps_up + outcome.steps;
  const bool in_doubt = failure.in_doubt;
  if (done > 0 && s.options.rollback_on_failure && !s.watch.interrupted() && !in_doubt &&
      s.db.is_alive()) {
    undo_at_once(s, m, outcome);
    throw Error(m.id + " failed at step " + std::to_string(failure.ordinal) + " of " +
                std::to_string(m.steps) + ", and what it had done was undone: " + failure.what);
  }
  if (done > 0 || in_doubt)
    stop_interrupted(s.db, m, Direction::up, done, m.steps, failure, s.options.target_option);
  const std::string at = failure.ordinal == 0 ? ""
                                              : " at step " + std::to_string(failure.ordinal) +
                                                    " of " + std::to_string(m.steps);
  if (s.db.is_alive()) s.db.execute(fail_migration(Sql(m.number), failure.what));
  throw Error("failed" + at + ", and changed nothing: " + failure.what,
              failure.code == ExitCode::stale ? "plan again, and apply the new plan" : "",
              failure.code);
}

// Objects that are not as the newest migration left them.
std::vector<Difference> changed_outside(Connection& db, const Journal& journal,
                                        const ApplyDoors& doors) {
  const auto standing = journal.standing();
  if (standing.empty()) return {};
  const Scope scope = recorded_plan(db, standing.back()->number).scope;
  return drift_since(db, journal, doors.read(db, scope), scope).value_or(std::vector<Difference>{});
}

// The models say what is there, whoever made it: from now on it is the state that the newest
// migration left.
int accept_changes(const Session& s, const Journal& journal) {
  const std::vector<Difference> outside = changed_outside(s.db, journal, s.doors);
  if (outside.empty()) return 0;
  const int newest = journal.standing().back()->number;
  s.db.execute(
      accept_definitions(Sql(newest), s.doors.read(s.db, recorded_plan(s.db, newest).scope)));
  return static_cast<int>(outside.size());
}

// Reads the result, records it, and has it compared with the models.
void finish(const Session& s, const Migration& m, const Plan& plan, const Before& started_from) {
  Definitions was = taken_back({}, started_from);
  const Definitions live = s.doors.read(s.db, plan.scope);
  {
    Transaction transaction(s.db);
    s.db.execute(finish_migration(Sql(m.number), before_of(was, live), live));
    s.db.execute(insert_managed(Sql(m.number), plan.managed));
    transaction.commit();
  }
  if (!s.doors.verify) return;
  const std::vector<std::string> wrong = s.doors.verify(s.db);
  if (!wrong.empty())
    throw Error(m.id + " was applied, but the result is not what the models say:\n  " +
                    joined(wrong, "\n  "),
                command("plan", s.options.target_option) + "      what is left to do\n" +
                    command("rollback", s.options.target_option) + "  back to the state before");
}

void discard_kept(const Session& s, const Migration& m, const Plan& plan) {
  std::vector<ObjectId> made;
  for (const Change& change : plan.changes)
    made.insert(made.end(), change.creates.begin(), change.creates.end());
  s.db.execute(discard_archives(Sql(m.number), made));
}

Applied run_migration(const Session& s, const Migration& m, const Plan& plan, CatalogMark& mark,
                      const std::vector<NumberedStep>& steps, const Before& started_from) {
  const RunOutcome outcome =
      run_steps(s.db, s.lock, s.watch, mark,
                {plan, m.number, Direction::up, steps, s.options.timeouts, {}, s.doors.progress});
  if (outcome.failure) stop(s, m, outcome);
  if (s.options.discard_kept) discard_kept(s, m, plan);
  finish(s, m, plan, started_from);
  Applied applied;
  applied.migration = m.id;
  applied.steps = outcome.steps;
  for (const Change& change : plan.changes)
    if (change.restores != 0)
      if (auto left = rows_left_behind(s.db, change.object,
                                       {"schemasync", "a" + std::to_string(change.restores)}, true))
        applied.notes.push_back(std::move(*left));
  return applied;
}

// Records the result of a migration whose last step was committed, and then its session was killed.
bool settle_last(const Session& s, const Journal& journal) {
  const auto standing = journal.standing();
  if (standing.empty()) return false;
  const Migration& m = *standing.back();
  if (m.settled || m.status != MigrationStatus::applied) return false;
  const ApplyDoors unverified{s.doors.read, {}, {}, {}, {}};
  finish({s.db, s.lock, s.watch, s.options, unverified}, m, recorded_plan(s.db, m.number),
         recorded_before(s.db, m.number));
  return true;
}

std::vector<NumberedStep> steps_left(Connection& db, const Migration& m, const Plan& plan) {
  const std::set<int> done = done_steps(db, m.number, Direction::up);
  std::vector<NumberedStep> left;
  for (const NumberedStep& step : steps_in_order(plan, Direction::up))
    if (!done.contains(step.ordinal)) left.push_back(step);
  return left;
}

// Of changes that have not begun: rows may have come since. A question about a name that an earlier
// change of the same plan took away has no answer any more, and stops nothing.
void stop_on_checks_left(const Session& s, const Migration& m, const Plan& plan,
                         const std::vector<NumberedStep>& left) {
  std::map<int, std::size_t> waiting;
  for (const NumberedStep& step : left) ++waiting[step.change];
  StoppingChecks stopping;
  for (const auto& [number, steps] : waiting) {
    const Change& change = plan.changes[static_cast<std::size_t>(number) - 1];
    if (steps < change.up.size()) continue;
    for (const Check& check : change.checks) {
      try {
        const CheckResult result = run_check(s.db, check, s.options.timeouts.statement_ms);
        stopping.look_at(number, change, check, result, s.options.allow_unknown);
      } catch (const DatabaseError& error) {
        if (!error.sqlstate().starts_with("42")) throw;
      }
    }
  }
  stopping.stop_if_any(m.id + " stays interrupted: a check stops what is left of it:",
                       command("rollback", s.options.target_option) + "  undo what was done",
                       ExitCode::interrupted);
}

Applied continue_interrupted(const Session& s, const Migration& m) {
  const Plan plan = recorded_plan(s.db, m.number);
  const std::vector<NumberedStep> left = steps_left(s.db, m, plan);
  CatalogMark mark(s.db, plan);
  stop_on_checks_left(s, m, plan, left);
  s.watch.stop_if_interrupted();
  Applied applied = run_migration(s, m, plan, mark, left, recorded_before(s.db, m.number));
  applied.resumed = true;
  return applied;
}

std::vector<std::string> statements_of(const std::vector<NumberedStep>& steps) {
  std::vector<std::string> statements;
  for (const NumberedStep& step : steps) statements.push_back(step.step->sql.str());
  return statements;
}

// A dry run asks all that an apply asks, and takes no lock.
Applied rehearsed(const Plan& plan, Connection& db, const ApplyOptions& options,
                  const ApplyDoors& doors) {
  const Journal journal = read_journal(db);
  Applied applied;
  if (journal.interrupted() != nullptr &&
      would_resume(journal, plan.models_hash, plan_id(plan), options.target_option)) {
    const Migration& m = *journal.interrupted();
    const Plan recorded = recorded_plan(db, m.number);
    applied.migration = m.id;
    applied.resumed = true;
    applied.statements = statements_of(steps_left(db, m, recorded));
    return applied;
  }
  inspected(db, plan, journal, options, doors);
  applied.statements = statements_of(steps_in_order(plan, Direction::up));
  return applied;
}

Applied apply_plan(const Session& s, const Plan& plan, const Journal& journal) {
  CatalogMark mark(s.db, plan);
  const Definitions live = inspected(s.db, plan, journal, s.options, s.doors);
  s.watch.stop_if_interrupted();
  std::optional<BackupRecord> backup;
  if (s.doors.backup && !plan.empty())
    backup = s.doors.backup(plan, id_of(s, plan, journal), [&] { return s.watch.interrupted(); });
  s.watch.stop_if_interrupted();
  Applied applied;
  const bool first = !journal.exists && !(plan.empty() && !has_objects(live));
  Migration m;
  {
    Transaction transaction(s.db);
    if (first)
      for (const Sql& statement : record_baseline(s.db, plan, live)) s.db.execute(statement);
    if (!plan.empty())
      m = record_start(s, plan, journal, live, backup);
    else if (journal.exists && !journal.migrations.empty()) {
      s.db.execute(insert_managed(Sql(journal.migrations.back().number), plan.managed));
      applied.accepted = accept_changes(s, journal);
    }
    transaction.commit();
  }
  if (!plan.empty()) {
    Before started_from;
    for (const auto& [id, definition] : live) started_from.emplace(id, definition);
    applied = run_migration(s, m, plan, mark, steps_in_order(plan, Direction::up), started_from);
  }
  applied.baseline_recorded = first;
  return applied;
}

Applied under_lock(Connection& db, const ApplyOptions& options, const ApplyDoors& doors,
                   const std::function<Applied(const Session&, const Journal&)>& work) {
  const auto start = steady_clock::now();
  const ApplyLock lock(db, {options.timeouts.lock_ms, options.terminate, doors.note});
  const InterruptWatch watch(db);
  const Session session{db, lock, watch, options, doors};
  Journal journal = read_journal(db);
  if (settle_last(session, journal)) journal = read_journal(db);
  const bool adopts = options.adopt && !journal.note.empty();
  if (adopts) db.execute(adopt_database());
  Applied applied = work(session, journal);
  applied.adopted = adopts;
  applied.elapsed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
  return applied;
}

}  // namespace

Applied apply(const Plan& plan, Connection& db, const ApplyOptions& options,
              const ApplyDoors& doors) {
  if (options.dry_run) return rehearsed(plan, db, options, doors);
  // Nothing to do, and nothing to write down: no lock.
  if (plan.empty()) {
    const Journal journal = read_journal(db);
    const auto standing = journal.standing();
    const bool at_rest = !standing.empty() && standing.back()->settled;
    const bool adopts = options.adopt && !journal.note.empty();
    const std::vector<Difference> outside = changed_outside(db, journal, doors);
    if (options.saved && !outside.empty())
      throw Error(
          "the plan changes nothing, and cannot say whether this was there when it was made:" +
              listed(outside),
          command("plan", options.target_option) + "  shows it, or that the models say so",
          ExitCode::stale);
    if (at_rest && !adopts && never_managed(db, journal, plan.managed).empty() && outside.empty())
      return {};
  }
  return under_lock(db, options, doors, [&](const Session& s, const Journal& journal) {
    if (journal.interrupted() == nullptr ||
        !would_resume(journal, plan.models_hash, plan_id(plan), options.target_option))
      return apply_plan(s, plan, journal);
    return continue_interrupted(s, *journal.interrupted());
  });
}

bool would_resume(const Journal& journal, const std::string& models_hash,
                  const std::string& plan_id, const std::string& target_option) {
  const Migration* m = journal.interrupted();
  if (m == nullptr) return false;
  const bool same =
      m->plan_id == plan_id || (!models_hash.empty() && m->models_hash == models_hash);
  if (m->direction == Direction::up && same) return true;
  stop_if_interrupted(journal, target_option);
  return false;
}

void stop_if_interrupted(const Journal& journal, const std::string& target_option) {
  const Migration* m = journal.interrupted();
  if (m == nullptr) return;
  const std::string undo_it = command("rollback", target_option);
  if (m->direction == Direction::down)
    throw Error("the rollback of " + m->id + " was interrupted", undo_it + "  continue it",
                ExitCode::interrupted);
  throw Error(m->id + " was interrupted after step " + std::to_string(m->steps_up) + " of " +
                  std::to_string(m->steps) + (m->error.empty() ? "" : ": " + m->error),
              command("apply", target_option) +
                  "     continue, with the models or the plan that it "
                  "was made from\n" +
                  undo_it + "  undo what it did",
              ExitCode::interrupted);
}

Applied resume(Connection& db, const ApplyOptions& options, const ApplyDoors& doors) {
  return under_lock(db, options, doors, [](const Session& s, const Journal& journal) {
    const Migration* m = journal.interrupted();
    return m == nullptr ? Applied{} : continue_interrupted(s, *m);
  });
}

}  // namespace schemasync
