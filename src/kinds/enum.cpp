#include "kinds/enum.hpp"

#include <algorithm>
#include <set>

#include "kinds/catalog.hpp"
#include "kinds/code_names.hpp"
#include "kinds/context.hpp"
#include "kinds/enum_labels.hpp"
#include "kinds/enum_rules.hpp"
#include "kinds/repairs.hpp"
#include "kinds/type_name.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

Sql labels_clause(const Enum& type) {
  std::vector<Sql> labels;
  for (const std::string& label : type.labels) labels.emplace_back(Literal{label});
  return join(labels, ", ");
}

// Labels under their new names. A label that has the new name of another one already goes.
std::vector<std::string> renamed(const std::vector<std::string>& labels,
                                 const LabelRenames& renames) {
  std::vector<std::string> out;
  for (const std::string& label : labels) {
    const auto to = std::find_if(renames.begin(), renames.end(),
                                 [&](const auto& one) { return one.second == label; });
    if (to != renames.end())
      out.push_back(to->first);
    else if (renames.count(label) == 0)
      out.push_back(label);
  }
  return out;
}

// A new label that has the name which an old one gets back: it goes with the type, no row has it.
Step out_of_the_way(const ObjectId& type, const std::string& label) {
  const std::string away = std::string(clipped(label, 52)) + "_schemasync";
  const Sql block =
      sql("BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_enum WHERE enumtypid = {}::regtype AND "
          "enumlabel = {}) THEN ALTER TYPE {} RENAME VALUE {} TO {}; END IF; END",
          Literal{Sql(name_of(type)).str()}, Literal{label}, name_of(type), Literal{label},
          Literal{away});
  return step(sql("DO {}", Literal{block.str()}));
}

bool holds_in_order(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  std::size_t next = 0;
  for (const std::string& label : all)
    if (next < some.size() && some[next] == label) ++next;
  return next == some.size();
}

// Columns of this type, or of its array, on either side.
std::vector<const Column*> columns_of_type(const Schema& schema, const ObjectId& type) {
  const std::string name = quote_ident(type.schema) + "." + quote_ident(type.name);
  std::vector<const Column*> found;
  for (const auto& [id, column] : schema.all<Column>())
    if (column.type == name || column.type == name + "[]") found.push_back(&column);
  return found;
}

Change altered(const Enum& to, const Context& context, const Rule& rule, std::string why,
               std::string summary) {
  Change made = change(context, rule, to, std::move(why), std::move(summary));
  made.backup = "a dump of the database";
  made.blocks = "Nobody.";
  return made;
}

// What an archive holds of a type that goes is kept as text: DROP TYPE would fail, or take it
// along. What stands on it by an expression goes first, and is made again when the table comes back
// (table_enums.cpp).
Step archives_to_text(const QualifiedName& type) {
  return step(between_marks(
      sql("DO $keep$\n"
          "DECLARE\n"
          "  kept record;\n"
          "  types oid[] := ARRAY(SELECT oid FROM pg_catalog.pg_type WHERE {}::regtype IN (oid, "
          "typelem));\n"
          "BEGIN\n"
          "  FOR kept IN WITH archive AS (SELECT c.oid FROM pg_catalog.pg_class AS c JOIN "
          "pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'schemasync' "
          "AND c.relkind = 'r'), user_of_it AS (SELECT d.classid, d.objid, d.objsubid FROM "
          "pg_catalog.pg_depend AS d WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid = ANY "
          "(types) OR d.refclassid = 'pg_class'::regclass AND EXISTS (SELECT FROM "
          "pg_catalog.pg_attribute AS a JOIN archive ON archive.oid = a.attrelid WHERE a.attrelid "
          "= d.refobjid AND a.attnum = d.refobjsubid AND a.atttypid = ANY (types)))\n"
          "    SELECT 1 AS turn, format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, "
          "k.conname) AS statement FROM user_of_it AS u JOIN pg_catalog.pg_constraint AS k ON "
          "u.classid = 'pg_constraint'::regclass AND k.oid = u.objid JOIN archive ON archive.oid = "
          "k.conrelid WHERE k.contype = 'c'\n"
          "    UNION SELECT 2, format('DROP INDEX %s', i.indexrelid::regclass) FROM user_of_it AS "
          "u JOIN pg_catalog.pg_index AS i ON u.classid = 'pg_class'::regclass AND i.indexrelid = "
          "u.objid JOIN archive ON archive.oid = i.indrelid WHERE num_nonnulls(i.indexprs, "
          "i.indpred) > 0\n"
          // What a generated column stands on is the column's until 14, its expression's from 15.
          "    UNION SELECT 3, format(CASE a.attgenerated WHEN '' THEN 'ALTER TABLE %1$s ALTER "
          "COLUMN %2$I DROP DEFAULT' WHEN 's' THEN 'ALTER TABLE %1$s ALTER COLUMN %2$I DROP "
          "EXPRESSION' ELSE 'ALTER TABLE %1$s DROP COLUMN %2$I, ADD COLUMN %2$I %3$s' END, "
          "a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod)) FROM user_of_it "
          "AS u JOIN pg_catalog.pg_attrdef AS f ON u.classid = 'pg_attrdef'::regclass AND f.oid = "
          "u.objid OR u.classid = 'pg_class'::regclass AND f.adrelid = u.objid AND f.adnum = "
          "u.objsubid JOIN archive ON archive.oid = f.adrelid JOIN pg_catalog.pg_attribute AS a ON "
          "a.attrelid = f.adrelid AND a.attnum = f.adnum ORDER BY 1, 2 LOOP\n"
          "    EXECUTE kept.statement;\n"
          "  END LOOP;\n"
          "  FOR kept IN SELECT c.oid::regclass AS archive, a.attname AS name,\n"
          "      CASE WHEN t.typelem = 0 THEN 'text' ELSE 'text[]' END AS type\n"
          "    FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = "
          "a.attrelid\n"
          "    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace\n"
          "    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid\n"
          "    WHERE (n.nspname = 'schemasync' OR {}) AND c.relkind = 'r' AND NOT a.attisdropped\n"
          "    AND t.oid = ANY (types) ORDER BY 1, 2 LOOP\n"
          "    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT, ALTER COLUMN %I TYPE "
          "'\n"
          "      '%s', kept.archive, kept.name, kept.name, kept.type);\n"
          "  END LOOP;\n"
          "END\n"
          "$keep$",
          Literal{Sql(type).str()}, is_hidden_column(sql("a.attname"))),
      "$keep$"));
}

// Labels that are gone or moved: a new type, and every column converted to it by its text. Labels
// are renamed by then, whichever way this goes.
Change rebuilt(const Enum& from, const Enum& to, const LabelRenames& renames,
               const Context& context) {
  Change made =
      altered(to, context, enum_rule("enum.rebuild"),
              "Every column of the type is written anew, and a row with a label that is gone stops "
              "the change.",
              "Rebuild enum " + to.id.shown() + " with other labels");
  made.part = "labels";
  made.rebuilds = true;
  made.strategy = "new type, convert each column, drop the old type";
  made.blocks =
      "Reads and writes of each table with a column of this type wait while it is written anew.";
  made.breaking = "code that writes a label that is gone fails";
  made.undo = {Undo::Kind::lossless, "makes the type with its old labels again."};
  const Identifier aside{std::string(clipped(to.id.name, 52)) + "_schemasync"};
  made.up.push_back(step(sql("ALTER TYPE {} RENAME TO {}", name_of(from.id), aside)));
  std::vector<Sql> gone;  // as the server calls them when it is asked
  std::vector<std::string> gone_labels;
  std::string stays;
  for (const std::string& label : from.labels) {
    const std::vector<std::string> after = renamed({label}, renames);
    if (!after.empty() &&
        std::find(to.labels.begin(), to.labels.end(), after.front()) != to.labels.end()) {
      if (stays.empty()) stays = label;
      continue;
    }
    gone.emplace_back(Literal{label});
    gone_labels.push_back(label);
  }
  const QualifiedName old_type{from.id.schema, aside.name};
  made.up.push_back(step(sql("CREATE TYPE {} AS ENUM ({})", name_of(to.id), labels_clause(to))));
  made.code_names = code_names_of_labels(to.id, gone_labels, context);
  // A column that comes to the type, or leaves it, does so behind this; on the way back before it.
  const Schema& by_then = context.undoing() ? context.to : context.from;
  const std::vector<const Column*> asked = columns_of_type(context.from, from.id);
  // The way back of labels that only came is its very last step: what goes is there again by then.
  const bool last = context.undoing() && holds_in_order(renamed(from.labels, renames), to.labels);
  for (const Column* column : columns_of_type(by_then, from.id)) {
    if (!last && (!context.from.has(column->id) || !context.to.has(column->id))) continue;
    if (column->generated) continue;  // made again around it
    const bool has_labels = std::any_of(asked.begin(), asked.end(),
                                        [&](const Column* one) { return one->id == column->id; });
    const Identifier name{column->id.name};
    const bool array = column->type.ends_with("[]");
    const Sql type = array ? sql("{}[]", name_of(to.id)) : Sql(name_of(to.id));
    const Sql through = array ? sql("text[]") : sql("text");
    const Column* after = context.to.find<Column>(column->id);
    made.tables.push_back(column->id.owner());
    const Column* before = context.from.find<Column>(column->id);
    if ((before != nullptr && before->default_value) || column->default_value)
      made.up.push_back(
          step(sql("ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT", table_of(column->id), name)));
    made.up.push_back(
        step(sql("ALTER TABLE {} ALTER COLUMN {} TYPE {} USING {}::{}::{}", table_of(column->id),
                 name, type, name, through, type),
             context.may_have_rows(column->id.owner()) ? Work::rewrite : Work::catalog));
    with_lock(made.up.back(), column->id, "ACCESS EXCLUSIVE");
    if (after->default_value)
      made.up.push_back(
          step(sql("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {}", table_of(column->id), name,
                   Expression{after->default_value->text}),
               Work::catalog, after->default_value->path));
    if (!gone.empty() && has_labels) {
      Check used;
      used.name = "labels_in_use";
      used.passed = "no row of " + column->id.shown() + " has a label that goes";
      used.failed = "{0|row|rows} of " + column->id.shown() + " {0:has|have} a label that goes";
      const Sql condition = array ? sql("{}::text[] && ARRAY[{}]", name, join(gone, ", "))
                                  : sql("{}::text IN ({})", name, join(gone, ", "));
      const Sql holding =
          sql("FROM {} AS t WHERE {}", rows_of(column->id.owner(), context), condition);
      used.count = sql("SELECT count(*) {}", holding);
      used.sample =
          sql("SELECT {}::text AS label, count(*) AS rows {} GROUP BY 1 ORDER BY 1 LIMIT 10", name,
              holding);
      const ObjectId table = column->id.owner();
      const Identifier on_table{on_server(column->id, context).name};
      if (!array && !stays.empty())
        used.repairs.push_back(
            {"give them the label " + stays + ", or put another that stays there",
             sql("UPDATE {} SET {} = {} WHERE {}::text IN ({});", table_on_server(table, context),
                 on_table, Literal{stays}, on_table, join(gone, ", "))});
      if (array)
        for (const Sql& label : gone)
          used.repairs.push_back(
              {"take the label " + label.str() + " out of them",
               sql("UPDATE {} SET {} = array_remove({}, {}) WHERE {}::text[] && ARRAY[{}];",
                   table_on_server(table, context), on_table, on_table, label, on_table, label)});
      made.checks.push_back(std::move(used));
    }
  }
  made.up.push_back(archives_to_text(old_type));
  made.up.push_back(step(sql("DROP TYPE {}", old_type)));
  return made;
}

}  // namespace

void Enum::follow(const Rename&) {}

std::span<const Rule> Enum::rules() { return enum_rules; }

Sql Enum::address(const ObjectId& id) { return sql("TYPE {}", name_of(id)); }

std::vector<Sql> Enum::renaming(const ObjectId& from, const ObjectId& to) {
  return renamed_and_moved(from, to, address);
}

Sql Enum::catalog_query(const Catalog& catalog) {
  return sql(
      "SELECT t.oid, n.nspname, t.typname, ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE "
      "e.enumtypid = t.oid ORDER BY e.enumsortorder), pg_get_userbyid(t.typowner), {} "
      "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND "
      "t.typnamespace = ANY({}::oid[]) AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = "
      "'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e') ORDER BY n.nspname, t.typname",
      acl_entries({"t.typacl"}, {"t.typowner"}), catalog.namespaces());
}

void Enum::read(Catalog& catalog, const Rows& rows, Schema& schema) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Enum found;
    found.id = {"enum", std::string(rows.text(i, 1)), "", std::string(rows.text(i, 2))};
    if (!catalog.scope().has(found.id)) continue;
    found.labels = rows.list(i, 3);
    // Everybody may use a type by default; that entry stands in the ACL once another grant was
    // made.
    std::vector<Grant> grants = grants_of(rows.list(i, 5));
    std::erase_if(grants, [](const Grant& grant) { return grant.to == "public"; });
    found.aspects = {catalog.comment("pg_type", rows.number(i, 0)), std::string(rows.text(i, 4)),
                     grants};
    catalog.remember("pg_type", rows.number(i, 0), found.id);
    schema.add(std::move(found));
  }
}

std::vector<Change> Enum::create(const Enum& made, const Context& context) {
  Change add = altered(made, context, enum_rule("enum.add"), "Nothing uses a new type yet.",
                       "Add enum " + made.id.shown() + " (" + joined(made.labels, ", ") + ")");
  add.strategy = "simple CREATE TYPE";
  add.undo = {Undo::Kind::lossless, "drops the type."};
  add.up.push_back(step(sql("CREATE TYPE {} AS ENUM ({})", name_of(made.id), labels_clause(made))));
  for (Step& one : aspect_steps(made, address(made.id))) add.up.push_back(std::move(one));
  add.diff = {"+ enum " + made.id.shown() + " (" + joined(made.labels, ", ") + ")"};
  return {add};
}

std::vector<Change> Enum::drop(const Enum& dropped, const Context& context) {
  Change gone =
      altered(dropped, context, enum_rule("enum.drop"),
              "Code that casts to the type fails at once.", "Drop enum " + dropped.id.shown());
  gone.strategy = "verify that nothing uses it, then drop";
  gone.breaking = "the type is gone";
  gone.code_names = code_names(dropped.id, context);
  gone.undo = {Undo::Kind::lossless, "creates the type again, with its labels in their order."};
  gone.up.push_back(archives_to_text(name_of(dropped.id)));
  // A column that stays in its table out of sight is written anew, with the table.
  for (const Column* column : columns_of_type(context.from, dropped.id))
    if (!context.to.has(column->id) && context.to.has(column->id.owner()))
      gone.up.back().work = Work::rewrite;
  gone.up.push_back(
      step(sql("DROP TYPE {}", name_of(dropped.id))));  // fails while anything uses it
  gone.diff = {"- enum " + dropped.id.shown()};
  return {gone};
}

LabelRenames label_renames(const Enum& from, const Enum& to, const Context& context) {
  LabelRenames renames;
  std::set<std::string> taken;
  const std::vector<std::string>& live = context.undoing() ? to.labels : from.labels;
  const auto is_live = [&](const std::string& label) {
    return std::find(live.begin(), live.end(), label) != live.end();
  };
  const Enum* in_models = context.models().find<Enum>(to.id);
  for (const auto& [now, before] : in_models->renamed_labels) {
    // Of several old labels the one that is there.
    if (!is_live(before) || is_live(now) || taken.count(now) > 0) continue;
    if (!taken.insert(before).second) continue;
    taken.insert(now);
    renames.emplace(context.undoing() ? before : now, context.undoing() ? now : before);
  }
  return renames;
}

Step rename_label(const ObjectId& type, const std::string& before, const std::string& now) {
  return step(
      sql("ALTER TYPE {} RENAME VALUE {} TO {}", name_of(type), Literal{before}, Literal{now}));
}

namespace {

bool needs_new_type(const Enum& from, const Enum& to, const Context& context) {
  const std::vector<std::string> labels = renamed(from.labels, label_renames(from, to, context));
  if (labels == to.labels && labels.size() == from.labels.size()) return false;
  return context.undoing() || !holds_in_order(to.labels, labels);
}

}  // namespace

bool Enum::disturbs(const Enum& from, const Enum& to, const Context& context) {
  return from.labels != to.labels && needs_new_type(from, to, context);
}

std::vector<ObjectId> Enum::converts(const Enum& type, const Schema& schema) {
  std::vector<ObjectId> columns;
  for (const Column* column : columns_of_type(schema, type.id)) columns.push_back(column->id);
  return columns;
}

std::vector<Change> Enum::alter(const Enum& from, const Enum& to, const Context& context) {
  if (from.labels == to.labels) return {};
  std::vector<Change> changes;
  const LabelRenames renames = label_renames(from, to, context);
  const std::vector<std::string> labels = renamed(from.labels, renames);
  for (const auto& [now, before] : renames) {
    const std::string lasting = context.undoing() ? before : now;
    Change rename = altered(to, context, enum_rule("enum.value.rename"),
                            "Code that still writes the old label fails at once.",
                            "Rename label " + before + " of enum " + to.id.shown() + " to " + now);
    rename.part = "label " + lasting;
    rename.strategy = "direct rename";
    rename.breaking = "the old label is gone";
    rename.code_names = code_names_of_labels(to.id, {before}, context);
    rename.undo = {Undo::Kind::lossless, "renames the label back."};
    if (std::find(from.labels.begin(), from.labels.end(), now) != from.labels.end())
      rename.up.push_back(out_of_the_way(to.id, now));
    rename.up.push_back(rename_label(to.id, before, now));
    rename.diff = {"~ enum " + to.id.shown() + ": " + before + " -> " + now};
    rename.phase = 0;
    changes.push_back(std::move(rename));
  }
  if (labels == to.labels && labels.size() == from.labels.size()) return changes;
  if (!needs_new_type(from, to, context)) {
    Change add = altered(to, context, enum_rule("enum.value.add"),
                         "Old code may meet a label that it does not know.",
                         "Add labels to enum " + to.id.shown());
    add.part = "labels";
    add.rebuilds = true;  // on the way back
    add.strategy = "ALTER TYPE ... ADD VALUE, committed before anything uses it";
    add.own_segment_before = true;
    add.undo = {Undo::Kind::lossless,
                "makes the type with its old labels again; stops where a row has one of the new."};
    for (std::size_t i = 0; i < to.labels.size(); ++i) {
      const std::string& label = to.labels[i];
      if (std::find(labels.begin(), labels.end(), label) != labels.end()) continue;
      const Sql place = i == 0 ? sql(" BEFORE {}", Literal{labels.front()})
                               : sql(" AFTER {}", Literal{to.labels[i - 1]});
      add.up.push_back(step(sql("ALTER TYPE {} ADD VALUE IF NOT EXISTS {}{}", name_of(to.id),
                                Literal{label}, labels.empty() ? Sql() : place)));
      add.diff.push_back("+ enum " + to.id.shown() + ": " + label);
    }
    changes.push_back(std::move(add));
    return changes;
  }
  Change again = rebuilt(from, to, renames, context);
  again.diff = {"- enum " + to.id.shown() + " (" + joined(from.labels, ", ") + ")",
                "+ enum " + to.id.shown() + " (" + joined(to.labels, ", ") + ")"};
  changes.push_back(std::move(again));
  return changes;
}

}  // namespace schemasync
