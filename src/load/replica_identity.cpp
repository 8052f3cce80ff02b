#include "load/replica_identity.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "kinds/context.hpp"
#include "load/facts.hpp"

namespace schemasync {
namespace {

bool updates(const Change& change, const ObjectId& table) {
  const std::string statement = "UPDATE " + Sql(name_of(table)).str() + " ";
  return std::any_of(change.up.begin(), change.up.end(), [&](const Step& step) {
    return step.sql.str().find(statement) != std::string::npos;
  });
}

std::set<ObjectId> updated_tables(const Change& change) {
  std::set<ObjectId> tables;
  for (const ObjectId& table : change.tables)
    if (updates(change, table)) tables.insert(table);
  if (updates(change, change.object.owner())) tables.insert(change.object.owner());
  return tables;
}

// A plan may make the key itself, before it or after: its own steps decide then.
bool gets_a_key(const std::vector<Change>& changes, const ObjectId& table) {
  return std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
    return std::any_of(change.creates.begin(), change.creates.end(), [&](const ObjectId& made) {
      return made.kind == "key" && made.owner() == table;
    });
  });
}

// Published with its updates, and no key that tells a subscriber which row was meant.
Sql without_identity(const Sql& tables) {
  return sql(
      "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (n.nspname, "
      "c.relname) IN ({}) AND c.relkind = 'r' AND NOT (c.relreplident = 'f' OR EXISTS (SELECT FROM "
      "pg_index AS i WHERE i.indrelid = c.oid AND (c.relreplident = 'd' AND i.indisprimary AND "
      "i.indimmediate OR c.relreplident = 'i' AND i.indisreplident))) AND EXISTS (SELECT FROM "
      "pg_publication_tables AS t JOIN pg_publication AS p USING (pubname) WHERE t.schemaname = "
      "n.nspname AND t.tablename = c.relname AND p.pubupdate)",
      tables);
}

Sql name_pair(const ObjectId& table) {
  return sql("({}, {})", Literal{table.schema}, Literal{table.name});
}

Check has_identity(const ObjectId& table, const ObjectId& on_server) {
  Check check;
  check.name = "replica identity";
  check.passed = "subscribers know the rows of " + table.shown() + " by a key";
  check.failed = "a publication sends updates of " + table.shown() +
                 ", which has no replica identity: PostgreSQL refuses to update its rows (SQLSTATE "
                 "55000)";
  check.count = sql("SELECT count(*) {}", without_identity(name_pair(on_server)));
  check.repairs.push_back(
      {"let subscribers know a row by all of its values (a primary key does, too, and better)",
       sql("ALTER TABLE {} REPLICA IDENTITY FULL;", name_of(on_server))});
  return check;
}

}  // namespace

void check_replica_identity(Connection& db, std::vector<Change>& changes, const Schema& live,
                            const std::vector<Rename>& renames) {
  std::map<ObjectId, std::vector<Change*>> updating;
  for (Change& change : changes)
    for (const ObjectId& table : updated_tables(change))
      if (live.has(table) && !gets_a_key(changes, table)) updating[table].push_back(&change);
  if (updating.empty()) return;
  std::map<ObjectId, ObjectId> asked;  // by the names that the server has
  std::vector<Sql> pairs;
  for (const auto& [table, list] : updating) {
    const ObjectId on_server = name_on_server(table, renames);
    asked.emplace(on_server, table);
    pairs.push_back(name_pair(on_server));
  }
  const Rows rows =
      db.query(sql("SELECT n.nspname, c.relname {}", without_identity(join(pairs, ", "))));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId on_server{"table", std::string(rows.text(i, 0)), "",
                             std::string(rows.text(i, 1))};
    const ObjectId& table = asked.at(on_server);
    for (Change* change : updating.at(table))
      change->checks.push_back(has_identity(table, on_server));
  }
}

}  // namespace schemasync
