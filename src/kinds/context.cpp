#include "kinds/context.hpp"

#include <algorithm>

#include "text/strings.hpp"

namespace schemasync {

Sql between_marks(const Sql& block, const std::string& mark) {
  const std::string& text = block.str();
  const std::size_t first = text.find(mark);
  const std::size_t last = text.rfind(mark);
  if (text.find(mark, first + 1) == last) return block;
  const std::string inside = text.substr(first + mark.size(), last - first - mark.size());
  std::string longer = mark;
  while (inside.find(longer) != std::string::npos) longer.insert(longer.size() - 1, "_");
  return Sql(Expression{text.substr(0, first) + longer + inside + longer +
                        text.substr(last + mark.size())});
}

const TableFacts* Context::table_facts(const ObjectId& table) const {
  const auto found = facts.tables.find(table);
  return found == facts.tables.end() ? nullptr : &found->second;
}

bool Context::may_have_rows(const ObjectId& table) const {
  if (undoing()) return true;
  const TableFacts* known = table_facts(table);
  return known != nullptr && known->rows > 0;
}

Change change(const Context& context, const Rule& rule, const Object& object, std::string why,
              std::string summary) {
  Change made(rule, object.id, std::move(why));
  made.summary = std::move(summary);
  made.where = object.where;
  if (made.where.line == 0) {  // what the models no longer have stands where its table does
    const Object* in_models = context.models().object(object.id);
    if (in_models == nullptr) in_models = context.models().object(object.id.owner());
    if (in_models != nullptr) made.where = in_models->where;
  }
  if (!object.id.table.empty() || object.id.kind == "table")
    made.tables.push_back(object.id.owner());
  return made;
}

Step step(Sql sql, Work work, std::string search_path) {
  Step made;
  made.sql = std::move(sql);
  made.work = work;
  made.search_path = std::move(search_path);
  return made;
}

Step& with_lock(Step& step, const ObjectId& relation, std::string mode) {
  step.locks.push_back({relation.owner().shown(), std::move(mode)});
  if (step.work == Work::rewrite) step.rewrites.push_back(relation.owner().shown());
  return step;
}

ObjectId on_server(ObjectId id, const Context& context) {
  if (context.undoing()) return id;
  const std::vector<Rename>& renames = context.facts.renames;
  for (auto it = renames.rbegin(); it != renames.rend(); ++it) follow(id, {it->to, it->from});
  return id;
}

Sql rows_of(const ObjectId& table, const Context& context, const std::vector<Identifier>& also) {
  if (context.undoing()) return Sql(name_of(table));
  bool renamed = on_server(table, context) != table;
  std::vector<Sql> columns;
  for (const Column* column : context.from.parts<Column>(table)) {
    const ObjectId now = on_server(column->id, context);
    renamed = renamed || now != column->id;
    columns.push_back(sql("{} AS {}", Identifier{now.name}, Identifier{column->id.name}));
  }
  if (!renamed) return Sql(name_of(table));
  for (const Identifier& one : also) columns.emplace_back(one);
  return sql("(SELECT {} FROM {})", join(columns, ", "), name_of(on_server(table, context)));
}

bool are_there(const ObjectId& table, const std::vector<std::string>& columns,
               const Context& context) {
  return std::all_of(columns.begin(), columns.end(), [&](const std::string& name) {
    return context.from.has(column_id(table, name));
  });
}

Sql without_user_triggers(const std::vector<ObjectId>& tables, const Sql& statement) {
  std::vector<Sql> relations;
  for (const ObjectId& table : tables) relations.push_back(Sql(Literal{Sql(name_of(table)).str()}));
  // tgenabled: O origin, D disabled, R replica, A always. A disabled one stays as it is.
  const Sql block = sql(
      "DO $keep$\n"
      "#variable_conflict use_column\n"  // a column may be called as a variable of ours is
      "DECLARE\n"
      "  off record;\n"
      "  states jsonb := '[]';\n"
      "BEGIN\n"
      "  FOR off IN SELECT tgrelid::regclass AS relation, tgname, tgenabled FROM "
      "pg_catalog.pg_trigger WHERE tgrelid = ANY (ARRAY[{}]::regclass[]) AND NOT tgisinternal AND "
      "tgenabled <> 'D' ORDER BY tgrelid, tgname LOOP\n"
      "    states := states || jsonb_build_object('relation', off.relation, 'name', off.tgname, "
      "'state', off.tgenabled);\n"
      "    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', off.relation, off.tgname);\n"
      "  END LOOP;\n"
      "  {};\n"
      "  FOR off IN SELECT s ->> 'relation' AS relation, s ->> 'name' AS name, s ->> 'state' AS "
      "state FROM jsonb_array_elements(states) s LOOP\n"
      "    EXECUTE format('ALTER TABLE %s ENABLE %s TRIGGER %I', off.relation, CASE off.state WHEN "
      "'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, off.name);\n"
      "  END LOOP;\n"
      "END\n"
      "$keep$",
      join(relations, ", "), statement);
  return between_marks(block, "$keep$");
}

Sql without_user_triggers(const ObjectId& table, const Sql& statement) {
  return without_user_triggers(std::vector<ObjectId>{table}, statement);
}

Sql guard_against(const Sql& query, const std::string& message) {
  const Sql block = sql(
      "DO $guard$ BEGIN IF EXISTS ({}) THEN RAISE EXCEPTION USING ERRCODE = 'SS005', MESSAGE = {}; "
      "END IF; "
      "END $guard$",
      query, Literal{message});
  return between_marks(block, "$guard$");
}

QualifiedName name_of(const ObjectId& id) { return {id.schema, id.name}; }

QualifiedName table_of(const ObjectId& id) { return {id.schema, id.table}; }

std::vector<Sql> renamed_and_moved(const ObjectId& from, const ObjectId& to,
                                   Sql (*address)(const ObjectId&)) {
  std::vector<Sql> statements;
  ObjectId now = from;
  if (from.schema != to.schema && from.table.empty()) {
    statements.push_back(sql("ALTER {} SET SCHEMA {}", address(now), Identifier{to.schema}));
    now.schema = to.schema;
  }
  if (from.name != to.name)
    statements.push_back(sql("ALTER {} RENAME TO {}", address(now), Identifier{to.name}));
  return statements;
}

Change replaced(std::vector<Change> drops, std::vector<Change> creates, const Rule& rule,
                std::string summary) {
  Change made = std::move(creates.front());
  made.becomes(rule);
  made.summary = std::move(summary);
  Change& gone = drops.front();
  made.up.insert(made.up.begin(), gone.up.begin(), gone.up.end());
  made.checks.insert(made.checks.begin(), gone.checks.begin(), gone.checks.end());
  if (gone.archive) made.archive = std::move(gone.archive);
  made.releases.insert(made.releases.end(), gone.releases.begin(), gone.releases.end());
  if (!made.archive) made.archive = std::move(gone.archive);
  made.diff.insert(made.diff.begin(), gone.diff.begin(), gone.diff.end());
  return made;
}

}  // namespace schemasync
