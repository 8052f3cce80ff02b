#include "apply/fill.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text/shell.hpp"
#include "text/strings.hpp"

namespace schemasync {

using Json = nlohmann::json;

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

Sql filling_missing(const Fill& fill) {
  const QualifiedName table{fill.column.schema, fill.column.table};
  const Identifier column{fill.column.name};
  return sql("UPDATE {} SET {} = {} WHERE {} IS NULL", table, column, Literal{fill.value}, column);
}

Sql filling_with(const Fill& fill) {
  return sql("SELECT set_config('schemasync.fill', {}, true)", Literal{fill.value});
}

void fill_missing(Connection& db, const Fill& fill) {
  if (!may_be_null(db, fill.column)) return;
  const ObjectId table_id = fill.column.owner();
  const QualifiedName table{table_id.schema, table_id.name};
  const std::vector<UserTrigger> triggers = enabled_triggers(db, table_id);
  for (const UserTrigger& trigger : triggers)
    db.execute(sql("ALTER TABLE {} DISABLE TRIGGER {}", table, trigger.name));
  db.execute(filling_missing(fill));
  for (const UserTrigger& trigger : triggers)
    db.execute(sql("ALTER TABLE {} {} {}", table, again_enabled(trigger.state), trigger.name));
}

namespace {

// True also of what is no enum, or a list of one: the type itself tells when it is back.
bool is_label(Connection& db, const std::string& value, const std::string& type,
              const Before& before) {
  if (type.ends_with("[]")) return true;
  const Rows name = db.query(sql("SELECT n[1], n[2] FROM parse_ident({}) AS n", Literal{type}));
  const auto found =
      before.find({"enum", std::string(name.text(0, 0)), "", std::string(name.text(0, 1))});
  if (found == before.end() || !found->second) return true;
  const Json labels = Json::parse(*found->second).at("labels");
  return std::find(labels.begin(), labels.end(), Json(value)) != labels.end();
}

}  // namespace

void refuse_unfit(Connection& db, const Fill& fill, const Before& before) {
  const auto column = before.find(fill.column);
  if (column == before.end() || !column->second) return;
  const Json definition = Json::parse(*column->second);
  const Expression type{definition.at("type").get<std::string>()};
  try {
    // As an assignment reads it: a cast would cut what is too long.
    db.query(sql("SELECT v FROM jsonb_to_record(jsonb_build_object('v', {}::text)) AS r(v {})",
                 Literal{fill.value}, type));
  } catch (const DatabaseError& error) {
    const bool comes_back = error.sqlstate() == "42704";  // an enum that the migration dropped
    if (comes_back && is_label(db, fill.value, type.text, before)) return;
    const bool is_of_the_value =
        comes_back || error.sqlstate().starts_with("22") || error.sqlstate().starts_with("23");
    if (!is_of_the_value) throw;
    throw Error("the rollback changed nothing: --fill gives " + fill.column.shown() +
                    " a value that is no " + type.text + ": " + error.what(),
                "give it one that fits");
  }
}

Fillable fillable(const Change& change, const Check& check) {
  if (change.object.kind != "column") return Fillable::none;
  if (check.name == "nulls" || check.name == "missing") return Fillable::missing;
  const bool fills = std::any_of(change.down.begin(), change.down.end(),
                                 [](const Step& step) { return step.filling.has_value(); });
  return check.name == "casts" && fills ? Fillable::refused : Fillable::none;
}

std::string fill_option(const Change& change) {
  return "--fill " + shell_word(change.object.shown() + "=VALUE");
}

std::vector<std::string> notes_of_replaced(Connection& db, int migration) {
  const Rows rows = db.query(
      sql("SELECT a.object, a.relation, a.n, to_regclass('schemasync.' || a.relation) IS NOT NULL "
          "FROM schemasync.archive AS a WHERE a.migration = {} AND a.made_by = 'rollback' AND "
          "a.form = 'filled' AND a.state = 'kept' ORDER BY a.n",
          Sql(migration)));
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId column = ObjectId::from_text(rows.text(i, 0));
    const QualifiedName relation{"schemasync", std::string(rows.text(i, 1))};
    const Identifier hidden = hidden_column(relation);
    const std::int64_t count = rows.truth(i, 3)
                                   ? db.query(sql("SELECT count(*) FROM {}", relation)).number(0, 0)
                                   : db.query(sql("SELECT count({}) FROM {}", hidden,
                                                  QualifiedName{column.schema, column.table}))
                                         .number(0, 0);
    notes.push_back(counted(count, "value") + " of " + column.shown() +
                    " replaced by the one of --fill; kept (" +
                    (rows.truth(i, 3) ? "schemasync." + relation.name
                                      : column.owner().shown() + "." + display_name(hidden.name)) +
                    ") until the same change is applied again");
  }
  return notes;
}

}  // namespace schemasync
