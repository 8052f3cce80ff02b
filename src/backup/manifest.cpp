#include "backup/manifest.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "text/strings.hpp"

namespace schemasync {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view first_line = "-- A backup by schemasync. psql -f restores it too.";
constexpr int format = 1;

constexpr std::array<std::string_view, 4> kinds = {"full", "tables", "schema-only", "data-only"};

Json json_of(const Manifest& manifest) {
  Json tables = Json::array();
  for (const ObjectId& table : manifest.tables) tables.push_back(table.to_text().substr(6));
  return {{"format", format},
          {"schemasync", manifest.tool_version},
          {"kind", to_text(manifest.kind)},
          {"chosen_tables", manifest.chosen},
          {"database", manifest.database.name},
          {"system_identifier", manifest.database.system_identifier},
          {"database_oid", manifest.database.oid},
          {"journal", manifest.database.journal},
          {"server_version", manifest.server_version},
          {"migration", manifest.migration},
          {"taken_at", manifest.taken_at},
          {"as_recorded", manifest.as_recorded},
          {"schemas", manifest.schemas},
          {"publications", manifest.publications},
          {"event_triggers", manifest.event_triggers},
          {"tables", tables}};
}

Manifest manifest_of(const Json& json) {
  Manifest manifest;
  manifest.tool_version = json.at("schemasync");
  const std::string kind = json.at("kind");
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (kinds[i] == kind) manifest.kind = static_cast<BackupKind>(i);
  manifest.chosen = json.at("chosen_tables");
  manifest.database = {json.at("database"), json.at("system_identifier"), json.at("database_oid"),
                       json.at("journal")};
  manifest.server_version = json.at("server_version");
  manifest.migration = json.at("migration");
  manifest.taken_at = json.at("taken_at");
  manifest.as_recorded = json.at("as_recorded");
  manifest.schemas = json.at("schemas");
  manifest.publications = json.at("publications");
  manifest.event_triggers = json.at("event_triggers");
  for (const Json& table : json.at("tables"))
    manifest.tables.push_back(ObjectId::from_text("table " + table.get<std::string>()));
  return manifest;
}

// The comment's lines without their "-- ".
std::string uncommented(std::string_view text) {
  std::string out;
  for (const std::string& line : split(text, '\n')) {
    if (!line.starts_with("-- ")) break;
    out += line.substr(3) + "\n";
  }
  return out;
}

}  // namespace

const std::string_view last_line = "-- schemasync: the backup is complete.";

std::string_view to_text(BackupKind kind) { return kinds[static_cast<std::size_t>(kind)]; }

bool DatabaseIdentity::same_as(const DatabaseIdentity& other) const {
  return (!journal.empty() && journal == other.journal) ||
         (system_identifier == other.system_identifier && oid == other.oid);
}

DatabaseIdentity identity_of(Connection& db) {
  const Rows rows = db.query(
      sql("SELECT current_database(), (SELECT system_identifier FROM pg_control_system()), d.oid, "
          "EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
          "WHERE n.nspname = 'schemasync' AND c.relname = 'database' AND "
          "has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')) FROM "
          "pg_database AS d WHERE d.datname = current_database()"));
  DatabaseIdentity identity{std::string(rows.text(0, 0)), std::string(rows.text(0, 1)),
                            std::string(rows.text(0, 2)), ""};
  if (!rows.truth(0, 3)) return identity;
  const Rows journal = db.query(sql("SELECT id FROM schemasync.database"));
  if (journal.size() > 0) identity.journal = journal.text(0, 0);
  return identity;
}

std::string header_of(const Manifest& manifest) {
  std::string out(first_line);
  out += '\n';
  for (const std::string& line :
       split(json_of(manifest).dump(2, ' ', false, Json::error_handler_t::replace), '\n'))
    out += "-- " + line + "\n";
  return out + "\n";
}

std::optional<Manifest> parse_header(std::string_view beginning) {
  if (!beginning.starts_with(first_line)) return std::nullopt;
  beginning.remove_prefix(first_line.size());
  if (!beginning.empty() && beginning.front() == '\n') beginning.remove_prefix(1);
  const Json json = Json::parse(uncommented(beginning), nullptr, false);
  try {
    if (json.is_object() && json.at("format").get<int>() > format)
      throw Error("the backup was written by a newer schemasync (" +
                      json.at("schemasync").get<std::string>() + ")",
                  "use that version, or a newer one");
    return manifest_of(json);
  } catch (const Json::exception&) {
    throw Error("the comment block at the top of the backup is damaged",
                "put it back as it was written, or restore the file with psql -f");
  }
}

}  // namespace schemasync
