#include "backup/tables.hpp"

#include <algorithm>
#include <set>

#include "text/strings.hpp"

namespace schemasync {
namespace {

// Tables up to this size are counted: a second or so.
constexpr std::int64_t countable_bytes = 256LL * 1024 * 1024;

std::vector<ObjectId> read_ids(const Rows& rows) {
  std::vector<ObjectId> tables;
  for (std::size_t i = 0; i < rows.size(); ++i)
    tables.push_back({"table", std::string(rows.text(i, 0)), "", std::string(rows.text(i, 1))});
  return tables;
}

std::vector<std::string> names_of(const std::string& list) {
  std::vector<std::string> names(1);
  bool quoted = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '"' && quoted && i + 1 < list.size() && list[i + 1] == '"')
      names.back() += list[++i];
    else if (list[i] == '"')
      quoted = !quoted;
    else if (list[i] == ',' && !quoted)
      names.emplace_back();
    else
      names.back() += list[i];
  }
  return names;
}

}  // namespace

ObjectId parse_table(std::string_view text) {
  ObjectId id = ObjectId::from_text("table " + std::string(text));
  if (!id.table.empty() || id.name.empty())
    throw Error("-t " + std::string(text) + " is no table: write table or schema.table",
                "a name with a dot or a double quote in it is double-quoted: -t '\"a.b\"'");
  if (id.schema.empty()) id.schema = "public";
  return id;
}

std::vector<ObjectId> all_tables(Connection& db) {
  return read_ids(
      db.query(sql("SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON "
                   "n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f') AND "
                   "c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', "
                   "'information_schema', 'pg_toast', 'schemasync') AND NOT EXISTS (SELECT FROM "
                   "pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND "
                   "d.deptype = 'e') ORDER BY 1, 2")));
}

std::vector<ObjectId> find_tables(Connection& db, const std::vector<std::string>& names) {
  const std::vector<ObjectId> there = all_tables(db);
  std::vector<ObjectId> found;
  for (const std::string& name : names) {
    const ObjectId table = parse_table(name);
    if (std::find(there.begin(), there.end(), table) == there.end()) {
      std::vector<std::string> known;
      for (const ObjectId& one : there) known.push_back(one.shown());
      const std::optional<std::string> near = nearest(table.shown(), known);
      throw Error("there is no table " + table.shown() + " in " + db.database(),
                  near ? "did you mean \"" + *near + "\"?" : "write table or schema.table");
    }
    if (std::find(found.begin(), found.end(), table) == found.end()) found.push_back(table);
  }
  return found;
}

std::vector<ObjectId> existing(Connection& db, const std::vector<ObjectId>& tables) {
  const std::vector<ObjectId> all = all_tables(db);
  const std::set<ObjectId> there(all.begin(), all.end());
  std::vector<ObjectId> found;
  std::copy_if(tables.begin(), tables.end(), std::back_inserter(found),
               [&](const ObjectId& one) { return there.contains(one); });
  return found;
}

std::vector<TableRows> rows_in(Connection& db, const std::vector<ObjectId>& tables) {
  std::vector<TableRows> found;
  const std::set<ObjectId> wanted(tables.begin(), tables.end());
  const Rows sizes = db.query(
      sql("SELECT n.nspname, c.relname, pg_relation_size(c.oid), greatest(c.reltuples, 0)::bigint "
          "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = "
          "'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'schemasync') ORDER BY 1, "
          "2"));
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const ObjectId table{"table", std::string(sizes.text(i, 0)), "", std::string(sizes.text(i, 1))};
    if (!wanted.contains(table)) continue;
    const bool is_large = sizes.number(i, 2) > countable_bytes;
    const std::int64_t rows =
        is_large
            ? sizes.number(i, 3)
            : db.query(sql("SELECT count(*) FROM ONLY {}", QualifiedName{table.schema, table.name}))
                  .number(0, 0);
    found.push_back({table, rows, is_large});
  }
  return found;
}

std::vector<std::string> find_columns(Connection& db, const ObjectId& table,
                                      std::string_view columns) {
  const Rows rows = db.query(
      sql("SELECT a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN "
          "pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = {} AND c.relname = {} AND "
          "a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
          Literal{table.schema}, Literal{table.name}));
  std::vector<std::string> there;
  for (std::size_t i = 0; i < rows.size(); ++i) there.emplace_back(rows.text(i, 0));
  if (columns.empty()) return there;
  std::vector<std::string> names = names_of(std::string(columns));
  for (const std::string& name : names) {
    if (std::find(there.begin(), there.end(), name) != there.end()) continue;
    const std::optional<std::string> near = nearest(name, there);
    throw Error("table " + table.shown() + " has no column " + display_name(name),
                near ? "did you mean \"" + *near + "\"?" : "its columns: " + joined(there, ", "));
  }
  return names;
}

}  // namespace schemasync
