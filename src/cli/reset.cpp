#include <algorithm>

#include "apply/executor.hpp"
#include "apply/publication.hpp"
#include "backup/backup_file.hpp"
#include "backup/drop_script.hpp"
#include "backup/tables.hpp"
#include "cli/backups.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/planning.hpp"
#include "cli/progress.hpp"
#include "load/catalog.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// What stands on its own; schemas stay, for the plan to drop or to keep.
std::vector<ObjectId> objects_to_drop(const Schema& live) {
  std::vector<ObjectId> ids;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : live.all<K>())
      if (object.container() == id && id.kind != "schema") ids.push_back(id);
  });
  return ids;
}

void say_what_goes(const Options& options, Connection& db, const std::vector<ObjectId>& objects,
                   const Journal& journal) {
  std::vector<ObjectId> tables;
  for (const ObjectId& id : objects)
    if (id.kind == "table") tables.push_back(id);
  std::int64_t rows = 0;
  for (const TableRows& one : rows_in(db, tables)) rows += one.rows;
  tell(options,
       "drops " + counted(std::ssize(tables), "table") + " with " + counted(rows, "row") +
           (objects.size() > tables.size()
                ? ", and " + counted(std::ssize(objects) - std::ssize(tables), "other object")
                : "") +
           (journal.exists ? "; the journal, and all that it keeps" : ""));
}

// What is not modelled and would go along is refused, by name: the models do not bring it back.
void refuse_losses(const Schema& before, const Schema& after) {
  std::vector<std::string> lost;
  for (const std::string& one : before.unmodelled)
    if (std::find(after.unmodelled.begin(), after.unmodelled.end(), one) == after.unmodelled.end())
      lost.push_back(one);
  if (lost.empty()) return;
  throw Error("refused, nothing was changed: these are not modelled, and would go too:\n  " +
                  joined(lost, "\n  "),
              "drop them first, if they may go; the full backup would hold them",
              ExitCode::refused);
}

void drop_all(Connection& db, const Schema& before, const Scope& scope, const Journal& journal) {
  try {
    // Archives first: they may use a type that goes.
    if (journal.exists) db.execute(drop_everything({{"schemasync"}, {}, {}, {}}));
    db.execute(drop_objects(db, objects_to_drop(before)));
  } catch (const DatabaseError& error) {
    const std::string what = error.what();
    if (error.sqlstate() != "SS003") throw;
    throw Error(
        "refused, nothing was changed: what is out of scope or not modelled would go too: " +
            what.substr(0, what.find("\nCONTEXT")),
        "drop it first, if it may go", ExitCode::refused);
  }
  refuse_losses(before, load_catalog(db, scope));
}

}  // namespace

ExitCode run_reset(const Options& options) {
  const Config config = open_config(options);
  Models models = load_models(config.models, config.models_shown);
  Target target = open_target(options);
  say_header(options, target);
  Connection& db = *target.db;
  if (target.env().is_protected)
    throw Error("env " + target.env().name + " is protected: it is never reset",
                "rollback goes back to any earlier state; restore puts a backup back",
                ExitCode::refused);
  const Journal journal = read_journal(db);
  resolve_model_types(models, &db);
  ShadowPlace shadow(config, &target);
  // The models alone, before anything goes: a mistake in them shows now.
  const Plan fresh =
      plan_between({}, {models.schema, true}, {}, models.scope, models.naming, shadow.server());
  const Schema live = load_catalog(db, models.scope);
  refuse_what_is_not_there(target, models.schema, live);
  stop_before_publication(db, fresh, journal.exists);
  say_what_goes(options, db, objects_to_drop(live), journal);
  tell(options, "makes " + counted(models.tables, "table") + " anew from " + config.models_shown);
  if (options.dry_run) {
    const Transaction taken_back(db);
    drop_all(db, live, models.scope, journal);
    for (const Change& change : fresh.changes)
      for (const Step& step : change.up) print(step.sql.str() + ";");
    tell(options, "Dry run: nothing was changed.");
    return ExitCode::ok;
  }
  confirm(options, target, "Drop everything in scope of " + target.shown() + "?", true);
  {
    const ApplyLock lock(db, {target.env().lock_timeout_ms, options.terminate,
                              [&](const std::string& text) { tell(options, text); }});
    {  // refused before a backup is taken for nothing
      const Transaction taken_back(db);
      drop_all(db, load_catalog(db, models.scope), models.scope, journal);
    }
    back_up(options, target, "before_reset_" + file_time() + ".sql", journal.last_id(), {});
    Transaction transaction(db);
    drop_all(db, load_catalog(db, models.scope), models.scope, journal);
    transaction.commit();
  }
  const Plan plan = make_plan(target, models, read_journal(db), {});
  ProgressLine progress(options);
  ApplyOptions with;
  with.timeouts = target.timeouts();
  with.target_option = target.option();
  with.allow_publication = true;  // asked above
  ApplyDoors doors;
  doors.read = definitions_reader();
  doors.progress = [&](const Progress& one) { progress.show(one); };
  doors.note = [&](const std::string& text) { tell(options, text); };
  const Applied applied = apply(plan, db, with, doors);
  progress.clear();
  print(applied.migration.empty()
            ? std::string("Reset. The models are empty, and so is the database.")
            : "Reset, and made anew as " + applied.migration + ".");
  return ExitCode::ok;
}

}  // namespace schemasync
