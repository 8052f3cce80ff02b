#include "apply/baseline.hpp"

#include <algorithm>

#include "model/journal_sql.hpp"
#include "model/migration.hpp"

namespace schemasync {
namespace {

bool schema_exists(Connection& db) {
  return db.query(sql("SELECT FROM pg_namespace WHERE nspname = 'schemasync'")).size() > 0;
}

// Asked first: a restore would only learn it at its end.
void stop_without_right(Connection& db) {
  const Rows names = db.query(
      sql("SELECT current_database(), current_user, has_database_privilege(current_database(), "
          "'CREATE')"));
  if (names.truth(0, 2)) return;
  const std::string database(names.text(0, 0));
  throw Error(
      "schema schemasync, for the journal, cannot be made: permission denied for database " +
          display_name(database),
      sql("GRANT CREATE ON DATABASE {} TO {};", Identifier{database},
          Identifier{std::string(names.text(0, 1))})
          .str());
}

Sql baseline(const Plan& plan, const Definitions& live) {
  const PlanForJournal kept = plan_for_journal(baseline_plan(plan));
  return insert_migration(
      {Sql(0), sql("'0000'"), "baseline",
       has_objects(live) ? "the database as schemasync found it" : "an empty database", kept.id,
       kept.document, plan.models_hash, plan.tool_version, 0, "{}", to_json(live), true,
       std::nullopt, ""});
}

}  // namespace

std::vector<Sql> record_baseline(Connection& db, const Plan& plan, const Definitions& live) {
  std::vector<Sql> statements;
  if (!schema_exists(db)) {
    stop_without_right(db);
    statements.push_back(create_journal_schema());
  }
  statements.push_back(create_journal_tables());
  statements.push_back(insert_database(plan.tool_version));
  statements.push_back(baseline(plan, live));
  statements.push_back(insert_managed(Sql(0), plan.managed));
  return statements;
}

bool has_objects(const Definitions& definitions) {
  return std::any_of(definitions.begin(), definitions.end(),
                     [](const auto& item) { return item.first.kind != "schema"; });
}

}  // namespace schemasync
