// What stands around the models' objects in the target and is in no model, made in a scratch
// database so that expressions and views may name it: as much of it as that takes.
#pragma once

#include "kinds/schema_of.hpp"
#include "pg/connection.hpp"
#include "pg/server.hpp"

namespace schemasync {

// Runs what may fail without consequence: a stub that the models may not need at all.
void attempt(Connection& db, const Sql& statement);

// Extensions, types, functions and aggregates. `base` and `asked`: what the scratch database gets
// of the models.
void copy_surroundings(Connection& target, const ScratchDatabase& scratch, const Schema& base,
                       const Schema& asked, Connection& owner);

// A view may read what is in no model, or is not asked about now: partitioned and foreign tables,
// materialized views, tables out of scope, views that stay as they are. Each gets a stand-in with
// the columns that it has in the target: a view without rows for a view, a plain table for the
// others.
void stand_in(Connection& target, const Schema& base, const Schema& asked, Connection& owner);

}  // namespace schemasync
