// What `plan` and `diff` print for people: changes ranked by risk, each with why, checks, what it
// blocks, backup, undo; then what to do next. Built from a Plan alone, so that a saved plan prints
// as a fresh one does. Names only commands and options that this version has.
#pragma once

#include <string>
#include <string_view>

#include "model/plan.hpp"

namespace schemasync {

struct TextOptions {
  bool colour = false;        // on the level, FAIL and warn alone
  bool samples = true;        // rows that a check found
  bool facts = true;          // false: nothing that was counted or timed; two runs print the same
  bool verbose = false;       // low changes in full, however many
  int next_number = 0;        // of the migration that apply would record; 0: not said
  std::string backup;         // "A backup of note is taken first."; said with the number
  std::string lock_timeout;   // "3s"; "": not said
  std::string target_option;  // named in next commands: "--env prod"; "": taken from the plan's env
};

std::string plan_text(const Plan& plan, const TextOptions& options);

// Only what differs: `from` and `to` are the operands as the user named them.
std::string diff_text(const Plan& plan, std::string_view from, std::string_view to,
                      const TextOptions& options);

// "2 changes: 2 high, 0 medium, 0 low. 1 breaks running code: #2."
std::string summary_line(const Plan& plan);
// "--env prod", "--url URL", or "" for the default env: what a next command needs to find the
// target.
std::string target_option(const PlanRun& run);

}  // namespace schemasync
