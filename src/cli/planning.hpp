// The pipeline that plan, apply and status share: models and database in, plan out.
#pragma once

#include <string>
#include <vector>

#include "apply/journal.hpp"
#include "cli/target.hpp"
#include "load/models.hpp"
#include "model/plan.hpp"

namespace schemasync {

struct PlanningOptions {
  bool checks = true;         // ask the target the checks' questions
  bool discard_kept = false;  // leave what a rollback kept where it is
};

// Changes nothing on the target. Throws MistakesError for models that PostgreSQL refuses.
Plan make_plan(Target& target, Models models, const Journal& journal,
               const PlanningOptions& options);

// Two schemas without a target: folders, plan files, databases read before.
Plan plan_between(Schema from, Schema to, const Scope& scope, const Naming& naming,
                  ShadowServer& shadow);

// The catalog as definitions, for apply/ and status.
ReadDefinitions definitions_reader();

// Resolves the types that models name but PostgreSQL does not bring: enums of the models, and what
// the target has. Throws MistakesError for those that neither has.
void resolve_model_types(Models& models, Connection* target);

}  // namespace schemasync
