#include "apply/publication.hpp"

#include <algorithm>

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

}  // namespace

void stop_before_publication(Connection& db, const Plan& plan, bool journal_exists) {
  const bool keeps = std::any_of(plan.changes.begin(), plan.changes.end(),
                                 [](const Change& c) { return c.archive || c.restores != 0; });
  if (journal_exists && !keeps) return;
  const std::vector<std::string> names = publications_over_us(db);
  if (names.empty()) return;
  std::string hint;
  if (!journal_exists)
    hint = "run this on each subscriber first:\n\n" + create_journal_schema().str() + ";\n" +
           create_journal_tables().str() + ";\n\n";
  if (keeps)
    hint +=
        "the rows that this plan keeps go into new tables schemasync.a<n>: make them on each "
        "subscriber too, or pause its subscription\n";
  throw Error("publication " + joined(names, ", ") +
                  " would send the journal and archives (schema schemasync) to subscribers that "
                  "do not have these tables, and stop their replication",
              hint + "then go on with --allow publication", ExitCode::refused);
}

}  // namespace schemasync
