#include "apply/history.hpp"

#include "cli/backups.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/outputs.hpp"
#include "cli/planning.hpp"
#include "cli/progress.hpp"
#include "render/status.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

TargetView view_of(const Target& target) {
  return {target.env().name, target.shown(), server_version_text(*target.db),
          target.env().is_protected, target.option()};
}

// "2026-01-04T15:22:07Z" -> "2026-01-04 15:22 UTC".
std::string minute(const std::string& iso) {
  if (iso.size() < 16) return iso;
  return iso.substr(0, 10) + " " + iso.substr(11, 5) + " UTC";
}

DriftLine::Kind kind_of(Difference::Kind kind) {
  switch (kind) {
    case Difference::Kind::added:
      return DriftLine::Kind::added;
    case Difference::Kind::removed:
      return DriftLine::Kind::removed;
    case Difference::Kind::changed:
      break;
  }
  return DriftLine::Kind::changed;
}

PendingView pending_of(Target& target, const Journal& journal, ProgressLine& progress) {
  PendingView pending;
  pending.models = target.place.config.models_shown;
  try {
    Models models = load_models(target.place.config.models, target.place.config.models_shown);
    resolve_model_types(models, target.db.get());
    const Plan plan =
        make_plan(target, std::move(models), journal,
                  {.checks = false, .at = [&](const std::string& work) { progress.at(work); }});
    for (std::size_t i = 0; i < plan.changes.size(); ++i) {
      const Level level = shown_level(plan, i);
      ++(level == Level::high     ? pending.high
         : level == Level::medium ? pending.medium
                                  : pending.low);
    }
  } catch (const MistakesError& error) {
    pending.unknown = counted(static_cast<std::int64_t>(error.mistakes().size()), "mistake") +
                      " in the models (schemasync plan)";
  } catch (const Error& error) {
    pending.unknown = error.what();
  }
  return pending;
}

void add_journal(StatusView& view, const Place& place, Connection& db, const Journal& journal) {
  view.has_journal = journal.exists;
  if (!journal.note.empty()) view.warnings.push_back(journal.note);
  for (const Migration* one : journal.standing()) {
    // There is no way back over a restore.
    if (view.oldest.empty() || !one->restored_from.empty()) view.oldest = one->id;
    if (one->backup) view.backup = shown_backup(place, *one->backup);
    if (journal.purged.contains(one->number)) view.lossy.push_back(one->id);
    if (one->status == MigrationStatus::interrupted) continue;
    if (one->status == MigrationStatus::applied) ++view.applied;
    view.last = one->id;
    view.last_at = minute(one->finished_at);
    view.last_by = one->applied_by;
  }
  if (journal.exists) view.archived = kept_bytes(journal);
  if (const std::optional<Stopped> stopped = stopped_at(db, journal)) {
    StoppedView shown;
    shown.migration = stopped->id;
    shown.direction = stopped->direction;
    shown.at = minute(stopped->at);
    shown.why = stopped->error.empty() ? "its session ended without a word" : stopped->error;
    shown.done = stopped->done;
    shown.steps = stopped->total;
    if (!stopped->done_steps.empty()) shown.last_done = stopped->done_steps.back().second;
    if (!stopped->next_steps.empty()) shown.next = stopped->next_steps.front().second;
    view.stopped = std::move(shown);
  }
}

}  // namespace

ExitCode run_status(const Options& options) {
  Target target = open_target(options);
  ProgressLine progress(options);
  progress.at("reading the journal");
  const Journal journal = read_journal(*target.db);
  StatusView view;
  view.target = view_of(target);
  add_journal(view, target.place, *target.db, journal);
  const Migration* newest = journal.standing().empty() ? nullptr : journal.standing().back();
  if (newest != nullptr && !view.stopped) {
    progress.at("reading the catalog");
    const Scope scope = recorded_plan(*target.db, newest->number).scope;
    const Definitions live = definitions_reader()(*target.db, scope);
    for (const Difference& one : without_parts(
             drift_since(*target.db, journal, live, scope).value_or(std::vector<Difference>{})))
      view.drift.push_back({kind_of(one.kind), one.object, one.text});
  }
  if (!view.stopped) view.pending = pending_of(target, journal, progress);
  progress.clear();
  print(status_text(view, {colour_wanted(options, true)}));
  if (view.stopped) return ExitCode::interrupted;
  return view.drift.empty() ? ExitCode::ok : ExitCode::stale;
}

ExitCode run_history(const Options& options) {
  check_format(options.format, {"text", "json"});
  Target target = open_target(options);
  const Journal journal = read_journal(*target.db);
  if (options.format == "json") {
    print(history_json(journal));
    return ExitCode::ok;
  }
  std::vector<HistoryRow> rows;
  for (const Migration& one : journal.migrations)
    rows.push_back({one.id, std::string(to_text(one.status)), minute(one.finished_at),
                    one.applied_by, one.summary,
                    one.backup ? shown_backup(target.place, *one.backup) : ""});
  print(history_text(view_of(target), rows));
  return ExitCode::ok;
}

}  // namespace schemasync
