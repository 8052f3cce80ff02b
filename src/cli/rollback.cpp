#include "apply/rollback.hpp"

#include <algorithm>

#include "apply/fill.hpp"
#include "cli/backups.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/planning.hpp"
#include "cli/progress.hpp"
#include "render/status.hpp"

namespace schemasync {
namespace {

RollbackTarget target_of(const Options& options) {
  RollbackTarget target;
  const int ways = (options.steps ? 1 : 0) + (options.to.empty() ? 0 : 1) + (options.all ? 1 : 0);
  if (ways > 1) throw Error("--steps, --to and --all exclude each other", "give one of them");
  if (options.steps) target.steps = *options.steps;
  if (!options.to.empty()) {
    target.kind = RollbackTarget::Kind::to;
    target.to = options.to;
  }
  if (options.all) target.kind = RollbackTarget::Kind::all;
  return target;
}

TargetView view_of(const Target& target) {
  return {target.env().name, target.shown(), server_version_text(*target.db),
          target.env().is_protected, target.option()};
}

// On a protected env: the tables that the migrations touched, as they are now.
void back_up_first(const Options& options, Target& target, const RollbackPlan& plan) {
  if (!target.env().is_protected) return;
  std::vector<ObjectId> touched;
  for (const int number : plan.migrations) {
    Plan recorded = recorded_plan(*target.db, number);
    // The names of now are those that its renames led to.
    for (Change& change : recorded.changes) change.phase = 1;
    const std::vector<ObjectId> more = touched_now(*target.db, recorded);
    touched.insert(touched.end(), more.begin(), more.end());
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  back_up_affected(options, target, "before_rollback_" + plan.ids.front() + ".sql",
                   plan.ids.front(), touched);
}

RollbackOptions options_of(const Options& options, const Target& target) {
  RollbackOptions with;
  with.timeouts = target.timeouts();
  with.target_option = target.option();
  with.terminate = options.terminate;
  for (const std::string& fill : options.fill) with.fills.push_back(parse_fill(fill));
  for (const std::string& word : options.allow) {
    if (word != "data-loss")
      throw Error("--allow " + word + ": rollback asks for no leave but data-loss",
                  "--allow data-loss goes back over what was purged");
    with.allow_data_loss = true;
  }
  with.allow_unknown = [](const Change&) { return false; };
  return with;
}

}  // namespace

ExitCode run_rollback(const Options& options) {
  const RollbackTarget wanted = target_of(options);
  Target target = open_target(options);
  const Journal journal = read_journal(*target.db);
  if (!journal.note.empty()) tell(options, "note: " + journal.note);
  const RollbackPlan plan = plan_rollback(journal, wanted);
  if (plan.migrations.empty()) {
    say_header(options, target);
    print("Nothing to roll back: the database is at that state already.");
    return ExitCode::ok;
  }
  const RollbackOptions with = options_of(options, target);
  if (options.dry_run) say_header(options, target);
  std::vector<RollbackRow> rows;
  for (const UndoPreview& one :
       preview_rollback(*target.db, plan, options.dry_run ? &with : nullptr)) {
    rows.push_back({one.id, one.reached, 0, 0, one.changes});
    if (options.dry_run)
      for (const std::string& statement : one.statements) print(statement + ";");
  }
  if (options.dry_run) {
    tell(options, "Dry run: nothing was changed.");
    return ExitCode::ok;
  }
  tell(options, rollback_preview(view_of(target), rows));
  if (wanted.kind == RollbackTarget::Kind::all && has_empty_baseline(*target.db, journal))
    tell(options,
         "0000 is an empty database: this drops everything (its rows are kept in schema "
         "schemasync).");
  confirm(options, target, "Roll back to " + plan.reached.back() + "?",
          wanted.kind == RollbackTarget::Kind::to, "a state is named: --to MIGRATION --yes");
  back_up_first(options, target, plan);

  ProgressLine progress(options);
  ApplyDoors doors;
  doors.read = definitions_reader();
  doors.progress = [&](const Progress& one) { progress.show(one); };
  doors.note = [&](const std::string& text) { tell(options, text); };
  rollback(*target.db, wanted, with, doors, [&](const RolledBack& one) {
    progress.clear();
    print(rollback_line(
        {one.id, one.reached, one.rows, static_cast<double>(one.elapsed.count()) / 1000.0, {}}));
    for (const std::string& note : one.notes) print("  " + note);
  });
  tell(options, rollback_reminder(target.place.config.models_shown, view_of(target)));
  return ExitCode::ok;
}

}  // namespace schemasync
