#include "apply/undo.hpp"

#include <algorithm>

#include "apply/checks.hpp"
#include "apply/drift.hpp"
#include "apply/kept_rows.hpp"
#include "apply/session.hpp"
#include "apply/stops.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The steps of the way down that are left: of an unfinished migration only for those changes that
// have a step in place.
std::vector<NumberedStep> steps_left(Connection& db, const Migration& m, const Plan& plan) {
  std::set<int> changes;
  const std::set<int> up = done_steps(db, m.number, Direction::up);
  for (const NumberedStep& step : steps_in_order(plan, Direction::up))
    if (up.contains(step.ordinal)) changes.insert(step.change);
  const std::set<int> down = done_steps(db, m.number, Direction::down);
  std::vector<NumberedStep> left;
  for (const NumberedStep& step : steps_in_order(plan, Direction::down))
    if (changes.contains(step.change) && !down.contains(step.ordinal)) left.push_back(step);
  return left;
}

std::set<int> changes_of(const std::vector<NumberedStep>& steps) {
  std::set<int> changes;
  for (const NumberedStep& step : steps) changes.insert(step.change);
  return changes;
}

void refuse_what_has_no_way_back(const Undoable& undoable) {
  std::string no_way;
  for (std::size_t i = 0; i < undoable.plan.changes.size(); ++i) {
    const Change& change = undoable.plan.changes[i];
    if (change.undo.kind == Undo::Kind::no)
      no_way += "\n  #" + std::to_string(i + 1) + " " + change.summary + ": " + change.undo.text;
  }
  if (!no_way.empty())
    throw Error(undoable.migration.id + " has no way back:" + no_way,
                "edit the models to what is wanted, and apply them as a new migration");
}

// A question about what an earlier step of the same way down brings back has no answer yet, and
// stops nothing: the statement itself does, in its own transaction.
std::optional<CheckResult> answer_if_any(Connection& db, const Check& check,
                                         std::int64_t timeout_ms) {
  try {
    return run_check(db, check, timeout_ms);
  } catch (const DatabaseError& error) {
    if (!asks_too_early(error)) throw;
    return std::nullopt;
  }
}

// The archives that the way up made, in the SQL of checks and their repairs.
class ArchiveNames {
 public:
  ArchiveNames(Connection& db, int migration) {
    const Rows rows =
        db.query(sql("SELECT change, object, relation, form = 'table' AND state = 'restored' FROM "
                     "schemasync.archive WHERE migration = {} AND made_by = 'apply'",
                     Sql(migration)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      by_change_.emplace(static_cast<int>(rows.number(i, 0)), rows.text(i, 2));
      const ObjectId object = ObjectId::from_text(rows.text(i, 1));
      if (rows.truth(i, 3))
        back_.push_back(object);
      else
        by_object_.emplace_back(object, rows.text(i, 2));
    }
  }

  void put_into(Check& check, int change) const {
    put_into(check.count, change);
    put_into(check.sample, change);
    for (Repair& repair : check.repairs) put_into(repair.sql, change);
  }

 private:
  void put_into(Sql& sql, int change) const {
    if (const auto own = by_change_.find(change); own != by_change_.end())
      sql = with_archive(sql, own->second, {});
    for (const auto& [object, name] : by_object_) sql = with_archive_of(sql, object, name);
    for (const ObjectId& table : back_) {
      const std::string archive = Sql(archive_of(table)).str();
      const std::string home = Sql(QualifiedName{table.schema, table.name}).str();
      std::string text = sql.str();
      for (std::size_t at = 0; (at = text.find(archive, at)) != std::string::npos;
           at += home.size())
        text.replace(at, archive.size(), home);
      sql = Sql::recorded(std::move(text));
    }
  }

  std::map<int, std::string> by_change_;
  std::vector<std::pair<ObjectId, std::string>> by_object_;
  std::vector<ObjectId> back_;  // tables whose archive is the table again
};

// A purge empties an archive's table, and the way down runs with it; a column that it dropped is
// made anew, empty, for the way down to find. As text: its type may come with a later step.
std::vector<std::string> make_up_for_purged(Connection& db, const Undoable& undoable,
                                            const RollbackOptions& options) {
  std::vector<std::string> notes;
  if (!options.allow_data_loss) return notes;
  const Rows rows = db.query(
      sql("SELECT change, object, form = 'in_place', relation FROM schemasync.archive WHERE "
          "migration = {} AND made_by = 'apply' AND state = 'purged' ORDER BY n",
          Sql(undoable.migration.number)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId object = ObjectId::from_text(rows.text(i, 1));
    notes.push_back("what was kept of " + object.shown() + " was purged: nothing came back");
    if (!rows.truth(i, 2)) continue;
    const auto change = static_cast<std::size_t>(rows.number(i, 0));
    std::string down;
    for (const Step& step : undoable.plan.changes[change - 1].down) down += step.sql.str();
    Transaction transaction(db);
    db.execute(set_local_timeouts({options.timeouts.lock_ms, options.timeouts.statement_ms}));
    for (const int part : {0, 1}) {
      if (part > 0 && down.find(hidden_column(archive_relation(), part).name) == std::string::npos)
        continue;
      db.execute(sql("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} text",
                     QualifiedName{object.schema, object.table},
                     hidden_column({"schemasync", std::string(rows.text(i, 3))}, part)));
    }
    transaction.commit();
  }
  return notes;
}

const Fill* given_for(const ObjectId& column, const std::vector<Fill>& fills) {
  const auto found = std::find_if(fills.begin(), fills.end(),
                                  [&](const Fill& fill) { return fill.column == column; });
  return found == fills.end() ? nullptr : &*found;
}

// How many; they are listed in the notes.
std::int64_t add_values_not_put_back(Connection& db, const ObjectId& object,
                                     const QualifiedName& relation, RolledBack& done) {
  const Rows marked =
      db.query(sql("SELECT FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN "
                   "pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = {} AND c.relname "
                   "= {} AND a.attname = 'restored' AND NOT a.attisdropped",
                   Literal{relation.schema}, Literal{relation.name}));
  if (marked.size() == 0) return 0;
  const Rows rows = db.query(
      sql("SELECT count(*) OVER (), (to_jsonb(a) - 'restored')::text FROM {} AS a WHERE NOT "
          "a.restored LIMIT 10",
          relation));
  if (rows.size() == 0) return 0;
  std::string note = counted(rows.number(0, 0), "kept value") + " of " + object.shown() +
                     " not put back, the rows were changed or deleted since (schemasync." +
                     relation.name + "):";
  for (std::size_t i = 0; i < rows.size(); ++i) note += "\n    " + std::string(rows.text(i, 1));
  done.notes.push_back(note);
  return rows.number(0, 0);
}

// Of a column that was kept in its table.
std::int64_t values_in(Connection& db, const ObjectId& column) {
  const QualifiedName table{column.schema, column.table};
  const Rows known = db.query(
      sql("SELECT pg_relation_size(c.oid), greatest(c.reltuples, 0)::bigint FROM pg_class AS c "
          "JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = "
          "c.oid WHERE n.nspname = {} AND c.relname = {} AND a.attname = {} AND NOT a.attisdropped",
          Literal{table.schema}, Literal{table.name}, Literal{column.name}));
  if (known.size() == 0) return 0;
  if (known.number(0, 0) > countable_bytes) return known.number(0, 1);
  return db.query(sql("SELECT count({}) FROM {}", Identifier{column.name}, table)).number(0, 0);
}

// What came back, by the archives that the way up made.
void count_rows(Connection& db, const Undoable& undoable, RolledBack& done) {
  const Rows rows =
      db.query(sql("SELECT object, form, relation, change FROM schemasync.archive WHERE migration "
                   "= {} AND made_by "
                   "= 'apply' AND state = 'restored' ORDER BY n",
                   Sql(undoable.migration.number)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId object = ObjectId::from_text(rows.text(i, 0));
    const QualifiedName relation{"schemasync", std::string(rows.text(i, 2))};
    const Archive::Form form = parse_archive_form(rows.text(i, 1)).value_or(Archive::Form::values);
    switch (form) {
      case Archive::Form::table:
        done.rows += rows_in(db, {object.schema, object.name});
        if (auto note = rows_left_behind(db, object, relation, false))
          done.notes.push_back(std::move(*note));
        break;
      case Archive::Form::in_place:
        // Of a dropped column; a conversion keeps old values of rows that may have none to restore.
        if (undoable.plan.changes[static_cast<std::size_t>(rows.number(i, 3)) - 1].part.empty())
          done.rows += values_in(db, object);
        add_values_not_put_back(db, object, relation, done);
        break;
      case Archive::Form::conversion:
        done.rows += rows_that_are_there(db, object, relation) -
                     add_values_not_put_back(db, object, relation, done);
        break;
      case Archive::Form::values:
        done.rows += rows_that_are_there(db, object, relation);
        break;
      case Archive::Form::filled:
        break;  // of a rollback
    }
  }
}

// What is not as it was before the migration. A rollback that continues another one, and one of a
// migration that was unfinished or run by psql, compare what the migration touched; else everything
// must fit.
std::vector<Difference> not_as_before(const Undoable& undoable, const Definitions& live_before,
                                      const Definitions& live) {
  const Migration& m = undoable.migration;
  const bool whole = undoable.finished && m.complete && m.steps_down == 0;
  if (whole) return differences(taken_back(live_before, undoable.before), live);
  std::vector<Difference> wrong;
  for (const Difference& d : differences(taken_back({}, undoable.before), live)) {
    const bool known = undoable.before.contains(d.object) || !undoable.finished;
    if (known && undoable.touched().contains(d.object)) wrong.push_back(d);
  }
  return wrong;
}

// A failed way down: back to what it was when nothing stayed, else interrupted.
[[noreturn]] void stop(Connection& db, const Undoable& undoable, const RunOutcome& outcome,
                       const RollbackOptions& options) {
  const Migration& m = undoable.migration;
  const RunFailure& failure = *outcome.failure;
  const int done = m.steps_down + outcome.steps;
  if (done > 0 || failure.in_doubt || !db.is_alive())
    stop_interrupted(db, m, Direction::down, done,
                     done - outcome.steps + static_cast<int>(undoable.steps.size()), failure,
                     options.target_option);
  db.execute(stop_rollback(Sql(m.number), m.status == MigrationStatus::applied, failure.what));
  throw Error("rollback of " + m.id + " failed and changed nothing: " + failure.what, failure.code);
}

}  // namespace

Undoable::Undoable(Connection& db, const Migration& m)
    : migration(m),
      plan(recorded_plan(db, m.number)),
      before(recorded_before(db, m.number)),
      finished(m.settled),
      steps(steps_left(db, m, plan)) {}

std::set<ObjectId> Undoable::touched() const {
  std::set<ObjectId> ids;
  for (const auto& [id, definition] : plan.from) ids.insert(id);
  for (const auto& [id, definition] : plan.to) ids.insert(id);
  if (finished)
    for (const auto& [id, definition] : before) ids.insert(id);
  return ids;
}

Fills passed_checks(Connection& db, const Undoable& undoable, const RollbackOptions& options) {
  StoppingChecks stopping;
  Fills needed;
  std::vector<std::string> would_settle;
  const ArchiveNames archives(db, undoable.migration.number);
  const std::set<int> untouched = changes_of(undoable.steps);
  for (const int number : untouched) {
    const Change& change = undoable.plan.changes[static_cast<std::size_t>(number) - 1];
    for (Check check : change.down_checks) {
      archives.put_into(check, number);
      const auto result = answer_if_any(db, check, options.timeouts.statement_ms);
      if (!result) continue;
      const bool failed = result->status == CheckResult::Status::failed;
      const Fillable rows = failed ? fillable(change, check) : Fillable::none;
      const Fill* fill = given_for(change.object, options.fills);
      if (rows != Fillable::none && fill != nullptr) {
        refuse_unfit(db, *fill, undoable.before);
        (rows == Fillable::missing ? needed.missing : needed.refused).emplace(number, *fill);
        continue;
      }
      stopping.look_at_with_repairs(number, change, check, *result, options.allow_unknown);
      if (rows != Fillable::none) would_settle.push_back(fill_option(change));
    }
  }
  would_settle.erase(std::unique(would_settle.begin(), would_settle.end()), would_settle.end());
  stopping.stop_if_any("rollback of " + undoable.migration.id +
                           " changed nothing: the data does not fit the state before it",
                       would_settle.empty()
                           ? "mend the rows, or undo what made them"
                           : "mend the rows, or give them a value: " + joined(would_settle, " "),
                       ExitCode::check_failed);
  return needed;
}

RolledBack undo(Connection& db, const ApplyLock& lock, const InterruptWatch& watch,
                const Undoable& undoable, const std::string& reached,
                const RollbackOptions& options, const ApplyDoors& doors) {
  const auto start = steady_clock::now();
  const Migration& m = undoable.migration;
  refuse_what_has_no_way_back(undoable);
  const bool continued = m.steps_down > 0;
  const std::vector<std::string> emptied = make_up_for_purged(db, undoable, options);
  const Fills fills = passed_checks(db, undoable, options);
  CatalogMark mark(db, undoable.plan);
  const Definitions live_before = doors.read(db, undoable.plan.scope);
  if (!continued) db.execute(start_rollback(Sql(m.number)));
  const RunOutcome outcome = run_steps(db, lock, watch, mark,
                                       {undoable.plan, m.number, Direction::down, undoable.steps,
                                        options.timeouts, fills, doors.progress});
  if (outcome.failure) stop(db, undoable, outcome, options);
  db.execute(finish_rollback(Sql(m.number)));

  RolledBack done{m.id, reached, 0, {}, emptied};
  const auto wrong = not_as_before(undoable, live_before, doors.read(db, undoable.plan.scope));
  if (!wrong.empty())
    throw Error(
        m.id + " was rolled back, but the database is not as it was before it:" + listed(wrong),
        command("plan", options.target_option) + "  shows how to get to the models' state");
  count_rows(db, undoable, done);
  for (std::string& note : notes_of_replaced(db, m.number)) done.notes.push_back(std::move(note));
  done.elapsed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
  return done;
}

std::string command(std::string_view verb, const std::string& target_option) {
  std::string text = "schemasync " + std::string(verb);
  return target_option.empty() ? text : text + " " + target_option;
}

void stop_interrupted(Connection& db, const Migration& migration, Direction direction, int done,
                      int total, const RunFailure& failure, const std::string& target_option) {
  try {
    db.execute(interrupt_migration(Sql(migration.number), direction, failure.what));
  } catch (const Error&) {
    // The connection is gone: steps that are done, in a row that says "started", say the same.
  }
  const std::string so_far = failure.in_doubt
                                 ? " stopped in the COMMIT behind step " + std::to_string(done)
                                 : " stopped after step " + std::to_string(done);
  const bool up = direction == Direction::up;
  std::string ways = command("rollback", target_option);
  if (up)
    ways = command("apply", target_option) + "     continue at step " + std::to_string(done + 1) +
           "\n" + ways + "  undo what was done";
  else
    ways += "  continue the way back";
  throw Error((up ? "" : "rollback of ") + migration.id + so_far + " of " + std::to_string(total) +
                  ": " + failure.what,
              ways, ExitCode::interrupted);
}

}  // namespace schemasync
