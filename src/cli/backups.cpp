#include "cli/backups.hpp"

#include <algorithm>
#include <set>

#include "apply/history.hpp"
#include "backup/backup_file.hpp"
#include "backup/tables.hpp"
#include "cli/console.hpp"
#include "cli/planning.hpp"
#include "cli/progress.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t few = 5;  // tables that a sentence names

}  // namespace

std::filesystem::path backup_folder(const Place& place) {
  const std::filesystem::path folder = place.env.backup_dir.empty()
                                           ? std::filesystem::path("backups") / place.env.name
                                           : std::filesystem::path(place.env.backup_dir);
  return (place.config.folder / folder).lexically_normal();
}

ProgramTarget programs_of(const Target& target, std::function<bool()> stop) {
  const Env& env = target.env();
  return {env.embedded ? target.server.url() : env.url, env.role, env.lock_timeout_ms,
          std::move(stop)};
}

std::string shown_file(const std::filesystem::path& file) {
  return shown_path(file, std::filesystem::current_path());
}

std::string shown_backup(const Place& place, const BackupRecord& backup) {
  return shown_file(place.config.folder / backup.file) + ", " + size_text(backup.bytes);
}

BackupRecord record_of(const Place& place, const BackupTaken& taken) {
  return {shown_path(std::filesystem::absolute(taken.file), place.config.folder), taken.bytes};
}

bool is_as_recorded(Connection& db) {
  const Journal journal = read_journal(db);
  const auto standing = journal.standing();
  if (standing.empty()) return false;
  const Scope scope = recorded_plan(db, standing.back()->number).scope;
  const std::optional<std::vector<Difference>> drift =
      drift_since(db, journal, definitions_reader()(db, scope), scope);
  return drift && drift->empty();
}

BackupRecord back_up(const Options& options, Target& target, const std::string& name,
                     const std::string& migration, const std::vector<ObjectId>& tables,
                     const std::function<bool()>& stop) {
  BackupTaken taken;
  {
    ProgressLine progress(options);
    progress.at("taking a backup");
    taken = take_backup(*target.db, programs_of(target, stop),
                        {tables.empty() ? BackupKind::full : BackupKind::tables, tables,
                         backup_folder(target.place) / name, migration,
                         tables.empty() && is_as_recorded(*target.db)});
  }
  const BackupRecord record = record_of(target.place, taken);
  std::vector<std::string> names;
  for (const ObjectId& table : tables) names.push_back(table.shown());
  tell(options, "backup " + shown_backup(target.place, record) + " (" +
                    (tables.empty() ? "everything" : joined(names, ", ")) + ")");
  return record;
}

std::vector<ObjectId> touched_now(Connection& db, const Plan& plan) {
  std::vector<std::pair<ObjectId, ObjectId>> renames;  // to, from
  for (const Change& change : plan.changes)
    if (change.phase == 0 && change.object.kind == "table" && !change.creates.empty() &&
        !change.drops.empty())
      renames.emplace_back(change.creates.front(), change.drops.front());
  const auto of_now = [&](ObjectId table) {
    for (auto it = renames.rbegin(); it != renames.rend(); ++it)
      if (it->first == table) table = it->second;
    return table;
  };
  const std::vector<ObjectId> all = all_tables(db);
  const std::set<ObjectId> there(all.begin(), all.end());
  std::set<ObjectId> touched;
  for (const Change& change : plan.changes) {
    const ObjectId owner = of_now(change.object.owner());
    // A table that the plan makes has nothing to back up, nor have those that it points at.
    if (owner.kind == "table" && !there.contains(owner)) continue;
    touched.insert(owner);
    for (const ObjectId& one : change.tables) touched.insert(of_now(one.owner()));
  }
  std::erase_if(touched, [&](const ObjectId& one) { return !there.contains(one); });
  return {touched.begin(), touched.end()};
}

std::optional<BackupRecord> back_up_affected(const Options& options, Target& target,
                                             const std::string& name, const std::string& migration,
                                             const std::vector<ObjectId>& touched,
                                             const std::function<bool()>& stop) {
  switch (target.env().backup) {
    case BackupExtent::none:
      tell(options, "no backup: env " + target.env().name + " has backup = \"none\"");
      return std::nullopt;
    case BackupExtent::full:
      return back_up(options, target, name, migration, {}, stop);
    case BackupExtent::affected:
      break;
  }
  if (!touched.empty()) return back_up(options, target, name, migration, touched, stop);
  tell(options, "no backup: no table that is there is touched");
  return std::nullopt;
}

std::string announced_backup(const Target& target, const Plan& plan) {
  if (plan.empty()) return "";
  switch (target.env().backup) {
    case BackupExtent::none:
      return "No backup is taken: env " + target.env().name + " has backup = \"none\".";
    case BackupExtent::full:
      return "A backup of everything is taken first.";
    case BackupExtent::affected:
      break;
  }
  const std::vector<ObjectId> touched = touched_now(*target.db, plan);
  if (touched.empty()) return "No backup is taken: no table that is there is touched.";
  std::vector<std::string> names;
  for (const ObjectId& table : touched)
    if (names.size() < few) names.push_back(table.shown());
  const std::string more =
      touched.size() > few ? ", and " + std::to_string(touched.size() - few) + " more" : "";
  return "A backup of " + joined(names, ", ") + more + " is taken first.";
}

std::string backups_text(const Place& place) {
  const std::filesystem::path folder = backup_folder(place);
  const std::vector<BackupEntry> entries = list_backups(folder);
  if (entries.empty()) return "No backups in " + shown_file(folder) + ".";
  std::vector<std::vector<std::string>> rows = {
      {"file", "kind", "size", "taken", "database", "migration"}};
  for (const BackupEntry& entry : entries) {
    std::string time = entry.taken_at.substr(0, 10) + " " + entry.taken_at.substr(11, 5) + " UTC";
    rows.push_back({entry.file.filename().string(), entry.kind, size_text(entry.bytes),
                    std::move(time), entry.database, entry.migration});
  }
  std::string text = "In " + shown_file(folder) + ":\n";
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      std::size_t width = 0;
      for (const auto& other : rows) width = std::max(width, other[column].size());
      line += row[column] + std::string(width - row[column].size() + 2, ' ');
    }
    text += "  " + line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace schemasync
