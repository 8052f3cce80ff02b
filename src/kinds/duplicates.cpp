#include "kinds/duplicates.hpp"

#include "kinds/context.hpp"
#include "kinds/enum_labels.hpp"
#include "kinds/repairs.hpp"
#include "kinds/rows_to_come.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// ", … AS id": of a group as large as it may be, ten.
Sql keys_of_rows(const std::vector<std::string>& by) {
  if (by.empty()) return {};
  std::vector<Sql> texts;
  for (const std::string& column : by) texts.push_back(sql("{}::text", Identifier{column}));
  return sql(
      ", array_to_string((array_agg({} ORDER BY {}))[1:10], ', ') || CASE WHEN count(*) > 10 "
      "THEN ', ...' ELSE '' END AS {}",
      join(texts, " || '/' || "), identifiers(by), Identifier{columns_shown(by)});
}

Check duplicates() {
  Check check;
  check.name = "duplicates";
  check.failed = "{0|group|groups} of duplicates: {1|row|rows}, {2} too many";
  check.count =
      sql("SELECT count(*), coalesce(sum(n), 0)::bigint, coalesce(sum(n - 1), 0)::bigint");
  return check;
}

// As a key, an index over all rows of plain columns is one.
std::optional<Key> as_key(const Index& index) {
  Key key;
  key.id = index.id;
  key.nulls_distinct = index.nulls_distinct;
  for (const IndexElement& element : index.elements) {
    if (element.column.empty() || !element.collation.empty() || !element.opclass.empty())
      return std::nullopt;
    key.columns.push_back(element.column);
  }
  if (index.where_clause) return std::nullopt;
  return key;
}

}  // namespace

std::optional<Check> no_duplicates(const Key& made, const Context& context) {
  const std::optional<RowsToCome> to_come = rows_to_come(made.id.owner(), made.columns, context);
  if (!to_come || (to_come->without_value && made.nulls_distinct)) return std::nullopt;
  Check check = duplicates();
  check.passed = "no duplicates of (" + columns_shown(made.columns) + ")";
  check.search_path = to_come->search_path;
  // NULLs are equal only under NULLS NOT DISTINCT; a primary key has none.
  const Sql nulls = made.nulls_distinct ? sql("WHERE {} ", all_not_null(made.columns)) : Sql();
  const Sql& rows = to_come->rows;
  const Sql groups =
      sql(" FROM (SELECT count(*) AS n FROM {} AS t {}GROUP BY {} HAVING count(*) > 1) AS groups",
          rows, nulls, identifiers(made.columns));
  const std::vector<std::string> by = usable_key(made.id.owner(), context);
  if (to_come->are_there()) add_duplicate_repairs(check, made, by, context);
  check.failed += to_come->once_there(context);
  check.count += groups;
  check.sample = sql(
      "SELECT {}, count(*) AS rows{} FROM {} AS t {}GROUP BY {} HAVING count(*) > 1 ORDER BY {} "
      "LIMIT 10",
      identifiers(made.columns), keys_of_rows(by), rows, nulls, identifiers(made.columns),
      identifiers(made.columns));
  return check;
}

std::optional<Check> no_duplicates(const Index& made, const Context& context) {
  if (const std::optional<Key> key = as_key(made)) return no_duplicates(*key, context);
  std::vector<std::string> columns;
  for (const IndexElement& element : made.elements)
    if (!element.column.empty()) columns.push_back(element.column);
  for (const ObjectId& used : made.uses)
    if (used.kind == "column" && used.owner() == made.id.owner()) columns.push_back(used.name);
  const std::optional<RowsToCome> to_come = rows_to_come(made.id.owner(), columns, context);
  if (!to_come) return std::nullopt;
  std::vector<Sql> keys;
  std::vector<Sql> not_null;
  for (const IndexElement& element : made.elements) {
    keys.push_back(element.expression ? sql("({})", Expression{element.expression->text})
                                      : Sql(Identifier{element.column}));
    not_null.push_back(sql("{} IS NOT NULL", keys.back()));
  }
  Sql filter = made.nulls_distinct ? sql("WHERE {}", join(not_null, " AND ")) : sql("WHERE true");
  if (made.where_clause) filter += sql(" AND ({})", Expression{made.where_clause->text});
  const Sql key = join(keys, ", ");
  const Sql filtered = sql("FROM {} AS {} {}", to_come->rows, Identifier{made.id.table}, filter);
  Check check = duplicates();
  check.passed = "no duplicates of its key";
  check.failed += to_come->once_there(context);
  check.search_path = index_search_path(made);
  check.count += sql(" FROM (SELECT count(*) AS n {} GROUP BY {} HAVING count(*) > 1) AS groups",
                     filtered, key);
  check.sample = sql("SELECT {}, count(*) AS rows{} {} GROUP BY {} HAVING count(*) > 1 LIMIT 10",
                     key, keys_of_rows(usable_key(made.id.owner(), context)), filtered, key);
  if (to_come->are_there())
    check.repairs.push_back(
        {"list all of them, to correct by hand",
         sql("SELECT * FROM (SELECT {}.*, count(*) OVER (PARTITION BY {}) AS rows {}) AS t WHERE "
             "rows > 1;",
             Identifier{made.id.table}, key, filtered)});
  std::vector<SqlText> texts;
  for (const IndexElement& element : made.elements)
    if (element.expression) texts.push_back(*element.expression);
  if (made.where_clause) texts.push_back(*made.where_clause);
  ask_if_labels_are_there(check, made.uses, texts, context);
  return check;
}

}  // namespace schemasync
