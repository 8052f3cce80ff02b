#include "backup/dump.hpp"

#include "backup/backup_file.hpp"
#include "backup/tables.hpp"
#include "pg/client_program.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

std::vector<std::string> texts_of(const Rows& rows) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < rows.size(); ++i) texts.emplace_back(rows.text(i, 0));
  return texts;
}

Manifest manifest_for(Connection& db, const DumpRequest& request) {
  Manifest manifest;
  manifest.tool_version = SCHEMASYNC_VERSION;
  manifest.kind = request.kind;
  manifest.chosen = !request.tables.empty();
  manifest.database = identity_of(db);
  manifest.server_version = std::to_string(db.server_version() / 10000) + "." +
                            std::to_string(db.server_version() % 10000);
  manifest.migration = request.migration;
  manifest.taken_at = iso_time();
  manifest.as_recorded = request.as_recorded;
  manifest.tables = manifest.chosen ? request.tables : all_tables(db);
  if (manifest.chosen) return manifest;
  manifest.schemas =
      texts_of(db.query(sql("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname "
                            "<> 'information_schema' AND (nspname <> 'schemasync' OR {}) ORDER BY "
                            "1",
                            request.kind == BackupKind::full ? sql("true") : sql("false"))));
  if (request.kind != BackupKind::full) return manifest;
  manifest.publications = texts_of(db.query(sql("SELECT pubname FROM pg_publication ORDER BY 1")));
  manifest.event_triggers =
      texts_of(db.query(sql("SELECT evtname FROM pg_event_trigger ORDER BY 1")));
  return manifest;
}

// pg_dump's patterns take what is double-quoted as it stands.
std::string pattern_of(const ObjectId& table) {
  return Sql(QualifiedName{table.schema, table.name}).str();
}

std::vector<std::string> dump_command(const ClientTools& tools, const ProgramTarget& target,
                                      const DumpRequest& request) {
  std::vector<std::string> command = {tools.program("pg_dump")};
  for (std::string& argument : connection_arguments(target.url))
    command.push_back(std::move(argument));
  command.push_back("--no-password");
  // As long as a segment of apply would wait, with its repetitions; never for ever.
  if (target.lock_timeout_ms > 0)
    command.push_back("--lock-wait-timeout=" + std::to_string(10 * target.lock_timeout_ms));
  if (!target.role.empty()) command.push_back("--role=" + target.role);
  if (request.kind == BackupKind::schema_only) command.push_back("--schema-only");
  if (request.kind == BackupKind::data_only) command.push_back("--data-only");
  for (const ObjectId& table : request.tables) command.push_back("--table=" + pattern_of(table));
  if (request.kind != BackupKind::full && request.tables.empty())
    command.push_back("--exclude-schema=schemasync");
  return command;
}

std::string first_error(const std::string& said) {
  for (const std::string& line : split(said, '\n'))
    if (line.find("error: ") != std::string::npos || line.starts_with("ERROR:")) return said;
  return said.empty() ? "it said nothing" : said;
}

void finish(ClientProgram& program, const std::string& name, const ProgramTarget& target) {
  const int code = program.finish(target.stop);
  if (program.was_stopped()) throw Error("stopped by a signal: no backup was taken");
  if (code != 0)
    throw Error("no backup was taken: " + name + " failed: " + first_error(program.errors()),
                "the database is as it was; pg_dump needs SELECT on every table that it dumps");
}

BackupTaken kept(PartialFile& file) {
  BackupTaken taken;
  taken.file = file.keep();
  taken.bytes = static_cast<std::int64_t>(std::filesystem::file_size(taken.file));
  return taken;
}

}  // namespace

BackupTaken take_backup(Connection& db, const ProgramTarget& target, const DumpRequest& request) {
  const ClientTools tools = find_client_tools(db.server_version() / 10000);
  const std::vector<std::string> command = dump_command(tools, target, request);
  PartialFile file(request.file);
  file.write(header_of(manifest_for(db, request)));
  ClientProgram program(command, target.url, file.descriptor());
  finish(program, "pg_dump", target);
  file.write(std::string(last_line) + "\n");
  return kept(file);
}

BackupTaken export_csv(Connection& db, const ProgramTarget& target, const ObjectId& table,
                       const std::vector<std::string>& columns, const std::filesystem::path& file) {
  const ClientTools tools = find_client_tools(db.server_version() / 10000);
  std::vector<std::string> command = {tools.program("psql"), "-X", "-q",
                                      "--no-password",       "-v", "ON_ERROR_STOP=1"};
  for (std::string& argument : connection_arguments(target.url))
    command.push_back(std::move(argument));
  PartialFile partial(file);
  ClientProgram program(command, target.url, partial.descriptor());
  Sql script =
      sql("SET client_encoding = 'UTF8'; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET "
          "IntervalStyle = 'postgres'; SET extra_float_digits = 3; SET row_security = off; SET "
          "statement_timeout = 0; ");
  if (!target.role.empty()) script += sql("SET ROLE {}; ", Identifier{target.role});
  script += sql("COPY (SELECT {} FROM {}) TO STDOUT WITH (FORMAT csv, HEADER true);\n",
                identifiers(columns), QualifiedName{table.schema, table.name});
  program.write(script.str());
  finish(program, "psql", target);
  return kept(partial);
}

}  // namespace schemasync
