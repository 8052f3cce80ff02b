#include "kinds/check.hpp"
#include "kinds/model_file.hpp"

namespace schemasync {
namespace {

CheckConstraint bare(const TableModel& table, const Source& where) {
  CheckConstraint made;
  made.id = {"check", table.id.schema, table.id.name, ""};
  made.where = where;
  return made;
}

void add(TableModel& table, CheckConstraint made, const std::optional<std::string>& name) {
  if (made.expression.text.empty()) return;
  if (name) {
    made.id.name = *name;
    table.file.loading.add(std::move(made));
  } else {
    table.file.loading.add_unnamed(std::move(made));
  }
}

std::optional<std::string> load_section(TableModel& table, Section& section,
                                        CheckConstraint& made) {
  if (!section.has("sql")) section.reject_missing("sql", "write its condition: sql = \"a < b\"");
  made.expression = sql_text(table.file, section, "sql").value_or(SqlText{});
  const std::optional<std::string> name = name_of_part(section);
  made.validated = section.flag("validated").value_or(true);
  made.no_inherit = section.flag("no_inherit").value_or(false);
  load_comment(section, made);
  load_renamed_from(section, made);
  section.finish();
  return name;
}

}  // namespace

void CheckConstraint::load_of_table(TableModel& table) {
  std::vector<CheckConstraint> on_columns;
  for (ColumnModel& column : table.columns) {
    std::optional<InlinePart> part = inline_part(column, "check");
    if (!part) continue;
    CheckConstraint made = bare(table, part->where);
    made.columns = {column.name.text};
    std::optional<std::string> name;
    if (part->section) {
      name = load_section(table, *part->section, made);
    } else if (part->text) {
      made.expression =
          sql_of(table.file, *column.section.any("check"), "check in " + column.section.subject())
              .value_or(SqlText{});
    } else {
      column.section.reject("check", "check in " + column.section.subject() + " has no condition",
                            "write its SQL: check = \"" + column.name.text + " > 0\"");
    }
    on_columns.push_back(made);
    add(table, std::move(made), name);
  }
  std::vector<CheckConstraint> on_table;
  for (Section& section : table.section.sections("check", "a check of " + table.id.shown())) {
    CheckConstraint made = bare(table, section.where());
    const std::optional<std::string> name = load_section(table, section, made);
    on_table.push_back(made);
    add(table, std::move(made), name);
  }
  reject_both_forms(table, on_columns, on_table, "check");
}

}  // namespace schemasync
