// A change is the narrow waist: plain data with the way up, the way down, the risk and the checks
// inside. Kinds make changes; planner, renderers, executor and journal see nothing but changes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/object_id.hpp"
#include "model/risk.hpp"
#include "text/error.hpp"
#include "text/sql.hpp"

namespace schemasync {

// What a step does to the rows of a table that has some.
enum class Work {
  catalog,  // catalog only: instant once it has its locks
  scan,     // reads a whole table under its lock
  rewrite,  // writes a table or index anew, copies or fills values
};
std::string_view to_text(Work work);
std::optional<Work> parse_work(std::string_view text);

struct Lock {
  std::string relation;  // as people read it: "debitcard"
  std::string mode;      // "ACCESS EXCLUSIVE"
  bool operator==(const Lock&) const = default;
};

// Data that a direction of a change keeps in schema schemasync. The relation's name is not known
// before it is made: SQL says {archive} for what the way up keeps and {kept} for what the way down
// keeps, see archive_relation and kept_relation.
struct Archive {
  // in_place: a column under a reserved name in its own table. filled: values that --fill replaced,
  // by key or under reserved names.
  enum class Form { values, conversion, table, in_place, filled };
  Form form = Form::values;
  ObjectId object;         // what was removed or converted
  std::string definition;  // its canonical definition, to know it again
  bool operator==(const Archive&) const = default;
};
std::string_view to_text(Archive::Form form);
std::optional<Archive::Form> parse_archive_form(std::string_view text);

// What `rollback --fill TABLE.COLUMN=VALUE` does around a step of the way down, for values that the
// step would refuse: `before` keeps them and takes them away, `after` puts VALUE there. Without
// --fill nothing of it runs. VALUE is in setting schemasync.fill.
struct Filling {
  Archive kept;  // {kept} in its SQL
  std::vector<Sql> before, after;
  bool operator==(const Filling&) const = default;
};

// One statement (or a few that belong together).
struct Step {
  Sql sql;
  std::string search_path;  // a schema: resolve model SQL in "<it>, public"; "" = pg_catalog alone
  Work work = Work::catalog;  // scan and rewrite run under rewrite_timeout, not statement_timeout
  std::vector<Lock> locks;    // predicted
  std::vector<std::string> rewrites;    // relations written anew
  int segment = 0;                      // numbered by the planner; one segment is one transaction
  std::optional<Filling> filling = {};  // of the way down
  bool operator==(const Step&) const = default;
};

// A ready-made way to repair what a check found; for people, never run by us.
struct Repair {
  std::string title;  // "keep the lowest id, point the 4 rows at it, delete 3 cards"
  Sql sql;            // complete, ready to run with psql
  bool operator==(const Repair&) const = default;
};

// A read-only question to the target, asked before anything runs.
struct Check {
  std::string
      name;  // stable: "duplicates", "orphans", "nulls", "rows", "casts", "values_change", …
  std::string passed;  // "no duplicates of (user_id, card_name)"
  std::string failed;  // "{0|group|groups} of duplicates: {1|row|rows}, {2} too many", as
                       // with_figures() takes it; {n} = column n of `count`
  Sql count;   // one row of bigints; not passed when the first is above 0. Empty: failed as it
               // stands, known from the catalog (an object that is not modelled is in the way)
  Sql sample;  // up to ten rows to show, with headings; may be empty
  std::string search_path;  // as in Step
  bool stops = true;        // false: a warning, the change goes on
  std::vector<Repair> repairs;
  bool operator==(const Check&) const = default;
};

struct Undo {
  enum class Kind { lossless, lossy, no };
  Kind kind = Kind::lossless;
  std::string text;  // "adds the column and puts the values back by debit_card_id. …"
  bool operator==(const Undo&) const = default;
};
std::string_view to_text(Undo::Kind kind);
std::optional<Undo::Kind> parse_undo(std::string_view text);

// A name that running code may use, and that is gone or means something else once the change ran.
struct CodeName {
  std::string name;               // as it was: "daily_limit"
  std::vector<std::string> also;  // what code calls it besides: the class of the models
  // Code names classes after it too: DebitCard stands for debitcard, as in `also` and `beside`.
  bool names_classes = false;
  // Others have the name as well: it counts only in files that name one of these.
  std::vector<std::string> beside;
  bool operator==(const CodeName&) const = default;
};

QualifiedName archive_relation();  // schemasync."{archive}"
QualifiedName kept_relation();     // schemasync."{kept}"
// What the way up of another change of the same migration keeps of the object:
// schemasync."{archive of column public.debitcard.daily_limit}".
QualifiedName archive_of(const ObjectId& object);
// Replaces the placeholder by the archive's name (a17), in SQL made with the two above.
Sql with_archive(const Sql& sql, std::string_view archive_name, std::string_view kept_name);
Sql with_archive_of(const Sql& sql, const ObjectId& object, std::string_view archive_name);

struct Rule;  // model/rule.hpp

// The reserved name of a column that is kept in its own table: "a17 schemasync", and
// "a17_1 schemasync" for what a conversion keeps beside the old values. No reader of the catalog
// sees a column of such a name.
Identifier hidden_column(const QualifiedName& archive, int part = 0);
bool is_hidden_column(std::string_view name);
Sql is_hidden_column(const Sql& name);  // the same as a condition over a column's name

struct Change {
  std::string rule;  // "column.drop"
  ObjectId object;
  std::string
      part;  // what of the object: pairs a change with its inverse ("type", "default", "" = all)
  std::string summary;   // "Drop column debitcard.daily_limit"
  std::string strategy;  // "copy the values, then drop"
  std::string backup;    // what to back up before: "debitcard", "the whole database", with why
  Risk risk;
  std::string blocks;    // whom it blocks, in words, without figures
  std::string breaking;  // how it breaks running code; "" when it does not
  Undo undo;
  std::vector<Step> up;
  std::vector<Step> down;
  std::vector<Check> checks;       // before the way up
  std::vector<Check> down_checks;  // before the way down
  std::optional<Archive> archive;  // kept by the way up
  std::optional<Archive> kept;     // kept by the way down
  int restores = 0;  // the number of an earlier archive that the way up brings back; 0 = none
  std::vector<std::string> diff;  // lines "- old", "+ new", "~ …" in the words of the model files
  std::vector<std::string> notes;    // what a reviewer should know besides
  Source where;                      // in the models
  bool unmanaged = false;            // drops what no models of this database ever had
  std::vector<CodeName> code_names;  // searched in the application's source

  // For the planner, kind-blind.
  std::vector<ObjectId> creates, drops, needs, releases;
  bool rebuilds = false;  // what stands on the object by an expression is made again around it
  int phase = 1;          // 0 = renames, before all else, in the order made; 1 = by the graph
  int place = 0;          // among those of one table that nothing else orders: the lower first
  bool own_segment_before =
      false;                     // must be committed before anything else of the plan (enum values)
  std::vector<ObjectId> tables;  // tables whose rows and bytes matter to it

  // By a rule that is explained, with the consequence that makes its base risk.
  Change(const Rule& by, ObjectId of, std::string why);
  // Another rule: the risk starts from its base, and what raised it before still does.
  void becomes(const Rule& by);
  void becomes(const Rule& by, std::string why);  // nothing has raised it
  // As a plan file or the journal recorded it.
  static Change recorded(Risk r) { return Change(std::move(r)); }

 private:
  explicit Change(Risk r) : risk(std::move(r)) {}
};

}  // namespace schemasync
