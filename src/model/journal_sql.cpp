#include "model/journal_sql.hpp"

namespace schemasync {
namespace {

Sql number(std::int64_t value) { return Sql(value); }
Sql text(std::string_view value) { return Sql(Literal{std::string(value)}); }
// The first line: what follows (DETAIL) may hold values of rows.
Sql error_text(std::string_view error) { return text(error.substr(0, error.find('\n'))); }
Sql json_text(const std::string& value) { return sql("{}::jsonb", Literal{value}); }

template <class T, class F>
Sql or_null(const std::optional<T>& value, F&& written) {
  return value ? written(*value) : sql("NULL");
}

std::vector<ObjectId> ids_of(const Definitions& definitions) {
  std::vector<ObjectId> ids;
  for (const auto& [id, definition] : definitions) ids.push_back(id);
  return ids;
}

}  // namespace

Sql create_journal_schema() { return sql("CREATE SCHEMA schemasync"); }

// Each table has a primary key: without one, a publication refuses our updates.
Sql create_journal_tables() {
  return sql(
      "COMMENT ON SCHEMA schemasync IS 'Journal and archives of schemasync';\n"
      "CREATE TABLE schemasync.database (\n"
      "  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),\n"
      "  format integer NOT NULL,\n"
      "  id uuid NOT NULL DEFAULT gen_random_uuid(),\n"
      "  system_identifier bigint NOT NULL,\n"
      "  database_oid oid NOT NULL,\n"
      "  tool_version text NOT NULL,\n"
      "  created_at timestamptz NOT NULL DEFAULT now());\n"
      "CREATE TABLE schemasync.migration (\n"
      "  number integer PRIMARY KEY,\n"
      "  id text NOT NULL UNIQUE,\n"
      "  status text NOT NULL CHECK (status IN ('baseline', 'started', 'applied', 'interrupted',\n"
      "    'rolling_back', 'rolled_back', 'failed')),\n"
      "  direction text NOT NULL DEFAULT 'up' CHECK (direction IN ('up', 'down')),\n"
      "  summary text NOT NULL,\n"
      "  plan_id text NOT NULL,\n"
      "  plan text NOT NULL,\n"
      "  models_hash text NOT NULL,\n"
      "  tool_version text NOT NULL,\n"
      "  steps integer NOT NULL,\n"
      "  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),\n"
      "  finished_at timestamptz,\n"
      "  rolled_back_at timestamptz,\n"
      "  applied_by text NOT NULL DEFAULT session_user,\n"
      "  before jsonb NOT NULL,\n"
      "  definitions jsonb,\n"
      "  accepted jsonb,\n"
      "  complete boolean NOT NULL,\n"
      "  error text,\n"
      "  backup text,\n"
      "  backup_bytes bigint,\n"
      "  restored_from text);\n"
      "CREATE TABLE schemasync.step (\n"
      "  migration integer NOT NULL REFERENCES schemasync.migration,\n"
      "  direction text NOT NULL CHECK (direction IN ('up', 'down')),\n"
      "  ordinal integer NOT NULL,\n"
      "  change integer NOT NULL,\n"
      "  segment integer NOT NULL,\n"
      "  status text NOT NULL CHECK (status IN ('done', 'failed')),\n"
      "  sql text NOT NULL,\n"
      "  error text,\n"
      "  elapsed_ms bigint,\n"
      "  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),\n"
      "  PRIMARY KEY (migration, direction, ordinal));\n"
      "CREATE TABLE schemasync.archive (\n"
      "  n bigint PRIMARY KEY,\n"
      "  migration integer NOT NULL REFERENCES schemasync.migration,\n"
      "  change integer NOT NULL,\n"
      "  object text NOT NULL,\n"
      "  form text NOT NULL CHECK (form IN ('values', 'conversion', 'table', 'in_place', "
      "'filled')),\n"
      "  definition text NOT NULL,\n"
      "  relation text NOT NULL UNIQUE,\n"
      "  made_by text NOT NULL CHECK (made_by IN ('apply', 'rollback')),\n"
      "  state text NOT NULL DEFAULT 'kept' CHECK (state IN ('kept', 'restored', 'discarded',\n"
      "    'purged')),\n"
      "  made_at timestamptz NOT NULL DEFAULT clock_timestamp(),\n"
      "  settled_by integer REFERENCES schemasync.migration,\n"
      "  settled_at timestamptz,\n"
      "  UNIQUE (migration, change, made_by));\n"
      "CREATE TABLE schemasync.managed (\n"
      "  object text PRIMARY KEY,\n"
      "  migration integer NOT NULL REFERENCES schemasync.migration);\n"
      "CREATE SEQUENCE schemasync.archive_number;\n{}",
      revoke_all_of_journal());
}

Sql revoke_all_of_journal() {
  return sql(
      "DO $revoke$\n"
      "DECLARE other text;\n"
      "BEGIN\n"
      "  FOR other IN\n"
      "    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid("
      "a.grantee)) END\n"
      "    FROM (SELECT n.nspowner AS owner, n.nspacl AS acl FROM pg_namespace AS n WHERE "
      "n.nspname "
      "= 'schemasync'\n"
      "      UNION ALL SELECT c.relowner, c.relacl FROM pg_class AS c JOIN pg_namespace AS n ON "
      "n.oid = c.relnamespace WHERE n.nspname = 'schemasync') AS o, aclexplode(o.acl) AS a\n"
      "    WHERE a.grantee <> o.owner\n"
      "  LOOP\n"
      "    EXECUTE 'REVOKE ALL ON SCHEMA schemasync FROM ' || other;\n"
      "    EXECUTE 'REVOKE ALL ON ALL TABLES IN SCHEMA schemasync FROM ' || other;\n"
      "    EXECUTE 'REVOKE ALL ON ALL SEQUENCES IN SCHEMA schemasync FROM ' || other;\n"
      "  END LOOP;\n"
      "END $revoke$");
}

Sql insert_database(std::string_view tool_version) {
  return sql(
      "INSERT INTO schemasync.database (format, system_identifier, database_oid, tool_version)\n"
      "SELECT {}, c.system_identifier, d.oid, {}\n"
      "FROM pg_control_system() AS c, pg_database AS d WHERE d.datname = current_database()",
      number(journal_format), text(tool_version));
}

Sql adopt_database() {
  return sql(
      "UPDATE schemasync.database SET id = gen_random_uuid(), system_identifier = "
      "c.system_identifier, database_oid = d.oid\nFROM pg_control_system() AS c, pg_database AS d "
      "WHERE d.datname = current_database()");
}

Sql insert_migration(const MigrationRow& row) {
  const bool is_baseline = row.definitions.has_value();
  return sql(
      "INSERT INTO schemasync.migration (number, id, status, summary, plan_id, plan, models_hash, "
      "tool_version, steps, before, definitions, complete, finished_at, backup, backup_bytes, "
      "restored_from)\nVALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
      row.number, row.id, text(row.status), text(row.summary), text(row.plan_id), text(row.plan),
      text(row.models_hash), text(row.tool_version), number(row.steps), json_text(row.before),
      or_null(row.definitions, json_text), row.complete ? sql("true") : sql("false"),
      is_baseline ? sql("clock_timestamp()") : sql("NULL"),
      row.backup ? text(row.backup->file) : sql("NULL"),
      row.backup ? number(row.backup->bytes) : sql("NULL"),
      row.restored_from.empty() ? sql("NULL") : text(row.restored_from));
}

Sql insert_managed(const Sql& migration, const std::vector<ObjectId>& managed) {
  return sql(
      "INSERT INTO schemasync.managed (object, migration)\n"
      "SELECT m.object, {} FROM jsonb_array_elements_text({}) AS m(object) ON CONFLICT DO NOTHING",
      migration, json_text(to_json(managed)));
}

Sql fail_unstarted_migrations() {
  return sql(
      "UPDATE schemasync.migration AS m SET status = 'failed', finished_at = clock_timestamp(), "
      "error = coalesce(m.error, 'ended before its first step was committed')\n"
      "WHERE m.status IN ('started', 'interrupted') AND m.steps > 0 AND NOT EXISTS (SELECT FROM "
      "schemasync.step AS s WHERE s.migration = m.number AND s.status = 'done')");
}

Sql fail_migration(const Sql& number, std::string_view error) {
  return sql(
      "UPDATE schemasync.migration SET status = 'failed', finished_at = clock_timestamp(), "
      "error = {} WHERE number = {}",
      error_text(error), number);
}

Sql interrupt_migration(const Sql& number, Direction direction, std::string_view error) {
  return sql(
      "UPDATE schemasync.migration SET status = 'interrupted', direction = {}, error = {}, "
      "finished_at = clock_timestamp() WHERE number = {}",
      text(to_text(direction)), error_text(error), number);
}

Sql finish_migration(const Sql& number, const Before& before, const Definitions& definitions) {
  return sql(
      "UPDATE schemasync.migration SET status = 'applied', error = NULL, before = {}, "
      "definitions = {}, finished_at = clock_timestamp() WHERE number = {}",
      json_text(to_json(before)), json_text(to_json(definitions)), number);
}

Sql finish_migration_from_plan(const Sql& number, const Plan& plan) {
  return sql(
      "UPDATE schemasync.migration AS m SET status = 'applied', before = {},\n"
      "  definitions = (p.definitions - ARRAY(SELECT jsonb_array_elements_text({}))) || {},\n"
      "  complete = false, finished_at = clock_timestamp()\n"
      "FROM (SELECT coalesce(accepted, definitions) AS definitions FROM schemasync.migration\n"
      "  WHERE status IN ('baseline', 'applied') ORDER BY number DESC LIMIT 1) AS p\n"
      "WHERE m.number = {}",
      json_text(to_json(before_of(plan))), json_text(to_json(ids_of(plan.from))),
      json_text(to_json(plan.to)), number);
}

Sql start_rollback(const Sql& number) {
  return sql(
      "UPDATE schemasync.migration SET status = 'rolling_back', direction = 'down', error = NULL "
      "WHERE number = {}",
      number);
}

Sql stop_rollback(const Sql& number, bool was_applied, std::string_view error) {
  return sql(
      "UPDATE schemasync.migration SET status = {}, direction = 'up', error = {} WHERE number = {}",
      was_applied ? sql("'applied'") : sql("'interrupted'"), error_text(error), number);
}

Sql finish_rollback(const Sql& number) {
  return sql(
      "UPDATE schemasync.migration SET status = 'rolled_back', error = NULL, "
      "rolled_back_at = clock_timestamp() WHERE number = {}",
      number);
}

Sql accept_definitions(const Sql& number, const Definitions& definitions) {
  return sql("UPDATE schemasync.migration SET accepted = {} WHERE number = {}",
             json_text(to_json(definitions)), number);
}

Sql insert_done_steps(const Sql& migration, Direction direction, const std::vector<StepRow>& rows) {
  std::vector<Sql> values;
  for (const StepRow& row : rows)
    values.push_back(sql("({}, {}, {}, {}, {}, 'done', {}, {})", migration,
                         text(to_text(direction)), number(row.ordinal), number(row.change),
                         number(row.segment), row.sql, or_null(row.elapsed_ms, number)));
  return sql(
      "INSERT INTO schemasync.step (migration, direction, ordinal, change, segment, status, sql, "
      "elapsed_ms)\nVALUES {}\nON CONFLICT (migration, direction, ordinal) DO UPDATE SET status = "
      "'done', sql = excluded.sql, error = NULL, elapsed_ms = excluded.elapsed_ms, recorded_at = "
      "excluded.recorded_at",
      join(values, ",\n  "));
}

Sql insert_failed_step(const Sql& migration, Direction direction, const StepRow& row,
                       std::string_view error) {
  return sql(
      "INSERT INTO schemasync.step (migration, direction, ordinal, change, segment, status, sql, "
      "error) VALUES ({}, {}, {}, {}, {}, 'failed', {}, {}) ON CONFLICT (migration, direction, "
      "ordinal) DO UPDATE SET error = excluded.error, sql = excluded.sql, recorded_at = "
      "excluded.recorded_at",
      migration, text(to_text(direction)), number(row.ordinal), number(row.change),
      number(row.segment), row.sql, error_text(error));
}

Sql next_archive_number() { return sql("SELECT nextval('schemasync.archive_number')"); }

Sql insert_archive(const Sql& number_sql, const Sql& migration, int change, const Archive& archive,
                   Direction direction) {
  return sql(
      "INSERT INTO schemasync.archive (n, migration, change, object, form, definition, relation, "
      "made_by)\nVALUES ({}, {}, {}, {}, {}, {}, 'a' || {}, {})",
      number_sql, migration, number(change), text(archive.object.to_text()),
      text(to_text(archive.form)), text(archive.definition), number_sql,
      direction == Direction::up ? sql("'apply'") : sql("'rollback'"));
}

Sql mark_archive_restored(const Sql& number_sql, const Sql& migration) {
  return sql(
      "UPDATE schemasync.archive SET state = 'restored', settled_by = {}, settled_at = "
      "clock_timestamp() WHERE n = {}",
      migration, number_sql);
}

Sql mark_archive_purged(const Sql& number_sql) {
  return sql(
      "UPDATE schemasync.archive SET state = 'purged', settled_at = clock_timestamp() WHERE n = {}",
      number_sql);
}

Sql discard_archives(const Sql& migration, const std::vector<ObjectId>& objects) {
  return sql(
      "UPDATE schemasync.archive SET state = 'discarded', settled_by = {}, settled_at = "
      "clock_timestamp() WHERE made_by = 'rollback' AND state = 'kept' AND object IN (SELECT "
      "jsonb_array_elements_text({}))",
      migration, json_text(to_json(objects)));
}

}  // namespace schemasync
