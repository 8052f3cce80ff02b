// A plan in the formats of --format and -o, which share one table.
#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/target.hpp"
#include "model/plan.hpp"

namespace schemasync {

// "text, json, sql, markdown", for the help.
std::string format_names();

// Refuses a --format that is not one of `known`, with the nearest.
void check_format(const std::string& format, const std::vector<std::string>& known);
// Before a database is contacted or anything is written: --format, and each -o FILE, whose
// extension (.txt, .json, .sql, .md) is its format and whose folder has to be there.
void check_outputs(const Options& options);

// What the formats say of an apply besides the plan; nothing for a plan of no target.
struct Announced {
  const Target* target = nullptr;
  int next_number = 0;  // of the migration that apply would record
  std::string backup = {};
};
Announced announced(const Target& target, const Plan& plan, int next_number);

// By the word of --format; sql with --down is the way back. With the operands of `diff`, its text
// and Markdown say only what differs.
std::string rendered(const Plan& plan, const std::string& format, const Options& options,
                     const Announced& apply);

// Writes all -o FILEs: each whole, and none where one cannot be written.
void write_outputs(const Plan& plan, const Options& options, const Announced& apply);

}  // namespace schemasync
