#include "kinds/check.hpp"
#include "kinds/model_writing.hpp"

namespace schemasync {
namespace {

bool is_short(const CheckConstraint& check) {
  return check.columns.size() == 1 && check.validated && !check.no_inherit &&
         fits_short_form(check);
}

// One check of one column stands with it: the only one that may, or the one without a name.
ColumnText* home(const CheckConstraint& check, const std::vector<const CheckConstraint*>& all,
                 TableText& text) {
  if (!is_short(check)) return nullptr;
  const bool unnamed = text.writing.leaves_name_out(check);
  for (const CheckConstraint* other : all) {
    if (other == &check || other->columns != check.columns) continue;
    const bool rival = is_short(*other) && (!unnamed || text.writing.leaves_name_out(*other));
    if (rival || same_attributes(*other, check)) return nullptr;
  }
  return text.column(check.columns.front());
}

// The loader knows no columns of a check that does not stand with one.
CheckConstraint apart(CheckConstraint check) {
  check.columns.clear();
  return check;
}

}  // namespace

void CheckConstraint::write_of_table(TableText& text) {
  const auto all = text.writing.schema().parts<CheckConstraint>(text.table.id);
  for (const CheckConstraint* check : all) {
    const Toml sql = toml_lines(check->expression.text);
    if (ColumnText* column = home(*check, all, text)) {
      const bool unnamed = text.writing.leaves_name_out(*check);
      column->say(ColumnSlot::rule, "check",
                  unnamed ? sql : toml_table({{"sql", sql}, {"name", toml_text(check->id.name)}}));
      continue;
    }
    TomlMembers members;
    add_part_keys(members, apart(*check), text.writing);
    members.emplace_back("sql", sql);
    if (!check->validated) members.emplace_back("validated", toml_flag(false));
    if (check->no_inherit) members.emplace_back("no_inherit", toml_flag(true));
    text.blocks.push_back({"check", true, std::move(members)});
  }
}

}  // namespace schemasync
