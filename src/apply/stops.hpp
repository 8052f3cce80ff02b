// Gathers the checks that stop an apply or a rollback, so that one message shows all of them.
#pragma once

#include <functional>
#include <string>

#include "model/plan.hpp"

namespace schemasync {

class StoppingChecks {
 public:
  // `number` is the change's, from 1. An unknown result stops unless allowed for the change.
  void look_at(int number, const Change& change, const Check& check, const CheckResult& result,
               const std::function<bool(const Change&)>& allow_unknown);
  // Shows the repairs of what failed, where no plan does.
  void look_at_with_repairs(int number, const Change& change, const Check& check,
                            const CheckResult& result,
                            const std::function<bool(const Change&)>& allow_unknown);
  // Throws Error with every result that stops.
  void stop_if_any(const std::string& what, const std::string& hint, ExitCode code) const;

 private:
  std::string found_;
};

}  // namespace schemasync
