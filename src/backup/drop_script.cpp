#include "backup/drop_script.hpp"

#include <nlohmann/json.hpp>

#include "text/error.hpp"

namespace schemasync {
namespace {

using Json = nlohmann::json;

// DROP … CASCADE, held to what may go: before it, everything else that pg_depend knows is noted;
// behind it, all of that must still be there. What it may take along: parts (deptype a, i, e, P, S)
// of what goes, but not a table of another schema that is a partition of one, nor the membership in
// a publication that stays; and casts and transforms of types that go.
Sql guarded_drop(const Json& given) {
  return sql(
      "SELECT pg_catalog.set_config('schemasync.drop', {}, true);\n"
      "DO $schemasync$\n"
      "DECLARE\n"
      "  given CONSTANT jsonb := pg_catalog.current_setting('schemasync.drop')::jsonb;\n"
      "  spaces oid[] := ARRAY(SELECT n.oid FROM pg_namespace AS n JOIN\n"
      "    jsonb_array_elements_text(given->'schemas') AS s(name) ON s.name = n.nspname);\n"
      "  commands text[];\n"
      "  watched text[];\n"
      "  said text[];\n"
      "  lost text;\n"
      "  one text;\n"
      "BEGIN\n"
      "  SET LOCAL client_min_messages = warning;\n"
      "  FOR one IN SELECT jsonb_array_elements_text(given->'publications') LOOP\n"
      "    EXECUTE format('DROP PUBLICATION IF EXISTS %I', one);\n"
      "  END LOOP;\n"
      "  FOR one IN SELECT jsonb_array_elements_text(given->'event_triggers') LOOP\n"
      "    EXECUTE format('DROP EVENT TRIGGER IF EXISTS %I', one);\n"
      "  END LOOP;\n"
      "  PERFORM lo_unlink(m.oid) FROM pg_largeobject_metadata AS m JOIN\n"
      "    jsonb_array_elements_text(given->'large_objects') AS l(oid) ON l.oid::oid = m.oid;\n"
      "  WITH RECURSIVE seeds AS (\n"
      "    SELECT d.classid, d.objid FROM pg_depend AS d WHERE d.refclassid =\n"
      "      'pg_namespace'::regclass AND d.refobjid = ANY (spaces) AND d.deptype = 'n'\n"
      "    UNION SELECT (o->>0)::oid, (o->>1)::oid FROM jsonb_array_elements(given->'objects')\n"
      "      AS o),\n"
      "  going AS (SELECT classid, objid FROM seeds\n"
      "    UNION SELECT d.classid, d.objid FROM going AS g JOIN pg_depend AS d ON d.refclassid =\n"
      "      g.classid AND d.refobjid = g.objid LEFT JOIN pg_class AS c ON d.classid =\n"
      "      'pg_class'::regclass AND c.oid = d.objid WHERE (d.deptype IN ('a', 'i', 'e', 'P', "
      "'S')\n"
      "      AND d.classid <> 'pg_publication_rel'::regclass AND NOT (c.oid IS NOT NULL AND\n"
      "      c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relnamespace <> ALL (spaces))) OR\n"
      "      d.classid IN ('pg_cast'::regclass, 'pg_transform'::regclass)),\n"
      "  droppable AS (SELECT s.classid, s.objid FROM seeds AS s WHERE s.classid IN\n"
      "      ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass,\n"
      "      'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass,\n"
      "      'pg_collation'::regclass, 'pg_conversion'::regclass, 'pg_ts_config'::regclass,\n"
      "      'pg_ts_dict'::regclass, 'pg_ts_parser'::regclass, 'pg_ts_template'::regclass,\n"
      "      'pg_statistic_ext'::regclass) AND NOT EXISTS (SELECT FROM pg_depend AS e WHERE\n"
      "      e.classid = s.classid AND e.objid = s.objid AND e.deptype IN ('e', 'i')))\n"
      "  SELECT (SELECT array_agg(format('DROP %s IF EXISTS %s CASCADE', CASE i.type\n"
      "        WHEN 'composite type' THEN 'TYPE' WHEN 'statistics object' THEN 'STATISTICS'\n"
      "        WHEN 'function' THEN 'ROUTINE' WHEN 'procedure' THEN 'ROUTINE'\n"
      "        WHEN 'aggregate' THEN 'ROUTINE' ELSE upper(i.type) END, i.identity))\n"
      "      FROM droppable AS x, pg_identify_object(x.classid, x.objid, 0) AS i),\n"
      "    array_agg(d.classid || '/' || d.objid || '/' || d.objsubid),\n"
      "    array_agg(pg_describe_object(d.classid, d.objid, d.objsubid))\n"
      "    INTO commands, watched, said FROM (SELECT DISTINCT classid, objid, objsubid FROM\n"
      "      pg_depend WHERE objid >= 16384) AS d WHERE NOT EXISTS (SELECT FROM going AS g WHERE\n"
      "      g.classid = d.classid AND g.objid = d.objid);\n"
      "  FOREACH one IN ARRAY coalesce(commands, ARRAY[]::text[]) LOOP EXECUTE one; END LOOP;\n"
      "  FOR one IN SELECT s FROM jsonb_array_elements_text(given->'schemas') AS s WHERE s <>\n"
      "    'public' LOOP\n"
      "    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', one);\n"
      "  END LOOP;\n"
      "  SELECT string_agg(said[i], ', ') INTO lost FROM generate_subscripts(watched, 1) AS i "
      "WHERE\n"
      "    watched[i] NOT IN (SELECT d.classid || '/' || d.objid || '/' || d.objsubid FROM\n"
      "    pg_depend AS d);\n"
      "  IF lost IS NOT NULL THEN\n"
      "    RAISE EXCEPTION USING ERRCODE = 'SS003', MESSAGE = lost;\n"
      "  END IF;\n"
      "END\n"
      "$schemasync$",
      Literal{given.dump(-1, ' ', false, Json::error_handler_t::replace)});
}

Json nothing() {
  return {{"schemas", Json::array()},
          {"objects", Json::array()},
          {"publications", Json::array()},
          {"event_triggers", Json::array()},
          {"large_objects", Json::array()}};
}

// The tables as a query of their oids.
Sql oids_of(const std::vector<ObjectId>& tables) {
  std::vector<Sql> names;
  for (const ObjectId& table : tables)
    names.push_back(sql("({}, {})", Literal{table.schema}, Literal{table.name}));
  return sql(
      "(SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE "
      "(n.nspname, c.relname) IN ({}))",
      join(names, ", "));
}

std::vector<Sql> qualified(const std::vector<ObjectId>& tables) {
  std::vector<Sql> names;
  for (const ObjectId& table : tables) names.emplace_back(QualifiedName{table.schema, table.name});
  return names;
}

// Foreign keys away, and made again as they were: ADD CONSTRAINT checks the rows. A key of a
// partition goes and comes with its parent's.
void around_foreign_keys(Connection& db, const Sql& which, Around& around) {
  const Rows rows = db.query(
      sql("SELECT n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid), "
          "obj_description(k.oid, 'pg_constraint') FROM pg_constraint AS k JOIN pg_class AS c ON "
          "c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE k.contype = "
          "'f' AND k.conparentid = 0 AND ({}) ORDER BY 1, 2, 3",
          which));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const QualifiedName table{std::string(rows.text(i, 0)), std::string(rows.text(i, 1))};
    const Identifier key{std::string(rows.text(i, 2))};
    around.before.push_back(sql("ALTER TABLE {} DROP CONSTRAINT {}", table, key));
    around.after.push_back(sql("ALTER TABLE {} ADD CONSTRAINT {} {}", table, key,
                               Expression{std::string(rows.text(i, 3))}));
    if (!rows.is_null(i, 4))
      around.after.push_back(sql("COMMENT ON CONSTRAINT {} ON {} IS {}", key, table,
                                 Literal{std::string(rows.text(i, 4))}));
  }
}

void around_triggers(Connection& db, const std::vector<ObjectId>& tables, Around& around) {
  const Rows rows = db.query(
      sql("SELECT n.nspname, c.relname, t.tgname, t.tgenabled::text FROM pg_trigger AS t JOIN "
          "pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace "
          "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND c.relkind = 'r' AND c.oid IN {} "
          "ORDER BY 1, 2, 3",
          oids_of(tables)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const QualifiedName table{std::string(rows.text(i, 0)), std::string(rows.text(i, 1))};
    const Identifier trigger{std::string(rows.text(i, 2))};
    const std::string_view state = rows.text(i, 3);
    around.before.push_back(sql("ALTER TABLE {} DISABLE TRIGGER {}", table, trigger));
    around.after.push_back(
        state == "R"   ? sql("ALTER TABLE {} ENABLE REPLICA TRIGGER {}", table, trigger)
        : state == "A" ? sql("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}", table, trigger)
                       : sql("ALTER TABLE {} ENABLE TRIGGER {}", table, trigger));
  }
}

void refuse_published(Connection& db, const std::vector<ObjectId>& tables) {
  const Rows rows =
      db.query(sql("SELECT p.pubname, r.prrelid::regclass FROM pg_publication_rel AS r JOIN "
                   "pg_publication AS p ON p.oid = r.prpubid WHERE r.prrelid IN {} ORDER BY 1, 2",
                   oids_of(tables)));
  if (rows.size() == 0) return;
  throw Error("publication " + display_name(rows.text(0, 0)) + " holds table " +
                  std::string(rows.text(0, 1)) + ", and would lose it",
              "restore its rows alone, with -t, or take the table out of the publication first");
}

}  // namespace

Sql drop_everything(const Everything& everything) {
  Json given = nothing();
  given["schemas"] = everything.schemas;
  given["publications"] = everything.publications;
  given["event_triggers"] = everything.event_triggers;
  given["large_objects"] = everything.large_objects;
  return guarded_drop(given);
}

Sql drop_objects(Connection& db, const std::vector<ObjectId>& objects) {
  std::vector<Sql> names;
  for (const ObjectId& id : objects)
    names.push_back(sql("({}, {})", Literal{id.schema}, Literal{id.name}));
  if (names.empty()) names.push_back(sql("('', '')"));
  const Rows rows = db.query(
      sql("WITH wanted(schema, name) AS (VALUES {}) SELECT 'pg_class'::regclass::oid, c.oid FROM "
          "wanted AS w JOIN pg_namespace AS n ON n.nspname = w.schema JOIN pg_class AS c ON "
          "c.relnamespace = n.oid AND c.relname = w.name WHERE c.relkind IN ('r', 'p', 'v', 'm', "
          "'f', 'S') UNION ALL SELECT 'pg_type'::regclass::oid, t.oid FROM wanted AS w JOIN "
          "pg_namespace AS n ON n.nspname = w.schema JOIN pg_type AS t ON t.typnamespace = n.oid "
          "AND t.typname = w.name WHERE t.typrelid = 0 AND t.typtype IN ('e', 'd')",
          join(names, ", ")));
  Json given = nothing();
  for (std::size_t i = 0; i < rows.size(); ++i)
    given["objects"].push_back({std::string(rows.text(i, 0)), std::string(rows.text(i, 1))});
  return guarded_drop(given);
}

Around drop_tables(Connection& db, const std::vector<ObjectId>& tables) {
  Around around;
  if (tables.empty()) return around;
  refuse_published(db, tables);
  const Sql ours = oids_of(tables);
  around_foreign_keys(db, sql("k.confrelid IN {} AND k.conrelid NOT IN {}", ours, ours), around);
  // pg_dump leaves extended statistics out of a dump of single tables.
  const Rows statistics = db.query(
      sql("SELECT pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext AS s WHERE s.stxrelid IN {} "
          "ORDER BY s.stxname",
          ours));
  for (std::size_t i = 0; i < statistics.size(); ++i)
    around.after.push_back(Sql(Expression{std::string(statistics.text(i, 0))}));
  around.before.push_back(sql("DROP TABLE {}", join(qualified(tables), ", ")));
  return around;
}

Around load_rows(Connection& db, const std::vector<ObjectId>& tables, OldRows old) {
  Around around;
  if (tables.empty()) return around;
  const Sql ours = oids_of(tables);
  around_foreign_keys(db, sql("k.confrelid IN {} OR k.conrelid IN {}", ours, ours), around);
  around_triggers(db, tables, around);
  if (old == OldRows::none) return around;
  const Rows rows = db.query(
      sql("SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = "
          "c.relnamespace WHERE c.relkind = 'r' AND c.oid IN {} ORDER BY 1, 2",
          ours));
  std::vector<Sql> emptied;
  for (std::size_t i = 0; i < rows.size(); ++i)
    emptied.push_back(
        sql("ONLY {}", QualifiedName{std::string(rows.text(i, 0)), std::string(rows.text(i, 1))}));
  if (!emptied.empty()) around.before.push_back(sql("TRUNCATE {}", join(emptied, ", ")));
  return around;
}

}  // namespace schemasync
