// The one format of the journal, schema `schemasync` in the target (docs/journal.md describes it).
// Every statement that writes it is made here; the executor (apply/) sends them, the psql file
// (render/sql) prints them with psql variables for the numbers. Reading is apply/journal's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/migration.hpp"

namespace schemasync {

inline constexpr int journal_format = 1;

// Session-level advisory lock of whoever changes the target: the eight ASCII bytes "schemasy". In
// pg_locks: classid 1935894629 (high half), objid 1835103097 (low half), objsubid 1.
inline constexpr std::int64_t apply_lock_key = 0x736368656d617379;

// The schema apart from its tables: it may be there already, made by who has the right to.
Sql create_journal_schema();
Sql create_journal_tables();
// Takes back what ALTER DEFAULT PRIVILEGES gave to others: after the tables and after each archive
// is made.
Sql revoke_all_of_journal();
// The row that says which database this is; never on a subscriber, where it arrives by itself.
Sql insert_database(std::string_view tool_version);
// A copy's journal is this database's own from now on.
Sql adopt_database();

// ---- migrations --------------------------------------------------------------------------------

// Parts that a psql file reads from the journal are Sql: a number or a psql variable.
struct MigrationRow {
  Sql number;
  Sql id;              // a text expression
  std::string status;  // "baseline" or "started"
  std::string summary;
  std::string plan_id;
  std::string plan;  // JSON
  std::string models_hash;
  std::string tool_version;
  int steps = 0;                           // of the way up
  std::string before;                      // JSON of Definitions; of a baseline "{}"
  std::optional<std::string> definitions;  // JSON, of a baseline
  bool complete = true;  // false: written by psql, which cannot read the catalog as we do
  std::optional<BackupRecord> backup;  // taken before it
  std::string restored_from;  // the file that this migration restored; "" for any other one
};
Sql insert_migration(const MigrationRow& row);
Sql insert_managed(const Sql& migration, const std::vector<ObjectId>& managed);

// A migration that committed nothing is no migration: its number stays used. For who holds the
// lock.
Sql fail_unstarted_migrations();
// Of an error, its first line is recorded.
Sql fail_migration(const Sql& number, std::string_view error);
Sql interrupt_migration(const Sql& number, Direction direction, std::string_view error);
Sql finish_migration(const Sql& number, const Before& before, const Definitions& definitions);
// The same from the plan alone: the last recorded definitions with the plan's laid over them.
Sql finish_migration_from_plan(const Sql& number, const Plan& plan);
Sql start_rollback(const Sql& number);
// Back to the status from before a rollback that committed nothing.
Sql stop_rollback(const Sql& number, bool was_applied, std::string_view error);
Sql finish_rollback(const Sql& number);
// What was changed outside and the models say too is the state that this migration left.
Sql accept_definitions(const Sql& number, const Definitions& definitions);

// ---- steps -------------------------------------------------------------------------------------

struct StepRow {
  int ordinal = 0;
  int change = 0;
  int segment = 0;
  Sql sql;  // a text expression: the statement as it ran, with the archives' names
  std::optional<std::int64_t> elapsed_ms;
};
// The last statement of a segment's transaction: a step is done when this is committed.
Sql insert_done_steps(const Sql& migration, Direction direction, const std::vector<StepRow>& rows);
Sql insert_failed_step(const Sql& migration, Direction direction, const StepRow& row,
                       std::string_view error);

// ---- archives ----------------------------------------------------------------------------------

// The next archive's number; taken from a sequence, so a number of a failed segment stays used.
Sql next_archive_number();
// The archive's relation is a<number>. made_by "apply" for Direction::up, else "rollback".
Sql insert_archive(const Sql& number, const Sql& migration, int change, const Archive& archive,
                   Direction direction);
Sql mark_archive_restored(const Sql& number, const Sql& migration);
Sql mark_archive_purged(const Sql& number);
// Kept by a rollback, not wanted back by the plan that makes the objects anew.
Sql discard_archives(const Sql& migration, const std::vector<ObjectId>& objects);

}  // namespace schemasync
