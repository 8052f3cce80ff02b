#include "apply/checks.hpp"

#include <algorithm>
#include <set>

#include "apply/session.hpp"
#include "text/figures.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t most_sample_rows = 10;

// A snapshot with the check's own search path and timeout; given back at the end.
class Question {
 public:
  Question(Connection& db, const Check& check, std::int64_t timeout_ms) : db_(db) {
    db_.begin_snapshot();
    db_.execute(set_local_timeouts({.lock_ms = timeout_ms, .statement_ms = timeout_ms}));
    db_.execute(set_local_search_path(check.search_path));
  }
  ~Question() { db_.rollback(); }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

 private:
  Connection& db_;
};

CheckResult failed_as_it_stands(const Check& check) {
  CheckResult result;
  result.status = check.stops ? CheckResult::Status::failed : CheckResult::Status::warn;
  result.text = check.failed;
  return result;
}

Sample read_sample(const Rows& rows) {
  Sample sample;
  for (std::size_t column = 0; column < rows.columns(); ++column)
    sample.headings.push_back(rows.column_name(column));
  for (std::size_t row = 0; row < std::min(rows.size(), most_sample_rows); ++row) {
    std::vector<std::string> cells;
    for (std::size_t column = 0; column < rows.columns(); ++column)
      cells.push_back(rows.maybe(row, column).value_or("NULL"));
    sample.rows.push_back(std::move(cells));
  }
  return sample;
}

// Rows to show are worth no failure: a sample that takes too long is left out, and one that names
// a column of a step that an interrupted migration has not come to.
Sample sample_of(Connection& db, const Check& check, std::int64_t timeout_ms) {
  if (check.sample.empty()) return {};
  try {
    const Question question(db, check, timeout_ms);
    return read_sample(db.query(check.sample));
  } catch (const DatabaseError& error) {
    if (ran_out_of_time(error) || error.sqlstate() == "42703") return {};
    throw;
  }
}

CheckResult answered(Connection& db, const Check& check, std::int64_t timeout_ms) {
  CheckResult result;
  {
    const Question question(db, check, timeout_ms);
    const Rows rows = db.query(check.count);
    for (std::size_t column = 0; rows.size() > 0 && column < rows.columns(); ++column)
      result.counts.push_back(rows.number(0, column));
  }
  const bool passed = result.counts.empty() || result.counts.front() <= 0;
  if (passed) {
    result.text = with_figures(check.passed, result.counts);
    return result;
  }
  result.status = check.stops ? CheckResult::Status::failed : CheckResult::Status::warn;
  result.text = with_figures(check.failed, result.counts);
  result.sample = sample_of(db, check, timeout_ms);
  return result;
}

}  // namespace

CheckResult run_check(Connection& db, const Check& check, std::int64_t timeout_ms) {
  if (check.count.empty()) return failed_as_it_stands(check);
  try {
    return answered(db, check, timeout_ms);
  } catch (const DatabaseError& error) {
    CheckResult result;
    if (error.sqlstate() == "25006") {  // a sequence that the models' SQL counts by
      result.status = CheckResult::Status::warn;
      result.text = "known only while it runs, it counts by a sequence: " + check.passed;
      return result;
    }
    if (!ran_out_of_time(error)) throw;
    result.status = CheckResult::Status::unknown;
    const std::string why = error.sqlstate() == "55P03" ? "another session held the table for "
                                                        : "the question took longer than ";
    result.text = "not known: " + why + std::to_string(timeout_ms) + " ms (" + check.passed + ")";
    return result;
  }
}

std::vector<CheckResult> run_checks(Connection& db, const std::vector<Check>& checks,
                                    std::int64_t timeout_ms) {
  std::vector<CheckResult> results;
  for (const Check& check : checks) {
    try {
      results.push_back(run_check(db, check, timeout_ms));
    } catch (const DatabaseError& error) {
      const bool of_models =
          error.sqlstate().starts_with("22") || error.sqlstate().starts_with("42");
      if (!of_models || error.sqlstate() == "42501") throw;
      CheckResult result;
      result.status = CheckResult::Status::failed;
      result.text = std::string(error.what()) + " (asked whether " + check.passed + ")";
      results.push_back(std::move(result));
    }
  }
  return results;
}

bool asks_too_early(const DatabaseError& error) {
  static const std::set<std::string> states = {"42703", "42P01", "42704", "42883", "42702"};
  return states.contains(error.sqlstate());
}

std::string shown_result(const CheckResult& result) {
  std::string out = result.text;
  const Sample& sample = result.sample;
  if (sample.rows.empty()) return out;
  std::vector<std::size_t> widths;
  for (const std::string& heading : sample.headings) widths.push_back(heading.size());
  for (const auto& row : sample.rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  const auto add = [&](const std::vector<std::string>& cells) {
    std::string line = "    ";
    for (std::size_t i = 0; i < cells.size(); ++i)
      line += cells[i] + std::string(widths[i] + 2 - cells[i].size(), ' ');
    while (line.back() == ' ') line.pop_back();
    out += "\n" + line;
  };
  add(sample.headings);
  for (const auto& row : sample.rows) add(row);
  return out;
}

}  // namespace schemasync
