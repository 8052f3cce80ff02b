// What has to go before a backup can be put back, as SQL for one transaction: all of the schemas
// that it holds, whole tables, or just rows. Never more than that: what hangs on it from outside
// and can be made again (a foreign key, statistics) is recorded and made again behind the restore;
// what cannot stops it, by name.
#pragma once

#include <string>
#include <vector>

#include "model/object_id.hpp"
#include "pg/connection.hpp"

namespace schemasync {

struct Around {
  std::vector<Sql> before;  // run before the restore
  std::vector<Sql> after;   // and behind it
};

// Everything in these schemas (of `public` its objects only), and what of a full backup belongs to
// no schema. Stops where an object outside would go along.
struct Everything {
  std::vector<std::string> schemas;
  std::vector<std::string> publications, event_triggers;
  std::vector<std::string> large_objects;  // oids
};
Sql drop_everything(const Everything& everything);

// The same for single objects (relations and types, by kind-blind ids) wherever they are; what goes
// along and is not one of them, or a part of one, stops it.
Sql drop_objects(Connection& db, const std::vector<ObjectId>& objects);

// Drops tables that are there. Throws Error for a table in a publication.
Around drop_tables(Connection& db, const std::vector<ObjectId>& tables);

// Makes ready for rows: foreign keys of the tables are away while they come, and checked behind;
// the user's triggers are off. `emptied`: the rows that are there go.
enum class OldRows { none, emptied };
Around load_rows(Connection& db, const std::vector<ObjectId>& tables, OldRows old);

}  // namespace schemasync
