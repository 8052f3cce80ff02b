#include "apply/fill.hpp"

namespace schemasync {
namespace {

Sql again_enabled(std::string_view state) {
  if (state == "R") return sql("ENABLE REPLICA TRIGGER");
  if (state == "A") return sql("ENABLE ALWAYS TRIGGER");
  return sql("ENABLE TRIGGER");
}

struct UserTrigger {
  Identifier name;
  std::string state;  // pg_trigger.tgenabled
};

std::vector<UserTrigger> enabled_triggers(Connection& db, const ObjectId& table) {
  const Rows rows = db.query(
      sql("SELECT t.tgname, t.tgenabled::text FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = "
          "t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal "
          "AND t.tgenabled <> 'D' AND n.nspname = {} AND c.relname = {} ORDER BY 1",
          Literal{table.schema}, Literal{table.name}));
  std::vector<UserTrigger> triggers;
  for (std::size_t i = 0; i < rows.size(); ++i)
    triggers.push_back({Identifier{std::string(rows.text(i, 0))}, std::string(rows.text(i, 1))});
  return triggers;
}

bool may_be_null(Connection& db, const ObjectId& column) {
  const Rows rows = db.query(
      sql("SELECT FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN "
          "pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = {} AND c.relname = {} AND "
          "a.attname = {} AND NOT a.attisdropped AND NOT a.attnotnull",
          Literal{column.schema}, Literal{column.table}, Literal{column.name}));
  return rows.size() > 0;
}

}  // namespace

Fill parse_fill(std::string_view text) {
  bool quoted = false;
  std::size_t equals = 0;
  while (equals < text.size() && (quoted || text[equals] != '=')) quoted ^= text[equals++] == '"';
  ObjectId column = ObjectId::from_text("column " + std::string(text.substr(0, equals)));
  if (column.table.empty()) {  // two parts: table.column
    column.table = column.schema;
    column.schema = "public";
  }
  if (equals == text.size() || column.table.empty() || column.name.empty())
    throw Error("--fill " + std::string(text) + ": not TABLE.COLUMN=VALUE",
                "for example --fill expense.priority=low");
  return {column, std::string(text.substr(equals + 1))};
}

void fill_missing(Connection& db, const Fill& fill) {
  if (!may_be_null(db, fill.column)) return;
  const ObjectId table_id = fill.column.owner();
  const QualifiedName table{table_id.schema, table_id.name};
  const Identifier column{fill.column.name};
  const std::vector<UserTrigger> triggers = enabled_triggers(db, table_id);
  for (const UserTrigger& trigger : triggers)
    db.execute(sql("ALTER TABLE {} DISABLE TRIGGER {}", table, trigger.name));
  db.execute(
      sql("UPDATE {} SET {} = {} WHERE {} IS NULL", table, column, Literal{fill.value}, column));
  for (const UserTrigger& trigger : triggers)
    db.execute(sql("ALTER TABLE {} {} {}", table, again_enabled(trigger.state), trigger.name));
}

bool settles(const Fill& fill, const Change& change, const Check& check) {
  const bool about_missing = check.name == "nulls" || check.name == "missing";
  return about_missing && change.object.kind == "column" && change.object == fill.column;
}

}  // namespace schemasync
