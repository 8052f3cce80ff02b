#include "load/shadow.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "kinds/context.hpp"
#include "load/catalog.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// Runs what may fail without consequence: a stub that the models may not need at all.
void attempt(Connection& db, const Sql& statement) {
  try {
    db.execute(statement);
  } catch (const DatabaseError&) {
  }
}

// Extensions by the superuser where there is one; domains and functions as their own definitions
// say.
void copy_surroundings(Connection& target, const ScratchDatabase& scratch, Connection& owner) {
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
  const Rows domains =
      target.query(sql("SELECT n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod) FROM "
                       "pg_type t JOIN pg_namespace n ON n.oid = "
                       "t.typnamespace WHERE t.typtype = 'd' AND n.nspname NOT IN ('pg_catalog', "
                       "'information_schema', 'schemasync') "
                       "ORDER BY t.oid"));
  for (std::size_t i = 0; i < domains.size(); ++i) {
    const QualifiedName name{std::string(domains.text(i, 0)), std::string(domains.text(i, 1))};
    attempt(owner, sql("CREATE SCHEMA IF NOT EXISTS {}", Identifier{name.schema}));
    attempt(owner,
            sql("CREATE DOMAIN {} AS {}", name, Expression{std::string(domains.text(i, 2))}));
  }
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

// A view may read what is in no model, or is not asked about now: partitioned and foreign tables,
// materialized views, tables out of scope, views that stay as they are. Each gets a stand-in with
// the columns that it has in the target: a view without rows for a view, a plain table for the
// others.
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

void run(Connection& db, const Step& one) {
  if (one.search_path.empty()) {
    db.execute(one.sql);
    return;
  }
  db.execute(sql("SET search_path = {}, public", Identifier{one.search_path}));
  try {
    db.execute_one(one.sql);
  } catch (...) {
    db.execute(sql("SET search_path = pg_catalog"));
    throw;
  }
  db.execute(sql("SET search_path = pg_catalog"));
}

struct Pending {
  const Object* object;
  std::vector<Step> steps;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// The one of the others that failed which the mistake says is not there; nothing: a mistake of its
// own.
std::optional<std::size_t> missed_by(const Mistake& mistake, const std::vector<Pending>& failed) {
  for (std::size_t i = 0; i < failed.size(); ++i) {
    const ObjectId& id = failed[i].object->id;
    const auto is_missing = [&](const std::string& name) {
      return mistake.what.find("relation \"" + name + "\" does not exist") != std::string::npos;
    };
    if (is_missing(id.name) || is_missing(id.schema.str() + "." + id.name.str())) return i;
  }
  return std::nullopt;
}

// Views that stand on each other miss each other: no order makes them. What stands on one that is
// wrong itself is told to look there.
void name_what_they_miss(const std::vector<Pending>& failed, std::vector<Mistake>& why) {
  std::vector<std::optional<std::size_t>> missed;
  for (const Mistake& mistake : why) missed.push_back(missed_by(mistake, failed));
  for (std::size_t i = 0; i < why.size(); ++i) {
    if (!missed[i]) continue;
    std::size_t end = *missed[i];
    for (std::size_t seen = 0; missed[end] && seen < failed.size(); ++seen) end = *missed[end];
    const ObjectId& next = failed[*missed[i]].object->id;
    const ObjectId& wrong = failed[end].object->id;
    why[i].hint = missed[end] ? "it stands on " + next.kind + " " + next.shown() +
                                    ", which cannot be made either: do they stand on each other?"
                              : "it stands on " + wrong.kind + " " + wrong.shown() +
                                    ", which is wrong itself: correct that one first";
  }
}

// What stands on something that is not there yet is tried again after the others.
void build(Connection& db, std::vector<Pending> pending, std::vector<Mistake>& mistakes) {
  for (bool progress = true; progress && !pending.empty();) {
    progress = false;
    std::vector<Pending> failed;
    std::vector<Mistake> why;
    for (Pending& one : pending) {
      try {
        for (const Step& each : one.steps) run(db, each);
        progress = true;
      } catch (const DatabaseError& error) {
        why.push_back(
            {one.object->where, 1,
             one.object->id.kind + " " + one.object->id.shown() + ": " + first_line(error.what()),
             "PostgreSQL refuses it as the models write it"});
        failed.push_back(std::move(one));
      }
    }
    if (!progress || failed.empty()) {
      name_what_they_miss(failed, why);
      mistakes.insert(mistakes.end(), why.begin(), why.end());
      return;
    }
    pending = std::move(failed);
  }
}

}  // namespace

std::unique_ptr<ScratchDatabase> ShadowServer::scratch() {
  if (url_.empty()) url_ = server_url_();
  return std::make_unique<ScratchDatabase>(url_);
}

Schema ShadowServer::ask(const Schema& base, const Schema& asked,
                         const std::vector<Rename>& renames, Connection* target,
                         std::vector<Mistake>& mistakes) {
  ++times_asked_;
  const std::unique_ptr<ScratchDatabase> database = scratch();
  Connection db(database->url());
  if (target != nullptr) {
    copy_surroundings(*target, *database, db);
    copy_aggregates(*target, db);
  }

  std::set<std::string> spaces;
  const auto note_spaces = [&](const Schema& schema) {
    for_each_kind([&]<class K>() {
      for (const auto& [id, object] : schema.all<K>())
        spaces.insert(id.schema.empty() ? id.name : id.schema);
    });
  };
  note_spaces(base);
  note_spaces(asked);
  for (const Rename& rename : renames)  // a table may move into a new one
    if (!rename.to.schema.empty()) spaces.insert(rename.to.schema);
  std::vector<Sql> first;
  for (const std::string& space : spaces)
    if (space != "public")
      first.push_back(sql("CREATE SCHEMA IF NOT EXISTS {}", Identifier{space}));
  const Schema nothing;
  const Facts facts;
  const std::set<ObjectId> none;
  const Context making{nothing, base, Way::forward, facts, none, none};
  std::vector<Pending> groundwork;
  for_each_kind([&]<class K>() {
    if constexpr (std::is_same_v<K, Namespace>) return;
    for (const auto& [id, object] : base.all<K>()) {
      if (!id.table.empty()) continue;  // comes with its table
      Pending one{&object, {}};
      for (Change& made : K::create(object, making))
        for (Step& each : made.up) one.steps.push_back(std::move(each));
      groundwork.push_back(std::move(one));
    }
  });
  if (!first.empty()) db.execute(join(first, "; "));
  build(db, std::move(groundwork), mistakes);
  if (target != nullptr) stand_in(*target, base, asked, db);

  const Context asking{base, asked, Way::forward, facts, none, none};
  std::vector<Pending> questions;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : asked.all<K>()) {
      Pending one{&object, {}};
      for (Change& made : K::create(object, asking))
        for (Step& each : made.up) one.steps.push_back(std::move(each));
      questions.push_back(std::move(one));
    }
  });
  build(db, std::move(questions), mistakes);
  for (const Rename& rename : renames)
    for_each_kind([&]<class K>() {
      if (rename.from.kind != K::kind) return;
      for (const Sql& statement : K::renaming(rename.from, rename.to)) attempt(db, statement);
    });
  return load_catalog(db, Scope{});
}

}  // namespace schemasync
