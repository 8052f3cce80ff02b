#include "load/unmodelled.hpp"

#include <algorithm>

namespace schemasync {
namespace {

// What later parts of the query read: the schemas in scope, what extensions own, the relations, and
// the columns of views and of indexes with expressions. Those of tables are Column's to read.
Sql asked_of(const Literal& spaces) {
  return sql(
      "WITH spaces AS (SELECT unnest({}::oid[]) AS oid), "
      "owned AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'), "
      "r AS (SELECT c.oid, n.nspname::text, c.relname::text, c.relkind, c.relpersistence, "
      "c.relispartition, c.reloptions, c.relam, "
      "c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.reltablespace, c.reloftype FROM "
      "pg_class c JOIN pg_namespace n "
      "ON n.oid = c.relnamespace WHERE c.relnamespace IN (SELECT oid FROM spaces) AND c.relkind IN "
      "('r', 'p', 'm', 'f', 'c', 'v') AND c.oid NOT IN (SELECT objid "
      "FROM owned WHERE classid = 'pg_class'::regclass)), "
      "a AS MATERIALIZED (SELECT attrelid, attname, attstattarget, atthasdef, attacl FROM "
      "pg_attribute WHERE attrelid = ANY(ARRAY(SELECT oid FROM r WHERE relkind = 'v' UNION ALL "
      "SELECT indexrelid FROM pg_index WHERE indexprs IS NOT NULL AND indexrelid >= 16384)) AND "
      "attnum > 0 AND NOT attisdropped) ",
      spaces);
}

// One row per object or attribute: its schema, its table ("" for what stands alone), a text, a
// name.
Sql of_relations() {
  return sql(
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
      "UNION ALL SELECT r.nspname, r.relname, 'default of', a.attname FROM r JOIN a "
      "ON a.attrelid = r.oid WHERE r.relkind = 'v' AND a.atthasdef "
      "UNION ALL SELECT r.nspname, r.relname, 'grants on', a.attname FROM r JOIN a "
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
      "UNION ALL SELECT r.nspname, r.relname, 'trigger ' || g.tgname || CASE g.tgenabled WHEN 'D' "
      "THEN ' (disabled)' WHEN 'R' THEN ' (replica)' WHEN 'A' THEN ' (always)' ELSE '' END, '' "
      "FROM pg_trigger g JOIN r ON r.oid = g.tgrelid WHERE NOT g.tgisinternal AND NOT "
      "r.relispartition "
      "UNION ALL SELECT DISTINCT r.nspname, r.relname, 'disabled triggers of foreign keys', '' "
      "FROM pg_trigger g JOIN r ON r.oid = g.tgrelid WHERE g.tgisinternal AND g.tgenabled <> 'O' "
      "AND NOT r.relispartition "
      "UNION ALL SELECT r.nspname, r.relname, 'policy ' || p.polname, '' FROM pg_policy p JOIN r "
      "ON r.oid = p.polrelid "
      "UNION ALL SELECT r.nspname, r.relname, 'rule ' || w.rulename || CASE w.ev_enabled WHEN 'D' "
      "THEN ' (disabled)' WHEN 'R' THEN ' (replica)' WHEN 'A' THEN ' (always)' ELSE '' END, '' "
      "FROM pg_rewrite w JOIN r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN' "
      "UNION ALL SELECT r.nspname, r.relname, 'access method ' || m.amname, '' FROM r JOIN pg_am m "
      "ON m.oid = r.relam WHERE r.relkind = 'r' AND m.amname <> 'heap' "
      "UNION ALL SELECT nspname, relname, 'OF type ' || format_type(reloftype, NULL), '' FROM r "
      "WHERE reloftype <> 0 "
      "UNION ALL SELECT r.nspname, r.relname, 'CLUSTER on ' || x.relname, '' FROM pg_index i JOIN "
      "r ON r.oid = "
      "i.indrelid JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indisclustered AND r.relkind = "
      "'r' AND NOT r.relispartition "
      "UNION ALL SELECT DISTINCT r.nspname, r.relname, 'statistics target of index ' || x.relname, "
      "'' FROM a JOIN pg_index i ON i.indexrelid = a.attrelid JOIN r ON r.oid = i.indrelid JOIN "
      "pg_class x ON x.oid = i.indexrelid WHERE a.attstattarget >= 0 AND r.relkind = 'r' AND NOT "
      "r.relispartition "
      "UNION ALL SELECT r.nspname, r.relname, 'comment on ' || o.what, '' FROM (SELECT "
      "'pg_trigger'::regclass AS catalog, oid, tgrelid AS relation, 'trigger ' || tgname AS what "
      "FROM pg_trigger WHERE NOT tgisinternal UNION ALL SELECT 'pg_policy'::regclass, oid, "
      "polrelid, 'policy ' || polname "
      "FROM pg_policy UNION ALL SELECT 'pg_rewrite'::regclass, oid, ev_class, 'rule ' || rulename "
      "FROM pg_rewrite) o JOIN pg_description d ON d.classoid = o.catalog AND d.objoid = o.oid "
      "JOIN r ON r.oid = o.relation");
}

// Of these the name tells the kind, unless there is no name: then the text says it all.
Sql standing_alone() {
  return sql(
      " UNION ALL SELECT n.nspname, '', CASE p.prokind WHEN 'a' THEN 'aggregate ' WHEN 'p' THEN "
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
      "UNION ALL SELECT '', '', 'event trigger ' || evtname || CASE evtenabled WHEN 'D' THEN ' "
      "(disabled)' ELSE '' END, '' FROM pg_event_trigger WHERE oid NOT IN (SELECT objid FROM owned "
      "WHERE classid = 'pg_event_trigger'::regclass) "
      "UNION ALL SELECT '', '', 'publication ' || pubname, '' FROM pg_publication "
      // Any role may read these columns of it.
      "UNION ALL SELECT '', '', 'subscription ' || s.subname, '' FROM pg_subscription s JOIN "
      "pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database() "
      "UNION ALL SELECT coalesce(n.nspname, ''), '', 'default privileges of ' || "
      "pg_get_userbyid(d.defaclrole) || CASE d.defaclobjtype WHEN 'r' THEN ' for tables' WHEN 'S' "
      "THEN ' for sequences' WHEN 'f' THEN ' for functions' WHEN 'T' THEN ' for types' WHEN 'n' "
      "THEN ' for schemas' ELSE ' for large objects' END || coalesce(' in schema ' || n.nspname, "
      "''), '' FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace "
      "WHERE d.defaclnamespace = 0 OR d.defaclnamespace IN (SELECT oid FROM spaces) "
      "UNION ALL SELECT n.nspname, '', 'comment on ' || CASE p.prokind WHEN 'a' THEN 'aggregate ' "
      "WHEN 'p' THEN 'procedure ' ELSE 'function ' END || CASE n.nspname WHEN 'public' THEN '' "
      "ELSE n.nspname || '.' END || p.proname || '(' || pg_get_function_identity_arguments(p.oid) "
      "|| ')', '' FROM pg_proc p JOIN pg_description d ON d.classoid = 'pg_proc'::regclass AND "
      "d.objoid = p.oid JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.pronamespace IN "
      "(SELECT oid FROM spaces) AND p.oid NOT IN (SELECT objid FROM owned WHERE classid = "
      "'pg_proc'::regclass) "
      "UNION ALL SELECT n.nspname, '', 'comment on ' || CASE t.typtype WHEN 'd' THEN 'domain ' "
      "ELSE 'type ' END || CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || "
      "t.typname, '' FROM pg_type t JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND "
      "d.objoid = t.oid JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype <> 'e' AND "
      "t.typnamespace IN (SELECT oid FROM spaces) AND t.oid NOT IN (SELECT objid FROM owned WHERE "
      "classid = 'pg_type'::regclass)");
}

// Seldom made by anybody but an extension: what an oid from 16384 on and no extension owns.
Sql seldom_made() {
  return sql(
      " UNION ALL SELECT n.nspname, '', o.what, o.name FROM ("
      "SELECT 'pg_ts_config'::regclass AS catalog, oid, cfgnamespace AS space, 'text search "
      "configuration ' AS what, cfgname AS name FROM pg_ts_config "
      "UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace, 'text search dictionary ', "
      "dictname FROM pg_ts_dict "
      "UNION ALL SELECT 'pg_ts_parser'::regclass, oid, prsnamespace, 'text search parser ', "
      "prsname FROM pg_ts_parser "
      "UNION ALL SELECT 'pg_ts_template'::regclass, oid, tmplnamespace, 'text search template ', "
      "tmplname FROM pg_ts_template "
      "UNION ALL SELECT 'pg_opclass'::regclass, oid, opcnamespace, 'operator class ', opcname FROM "
      "pg_opclass "
      // The family that CREATE OPERATOR CLASS makes with it goes without saying.
      "UNION ALL SELECT 'pg_opfamily'::regclass, f.oid, f.opfnamespace, 'operator family ', "
      "f.opfname FROM pg_opfamily f WHERE NOT EXISTS (SELECT FROM pg_opclass c WHERE c.opcfamily = "
      "f.oid AND c.opcname = f.opfname AND c.opcnamespace = f.opfnamespace) "
      "UNION ALL SELECT 'pg_conversion'::regclass, oid, connamespace, 'conversion ', conname FROM "
      "pg_conversion) o JOIN pg_namespace n ON n.oid = o.space WHERE o.oid >= 16384 AND o.space IN "
      "(SELECT oid FROM spaces) AND (o.catalog, o.oid) NOT IN (SELECT classid, objid FROM owned) "
      "UNION ALL SELECT '', '', o.what, '' FROM ("
      "SELECT 'pg_foreign_data_wrapper'::regclass AS catalog, oid, 'foreign-data wrapper ' || "
      "fdwname AS what FROM pg_foreign_data_wrapper "
      "UNION ALL SELECT 'pg_foreign_server'::regclass, oid, 'foreign server ' || srvname FROM "
      "pg_foreign_server "
      // pg_user_mapping itself shows its passwords to superusers alone.
      "UNION ALL SELECT 'pg_user_mapping'::regclass, umid, 'user mapping of ' || usename || ' for "
      "server ' || srvname FROM pg_user_mappings "
      "UNION ALL SELECT 'pg_cast'::regclass, oid, 'cast from ' || format_type(castsource, NULL) || "
      "' to ' || format_type(casttarget, NULL) FROM pg_cast c WHERE oid >= 16384 AND NOT "
      // A range type brings the cast to its multirange type.
      "EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid "
      "AND d.deptype = 'i') "
      "UNION ALL SELECT 'pg_transform'::regclass, t.oid, 'transform of ' || format_type(t.trftype, "
      "NULL) || ' for language ' || l.lanname FROM pg_transform t JOIN pg_language l ON l.oid = "
      "t.trflang "
      "UNION ALL SELECT 'pg_language'::regclass, oid, 'language ' || lanname FROM pg_language "
      "UNION ALL SELECT 'pg_am'::regclass, oid, 'access method ' || amname FROM pg_am) o WHERE "
      "o.oid >= 16384 AND (o.catalog, o.oid) NOT IN (SELECT classid, objid FROM owned)");
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
  Sql all = asked_of(catalog.namespaces());
  for (const Sql& part : {of_relations(), standing_alone(), seldom_made()}) all += part;
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
