// Where an env's backups are, and the ones that commands take before they change something.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/journal.hpp"
#include "backup/dump.hpp"
#include "cli/options.hpp"
#include "cli/target.hpp"

namespace schemasync {

// backup_dir of the env, else backups/<env>; absolute.
std::filesystem::path backup_folder(const Place& place);
ProgramTarget programs_of(const Target& target, std::function<bool()> stop = {});

// A file as messages name it (from the current folder), and as the journal does (from the config
// file's).
std::string shown_file(const std::filesystem::path& file);
std::string shown_backup(const Place& place, const BackupRecord& backup);  // with its size
BackupRecord record_of(const Place& place, const BackupTaken& taken);

// Is everything as the newest migration left it? For the manifest of a full backup.
bool is_as_recorded(Connection& db);

// Of the tables, or of everything where there are none; says so. `name` without its folder.
BackupRecord back_up(const Options& options, Target& target, const std::string& name,
                     const std::string& migration, const std::vector<ObjectId>& tables,
                     const std::function<bool()>& stop = {});

// The tables that a plan touches and that are there now; by the names of now.
std::vector<ObjectId> touched_now(Connection& db, const Plan& plan);

// What the env's `backup` asks for before these tables change: nullopt (and why, said) for none.
std::optional<BackupRecord> back_up_affected(const Options& options, Target& target,
                                             const std::string& name, const std::string& migration,
                                             const std::vector<ObjectId>& touched,
                                             const std::function<bool()>& stop = {});

// What back_up_affected() will do for this plan, as a sentence; "" for a plan without changes.
std::string announced_backup(const Target& target, const Plan& plan);

// `backup --list` and `restore --list`.
std::string backups_text(const Place& place);

}  // namespace schemasync
