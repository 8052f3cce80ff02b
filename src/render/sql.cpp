#include "render/sql.hpp"

#include <map>
#include <optional>

#include "model/journal_sql.hpp"
#include "render/psql_text.hpp"

namespace schemasync {
namespace {

Sql variable(const std::string& name) { return Sql(Expression{":" + name}); }
Sql text_variable(const std::string& name) { return Sql(Expression{":'" + name + "'"}); }

std::string number_of(std::string_view keep, int change) {
  return "schemasync_" + std::string(keep) + "_number_" + std::to_string(change);
}
std::string relation_of(std::string_view keep, int change) {
  return "schemasync_" + std::string(keep) + "_" + std::to_string(change);
}

// Conditions are SQL of ours; the message is text for people.
Sql stop_if(const Sql& condition, const std::string& message) {
  return sql(
      "DO {};",
      Expression{dollar_quoted("BEGIN IF " + condition.str() +
                               " THEN RAISE EXCEPTION USING ERRCODE = 'SS001', MESSAGE = " +
                               Sql(Literal{"schemasync: " + message}).str() + "; END IF; END")});
}

// One check as a read-only transaction of its own. The first column of the count decides; the
// columns fill the {n} of the text.
std::string check_block(const Check& check, const PsqlNames& names) {
  std::string body = "DECLARE\n  figures record;\n  found text[];\n  message text := " +
                     Sql(Literal{"schemasync: a check stops this: " + check.failed}).str() +
                     ";\nBEGIN\n";
  if (!check.count.empty()) {
    body += "  EXECUTE " + dollar_quoted(check.count.str()) +
            " INTO figures;\n"
            "  SELECT array_agg(f.value ORDER BY f.ordinality) INTO found\n"
            "    FROM json_each_text(row_to_json(figures)) WITH ORDINALITY AS f;\n"
            "  IF coalesce(found[1]::bigint, 0) <= 0 THEN RETURN; END IF;\n"
            "  FOR i IN 1 .. array_length(found, 1) LOOP\n"
            "    message := replace(message, '{' || (i - 1) || '}', found[i]);\n"
            "    message := regexp_replace(message, '\\{' || (i - 1) || "
            "'\\|([^|}]*)\\|([^}]*)\\}', found[i] || CASE found[i] WHEN '1' THEN ' \\1' "
            "ELSE ' \\2' END, 'g');\n"
            "    message := regexp_replace(message, '\\{' || (i - 1) || "
            "':([^|}]*)\\|([^}]*)\\}', CASE found[i] WHEN '1' THEN '\\1' ELSE '\\2' END, "
            "'g');\n"
            "  END LOOP;\n";
  }
  body +=
      "  RAISE EXCEPTION USING ERRCODE = 'SS004', MESSAGE = message;\n"
      "EXCEPTION\n"
      "  WHEN undefined_column OR undefined_table OR undefined_object OR undefined_function OR "
      "ambiguous_column OR read_only_sql_transaction THEN\n"
      "    RETURN;  -- no answer before the steps themselves\nEND";
  std::string out = "BEGIN READ ONLY;\n";
  if (!check.search_path.empty())
    out += sql("SET LOCAL search_path = {}, public;\n", Identifier{check.search_path}).str();
  out += "SET LOCAL statement_timeout = '30s';\n";
  const std::string statement = "DO " + dollar_quoted(body);
  const std::optional<std::string> plain = for_psql(statement, names);
  return out + (plain ? *plain + ";" : by_gexec(statement, names)) + "\nROLLBACK;\n";
}

// Writes one direction of one plan.
class File {
 public:
  File(const Plan& plan, Direction direction)
      : plan_(plan), kept_(plan_for_journal(plan)), direction_(direction) {
    for (const NumberedStep& step : steps_in_order(plan, direction))
      last_of_change_[step.change] = step.ordinal;
  }

  std::string up() {
    head();
    if (plan_.changes.empty()) return out_ + "\\echo 'Nothing to do.'\n";
    settings();
    take_lock();
    stop_unless_planned_for_this();
    checks();
    journal();
    start();
    segments();
    return give_back();
  }

  std::string down() {
    head();
    if (plan_.changes.empty()) return out_ + "\\echo 'Nothing to do.'\n";
    settings();
    take_lock();
    find_migration();
    find_archives();
    checks();
    line("BEGIN;");
    statement(start_rollback(number()));
    line("COMMIT;\n");
    segments();
    return give_back();
  }

 private:
  bool is_up() const { return direction_ == Direction::up; }
  static Sql number() { return variable("schemasync_number"); }
  void line(std::string_view text) { (out_ += text) += '\n'; }
  void statement(const Sql& sql) { line(sql.str() + ";"); }
  const Change& change_of(const NumberedStep& step) const {
    return plan_.changes[static_cast<std::size_t>(step.change) - 1];
  }

  void head() {
    line(
        "-- This file cannot compare fingerprints: unlike `schemasync apply`, it does not notice "
        "that");
    line("-- an object was changed since the plan was made. Run it soon, or plan again.");
    line("--");
    line(is_up() ? "-- The way up of plan " + kept_.id.substr(0, 12) + ":"
                 : "-- The way down of plan " + kept_.id.substr(0, 12) + ":");
    for (const Change& change : plan_.changes) {
      std::string summary = change.summary;
      for (char& c : summary)
        if (c == '\n' || c == '\r') c = ' ';
      line("--   " + summary);
    }
    line(
        "-- Run it with psql -X -f FILE as the role that owns the tables. It keeps what it drops, "
        "and");
    line(is_up() ? "-- writes the journal: `schemasync rollback` undoes it.\n"
                 : "-- writes the journal, as `schemasync rollback` does.\n");
  }

  void settings() {
    line("\\set ON_ERROR_STOP on");
    line("\\set ON_ERROR_ROLLBACK off");
    line("\\set AUTOCOMMIT on");
    line("\\set QUIET on");
    line("\\encoding UTF8");
    line("SET row_security = off;");
    line("SET TimeZone = 'UTC';");
    line("SET DateStyle = 'ISO';");
    line("SET IntervalStyle = 'postgres';");
    line("SET extra_float_digits = 3;");
    line("SET standard_conforming_strings = on;");
    line("SET search_path = pg_catalog;\n");
  }

  void take_lock() {
    line("-- One at a time: the lock of schemasync apply.");
    line("SELECT pg_try_advisory_lock(" + std::to_string(apply_lock_key) +
         ") AS schemasync_locked \\gset");
    line("\\if :schemasync_locked");
    line("\\else");
    line(stop_if(sql("true"), "another schemasync is changing this database").str());
    line("\\endif\n");
  }

  void stop_unless_planned_for_this() {
    line("-- Planned for this server, and for the state behind this migration.");
    if (plan_.server_major > 0)
      line(stop_if(sql("current_setting('server_version_num')::int / 10000 <> {}",
                       Sql(plan_.server_major)),
                   "the plan was made for PostgreSQL " + std::to_string(plan_.server_major))
               .str());
    line(sql("SELECT to_regclass('schemasync.migration') IS NULL AS schemasync_new, "
             "to_regnamespace('schemasync') IS NULL AS schemasync_new_schema \\gset")
             .str());
    line("\\if :schemasync_new");
    if (!plan_.after.empty())
      line(stop_if(sql("true"),
                   "the plan was made after " + plan_.after + ", and there is no journal here")
               .str());
    line("\\else");
    line(stop_if(sql("(SELECT format FROM schemasync.database) > {}", Sql(journal_format)),
                 "the journal has a newer format than this file writes")
             .str());
    line(stop_if(sql("EXISTS (SELECT FROM schemasync.migration AS m WHERE m.status IN ('started', "
                     "'interrupted', 'rolling_back') AND EXISTS (SELECT FROM schemasync.step AS s "
                     "WHERE s.migration = m.number AND s.status = 'done'))"),
                 "a migration is interrupted: schemasync status")
             .str());
    line(stop_if(sql("coalesce((SELECT id FROM schemasync.migration WHERE status IN ('baseline', "
                     "'applied') ORDER BY number DESC LIMIT 1), '') <> {}",
                     Literal{plan_.after}),
                 plan_.after.empty() ? "the plan was made before there was a journal"
                                     : "the last migration is not " + plan_.after)
             .str());
    line("\\endif\n");
  }

  void checks() {
    for (std::size_t i = 0; i < plan_.changes.size(); ++i) {
      const Change& change = plan_.changes[i];
      for (const Check& check : is_up() ? change.checks : change.down_checks)
        if (check.stops) {
          line("-- Check: " + check.name + " (" + change.rule + ")");
          line(check_block(check, names_in_checks(static_cast<int>(i) + 1)));
        }
    }
  }

  // Of the way down, also what another change kept.
  PsqlNames names_in_checks(int change) {
    PsqlNames names = known_[change];
    for (std::size_t i = 0; i < plan_.changes.size() && !is_up(); ++i)
      if (const std::optional<Archive>& kept = plan_.changes[i].archive) {
        const std::string quoted = Sql(Identifier{archive_of(kept->object).name}).str();
        names[quoted.substr(1, quoted.size() - 2)] =
            relation_of("archive", static_cast<int>(i) + 1);
      }
    return names;
  }

  void journal() {
    line("\\if :schemasync_new");
    line(stop_if(sql("EXISTS (SELECT FROM pg_publication WHERE puballtables)"),
                 "a publication FOR ALL TABLES would send the journal to subscribers: "
                 "schemasync apply shows what they need")
             .str());
    line("BEGIN;");
    line("\\if :schemasync_new_schema");
    statement(create_journal_schema());
    line("\\endif");
    statement(create_journal_tables());
    statement(insert_database(plan_.tool_version));
    const PlanForJournal baseline = plan_for_journal(baseline_plan(plan_));
    statement(
        insert_migration({Sql(0), sql("'0000'"), "baseline", "the database as schemasync found it",
                          baseline.id, baseline.document, plan_.models_hash, plan_.tool_version, 0,
                          "{}", to_json(plan_.from), false, std::nullopt, ""}));
    line("COMMIT;");
    line("\\endif\n");
  }

  void start() {
    const std::string slug = migration_id(0, plan_.slug).substr(4);
    line("SELECT n AS schemasync_number, lpad(n::text, greatest(4, length(n::text)), '0') || " +
         Sql(Literal{slug}).str() +
         " AS schemasync_id FROM (SELECT coalesce(max(number), 0) + 1 AS n FROM "
         "schemasync.migration) AS m \\gset");
    line("BEGIN;");
    statement(fail_unstarted_migrations());
    statement(insert_migration({number(), text_variable("schemasync_id"), "started",
                                migration_summary(plan_), kept_.id, kept_.document,
                                plan_.models_hash, plan_.tool_version,
                                static_cast<int>(steps_in_order(plan_, Direction::up).size()),
                                to_json(plan_.from), std::nullopt, true, std::nullopt, ""}));
    statement(insert_managed(number(), plan_.managed));
    line("COMMIT;\n");
  }

  void find_migration() {
    const Sql ours = sql("plan_id = {} AND status = 'applied'", Literal{kept_.id});
    line(stop_if(sql("to_regclass('schemasync.migration') IS NULL"),
                 "there is no journal here: nothing was applied")
             .str());
    line(stop_if(sql("NOT coalesce((SELECT {} FROM schemasync.migration WHERE status NOT IN "
                     "('rolled_back', 'failed') ORDER BY number DESC LIMIT 1), false)",
                     ours),
                 "this plan is not the last migration of this database: schemasync history")
             .str());
    line("SELECT number AS schemasync_number FROM schemasync.migration WHERE " + ours.str() +
         " ORDER BY number DESC LIMIT 1 \\gset\n");
    line(stop_if(sql("EXISTS (SELECT FROM schemasync.archive WHERE state = 'purged' AND made_by = "
                     "'apply' AND migration = (SELECT max(number) FROM schemasync.migration WHERE "
                     "{}))",
                     ours),
                 "what this would bring back was purged: schemasync rollback says more")
             .str());
    for (const Change& change : plan_.changes)
      if (change.undo.kind == Undo::Kind::no)
        line(stop_if(sql("true"), "there is no way back from: " + change.summary).str());
  }

  void find_archives() {
    for (std::size_t i = 0; i < plan_.changes.size(); ++i) {
      if (!plan_.changes[i].archive) continue;
      const int change = static_cast<int>(i) + 1;
      line("SELECT n AS " + number_of("archive", change) + ", relation AS " +
           relation_of("archive", change) +
           " FROM schemasync.archive WHERE migration = :schemasync_number AND change = " +
           std::to_string(change) + " AND made_by = 'apply' \\gset");
      known_[change]["{archive}"] = relation_of("archive", change);
    }
  }

  void segments() {
    const auto steps = steps_in_order(plan_, direction_);
    const auto all = cut_into_segments(steps);
    for (std::size_t i = 0; i < all.size(); ++i) segment(all[i], i + 1 == all.size());
    if (all.empty()) segment({}, true);
  }

  void segment(const std::vector<NumberedStep>& steps, bool is_last) {
    line("BEGIN;");
    line("SET LOCAL lock_timeout = '3s';");
    is_long_ = false;
    search_path_.clear();
    line("SET LOCAL statement_timeout = '30s';");
    line("SET CONSTRAINTS ALL IMMEDIATE;");
    made_archive_ = false;
    std::vector<StepRow> rows;
    int shown = 0;
    for (const NumberedStep& step : steps) {
      const Change& change = change_of(step);
      if (step.change != shown) line("\\echo " + psql_argument(change.summary));
      shown = step.change;
      keep(step);
      rows.push_back(written(step));
    }
    use("", false);
    for (const NumberedStep& step : steps) settle(step);
    if (made_archive_) statement(revoke_all_of_journal());
    if (!rows.empty()) statement(insert_done_steps(number(), direction_, rows));
    if (is_last)
      statement(is_up() ? finish_migration_from_plan(number(), plan_) : finish_rollback(number()));
    line("COMMIT;\n");
  }

  // The archive's number and name, before the first step that needs them.
  void keep(const NumberedStep& step) {
    const Change& change = change_of(step);
    const std::string_view keep = is_up() ? "archive" : "kept";
    const std::string placeholder = "{" + std::string(keep) + "}";
    const std::optional<Archive>& archive = is_up() ? change.archive : change.kept;
    if (!archive || known_[step.change].contains(placeholder)) return;
    use("", false);
    line("SELECT n AS " + number_of(keep, step.change) + ", 'a' || n AS " +
         relation_of(keep, step.change) + " FROM nextval('schemasync.archive_number') AS n \\gset");
    statement(insert_archive(variable(number_of(keep, step.change)), number(), step.change,
                             *archive, direction_));
    known_[step.change][placeholder] = relation_of(keep, step.change);
    made_archive_ = true;
  }

  StepRow written(const NumberedStep& step) {
    const PsqlNames& names = known_[step.change];
    const std::string& text = step.step->sql.str();
    use(step.step->search_path, step.step->work != Work::catalog);
    if (const auto plain = for_psql(text, names))
      line(*plain + ";");
    else
      line(by_gexec(text, names));
    return {step.ordinal, step.change, step.segment, Sql(Expression{text_at_run_time(text, names)}),
            std::nullopt};
  }

  void use(const std::string& search_path, bool is_long) {
    if (search_path != search_path_)
      line(search_path.empty()
               ? "SET LOCAL search_path = pg_catalog;"
               : sql("SET LOCAL search_path = {}, public;", Identifier{search_path}).str());
    if (is_long != is_long_)
      line(is_long ? "SET LOCAL statement_timeout = '1h';"
                   : "SET LOCAL statement_timeout = '30s';");
    search_path_ = search_path;
    is_long_ = is_long;
  }

  void settle(const NumberedStep& step) {
    if (last_of_change_.at(step.change) != step.ordinal) return;
    const Change& change = change_of(step);
    if (is_up() && change.restores != 0)
      statement(mark_archive_restored(Sql(change.restores), number()));
    if (!is_up() && change.archive)
      statement(mark_archive_restored(variable(number_of("archive", step.change)), number()));
  }

  std::string give_back() {
    line("SELECT pg_advisory_unlock(" + std::to_string(apply_lock_key) +
         ") AS schemasync_locked \\gset");
    line(is_up() ? "\\echo Recorded as :schemasync_id" : "\\echo 'Rolled back.'");
    return std::move(out_);
  }

  const Plan& plan_;
  const PlanForJournal kept_;
  Direction direction_;
  std::map<int, int> last_of_change_;
  std::map<int, PsqlNames> known_;  // placeholders of a change that have a variable
  std::string search_path_;
  bool is_long_ = false;
  bool made_archive_ = false;  // the segment made an archive
  std::string out_;
};

}  // namespace

std::string plan_sql(const Plan& plan) { return File(plan, Direction::up).up(); }
std::string plan_down_sql(const Plan& plan) { return File(plan, Direction::down).down(); }

}  // namespace schemasync
