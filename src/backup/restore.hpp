// Runs a restore: what goes first, the file, what is made again and what is written down, all in
// one transaction of one psql. A restore that fails changes nothing.
#pragma once

#include <vector>

#include "backup/dump.hpp"
#include "backup/restore_plan.hpp"

namespace schemasync {

// `last`: statements for the end of the same transaction (the journal's).
void run_restore(Connection& db, const ProgramTarget& target, const RestoreSource& source,
                 const RestorePlan& plan, const std::vector<Sql>& last);

}  // namespace schemasync
