#include <algorithm>

#include "kinds/key.hpp"
#include "kinds/model_file.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

void add(TableModel& table, Key made, const std::optional<std::string>& name) {
  if (made.columns.empty()) return;
  if (name) {
    made.id.name = *name;
    table.file.loading.add(std::move(made));
  } else {
    table.file.loading.add_unnamed(std::move(made));
  }
}

Key bare(const TableModel& table, const Source& where, bool primary) {
  Key made;
  made.id = {"key", table.id.schema, table.id.name, ""};
  made.where = where;
  made.primary = primary;
  return made;
}

// What both forms say beside columns and name.
void load_options(const TableModel& table, Section& section, Key& made) {
  made.include =
      table.known(section.text_list("include").value_or(std::vector<Text>{}), section.subject());
  if (!made.primary) made.nulls_distinct = section.flag("nulls_distinct").value_or(true);
  made.deferrable = load_deferrable(section).value_or(Deferrable::no);
  load_comment(section, made);
  load_renamed_from(section, made);
}

std::string named_subject(Section& section, const std::string& noun, const TableModel& table) {
  const Node& node = section.node();
  const Entry* name = node.find("name");
  return name != nullptr && name->value.is_string() ? noun + " " + name->value.text
                                                    : "a " + noun + " of " + table.id.shown();
}

// ---- primary keys ----------------------------------------------------------------------------

struct Flagged {
  Key key;
  std::optional<std::string> name;
};

// The columns' flags are one key, in file order.
std::optional<Flagged> flagged_primary_key(TableModel& table) {
  std::optional<Flagged> found;
  for (ColumnModel& column : table.columns) {
    std::optional<InlinePart> part = inline_part(column, "primary_key");
    if (!part) continue;
    if (!found) found = Flagged{bare(table, part->where, true), std::nullopt};
    found->key.columns.push_back(column.name.text);
    std::optional<std::string> name;
    if (part->text && is_name(*part->text, "name", table.mistakes())) name = part->text->text;
    if (part->section) {
      name = name_of_part(*part->section);
      load_options(table, *part->section, found->key);
      part->section->finish();
    }
    if (name && found->name && *name != *found->name)
      table.mistakes().add(part->where, part->length,
                           "two names for the primary key of " + table.id.shown() + ": " +
                               *found->name + " and " + *name,
                           "several columns with primary_key are one key: write its name once");
    if (name) found->name = name;
  }
  return found;
}

void check_not_null(const TableModel& table, const Key& key) {
  for (const std::string& name : key.columns) {
    const ColumnModel* column = table.column(name);
    if (column == nullptr || !trimmed(column->type.text).ends_with('?')) continue;
    table.mistakes().add(
        column->type.where, column->type.length,
        "column " + name + " of the primary key of " + table.id.shown() + " may not be NULL",
        "take the ? away");
  }
}

void load_primary_key(TableModel& table) {
  std::optional<Flagged> flagged = flagged_primary_key(table);
  if (std::optional<Section> section =
          table.section.section("primary_key", "the primary key of " + table.id.shown())) {
    if (flagged)
      section->mistakes().add(section->where(), section->length(),
                              "the primary key of " + table.id.shown() + " stands in both forms",
                              "it is on column " + flagged->key.columns.front() +
                                  " already, line " + std::to_string(flagged->key.where.line) +
                                  ": take one of them out");
    Key made = bare(table, section->where(), true);
    made.columns = table.known(section->required_text_list("columns").value_or(std::vector<Text>{}),
                               section->subject());
    const std::optional<std::string> name = name_of_part(*section);
    load_options(table, *section, made);
    section->finish();
    if (!flagged) flagged = Flagged{std::move(made), name};
  }
  if (!flagged) return;
  check_not_null(table, flagged->key);
  add(table, std::move(flagged->key), flagged->name);
}

// ---- UNIQUE ----------------------------------------------------------------------------------

void load_unique(TableModel& table) {
  std::vector<Key> on_columns;
  for (ColumnModel& column : table.columns) {
    std::optional<InlinePart> part = inline_part(column, "unique");
    if (!part) continue;
    Key made = bare(table, part->where, false);
    made.columns = {column.name.text};
    std::optional<std::string> name;
    if (part->text && is_name(*part->text, "name", table.mistakes())) name = part->text->text;
    if (part->section) {
      name = name_of_part(*part->section);
      load_options(table, *part->section, made);
      part->section->finish();
    }
    on_columns.push_back(made);
    add(table, std::move(made), name);
  }
  std::vector<Key> on_table;
  for (Section& one : table.section.sections("unique", "a unique of " + table.id.shown())) {
    Section section(one.node(), named_subject(one, "unique", table), table.mistakes());
    Key made = bare(table, section.where(), false);
    made.columns = table.known(section.required_text_list("columns").value_or(std::vector<Text>{}),
                               section.subject());
    const std::optional<std::string> name = name_of_part(section);
    load_options(table, section, made);
    section.finish();
    on_table.push_back(made);
    add(table, std::move(made), name);
  }
  reject_both_forms(table, on_columns, on_table, "unique");
}

}  // namespace

void Key::load_of_table(TableModel& table) {
  load_primary_key(table);
  load_unique(table);
}

std::optional<ServerNeed> Key::newest(const Key& key) {
  if (key.nulls_distinct) return std::nullopt;
  return ServerNeed{15, "nulls_distinct = false"};
}

}  // namespace schemasync
