#include "load/facts.hpp"

#include <algorithm>

#include "pg/snapshot.hpp"

namespace schemasync {
namespace {

constexpr std::int64_t counted_bytes = 64LL * 1024 * 1024;

struct Found {
  ObjectId table;   // as the models name it
  ObjectId server;  // as the server does
  std::int64_t oid = 0;
};

void count_rows(Connection& db, const std::vector<Found>& tables, Facts& facts) {
  std::vector<Sql> counts;
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (!facts.tables.at(tables[i].table).rows_estimated)
      counts.push_back(sql("SELECT {} AS i, count(*) AS n FROM {}", static_cast<std::int64_t>(i),
                           name_of(tables[i].server)));
  // In portions: one statement takes a lock on each of its tables.
  for (std::size_t begin = 0; begin < counts.size(); begin += 500) {
    const std::vector<Sql> portion(
        counts.begin() + static_cast<std::ptrdiff_t>(begin),
        counts.begin() + static_cast<std::ptrdiff_t>(std::min(begin + 500, counts.size())));
    try {
      const Snapshot snapshot(db);
      const Rows rows = db.query(join(portion, " UNION ALL "));
      for (std::size_t r = 0; r < rows.size(); ++r)
        facts.tables.at(tables[static_cast<std::size_t>(rows.number(r, 0))].table).rows =
            rows.number(r, 1);
    } catch (const DatabaseError& error) {
      if (error.sqlstate() != "57014") throw;  // statement_timeout: the estimates have to do
      for (auto& [table, known] : facts.tables) known.rows_estimated = true;
    }
  }
}

// Tables by their oids, and these as a list.
struct ByOid {
  explicit ByOid(const std::vector<Found>& tables) {
    for (const Found& one : tables) {
      oids.push_back(Sql(one.oid));
      found.emplace(one.oid, &one);
    }
  }
  Sql list() const { return join(oids, ", "); }
  const Found& at(std::int64_t oid) const { return *found.at(oid); }

  std::vector<Sql> oids;
  std::map<std::int64_t, const Found*> found;
};

void add(std::vector<std::string>& list, const std::string& what) {
  if (std::find(list.begin(), list.end(), what) == list.end()) list.push_back(what);
}

// Views that are objects of the live schema are changes of their own, everything else in the way is
// named.
void read_obstacles(Connection& db, const Schema& live, const std::vector<Found>& tables,
                    const std::vector<Rename>& renames, Facts& facts) {
  const ByOid by_oid(tables);
  // Constraints, indexes, defaults, owned sequences and the row type are the table's own. What
  // hangs on the very table (its triggers, policies, rules) moves with it, but does stand on its
  // columns.
  const Rows rows = db.query(
      sql("SELECT d.refobjid, a.attname, v.relkind, n.nspname, v.relname, "
          "pg_describe_object(d.classid, d.objid, 0), "
          "bool_or(coalesce(w.ev_class, g.tgrelid, p.polrelid, 0) = d.refobjid OR d.classid IN "
          "('pg_publication_rel'::regclass, 'pg_statistic_ext'::regclass)), "
          "bool_or(d.classid = 'pg_statistic_ext'::regclass) "
          "FROM pg_depend d LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = "
          "d.refobjsubid AND a.attnum > 0 "
          "LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid "
          "LEFT JOIN pg_class v ON v.oid = w.ev_class LEFT JOIN pg_namespace n ON n.oid = "
          "v.relnamespace "
          "LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid "
          "LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid "
          "WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid IN ({}) AND d.deptype IN ('n', "
          "'a') AND "
          "NOT coalesce(g.tgisinternal, false) AND d.classid NOT IN ('pg_class'::regclass, "
          "'pg_attrdef'::regclass, "
          "'pg_type'::regclass) AND NOT (d.classid = 'pg_publication_rel'::regclass AND "
          "d.refobjsubid = 0) AND NOT (d.classid = "
          "'pg_constraint'::regclass AND EXISTS "
          "(SELECT FROM pg_constraint k WHERE k.oid = d.objid AND k.contype IN ('c', 'p', 'u', "
          "'f', 'n'))) "
          "GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY "
          "1, 2, 6",
          by_oid.list()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Found& table = by_oid.at(rows.number(i, 0));
    const bool own = rows.truth(i, 6);
    std::string what(rows.text(i, 5));
    if ((rows.text(i, 2) == "v" || rows.text(i, 2) == "m") && !own) {
      const ObjectId view{"view", std::string(rows.text(i, 3)), "", std::string(rows.text(i, 4))};
      if (rows.text(i, 2) == "v" && live.has(view)) continue;
      what = (rows.text(i, 2) == "m" ? "materialized view " : "view ") + view.shown();
    }
    if (!own) add(facts.obstacles[table.table], what);
    if (rows.is_null(i, 1)) continue;
    ObjectId column = column_id(table.server, std::string(rows.text(i, 1)));
    for (const Rename& rename : renames) follow(column, rename);
    add((rows.truth(i, 7) ? facts.goes_along : facts.obstacles)[column], what);
  }
}

// Columns of others that have the table's row type hold its values: a column that goes takes them
// along, and a table that moves away takes its type. Functions and types of it go with the table.
void read_row_type_users(Connection& db, const Schema& live, const std::vector<Found>& tables,
                         Facts& facts) {
  const ByOid by_oid(tables);
  const Rows rows = db.query(
      sql("SELECT t.typrelid, pg_describe_object(d.classid, d.objid, d.objsubid), d.classid = "
          "'pg_class'::regclass FROM pg_type t JOIN pg_type y ON y.oid = t.oid OR y.typelem = "
          "t.oid JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid = y.oid "
          "WHERE t.typrelid IN ({}) AND d.deptype IN ('n', 'a') AND d.classid IN "
          "('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass) AND NOT EXISTS (SELECT "
          "FROM pg_class v WHERE d.classid = 'pg_class'::regclass AND v.oid = d.objid AND "
          "v.relkind = 'v') ORDER BY 1, 2",
          by_oid.list()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId& table = by_oid.at(rows.number(i, 0)).table;
    const std::string what(rows.text(i, 1));
    add(facts.obstacles[table], what);
    if (!rows.truth(i, 2)) continue;
    for (const Column* column : live.parts<Column>(table)) add(facts.obstacles[column->id], what);
  }
}

// A foreign key of a table that is in no models and stays: a table that is moved away would take
// its target along.
void read_foreign_pointers(Connection& db, const Schema& live, const std::vector<Found>& tables,
                           const std::vector<Rename>& renames, Facts& facts) {
  const ByOid by_oid(tables);
  const Rows rows =
      db.query(sql("SELECT k.confrelid, n.nspname, c.relname, k.conname FROM pg_constraint k JOIN "
                   "pg_class c ON c.oid = k.conrelid "
                   "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE k.contype = 'f' AND "
                   "k.conrelid <> k.confrelid AND "
                   "k.confrelid IN ({}) ORDER BY 1, 2, 3, 4",
                   by_oid.list()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ObjectId key{"foreign_key", std::string(rows.text(i, 1)), std::string(rows.text(i, 2)),
                 std::string(rows.text(i, 3))};
    for (const Rename& rename : renames) follow(key, rename);
    if (live.has(key)) continue;
    facts.obstacles[by_oid.at(rows.number(i, 0)).table].push_back(
        "foreign key " + display_name(key.name) + " of table " + key.owner().shown());
  }
}

// Publications that name a table (FOR ALL TABLES and those of a schema do not).
void read_publications(Connection& db, const std::vector<Found>& tables, Facts& facts) {
  const ByOid by_oid(tables);
  // prattrs and prqual: from 15.
  const bool has_parts = db.server_version() >= 150000;
  const Rows rows = db.query(
      sql("SELECT r.prrelid, p.pubname, {}, {} FROM pg_publication_rel r JOIN pg_publication p ON "
          "p.oid = r.prpubid WHERE r.prrelid IN ({}) ORDER BY 1, 2",
          has_parts ? sql("CASE WHEN r.prattrs IS NOT NULL THEN ARRAY(SELECT a.attname::text FROM "
                          "pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY "
                          "(r.prattrs::int2[]) ORDER BY a.attnum) END")
                    : sql("NULL::text[]"),
          has_parts ? sql("pg_get_expr(r.prqual, r.prrelid)") : sql("NULL::text"), by_oid.list()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    facts.publications[by_oid.at(rows.number(i, 0)).table].push_back(
        {std::string(rows.text(i, 1)), rows.list(i, 2), rows.maybe(i, 3).value_or("")});
}

}  // namespace

ObjectId name_on_server(ObjectId id, const std::vector<Rename>& renames) {
  for (auto it = renames.rbegin(); it != renames.rend(); ++it) follow(id, {it->to, it->from});
  return id;
}

Facts read_facts(Connection& db, const Schema& live, const std::set<ObjectId>& tables,
                 const std::vector<Rename>& renames) {
  Facts facts;
  facts.server_version = db.server_version();
  facts.renames = renames;
  if (tables.empty()) return facts;
  std::vector<Found> found;
  std::vector<Sql> names;
  for (const ObjectId& table : tables) {
    if (!live.has(table)) continue;
    found.push_back({table, name_on_server(table, renames)});
    names.push_back(sql("({}, {}, {})", static_cast<std::int64_t>(found.size() - 1),
                        Literal{found.back().server.schema}, Literal{found.back().server.name}));
  }
  if (found.empty()) return facts;
  const Rows rows =
      db.query(sql("SELECT t.i, c.oid, pg_relation_size(c.oid), greatest(c.reltuples, 0)::bigint, "
                   "c.relnatts FROM (VALUES {}) AS t(i, s, n) JOIN "
                   "pg_namespace s ON s.nspname = t.s JOIN pg_class c ON c.relnamespace = s.oid "
                   "AND c.relname = t.n ORDER BY t.i",
                   join(names, ", ")));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Found& table = found[static_cast<std::size_t>(rows.number(i, 0))];
    table.oid = rows.number(i, 1);
    TableFacts known;
    known.bytes = rows.number(i, 2);
    known.rows_estimated = known.bytes > counted_bytes;
    known.rows = std::max<std::int64_t>(rows.number(i, 3), known.bytes > 0 ? 1 : 0);
    facts.tables.emplace(table.table, known);
    facts.columns_used[table.table] = static_cast<int>(rows.number(i, 4));
  }
  std::erase_if(found, [](const Found& one) { return one.oid == 0; });
  count_rows(db, found, facts);
  read_obstacles(db, live, found, renames, facts);
  read_row_type_users(db, live, found, facts);
  read_foreign_pointers(db, live, found, renames, facts);
  read_publications(db, found, facts);
  return facts;
}

}  // namespace schemasync
