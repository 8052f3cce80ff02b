// The members of a plan as JSON values, and back: what plan_json.cpp makes the document of. The
// body comes from Plan's body members alone; what was observed (PlanRun) is apart, under keys of
// its own, which docs/plan.schema.json marks as run. Reading refuses what no plan holds, by its
// place.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "model/plan.hpp"

namespace schemasync {

// Changes by number, definitions as values where they are JSON.
nlohmann::json body_of(const Plan& plan);
// The keys of the run but those of single changes.
nlohmann::json run_of(const Plan& plan);
nlohmann::json code_of(const ChangeRun& run);
nlohmann::json result_of(const CheckResult& result, Samples samples);

// From the whole document, body and run; throws Error.
Plan read_plan(const nlohmann::json& document);

// "this is not a plan of schemasync: …"
[[noreturn]] void refuse_as_plan(const std::string& why);

}  // namespace schemasync
