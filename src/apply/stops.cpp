#include "apply/stops.hpp"

#include "apply/checks.hpp"
#include "text/figures.hpp"
#include "text/strings.hpp"

namespace schemasync {

void StoppingChecks::look_at(int number, const Change& change, const Check& check,
                             const CheckResult& result,
                             const std::function<bool(const Change&)>& allow_unknown) {
  const bool unknown = check.stops && result.status == CheckResult::Status::unknown &&
                       !(allow_unknown && allow_unknown(change));
  if (result.status != CheckResult::Status::failed && !unknown) return;
  found_ += "\n  #" + std::to_string(number) + " " + change.summary + "\n  " +
            (unknown ? "unknown  " : "FAIL  ") + shown_result(result);
  if (unknown) found_ += "\n  go on without the answer: --allow " + change.rule;
}

void StoppingChecks::look_at_with_repairs(int number, const Change& change, const Check& check,
                                          const CheckResult& result,
                                          const std::function<bool(const Change&)>& allow_unknown) {
  look_at(number, change, check, result, allow_unknown);
  if (result.status != CheckResult::Status::failed) return;
  for (const Repair& repair : check.repairs)
    found_ += "\n  Repair, for you to run with psql: " + with_figures(repair.title, result.counts) +
              "\n    " + joined(split(repair.sql.str(), '\n'), "\n    ");
}

void StoppingChecks::stop_if_any(const std::string& what, const std::string& hint,
                                 ExitCode code) const {
  if (!found_.empty()) throw Error(what + found_, hint, code);
}

}  // namespace schemasync
