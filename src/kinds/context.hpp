// What a kind may know while it writes a change: both schemas, which way it goes, and the facts of
// the target. Kinds write forward only: the way down is the same code with the schemas swapped.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kinds/schema_of.hpp"
#include "model/plan.hpp"

namespace schemasync {

enum class Way {
  forward,  // from the live database to the models
  undo,     // from the models back to the live database
};

// Rows that a rollback kept and that come back when the same change is applied again.
struct KeptArchive {
  int number = 0;
  std::string relation;    // in schema schemasync
  std::string definition;  // of the object when it was kept
  Archive::Form form = Archive::Form::values;
  std::vector<std::string> columns = {};  // of the relation; of what is in place its hidden name
};

// A publication that names a table.
struct Publication {
  std::string name;
  std::vector<std::string> columns;  // of the table; empty: all
  std::string filter;                // of its rows, as SQL; "" = none
};

// Facts of the target, read in few queries for the tables that changes touch. Ids are those of the
// models (renames are applied before).
struct Facts {
  int server_version = 150000;
  std::map<ObjectId, TableFacts> tables;
  std::map<ObjectId, int> columns_used;  // of the 1600 a table may ever have, dropped ones too
  std::map<ObjectId, KeptArchive> kept;
  std::int64_t archive_limit = 256LL * 1024 * 1024;  // bytes
  // What of no modelled kind stands on a table or column, as pg_describe_object says.
  std::map<ObjectId, std::vector<std::string>> obstacles;
  // What a column takes along when it is dropped, and keeps through everything else.
  std::map<ObjectId, std::vector<std::string>> goes_along;
  // From the names that the server has now to those of the models.
  std::vector<Rename> renames;
  // The user's triggers of a table that are not disabled.
  std::map<ObjectId, std::vector<std::string>> triggers;
  std::map<ObjectId, std::vector<Publication>> publications;
};

struct StandingOnTables;  // table_dependents.cpp

struct Context {
  const Schema& from;
  const Schema& to;
  Way way;
  const Facts& facts;
  const std::set<ObjectId>& late;       // foreign keys that wait until all new tables are there
  const std::set<ObjectId>& recreated;  // dropped and made again around a type change
  mutable std::shared_ptr<const StandingOnTables> standing = {};  // made when first asked for

  bool undoing() const { return way == Way::undo; }
  // The database as it is now, whichever way this goes.
  const Schema& live() const { return undoing() ? to : from; }
  const Schema& models() const { return undoing() ? from : to; }
  bool is_made(const ObjectId& id) const { return !from.has(id) && to.has(id); }
  bool is_dropped(const ObjectId& id) const { return from.has(id) && !to.has(id); }
  const TableFacts* table_facts(const ObjectId& table) const;
  // May the table have rows when this runs? On the way back: always, for it lives on in between.
  bool may_have_rows(const ObjectId& table) const;
};

// A change on an object with its place in the models. `why` is the consequence that makes its
// rule's base risk; what raises the risk is added behind. Summary starts with a verb.
Change change(const Context& context, const Rule& rule, const Object& object, std::string why,
              std::string summary);

// One step; model SQL in it is resolved in `search_path`.
Step step(Sql sql, Work work = Work::catalog, std::string search_path = {});
Step& with_lock(Step& step, const ObjectId& relation, std::string mode);

// Runs `statement`, which writes rows of `table`, with the user's triggers of that table disabled
// and their states put back after (an updated_at trigger would change restored rows).
Sql without_user_triggers(const ObjectId& table, const Sql& statement);
Sql without_user_triggers(const std::vector<ObjectId>& tables, const Sql& statement);

// A block of PL/pgSQL that stands between two marks ("$keep$"), which are lengthened where a name
// inside holds them.
Sql between_marks(const Sql& block, const std::string& mark);

// Stops with SQLSTATE SS005 (the plan's form no longer fits) where the query finds a row.
Sql guard_against(const Sql& query, const std::string& message);

// What a check selects from: the rows as they are when it is asked, under the names that its SQL
// has. Checks of the way up are asked before the renames of their own plan. `also`: columns under
// reserved names.
Sql rows_of(const ObjectId& table, const Context& context,
            const std::vector<Identifier>& also = {});
// What the server calls it then: checks of the way up know what their own plan renames by its old
// name.
ObjectId on_server(ObjectId id, const Context& context);
// Are all of these columns there when a check of this way is asked?
bool are_there(const ObjectId& table, const std::vector<std::string>& columns,
               const Context& context);

QualifiedName name_of(const ObjectId& id);   // schema.name of what stands on its own
QualifiedName table_of(const ObjectId& id);  // schema.table of a part

// ALTER … SET SCHEMA where the schema differs, then ALTER … RENAME TO.
std::vector<Sql> renamed_and_moved(const ObjectId& from, const ObjectId& to,
                                   Sql (*address)(const ObjectId&));

// drop(from) and create(to) as one change.
Change replaced(std::vector<Change> drops, std::vector<Change> creates, const Rule& rule,
                std::string summary);

// Comment, owner and grants of one object, whatever its kind.
std::vector<Change> alter_aspects(const Object& from, const Object& to, const Sql& address,
                                  const Context& context);
// The statements that give a newly made object its aspects: nothing where they are PostgreSQL's
// defaults.
std::vector<Step> aspect_steps(const Object& made, const Sql& address);
// What its table's grants say of one column, for a column that is made.
std::vector<Step> column_grant_steps(const ObjectId& column, const Context& context);

}  // namespace schemasync
