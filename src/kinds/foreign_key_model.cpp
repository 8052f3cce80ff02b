#include <algorithm>
#include <set>

#include "kinds/foreign_key.hpp"
#include "kinds/model_file.hpp"
#include "kinds/type_name.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// A foreign key with the places of what it names.
struct Drafted {
  ForeignKey key;
  std::vector<Text> targets;  // "user.id", one for each column
  std::string subject;        // "references of column expense.user_id"
};

const std::vector<std::string> actions = {"no action", "restrict", "cascade", "set null",
                                          "set default"};

// ---- what it says ----------------------------------------------------------------------------

// "[schema.]table.column" of each target; all of one table.
bool set_target(const TableModel& table, Drafted& draft) {
  for (const Text& target : draft.targets) {
    std::vector<std::string> path = name_path(target.text);
    if (path.size() == 2) path.insert(path.begin(), table.id.schema);
    if (path.size() != 3) {
      const std::size_t open = target.text.find('(');
      std::string hint = "write it as \"table.column\", or \"schema.table.column\"";
      if (open != std::string::npos && target.text.ends_with(')'))
        hint = "write it as \"" + target.text.substr(0, open) + "." +
               target.text.substr(open + 1, target.text.size() - open - 2) + "\"";
      table.mistakes().add(target.where, target.length,
                           "\"" + target.text + "\" in " + draft.subject + " is no column", hint);
      return false;
    }
    const ObjectId named{"table", path[0], "", path[1]};
    if (draft.key.target_columns.empty()) draft.key.target = named;
    if (draft.key.target != named) {
      table.mistakes().add(target.where, target.length,
                           "columns of two tables in " + draft.subject + ": " +
                               draft.key.target.shown() + " and " + named.shown());
      return false;
    }
    draft.key.target_columns.push_back(path[2]);
  }
  return !draft.targets.empty();
}

// "cascade", or "set null (region)" with some of the key's columns.
void load_action(const TableModel& table, Section& section, std::string_view key,
                 const ForeignKey& made, std::string& action,
                 std::vector<std::string>* set_columns) {
  const std::optional<Text> written = section.text(key);
  if (!written) return;
  std::string word = lowercase(trimmed(written->text));
  const std::size_t open = word.find('(');
  if (open != std::string::npos && word.ends_with(')') && set_columns != nullptr) {
    const std::string_view list = trimmed(written->text);
    for (const std::string& part : split(list.substr(open + 1, list.size() - open - 2), ',')) {
      const std::string name(trimmed(part));
      if (std::find(made.columns.begin(), made.columns.end(), name) == made.columns.end())
        table.mistakes().add(written->where, written->length,
                             "column \"" + name + "\" in " + std::string(key) + " of " +
                                 section.subject() + " is none of the key's",
                             meant(name, made.columns));
      set_columns->push_back(name);
    }
    word = std::string(trimmed(std::string_view(word).substr(0, open)));
    if (word != "set null" && word != "set default") word += " (...)";
  }
  if (std::find(actions.begin(), actions.end(), word) == actions.end()) {
    section.reject_word(key, *written, actions);
    if (set_columns != nullptr) set_columns->clear();
    return;
  }
  action = word;
}

void load_actions(const TableModel& table, Section& section, ForeignKey& made) {
  load_action(table, section, "on_delete", made, made.on_delete, &made.set_columns);
  load_action(table, section, "on_update", made, made.on_update, nullptr);
}

std::optional<std::string> load_options(const TableModel& table, Section& section,
                                        ForeignKey& made) {
  load_actions(table, section, made);
  made.match = section.choice<std::string>("match", {{"simple", "simple"}, {"full", "full"}})
                   .value_or("simple");
  made.deferrable = load_deferrable(section).value_or(Deferrable::no);
  made.validated = section.flag("validated").value_or(true);
  load_comment(section, made);
  load_renamed_from(section, made);
  return name_of_part(section);
}

// ---- what it points at, when all files are read ----------------------------------------------

// Types between which no equality operator is: a family each.
std::string family(const std::string& type) {
  const std::string base = type.substr(0, type.find('('));
  if (type.ends_with("[]")) return "an array";
  if (base == "integer" || base == "bigint" || base == "smallint" || base == "numeric" ||
      base == "real" || base == "double precision")
    return "a number";
  if (base == "text" || base == "character varying" || base == "character" || base == "bpchar")
    return "a string";
  if (base == "uuid" || base == "boolean" || base == "bytea" || base == "jsonb") return base;
  if (type == "date" || type.starts_with("timestamp")) return "a date";
  return "";
}

bool is_key_of(const Schema& schema, const ForeignKey& key) {
  const std::set<std::string> wanted(key.target_columns.begin(), key.target_columns.end());
  for (const Key* one : schema.parts<Key>(key.target))
    if (one->deferrable == Deferrable::no &&
        std::set<std::string>(one->columns.begin(), one->columns.end()) == wanted)
      return true;
  for (const Index* one : schema.parts<Index>(key.target)) {
    std::set<std::string> columns;
    for (const IndexElement& element : one->elements) columns.insert(element.column);
    if (one->unique && !one->where_clause && columns == wanted) return true;
  }
  return false;
}

// Of a column of the models, or of a table outside them; "" where there is none.
std::string type_of_target(const Schema& schema, const ObjectId& id) {
  if (const Column* column = schema.find<Column>(id)) return column->type;
  const auto outside = schema.externals.find(id.owner());
  if (outside == schema.externals.end()) return "";
  const ExternalTable::Column* column = outside->second.column(id.name);
  return column == nullptr ? "" : column->type;
}

std::vector<std::string> columns_of_target(const Schema& schema, const ObjectId& table) {
  std::vector<std::string> names;
  for (const Column* one : columns_in_order(schema, table)) names.push_back(one->id.name);
  if (const auto outside = schema.externals.find(table); outside != schema.externals.end())
    for (const ExternalTable::Column& one : outside->second.columns) names.push_back(one.name);
  return names;
}

void check_types(Loading& loading, const Drafted& draft) {
  const ForeignKey& key = draft.key;
  for (std::size_t i = 0; i < key.columns.size() && i < key.target_columns.size(); ++i) {
    const Column* from = loading.schema().find<Column>(column_id(key.id.owner(), key.columns[i]));
    const ObjectId target = column_id(key.target, key.target_columns[i]);
    const std::string to = type_of_target(loading.schema(), target);
    if (from == nullptr || to.empty()) continue;
    const std::string one = family(from->type);
    const std::string other = family(to);
    if (one.empty() || other.empty() || one == other) continue;
    loading.mistakes().add(draft.targets[i].where, draft.targets[i].length,
                           draft.subject + ": " + from->id.shown() + " is " + from->type + ", " +
                               target.shown() + " is " + to,
                           "a foreign key compares its columns: give them one type");
  }
}

void check_target(Loading& loading, const Drafted& draft) {
  const Schema& schema = loading.schema();
  const ForeignKey& key = draft.key;
  const Text& first = draft.targets.front();
  const bool outside = schema.externals.count(key.target) > 0;
  if (!schema.has(key.target) && !outside) {
    if (loading.may_be_lost(key.target.name)) return;
    std::vector<std::string> names;
    for (const auto& [id, one] : schema.all<Table>()) names.push_back(id.shown());
    for (const auto& [id, one] : schema.externals) names.push_back(id.shown());
    std::string hint = meant(key.target.shown(), names);
    if (!hint.starts_with("did you mean"))
      hint = "declare it as [table." + key.target.name + "], as [external.table." +
             key.target.name + ".columns] where others make it, or take the reference out";
    loading.mistakes().add(first.where, first.length,
                           "unknown table \"" + key.target.shown() + "\" in " + draft.subject,
                           std::move(hint));
    return;
  }
  bool all_known = true;
  for (std::size_t i = 0; i < key.target_columns.size(); ++i) {
    const std::vector<std::string> names = columns_of_target(schema, key.target);
    if (std::find(names.begin(), names.end(), key.target_columns[i]) != names.end()) continue;
    all_known = false;
    loading.mistakes().add(draft.targets[i].where, draft.targets[i].length,
                           "unknown column \"" + key.target_columns[i] + "\" of " +
                               key.target.shown() + " in " + draft.subject,
                           meant(key.target_columns[i], names));
  }
  if (!all_known) return;
  check_types(loading, draft);
  if (outside || is_key_of(schema, key)) return;
  const std::string columns = joined(key.target_columns, ", ");
  loading.mistakes().add(
      first.where, first.length,
      draft.subject + " points at " + key.target.shown() + " (" + columns +
          "), which no key makes unique",
      key.target_columns.size() == 1
          ? "write unique = true on that column, or point at the primary key"
          : "write a [[table." + key.target.name + ".unique]] with these columns");
}

// Appends it to `added`, with its target, unless it names none.
void add(TableModel& table, Drafted draft, const std::optional<std::string>& name,
         std::vector<ForeignKey>& added) {
  if (!set_target(table, draft) || draft.key.columns.empty()) return;
  ForeignKey made = draft.key;
  added.push_back(made);
  Loading& loading = table.file.loading;
  loading.check_later([&loading, draft = std::move(draft)] { check_target(loading, draft); });
  if (name) {
    made.id.name = *name;
    loading.add(std::move(made));
  } else {
    loading.add_unnamed(std::move(made));
  }
}

Drafted bare(const TableModel& table, const Source& where, std::string subject) {
  Drafted draft;
  draft.key.id = {"foreign_key", table.id.schema, table.id.name, ""};
  draft.key.where = where;
  draft.subject = std::move(subject);
  return draft;
}

// ---- the two forms ---------------------------------------------------------------------------

void load_of_column(TableModel& table, ColumnModel& column, std::vector<ForeignKey>& found) {
  std::optional<InlinePart> part = inline_part(column, "references");
  if (!part) {
    for (const char* key : {"on_delete", "on_update"})
      if (column.section.entry(key) != nullptr)
        column.section.reject(
            key, std::string(key) + " without references in " + column.section.subject(),
            "write references = \"table.column\" beside it");
    return;
  }
  Drafted draft = bare(table, part->where, "references of " + column.section.subject());
  draft.key.columns = {column.name.text};
  load_actions(table, column.section, draft.key);
  std::optional<std::string> name;
  if (part->text) {
    draft.targets = {*part->text};
  } else if (part->section) {
    Section& section = *part->section;
    if (!section.has("column")) section.reject_missing("column", "write column = \"table.column\"");
    if (const std::optional<Text> target = section.text("column")) draft.targets = {*target};
    for (const char* key : {"on_delete", "on_update"})
      if (section.has(key) && column.section.has(key))
        section.reject(key, std::string(key) + " of " + column.section.subject() + " stands twice",
                       "take one of them out");
    const ForeignKey outside = draft.key;
    name = load_options(table, section, draft.key);
    if (!section.has("on_delete")) draft.key.set_columns = outside.set_columns;
    section.finish();
  } else {
    column.section.reject("references", draft.subject + " names no column",
                          "write it as \"table.column\"");
    return;
  }
  add(table, std::move(draft), name, found);
}

}  // namespace

void ForeignKey::load_of_table(TableModel& table) {
  std::vector<ForeignKey> on_columns;
  std::vector<ForeignKey> on_table;
  for (ColumnModel& column : table.columns)
    if (!column.is_short) load_of_column(table, column, on_columns);
  for (Section& section :
       table.section.sections("foreign_key", "a foreign key of " + table.id.shown())) {
    Drafted draft = bare(table, section.where(), section.subject());
    const std::vector<Text> columns =
        section.required_text_list("columns").value_or(std::vector<Text>{});
    draft.key.columns = table.known(columns, section.subject());
    if (!section.has("references"))
      section.reject_missing("references", "write references = [\"table.column\"]");
    draft.targets = section.text_or_list("references").value_or(std::vector<Text>{});
    const std::optional<std::string> name = load_options(table, section, draft.key);
    section.finish();
    if (columns.size() != draft.targets.size() && !columns.empty() && !draft.targets.empty()) {
      section.reject("references",
                     section.subject() + " has " +
                         counted(static_cast<std::int64_t>(columns.size()), "column") +
                         " and points at " +
                         counted(static_cast<std::int64_t>(draft.targets.size()), "column"),
                     "write one \"table.column\" for each of its columns");
      continue;
    }
    add(table, std::move(draft), name, on_table);
  }
  for (const ForeignKey& longer : on_table)
    for (const ForeignKey& shorter : on_columns)
      if (shorter.columns == longer.columns && shorter.target == longer.target &&
          shorter.target_columns == longer.target_columns)
        table.mistakes().add(longer.where, 1, "this foreign key stands in both forms",
                             "it is on its column already, line " +
                                 std::to_string(shorter.where.line) + ": take one of them out");
}

std::optional<ServerNeed> ForeignKey::newest(const ForeignKey& key) {
  if (key.set_columns.empty()) return std::nullopt;
  return ServerNeed{15, "on_delete with columns"};
}

}  // namespace schemasync
