#include "apply/publication.hpp"

#include <algorithm>
#include <optional>

#include "model/journal_sql.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

std::vector<std::string> publications_over_us(Connection& db) {
  // pg_publication_namespace: from 15.
  const Sql by_schema =
      db.server_version() < 150000
          ? sql("SELECT NULL::oid WHERE false")
          : sql("SELECT p.pnpubid FROM pg_publication_namespace AS p JOIN pg_namespace AS n ON "
                "n.oid = p.pnnspid WHERE n.nspname = 'schemasync'");
  const Rows rows =
      db.query(sql("SELECT pubname FROM pg_publication WHERE puballtables OR oid IN "
                   "({}) ORDER BY 1",
                   by_schema));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < rows.size(); ++i) names.push_back(display_name(rows.text(i, 0)));
  return names;
}

// A subscriber matches columns by name: at the first row with a column that it does not have, it
// stops. A list of columns (from 15) leaves the hidden one out.
std::optional<Error> over_hidden_column(Connection& db, const Plan& plan) {
  std::vector<Sql> tables;
  for (const Change& change : plan.changes)
    if (change.archive && change.archive->form == Archive::Form::in_place)
      tables.push_back(
          sql("({}, {})", Literal{change.object.schema}, Literal{change.object.table}));
  if (tables.empty()) return std::nullopt;
  const Sql listed =
      db.server_version() < 150000
          ? sql("false")
          : sql("EXISTS (SELECT FROM pg_publication_rel AS r JOIN pg_publication AS p ON p.oid = "
                "r.prpubid JOIN pg_class AS c ON c.oid = r.prrelid JOIN pg_namespace AS n ON n.oid "
                "= c.relnamespace WHERE p.pubname = t.pubname AND n.nspname = t.schemaname AND "
                "c.relname = t.tablename AND r.prattrs IS NOT NULL)");
  const Rows rows = db.query(
      sql("SELECT t.pubname, t.schemaname, t.tablename FROM pg_publication_tables AS t WHERE "
          "(t.schemaname, t.tablename) IN ({}) AND NOT {} ORDER BY 1, 2, 3 LIMIT 10",
          join(tables, ", "), listed));
  if (rows.size() == 0) return std::nullopt;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < rows.size(); ++i)
    lines.push_back(
        "publication " + display_name(rows.text(i, 0)) + " of table " +
        ObjectId{"table", std::string(rows.text(i, 1)), "", std::string(rows.text(i, 2))}.shown());
  return Error(
      "values that this plan keeps in their own table would go to subscribers, as a column "
      "that these do not have, and stop their replication:\n  " +
          joined(lines, "\n  "),
      "publish the table with a list of columns, or pause the subscription; then go on "
      "with --allow publication",
      ExitCode::refused);
}

std::optional<Error> publication_in_the_way(Connection& db, const Plan& plan, bool journal_exists) {
  if (std::optional<Error> stops = over_hidden_column(db, plan)) return stops;
  const bool keeps = std::any_of(plan.changes.begin(), plan.changes.end(),
                                 [](const Change& c) { return c.archive || c.restores != 0; });
  if (journal_exists && !keeps) return std::nullopt;
  const std::vector<std::string> names = publications_over_us(db);
  if (names.empty()) return std::nullopt;
  std::string hint;
  if (!journal_exists)
    hint = "run this on each subscriber first:\n\n" + create_journal_schema().str() + ";\n" +
           create_journal_tables().str() + ";\n\n";
  if (keeps)
    hint +=
        "the rows that this plan keeps go into new tables schemasync.a<n>: make them on each "
        "subscriber too, or pause its subscription\n";
  return Error("publication " + joined(names, ", ") +
                   " would send the journal and archives (schema schemasync) to subscribers that "
                   "do not have these tables, and stop their replication",
               hint + "then go on with --allow publication", ExitCode::refused);
}

}  // namespace

void stop_before_publication(Connection& db, const Plan& plan, bool journal_exists) {
  if (const std::optional<Error> stops = publication_in_the_way(db, plan, journal_exists))
    throw *stops;
}

std::optional<std::string> note_of_publication(Connection& db, const Plan& plan,
                                               bool journal_exists) {
  const std::optional<Error> stops = publication_in_the_way(db, plan, journal_exists);
  if (!stops) return std::nullopt;
  std::vector<std::string> lines;
  for (const std::string& line : split(stops->what(), '\n')) lines.emplace_back(trimmed(line));
  return "apply stops (exit 3) unless --allow publication stands on its command line: " +
         joined(lines, " ");
}

}  // namespace schemasync
