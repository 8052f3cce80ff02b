// What the journal in schema `schemasync` says: the migrations, what rollback and apply keep, and
// which objects were ever managed. Read by plan, apply, rollback, status and history; reading never
// creates anything. A database without the schema has an empty journal; a journal of a newer
// format, or one that the role may not read, is an error.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/migration.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// The catalog reader of load/, handed in: apply/ stands beside it.
using ReadDefinitions = std::function<Definitions(Connection&, const Scope&)>;

enum class MigrationStatus { baseline, applied, interrupted, rolled_back };
std::string_view to_text(MigrationStatus status);

struct Migration {
  int number = 0;
  std::string id;
  MigrationStatus status = MigrationStatus::applied;
  Direction direction = Direction::up;  // of an interrupted one: what was under way
  std::string summary;
  std::string plan_id;
  std::string models_hash;
  std::string tool_version;
  std::string started_at;   // ISO 8601, UTC
  std::string finished_at;  // "" while it has not
  std::string applied_by;
  std::string error;
  int steps = 0;     // of the way up
  int steps_up = 0;  // done
  int steps_down = 0;
  bool complete = true;  // false: written by a psql file, which knows only what its plan holds
  bool settled = false;  // its result was recorded; false when a kill came between the two
  std::optional<BackupRecord> backup;  // taken before it
  std::string restored_from;  // the backup that it put back: there is no way back over it; else ""

  bool up_is_complete() const { return steps_up >= steps; }
};

struct KeptData {
  std::int64_t number = 0;
  int migration = 0;
  int change = 0;
  ObjectId object;
  Archive::Form form = Archive::Form::values;
  std::string definition;
  std::string relation;              // in schema schemasync
  std::vector<std::string> columns;  // of the relation, or the hidden one; empty when it is gone
  std::vector<std::string> types;    // of the relation's columns, as format_type prints them
  Direction made_by = Direction::up;
  std::int64_t bytes = 0;
};

// A column under a reserved name, wherever its table is by now.
struct HiddenColumn {
  std::int64_t archive = 0;
  QualifiedName table;
  std::string name;
  std::int64_t bytes = 0;  // estimated
};
std::vector<HiddenColumn> hidden_columns(Connection& db);

struct Journal {
  bool exists = false;
  std::string note;  // "" or that this database is a copy of the one the journal was made in
  int next_number = 1;
  std::vector<Migration> migrations;  // oldest first; those that committed nothing are left out
  std::vector<KeptData> kept;         // by number
  std::set<int> purged;               // migrations whose way back has no data any more

  // Baseline, applied and interrupted migrations, oldest first: what rollback can go back over.
  std::vector<const Migration*> standing() const;
  const Migration* interrupted() const;  // the newest standing one, when it is
  std::string last_id() const;           // of the newest standing one; "" = none
  const Migration* find(int number) const;
  // What rollbacks kept and that comes back when the object is made again: the newest of each.
  std::map<ObjectId, KeptData> kept_by_rollback() const;
};

Journal read_journal(Connection& db);
// Of these, the ones that no models that were ever applied held.
std::vector<ObjectId> never_managed(Connection& db, const Journal& journal,
                                    std::vector<ObjectId> objects);

// What a migration was: read on demand, they are large.
Plan recorded_plan(Connection& db, int migration);
Before recorded_before(Connection& db, int migration);
std::set<int> done_steps(Connection& db, int migration, Direction direction);  // ordinals

// All of the scope as the newest migration left it; nullopt when there is none, or it did not end.
struct Recorded {
  Definitions definitions;
  bool complete = true;  // false: written by a psql file, and only what its plan held is known
  Definitions accepted;  // the same with what an apply without changes found and accepted since
};
std::optional<Recorded> recorded_definitions(Connection& db, int migration);

}  // namespace schemasync
