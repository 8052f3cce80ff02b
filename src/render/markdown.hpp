// A plan as a comment of a pull request: a table ranked by risk, what stops it, what the code still
// names, and each change folded with its reasons, SQL and repairs. Counts alone, unless samples are
// asked for. Always shorter than GitHub's limit for a comment; says what it left out. Built from a
// Plan alone; its first line tells a later run which comment to replace.
#pragma once

#include <string>

#include "model/plan.hpp"

namespace schemasync {

inline constexpr std::size_t comment_limit = 65'536;  // characters; counted here in bytes

struct MarkdownOptions {
  bool samples = false;            // rows that a check found
  int next_number = 0;             // of the migration that apply would record; 0: not said
  std::string backup = {};         // "A backup of note is taken first."; said with the number
  std::string target_option = {};  // "--env prod"; "": taken from the plan's env
  std::string from = {};           // of `diff`: its operands; then nothing is said of apply
  std::string to = {};
};

std::string plan_markdown(const Plan& plan, const MarkdownOptions& options);

}  // namespace schemasync
