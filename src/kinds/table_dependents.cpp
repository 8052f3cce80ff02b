#include "kinds/table_dependents.hpp"

#include <map>
#include <memory>
#include <set>

namespace schemasync {

// What stands on the tables of a schema, by table, so that no table has to look through it all.
struct StandingOnTables {
  std::map<ObjectId, std::vector<ObjectId>> views;
  std::map<ObjectId, std::vector<ObjectId>> keys;    // of other tables
  std::map<Symbol, std::vector<ObjectId>> defaults;  // columns by their nextval('…')

  explicit StandingOnTables(const Schema& schema) {
    for (const auto& [id, view] : schema.all<View>()) {
      std::set<ObjectId> tables;
      for (const ObjectId& used : view.uses) tables.insert(used.owner());
      for (const ObjectId& table : tables) views[table].push_back(id);
    }
    for (const auto& [id, key] : schema.all<ForeignKey>())
      if (key.target != id.owner()) keys[key.target].push_back(id);
    for (const auto& [id, column] : schema.all<Column>())
      if (column.default_value && column.default_value->spelling().starts_with("nextval("))
        defaults[column.default_value->spelling()].push_back(id);
  }
};

namespace {

template <class Key>
const std::vector<ObjectId>& at(const std::map<Key, std::vector<ObjectId>>& index, const Key& key) {
  static const std::vector<ObjectId> none;
  const auto found = index.find(key);
  return found == index.end() ? none : found->second;
}

Sql regclass(const ObjectId& id, const Context& context) {
  return sql("to_regclass({})", Literal{Sql(name_of(on_server(id, context))).str()});
}

// The views and keys that the way itself takes off the table before it goes.
Sql is_known(const Table& table, const Context& context) {
  if (!context.standing) context.standing = std::make_shared<StandingOnTables>(context.from);
  std::vector<Sql> known = {sql("false")};
  for (const ObjectId& view : at(context.standing->views, table.id))
    known.push_back(sql("w.ev_class = {}", regclass(view, context)));
  for (const ObjectId& key : at(context.standing->keys, table.id))
    known.push_back(sql("k.conrelid = {} AND k.conname = {}", regclass(key.owner(), context),
                        Literal{on_server(key, context).name}));
  for (const Sequence* sequence : context.from.belonging<Sequence>(table.id))
    for (const ObjectId& column : at(context.standing->defaults, Symbol(nextval_of(sequence->id))))
      if (column.owner() != table.id)
        known.push_back(sql("f.adrelid = {}", regclass(column.owner(), context)));
  return join(known, " OR ");
}

}  // namespace

Check nothing_unknown_stands_on(const Table& table, const Context& context) {
  // Its row type, its array's, and the sequences that it owns are part of it; so are its own
  // constraints, defaults, indexes, triggers, policies and rules, which move with it.
  const Sql own = regclass(table.id, context);
  const Sql standing = sql(
      "FROM (SELECT 'pg_class'::regclass::oid AS class, {}::oid AS id UNION ALL SELECT "
      "'pg_type'::regclass, unnest(ARRAY[oid, typarray]) FROM pg_type WHERE typrelid = {} UNION "
      "ALL "
      "SELECT classid, objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND refclassid = "
      "'pg_class'::regclass AND refobjid = {} AND refobjsubid > 0 AND deptype IN ('a', 'i')) AS "
      "part "
      "JOIN pg_depend AS d ON d.refclassid = part.class AND d.refobjid = part.id AND d.deptype IN "
      "('n', 'a') AND d.classid <> ALL (ARRAY['pg_publication_rel'::regclass, "
      "'pg_statistic_ext'::regclass]::oid[]) "
      "LEFT JOIN pg_rewrite AS w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid "
      "LEFT JOIN pg_trigger AS g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid "
      "LEFT JOIN pg_policy AS p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid "
      "LEFT JOIN pg_constraint AS k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid "
      "LEFT JOIN pg_attrdef AS f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid "
      "LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid "
      "LEFT JOIN pg_index AS i ON i.indexrelid = c.oid "
      "WHERE coalesce(w.ev_class, g.tgrelid, p.polrelid, nullif(k.conrelid, 0), f.adrelid, "
      "i.indrelid, c.oid, 0) <> {} AND coalesce(c.relkind <> 'S', true) AND NOT coalesce({}, "
      "false)",
      own, own, own, own, is_known(table, context));
  Check check;
  check.name = "dependents";
  check.passed = "nothing that schemasync does not know stands on it";
  check.failed =
      "{0|object stands|objects stand} on " + table.id.shown() +
      " that schemasync does not know, and would go on with its archive; drop {0:it|them} "
      "first";
  check.count = sql("SELECT count(DISTINCT (d.classid, d.objid)) {}", standing);
  check.sample =
      sql("SELECT DISTINCT CASE WHEN w.rulename <> '_RETURN' OR w.oid IS NULL THEN "
          "pg_describe_object(d.classid, d.objid, d.objsubid) ELSE CASE (SELECT relkind FROM "
          "pg_class WHERE oid = w.ev_class) WHEN 'm' THEN 'materialized view ' ELSE 'view ' END || "
          "w.ev_class::regclass::text END AS object {} ORDER BY 1 LIMIT 10",
          standing);
  return check;
}

}  // namespace schemasync
