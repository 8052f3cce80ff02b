#include "apply/inspect.hpp"

#include <algorithm>

#include "apply/checks.hpp"
#include "apply/drift.hpp"
#include "apply/publication.hpp"
#include "apply/stops.hpp"
#include "apply/undo.hpp"

namespace schemasync {
namespace {

void refuse_stale(Connection& db, const Plan& plan, const Definitions& live) {
  const std::string hint = "plan again, and apply the new plan";
  const int major = db.server_version() / 10000;
  if (plan.server_major != 0 && plan.server_major != major)
    throw Error("the plan was made for PostgreSQL " + std::to_string(plan.server_major) +
                    ", the target runs " + std::to_string(major),
                hint, ExitCode::stale);
  const std::vector<Difference> moved = moved_since(plan, live);
  if (!moved.empty())
    throw Error("the database is not as it was when this plan was made:" + listed(moved), hint,
                ExitCode::stale);
}

// An archive that the plan brings back must still be there.
void refuse_missing_archives(const Plan& plan, const Journal& journal) {
  for (const Change& change : plan.changes) {
    const bool found = change.restores == 0 || std::any_of(journal.kept.begin(), journal.kept.end(),
                                                           [&](const KeptData& data) {
                                                             return data.number == change.restores;
                                                           });
    if (!found)
      throw Error("the rows that \"" + change.summary + "\" would bring back (archive a" +
                      std::to_string(change.restores) + ") are not kept any more",
                  "plan again, and apply the new plan", ExitCode::stale);
  }
}

void stop_on_checks(Connection& db, const Plan& plan, const ApplyOptions& options) {
  StoppingChecks stopping;
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    const Change& change = plan.changes[i];
    const auto results = run_checks(db, change.checks, options.timeouts.statement_ms);
    for (std::size_t k = 0; k < results.size(); ++k)
      stopping.look_at(static_cast<int>(i) + 1, change, change.checks[k], results[k],
                       options.allow_unknown);
  }
  stopping.stop_if_any("a check stops this plan; nothing was changed:",
                       command("plan", options.target_option) + "  shows the repairs",
                       ExitCode::check_failed);
}

}  // namespace

Definitions inspected(Connection& db, const Plan& plan, const Journal& journal,
                      const ApplyOptions& options, const ApplyDoors& doors) {
  Definitions live = doors.read(db, plan.scope);
  refuse_stale(db, plan, live);
  refuse_missing_archives(plan, journal);
  if (!options.allow_publication) stop_before_publication(db, plan, journal.exists);
  stop_on_checks(db, plan, options);
  return live;
}

}  // namespace schemasync
