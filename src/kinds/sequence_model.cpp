#include "kinds/model_file.hpp"
#include "kinds/sequence.hpp"
#include "kinds/type_name.hpp"

namespace schemasync {
namespace {

constexpr std::array<std::string_view, 3> sequence_privileges = {"select", "update", "usage"};

// The table's column that owns it, when all tables are read.
void check_owner(Loading& loading, const ObjectId& sequence, const Text& written,
                 const ObjectId& column) {
  const Schema& schema = loading.schema();
  if (!schema.has(column) && loading.may_be_lost(column.table)) return;
  if (schema.has(column)) {
    if (column.schema != sequence.schema)
      loading.mistakes().add(written.where, written.length,
                             "sequence " + sequence.shown() + " and its owner are in two schemas",
                             "a sequence stands in the schema of the table that owns it");
    return;
  }
  const ObjectId table = column.owner();
  std::vector<std::string> names;
  std::string what = "unknown table \"" + table.shown() + "\"";
  std::string word = table.shown();
  if (schema.has(table)) {
    what = "unknown column \"" + column.name + "\"";
    word = column.name;
    for (const Column* one : schema.parts<Column>(table)) names.push_back(one->id.name);
  } else {
    for (const auto& [id, one] : schema.all<Table>()) names.push_back(id.shown());
  }
  loading.mistakes().add(written.where, written.length,
                         what + " in owned_by of sequence " + sequence.shown(), meant(word, names));
}

}  // namespace

Counting load_counting(Section& section, const std::string& type) {
  const std::int64_t increment = section.integer("increment").value_or(1);
  if (increment == 0) section.reject("increment", "increment in " + section.subject() + " is 0");
  Counting counting = Counting::of_type(type, increment == 0 ? 1 : increment);
  const Counting widest = Counting::of_type(type, -1);
  const std::int64_t least = widest.min_value;
  const std::int64_t most = Counting::of_type(type).max_value;
  if (const auto value = section.integer("min_value", least, most)) counting.min_value = *value;
  if (const auto value = section.integer("max_value", least, most)) counting.max_value = *value;
  counting.start = counting.increment > 0 ? counting.min_value : counting.max_value;
  if (const auto value = section.integer("start")) counting.start = *value;
  if (const auto value = section.integer("cache", 1)) counting.cache = *value;
  if (const auto value = section.flag("cycle")) counting.cycle = *value;
  if (counting.min_value >= counting.max_value)
    section.reject("min_value", "min_value in " + section.subject() + " is not below max_value");
  else if (counting.start < counting.min_value || counting.start > counting.max_value)
    section.reject(
        "start", "start in " + section.subject() + " is out of range",
        std::to_string(counting.min_value) + " to " + std::to_string(counting.max_value));
  return counting;
}

void Sequence::load(ModelFile& file, const Text& name, Section& section) {
  Sequence made;
  made.id = {"sequence", file.schema, "", name.text};
  made.where = name.where;
  std::string type = "bigint";
  if (const std::optional<Text> written = section.text("type")) {
    type = canonical_type(written->text).value_or("");
    if (type != "bigint" && type != "integer" && type != "smallint") {
      section.reject_word("type", *written, {"smallint", "integer", "bigint"});
      type = "bigint";
    }
  }
  made.counting = load_counting(section, type);
  if (const std::optional<Text> written = section.text("owned_by")) {
    const std::vector<std::string> path = name_path(written->text);
    if (path.size() == 2 || path.size() == 3) {
      const std::string schema = path.size() == 3 ? path.front() : file.schema;
      const ObjectId column{"column", schema, path[path.size() - 2], path.back()};
      made.owned_by = column;
      file.loading.check_later([&loading = file.loading, id = made.id, written = *written, column] {
        check_owner(loading, id, written, column);
      });
    } else {
      section.mistakes().add(written->where, written->length,
                             "owned_by in " + section.subject() + " is no column",
                             "write it as \"table.column\", or \"schema.table.column\"");
    }
  }
  load_comment(section, made);
  load_owner(section, made);
  load_grants(section, made, sequence_privileges);
  load_renamed_from(section, made);
  file.loading.add(std::move(made));
}

}  // namespace schemasync
