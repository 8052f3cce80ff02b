#include <algorithm>

#include "kinds/index.hpp"
#include "kinds/model_file.hpp"
#include "kinds/storage_parameters.hpp"
#include "kinds/type_name.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// ---- names that are looked up ----------------------------------------------------------------

// Operator classes of pg_catalog that somebody may name.
constexpr std::string_view built_in_opclasses =
    " array_ops bit_ops bool_ops box_inclusion_ops box_ops bpchar_bloom_ops bpchar_minmax_ops "
    "bpchar_ops bpchar_pattern_ops bytea_bloom_ops bytea_minmax_ops bytea_ops char_ops cidr_ops "
    "circle_ops date_bloom_ops date_minmax_multi_ops date_minmax_ops date_ops enum_ops "
    "float4_minmax_multi_ops float4_minmax_ops float4_ops float8_minmax_multi_ops "
    "float8_minmax_ops float8_ops inet_bloom_ops inet_inclusion_ops inet_minmax_multi_ops "
    "inet_minmax_ops inet_ops int2_minmax_ops int2_ops int4_bloom_ops int4_minmax_multi_ops "
    "int4_minmax_ops int4_ops int8_bloom_ops int8_minmax_multi_ops int8_minmax_ops int8_ops "
    "interval_minmax_ops interval_ops jsonb_ops jsonb_path_ops kd_point_ops macaddr8_ops "
    "macaddr_ops money_ops multirange_ops name_ops name_pattern_ops network_ops "
    "numeric_bloom_ops numeric_minmax_multi_ops numeric_minmax_ops numeric_ops oid_ops "
    "oidvector_ops pg_lsn_ops point_ops poly_ops quad_point_ops range_inclusion_ops range_ops "
    "record_image_ops record_ops text_bloom_ops text_minmax_ops text_ops text_pattern_ops "
    "tid_ops time_minmax_ops time_ops timestamp_bloom_ops timestamp_minmax_multi_ops "
    "timestamp_minmax_ops timestamp_ops timestamptz_bloom_ops timestamptz_minmax_multi_ops "
    "timestamptz_minmax_ops timestamptz_ops timetz_ops tsquery_ops tsvector_ops uuid_bloom_ops "
    "uuid_minmax_multi_ops uuid_minmax_ops uuid_ops varbit_ops varchar_ops varchar_pattern_ops "
    "xid8_ops xid_ops ";

// As the catalog is read: schema.name, quoted where it needs it.
std::string qualified(const std::string& schema, const std::string& name) {
  return quote_ident(schema) + "." + quote_ident(name);
}

// The default operator class of a type, which the catalog does not name.
bool is_default(std::string_view opclass, std::string_view method, std::string_view type) {
  const std::string_view base = type.substr(0, type.find('('));
  if (type.ends_with("[]"))
    return opclass == "array_ops" && (method == "btree" || method == "hash" || method == "gin");
  if (method == "gin")
    return (base == "jsonb" && opclass == "jsonb_ops") ||
           (base == "tsvector" && opclass == "tsvector_ops");
  if (method != "btree" && method != "hash") return false;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 17> defaults = {{
      {"integer", "int4_ops"},
      {"bigint", "int8_ops"},
      {"smallint", "int2_ops"},
      {"text", "text_ops"},
      {"character varying", "text_ops"},
      {"character", "bpchar_ops"},
      {"bpchar", "bpchar_ops"},
      {"numeric", "numeric_ops"},
      {"boolean", "bool_ops"},
      {"uuid", "uuid_ops"},
      {"date", "date_ops"},
      {"timestamp without time zone", "timestamp_ops"},
      {"timestamp with time zone", "timestamptz_ops"},
      {"jsonb", "jsonb_ops"},
      {"bytea", "bytea_ops"},
      {"double precision", "float8_ops"},
      {"real", "float4_ops"},
  }};
  return std::any_of(defaults.begin(), defaults.end(), [&](const auto& one) {
    return (one.first == base || one.first == type) && one.second == opclass;
  });
}

// A class that is not built in is an extension's, which the search path finds in public.
std::string opclass_name(const std::string& text) {
  const std::vector<std::string> path = name_path(text);
  if (path.size() == 2) return qualified(path[0], path[1]);
  const std::string name = path.size() == 1 ? path[0] : text;
  const bool built_in = name.find(' ') == std::string::npos &&
                        built_in_opclasses.find(" " + name + " ") != std::string_view::npos;
  return qualified(built_in ? "pg_catalog" : "public", name);
}

// A collation's name may hold a dot ("en_US.utf8"): only a schema that is one stands before it.
std::string collation_name(const std::string& text, const std::string& file_schema) {
  if (text == "default") return "";
  const std::vector<std::string> path = name_path(text);
  const bool has_schema = path.size() == 2 && (path[0] == "pg_catalog" || path[0] == "public" ||
                                               path[0] == file_schema || text[0] == '"');
  if (has_schema) return qualified(path[0], path[1]);
  return qualified("pg_catalog", path.size() == 1 ? path[0] : text);
}

// ---- elements --------------------------------------------------------------------------------

// Takes the last word off, in lower case.
std::string take_word(std::string_view& text) {
  text = trimmed(text);
  const std::size_t blank = text.find_last_of(" \t");
  if (blank == std::string_view::npos) return "";
  std::string word = lowercase(text.substr(blank + 1));
  text = trimmed(text.substr(0, blank));
  return word;
}

// "born desc nulls last": a column's name, else its order words are split off the end.
std::optional<IndexElement> short_element(const TableModel& table, const Node& value,
                                          const std::string& subject) {
  IndexElement element;
  std::string_view name = value.text;
  if (table.column(name) == nullptr) {
    std::string_view rest = name;
    std::string_view before = rest;
    std::string word = take_word(rest);
    std::optional<bool> nulls_first;
    if (word == "first" || word == "last") {
      std::string_view further = rest;
      if (take_word(further) == "nulls") {
        nulls_first = word == "first";
        before = further;
        rest = further;
        word = take_word(rest);
      }
    }
    if (word == "asc" || word == "desc") {
      element.descending = word == "desc";
      before = rest;
    }
    name = before;
    element.nulls_first = nulls_first.value_or(element.descending);
  }
  if (name.find('(') != std::string_view::npos && table.column(name) == nullptr) {
    table.mistakes().add(value, "unknown column \"" + value.text + "\" in " + subject,
                         "an expression is written { sql = \"" + std::string(name) + "\" }");
    return std::nullopt;
  }
  if (!table.knows({std::string(name), value.where, value.length}, subject)) return std::nullopt;
  element.column = std::string(name);
  return element;
}

// The keys that an element's table and an inline index share.
void load_element_options(const TableModel& table, Section& section, IndexElement& element) {
  if (const auto opclass = section.text("opclass")) element.opclass = opclass_name(opclass->text);
  if (const auto collation = section.text("collation"))
    element.collation = collation_name(collation->text, table.id.schema);
  element.descending =
      section.choice<bool>("order", {{"asc", false}, {"desc", true}}).value_or(false);
  element.nulls_first = section.choice<bool>("nulls", {{"first", true}, {"last", false}})
                            .value_or(element.descending);
}

std::optional<IndexElement> long_element(TableModel& table, const Node& value,
                                         const std::string& subject) {
  Section section(value, "a column of " + subject, table.mistakes());
  IndexElement element;
  const bool has_column = section.has("column");
  const bool has_sql = section.has("sql");
  bool sound = has_column != has_sql;
  if (!sound)
    table.mistakes().add(value, section.subject() + " must have either column or sql",
                         "write { column = \"email\", ... } or { sql = \"lower(email)\", ... }");
  if (const std::optional<Text> name = section.text("column")) {
    sound = table.knows(*name, subject) && sound;
    element.column = name->text;
  }
  element.expression = sql_text(table.file, section, "sql");
  load_element_options(table, section, element);
  section.finish();
  sound = sound && (!element.column.empty() || element.expression);
  return sound ? std::optional(element) : std::nullopt;
}

// ---- options ---------------------------------------------------------------------------------

bool is_word(std::string_view text, std::string_view also) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           also.find(c) != std::string_view::npos;
  });
}

// with = { fillfactor = 70 }: what pg_class.reloptions holds.
void load_storage(Section& section, Index& made) {
  const Node* with = section.any("with");
  if (with == nullptr) return;
  if (!with->is_table()) {
    section.reject_type("with", *with, "a table: { fillfactor = 70 }");
    return;
  }
  for (const Entry& entry : with->entries) {
    std::string value = entry.value.text;
    if (entry.value.kind == NodeKind::boolean) value = entry.value.is_flag(true) ? "on" : "off";
    const bool scalar = !entry.value.is_table() && !entry.value.is_array();
    if (!scalar || !is_word(entry.key.name, ".") || !is_word(value, ".+-")) {
      section.mistakes().add(
          entry.key,
          "\"" + entry.key.name + "\" in with of " + section.subject() + " is no storage parameter",
          "write a number, a word, true or false");
      continue;
    }
    if (auto wrong = wrong_storage_parameter(made.method, entry.key.name, value))
      section.mistakes().add(entry.key, wrong->what + " in with of " + section.subject(),
                             std::move(wrong->hint));
    made.with.push_back(entry.key.name + "=" + value);
  }
  std::sort(made.with.begin(), made.with.end());
}

std::optional<std::string> load_options(TableModel& table, Section& section, Index& made) {
  if (const std::optional<Text> method = section.text("method")) {
    made.method = method->text;
    if (!is_word(made.method, ""))
      section.reject_word("method", *method, {"btree", "hash", "gin", "gist", "spgist", "brin"});
  }
  made.unique = section.flag("unique").value_or(false);
  const std::optional<bool> nulls_distinct = section.flag("nulls_distinct");
  if (nulls_distinct && !made.unique)
    section.reject("nulls_distinct",
                   "nulls_distinct in " + section.subject() + ", which is not unique",
                   "write unique = true beside it");
  made.nulls_distinct = nulls_distinct.value_or(true);
  made.include =
      table.known(section.text_list("include").value_or(std::vector<Text>{}), section.subject());
  made.where_clause = sql_text(table.file, section, "where");
  load_storage(section, made);
  load_comment(section, made);
  load_renamed_from(section, made);
  return name_of_part(section);
}

void add(TableModel& table, Index made, const std::optional<std::string>& name) {
  if (made.elements.empty()) return;
  for (IndexElement& element : made.elements) {
    const Column* column =
        table.file.loading.schema().find<Column>(column_id(table.id, element.column));
    if (column == nullptr || !element.opclass.starts_with("pg_catalog.")) continue;
    if (is_default(std::string_view(element.opclass).substr(11), made.method, column->type))
      element.opclass.clear();
  }
  if (name) {
    made.id.name = *name;
    table.file.loading.add(std::move(made));
  } else {
    table.file.loading.add_unnamed(std::move(made));
  }
}

Index bare(const TableModel& table, const Source& where) {
  Index made;
  made.id = {"index", table.id.schema, table.id.name, ""};
  made.where = where;
  return made;
}

void load_columns(TableModel& table, Section& section, Index& made) {
  if (!section.has("columns")) section.reject_missing("columns", "write columns = [\"email\"]");
  const Node* columns = section.any("columns");
  if (columns == nullptr) return;
  if (!columns->is_array() || columns->elements.empty()) {
    section.reject("columns", "columns in " + section.subject() + " must be a list",
                   "write columns = [\"email\"]");
    return;
  }
  bool all_sound = true;
  for (const Node& value : columns->elements) {
    std::optional<IndexElement> element;
    if (value.is_string()) element = short_element(table, value, section.subject());
    if (value.is_table()) element = long_element(table, value, section.subject());
    if (!value.is_string() && !value.is_table())
      section.reject_type("columns", value, "names, or tables with column or sql");
    all_sound = all_sound && element.has_value();
    if (element) made.elements.push_back(std::move(*element));
  }
  if (!all_sound) made.elements.clear();
}

std::string subject_of(const Section& section, const TableModel& table) {
  const Entry* name = section.node().find("name");
  if (name != nullptr && name->value.is_string()) return "index " + name->value.text;
  return "an index of " + table.id.shown();
}

}  // namespace

void Index::load_of_table(TableModel& table) {
  std::vector<Index> on_columns;
  for (ColumnModel& column : table.columns) {
    std::optional<InlinePart> part = inline_part(column, "index");
    if (!part) continue;
    Index made = bare(table, part->where);
    IndexElement element;
    element.column = column.name.text;
    std::optional<std::string> name;
    if (part->text && is_name(*part->text, "name", table.mistakes())) name = part->text->text;
    if (part->section) {
      load_element_options(table, *part->section, element);
      name = load_options(table, *part->section, made);
      part->section->finish();
    }
    made.elements = {element};
    on_columns.push_back(made);
    add(table, std::move(made), name);
  }
  std::vector<Index> on_table;
  for (Section& one : table.section.sections("index", "an index of " + table.id.shown())) {
    Section section(one.node(), subject_of(one, table), table.mistakes());
    Index made = bare(table, section.where());
    load_columns(table, section, made);
    const std::optional<std::string> name = load_options(table, section, made);
    section.finish();
    if (made.elements.empty()) continue;
    on_table.push_back(made);
    add(table, std::move(made), name);
  }
  reject_both_forms(table, on_columns, on_table, "index");
}

std::optional<ServerNeed> Index::newest(const Index& index) {
  if (index.nulls_distinct) return std::nullopt;
  return ServerNeed{15, "nulls_distinct = false"};
}

}  // namespace schemasync
