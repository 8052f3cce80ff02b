#include "apply/kept_rows.hpp"

#include <vector>

#include "text/strings.hpp"

namespace schemasync {
namespace {

Sql regclass(const QualifiedName& relation) {
  return sql("to_regclass({})", Literal{Sql(relation).str()});
}

// t.k = a.k, by the archive's primary key; empty where it has none.
std::vector<Sql> by_key(Connection& db, const QualifiedName& archive) {
  const Rows key = db.query(
      sql("SELECT a.attname FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid "
          "AND a.attnum = ANY (i.indkey) WHERE i.indisprimary AND i.indrelid = {}",
          regclass(archive)));
  std::vector<Sql> same;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const Identifier column{std::string(key.text(i, 0))};
    same.push_back(sql("t.{} = a.{}", column, column));
  }
  return same;
}

bool is_large(Connection& db, const QualifiedName& relation) {
  const Rows size = db.query(sql("SELECT pg_relation_size({})", regclass(relation)));
  return size.is_null(0, 0) || size.number(0, 0) > countable_bytes;
}

// As follow_on_delete() marks it where some rows did not come back, and as it makes it for them.
bool is_marked(Connection& db, const QualifiedName& relation) {
  return db.query(sql("SELECT obj_description({}, 'pg_class') IS NOT NULL", regclass(relation)))
      .truth(0, 0);
}

}  // namespace

std::int64_t rows_in(Connection& db, const QualifiedName& relation) {
  const Rows facts =
      db.query(sql("SELECT pg_relation_size(c.oid), greatest(c.reltuples, 0)::bigint FROM pg_class "
                   "AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = {} AND "
                   "c.relname = {}",
                   Literal{relation.schema}, Literal{relation.name}));
  if (facts.size() == 0) return 0;
  if (facts.number(0, 0) > countable_bytes) return facts.number(0, 1);
  return db.query(sql("SELECT count(*) FROM {}", relation)).number(0, 0);
}

std::int64_t rows_that_are_there(Connection& db, const ObjectId& column,
                                 const QualifiedName& archive) {
  const std::vector<Sql> same = by_key(db, archive);
  if (same.empty() || is_large(db, archive)) return rows_in(db, archive);
  try {
    return db
        .query(sql("SELECT count(*) FROM {} AS a WHERE EXISTS (SELECT FROM {} AS t WHERE {})",
                   archive, QualifiedName{column.schema, column.table}, join(same, " AND ")))
        .number(0, 0);
  } catch (const DatabaseError& error) {
    if (!error.sqlstate().starts_with("42")) throw;
    return rows_in(db, archive);  // the same migration renamed it
  }
}

std::optional<std::string> rows_left_behind(Connection& db, const ObjectId& table,
                                            const QualifiedName& archive, bool has_all) {
  if (has_all && !is_marked(db, archive)) return std::nullopt;
  const std::string where =
      " not put back, the rows that they point at are gone (schemasync." + archive.name + ")";
  const std::vector<Sql> same = has_all ? by_key(db, archive) : std::vector<Sql>{};
  if (has_all && same.empty()) return "rows of " + table.shown() + where;
  const Sql left = has_all
                       ? sql("FROM {} AS a WHERE NOT EXISTS (SELECT FROM {} AS t WHERE {})",
                             archive, QualifiedName{table.schema, table.name}, join(same, " AND "))
                       : sql("FROM {} AS a", archive);
  const std::int64_t count =
      has_all ? db.query(sql("SELECT count(*) {}", left)).number(0, 0) : rows_in(db, archive);
  if (count == 0) return std::nullopt;
  std::string note = counted(count, "row") + " of " + table.shown() + where + ":";
  const Rows rows = db.query(sql("SELECT to_jsonb(a)::text {} LIMIT 10", left));
  for (std::size_t i = 0; i < rows.size(); ++i) note += "\n    " + std::string(rows.text(i, 0));
  return note;
}

bool holds_what_is_nowhere_else(Connection& db, const QualifiedName& archive, Archive::Form form,
                                bool by_apply) {
  if (form == Archive::Form::table)
    return by_apply ? rows_in(db, archive) > 0 : is_marked(db, archive);
  if (form != Archive::Form::conversion && form != Archive::Form::in_place) return false;
  try {
    return db.query(sql("SELECT EXISTS (SELECT FROM {} WHERE NOT restored)", archive)).truth(0, 0);
  } catch (const DatabaseError& error) {
    if (!error.sqlstate().starts_with("42")) throw;  // no such list, or none of this kind
    return false;
  }
}

}  // namespace schemasync
