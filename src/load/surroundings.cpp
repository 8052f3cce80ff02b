#include "load/surroundings.hpp"

#include <algorithm>
#include <memory>

#include "text/strings.hpp"

namespace schemasync {

void attempt(Connection& db, const Sql& statement) {
  try {
    db.execute(statement);
  } catch (const DatabaseError&) {
  }
}

namespace {

// By the superuser where there is one.
void copy_extensions(Connection& target, const ScratchDatabase& scratch, Connection& owner) {
  const std::string& super = scratch.superuser_url();
  const std::unique_ptr<Connection> admin =
      super.empty() ? nullptr : std::make_unique<Connection>(super);
  const Rows extensions =
      target.query(sql("SELECT e.extname, n.nspname FROM pg_extension e JOIN pg_namespace n ON "
                       "n.oid = e.extnamespace WHERE "
                       "e.extname <> 'plpgsql' ORDER BY e.oid"));
  for (std::size_t i = 0; i < extensions.size(); ++i) {
    const Identifier space{std::string(extensions.text(i, 1))};
    if (space.name != "public" && space.name != "pg_catalog")
      attempt(owner, sql("CREATE SCHEMA IF NOT EXISTS {}", space));
    attempt(admin ? *admin : owner, sql("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {} CASCADE",
                                        Identifier{std::string(extensions.text(i, 0))}, space));
  }
}

// Domains without their checks, composite and range types, and enums that are in no model.
void copy_types(Connection& target, const Schema& base, const Schema& asked, Connection& owner) {
  const Rows types = target.query(sql(
      "SELECT n.nspname, t.typname, t.typtype, CASE t.typtype "
      "WHEN 'd' THEN format('CREATE DOMAIN %I.%I AS %s', n.nspname, t.typname, "
      "format_type(t.typbasetype, t.typtypmod)) "
      "WHEN 'e' THEN format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname, (SELECT "
      "string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE "
      "e.enumtypid = t.oid)) "
      "WHEN 'r' THEN format('CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s)', n.nspname, t.typname, "
      "(SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid)) "
      "ELSE format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname, (SELECT "
      "string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY "
      "a.attnum) FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT "
      "a.attisdropped)) END "
      "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON "
      "c.oid = t.typrelid WHERE (t.typtype IN ('d', 'e', 'r') OR c.relkind = 'c') AND n.nspname "
      "NOT IN "
      "('pg_catalog', 'information_schema', 'schemasync') ORDER BY t.oid"));
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string schema(types.text(i, 0));
    const ObjectId as_enum{"enum", schema, "", types.text(i, 1)};
    if (types.text(i, 2) == "e" && (base.has(as_enum) || asked.has(as_enum))) continue;
    attempt(owner, sql("CREATE SCHEMA IF NOT EXISTS {}", Identifier{schema}));
    attempt(owner, Sql(Expression{std::string(types.text(i, 3))}));
  }
}

// As their own definitions say.
void copy_functions(Connection& target, Connection& owner) {
  const Rows functions = target.query(sql(
      "SELECT n.nspname, pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = "
      "p.pronamespace JOIN "
      "pg_language l ON l.oid = p.prolang WHERE p.prokind IN ('f', 'p') AND l.lanname IN ('sql', "
      "'plpgsql') AND n.nspname "
      "NOT IN ('pg_catalog', 'information_schema', 'schemasync') AND NOT EXISTS (SELECT FROM "
      "pg_depend d WHERE "
      "d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e') ORDER BY p.oid"));
  if (functions.size() > 0) attempt(owner, sql("SET check_function_bodies = off"));
  for (std::size_t i = 0; i < functions.size(); ++i) {
    attempt(owner,
            sql("CREATE SCHEMA IF NOT EXISTS {}", Identifier{std::string(functions.text(i, 0))}));
    attempt(owner, Sql(Expression{std::string(functions.text(i, 1))}));
  }
}

// Of an aggregate as much as an expression that calls it needs: PostgreSQL has no function that
// says how one is defined.
void copy_aggregates(Connection& target, Connection& owner) {
  const Rows aggregates = target.query(
      sql("SELECT n.nspname, format('CREATE AGGREGATE %I.%I(%s) (SFUNC = %s, STYPE = %s%s%s)', "
          "n.nspname, p.proname, CASE WHEN p.pronargs = 0 THEN '*' ELSE "
          "pg_get_function_identity_arguments(p.oid) END, a.aggtransfn, "
          "format_type(a.aggtranstype, NULL), CASE WHEN a.aggfinalfn <> 0 THEN ', FINALFUNC = ' || "
          "a.aggfinalfn || CASE WHEN a.aggfinalextra THEN ', FINALFUNC_EXTRA' ELSE '' END ELSE '' "
          "END, ', INITCOND = ' || quote_literal(a.agginitval)) FROM pg_aggregate a JOIN pg_proc p "
          "ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace WHERE a.aggkind = "
          "'n' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'schemasync') AND NOT "
          "EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = "
          "p.oid AND d.deptype = 'e') ORDER BY p.oid"));
  for (std::size_t i = 0; i < aggregates.size(); ++i) {
    attempt(owner,
            sql("CREATE SCHEMA IF NOT EXISTS {}", Identifier{std::string(aggregates.text(i, 0))}));
    attempt(owner, Sql(Expression{std::string(aggregates.text(i, 1))}));
  }
}

// Does a query name it? Sooner once too often than not at all: it is searched for as text.
bool is_named(const std::string& relation, const std::vector<std::string>& queries) {
  std::string written;  // as it stands between quotes
  for (const char c : lowercase(relation)) written += c == '"' ? "\"\"" : std::string(1, c);
  return std::any_of(queries.begin(), queries.end(), [&](const std::string& query) {
    return query.find(written) != std::string::npos;
  });
}

}  // namespace

void copy_surroundings(Connection& target, const ScratchDatabase& scratch, const Schema& base,
                       const Schema& asked, Connection& owner) {
  copy_extensions(target, scratch, owner);
  copy_types(target, base, asked, owner);
  copy_functions(target, owner);
  copy_aggregates(target, owner);
}

void stand_in(Connection& target, const Schema& base, const Schema& asked, Connection& owner) {
  std::vector<std::string> queries;
  for (const auto& [id, view] : asked.all<View>()) queries.push_back(lowercase(view.query.text));
  if (queries.empty()) return;
  const Rows relations =
      target.query(sql("SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON "
                       "n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm', 'f', 'v') AND "
                       "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', "
                       "'schemasync') ORDER BY c.oid"));
  std::vector<Sql> oids;
  for (std::size_t i = 0; i < relations.size(); ++i) {
    const std::string schema(relations.text(i, 1)), name(relations.text(i, 2));
    const bool is_there = base.has({"table", schema, "", name}) ||
                          asked.has({"table", schema, "", name}) ||
                          asked.has({"view", schema, "", name});
    if (!is_there && is_named(name, queries)) oids.emplace_back(relations.number(i, 0));
  }
  if (oids.empty()) return;
  const Rows rows = target.query(
      sql("SELECT n.nspname, c.relname, c.relkind, array_agg(a.attname::text ORDER BY a.attnum), "
          "array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) FROM pg_class c JOIN "
          "pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid "
          "WHERE c.oid IN ({}) AND a.attnum > 0 AND NOT a.attisdropped GROUP BY c.oid, n.nspname, "
          "c.relname, c.relkind ORDER BY c.oid",
          join(oids, ", ")));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const QualifiedName name{std::string(rows.text(i, 0)), std::string(rows.text(i, 1))};
    const bool is_view = rows.text(i, 2) == "v";
    const std::vector<std::string> columns = rows.list(i, 3), types = rows.list(i, 4);
    std::vector<Sql> made;
    for (std::size_t c = 0; c < columns.size(); ++c)
      made.push_back(is_view ? sql("NULL::{} AS {}", Expression{types[c]}, Identifier{columns[c]})
                             : sql("{} {}", Identifier{columns[c]}, Expression{types[c]}));
    attempt(owner, sql("CREATE SCHEMA IF NOT EXISTS {}", Identifier{name.schema}));
    attempt(owner, is_view ? sql("CREATE VIEW {} AS SELECT {}", name, join(made, ", "))
                           : sql("CREATE TABLE {} ({})", name, join(made, ", ")));
  }
}

}  // namespace schemasync
