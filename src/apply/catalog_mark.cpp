#include "apply/catalog_mark.hpp"

#include <set>

namespace schemasync {
namespace {

Sql array_of(const std::vector<std::int64_t>& oids) {
  std::vector<Sql> items;
  for (const std::int64_t oid : oids) items.emplace_back(oid);
  return sql("ARRAY[{}]::oid[]", join(items, ", "));
}

std::set<ObjectId> tables_of(const Plan& plan) {
  std::set<ObjectId> tables;
  for (const Change& change : plan.changes) {
    tables.insert(change.tables.begin(), change.tables.end());
    tables.insert(change.object.owner());
  }
  return tables;
}

}  // namespace

CatalogMark::CatalogMark(Connection& db, const Plan& plan) {
  std::vector<Sql> names;
  for (const ObjectId& table : tables_of(plan))
    if (table.kind == "table")
      names.push_back(sql("({}, {})", Literal{table.schema}, Literal{table.name}));
  if (names.empty()) return;
  const Rows rows = db.query(
      sql("SELECT c.oid::bigint FROM (VALUES {}) AS t(schema, name) JOIN pg_namespace AS n ON "
          "n.nspname = t.schema JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = "
          "t.name WHERE c.relkind IN ('r', 'p') ORDER BY 1",
          join(names, ", ")));
  for (std::size_t i = 0; i < rows.size(); ++i) oids_.push_back(rows.number(i, 0));
  mark_ = read(db);
}

// relname and relnamespace stand for pg_class, whose xmin moves with some statements that matter to
// nobody (a first CREATE INDEX sets relhasindex) and not with others that do.
std::string CatalogMark::read(Connection& db) const {
  if (oids_.empty()) return {};
  const Rows rows = db.query(
      sql("WITH t AS (SELECT unnest({}) AS oid), v AS ("
          "SELECT 'c', c.oid, 0, c.relname || c.relnamespace::text || c.relowner::text || "
          "c.relrowsecurity::text || coalesce(c.relacl::text, '') || c.relkind::text FROM pg_class "
          "AS c JOIN t USING (oid) "
          "UNION ALL SELECT 'a', a.attrelid, a.attnum, a.xmin::text FROM pg_attribute AS a JOIN t "
          "ON t.oid = a.attrelid "
          "UNION ALL SELECT 'd', d.adrelid, d.adnum, d.xmin::text FROM pg_attrdef AS d JOIN t ON "
          "t.oid = d.adrelid "
          "UNION ALL SELECT 'k', k.conrelid, 0, k.oid::text || ' ' || k.xmin::text FROM "
          "pg_constraint AS k JOIN t ON t.oid = k.conrelid "
          "UNION ALL SELECT 'f', k.confrelid, 0, k.oid::text || ' ' || k.xmin::text FROM "
          "pg_constraint AS k JOIN t ON t.oid = k.confrelid "
          "UNION ALL SELECT 'i', i.indrelid, 0, i.indexrelid::text || ' ' || c.relname FROM "
          "pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN t ON t.oid = i.indrelid "
          "UNION ALL SELECT 'r', r.ev_class, 0, r.xmin::text FROM pg_rewrite AS r JOIN t ON t.oid "
          "= r.ev_class) "
          "SELECT md5(string_agg(v::text, ',' ORDER BY v::text)) FROM v",
          array_of(oids_)));
  return std::string(rows.text(0, 0));
}

void CatalogMark::lock_and_compare(Connection& db) const {
  if (oids_.empty()) return;
  const Rows rows = db.query(
      sql("SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = "
          "c.relnamespace WHERE c.oid = ANY ({}) AND has_table_privilege(c.oid, 'UPDATE, DELETE, "
          "TRUNCATE') ORDER BY 1, 2",
          array_of(oids_)));
  std::vector<Sql> names;
  for (std::size_t i = 0; i < rows.size(); ++i)
    names.emplace_back(QualifiedName{std::string(rows.text(i, 0)), std::string(rows.text(i, 1))});
  if (!names.empty()) {
    std::vector<Sql> only;
    for (const Sql& name : names) only.push_back(sql("ONLY {}", name));
    db.execute(sql("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE", join(only, ", ")));
  }
  if (read(db) != mark_)
    throw Error("a table of this plan was changed by somebody else a moment ago",
                "plan again, and apply the new plan", ExitCode::stale);
}

void CatalogMark::renew(Connection& db) { mark_ = read(db); }

}  // namespace schemasync
