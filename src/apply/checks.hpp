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

// What stopped, for the message of exit 4: the text, and the sample as a small table.
std::string shown_result(const CheckResult& result);

}  // namespace schemasync
