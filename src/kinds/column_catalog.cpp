// Columns as the catalog has them: names, types, order and defaults from pg_catalog, the words of
// information_schema for what is generated or counts.
#include <algorithm>

#include "kinds/catalog.hpp"
#include "kinds/column.hpp"
#include "kinds/column_parts.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

std::optional<SqlText> text_of(const Rows& rows, std::size_t row, std::size_t column) {
  if (rows.is_null(row, column)) return std::nullopt;
  return SqlText::of_catalog(std::string(rows.text(row, column)));
}

// "reader=select/0" with the column's own ACL, for the table's grants.
void add_column_grants(Schema& schema, const ObjectId& table, const std::string& column,
                       const std::vector<std::string>& entries) {
  if (entries.empty()) return;
  const auto found = schema.all<Table>().find(table);
  if (found == schema.all<Table>().end()) return;
  std::vector<Grant>& grants = *found->second.aspects.grants;
  for (Grant grant : grants_of(entries)) {
    const auto same = std::find_if(grants.begin(), grants.end(), [&](const Grant& one) {
      return one.to == grant.to && one.grantable == grant.grantable &&
             one.privileges == grant.privileges && !one.columns.empty();
    });
    if (same != grants.end()) {
      same->columns.push_back(column);
    } else {
      grant.columns = {column};
      grants.push_back(std::move(grant));
    }
  }
  std::sort(grants.begin(), grants.end());
}

}  // namespace

Sql Column::catalog_query(const Catalog& catalog) {
  const Sql compression =
      catalog.version() < 140000
          ? Sql()
          : sql("WHEN a.attcompression <> '' THEN CASE a.attcompression WHEN 'p' THEN 'compression "
                "pglz' ELSE 'compression lz4' END ");
  // The tables' oids as one array, and no join: PostgreSQL then walks pg_attribute's index, in
  // order.
  return sql(
      "SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, "
      "a.attidentity, a.attgenerated, "
      // A default names no column. With the table's oid PostgreSQL would look up all of its columns
      // for each: five times the time.
      "CASE WHEN a.atthasdef AND a.attgenerated = '' THEN (SELECT pg_get_expr(f.adbin, 0) FROM "
      "pg_attrdef f WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum) END, "
      "CASE WHEN a.attidentity <> '' THEN (SELECT s.relname || '/' || q.seqcache FROM pg_depend d "
      "JOIN pg_class s ON s.oid = d.objid JOIN pg_sequence q ON q.seqrelid = s.oid WHERE "
      "d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = "
      "a.attnum AND d.deptype = 'i' AND d.classid = 'pg_class'::regclass) END, "
      "CASE WHEN a.attacl IS NOT NULL THEN {} END, "
      "CASE WHEN a.attgenerated <> '' THEN ARRAY(SELECT d.refobjsubid::text FROM pg_depend d JOIN "
      "pg_attrdef f ON f.oid = d.objid WHERE d.classid = 'pg_attrdef'::regclass AND f.adrelid = "
      "a.attrelid AND f.adnum = a.attnum AND d.refclassid = 'pg_class'::regclass AND d.refobjid = "
      "a.attrelid AND d.refobjsubid <> a.attnum) END, "
      "CASE WHEN (a.atttypid, a.attcollation) NOT IN (SELECT oid, typcollation FROM pg_type) THEN "
      "'collation' WHEN (a.atttypid, a.attstorage) NOT IN (SELECT oid, typstorage FROM pg_type) "
      "THEN 'storage' WHEN a.attstattarget > 0 THEN 'statistics target' WHEN a.attoptions IS NOT "
      "NULL THEN "
      "'options ' || array_to_string(a.attoptions, ', ') {}END "
      "FROM pg_attribute a WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = "
      "ANY(ARRAY(SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = "
      "ANY({}::oid[]))) ORDER BY a.attrelid, a.attnum",
      acl_entries({"a.attacl"}, {"(SELECT relowner FROM pg_class WHERE oid = a.attrelid)"}),
      compression, catalog.namespaces());
}

void Column::read(Catalog& catalog, const Rows& rows, Schema& schema) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t relation = rows.number(i, 0);
    const ObjectId* table = catalog.object("pg_class", relation);
    if (table == nullptr) continue;
    if (is_hidden_column(rows.text(i, 2))) continue;  // kept by a drop or a conversion
    Column found;
    found.id = {"column", table->schema, table->name, rows.text(i, 2)};
    found.position = static_cast<int>(rows.number(i, 1));
    found.type = std::string(rows.text(i, 3));
    found.nullable = !rows.truth(i, 4);
    found.generated_virtual = rows.text(i, 6) == "v";
    if (!rows.is_null(i, 7)) found.default_value = text_of(rows, i, 7);
    // The words for these two are read_details()'s.
    if (!rows.text(i, 6).empty()) found.generated.emplace();
    if (!rows.text(i, 5).empty()) {
      Identity& identity = found.identity.emplace();
      identity.counting.type = {};
      identity.always = rows.text(i, 5) == "a";
      const std::string_view sequence = rows.text(i, 8);
      const std::size_t slash = sequence.rfind('/');
      identity.sequence = std::string(sequence.substr(0, slash));
      identity.counting.cache = std::stoll(std::string(sequence.substr(slash + 1)));
    }
    catalog.remember_column(relation, rows.number(i, 1), found.id.name);
    if (!rows.is_null(i, 11)) {
      found.beside = rows.text(i, 11);
      schema.unmodelled.push_back("column " + found.id.name + " " + found.beside + " of " +
                                  table->shown());
    }
    add_column_grants(schema, *table, found.id.name, rows.list(i, 9));
    for (const std::string& used : catalog.columns(relation, rows.list(i, 10)))
      found.uses.push_back(column_id(*table, used));
    found.aspects.comment = catalog.comment("pg_class", relation, rows.number(i, 1));
    schema.add(std::move(found));
  }
}

Sql Column::details_query(const Catalog& catalog) {
  // Plain names and no condition on an expression: the view would deparse it once more for that.
  return sql(
      "SELECT table_schema, table_name, column_name, generation_expression, identity_start, "
      "identity_increment, identity_minimum, identity_maximum, identity_cycle "
      "FROM information_schema.columns WHERE (is_identity = 'YES' OR is_generated = 'ALWAYS') AND "
      "table_schema IN (SELECT nspname FROM pg_namespace WHERE oid = ANY({}::oid[]))",
      catalog.namespaces());
}

void Column::read_details(Catalog&, const Rows& rows, Schema& schema) {
  std::map<ObjectId, Column>& columns = schema.all<Column>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto at = columns.find({"column", rows.text(i, 0), rows.text(i, 1), rows.text(i, 2)});
    if (at == columns.end()) continue;  // of a view, or out of scope
    Column& column = at->second;
    if (column.generated) column.generated = text_of(rows, i, 3);
    if (column.identity)
      column.identity->counting = {column.type,
                                   rows.number(i, 4),
                                   rows.number(i, 5),
                                   rows.number(i, 6),
                                   rows.number(i, 7),
                                   column.identity->counting.cache,
                                   rows.text(i, 8) == "YES"};
  }
  std::vector<std::string> hidden;
  for (const auto& [id, column] : columns) {
    const bool lacks_expression = column.generated && column.generated->text.empty();
    const bool lacks_counting = column.identity && column.identity->counting.type.empty();
    if (lacks_expression || lacks_counting) hidden.push_back(id.shown());
  }
  if (!hidden.empty())
    throw Error("information_schema hides " +
                    counted(static_cast<std::int64_t>(hidden.size()), "column") +
                    " from this role, " + hidden.front() + " among them",
                "connect as the tables' owner, or name it as the env's `role`");
}

}  // namespace schemasync
