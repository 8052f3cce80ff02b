#include "kinds/code_names.hpp"

#include <algorithm>

#include "kinds/type_name.hpp"

namespace schemasync {
namespace {

// The names of a table in code: now, on the server before its renames, and its class.
std::vector<std::string> words_for(const ObjectId& table, const Schema& from, const Schema& to,
                                   const std::vector<Rename>& renames) {
  std::vector<std::string> words = {table.name};
  ObjectId before = table;
  for (auto rename = renames.rbegin(); rename != renames.rend(); ++rename)
    follow(before, {rename->to, rename->from});
  words.push_back(before.name);
  for (const Schema* schema : {&from, &to})
    if (const Table* found = schema->find<Table>(table);
        found != nullptr && !found->class_name.empty())
      words.push_back(found->class_name);
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

bool others_have_column(const ObjectId& column, const Schema& schema) {
  return std::any_of(
      schema.all<Column>().begin(), schema.all<Column>().end(), [&](const auto& entry) {
        return entry.first.name == column.name && entry.first.owner() != column.owner();
      });
}

bool is_of_type(const Column& column, const ObjectId& type) {
  const std::string name = quote_ident(type.schema) + "." + quote_ident(type.name);
  return column.type == name || column.type == name + "[]";
}

}  // namespace

std::vector<CodeName> code_names(const ObjectId& gone, const Schema& from, const Schema& to,
                                 const std::vector<Rename>& renames) {
  CodeName name{gone.name, {}, false, {}};
  if (gone.kind == "column") {
    if (others_have_column(gone, from) || others_have_column(gone, to))
      name.beside = words_for(gone.owner(), from, to, renames);
  } else if (gone.table.empty()) {
    name.names_classes = gone.kind != "sequence";
    const Table* table = from.find<Table>(gone);
    if (table != nullptr && !to.has(gone) && !table->class_name.empty())
      name.also.push_back(table->class_name);
  }
  return {name};
}

std::vector<CodeName> code_names(const ObjectId& gone, const Context& context) {
  return code_names(gone, context.from, context.to, context.facts.renames);
}

std::vector<CodeName> code_names_of_labels(const ObjectId& type,
                                           const std::vector<std::string>& labels,
                                           const Context& context) {
  std::vector<std::string> beside = {type.name};
  for (const auto& [id, column] : context.from.all<Column>())
    if (is_of_type(column, type))
      for (std::string& word :
           words_for(id.owner(), context.from, context.to, context.facts.renames))
        beside.push_back(std::move(word));
  std::sort(beside.begin(), beside.end());
  beside.erase(std::unique(beside.begin(), beside.end()), beside.end());
  std::vector<CodeName> names;
  for (const std::string& label : labels) {
    const bool shared = std::any_of(
        context.from.all<Enum>().begin(), context.from.all<Enum>().end(), [&](const auto& entry) {
          const std::vector<std::string>& all = entry.second.labels;
          return entry.first != type && std::find(all.begin(), all.end(), label) != all.end();
        });
    names.push_back({label, {}, false, shared ? beside : std::vector<std::string>{}});
  }
  return names;
}

}  // namespace schemasync
