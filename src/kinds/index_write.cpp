#include <algorithm>
#include <array>

#include "kinds/index.hpp"
#include "kinds/model_file.hpp"
#include "kinds/model_writing.hpp"

namespace schemasync {
namespace {

bool is_plain(const IndexElement& element) {
  return !element.column.empty() && element.collation.empty() && element.opclass.empty();
}

// "born desc nulls last"; NULLS FIRST goes with DESC by itself.
std::string short_text(const IndexElement& element) {
  std::string text = element.column;
  if (element.descending) text += " desc";
  if (element.nulls_first != element.descending)
    text += element.nulls_first ? " nulls first" : " nulls last";
  return text;
}

// PostgreSQL's own operator classes that are known without their schema.
constexpr std::array<std::string_view, 12> known_opclasses = {"array_ops",
                                                              "bpchar_pattern_ops",
                                                              "inet_ops",
                                                              "int4_minmax_multi_ops",
                                                              "int8_minmax_multi_ops",
                                                              "jsonb_ops",
                                                              "jsonb_path_ops",
                                                              "network_ops",
                                                              "text_ops",
                                                              "text_pattern_ops",
                                                              "varchar_ops",
                                                              "varchar_pattern_ops"};

std::string opclass_text(const std::string& sql_name) {
  const std::vector<std::string> path = name_path(sql_name);
  const bool bare =
      path.size() == 2 && path[0] == "pg_catalog" &&
      std::find(known_opclasses.begin(), known_opclasses.end(), path[1]) != known_opclasses.end();
  return bare ? path[1] : sql_name;
}

// PostgreSQL's own stand without their schema. Any other has its schema in quotes, by which the
// loader tells it from a name with a dot ("en_US.utf8").
std::string collation_text(const std::string& sql_name) {
  const std::vector<std::string> path = name_path(sql_name);
  if (path.size() != 2) return sql_name;
  const bool clear = path[1].find('"') == std::string::npos && !path[1].starts_with("public.") &&
                     !path[1].starts_with("pg_catalog.");
  if (path[0] == "pg_catalog" && clear) return path[1];
  return Sql(QualifiedName{path[0], path[1]}).str();
}

Toml toml_of(const IndexElement& element, const TableText& text) {
  const std::string words = short_text(element);
  // Order words that make another column's name are written apart.
  const bool is_name = words == element.column;
  const auto& columns = text.columns;
  const bool clear = is_name || std::none_of(columns.begin(), columns.end(), [&](const auto& one) {
                       return one.column->id.name == words;
                     });
  if (is_plain(element) && clear) return toml_text(words);
  TomlMembers members;
  if (element.expression) {
    members.emplace_back("sql", toml_text(element.expression->text));
  } else {
    members.emplace_back("column", toml_text(element.column));
  }
  if (!element.opclass.empty())
    members.emplace_back("opclass", toml_text(opclass_text(element.opclass)));
  if (!element.collation.empty())
    members.emplace_back("collation", toml_text(collation_text(element.collation)));
  if (element.descending) members.emplace_back("order", toml_text("desc"));
  if (element.nulls_first != element.descending)
    members.emplace_back("nulls", toml_text(element.nulls_first ? "first" : "last"));
  return toml_table(std::move(members));
}

// fillfactor=70: what the server keeps as text stands as a number or a truth where it is one.
Toml storage_of(const std::vector<std::string>& with) {
  TomlMembers members;
  for (const std::string& option : with) {
    const std::size_t equals = option.find('=');
    const std::string value = option.substr(equals + 1);
    members.emplace_back(option.substr(0, equals), toml_number(value));
  }
  return toml_table(std::move(members));
}

// The one plain index of one column stands with it.
ColumnText* home(const Index& index, const std::vector<const Index*>& all, TableText& text) {
  const auto is_short = [](const Index& one) {
    Index plain;
    plain.elements = {IndexElement{}};
    plain.elements[0].column = one.elements.size() == 1 ? one.elements[0].column : std::string();
    return one.elements.size() == 1 && !plain.elements[0].column.empty() &&
           same_attributes(one, plain);
  };
  if (!is_short(index) || !fits_short_form(index)) return nullptr;
  for (const Index* other : all)
    if (other != &index && is_short(*other) && other->elements == index.elements) return nullptr;
  return text.column(index.elements[0].column);
}

}  // namespace

// What a failed CREATE INDEX CONCURRENTLY left behind is no model of anything.
bool Index::is_written(const Index& index, const Schema&) { return index.valid; }

void Index::write_of_table(TableText& text) {
  const auto all = text.writing.schema().parts<Index>(text.table.id);
  for (const Index* index : all) {
    if (!is_written(*index, text.writing.schema())) continue;
    if (ColumnText* column = home(*index, all, text)) {
      column->say(
          ColumnSlot::lookup, "index",
          text.writing.leaves_name_out(*index) ? toml_flag(true) : toml_text(index->id.name));
      continue;
    }
    std::vector<Toml> elements;
    for (const IndexElement& element : index->elements) elements.push_back(toml_of(element, text));
    TomlMembers members = {{"columns", wrapped_list(elements)}};
    add_part_keys(members, *index, text.writing);
    if (index->method != "btree") members.emplace_back("method", toml_text(index->method));
    if (index->unique) members.emplace_back("unique", toml_flag(true));
    if (!index->nulls_distinct) members.emplace_back("nulls_distinct", toml_flag(false));
    if (!index->include.empty()) members.emplace_back("include", toml_texts(index->include));
    if (index->where_clause) members.emplace_back("where", toml_lines(index->where_clause->text));
    if (!index->with.empty()) members.emplace_back("with", storage_of(index->with));
    text.blocks.push_back({"index", true, std::move(members)});
  }
}

}  // namespace schemasync
