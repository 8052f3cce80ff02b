// Asks the target the read-only questions of a plan's changes, before anything runs. Used by plan
// (to show), apply and rollback (to stop). A check that runs past its timeout is unknown, never ok.
#pragma once

#include <vector>

#include "model/plan.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// One result for each check, in order. Each check is a read-only transaction of its own.
// timeout_ms: statement_timeout of each question; 0 = none. Throws Error for a question that the
// server refuses.
std::vector<CheckResult> run_checks(Connection& db, const std::vector<Check>& checks,
                                    std::int64_t timeout_ms);

// "{0} groups: {1} rows; {2} cards point at these" with 2, 1234 and 0 -> "2 groups: 1,234 rows": a
// clause behind the first one is left out when all its figures are 0.
std::string with_figures(std::string_view text, const std::vector<std::int64_t>& figures);

// What stopped, for the message of exit 4: the text, and the sample as a small table.
std::string shown_result(const CheckResult& result);

}  // namespace schemasync
