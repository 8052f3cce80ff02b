// Asks the target the read-only questions of a plan's changes, before anything runs. Used by plan
// (to show), apply and rollback (to stop). A check that runs past its timeout is unknown, never ok.
#pragma once

#include <vector>

#include "model/plan.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// In a read-only transaction of its own. timeout_ms: statement_timeout of the question; 0 = none.
// Throws DatabaseError for a question that the server refuses.
CheckResult run_check(Connection& db, const Check& check, std::int64_t timeout_ms);
// One result for each check of a way up, in order. What the models' SQL in it makes the server
// refuse has failed.
std::vector<CheckResult> run_checks(Connection& db, const std::vector<Check>& checks,
                                    std::int64_t timeout_ms);
// Does the server miss something that an earlier step makes: a column, table, type, or what goes by
// it? Or has a step made by now what the question makes up?
bool asks_too_early(const DatabaseError& error);

// What stopped, for the message of exit 4: the text, and the sample as a small table.
std::string shown_result(const CheckResult& result);

}  // namespace schemasync
