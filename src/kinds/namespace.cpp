#include "kinds/namespace.hpp"

#include "kinds/catalog.hpp"
#include "kinds/context.hpp"
#include "kinds/namespace_rules.hpp"

namespace schemasync {

void Namespace::follow(const Rename&) {}

std::span<const Rule> Namespace::rules() { return namespace_rules; }

Sql Namespace::address(const ObjectId& id) { return sql("SCHEMA {}", Identifier{id.name}); }

std::vector<Sql> Namespace::renaming(const ObjectId& from, const ObjectId& to) {
  return {sql("ALTER SCHEMA {} RENAME TO {}", Identifier{from.name}, Identifier{to.name})};
}

Sql Namespace::catalog_query(const Catalog& catalog) {
  // pg_init_privs holds what initdb granted: schema public's own ACL is its default state.
  return sql(
      "SELECT n.oid, n.nspname, pg_get_userbyid(n.nspowner), {} FROM pg_namespace n "
      "WHERE n.oid = ANY({}::oid[]) AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = "
      "'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e') ORDER BY n.nspname",
      acl_entries({"n.nspacl"}, {"n.nspowner"}), catalog.namespaces());
}

void Namespace::read(Catalog& catalog, const Rows& rows, Schema& schema) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Namespace found;
    found.id = {"schema", "", "", std::string(rows.text(i, 1))};
    if (!catalog.scope().has(found.id)) continue;
    catalog.remember("pg_namespace", rows.number(i, 0), found.id);
    found.aspects.comment = catalog.comment("pg_namespace", rows.number(i, 0));
    found.aspects.owner = std::string(rows.text(i, 2));
    found.aspects.grants = grants_of(rows.list(i, 3));
    schema.add(std::move(found));
  }
}

std::vector<Change> Namespace::create(const Namespace& made, const Context& context) {
  Change add = change(context, namespace_rule("schema.add"), made, "Nothing uses a new schema yet.",
                      "Add schema " + made.id.shown());
  add.strategy = "simple CREATE SCHEMA";
  add.backup = "a dump of the database";
  add.blocks = "Nobody.";
  add.undo = {Undo::Kind::lossless, "drops the schema."};
  add.up.push_back(step(sql("CREATE SCHEMA {}", Identifier{made.id.name})));
  for (Step& one : aspect_steps(made, address(made.id))) add.up.push_back(std::move(one));
  add.diff = {"+ schema " + made.id.shown()};
  return {add};
}

namespace {

// Names that the server now has in the schema and that leave it before the schema goes: of
// pg_class, and of pg_type.
struct Leaving {
  std::vector<Sql> relations, types;
};

Leaving leaving(const ObjectId& space, const Context& context) {
  Leaving names;
  for_each_kind([&]<class K>() {
    if constexpr (!std::is_same_v<K, Namespace>)
      for (const auto& [id, object] : context.from.all<K>()) {
        const ObjectId now = on_server(id, context);
        if (!id.table.empty() || now.schema != space.name) continue;
        (id.kind == "enum" ? names.types : names.relations).push_back(sql("{}", Literal{now.name}));
      }
  });
  return names;
}

// Nothing else is in it: ignored, not modelled, or made since.
Check is_left_empty(const ObjectId& space, const Context& context) {
  const ObjectId now = on_server(space, context);
  const Leaving known = leaving(now, context);
  Check check;
  check.name = "contents";
  check.passed = "nothing else is in schema " + space.name;
  check.failed = "{0|object|objects} in schema " + space.name +
                 " {0:stays|stay}, and schemasync does not drop {0:it|them}";
  const Sql held =
      sql("FROM pg_depend AS d JOIN pg_namespace AS n ON n.oid = d.refobjid, LATERAL "
          "pg_identify_object(d.classid, d.objid, 0) AS o WHERE d.refclassid = "
          "'pg_namespace'::regclass AND n.nspname = {} AND d.deptype = 'n' AND NOT EXISTS (SELECT "
          "FROM pg_depend AS w WHERE w.classid = d.classid AND w.objid = d.objid AND w.deptype IN "
          "('a', 'i', 'e')) AND NOT EXISTS (SELECT FROM pg_class AS c WHERE d.classid = "
          "'pg_class'::regclass AND c.oid = d.objid AND c.relname = ANY(ARRAY[{}]::text[])) AND "
          "NOT EXISTS (SELECT FROM pg_type AS t WHERE d.classid = 'pg_type'::regclass AND t.oid = "
          "d.objid AND t.typname = ANY(ARRAY[{}]::text[]))",
          Literal{now.name}, join(known.relations, ", "), join(known.types, ", "));
  check.count = sql("SELECT count(*) {}", held);
  check.sample = sql("SELECT o.type, o.identity AS name {} ORDER BY 1, 2 LIMIT 10", held);
  return check;
}

}  // namespace

std::vector<Change> Namespace::drop(const Namespace& dropped, const Context& context) {
  if (dropped.id.name == "public" && !context.undoing()) return {};
  Change gone = change(context, namespace_rule("schema.drop"), dropped,
                       "Whatever looks for objects in this schema fails at once.",
                       "Drop schema " + dropped.id.shown());
  gone.strategy = "verify that it is empty, then drop";
  gone.backup = "a dump of the database";
  gone.blocks = "Nobody.";
  gone.breaking = "the schema is gone";
  gone.undo = {Undo::Kind::lossless, "creates the schema again, with its owner and grants."};
  gone.checks.push_back(is_left_empty(dropped.id, context));
  gone.up.push_back(
      step(sql("DROP SCHEMA {}", Identifier{dropped.id.name})));  // fails unless empty
  gone.diff = {"- schema " + dropped.id.shown()};
  return {gone};
}

std::vector<Change> Namespace::alter(const Namespace&, const Namespace&, const Context&) {
  return {};
}

}  // namespace schemasync
