#include "kinds/index.hpp"

#include <algorithm>

#include "kinds/catalog.hpp"
#include "kinds/context.hpp"
#include "kinds/duplicates.hpp"
#include "kinds/index_rules.hpp"
#include "kinds/naming.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

Sql element_clause(const IndexElement& element) {
  Sql out = element.expression ? sql("({})", Expression{element.expression->text})
                               : Sql(Identifier{element.column});
  if (!element.collation.empty()) out += sql(" COLLATE {}", Expression{element.collation});
  if (!element.opclass.empty()) out += sql(" {}", Expression{element.opclass});
  if (element.descending) out += sql(" DESC");
  // NULLS FIRST is the default of DESC and not of ASC.
  if (element.nulls_first != element.descending)
    out += element.nulls_first ? sql(" NULLS FIRST") : sql(" NULLS LAST");
  return out;
}

std::string shown(const Index& index) {
  std::vector<std::string> parts;
  for (const IndexElement& element : index.elements)
    parts.push_back(
        (element.expression ? "(" + element.expression->text + ")" : display_name(element.column)) +
        (element.descending ? " desc" : ""));
  return display_name(index.id.name) + " (" + joined(parts, ", ") + ")" +
         (index.where_clause ? " where " + index.where_clause->text : "");
}

// PostgreSQL's word for an expression in an index name: lower(email) -> "lower", else "expr".
std::string word_for(const std::string& expression) {
  const std::size_t open = expression.find('(');
  if (open == 0 || open == std::string::npos || !expression.ends_with(')')) return "expr";
  int depth = 0;
  for (std::size_t i = open; i < expression.size(); ++i) {
    depth += expression[i] == '(' ? 1 : expression[i] == ')' ? -1 : 0;
    if (depth == 0 && i + 1 < expression.size()) return "expr";
  }
  const std::string name = expression.substr(0, open);
  const std::string bare = name.substr(name.rfind('.') + 1);
  const bool plain = std::all_of(bare.begin(), bare.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return plain && !bare.empty() ? bare : "expr";
}

}  // namespace

void Index::follow(const Rename& rename) {
  schemasync::follow(include, id, rename);
  if (rename.from.kind != "column" || id.owner() != rename.from.owner()) return;
  for (IndexElement& element : elements)
    if (element.column == rename.from.name) element.column = rename.to.name;
}

std::span<const Rule> Index::rules() { return index_rules; }

std::vector<ObjectId> Index::named_columns() const {
  std::vector<ObjectId> found;
  for (const IndexElement& element : elements)
    if (!element.column.empty()) found.push_back(column_id(id.owner(), element.column));
  for (const std::string& column : include) found.push_back(column_id(id.owner(), column));
  return found;
}

Sql Index::address(const ObjectId& id) { return sql("INDEX {}", name_of(id)); }

std::vector<Sql> Index::renaming(const ObjectId& from, const ObjectId& to) {
  return renamed_and_moved(from, to, address);
}

Sql Index::catalog_query(const Catalog& catalog) {
  // indoption: bit 1 DESC, bit 2 NULLS FIRST. Collation and opclass are named where they are not
  // the column's and the type's default. Expressions stand in indexprs in order, one for each 0 in
  // indkey: pg_get_indexdef(…, n, false) prints them one by one.
  // The names of opclasses and collations are looked up only where one is not the usual; which
  // indexes belong to constraints is one hashed set, because pg_constraint has no index on
  // conindid.
  return sql(
      "WITH unusual AS MATERIALIZED (SELECT ARRAY(SELECT oid FROM pg_opclass WHERE NOT "
      "opcdefault) AS opclasses) "
      "SELECT i.indexrelid, i.indrelid, c.relname, m.amname, i.indisunique, {}, "
      "string_to_array(i.indkey::text, ' '), i.indnkeyatts, string_to_array(i.indoption::text, "
      "' '), "
      "CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(SELECT CASE WHEN k = '0' THEN "
      "pg_get_indexdef(i.indexrelid, n::int, false) ELSE '' END FROM "
      "unnest(string_to_array(i.indkey::text, ' ')) WITH ORDINALITY AS u(k, n)) END, "
      "pg_get_expr(i.indpred, i.indrelid), c.reloptions, i.indisvalid, "
      "CASE WHEN i.indclass::oid[] && (SELECT opclasses FROM unusual) THEN ARRAY(SELECT CASE "
      "WHEN o.opcdefault "
      "THEN '' ELSE format('%I.%I', s.nspname, o.opcname) END FROM unnest(i.indclass::oid[]) "
      "WITH ORDINALITY AS "
      "u(oc, n) JOIN pg_opclass o ON o.oid = u.oc JOIN pg_namespace s ON s.oid = "
      "o.opcnamespace ORDER BY u.n) END, "
      "CASE WHEN cardinality(array_remove(array_remove(i.indcollation::oid[], 0::oid), "
      "100::oid)) > "
      "0 THEN ARRAY(SELECT "
      "CASE WHEN u.co = 0 OR "
      "u.co = coalesce(a.attcollation, 100) THEN '' ELSE format('%I.%I', s.nspname, "
      "l.collname) END FROM "
      "unnest(i.indcollation::oid[]) WITH ORDINALITY AS u(co, n) LEFT JOIN pg_collation l ON "
      "l.oid = u.co LEFT JOIN "
      "pg_namespace s ON s.oid = l.collnamespace LEFT JOIN pg_attribute a ON a.attrelid = "
      "i.indrelid AND a.attnum = "
      "(string_to_array(i.indkey::text, ' '))[u.n]::int AND a.attnum > 0 ORDER BY u.n) END, "
      "CASE WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL THEN ARRAY(SELECT "
      "d.refobjsubid::text FROM "
      "pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND "
      "d.refclassid = "
      "'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0) END "
      "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam "
      "WHERE c.relkind = 'i' AND c.relnamespace = ANY({}::oid[]) AND i.indexrelid NOT IN "
      "(SELECT k.conindid FROM "
      "pg_constraint k WHERE k.contype IN ('p', 'u', 'x')) ORDER BY i.indrelid, c.relname",
      catalog.version() >= 150000 ? sql("i.indnullsnotdistinct") : sql("false"),
      catalog.namespaces());
}

void Index::read(Catalog& catalog, const Rows& rows, Schema& schema) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId* table = catalog.object("pg_class", rows.number(i, 1));
    if (table == nullptr) continue;
    Index found;
    found.id = {"index", table->schema, table->name, std::string(rows.text(i, 2))};
    found.method = std::string(rows.text(i, 3));
    found.unique = rows.truth(i, 4);
    found.nulls_distinct = !rows.truth(i, 5);
    const std::vector<std::string> numbers = rows.list(i, 6);
    const auto keys = static_cast<std::size_t>(rows.number(i, 7));
    const std::vector<std::string> options = rows.list(i, 8);
    const std::vector<std::string> expressions = rows.list(i, 9);
    const std::vector<std::string> opclasses = rows.list(i, 13);
    const std::vector<std::string> collations = rows.list(i, 14);
    for (std::size_t n = 0; n < numbers.size(); ++n) {
      const std::string* column = catalog.column(rows.number(i, 1), std::stoll(numbers[n]));
      if (n >= keys) {
        if (column != nullptr) found.include.push_back(*column);
        continue;
      }
      IndexElement element;
      if (numbers[n] == "0") {
        element.expression = SqlText::of_catalog(n < expressions.size() ? expressions[n] : "");
      } else if (column != nullptr) {
        element.column = *column;
      }
      const int option = n < options.size() ? std::stoi(options[n]) : 0;
      element.descending = (option & 1) != 0;
      element.nulls_first = (option & 2) != 0;
      if (n < opclasses.size()) element.opclass = opclasses[n];
      if (n < collations.size()) element.collation = collations[n];
      found.elements.push_back(std::move(element));
    }
    if (!rows.is_null(i, 10))
      found.where_clause = SqlText::of_catalog(std::string(rows.text(i, 10)));
    found.with = rows.list(i, 11);
    std::sort(found.with.begin(), found.with.end());
    found.valid = rows.truth(i, 12);
    for (const std::string& column : catalog.columns(rows.number(i, 1), rows.list(i, 15)))
      found.uses.push_back(column_id(*table, column));
    found.aspects.comment = catalog.comment("pg_class", rows.number(i, 0));
    catalog.remember("pg_class", rows.number(i, 0), found.id);
    schema.add(std::move(found));
  }
}

Sql create_index(const Index& index) {
  std::vector<Sql> elements;
  for (const IndexElement& element : index.elements) elements.push_back(element_clause(element));
  std::vector<Sql> options;
  for (const std::string& option : index.with) {
    const std::size_t equals = option.find('=');
    options.push_back(
        sql("{} = {}", Identifier{option.substr(0, equals)}, Literal{option.substr(equals + 1)}));
  }
  return sql("CREATE {}INDEX {} ON {} USING {} ({}){}{}{}{}", index.unique ? sql("UNIQUE ") : Sql(),
             Identifier{index.id.name}, table_of(index.id), Identifier{index.method},
             join(elements, ", "),
             index.include.empty() ? Sql() : sql(" INCLUDE ({})", identifiers(index.include)),
             index.nulls_distinct ? Sql() : sql(" NULLS NOT DISTINCT"),
             options.empty() ? Sql() : sql(" WITH ({})", join(options, ", ")),
             index.where_clause ? sql(" WHERE {}", Expression{index.where_clause->text}) : Sql());
}

std::string index_search_path(const Index& index) {
  for (const IndexElement& element : index.elements)
    if (element.expression && !element.expression->path.empty()) return element.expression->path;
  return index.where_clause ? index.where_clause->path.str() : std::string{};
}

std::string Index::automatic_name(const Index& index, const Naming& naming, int pass) {
  std::vector<std::string> columns;
  for (const IndexElement& element : index.elements)
    columns.push_back(element.expression ? word_for(element.expression->spelling())
                                         : element.column);
  columns.insert(columns.end(), index.include.begin(), index.include.end());
  // ChooseIndexColumnNames: the second of a name gets a number.
  for (std::size_t i = 1; i < columns.size(); ++i) {
    const std::string name = columns[i];
    const auto before = columns.begin() + static_cast<std::ptrdiff_t>(i);
    for (int n = 1; std::find(columns.begin(), before, columns[i]) != before; ++n)
      columns[i] = name + std::to_string(n);
  }
  return object_name(naming, "index", index.id.table, columns, "idx", pass);
}

std::vector<Change> Index::create(const Index& made, const Context& context) {
  const bool rows = context.may_have_rows(made.id.owner());
  Change add = change(
      context, made.unique ? index_rule("index.add.unique") : index_rule("index.add"), made,
      made.unique ? "From then on a second row with the same key is refused (SQLSTATE 23505)."
                  : "Queries may use it; each write has one more index to keep.",
      "Add index " + shown(made) + " on " + made.id.owner().shown());
  add.strategy = "simple CREATE INDEX";
  add.backup = made.unique ? made.id.owner().shown() + ", and the duplicate check"
                           : "a dump of the database";
  add.blocks = "Writes of " + made.id.owner().shown() + " wait while the index is built.";
  if (made.unique) add.breaking = "a write that makes a duplicate fails";
  add.undo = {Undo::Kind::lossless, "drops the index."};
  add.up.push_back(
      step(create_index(made), rows ? Work::scan : Work::catalog, index_search_path(made)));
  with_lock(add.up.back(), made.id, "SHARE");
  for (Step& one : aspect_steps(made, address(made.id))) add.up.push_back(std::move(one));
  add.needs = made.uses;
  for (const IndexElement& element : made.elements)
    if (!element.column.empty()) add.needs.push_back(column_id(made.id.owner(), element.column));
  if (made.unique && rows)
    if (std::optional<Check> check = no_duplicates(made, context))
      add.checks.push_back(std::move(*check));
  add.diff = {"+ index " + shown(made)};
  return {add};
}

std::vector<Change> Index::drop(const Index& dropped, const Context& context) {
  Change gone = change(
      context, dropped.unique ? index_rule("index.drop.unique") : index_rule("index.drop"), dropped,
      dropped.unique ? "Duplicates are accepted, and queries that used the index get slower."
                     : "Queries that used it get slower.",
      "Drop index " + display_name(dropped.id.name) + " on " + dropped.id.owner().shown());
  gone.strategy = "DROP INDEX";
  gone.backup = "a dump of the database";
  gone.blocks = "Reads and writes of " + dropped.id.owner().shown() + " wait for a moment.";
  gone.undo = {Undo::Kind::lossless, "builds the index again."};
  gone.up.push_back(step(sql("DROP INDEX {}", name_of(dropped.id))));
  with_lock(gone.up.back(), dropped.id, "ACCESS EXCLUSIVE");
  gone.releases = dropped.uses;
  for (const IndexElement& element : dropped.elements)
    if (!element.column.empty())
      gone.releases.push_back(column_id(dropped.id.owner(), element.column));
  gone.diff = {"- index " + shown(dropped)};
  return {gone};
}

std::vector<Change> Index::alter(const Index& from, const Index& to, const Context& context) {
  if (same_attributes(from, to)) {
    if (from.valid == to.valid) return {};
    Change again = replaced(drop(from, context), create(to, context), index_rule("index.rebuild"),
                            "Rebuild index " + shown(to) + " on " + to.id.owner().shown());
    again.risk = Risk(Level::low,
                      "It is INVALID: no query uses it, and each write has to keep it all the "
                      "same.");
    again.strategy = "DROP INDEX, then CREATE INDEX";
    again.undo = {Undo::Kind::lossless, "leaves it valid; INVALID it was of no use."};
    again.diff = {"~ index " + shown(to) + "  INVALID -> valid"};
    if (context.undoing()) again.up.clear();
    return {again};
  }
  Change other =
      replaced(drop(from, context), create(to, context),
               to.unique ? index_rule("index.change.unique") : index_rule("index.change"),
               "Change index " + shown(to) + " on " + to.id.owner().shown());
  other.drops = other.creates = {to.id};
  return {other};
}

IndexNeeds Index::index_needs(const Index& index, const Schema& schema) {
  IndexNeeds needs{"index " + index.id.shown(), {}};
  for (const IndexElement& element : index.elements) {
    const Column* column = schema.find<Column>(column_id(index.id.owner(), element.column));
    needs.columns.push_back({index.method, column == nullptr ? "" : column->type.str(),
                             element.opclass, element.collation,
                             element.descending || element.nulls_first, index.unique,
                             !index.include.empty(), index.elements.size() > 1});
  }
  return needs;
}

}  // namespace schemasync
