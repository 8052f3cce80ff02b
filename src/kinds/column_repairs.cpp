// What to do with rows that have no value, a value that another type does not take, or that break
// a rule.
#include <algorithm>
#include <array>

#include "kinds/column_parts.hpp"
#include "kinds/repairs.hpp"

namespace schemasync {
namespace {

bool is_unique_or_points(const ObjectId& column, const Schema& schema) {
  const auto has = [&](const std::vector<std::string>& columns) {
    return std::find(columns.begin(), columns.end(), column.name) != columns.end();
  };
  for (const Key* key : schema.parts<Key>(column.owner()))
    if (has(key->columns)) return true;
  for (const ForeignKey* key : schema.parts<ForeignKey>(column.owner()))
    if (has(key->columns)) return true;
  for (const Index* index : schema.parts<Index>(column.owner()))
    for (const IndexElement& element : index->elements)
      if (index->unique && element.column == column.name) return true;
  return false;
}

// A value that says nothing; empty where a type has none.
Sql plain_value(const std::string& type) {
  if (type.ends_with("[]")) return sql("{}::{}", Literal{"{}"}, Expression{type});
  const std::string base = type.substr(0, type.find('('));
  constexpr std::array<std::string_view, 6> numbers = {"smallint", "integer", "bigint",
                                                       "numeric",  "real",    "double precision"};
  if (std::find(numbers.begin(), numbers.end(), base) != numbers.end()) return sql("0");
  if (base == "text" || base == "character varying") return sql("''");
  if (base == "boolean") return sql("false");
  if (base == "date" || base.starts_with("timestamp")) return sql("CURRENT_TIMESTAMP");
  return {};
}

// Model SQL is looked up in its file's schema; psql looks into public by itself.
Sql looked_up_in(const std::string& path) {
  if (path.empty() || path == "public") return {};
  return sql("SET search_path = {}, public;\n", Identifier{path});
}

// Tells in psql which rows take the conversion: the very expression, a failure caught.
Sql fits_function(const Conversion& conversion, const Context& context) {
  const Column& from = conversion.from;
  const ObjectId table = from.id.owner();
  std::vector<Sql> row;
  for (const Column* column : context.from.parts<Column>(table))
    row.push_back(sql("r.{} AS {}", Identifier{on_server(column->id, context).name},
                      Identifier{column->id.name}));
  const Sql same = conversion.refuses_changed()
                       ? says_the_same(conversion, Expression{from.type}, sql("v"),
                                       sql("r.{}", Identifier{on_server(from.id, context).name}))
                       : sql("true");
  return looked_up_in(conversion.path) +
         sql("CREATE OR REPLACE FUNCTION pg_temp.fits(r {}) RETURNS boolean LANGUAGE plpgsql AS "
             "{};\n",
             table_on_server(table, context),
             between_marks(sql("$fits$\n"
                               "DECLARE v {};\n"
                               "BEGIN\n"
                               "  SELECT {} INTO v FROM (SELECT {}) AS {};\n"
                               "  RETURN {};\n"
                               "EXCEPTION WHEN OTHERS THEN\n"
                               "  {}\n"
                               "  RETURN false;\n"
                               "END $fits$",
                               Expression{conversion.to.type}, conversion.value, join(row, ", "),
                               Identifier{table.name}, same, raise_unless_of_a_value()),
                           "$fits$"));
}

// What value they need, a rule knows and we do not.
void add_list_of_empty(Check& check, const ObjectId& table, const Sql& empty,
                       const Context& context) {
  const std::vector<std::string> key =
      columns_on_server(table, usable_key(table, context), context);
  check.repairs.push_back(
      {"list all of them, to give them a value by hand: a check of the table has a say in it",
       sql("SELECT * FROM {} AS t WHERE {}{};", table_on_server(table, context), empty,
           key.empty() ? Sql() : sql(" ORDER BY {}", identifiers(key)))});
}

}  // namespace

bool may_be_refused(const ObjectId& column, const Context& context) {
  for (const Schema* schema : {&context.from, &context.to})
    for (const CheckConstraint* rule : schema->parts<CheckConstraint>(column.owner()))
      if (std::find(rule->columns.begin(), rule->columns.end(), column.name) != rule->columns.end())
        return true;
  return false;
}

Sql says_the_same(const Conversion& conversion, const Expression& type, const Sql& converted,
                  const Sql& old) {
  const Sql back = sql("{}{}::{}", converted, conversion.between, type);
  if (conversion.exact) return sql("{} IS NOT DISTINCT FROM {}", back, old);
  return sql("({})::text IS NOT DISTINCT FROM {}::text", back, old);
}

void add_null_repairs(Check& check, const Column& column, const Context& context) {
  const ObjectId table = column.id.owner();
  const Identifier name{on_server(column.id, context).name};
  const Sql empty = sql("t.{} IS NULL", name);
  Sql value;
  if (column.default_value)
    value = Sql(Expression{column.default_value->spelling()});
  else if (!is_unique_or_points(column.id, context.from) && !may_be_refused(column.id, context))
    value = plain_value(column.type);
  if (!value.empty())
    check.repairs.push_back(
        {column.default_value ? "fill them with the default"
                              : "fill them with " + value.str() + ", or put a better value there",
         sql("UPDATE {} AS t SET {} = {} WHERE {};", table_on_server(table, context), name, value,
             empty)});
  else if (may_be_refused(column.id, context))
    add_list_of_empty(check, table, empty, context);
  if (auto gone = delete_rows(table, Identifier{"t"}, empty, context))
    check.repairs.push_back(std::move(*gone));
}

void add_cast_repairs(Check& check, const Conversion& conversion,
                      const std::vector<std::string>& key, const Context& context) {
  const Column& from = conversion.from;
  const ObjectId table = from.id.owner();
  const QualifiedName name = table_on_server(table, context);
  const Identifier column{on_server(from.id, context).name};
  const Sql fits = fits_function(conversion, context);
  const Sql which = sql("t.{} IS NOT NULL AND NOT pg_temp.fits(t)", column);
  std::vector<std::string> shown = columns_on_server(table, key, context);
  // Not every type has an order (json, xml, point): the column itself is ordered by as text.
  const Sql order = shown.empty() ? sql("t.{}::text", column) : identifiers(shown);
  if (std::find(shown.begin(), shown.end(), column.name) == shown.end())
    shown.push_back(column.name);
  check.repairs.push_back({"list all of them, to correct by hand",
                           fits + sql("SELECT {} FROM {} AS t WHERE {} ORDER BY {};",
                                      identifiers(shown), name, which, order)});
  if (from.nullable)
    check.repairs.push_back(
        {"let them have no value (the old ones are not kept)",
         fits + sql("UPDATE {} AS t SET {} = NULL WHERE {};", name, column, which)});
  if (conversion.cuts)
    check.repairs.push_back({"cut them to " + conversion.to.type + " (what is cut off is not kept)",
                             fits + sql("UPDATE {} AS t SET {} = t.{}::{} WHERE {};", name, column,
                                        column, Expression{conversion.to.type}, which)});
}

void add_violator_repairs(Check& check, const ObjectId& table,
                          const std::vector<std::string>& columns, const SqlText& rule,
                          const Context& context) {
  const std::vector<std::string> key = usable_key(table, context);
  const Identifier alias{table.name};
  std::vector<std::string> shown = key;
  for (const std::string& column : columns)
    if (std::find(shown.begin(), shown.end(), column) == shown.end()) shown.push_back(column);
  const Sql breaking =
      sql("FROM {} AS {} WHERE NOT ({})", rows_of(table, context), alias, Expression{rule.text});
  const Sql path = looked_up_in(rule.path);
  check.repairs.push_back(
      {"list all of them, to correct by hand",
       path + sql("SELECT {} {}{};", shown.empty() ? sql("*") : identifiers(shown), breaking,
                  key.empty() ? Sql() : sql(" ORDER BY {}", identifiers(key)))});
  if (key.empty()) return;
  std::vector<Sql> own;
  for (const std::string& column : columns_on_server(table, key, context))
    own.push_back(sql("t.{}", Identifier{column}));
  if (auto gone = delete_rows(
          table, Identifier{"t"},
          sql("({}) IN (SELECT {} {})", join(own, ", "), identifiers(key), breaking), context)) {
    gone->sql = path + gone->sql;
    check.repairs.push_back(std::move(*gone));
  }
}

}  // namespace schemasync
