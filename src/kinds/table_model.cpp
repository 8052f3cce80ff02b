#include "kinds/model_file.hpp"
#include "kinds/table.hpp"
#include "kinds/type_name.hpp"
#include "text/strings.hpp"
#include "toml/habits.hpp"
#include "toml/writer.hpp"

namespace schemasync {
namespace {

constexpr std::array<std::string_view, 8> table_privileges = {
    "delete", "insert", "maintain", "references", "select", "trigger", "truncate", "update"};

constexpr std::array<std::string_view, 6> system_columns = {"cmax", "cmin",     "ctid",
                                                            "xmax", "tableoid", "xmin"};

// The columns with their names and types; what else they say is read by the parts.
void read_columns(TableModel& table) {
  static const Node nothing;
  const Node* columns = table.section.any("columns");
  if (columns == nullptr) return;
  if (!columns->is_table()) {
    table.section.reject_type("columns", *columns, "a table: [table.x.columns]");
    return;
  }
  table.columns.reserve(columns->entries.size());
  for (const Entry& entry : columns->entries) {
    const std::string subject = "column " + column_id(table.id, entry.key.name).shown();
    const Text name = text_of(entry.key);
    if (!is_name(name, "column name", table.mistakes())) continue;
    if (std::find(system_columns.begin(), system_columns.end(), name.text) != system_columns.end())
      table.mistakes().add(entry.key, subject + " has the name of a system column",
                           "every table has a column of that name already: take another");
    if (is_hidden_column(name.text))
      table.mistakes().add(entry.key, subject + " has a name that schemasync keeps for itself",
                           "columns that it keeps out of sight are named so: take another");
    if (entry.value.is_string()) {
      table.columns.push_back({name, text_of(entry.value), true,
                               Section(nothing, entry.key, subject, table.mistakes())});
    } else if (entry.value.is_table()) {
      Section section(entry.value, entry.key, subject, table.mistakes());
      section.hint_with([column = name.text, node = &entry.value](const Entry& unknown) {
        return column_habit(column, *node, unknown);
      });
      if (!section.has("type"))
        section.reject_missing("type",
                               "write type = \"varchar\", say, or \"varchar?\" where it "
                               "may be NULL");
      const Text type = section.text("type").value_or(Text{"", name.where, name.length});
      table.columns.push_back({name, type, false, std::move(section)});
    } else {
      table.mistakes().add(entry.value,
                           subject + " must be its type, or a table with its type, not " +
                               std::string(described(entry.value.kind)),
                           "write " + name.text + " = \"varchar\", or { type = \"varchar\", ... }");
    }
  }
}

void load_old_names(ModelFile& file, Section& section, Table& made) {
  const std::optional<std::vector<Text>> names = section.text_or_list("renamed_from");
  if (!names) return;
  for (const Text& old : *names) {
    std::vector<std::string> path = name_path(old.text);
    if (path.size() == 1) path.insert(path.begin(), file.schema);
    if (path.size() == 2) {
      made.renamed_from.push_back(display_name(path[0]) + "." + display_name(path[1]));
    } else {
      file.mistakes().add(old.where, old.length,
                          "renamed_from in " + section.subject() + " is no table's name",
                          "write it as \"name\", or \"schema.name\"");
    }
  }
}

// A column or a table that stands one level too high or too low.
std::string misplaced(const std::string& table, const Entry& unknown) {
  const Node& value = unknown.value;
  if (value.is_string()) {
    std::string_view type = trimmed(value.text);
    if (type.ends_with('?')) type.remove_suffix(1);
    if (canonical_type(type) || serial_type(type))
      return "the columns stand under [" + toml_path({"table", table, "columns"}) + "]";
  }
  const bool is_header = value.is_table() && value.form == TableForm::header;
  if (is_header && (value.entries.empty() || value.find("columns") != nullptr))
    return "a header carries no schema: write schema = " + toml_text(table).text +
           " at the top of the file, and [" + toml_path({"table", unknown.key.name}) + "]";
  return "";
}

}  // namespace

void Table::load(ModelFile& file, const Text& name, Section& section) {
  Table made;
  made.id = {"table", file.schema, "", name.text};
  made.where = name.where;
  section.hint_with([table = name.text](const Entry& unknown) {
    std::string hint = table_habit(table, unknown);
    return hint.empty() ? misplaced(table, unknown) : hint;
  });
  TableModel table{file, made.id, section, {}};
  read_columns(table);
  std::vector<std::string> columns;
  for (const ColumnModel& column : table.columns) columns.push_back(column.name.text);
  if (const std::optional<Text> word = section.text("class")) made.class_name = word->text;
  load_comment(section, made);
  made.archive_in_place = load_archive_in_place(section);
  load_owner(section, made);
  load_grants(section, made, table_privileges, &columns);
  load_old_names(file, section, made);
  file.loading.add(std::move(made));
  for_each_kind([&]<class K>() {
    if constexpr (TablePart<K>) K::load_of_table(table);
  });
  for (ColumnModel& column : table.columns) column.section.finish();
}

}  // namespace schemasync
