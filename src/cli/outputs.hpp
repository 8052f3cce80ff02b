// A plan in the formats of --format and -o, which share one table.
#pragma once

#include <string>

#include "cli/options.hpp"
#include "cli/target.hpp"
#include "model/plan.hpp"

namespace schemasync {

// "text", "json" or "sql" (with --down: the way back). Throws Error for a format that is not there.
std::string rendered(const Plan& plan, const std::string& format, const Options& options,
                     const Target* target, int next_number);

// Writes each -o FILE, its format taken from the extension (.txt, .json, .sql).
void write_outputs(const Plan& plan, const Options& options, const Target* target, int next_number);

}  // namespace schemasync
