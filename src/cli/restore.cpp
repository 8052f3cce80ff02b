#include "backup/restore.hpp"

#include <algorithm>

#include "apply/executor.hpp"
#include "apply/restored.hpp"
#include "backup/backup_file.hpp"
#include "cli/backups.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/planning.hpp"
#include "cli/progress.hpp"
#include "load/models.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

void refuse_other_database(const Options& options, const RestoreSource& source, Connection& db) {
  if (!source.manifest || options.adopt) return;
  const DatabaseIdentity here = identity_of(db);
  if (source.manifest->database.same_as(here)) return;
  throw Error(shown_file(source.file) + " is a backup of another database: " +
                  display_name(source.manifest->database.name) + " of system " +
                  source.manifest->database.system_identifier + ", and this is " +
                  display_name(here.name) + " of system " + here.system_identifier,
              "--adopt restores it here all the same", ExitCode::refused);
}

// Rows of single tables out of a full backup do not.
bool brings_journal(const Options& options, const RestoreSource& source) {
  return source.is_full() && options.tables.empty() &&
         std::find(source.manifest->schemas.begin(), source.manifest->schemas.end(),
                   "schemasync") != source.manifest->schemas.end();
}

// A dump by another tool holds whatever was there.
bool makes_journal(const Options& options, const RestoreSource& source) {
  return !source.manifest && options.tables.empty() &&
         std::any_of(source.created.begin(), source.created.end(),
                     [](const ObjectId& table) { return table.schema == "schemasync"; });
}

// A restore needs no models: those with mistakes, or none, are no reason to refuse it.
Scope scope_of_models(const Config& config) try {
  return load_models(config.models, config.models_shown).scope;
} catch (const Error&) {
  return scope_by_custom(config.models);
}

// "expense, user": the tables, or the whole.
std::string content(const RestorePlan& plan) {
  if (plan.whole || plan.tables.empty()) return "everything";
  std::vector<std::string> names;
  for (const ObjectId& table : plan.tables) names.push_back(table.shown());
  return plan.tables.size() > 5 ? counted(std::ssize(plan.tables), "table") : joined(names, ", ");
}

void say_source(const Options& options, const RestoreSource& source, const RestorePlan& plan) {
  std::string line = shown_file(source.file) + ": ";
  if (source.manifest)
    line += std::string(to_text(source.manifest->kind)) + " backup of " +
            display_name(source.manifest->database.name) + ", taken " + source.manifest->taken_at +
            (source.manifest->migration.empty() ? "" : " at " + source.manifest->migration);
  else
    line += "not written by schemasync";
  tell(options, line);
  tell(options, "restores " + content(plan) + (plan.rows_only ? " (rows alone)" : ""));
}

void say_overwritten(const Options& options, const RestorePlan& plan) {
  constexpr std::size_t most = 20;
  if (plan.overwritten.empty()) {
    tell(options, "overwrites nothing");
    return;
  }
  std::int64_t rows = 0;
  for (const TableRows& one : plan.overwritten) rows += one.rows;
  tell(options, "overwrites " + counted(std::ssize(plan.overwritten), "table") + " with " +
                    counted(rows, "row") + ":");
  for (std::size_t i = 0; i < std::min(most, plan.overwritten.size()); ++i) {
    const TableRows& one = plan.overwritten[i];
    tell(options, "  " + one.table.shown() + "  " + (one.estimated ? "about " : "") +
                      counted(one.rows, "row"));
  }
  if (plan.overwritten.size() > most)
    tell(options, "  and " + std::to_string(plan.overwritten.size() - most) + " more");
}

// On a protected env: all of it, or the tables that are overwritten.
std::optional<BackupRecord> back_up_first(const Options& options, Target& target,
                                          const RestorePlan& plan, const Journal& journal) {
  if (!target.env().is_protected) return std::nullopt;
  const std::string name = "before_restore_" + file_time() + ".sql";
  if (plan.whole) return back_up(options, target, name, journal.last_id(), {});
  return back_up_affected(options, target, name, journal.last_id(),
                          existing(*target.db, plan.tables));
}

}  // namespace

ExitCode run_restore(const Options& options) {
  if (options.list) {
    print(backups_text(open_place(options)));
    return ExitCode::ok;
  }
  if (options.file.empty())
    throw Error("--file names the backup to restore", "schemasync restore --list shows them");
  Target target = open_target(options);
  say_header(options, target);
  Connection& db = *target.db;
  const Journal journal = read_journal(db);
  const RestoreSource source(options.file, db.server_version() / 10000);
  refuse_other_database(options, source, db);
  const bool journaled = !brings_journal(options, source) && !makes_journal(options, source);
  if (journaled) stop_if_interrupted(journal, target.option());
  const RestoreRequest request{options.drop, options.tables};
  RestorePlan plan = plan_restore(db, source, request);
  say_source(options, source, plan);
  say_overwritten(options, plan);
  confirm(options, target, "Restore into " + target.shown() + "?", false);

  std::optional<RestoreEntry> entry;
  {
    const ApplyLock lock(db, {target.env().lock_timeout_ms, options.terminate,
                              [&](const std::string& text) { tell(options, text); }});
    plan = plan_restore(db, source, request);  // as it is under the lock
    rehearse(db, plan);
    const std::optional<BackupRecord> backup = back_up_first(options, target, plan, journal);
    std::vector<Sql> last;
    if (journaled) {
      const std::filesystem::path file = std::filesystem::absolute(source.file);
      entry = entry_for_restore(db, read_journal(db),
                                {content(plan), shown_path(file, target.place.config.folder),
                                 backup, scope_of_models(target.place.config)},
                                definitions_reader());
      last = entry->statements;
    } else if (brings_journal(options, source)) {
      last.push_back(adopt_journal());
    }
    ProgressLine progress(options);
    progress.at("restoring " + content(plan));
    run_restore(db, programs_of(target), source, plan, last);
    if (entry) finish_restore(db, *entry, definitions_reader());
    if (brings_journal(options, source) && source.manifest->as_recorded)
      record_restored_state(db, definitions_reader());
  }
  if (journaled && !journal.exists) tell(options, "recorded the database as it was as 0000");
  print("Restored " + content(plan) + " from " + shown_file(source.file) + "." +
        (entry ? " Recorded as " + entry->id + ", which rollback cannot go back over." : ""));
  if (brings_journal(options, source))
    tell(options, "The journal is that of the backup: " + (source.manifest->migration.empty()
                                                               ? std::string("no migration")
                                                               : source.manifest->migration));
  return ExitCode::ok;
}

}  // namespace schemasync
