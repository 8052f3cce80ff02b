#include "kinds/sequence.hpp"

#include "kinds/catalog.hpp"
#include "kinds/code_names.hpp"
#include "kinds/context.hpp"
#include "kinds/model_file.hpp"
#include "kinds/naming.hpp"
#include "kinds/sequence_rules.hpp"
#include "kinds/type_name.hpp"

namespace schemasync {

void Sequence::follow(const Rename& rename) {
  if (owned_by) schemasync::follow(*owned_by, rename);
}

std::span<const Rule> Sequence::rules() { return sequence_rules; }

Sql Sequence::address(const ObjectId& id) { return sql("SEQUENCE {}", name_of(id)); }

Counting Counting::of_type(std::string_view type, std::int64_t increment) {
  Counting counting;
  counting.type = std::string(type);
  counting.increment = increment;
  const std::int64_t top = type == "smallint"  ? 32767
                           : type == "integer" ? 2147483647
                                               : 9223372036854775807;
  if (increment > 0) {
    counting.max_value = top;
  } else {
    counting.min_value = -top - 1;
    counting.max_value = -1;
    counting.start = -1;
  }
  return counting;
}

Sql counting_clause(const Counting& counting) {
  return sql("START WITH {} INCREMENT BY {} MINVALUE {} MAXVALUE {} CACHE {} {}", counting.start,
             counting.increment, counting.min_value, counting.max_value, counting.cache,
             counting.cycle ? sql("CYCLE") : sql("NO CYCLE"));
}

std::vector<Sql> Sequence::renaming(const ObjectId& from, const ObjectId& to) {
  return renamed_and_moved(from, to, address);
}

Sql Sequence::catalog_query(const Catalog& catalog) {
  // deptype 'a': owned by a column; 'i': an identity column's, which belongs to the column.
  return sql(
      "SELECT c.oid, n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqstart, "
      "s.seqincrement, "
      "s.seqmin, s.seqmax, s.seqcache, s.seqcycle, d.refobjid, d.refobjsubid, "
      "pg_get_userbyid(c.relowner), {} "
      "FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = "
      "c.relnamespace LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = "
      "c.oid "
      "AND d.objsubid = 0 AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') "
      "WHERE c.relnamespace = ANY({}::oid[]) AND d.deptype IS DISTINCT FROM 'i' AND NOT EXISTS "
      "(SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND "
      "e.deptype = 'e') ORDER BY n.nspname, c.relname",
      acl_entries({"c.relacl"}, {"c.relowner"}), catalog.namespaces());
}

void Sequence::read(Catalog& catalog, const Rows& rows, Schema& schema) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Sequence found;
    found.id = {"sequence", std::string(rows.text(i, 1)), "", std::string(rows.text(i, 2))};
    if (!rows.is_null(i, 10)) {
      const ObjectId* table = catalog.object("pg_class", rows.number(i, 10));
      const std::string* column = catalog.column(rows.number(i, 10), rows.number(i, 11));
      if (table == nullptr ||
          column == nullptr) {  // its table is of a kind not modelled, or out of scope
        if (catalog.scope().has(found.id))
          schema.unmodelled.push_back("sequence " + found.id.shown());
        continue;
      }
      found.owned_by = column_id(*table, *column);
    } else if (!catalog.scope().has(found.id)) {
      continue;
    }
    found.counting = {std::string(rows.text(i, 3)),
                      rows.number(i, 4),
                      rows.number(i, 5),
                      rows.number(i, 6),
                      rows.number(i, 7),
                      rows.number(i, 8),
                      rows.truth(i, 9)};
    found.aspects = {catalog.comment("pg_class", rows.number(i, 0)), std::string(rows.text(i, 12)),
                     grants_of(rows.list(i, 13))};
    catalog.remember("pg_class", rows.number(i, 0), found.id);
    schema.add(std::move(found));
  }
}

std::string Sequence::automatic_name(const Sequence& sequence, const Naming&, int pass) {
  if (!sequence.owned_by) return sequence.id.name;
  return postgres_name(sequence.owned_by->table, sequence.owned_by->name,
                       pass == 0 ? "seq" : "seq" + std::to_string(pass));
}

std::string nextval_of(const ObjectId& sequence) {
  return "nextval(" +
         Sql(Literal{quote_ident(sequence.schema) + "." + quote_ident(sequence.name)}).str() +
         "::regclass)";
}

std::optional<ObjectId> sequence_of_default(const std::string& sql) {
  constexpr std::string_view before = "nextval('";
  constexpr std::string_view after = "'::regclass)";
  if (!sql.starts_with(before) || !sql.ends_with(after)) return std::nullopt;
  std::string name = sql.substr(before.size(), sql.size() - before.size() - after.size());
  for (std::size_t at = 0; (at = name.find("''", at)) != std::string::npos; ++at) name.erase(at, 1);
  const std::vector<std::string> path = name_path(name);
  if (path.size() != 2) return std::nullopt;
  return ObjectId{"sequence", path[0], "", path[1]};
}

Sql create_sequence(const Sequence& sequence) {
  return sql("CREATE SEQUENCE {} AS {} {}", name_of(sequence.id),
             Expression{sequence.counting.type}, counting_clause(sequence.counting));
}

Sql own_sequence(const Sequence& sequence) {
  if (!sequence.owned_by) return sql("ALTER SEQUENCE {} OWNED BY NONE", name_of(sequence.id));
  return sql("ALTER SEQUENCE {} OWNED BY {}.{}", name_of(sequence.id), table_of(*sequence.owned_by),
             Identifier{sequence.owned_by->name});
}

std::vector<Change> Sequence::create(const Sequence& made, const Context& context) {
  Change add = change(context, sequence_rule("sequence.add"), made,
                      "Nothing uses a new sequence yet.", "Add sequence " + made.id.shown());
  add.strategy = "simple CREATE SEQUENCE";
  add.backup = "a dump of the database";
  add.blocks = "Nobody.";
  add.diff = {"+ sequence " + made.id.shown()};
  if (context.undoing()) {
    // The way up moved it away whole; its counter comes back with it.
    add.up.push_back(step(
        sql("ALTER SEQUENCE {} SET SCHEMA {}", archive_relation(), Identifier{made.id.schema})));
    add.up.push_back(step(sql("ALTER SEQUENCE {} RENAME TO {}",
                              QualifiedName{made.id.schema, archive_relation().name},
                              Identifier{made.id.name})));
  } else {
    add.up.push_back(step(create_sequence(made)));
  }
  if (made.owned_by) {
    add.up.push_back(step(own_sequence(made)));
    add.needs.push_back(*made.owned_by);
  }
  for (Step& one : aspect_steps(made, address(made.id))) add.up.push_back(std::move(one));
  return {add};
}

std::vector<Change> Sequence::drop(const Sequence& dropped, const Context& context) {
  Change gone = change(context, sequence_rule("sequence.drop"), dropped,
                       "Code that asks it for the next value fails at once.",
                       "Drop sequence " + dropped.id.shown());
  gone.strategy = "move it away, with its counter";
  gone.backup = "a dump of the database";
  gone.blocks = "Nobody.";
  gone.breaking = "the sequence is gone";
  gone.code_names = code_names(dropped.id, context);
  gone.undo = {Undo::Kind::lossless, "moves the sequence back; the counter stands where it stood."};
  const QualifiedName away = context.undoing() ? kept_relation() : archive_relation();
  gone.archive = Archive{Archive::Form::table, dropped.id, ""};
  if (dropped.owned_by)
    gone.up.push_back(step(sql("ALTER SEQUENCE {} OWNED BY NONE", name_of(dropped.id))));
  gone.up.push_back(
      step(sql("ALTER SEQUENCE {} RENAME TO {}", name_of(dropped.id), Identifier{away.name})));
  gone.up.push_back(step(
      sql("ALTER SEQUENCE {} SET SCHEMA schemasync", QualifiedName{dropped.id.schema, away.name})));
  gone.diff = {"- sequence " + dropped.id.shown()};
  // Moved away it would go on serving them, where DROP would have stopped.
  for (const auto& [id, column] : context.to.all<Column>()) {
    if (context.undoing() || !column.default_value ||
        sequence_of_default(column.default_value->spelling()) != dropped.id)
      continue;
    Check used;
    used.name = "dependents";
    used.passed = "no column counts by it";
    used.failed = "column " + id.shown() + " still counts by " + dropped.id.shown() +
                  "; change its default, or keep the sequence";
    gone.checks.push_back(std::move(used));
  }
  return {gone};
}

std::vector<Change> Sequence::alter(const Sequence& from, const Sequence& to,
                                    const Context& context) {
  if (same_attributes(from, to)) return {};
  Change other = change(context, sequence_rule("sequence.change"), to,
                        "Only values that are still to come are counted differently.",
                        "Change sequence " + to.id.shown());
  other.strategy = "ALTER SEQUENCE";
  other.backup = "a dump of the database";
  other.blocks = "Nobody; nextval waits for a moment.";
  other.undo = {Undo::Kind::lossless, "sets the old options again; the counter stays where it is."};
  if (from.counting != to.counting)
    other.up.push_back(step(sql("ALTER SEQUENCE {} AS {} {}", name_of(to.id),
                                Expression{to.counting.type}, counting_clause(to.counting))));
  if (from.owned_by != to.owned_by) {
    other.up.push_back(step(own_sequence(to)));
    if (to.owned_by) other.needs.push_back(*to.owned_by);
    if (from.owned_by) other.releases.push_back(*from.owned_by);
  }
  other.diff = {"~ sequence " + to.id.shown()};
  return {other};
}

}  // namespace schemasync
