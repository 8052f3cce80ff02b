#include "load/unmodelled.hpp"

#include <algorithm>

namespace schemasync {
namespace {

// One row per object or attribute: its schema, its table ("" for what stands alone), a text.
Sql objects(const Literal& spaces) {
  return sql(
      "WITH spaces AS (SELECT unnest({}::oid[]) AS oid), "
      "owned AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'), "
      "r AS (SELECT c.oid, n.nspname::text, c.relname::text, c.relkind, c.relpersistence, "
      "c.relispartition, c.reloptions, "
      "c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.reltablespace, c.reloftype FROM "
      "pg_class c JOIN pg_namespace n "
      "ON n.oid = c.relnamespace WHERE c.relnamespace IN (SELECT oid FROM spaces) AND c.relkind IN "
      "('r', 'p', 'm', 'f', 'c', 'v') AND c.oid NOT IN (SELECT objid "
      "FROM owned WHERE classid = 'pg_class'::regclass)) "
      "SELECT nspname, '', CASE WHEN relispartition THEN 'partition ' WHEN relkind = 'p' THEN "
      "'partitioned table ' "
      "WHEN relkind = 'm' THEN 'materialized view ' WHEN relkind = 'f' THEN 'foreign table ' WHEN "
      "relkind = 'c' THEN "
      "'composite type ' WHEN relkind = 'v' THEN 'view ' ELSE 'inheriting table ' END, relname "
      "FROM r WHERE relkind IN ('p', 'm', 'f', 'c', 'v') OR "
      "(relkind = 'r' AND (relispartition OR oid IN (SELECT inhrelid FROM pg_inherits UNION SELECT "
      "inhparent FROM pg_inherits))) "
      "UNION ALL SELECT nspname, relname, 'unlogged', '' FROM r WHERE relkind = 'r' AND "
      "relpersistence = 'u' "
      "UNION ALL SELECT nspname, relname, 'storage parameters ' || array_to_string(reloptions, ', "
      "'), '' FROM r WHERE relkind = 'r' AND reloptions IS NOT NULL "
      // Of a view, which would lose it all when it is made again.
      "UNION ALL SELECT nspname, relname, 'options ' || array_to_string(reloptions, ', '), '' FROM "
      "r WHERE relkind = 'v' AND reloptions IS NOT NULL "
      "UNION ALL SELECT r.nspname, r.relname, 'default of', a.attname FROM r JOIN pg_attribute a "
      "ON a.attrelid = r.oid WHERE r.relkind = 'v' AND a.atthasdef "
      "UNION ALL SELECT r.nspname, r.relname, 'grants on', a.attname FROM r JOIN pg_attribute a "
      "ON a.attrelid = r.oid WHERE r.relkind = 'v' AND cardinality(a.attacl) > 0 "
      "UNION ALL SELECT r.nspname, r.relname, 'comment on', a.attname FROM r JOIN pg_description d "
      "ON d.objoid = r.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid > 0 JOIN "
      "pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.objsubid WHERE r.relkind = 'v' "
      "UNION ALL SELECT nspname, relname, 'row level security', '' FROM r WHERE relrowsecurity OR "
      "relforcerowsecurity "
      "UNION ALL SELECT nspname, relname, 'replica identity', '' FROM r WHERE relkind = 'r' AND "
      "relreplident <> 'd' "
      "UNION ALL SELECT nspname, relname, 'tablespace', '' FROM r WHERE relkind = 'r' AND "
      "reltablespace <> 0 "
      "UNION ALL SELECT r.nspname, r.relname, CASE k.contype WHEN 'x' THEN 'exclusion constraint ' "
      "ELSE 'constraint trigger ' END || k.conname, '' "
      "FROM pg_constraint k JOIN r ON r.oid = k.conrelid WHERE k.contype IN ('x', 't') AND "
      "r.relkind = 'r' "
      "UNION ALL SELECT r.nspname, r.relname, 'trigger ' || g.tgname, '' FROM pg_trigger g JOIN r "
      "ON r.oid = g.tgrelid WHERE NOT g.tgisinternal AND NOT r.relispartition "
      "UNION ALL SELECT r.nspname, r.relname, 'policy ' || p.polname, '' FROM pg_policy p JOIN r "
      "ON r.oid = p.polrelid "
      "UNION ALL SELECT r.nspname, r.relname, 'rule ' || w.rulename, '' FROM pg_rewrite w JOIN r "
      "ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN' "
      "UNION ALL SELECT n.nspname, '', CASE p.prokind WHEN 'a' THEN 'aggregate ' WHEN 'p' THEN "
      "'procedure ' ELSE 'function ' END, p.proname || '(' || "
      "pg_get_function_identity_arguments(p.oid) || ')' FROM pg_proc p JOIN pg_namespace n ON "
      "n.oid = p.pronamespace WHERE p.pronamespace IN (SELECT oid FROM spaces) "
      "AND p.oid NOT IN (SELECT objid FROM owned WHERE classid = 'pg_proc'::regclass) "
      "UNION ALL SELECT n.nspname, '', CASE t.typtype WHEN 'd' THEN 'domain ' WHEN 'r' THEN 'range "
      "type ' ELSE 'type ' END, t.typname FROM pg_type t JOIN "
      "pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('d', 'r', 'b') AND t.typelem = "
      "0 AND t.typnamespace IN (SELECT oid FROM spaces) AND "
      "t.oid NOT IN (SELECT objid FROM owned WHERE classid = 'pg_type'::regclass) "
      "UNION ALL SELECT n.nspname, '', 'statistics ', s.stxname FROM pg_statistic_ext s JOIN "
      "pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxnamespace IN (SELECT oid FROM spaces) "
      "UNION ALL SELECT n.nspname, '', 'collation ', c.collname FROM pg_collation c JOIN "
      "pg_namespace n ON n.oid = c.collnamespace WHERE c.collnamespace IN (SELECT oid FROM spaces) "
      "AND "
      "c.oid NOT IN (SELECT objid FROM owned WHERE classid = 'pg_collation'::regclass) "
      "UNION ALL SELECT n.nspname, '', 'operator ', o.oprname FROM pg_operator o JOIN pg_namespace "
      "n ON n.oid = o.oprnamespace WHERE o.oprnamespace IN (SELECT oid FROM spaces) AND "
      "o.oid NOT IN (SELECT objid FROM owned WHERE classid = 'pg_operator'::regclass) "
      "UNION ALL SELECT '', '', 'extension ' || e.extname, '' FROM pg_extension e WHERE e.extname "
      "<> 'plpgsql' "
      "UNION ALL SELECT '', '', 'event trigger ' || evtname, '' FROM pg_event_trigger "
      "UNION ALL SELECT '', '', 'publication ' || pubname, '' FROM pg_publication "
      "UNION ALL SELECT coalesce(n.nspname, ''), '', 'default privileges of ' || "
      "pg_get_userbyid(d.defaclrole), '' FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = "
      "d.defaclnamespace "
      "WHERE d.defaclnamespace = 0 OR d.defaclnamespace IN (SELECT oid FROM spaces)",
      spaces);
}

// From 18: keys over time, constraints that are not enforced, NOT NULL that is a constraint.
Sql newer_objects(const Literal& spaces) {
  return sql(
      " UNION ALL SELECT n.nspname, c.relname, CASE WHEN k.contype = 'n' THEN 'NOT NULL as "
      "constraint ' WHEN k.conperiod THEN 'WITHOUT OVERLAPS or PERIOD of constraint ' ELSE 'NOT "
      "ENFORCED of constraint ' END || k.conname || CASE WHEN k.contype <> 'n' THEN '' WHEN "
      "k.convalidated THEN ' (no inherit)' ELSE ' (not valid)' END, '' "
      "FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = "
      "c.relnamespace WHERE c.relkind = 'r' AND c.relnamespace = ANY ({}::oid[]) AND "
      "(k.conperiod OR NOT k.conenforced OR (k.contype = 'n' AND (NOT k.convalidated OR "
      "k.connoinherit)))",
      spaces);
}

}  // namespace

Sql unmodelled_query(const Catalog& catalog) {
  Sql all = objects(catalog.namespaces());
  if (catalog.version() >= 180000) all += newer_objects(catalog.namespaces());
  return all;
}

void list_unmodelled(const Catalog& catalog, const Rows& rows, Schema& schema) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string space(rows.text(i, 0));
    const std::string table(rows.text(i, 1));
    const std::string what(rows.text(i, 2));
    if (!table.empty()) {
      const ObjectId id{"table", space, "", table};
      if (!catalog.scope().has(id)) continue;
      const std::string column(rows.text(i, 3));
      schema.unmodelled.push_back(column.empty()
                                      ? what + " of " + id.shown()
                                      : what + " column " + column_id(id, column).shown());
      continue;
    }
    const std::string kind = what.substr(0, what.find(' '));
    const ObjectId id{kind, space, "", std::string(rows.text(i, 3))};
    if (id.name.empty()) {
      if (space.empty() || catalog.scope().has_schema(space)) schema.unmodelled.push_back(what);
    } else if (catalog.scope().has(id) && !schema.has(id)) {
      // A function's name is its signature, which no quotes belong around.
      const bool signature = id.name.ends_with(')');
      const std::string home =
          id.schema.empty() || id.schema == "public" ? "" : display_name(id.schema) + ".";
      schema.unmodelled.push_back(what + (signature ? home + id.name : id.shown()));
    }
  }
  std::sort(schema.unmodelled.begin(), schema.unmodelled.end());
}

}  // namespace schemasync
