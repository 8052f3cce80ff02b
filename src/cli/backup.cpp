#include "backup/backup_file.hpp"
#include "backup/tables.hpp"
#include "cli/backups.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/progress.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

bool wants_csv(const Options& options) {
  return !options.columns.empty() ||
         (!options.outputs.empty() &&
          std::filesystem::path(options.outputs.front()).extension() == ".csv");
}

void check_options(const Options& options) {
  if (!options.outputs.empty() && options.outputs.front() == "-")
    throw Error("a backup goes into a file, which has to be written to its end: -o - names none",
                "-o FILE, or leave -o out");
  if (!wants_csv(options)) return;
  if (options.schema_only || options.data_only)
    throw Error("CSV holds the rows of one table, and nothing else",
                "leave --schema-only and --data-only out");
  if (options.tables.size() != 1)
    throw Error(options.columns.empty() ? "CSV is of one table" : "--columns are of one table",
                "name it: -t TABLE");
}

// The table's name for one, the database's for all, and the time.
std::filesystem::path file_for(const Options& options, const Target& target,
                               const std::vector<ObjectId>& tables) {
  if (!options.outputs.empty()) return options.outputs.front();
  std::string name =
      tables.size() == 1 ? file_part(tables.front().shown()) : file_part(target.db->database());
  if (options.schema_only) name += "_schema";
  if (options.data_only) name += "_data";
  return backup_folder(target.place) /
         (name + "_" + file_time() + (wants_csv(options) ? ".csv" : ".sql"));
}

BackupKind kind_of(const Options& options) {
  if (options.schema_only) return BackupKind::schema_only;
  if (options.data_only) return BackupKind::data_only;
  return options.tables.empty() ? BackupKind::full : BackupKind::tables;
}

// A role that may not read the journal still may back up its tables.
std::string last_migration(const Options& options, Connection& db) {
  try {
    return read_journal(db).last_id();
  } catch (const Error& error) {
    tell(options, std::string("note: ") + error.what());
    return {};
  }
}

}  // namespace

ExitCode run_backup(const Options& options) {
  if (options.list) {
    print(backups_text(open_place(options)));
    return ExitCode::ok;
  }
  check_options(options);
  Target target = open_target(options);
  say_header(options, target);
  const std::vector<ObjectId> tables = find_tables(*target.db, options.tables);
  const std::filesystem::path file = file_for(options, target, tables);
  ProgressLine progress(options);
  progress.at("taking a backup");
  BackupTaken taken;
  if (wants_csv(options))
    taken = export_csv(*target.db, programs_of(target), tables.front(),
                       find_columns(*target.db, tables.front(), options.columns), file);
  else
    taken = take_backup(*target.db, programs_of(target),
                        {kind_of(options), tables, file, last_migration(options, *target.db),
                         kind_of(options) == BackupKind::full && is_as_recorded(*target.db)});
  progress.clear();
  print(shown_file(taken.file) + ", " + size_text(taken.bytes));
  return ExitCode::ok;
}

}  // namespace schemasync
