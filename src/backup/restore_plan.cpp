#include "backup/restore_plan.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "backup/backup_file.hpp"
#include "backup/script.hpp"
#include "pg/client_program.hpp"
#include "text/strings.hpp"

namespace schemasync {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view custom_format = "PGDMP";

std::string shown(const std::vector<ObjectId>& tables) {
  std::vector<std::string> names;
  for (const ObjectId& table : tables) {
    if (names.size() == 10) {
      names.push_back("and " + std::to_string(tables.size() - 10) + " more");
      break;
    }
    names.push_back(table.shown());
  }
  return joined(names, ", ");
}

std::vector<ObjectId> with_rows(const std::vector<TableRows>& tables) {
  std::vector<ObjectId> found;
  for (const TableRows& one : tables)
    if (one.rows > 0) found.push_back(one.table);
  return found;
}

void refuse_rows(Connection& db, const std::vector<ObjectId>& tables, const std::string& hint) {
  const std::vector<ObjectId> full = with_rows(rows_in(db, tables));
  if (full.empty()) return;
  throw Error(
      (full.size() == 1 ? "this table has rows: " : "these tables have rows: ") + shown(full),
      hint);
}

void refuse_missing(Connection& db, const std::vector<ObjectId>& tables) {
  const std::vector<ObjectId> there = existing(db, tables);
  for (const ObjectId& table : tables)
    if (std::find(there.begin(), there.end(), table) == there.end())
      throw Error("table " + table.shown() + " is not there, and only its rows would be restored",
                  "make it first (schemasync apply), or restore a backup that holds the table too");
}

// "schema app", "table expense": what of these schemas is there already; of public its objects.
std::vector<std::string> in_the_way(Connection& db, const std::vector<std::string>& schemas) {
  std::vector<Sql> names;
  for (const std::string& schema : schemas) names.emplace_back(Literal{schema});
  if (names.empty()) return {};
  const Rows rows = db.query(
      sql("SELECT 'schema ' || quote_ident(n.nspname) FROM pg_namespace AS n WHERE n.nspname <> "
          "'public' AND n.nspname IN ({}) UNION ALL SELECT pg_describe_object(d.classid, d.objid, "
          "0) FROM pg_depend AS d JOIN pg_namespace AS n ON n.oid = d.refobjid WHERE d.refclassid "
          "= 'pg_namespace'::regclass AND n.nspname = 'public' AND 'public' IN ({}) AND d.deptype "
          "= 'n' AND d.classid <> 'pg_extension'::regclass AND NOT EXISTS (SELECT FROM pg_depend "
          "AS e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')",
          join(names, ", "), join(names, ", ")));
  std::vector<std::string> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.emplace_back(rows.text(i, 0));
  return found;
}

std::vector<ObjectId> tables_in(Connection& db, const std::vector<std::string>& schemas) {
  std::vector<ObjectId> found;
  for (const ObjectId& table : all_tables(db))
    if (std::find(schemas.begin(), schemas.end(), table.schema) != schemas.end())
      found.push_back(table);
  return found;
}

// A dump of definitions that takes the place of tables with rows would lose these.
void refuse_to_lose_rows(Connection& db, const std::vector<ObjectId>& tables) {
  refuse_rows(db, tables, "a schema-only backup holds no rows: restoring it would lose these");
}

RestorePlan everything(Connection& db, const RestoreSource& source, bool drop) {
  const Manifest& manifest = *source.manifest;
  RestorePlan plan;
  plan.whole = true;
  plan.tables = manifest.tables;
  const std::vector<std::string> there = in_the_way(db, manifest.schemas);
  if (there.empty()) return plan;
  if (!drop) {
    std::vector<std::string> some(there.begin(),
                                  there.begin() + std::min<std::ptrdiff_t>(std::ssize(there), 10));
    throw Error("the database is not empty: " + joined(some, ", ") +
                    (there.size() > some.size()
                         ? " and " + std::to_string(there.size() - some.size()) + " more"
                         : ""),
                "--drop drops everything in " + joined(manifest.schemas, ", ") +
                    " first; -t TABLE restores the rows of one table alone");
  }
  const std::vector<ObjectId> tables = tables_in(db, manifest.schemas);
  if (manifest.kind == BackupKind::schema_only) refuse_to_lose_rows(db, tables);
  plan.overwritten = rows_in(db, tables);
  plan.around.before.push_back(drop_everything(
      {manifest.schemas, manifest.publications, manifest.event_triggers, source.large_objects}));
  return plan;
}

RestorePlan whole_tables(Connection& db, const Manifest& manifest, bool drop) {
  RestorePlan plan;
  plan.tables = manifest.tables;
  const std::vector<ObjectId> there = existing(db, manifest.tables);
  if (!drop && !there.empty())
    throw Error(
        (there.size() == 1 ? "this table is there already: " : "these tables are there already: ") +
            shown(there),
        "--drop drops what is there first; -t TABLE restores rows alone");
  if (manifest.kind == BackupKind::schema_only) refuse_to_lose_rows(db, there);
  plan.overwritten = rows_in(db, there);
  plan.around = drop_tables(db, there);
  return plan;
}

// Sequences that the tables own go on behind the highest number that came.
void after_rows(Connection& db, const std::vector<ObjectId>& tables, Around& around) {
  const Rows rows = db.query(
      sql("SELECT tn.nspname, t.relname, a.attname, sn.nspname, s.relname FROM pg_depend AS d JOIN "
          "pg_class AS s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace AS sn ON sn.oid "
          "= s.relnamespace JOIN pg_sequence AS q ON q.seqrelid = s.oid AND q.seqincrement > 0 "
          "JOIN pg_class AS t ON t.oid = d.refobjid JOIN pg_namespace AS tn ON tn.oid = "
          "t.relnamespace JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = "
          "d.refobjsubid WHERE d.classid = 'pg_class'::regclass AND d.refclassid = "
          "'pg_class'::regclass AND d.deptype IN ('a', 'i') ORDER BY 1, 2, 3"));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId table{"table", std::string(rows.text(i, 0)), "", std::string(rows.text(i, 1))};
    if (std::find(tables.begin(), tables.end(), table) == tables.end()) continue;
    const QualifiedName sequence{std::string(rows.text(i, 3)), std::string(rows.text(i, 4))};
    around.after.push_back(
        sql("SELECT setval({}, m.highest) FROM (SELECT max({}) AS highest FROM {}) AS m, {} AS s "
            "WHERE m.highest > s.last_value OR (m.highest = s.last_value AND NOT s.is_called)",
            Literal{Sql(sequence).str()}, Identifier{std::string(rows.text(i, 2))},
            QualifiedName{table.schema, table.name}, sequence));
  }
}

RestorePlan rows_of_tables(Connection& db, const RestoreSource& source,
                           const RestoreRequest& request) {
  RestorePlan plan;
  plan.rows_only = true;
  for (const std::string& name : request.tables) {
    const ObjectId table = parse_table(name);
    if (!source.rows.contains(table)) {
      std::vector<std::string> known;
      for (const auto& [one, count] : source.rows) known.push_back(one.shown());
      const std::optional<std::string> near = nearest(table.shown(), known);
      throw Error(source.file.string() + " holds no rows of " + table.shown(),
                  near ? "did you mean \"" + *near + "\"?"
                       : "it holds rows of " + (known.empty() ? "no table" : joined(known, ", ")));
    }
    plan.tables.push_back(table);
  }
  refuse_missing(db, plan.tables);
  if (!request.drop) refuse_rows(db, plan.tables, "--drop empties it first");
  plan.overwritten = rows_in(db, plan.tables);
  plan.around = load_rows(db, plan.tables, request.drop ? OldRows::emptied : OldRows::none);
  after_rows(db, plan.tables, plan.around);
  return plan;
}

RestorePlan rows_alone(Connection& db, const Manifest& manifest, bool drop) {
  RestorePlan plan;
  plan.tables = manifest.tables;
  refuse_missing(db, plan.tables);
  if (!drop) refuse_rows(db, plan.tables, "--drop empties them first");
  plan.overwritten = rows_in(db, plan.tables);
  plan.around = load_rows(db, plan.tables, drop ? OldRows::emptied : OldRows::none);
  return plan;
}

RestorePlan foreign_file(Connection& db, const RestoreSource& source, bool drop) {
  if (drop)
    throw Error("--drop works on files of `schemasync backup`, which say what they hold; " +
                    source.file.string() + " does not",
                "drop by hand what it brings, or restore the rows of single tables with -t");
  const std::vector<ObjectId> there = existing(db, source.created);
  if (!there.empty())
    throw Error("the file makes what is there already: " + shown(there),
                "restore it into an empty database, or the rows of single tables with -t");
  RestorePlan plan;
  plan.tables = source.created;
  std::vector<ObjectId> filled;
  for (const auto& [table, count] : source.rows)
    if (std::find(source.created.begin(), source.created.end(), table) == source.created.end())
      filled.push_back(table);
  refuse_missing(db, filled);
  refuse_rows(db, filled, "-t TABLE --drop empties a table and restores its rows");
  plan.around = load_rows(db, filled, OldRows::none);
  plan.tables.insert(plan.tables.end(), filled.begin(), filled.end());
  return plan;
}

}  // namespace

RestoreSource::RestoreSource(const fs::path& path, int server_major) : file(path), text(path) {
  std::ifstream in(file, std::ios::binary);
  char magic[5] = {};
  if (!in || fs::is_directory(file))
    throw Error("cannot read " + file.string(), "schemasync backup --list shows the backups");
  in.read(magic, sizeof magic);
  if (std::string_view(magic, static_cast<std::size_t>(in.gcount())) == custom_format)
    unpack(server_major);
  try {
    read();
  } catch (const Error& error) {
    if (text != file) unlink(text.c_str());
    throw Error(file.string() + " cannot be restored: " + error.what(), error.hint());
  }
}

RestoreSource::~RestoreSource() {
  if (text != file) unlink(text.c_str());
}

void RestoreSource::unpack(int server_major) {
  const ClientTools tools = find_client_tools(server_major);
  std::string name = (fs::temp_directory_path() / "schemasync-restore-XXXXXX").string();
  const Descriptor out(mkstemp(name.data()));  // 0600
  if (out.get() < 0)
    throw Error("cannot make a temporary file in " + fs::temp_directory_path().string());
  text = name;
  ClientProgram program({tools.program("pg_restore"), "--file=-", file.string()}, "", out.get());
  if (program.finish() == 0) return;
  unlink(text.c_str());
  throw Error(file.string() + " cannot be read: " + program.errors());
}

void RestoreSource::read() {
  if (file.extension() == ".csv")
    throw Error(file.string() + " holds values, no statements: columns of a table as CSV",
                "psql reads it: \\copy TABLE (COLUMN, …) FROM '" + file.string() +
                    "' WITH (FORMAT csv, HEADER)");
  if (text == file) manifest = parse_header(beginning_of(file));
  if (manifest && !is_complete(file))
    throw Error("it is not complete: its last line is missing",
                "a dump that was interrupted cannot be restored: take another backup");
  std::ifstream in(text, std::ios::binary);
  Script script;
  bool of_pg_dump = false;
  bool is_ended = false;
  std::set<ObjectId> made;
  for (std::string line; std::getline(in, line);) {
    const Script::Line kind = script.take(line);
    if (kind == Script::Line::row) {
      ++rows[script.copied()];
      continue;
    }
    if (kind == Script::Line::copy) rows.try_emplace(script.copied(), 0);
    for (ObjectId& table : script.take_created())
      if (made.insert(table).second) created.push_back(std::move(table));
    if (kind != Script::Line::sql) continue;
    of_pg_dump = of_pg_dump || line == "-- PostgreSQL database dump";
    is_ended = is_ended || line == "-- PostgreSQL database dump complete";
    constexpr std::string_view makes_large_object = "SELECT pg_catalog.lo_create('";
    if (line.starts_with(makes_large_object))
      large_objects.push_back(
          line.substr(makes_large_object.size(),
                      line.find('\'', makes_large_object.size()) - makes_large_object.size()));
  }
  script.end();
  if (script.is_empty())
    throw Error("it is empty: no statement stands in it",
                "schemasync backup --list shows the backups");
  if (of_pg_dump && !is_ended)
    throw Error("it is not complete: pg_dump's last line is missing",
                "a dump that was interrupted cannot be restored: take another backup");
}

RestorePlan plan_restore(Connection& db, const RestoreSource& source,
                         const RestoreRequest& request) {
  if (!request.tables.empty()) return rows_of_tables(db, source, request);
  if (!source.manifest) return foreign_file(db, source, request.drop);
  const Manifest& manifest = *source.manifest;
  switch (manifest.kind) {
    case BackupKind::full:
      return everything(db, source, request.drop);
    case BackupKind::schema_only:
      return manifest.chosen ? whole_tables(db, manifest, request.drop)
                             : everything(db, source, request.drop);
    case BackupKind::tables:
      return whole_tables(db, manifest, request.drop);
    case BackupKind::data_only:
      break;
  }
  return rows_alone(db, manifest, request.drop);
}

void rehearse(Connection& db, const RestorePlan& plan) {
  const Transaction taken_back(db);
  for (const Sql& statement : plan.around.before) {
    try {
      db.execute(statement);
    } catch (const DatabaseError& error) {
      std::string what = error.what();
      if (error.sqlstate() == "SS003")
        throw Error("refused: what the backup does not hold would go too: " +
                        what.substr(0, what.find("\nCONTEXT")),
                    "drop it first, if it may go, or move it out of the way", ExitCode::refused);
      if (error.sqlstate() == "2BP01")
        throw Error("refused: " + what.substr(0, what.find("\nHINT")),
                    "drop what stands on it first, or restore its rows alone with -t",
                    ExitCode::refused);
      throw;
    }
  }
}

}  // namespace schemasync
