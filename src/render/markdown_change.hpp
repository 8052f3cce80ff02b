// One change in a Markdown comment: its row in the table, and what is folded below it in two parts
// that can be left out one by one.
#pragma once

#include <set>
#include <string>

#include "model/plan.hpp"

namespace schemasync {

std::string level_markdown(Level level);  // "🔴 high"

class ChangeMarkdown {
 public:
  ChangeMarkdown(const Plan& plan, bool samples);

  std::string row(std::size_t index) const;
  std::string opening(std::size_t index) const;  // <details><summary>…, why, breaks, locks, checks
  std::string statements(std::size_t index) const;  // SQL up and down
  static std::string closing() { return "</details>\n\n"; }
  // "debitcard.daily_limit" in a summary stands as code.
  std::string summary_html(std::size_t index) const;

 private:
  std::string blocked(const Change& change) const;
  std::string verdicts(std::size_t index) const;
  std::string checks(std::size_t index) const;
  std::string found_rows(std::size_t index) const;
  std::string code(std::size_t index) const;
  std::string repairs(std::size_t index) const;
  std::string locks(const Change& change) const;
  std::string difference(std::size_t index) const;
  const CheckResult* result(std::size_t index, std::size_t check) const;

  const Plan& plan_;
  bool samples_;
  std::set<std::string> made_;
  std::set<std::size_t> shows_bodies_;  // a body is drawn once, by the first change of its object
};

}  // namespace schemasync
