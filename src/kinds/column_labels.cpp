// Values that become labels of an enum which the same plan makes, or gives other labels: no cast
// can be tried before it is there, so that the texts are compared with the labels to come.
#include <algorithm>

#include "kinds/column_parts.hpp"
#include "kinds/enum_labels.hpp"
#include "kinds/repairs.hpp"
#include "kinds/type_name.hpp"

namespace schemasync {
namespace {

std::string without_brackets(const std::string& type) {
  return type.ends_with("[]") ? type.substr(0, type.size() - 2) : type;
}

bool is_list(const Column& column) { return column.type.ends_with("[]"); }

// Does a plain cast take its texts for labels?
bool is_read_by_text(const Column& from, const Context& context) {
  const std::string type = without_brackets(from.type);
  return type == "text" || type.starts_with("character varying") || enum_of(from, context.from);
}

Check not_asked(const Conversion& conversion) {
  Check check;
  check.name = "casts";
  check.passed = "every value of " + conversion.from.id.shown() + " fits " + conversion.to.type;
  check.failed = "not known: " + conversion.to.type +
                 ", or a label of it, comes with this migration (" + check.passed + ")";
  check.stops = false;
  return check;
}

// Do the texts name a label of this enum that is not there yet, or the enum itself by a new name?
bool names_what_comes(const std::vector<SqlText>& texts, const Enum& type, bool of_its_column,
                      const Context& context) {
  const Enum* now = context.from.find<Enum>(type.id);
  const auto named = [&](const std::string& what) {
    return std::any_of(texts.begin(), texts.end(), [&](const SqlText& text) {
      return text.text.str().find(what) != std::string::npos;
    });
  };
  const bool by_new_name = now == nullptr || on_server(type.id, context) != type.id;
  if (by_new_name && named(type.id.name)) return true;
  return now != nullptr && of_its_column &&
         std::any_of(type.labels.begin(), type.labels.end(), [&](const std::string& label) {
           const bool is_there =
               std::find(now->labels.begin(), now->labels.end(), label) != now->labels.end();
           return !is_there && named(Sql(Literal{label}).str());
         });
}

// The way back converts before it gives the labels their old names.
std::vector<std::string> labels_at_conversion(const Enum& type, const Context& context) {
  std::vector<std::string> labels = type.labels;
  const Enum* now = context.from.find<Enum>(type.id);
  if (!context.undoing() || now == nullptr) return labels;
  const LabelRenames renames = label_renames(*now, type, context);
  for (std::string& label : labels)
    if (const auto found = renames.find(label); found != renames.end()) label = found->second;
  return labels;
}

}  // namespace

void ask_if_labels_are_there(Check& check, const std::vector<ObjectId>& uses,
                             const std::vector<SqlText>& texts, const Context& context) {
  for (const auto& [id, type] : context.to.all<Enum>()) {
    const bool of_its_column =
        std::any_of(uses.begin(), uses.end(), [&, &of = id](const ObjectId& used) {
          const Column* column = context.from.find<Column>(used);
          return column != nullptr && enum_of(*column, context.from) == of;
        });
    if (!names_what_comes(texts, type, of_its_column, context)) continue;
    check.failed = "not known: enum " + id.shown() +
                   ", or a label of it, comes with this migration (" + check.passed + ")";
    check.count = {};
    check.sample = {};
    check.repairs.clear();
    check.stops = false;
    return;
  }
}

std::string type_name(const ObjectId& type) {
  return quote_ident(type.schema) + "." + quote_ident(type.name);
}

Sql between_enums(const Column& from, const Column& to, const Context& context) {
  if (!enum_of(from, context.from) || !enum_of(to, context.to)) return {};
  return is_list(from) && is_list(to) ? sql("::text[]") : sql("::text");
}

std::string type_on_server(const Column& column, const Context& context) {
  const std::optional<ObjectId> type = enum_of(column, context.from);
  if (!type) return column.type;
  return type_name(on_server(*type, context)) + (is_list(column) ? "[]" : "");
}

const Enum* labels_to_come(const Column& to, const Context& context) {
  const std::optional<ObjectId> type = enum_of(to, context.to);
  if (!type) return nullptr;
  const Enum* now = context.from.find<Enum>(*type);
  const Enum* then = context.to.find<Enum>(*type);
  return now != nullptr && now->labels == then->labels && on_server(*type, context) == *type
             ? nullptr
             : then;
}

Check fits_labels(const Conversion& conversion, const Enum& type,
                  const std::vector<std::string>& key, const Context& context) {
  const Column& from = conversion.from;
  Check check = not_asked(conversion);
  if (conversion.by_author || is_list(from) != is_list(conversion.to)) return check;
  if (!is_read_by_text(from, context)) {
    check.stops = true;
    check.failed = from.type + " cannot be cast to " + conversion.to.type + ": say how, by `using`";
    return check;
  }
  check.stops = true;
  check.failed = "{0|value|values} of " + from.id.shown() + " {0:does|do} not fit " +
                 conversion.to.type + " and the labels that it will have";
  std::vector<Sql> labels;
  for (const std::string& label : labels_at_conversion(type, context))
    labels.emplace_back(Literal{label});
  const Sql all = sql("(ARRAY[{}]::text[])", join(labels, ", "));
  const auto unfit = [&](const Identifier& column) {
    if (!is_list(from)) return sql("t.{}::text <> ALL {}", column, all);
    return sql("EXISTS (SELECT FROM unnest(t.{}::text[]) AS one(label) WHERE label <> ALL {})",
               column, all);
  };
  const auto shown = [](std::vector<std::string> columns, const std::string& own) {
    if (std::find(columns.begin(), columns.end(), own) == columns.end()) columns.push_back(own);
    return identifiers(columns);
  };
  const ObjectId table = from.id.owner();
  const Identifier name{from.id.name};
  const Sql rows = sql("FROM {} AS t WHERE {}", rows_of(table, context), unfit(name));
  check.count = sql("SELECT count(*) {}", rows);
  check.sample = sql("SELECT {} {}{} LIMIT 10", shown(key, from.id.name), rows,
                     key.empty() ? Sql() : sql(" ORDER BY {}", identifiers(key)));

  const QualifiedName relation = table_on_server(table, context);
  const Identifier column{on_server(from.id, context).name};
  check.repairs.push_back(
      {"list all of them, to correct by hand",
       sql("SELECT {} FROM {} AS t WHERE {};",
           shown(columns_on_server(table, key, context), column.name), relation, unfit(column))});
  if (from.nullable)
    check.repairs.push_back(
        {"let them have no value (the old ones are not kept)",
         sql("UPDATE {} AS t SET {} = NULL WHERE {};", relation, column, unfit(column))});
  return check;
}

}  // namespace schemasync
