// A publication FOR ALL TABLES (or FOR TABLES IN SCHEMA schemasync) sends the journal's rows to
// subscribers that have no such tables, which stops their replication. Asked by apply before it
// makes the schema, and before a plan that makes archives.
#pragma once

#include <optional>
#include <string>

#include "model/plan.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// Throws Error (exit 3) with the SQL for the subscribers when there is such a publication.
void stop_before_publication(Connection& db, const Plan& plan, bool journal_exists);
// The same as a sentence of the plan: what apply will say, and what allows it.
std::optional<std::string> note_of_publication(Connection& db, const Plan& plan,
                                               bool journal_exists);

}  // namespace schemasync
