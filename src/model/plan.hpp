// A plan is a value. Its body is deterministic and has an id; its run part says what was seen when
// it was made (rows, check results, time) and is never compared. plan_json.cpp writes and reads
// both.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/change.hpp"
#include "model/object_id.hpp"
#include "model/scope.hpp"

namespace schemasync {

// ---- run: what was observed ------------------------------------------------------------------

struct TableFacts {
  std::int64_t rows = 0;
  bool rows_estimated = false;
  std::int64_t bytes = 0;  // pg_relation_size over all partitions
};

struct Sample {
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;
};

struct CheckResult {
  enum class Status { ok, warn, failed, unknown };  // unknown: it ran past statement_timeout
  Status status = Status::ok;
  std::string text;  // Check::passed, or Check::failed with its figures filled in
  std::vector<std::int64_t> counts;
  Sample sample;  // shown in text output only, unless --samples
};
std::string_view to_text(CheckResult::Status status);

// Where the application's source has a name of Change::code_names.
struct CodePlace {
  std::string file;  // relative to the current folder
  int line = 0;
  std::string text;  // of the line, trimmed and clipped
};
struct CodeUse {
  std::string name;
  std::int64_t count = 0;         // lines that have it
  std::vector<CodePlace> places;  // of these the first, at most most_code_places
};
inline constexpr std::size_t most_code_places = 20;

// What was searched.
struct CodeSearch {
  std::vector<std::string> folders;  // as shown; empty: nothing was searched
  std::int64_t files = 0;
  std::vector<std::string> notes;  // "app is in no git work tree: all of its text files …"
  bool operator==(const CodeSearch&) const = default;
};

// Parallel to Plan::changes.
struct ChangeRun {
  Level level = Level::low;          // the risk's level, raised by what was seen
  std::vector<std::string> reasons;  // why the facts raised it, and figures worth knowing
  std::vector<CheckResult> checks;   // parallel to Change::checks
  std::vector<CodeUse> code = {};    // of its names those that the source has
};

struct PlanRun {
  std::string time;    // ISO 8601, UTC
  std::string env;     // "prod"; "url" for --url
  std::string target;  // "expenses_db at localhost:5432", never a password
  bool protected_target = false;
  Level allow = Level::high;
  std::string server_version;             // "15.18"
  std::map<ObjectId, TableFacts> tables;  // of the tables that changes touch
  std::vector<ChangeRun> changes;
  std::string models;  // "schemas/"
  int model_tables = 0;
  CodeSearch code;
};

// ---- the plan --------------------------------------------------------------------------------

struct Plan {
  // body
  int format = 1;
  std::string tool_version;
  int server_major = 0;
  std::string models_hash;  // "" when no models were involved (diff of databases)
  std::string after;        // id of the journal's last migration when planned; "" = none
  Scope scope;
  std::map<ObjectId, std::string>
      from_digests;                 // the objects it is bound to -> sha256 of definition
  Definitions from, to;             // of the objects that it touches
  std::vector<ObjectId> managed;    // every object in the models
  std::vector<Change> changes;      // in execution order; number = index + 1
  std::vector<std::string> notes;   // what is not modelled, renames already done, …
  std::vector<ObjectId> unmanaged;  // in scope, in no models ever; listed when reported
  bool mostly_unmanaged = false;    // would drop more than half, or the models are empty
  std::string slug;                 // "add_expense_priority": name of the migration without number

  // run
  PlanRun run;

  bool empty() const { return changes.empty(); }
};

// SHA-256 of the body as compact JSON with sorted keys.
std::string plan_id(const Plan& plan);

// Sample rows can be personal data: files and the journal carry counts alone, unless asked.
enum class Samples { leave_out, keep };

// The whole document, indented, and back. Reading throws Error when it is no plan or its format is
// newer (exit 1), or when its plan_id does not fit its body (exit 5). docs/plan.schema.json says
// which key is body and which is run.
std::string plan_to_json(const Plan& plan, Samples samples = Samples::leave_out);
Plan plan_from_json(const std::string& text);

// The plan as --no-facts shows it: without time, sizes, what was counted and what that raised.
Plan without_facts(Plan plan);

// Highest risk first, then execution order: indices into plan.changes, for reading.
std::vector<std::size_t> ranked(const Plan& plan);
// How many places of the source name what the change takes away or alters.
std::int64_t code_places(const Plan& plan, std::size_t change);
// The level shown for a change: the run's where there is one, else the body's.
Level shown_level(const Plan& plan, std::size_t change);

}  // namespace schemasync
