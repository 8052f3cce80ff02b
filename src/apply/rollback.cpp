#include "apply/rollback.hpp"

#include <algorithm>
#include <charconv>

#include "apply/drift.hpp"
#include "apply/fill.hpp"
#include "apply/undo.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// "4", "0004" or a whole id.
const Migration* named(const Journal& journal, const std::string& name) {
  int number = -1;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool is_number = failure == std::errc{} && end == name.data() + name.size();
  for (const Migration& m : journal.migrations)
    if (m.id == name || (is_number && m.number == number)) return &m;
  return nullptr;
}

std::string names_of(const std::vector<const Migration*>& states) {
  std::vector<std::string> ids;
  for (const Migration* m : states)
    if (m->status != MigrationStatus::interrupted) ids.push_back(m->id);
  return joined(ids, ", ");
}

// How many of the standing migrations stay.
std::size_t staying(const Journal& journal, const std::vector<const Migration*>& standing,
                    const RollbackTarget& target) {
  const bool has_baseline = standing.front()->status == MigrationStatus::baseline;
  const std::size_t undoable = standing.size() - (has_baseline ? 1 : 0);
  switch (target.kind) {
    case RollbackTarget::Kind::all:
      return standing.size() - undoable;
    case RollbackTarget::Kind::steps: {
      const auto steps = static_cast<std::size_t>(std::max(target.steps, 0));
      // One step back from the start is nothing to do; more than there are is a mistake.
      if (undoable == 0 && steps <= 1) return standing.size();
      if (steps > undoable)
        throw Error("there are " + counted(static_cast<std::int64_t>(undoable), "migration") +
                        " to roll back, not " + std::to_string(steps),
                    "--all goes back to the start");
      return standing.size() - steps;
    }
    case RollbackTarget::Kind::to:
      break;
  }
  const Migration* wanted = named(journal, target.to);
  for (std::size_t i = 0; i < standing.size(); ++i)
    if (standing[i] == wanted && wanted->status != MigrationStatus::interrupted) return i + 1;
  const std::string why = wanted == nullptr ? "there is no migration " + target.to
                          : wanted->status == MigrationStatus::rolled_back
                              ? wanted->id + " was rolled back already"
                              : wanted->id + " was interrupted: it is no state to go back to";
  throw Error(why, "states to go back to: " + names_of(standing));
}

using Undoables = std::vector<std::unique_ptr<Undoable>>;  // the newest first

Undoables undoables(Connection& db, const Journal& journal, const RollbackPlan& plan) {
  Undoables undoing;
  for (const int number : plan.migrations)
    undoing.push_back(std::make_unique<Undoable>(db, *journal.find(number)));
  return undoing;
}

// Drift in the way: changed outside since the newest migration, in a table that a migration to
// undo touched. Objects that an unfinished migration holds in between are its own doing.
std::vector<Difference> drift_in_the_way(Connection& db, const Journal& journal,
                                         const Undoables& undoing, const Definitions& live) {
  const Undoable& newest = *undoing.front();
  std::vector<Difference> drift;
  std::vector<Difference> found;
  std::set<ObjectId> own, renamed;
  if (newest.migration.status == MigrationStatus::applied) {
    const auto recorded = recorded_definitions(db, newest.migration.number);
    if (!recorded) return {};
    const Definitions now = without_unmanaged(live, recorded->accepted, newest.plan.scope);
    drift = recorded->complete ? differences(recorded->accepted, now)
                               : differences_of_known(recorded->accepted, now);
    // What was accepted since is in the way only where a migration to undo changed the very object.
    for (const Difference& d : differences(recorded->definitions, recorded->accepted))
      if (std::any_of(undoing.begin(), undoing.end(),
                      [&](const auto& one) { return one->before.contains(d.object); }))
        found.push_back(d);
  } else {
    own = newest.touched();
    // What it renamed has parts under the new name that no finished state knows.
    for (const Change& change : newest.plan.changes)
      if (!change.creates.empty() && !change.drops.empty())
        renamed.insert(change.creates.begin(), change.creates.end());
    const auto standing = journal.standing();
    if (standing.size() < 2) return {};
    const auto recorded = recorded_definitions(db, standing[standing.size() - 2]->number);
    if (recorded && recorded->complete)
      drift = differences(recorded->accepted,
                          without_unmanaged(live, recorded->accepted, newest.plan.scope));
  }
  std::set<ObjectId> tables;
  for (const auto& undoable : undoing)
    for (const ObjectId& id : undoable->touched()) tables.insert({id, id.owner()});
  for (const Difference& d : drift)
    if (!own.contains(d.object) && !renamed.contains(d.object.owner()) &&
        (tables.contains(d.object) || tables.contains(d.object.owner())))
      found.push_back(d);
  return found;
}

// What a restore overwrote was not kept: the backup is the way.
void refuse_restored(const Migration& m) {
  if (m.restored_from.empty()) return;
  throw Error(m.id + " restored " + m.restored_from +
                  ", and cannot be taken back: the rows that it replaced are in no archive",
              m.backup ? "the state before it is in " + m.backup->file +
                             ": schemasync restore --drop --file " + m.backup->file
                       : "no backup was taken before it; schemasync backup --list shows what "
                         "there is");
}

// What the way back needs of what was kept, and is no longer there. Throws Error: 3 it was purged,
// 5 somebody else removed it.
void refuse_missing_data(Connection& db, const Undoables& undoing, const RollbackOptions& options) {
  std::set<std::int64_t> hidden;
  for (const HiddenColumn& one : hidden_columns(db)) hidden.insert(one.archive);
  std::vector<std::string> purged, gone;
  for (const auto& undoable : undoing) {
    const Rows rows = db.query(
        sql("SELECT a.n, a.object, a.state, EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS "
            "n ON n.oid = c.relnamespace WHERE n.nspname = 'schemasync' AND c.relname IN "
            "(a.relation, a.relation || '_1')), to_char(a.settled_at AT TIME ZONE 'UTC', "
            "'YYYY-MM-DD HH24:MI \"UTC\"') FROM schemasync.archive AS a WHERE a.migration = {} AND "
            "a.made_by = "
            "'apply' AND a.state IN ('kept', 'purged') ORDER BY a.n",
            Sql(undoable->migration.number)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string of = undoable->migration.id + ": " +
                             ObjectId::from_text(rows.text(i, 1)).to_text() + ", kept as a" +
                             std::string(rows.text(i, 0));
      if (rows.text(i, 2) == "purged")
        purged.push_back(of + ", purged " + std::string(rows.text(i, 4)));
      else if (!rows.truth(i, 3) && !hidden.contains(rows.number(i, 0)))
        gone.push_back(of);
    }
  }
  if (!gone.empty())
    throw Error("the rollback changed nothing: what it would bring back is no longer there:\n  " +
                    joined(gone, "\n  "),
                "it was removed outside schemasync: restore it from a backup", ExitCode::stale);
  if (!purged.empty() && !options.allow_data_loss)
    throw Error("the rollback changed nothing: what it would bring back was purged:\n  " +
                    joined(purged, "\n  "),
                "--allow data-loss goes back without these: they come back empty",
                ExitCode::refused);
}

// What was accepted on top of a migration that is undone stays, on top of the state before it.
void carry_accepted(Connection& db, const Recorded& undone, int reached) {
  const std::vector<Difference> accepted = differences(undone.definitions, undone.accepted);
  const std::optional<Recorded> before = recorded_definitions(db, reached);
  if (accepted.empty() || !before) return;
  Definitions state = before->accepted;
  for (const Difference& one : accepted) {
    const auto now = undone.accepted.find(one.object);
    if (now == undone.accepted.end())
      state.erase(one.object);
    else
      state[one.object] = now->second;
  }
  db.execute(accept_definitions(Sql(reached), state));
}

// A value for a column that the way back does not touch is a mistake, most often in its name.
void refuse_needless(const std::vector<Fill>& fills, const Undoables& undoing) {
  std::set<ObjectId> columns;
  for (const auto& undoable : undoing)
    for (const Change& change : undoable->plan.changes)
      if (change.object.kind == "column") columns.insert(change.object);
  std::vector<std::string> names;
  for (const ObjectId& column : columns) names.push_back(column.shown());
  for (const Fill& fill : fills) {
    if (columns.contains(fill.column)) continue;
    const auto meant = nearest(fill.column.shown(), names);
    throw Error("--fill " + fill.column.shown() + ": the rollback changes no such column",
                meant           ? "did you mean " + *meant + "?"
                : names.empty() ? "leave it out: no column is changed"
                                : "it changes " + joined(names, ", "));
  }
}

Sql with_known_archives(Connection& db, int migration, const NumberedStep& step,
                        const Sql& statement) {
  const Rows rows = db.query(
      sql("SELECT relation FROM schemasync.archive WHERE migration = {} AND change = {} AND "
          "made_by = 'apply'",
          Sql(migration), Sql(step.change)));
  return with_archive(statement, rows.size() > 0 ? rows.text(0, 0) : std::string_view{}, {});
}

UndoPreview preview(Connection& db, const Undoable& undoable, const std::string& reached,
                    const Fills& fills) {
  UndoPreview seen{undoable.migration.id, reached, {}, {}};
  int last = 0;
  for (const NumberedStep& step : undoable.steps) {
    const Change& change = undoable.plan.changes[static_cast<std::size_t>(step.change) - 1];
    const auto say = [&](const Sql& statement) {
      seen.statements.push_back(
          with_known_archives(db, undoable.migration.number, step, statement).str());
    };
    const auto missing = fills.missing.find(step.change);
    const auto refused = fills.refused.find(step.change);
    const bool filled = refused != fills.refused.end() && step.step->filling;
    if (step.change != last) seen.changes.push_back(change.summary + ": " + change.undo.text);
    if (step.change != last && missing != fills.missing.end())
      say(filling_missing(missing->second));
    if (filled) say(filling_with(refused->second));
    if (filled)
      std::for_each(step.step->filling->before.begin(), step.step->filling->before.end(), say);
    say(step.step->sql);
    if (filled)
      std::for_each(step.step->filling->after.begin(), step.step->filling->after.end(), say);
    last = step.change;
  }
  return seen;
}

}  // namespace

RollbackPlan plan_rollback(const Journal& journal, const RollbackTarget& target) {
  RollbackPlan plan;
  const auto standing = journal.standing();
  if (standing.empty()) {
    if (target.kind == RollbackTarget::Kind::to &&
        target.to.find_first_not_of('0') != std::string::npos)
      throw Error("there is no migration " + target.to, "nothing was ever applied here");
    return plan;
  }
  const std::size_t stay = staying(journal, standing, target);
  for (std::size_t i = standing.size(); i > stay; --i) {
    refuse_restored(*standing[i - 1]);
    plan.migrations.push_back(standing[i - 1]->number);
    plan.ids.push_back(standing[i - 1]->id);
    plan.reached.push_back(i > 1 ? standing[i - 2]->id : "nothing");
  }
  return plan;
}

std::vector<UndoPreview> preview_rollback(Connection& db, const RollbackPlan& plan,
                                          const RollbackOptions* dry_run) {
  const Undoables undoing = undoables(db, read_journal(db), plan);
  Fills fills;
  if (dry_run != nullptr) {
    refuse_needless(dry_run->fills, undoing);
    fills = passed_checks(db, *undoing.front(), *dry_run);
  }
  std::vector<UndoPreview> previews;
  for (std::size_t i = 0; i < undoing.size(); ++i) {
    previews.push_back(preview(db, *undoing[i], plan.reached[i], fills));
    fills = {};
  }
  return previews;
}

bool has_empty_baseline(Connection& db, const Journal& journal) {
  const auto standing = journal.standing();
  if (standing.empty() || standing.front()->status != MigrationStatus::baseline) return false;
  const auto recorded = recorded_definitions(db, standing.front()->number);
  return recorded && recorded->complete &&
         std::all_of(recorded->definitions.begin(), recorded->definitions.end(),
                     [](const auto& item) { return item.first.kind == "schema"; });
}

std::vector<RolledBack> rollback(Connection& db, const RollbackTarget& target,
                                 const RollbackOptions& options, const ApplyDoors& doors,
                                 const std::function<void(const RolledBack&)>& on_done) {
  const ApplyLock lock(db, {options.timeouts.lock_ms, options.terminate, doors.note});
  const InterruptWatch watch(db);
  const Journal journal = read_journal(db);
  const RollbackPlan plan = plan_rollback(journal, target);
  if (plan.migrations.empty()) return {};

  const Undoables undoing = undoables(db, journal, plan);
  const Definitions live = doors.read(db, undoing.front()->plan.scope);
  const auto drift = drift_in_the_way(db, journal, undoing, live);
  if (!drift.empty())
    throw Error("changed outside schemasync since " + plan.ids.front() +
                    ", in the way of the rollback, which changed nothing:" + listed(drift),
                "put these back as they were, or pull them into the models and apply those",
                ExitCode::stale);

  refuse_needless(options.fills, undoing);
  refuse_missing_data(db, undoing, options);

  std::vector<RolledBack> done;
  const auto standing = journal.standing();
  for (std::size_t i = 0; i < undoing.size(); ++i) {
    const auto undone = recorded_definitions(db, plan.migrations[i]);
    done.push_back(undo(db, lock, watch, *undoing[i], plan.reached[i], options, doors));
    if (undone && standing.size() >= i + 2)
      carry_accepted(db, *undone, standing[standing.size() - i - 2]->number);
    if (on_done) on_done(done.back());
  }
  return done;
}

}  // namespace schemasync
