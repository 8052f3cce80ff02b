#include "kinds/check.hpp"

#include <algorithm>

#include "kinds/catalog.hpp"
#include "kinds/check_rules.hpp"
#include "kinds/context.hpp"
#include "kinds/enum_labels.hpp"
#include "kinds/naming.hpp"
#include "kinds/repairs.hpp"
#include "kinds/rows_to_come.hpp"

namespace schemasync {
namespace {

std::optional<RowsToCome> rows_judged_by(const CheckConstraint& made, const Context& context) {
  for (const ObjectId& used : made.uses)
    if (!context.from.has(used) && used.owner() != made.id.owner()) return std::nullopt;
  return rows_to_come(made.id.owner(), made.columns, context);
}

}  // namespace

void CheckConstraint::follow(const Rename& rename) { schemasync::follow(columns, id, rename); }

std::span<const Rule> CheckConstraint::rules() { return check_rules; }

Sql CheckConstraint::address(const ObjectId& id) {
  return sql("CONSTRAINT {} ON {}", Identifier{id.name}, table_of(id));
}

std::vector<Sql> CheckConstraint::renaming(const ObjectId& from, const ObjectId& to) {
  return {sql("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", table_of(to), Identifier{from.name},
              Identifier{to.name})};
}

Sql CheckConstraint::catalog_query(const Catalog& catalog) {
  return sql(
      "SELECT k.oid, k.conrelid, k.conname, pg_get_expr(k.conbin, k.conrelid), k.convalidated, "
      "k.connoinherit, k.conkey::text[] FROM pg_constraint k WHERE k.contype = 'c' AND k.conrelid "
      "<> 0 AND k.connamespace = ANY({}::oid[]) ORDER BY k.conrelid, k.conname",
      catalog.namespaces());
}

void CheckConstraint::read(Catalog& catalog, const Rows& rows, Schema& schema) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId* table = catalog.object("pg_class", rows.number(i, 1));
    if (table == nullptr) continue;
    CheckConstraint found;
    found.id = {"check", table->schema, table->name, std::string(rows.text(i, 2))};
    found.expression = SqlText::of_catalog(std::string(rows.text(i, 3)));
    found.validated = rows.truth(i, 4);
    found.no_inherit = rows.truth(i, 5);
    found.columns = catalog.columns(rows.number(i, 1), rows.list(i, 6));
    for (const std::string& column : found.columns) found.uses.push_back(column_id(*table, column));
    found.aspects.comment = catalog.comment("pg_constraint", rows.number(i, 0));
    schema.add(std::move(found));
  }
}

Sql check_definition(const CheckConstraint& check) {
  return sql("CONSTRAINT {} CHECK ({}){}{}", Identifier{check.id.name},
             Expression{check.expression.text}, check.no_inherit ? sql(" NO INHERIT") : Sql(),
             check.validated ? Sql() : sql(" NOT VALID"));
}

std::string CheckConstraint::automatic_name(const CheckConstraint& check, const Naming& naming,
                                            int pass) {
  // PostgreSQL names a check after its column where it has exactly one.
  const std::vector<std::string> named =
      check.columns.size() == 1 ? check.columns : std::vector<std::string>{};
  return object_name(naming, "check", check.id.table, named, "check", pass);
}

std::vector<Change> CheckConstraint::create(const CheckConstraint& made, const Context& context) {
  Change add = change(context, check_rule("check.add"), made,
                      "From then on a row that breaks the rule is refused (SQLSTATE 23514).",
                      "Add check " + made.id.shown());
  const bool rows = context.may_have_rows(made.id.owner());
  add.strategy = "verify that every row passes, then add";
  add.backup = "a dump of the database";
  add.blocks =
      "Reads and writes of " + made.id.owner().shown() + " wait while its rows are checked.";
  add.breaking = "writes that break the rule fail";
  add.undo = {Undo::Kind::lossless, "drops the constraint."};
  add.up.push_back(step(sql("ALTER TABLE {} ADD {}", table_of(made.id), check_definition(made)),
                        rows && made.validated ? Work::scan : Work::catalog, made.expression.path));
  with_lock(add.up.back(), made.id, "ACCESS EXCLUSIVE");
  for (Step& one : aspect_steps(made, address(made.id))) add.up.push_back(std::move(one));
  add.needs = made.uses;
  const std::optional<RowsToCome> to_come = rows_judged_by(made, context);
  if (made.validated && rows && to_come) {
    const Sql breaking = sql("FROM {} AS {} WHERE NOT ({})", to_come->rows,
                             Identifier{made.id.table}, Expression{made.expression.text});
    Check violators;
    violators.name = "violators";
    violators.passed = "every row passes";
    violators.failed = "{0|row breaks|rows break} the rule" + to_come->once_there(context);
    violators.search_path = made.expression.path;
    violators.count = sql("SELECT count(*) {}", breaking);
    std::vector<std::string> shown = usable_key(made.id.owner(), context);
    for (const std::string& column : made.columns)
      if (std::find(shown.begin(), shown.end(), column) == shown.end()) shown.push_back(column);
    violators.sample =
        sql("SELECT {} {} LIMIT 10", shown.empty() ? sql("*") : identifiers(shown), breaking);
    if (to_come->are_there())
      add_violator_repairs(violators, made.id.owner(), made.columns, made.expression, context);
    ask_if_labels_are_there(violators, made.uses, {made.expression}, context);
    add.checks.push_back(std::move(violators));
  }
  add.diff = {"+ check " + made.id.name + " (" + made.expression.spelling() + ")"};
  return {add};
}

std::vector<Change> CheckConstraint::drop(const CheckConstraint& dropped, const Context& context) {
  Change gone =
      change(context, check_rule("check.drop"), dropped, "Rows that break the rule are accepted.",
             "Drop check " + dropped.id.shown());
  gone.strategy = "DROP CONSTRAINT";
  gone.backup = "a dump of the database";
  gone.blocks = "Reads and writes of " + dropped.id.owner().shown() + " wait for a moment.";
  gone.undo = {Undo::Kind::lossless,
               "adds the constraint again; stops where a row breaks it by then."};
  gone.up.push_back(step(
      sql("ALTER TABLE {} DROP CONSTRAINT {}", table_of(dropped.id), Identifier{dropped.id.name})));
  with_lock(gone.up.back(), dropped.id, "ACCESS EXCLUSIVE");
  gone.releases = dropped.uses;
  gone.diff = {"- check " + dropped.id.name + " (" + dropped.expression.spelling() + ")"};
  return {gone};
}

std::vector<Change> CheckConstraint::alter(const CheckConstraint& from, const CheckConstraint& to,
                                           const Context& context) {
  if (same_attributes(from, to)) return {};
  return {replaced(drop(from, context), create(to, context), check_rule("check.change"),
                   "Change check " + to.id.shown())};
}

}  // namespace schemasync
