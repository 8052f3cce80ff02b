#include "apply/restored.hpp"

#include "apply/baseline.hpp"
#include "model/journal_sql.hpp"

namespace schemasync {

namespace {

// That of the newest migration; where there is no journal, that of the models.
Scope scope_for(Connection& db, const Journal& journal, const Scope& of_models) {
  const auto standing = journal.standing();
  if (standing.empty()) return of_models;
  return recorded_plan(db, standing.back()->number).scope;
}

}  // namespace

RestoreEntry entry_for_restore(Connection& db, const Journal& journal, const Restored& restored,
                               const ReadDefinitions& read) {
  Plan plan;
  plan.tool_version = SCHEMASYNC_VERSION;
  plan.server_major = db.server_version() / 10000;
  plan.after = journal.last_id();
  plan.slug = slugified("restore " + restored.what);
  plan.scope = scope_for(db, journal, restored.scope_of_models);
  const Definitions live = read(db, plan.scope);
  RestoreEntry entry;
  entry.number = journal.next_number;
  entry.id = migration_id(entry.number, plan.slug);
  entry.scope = plan.scope;
  if (!journal.exists) entry.statements = record_baseline(db, plan, live);
  entry.statements.push_back(fail_unstarted_migrations());
  const PlanForJournal kept = plan_for_journal(plan);
  entry.statements.push_back(insert_migration(
      {Sql(entry.number), sql("{}", Literal{entry.id}), "started",
       "Restore " + restored.what + " from " + restored.file, kept.id, kept.document, "",
       plan.tool_version, 0, to_json(live), std::nullopt, true, restored.backup, restored.file}));
  return entry;
}

void finish_restore(Connection& db, const RestoreEntry& entry, const ReadDefinitions& read) {
  const Definitions was = taken_back({}, recorded_before(db, entry.number));
  const Definitions live = read(db, entry.scope);
  db.execute(finish_migration(Sql(entry.number), before_of(was, live), live));
}

void record_restored_state(Connection& db, const ReadDefinitions& read) {
  const Journal journal = read_journal(db);
  const auto standing = journal.standing();
  if (standing.empty() || journal.interrupted() != nullptr) return;
  const int number = standing.back()->number;
  const Definitions live = read(db, recorded_plan(db, number).scope);
  db.execute(sql("UPDATE schemasync.migration SET definitions = {}::jsonb WHERE number = {}",
                 Literal{to_json(live)}, Sql(number)));
}

Sql adopt_journal() {
  return sql(
      "UPDATE schemasync.database SET system_identifier = c.system_identifier, database_oid = "
      "d.oid FROM pg_control_system() AS c, pg_database AS d WHERE d.datname = current_database()");
}

}  // namespace schemasync
