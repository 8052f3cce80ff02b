#include "apply/run.hpp"

#include <algorithm>
#include <thread>

#include "apply/backoff.hpp"
#include "apply/fill.hpp"
#include "apply/session.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

milliseconds since(steady_clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

// Raised by steps of our own (DO blocks) that look again, under the lock, at what the plan assumed.
ExitCode code_of(const Error& error) {
  const auto* answered = dynamic_cast<const DatabaseError*>(&error);
  if (answered == nullptr) return error.code();
  // 2BP01: something stands on what goes, and came since the plan was made.
  if (answered->sqlstate() == "SS005" || answered->sqlstate() == "2BP01") return ExitCode::stale;
  if (answered->sqlstate() == "SS004") return ExitCode::check_failed;
  return ExitCode::error;
}

// PostgreSQL's advice to use DROP ... CASCADE, in any language, is not ours.
std::string without_cascade(std::string text) {
  const std::size_t word = text.find("CASCADE");
  const std::size_t start = word == std::string::npos ? word : text.rfind('\n', word);
  return start == std::string::npos ? text : text.erase(start, text.find('\n', word) - start);
}

// Archive numbers by change: what the way up keeps, and what the way down keeps.
struct ArchiveNumbers {
  std::map<int, std::int64_t> archive, kept;

  std::size_t size() const { return archive.size() + kept.size(); }
  static std::string name(const std::map<int, std::int64_t>& numbers, int change) {
    const auto found = numbers.find(change);
    return found == numbers.end() ? std::string() : "a" + std::to_string(found->second);
  }
};

ArchiveNumbers recorded_archives(Connection& db, int migration) {
  const Rows rows =
      db.query(sql("SELECT change, n, made_by = 'apply' FROM schemasync.archive WHERE migration = "
                   "{}",
                   std::int64_t{migration}));
  ArchiveNumbers numbers;
  for (std::size_t i = 0; i < rows.size(); ++i)
    (rows.truth(i, 2) ? numbers.archive : numbers.kept)
        .emplace(static_cast<int>(rows.number(i, 0)), rows.number(i, 1));
  return numbers;
}

class Runner {
 public:
  Runner(Connection& db, const ApplyLock& lock, const InterruptWatch& watch, CatalogMark& mark,
         const Run& run)
      : db_(db), lock_(lock), watch_(watch), mark_(mark), run_(run) {
    for (const NumberedStep& step : run.steps) last_of_change_[step.change] = step.ordinal;
  }

  RunOutcome run() {
    archives_ = recorded_archives(db_, run_.migration);
    for (const auto& segment : cut_into_segments(run_.steps)) {
      outcome_.failure = tried(segment);
      if (outcome_.failure) {
        record_failure();
        break;
      }
      ++outcome_.segments;
      outcome_.steps += static_cast<int>(segment.size());
    }
    return outcome_;
  }

 private:
  using Segment = std::vector<NumberedStep>;

  const Change& change_of(const NumberedStep& step) const {
    return run_.plan.changes[static_cast<std::size_t>(step.change) - 1];
  }

  std::optional<RunFailure> tried(const Segment& segment) {
    const auto lock_ms = std::max<std::int64_t>(run_.timeouts.lock_ms, 50);
    Backoff backoff(milliseconds(std::min<std::int64_t>(lock_ms, 500)), milliseconds(8000));
    for (int attempt = 1;; ++attempt) {
      try {
        run_segment(segment);
        return std::nullopt;
      } catch (const DatabaseError& error) {
        if (!is_worth_a_retry(error) || watch_.interrupted()) return failure(error);
        const std::string blockers = blocked_by(segment);
        if (attempt >= run_.timeouts.lock_attempts) return failure(error, blockers);
        report(Progress::Kind::waiting, current_, blockers.empty() ? error.what() : blockers, {});
        if (!waited(backoff.next())) return failure(Error("stopped by a signal"));
      } catch (const Error& error) {
        return failure(error);
      }
    }
  }

  bool waited(milliseconds wait) const {
    const auto end = steady_clock::now() + wait;
    while (steady_clock::now() < end && !watch_.interrupted())
      std::this_thread::sleep_for(milliseconds(20));
    return !watch_.interrupted();
  }

  RunFailure failure(const Error& error, const std::string& blockers = {}) const {
    RunFailure failed;
    failed.what = watch_.interrupted() ? "stopped by a signal" : without_cascade(error.what());
    if (current_ != 0 && running_.ordinal == current_ && !watch_.interrupted()) {
      const Change& change = run_.plan.changes[static_cast<std::size_t>(running_.change) - 1];
      failed.what += "\n  in: " + change.summary;
      if (change.where.line != 0) failed.what += " (" + change.where.to_text() + ")";
    }
    if (!blockers.empty()) failed.what += "\n" + blockers;
    failed.code = code_of(error);
    failed.ordinal = current_;
    failed.in_doubt = committing_ && !db_.is_alive();
    return failed;
  }

  std::string blocked_by(const Segment& segment) const {
    std::vector<ObjectId> tables;
    for (const NumberedStep& step : segment) {
      const Change& change = change_of(step);
      tables.insert(tables.end(), change.tables.begin(), change.tables.end());
      tables.push_back(change.object.owner());
    }
    try {
      return blockers_of(db_, tables);
    } catch (const Error&) {
      return {};  // only a report
    }
  }

  void run_segment(const Segment& segment) {
    current_ = 0;
    committing_ = false;
    watch_.stop_if_interrupted();
    lock_.check();
    Transaction transaction(db_);
    timeouts_ = {run_.timeouts.lock_ms, run_.timeouts.statement_ms};
    search_path_.clear();
    db_.execute(set_local_timeouts(timeouts_));
    // A check that waits for the end keeps its table from being altered behind an UPDATE.
    db_.execute(sql("SET CONSTRAINTS ALL IMMEDIATE"));
    mark_.lock_and_compare(db_);
    ArchiveNumbers archives = archives_;
    std::vector<StepRow> rows;
    for (const NumberedStep& step : segment) {
      current_ = step.ordinal;
      const bool up = run_.direction == Direction::up;
      const Change& change = change_of(step);
      if (const auto& keeps = up ? change.archive : change.kept)
        allocate(up ? archives.archive : archives.kept, step.change, *keeps);
      rows.push_back(filling(step) != nullptr ? run_filled(archives, step)
                                              : run_step(archives, step));
    }
    settle(archives, segment);
    if (archives.size() > archives_.size()) db_.execute(revoke_all_of_journal());
    CatalogMark after = mark_;
    after.renew(db_);
    db_.execute(insert_done_steps(Sql(run_.migration), run_.direction, rows));
    watch_.stop_if_interrupted();
    committing_ = true;
    transaction.commit();
    committing_ = false;
    mark_ = std::move(after);
    archives_ = std::move(archives);
  }

  // The number of an archive that the change has not made yet.
  void allocate(std::map<int, std::int64_t>& numbers, int change, const Archive& archive) {
    if (numbers.contains(change)) return;
    use({}, false);
    const std::int64_t number = db_.query(next_archive_number()).number(0, 0);
    numbers.emplace(change, number);
    db_.execute(insert_archive(Sql(number), Sql(run_.migration), change, archive, run_.direction));
  }

  // Search path and timeouts for the next statement, where they differ from the last one's.
  void use(const std::string& search_path, bool is_long) {
    if (search_path != search_path_) {
      db_.execute(set_local_search_path(search_path));
      search_path_ = search_path;
    }
    const LocalTimeouts wanted{run_.timeouts.lock_ms,
                               is_long ? run_.timeouts.rewrite_ms : run_.timeouts.statement_ms};
    if (wanted == timeouts_) return;
    db_.execute(set_local_timeouts(wanted));
    timeouts_ = wanted;
  }

  StepRow run_step(const ArchiveNumbers& archives, const NumberedStep& step) {
    const Change& change = change_of(step);
    watch_.stop_if_interrupted();
    report(Progress::Kind::begun, step.ordinal, change.summary, {});
    const auto start = steady_clock::now();
    if (const auto fill = run_.fills.missing.find(step.change); fill != run_.fills.missing.end()) {
      use({}, true);
      fill_missing(db_, fill->second);
    }
    use(step.step->search_path, step.step->work != Work::catalog);
    const Sql statement = with_names(step.step->sql, archives, step);
    running_ = {step.ordinal, step.change, step.segment, Sql(Literal{statement.str()}),
                std::nullopt};
    // Where it looks names up along a model's path, it carries SQL of that model.
    if (step.step->search_path.empty())
      db_.execute(statement);
    else
      db_.execute_one(statement);
    const milliseconds elapsed = since(start);
    report(Progress::Kind::done, step.ordinal, change.summary, elapsed);
    StepRow done = running_;
    done.elapsed_ms = elapsed.count();
    return done;
  }

  // What --fill runs around the step; nullptr where it gives nothing.
  const Filling* filling(const NumberedStep& step) const {
    const bool given = run_.fills.refused.contains(step.change);
    return given && step.step->filling ? &*step.step->filling : nullptr;
  }

  StepRow run_filled(ArchiveNumbers& archives, const NumberedStep& step) {
    const auto start = steady_clock::now();
    allocate(archives.kept, step.change, filling(step)->kept);
    running_ = {step.ordinal, step.change, step.segment, Sql(), std::nullopt};
    std::string ran;
    const auto run_around = [&](const std::vector<Sql>& statements) {
      use(step.step->search_path, true);
      for (const Sql& one : statements) {
        const Sql statement = with_names(one, archives, step);
        ran += statement.str() + ";\n";
        running_.sql = Sql(Literal{ran});
        db_.execute(statement);
      }
    };
    db_.execute(filling_with(run_.fills.refused.at(step.change)));
    run_around(filling(step)->before);
    StepRow done = run_step(archives, step);
    ran += with_names(step.step->sql, archives, step).str() + ";\n";
    run_around(filling(step)->after);
    done.sql = running_.sql;
    done.elapsed_ms = since(start).count();
    return done;
  }

  static Sql with_names(const Sql& statement, const ArchiveNumbers& archives,
                        const NumberedStep& step) {
    return with_archive(statement, ArchiveNumbers::name(archives.archive, step.change),
                        ArchiveNumbers::name(archives.kept, step.change));
  }

  void record_failure() {
    if (current_ == 0 || running_.ordinal != current_) return;
    try {
      db_.execute(insert_failed_step(Sql(run_.migration), run_.direction, running_,
                                     outcome_.failure->what));
    } catch (const Error&) {
      // The connection is gone; the failure itself is reported all the same.
    }
  }

  // Archives whose rows are back when a change's last step has run.
  void settle(const ArchiveNumbers& archives, const Segment& segment) {
    use({}, false);
    for (const NumberedStep& step : segment) {
      if (last_of_change_.at(step.change) != step.ordinal) continue;
      const Change& change = change_of(step);
      std::int64_t back = change.restores;
      if (run_.direction == Direction::down) {
        const auto found = archives.archive.find(step.change);
        back = found == archives.archive.end() ? 0 : found->second;
      }
      if (back != 0) db_.execute(mark_archive_restored(Sql(back), Sql(run_.migration)));
    }
  }

  void report(Progress::Kind kind, int ordinal, const std::string& text,
              milliseconds elapsed) const {
    if (!run_.progress) return;
    const int total = run_.steps.empty() ? 0 : run_.steps.back().ordinal;
    run_.progress({kind, ordinal, total, text, elapsed});
  }

  Connection& db_;
  const ApplyLock& lock_;
  const InterruptWatch& watch_;
  CatalogMark& mark_;
  const Run& run_;
  std::map<int, int> last_of_change_;
  ArchiveNumbers archives_;
  LocalTimeouts timeouts_;
  std::string search_path_;
  StepRow running_;
  int current_ = 0;
  bool committing_ = false;
  RunOutcome outcome_;
};

}  // namespace

RunOutcome run_steps(Connection& db, const ApplyLock& lock, const InterruptWatch& watch,
                     CatalogMark& mark, const Run& run) {
  return Runner(db, lock, watch, mark, run).run();
}

namespace {

// `which`: a condition over pg_locks AS l, pg_class AS c and pg_namespace AS n.
std::string holders(Connection& db, const Sql& which) {
  const Rows rows = db.query(
      sql("SELECT DISTINCT l.pid, coalesce(nullif(a.application_name, ''), 'unnamed'), a.usename, "
          "a.state, to_char(a.xact_start AT TIME ZONE 'UTC', 'HH24:MI:SS \"UTC\"'), l.mode, "
          "c.relname FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation JOIN pg_namespace "
          "AS n ON n.oid = c.relnamespace LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid WHERE "
          "l.granted AND l.pid <> pg_backend_pid() AND l.database = (SELECT oid FROM pg_database "
          "WHERE datname = current_database()) AND {} ORDER BY 1, 7 LIMIT 5",
          which));
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < rows.size(); ++i)
    lines.push_back("process " + std::string(rows.text(i, 0)) + " (" +
                    std::string(rows.text(i, 1)) + ", user " + std::string(rows.text(i, 2)) + ", " +
                    std::string(rows.text(i, 3)) + ", transaction since " +
                    std::string(rows.text(i, 4)) + ") holds " + std::string(rows.text(i, 5)) +
                    " on " + display_name(rows.text(i, 6)));
  return joined(lines, "\n");
}

}  // namespace

std::string blockers_of(Connection& db, const std::vector<ObjectId>& tables) {
  std::vector<Sql> names;
  for (const ObjectId& table : tables)
    names.push_back(sql("({}, {})", Literal{table.schema}, Literal{table.name}));
  if (names.empty()) return {};
  return holders(db, sql("(n.nspname, c.relname) IN ({})", join(names, ", ")));
}

std::string blockers_of_readers(Connection& db) {
  return holders(db, sql("l.mode = 'AccessExclusiveLock' AND c.relkind IN ('r', 'p', 'm', 'v') AND "
                         "n.nspname NOT IN ('pg_catalog', 'pg_toast')"));
}

}  // namespace schemasync
