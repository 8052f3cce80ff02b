// The end of a plan's text: what stands in the way of apply, and what to do next. Both speak of
// the plan alone; every command and option named here exists.
#pragma once

#include <string>
#include <vector>

#include "model/plan.hpp"
#include "render/page.hpp"
#include "render/text.hpp"

namespace schemasync {

// "STOP: …", one sentence for each reason why apply would change nothing.
std::vector<std::string> stops(const Plan& plan);

// What `apply` has to be told besides the target: "--allow high --allow data-loss".
std::string allowances(const Plan& plan);

void add_next_steps(const Plan& plan, const TextOptions& options, Page& page);

}  // namespace schemasync
