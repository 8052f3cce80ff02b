#include "apply/history.hpp"

#include <nlohmann/json.hpp>

#include "text/strings.hpp"

namespace schemasync {

std::string history_json(const Journal& journal) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Migration& m : journal.migrations) {
    list.push_back({{"id", m.id},
                    {"number", m.number},
                    {"status", to_text(m.status)},
                    {"applied_at", m.finished_at.empty() ? m.started_at : m.finished_at},
                    {"applied_by", m.applied_by},
                    {"summary", m.summary}});
    if (m.backup) list.back()["backup"] = {{"file", m.backup->file}, {"bytes", m.backup->bytes}};
    if (!m.restored_from.empty()) list.back()["restored_from"] = m.restored_from;
  }
  return list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::optional<Stopped> stopped_at(Connection& db, const Journal& journal) {
  const Migration* m = journal.interrupted();
  if (m == nullptr) return std::nullopt;
  const Plan plan = recorded_plan(db, m->number);
  const std::set<int> up = done_steps(db, m->number, Direction::up);
  const std::set<int> done =
      m->direction == Direction::up ? up : done_steps(db, m->number, Direction::down);
  // On the way back from an unfinished way up, only changes that had begun have steps to run.
  std::set<int> begun;
  for (const NumberedStep& step : steps_in_order(plan, Direction::up))
    if (up.contains(step.ordinal)) begun.insert(step.change);
  Stopped stopped;
  stopped.id = m->id;
  stopped.direction = m->direction;
  stopped.at = m->error.empty() ? std::string() : m->finished_at;
  stopped.error = m->error;
  for (const NumberedStep& step : steps_in_order(plan, m->direction)) {
    if (m->direction == Direction::down && !begun.contains(step.change)) continue;
    const Change& change = plan.changes[static_cast<std::size_t>(step.change) - 1];
    auto& list = done.contains(step.ordinal) ? stopped.done_steps : stopped.next_steps;
    list.emplace_back(step.ordinal, change.summary);
  }
  stopped.done = static_cast<int>(stopped.done_steps.size());
  stopped.total = stopped.done + static_cast<int>(stopped.next_steps.size());
  return stopped;
}

std::optional<std::vector<Difference>> drift_since(Connection& db, const Journal& journal,
                                                   const Definitions& live, const Scope& scope) {
  const auto standing = journal.standing();
  if (standing.empty() || journal.interrupted() != nullptr) return std::nullopt;
  const auto recorded = recorded_definitions(db, standing.back()->number);
  if (!recorded) return std::nullopt;
  const Definitions now = without_unmanaged(live, recorded->accepted, scope);
  return recorded->complete ? differences(recorded->accepted, now)
                            : differences_of_known(recorded->accepted, now);
}

std::int64_t kept_bytes(const Journal& journal) {
  std::int64_t bytes = 0;
  for (const KeptData& data : journal.kept) bytes += data.bytes;
  return bytes;
}

}  // namespace schemasync
