#include "model/plan.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace schemasync {

std::string_view to_text(CheckResult::Status status) {
  static constexpr std::array<std::string_view, 4> names = {"ok", "warn", "failed", "unknown"};
  return names[static_cast<std::size_t>(status)];
}

Level shown_level(const Plan& plan, std::size_t change) {
  const Level body = plan.changes[change].risk.level;
  if (change >= plan.run.changes.size()) return body;
  return std::max(body, plan.run.changes[change].level);
}

std::int64_t code_places(const Plan& plan, std::size_t change) {
  std::int64_t places = 0;
  if (change < plan.run.changes.size())
    for (const CodeUse& use : plan.run.changes[change].code) places += use.count;
  return places;
}

std::vector<std::size_t> ranked(const Plan& plan) {
  std::vector<std::size_t> order(plan.changes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (plan.changes[a].unmanaged != plan.changes[b].unmanaged) return plan.changes[a].unmanaged;
    return shown_level(plan, a) > shown_level(plan, b);
  });
  return order;
}

Plan without_facts(Plan plan) {
  plan.run.time.clear();
  plan.run.tables.clear();
  plan.run.changes.clear();
  plan.run.code = {};
  return plan;
}

}  // namespace schemasync
