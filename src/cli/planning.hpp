// The pipeline that plan, apply and status share: models and database in, plan out.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "apply/journal.hpp"
#include "cli/target.hpp"
#include "load/catalog.hpp"
#include "load/models.hpp"
#include "model/plan.hpp"

namespace schemasync {

struct PlanningOptions {
  bool checks = true;                               // ask the target the checks' questions
  bool discard_kept = false;                        // leave what a rollback kept where it is
  bool allow_publication = false;                   // no word of one that would stop apply
  std::function<void(const std::string&)> at = {};  // "reading the catalog", for the progress line
  // The application's source, searched for names that change (config.hpp, code_to_search).
  std::vector<std::filesystem::path> code = {};
  CatalogAhead* ahead = nullptr;  // of the target's connection, when it was begun
};

// The models and the target with its journal, the one read while the other is opened. What is wrong
// with the models is said before what is wrong with the target; no embedded server is started for
// wrong models.
struct Opened {
  Models models;
  Target target;
  std::unique_ptr<CatalogAhead> ahead;
  Journal journal;
};
Opened open_models_and_target(const Options& options, const Config& config);

// Changes nothing on the target. Throws MistakesError for models that PostgreSQL refuses.
Plan make_plan(Target& target, Models models, const Journal& journal,
               const PlanningOptions& options);

// What models leave to the database that they are compared with: who owns what has no owner there,
// and what that server calls the roles.
struct RolesThere {
  std::string owner;
  std::map<std::string, std::string> names;
};
// One side of a comparison without a target: a folder, a plan file, a database read before.
struct Side {
  Schema schema;
  bool of_models = false;
};
Plan plan_between(Side from, Side to, const RolesThere& roles, const Scope& scope,
                  const Naming& naming, ShadowServer& shadow);

// Do its notes name what schemasync does not model?
bool leaves_something_unmodelled(const Plan& plan);

// Searches the source, and puts what it finds into the plan's run.
void find_code_uses(Plan& plan, const std::vector<std::filesystem::path>& code,
                    const std::filesystem::path& models);
// load_catalog(), which says who is in the way when a table is held by another session.
Schema read_live(Connection& db, const Scope& scope, CatalogAhead* ahead = nullptr);

// The catalog as definitions, for apply/ and status.
ReadDefinitions definitions_reader();

// Throws MistakesError for roles and external tables of the models that the target does not have.
void refuse_what_is_not_there(Target& target, const Schema& wanted, const Schema& live);

// Resolves the types that models name but PostgreSQL does not bring: enums of the models, and what
// the target has. Throws MistakesError for those that neither has.
void resolve_model_types(Models& models, Connection* target);

}  // namespace schemasync
