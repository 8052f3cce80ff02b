#include "apply/journal.hpp"

#include <array>

#include "model/journal_sql.hpp"
#include "pg/snapshot.hpp"

namespace schemasync {
namespace {

struct Found {
  bool schema = false;
  bool tables = false;
  bool readable = false;
};

// By the catalog: to_regclass raises an error where the schema's USAGE is missing.
Found look_for_journal(Connection& db) {
  const Rows rows = db.query(
      sql("SELECT count(c.oid) = 1, coalesce(bool_and(has_schema_privilege(n.oid, 'USAGE') AND "
          "has_table_privilege(c.oid, 'SELECT')), false) FROM pg_namespace AS n LEFT JOIN pg_class "
          "AS c ON c.relnamespace = n.oid AND c.relname = 'migration' AND c.relkind = 'r' WHERE "
          "n.nspname = 'schemasync' HAVING count(*) > 0"));
  if (rows.size() == 0) return {};
  return {true, rows.truth(0, 0), rows.truth(0, 1)};
}

// The format, and whether the journal was made in this very database of this very server.
std::string check_database(Connection& db) {
  const Rows rows = db.query(
      sql("SELECT j.format, j.tool_version, j.system_identifier = (SELECT system_identifier FROM "
          "pg_control_system()) AND j.database_oid = d.oid FROM schemasync.database AS j, "
          "pg_database AS d WHERE d.datname = current_database()"));
  if (rows.size() == 0)
    throw Error("the journal (schema schemasync) has lost its own description",
                "restore schema schemasync from a backup");
  if (rows.number(0, 0) > journal_format)
    throw Error("the journal (schema schemasync) was written by schemasync " +
                    std::string(rows.text(0, 1)) + ", in a newer format than this version reads",
                "use that version of schemasync, or a newer one");
  if (rows.truth(0, 2)) return {};
  return "The journal was made in another database: this one is a copy of it (a restored backup, "
         "say). If it lives on by itself, say so once: apply --adopt.";
}

MigrationStatus status_of(std::string_view text, const Migration& m) {
  if (text == "baseline") return MigrationStatus::baseline;
  if (text == "applied") return MigrationStatus::applied;
  if (text == "rolled_back") return MigrationStatus::rolled_back;
  // Killed behind the last step, or a rollback that was killed before its first commit.
  if (m.steps_down == 0 && m.up_is_complete()) return MigrationStatus::applied;
  return MigrationStatus::interrupted;
}

std::vector<Migration> read_migrations(Connection& db) {
  const Rows rows = db.query(sql(
      "SELECT m.number, m.id, m.status, m.direction, m.summary, m.plan_id, m.models_hash, "
      "m.tool_version, to_char(m.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), "
      "to_char(m.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), m.applied_by, "
      "m.error, m.steps, count(s.ordinal) FILTER (WHERE s.direction = 'up'), count(s.ordinal) "
      "FILTER (WHERE s.direction = 'down'), m.definitions IS NOT NULL, m.complete, m.backup, "
      "m.backup_bytes, m.restored_from FROM "
      "schemasync.migration AS m LEFT JOIN schemasync.step AS s ON s.migration = m.number AND "
      "s.status = 'done' WHERE m.status <> "
      "'failed' GROUP BY m.number ORDER BY m.number"));
  std::vector<Migration> migrations;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Migration m;
    m.number = static_cast<int>(rows.number(i, 0));
    m.id = rows.text(i, 1);
    m.direction = rows.text(i, 3) == "up" ? Direction::up : Direction::down;
    m.summary = rows.text(i, 4);
    m.plan_id = rows.text(i, 5);
    m.models_hash = rows.text(i, 6);
    m.tool_version = rows.text(i, 7);
    m.started_at = rows.text(i, 8);
    m.finished_at = rows.text(i, 9);
    m.applied_by = rows.text(i, 10);
    m.error = rows.text(i, 11);
    m.steps = static_cast<int>(rows.number(i, 12));
    m.steps_up = static_cast<int>(rows.number(i, 13));
    m.steps_down = static_cast<int>(rows.number(i, 14));
    m.settled = rows.truth(i, 15);
    m.complete = rows.truth(i, 16);
    if (!rows.is_null(i, 17))
      m.backup = BackupRecord{std::string(rows.text(i, 17)), rows.number(i, 18)};
    m.restored_from = rows.text(i, 19);
    if (rows.text(i, 2) == "rolling_back" && m.steps_down == 0) m.direction = Direction::up;
    m.status = status_of(rows.text(i, 2), m);
    const bool committed_nothing = m.status == MigrationStatus::interrupted && m.steps > 0 &&
                                   m.steps_up == 0 && m.steps_down == 0;
    if (!committed_nothing) migrations.push_back(std::move(m));
  }
  return migrations;
}

std::vector<KeptData> read_kept(Connection& db) {
  const Rows rows = db.query(
      sql("SELECT a.n, a.migration, a.change, a.object, a.form, a.definition, a.relation, "
          "a.made_by, (SELECT array_agg(t.attname::text ORDER BY t.attnum) FROM pg_attribute AS t "
          "WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped AND NOT {}), "
          "coalesce(pg_total_relation_size(c.oid), 0), a.form IN ('in_place', 'filled'), (SELECT "
          "array_agg(format_type(t.atttypid, t.atttypmod) ORDER BY t.attnum) FROM pg_attribute AS "
          "t WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped AND NOT {}) FROM "
          "schemasync.archive "
          "AS a LEFT JOIN (pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace AND "
          "n.nspname = 'schemasync') ON c.relname = a.relation WHERE a.state = 'kept' ORDER BY "
          "a.n",
          is_hidden_column(sql("t.attname")), is_hidden_column(sql("t.attname"))));
  bool any_in_place = false;
  for (std::size_t i = 0; i < rows.size(); ++i) any_in_place = any_in_place || rows.truth(i, 10);
  std::multimap<std::int64_t, HiddenColumn> hidden;
  if (any_in_place)
    for (HiddenColumn& one : hidden_columns(db)) hidden.emplace(one.archive, std::move(one));
  std::vector<KeptData> kept;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    KeptData data;
    data.number = rows.number(i, 0);
    data.migration = static_cast<int>(rows.number(i, 1));
    data.change = static_cast<int>(rows.number(i, 2));
    data.object = ObjectId::from_text(rows.text(i, 3));
    data.form = parse_archive_form(rows.text(i, 4)).value_or(Archive::Form::values);
    data.definition = rows.text(i, 5);
    data.relation = rows.text(i, 6);
    data.made_by = rows.text(i, 7) == "apply" ? Direction::up : Direction::down;
    data.columns = rows.list(i, 8);
    data.types = rows.list(i, 11);
    data.bytes = rows.number(i, 9);
    const auto [begin, end] = hidden.equal_range(data.number);
    for (auto one = begin; one != end; ++one) {
      data.bytes += one->second.bytes;
      if (data.columns.empty()) data.columns = {one->second.name};
    }
    kept.push_back(std::move(data));
  }
  return kept;
}

}  // namespace

std::vector<HiddenColumn> hidden_columns(Connection& db) {
  // Statistics follow a rename; without any, a column has its share of the table. A child inherits
  // the column and is no home of it.
  const Rows rows = db.query(
      sql("SELECT substring(a.attname from '^a([0-9]+)')::bigint, n.nspname, c.relname, a.attname, "
          "CASE WHEN c.reltuples > 0 THEN c.reltuples::numeric * coalesce((SELECT (1 - "
          "s.null_frac)::numeric * s.avg_width FROM pg_stats AS s WHERE s.schemaname = n.nspname "
          "AND s.tablename = c.relname AND s.attname = a.attname), nullif(greatest(a.attlen, 0), "
          "0), 16) ELSE pg_relation_size(c.oid)::numeric / greatest(c.relnatts, 1) END::bigint "
          "FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n "
          "ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT "
          "a.attisdropped AND a.attinhcount = 0 AND {} ORDER BY 1, 2, 3, 4",
          is_hidden_column(sql("a.attname"))));
  std::vector<HiddenColumn> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back({rows.number(i, 0),
                     {std::string(rows.text(i, 1)), std::string(rows.text(i, 2))},
                     std::string(rows.text(i, 3)),
                     rows.number(i, 4)});
  return found;
}

namespace {

// One value of one migration's row; nullopt where it is NULL.
std::optional<std::string> column_of(Connection& db, const Sql& column, int migration) {
  const Rows rows = db.query(sql("SELECT {} FROM schemasync.migration WHERE number = {}", column,
                                 std::int64_t{migration}));
  if (rows.size() == 0)
    throw Error("the journal (schema schemasync) holds no migration " + std::to_string(migration));
  return rows.maybe(0, 0);
}

}  // namespace

std::string_view to_text(MigrationStatus status) {
  static constexpr std::array<std::string_view, 4> names = {"baseline", "applied", "interrupted",
                                                            "rolled_back"};
  return names[static_cast<std::size_t>(status)];
}

std::vector<const Migration*> Journal::standing() const {
  std::vector<const Migration*> found;
  for (const Migration& m : migrations)
    if (m.status != MigrationStatus::rolled_back) found.push_back(&m);
  return found;
}

const Migration* Journal::interrupted() const {
  const auto all = standing();
  if (all.empty() || all.back()->status != MigrationStatus::interrupted) return nullptr;
  return all.back();
}

std::string Journal::last_id() const {
  const auto all = standing();
  return all.empty() ? std::string() : all.back()->id;
}

const Migration* Journal::find(int number) const {
  for (const Migration& m : migrations)
    if (m.number == number) return &m;
  return nullptr;
}

std::map<ObjectId, KeptData> Journal::kept_by_rollback() const {
  std::map<ObjectId, KeptData> newest;
  for (const KeptData& data : kept)
    if (data.made_by == Direction::down) newest.insert_or_assign(data.object, data);
  return newest;
}

Journal read_journal(Connection& db) {
  Journal journal;
  const Found found = look_for_journal(db);
  if (!found.tables) return journal;
  if (!found.readable)
    throw Error(
        "role " + display_name(db.query(sql("SELECT current_user")).text(0, 0)) +
            " may not read the journal (schema schemasync)",
        "connect as the role that owns schema schemasync, or set `role` in the env; for plan and "
        "status GRANT pg_read_all_data will do");
  journal.exists = true;
  const Snapshot snapshot(db);
  journal.note = check_database(db);
  journal.migrations = read_migrations(db);
  journal.kept = read_kept(db);
  const Rows purged = db.query(
      sql("SELECT DISTINCT migration FROM schemasync.archive WHERE state = 'purged' AND made_by = "
          "'apply'"));
  for (std::size_t i = 0; i < purged.size(); ++i)
    journal.purged.insert(static_cast<int>(purged.number(i, 0)));
  const Rows next = db.query(sql("SELECT coalesce(max(number), 0) + 1 FROM schemasync.migration"));
  journal.next_number = static_cast<int>(next.number(0, 0));
  return journal;
}

std::vector<ObjectId> never_managed(Connection& db, const Journal& journal,
                                    std::vector<ObjectId> objects) {
  if (!journal.exists || objects.empty()) return objects;
  const Rows rows = db.query(sql(
      "SELECT object FROM schemasync.managed JOIN jsonb_array_elements_text({}) AS asked(object) "
      "USING (object)",
      Literal{to_json(objects)}));
  std::set<std::string, std::less<>> managed;
  for (std::size_t i = 0; i < rows.size(); ++i) managed.emplace(rows.text(i, 0));
  std::erase_if(objects, [&](const ObjectId& id) { return managed.contains(id.to_text()); });
  return objects;
}

Plan recorded_plan(Connection& db, int migration) {
  return plan_from_json(*column_of(db, sql("plan"), migration));
}

Before recorded_before(Connection& db, int migration) {
  return before_from_json(*column_of(db, sql("before"), migration));
}

std::set<int> done_steps(Connection& db, int migration, Direction direction) {
  const Rows rows =
      db.query(sql("SELECT ordinal FROM schemasync.step WHERE migration = {} AND direction = {} "
                   "AND status = 'done'",
                   std::int64_t{migration}, Literal{std::string(to_text(direction))}));
  std::set<int> ordinals;
  for (std::size_t i = 0; i < rows.size(); ++i)
    ordinals.insert(static_cast<int>(rows.number(i, 0)));
  return ordinals;
}

std::optional<Recorded> recorded_definitions(Connection& db, int migration) {
  const std::optional<std::string> text = column_of(db, sql("definitions"), migration);
  if (!text) return std::nullopt;
  const bool complete = column_of(db, sql("complete"), migration) == "t";
  const std::optional<std::string> accepted = column_of(db, sql("accepted"), migration);
  Recorded recorded{definitions_from_json(*text), complete, {}};
  recorded.accepted = accepted ? definitions_from_json(*accepted) : recorded.definitions;
  return recorded;
}

}  // namespace schemasync
