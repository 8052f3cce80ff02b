#include "kinds/external.hpp"

#include <algorithm>

#include "kinds/catalog.hpp"
#include "kinds/model_file.hpp"
#include "kinds/model_writing.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// "integer", or { type = "integer" }; whether it is nullable does not matter to a key.
std::optional<std::string> type_of(ModelFile& file, const Entry& entry,
                                   const std::string& subject) {
  std::optional<Text> written;
  if (entry.value.is_string()) {
    written = text_of(entry.value);
  } else if (entry.value.is_table()) {
    Section section(entry.value, entry.key, subject, file.mistakes());
    written = section.required_text("type");
    section.finish();
  } else {
    file.mistakes().add(
        entry.value, subject + " must be its type, not " + std::string(described(entry.value.kind)),
        "write " + entry.key.name + " = \"integer\"");
  }
  if (!written) return std::nullopt;
  std::string_view bare = trimmed(written->text);
  if (bare.ends_with('?')) bare = trimmed(bare.substr(0, bare.size() - 1));
  if (const std::optional<std::string> integer = serial_type(bare)) return integer;
  const TypeName& type = file.loading.type(std::string(bare));
  if (type.problem.empty()) return type.user ? std::string(bare) : type.built_in;
  file.mistakes().add(written->where, written->length,
                      "\"" + std::string(bare) + "\" of " + subject + " is not a type", type.hint);
  return std::nullopt;
}

void load_columns(ModelFile& file, Section& section, ExternalTable& made) {
  const Node* columns = section.any("columns");
  if (columns == nullptr || !columns->is_table()) {
    section.reject_missing("columns", "write [external.table." + made.id.name +
                                          ".columns] with the columns that keys point at");
    return;
  }
  for (const Entry& entry : columns->entries) {
    const std::string subject = "column " + column_id(made.id, entry.key.name).shown();
    if (!is_name(text_of(entry.key), "column name", file.mistakes())) continue;
    if (std::optional<std::string> type = type_of(file, entry, subject))
      made.columns.push_back({entry.key.name, std::move(*type)});
  }
}

void load_external(ModelFile& file, const Entry& entry) {
  ExternalTable made;
  made.id = {"table", file.schema, "", entry.key.name};
  made.where = entry.key.where;
  const std::string subject = "external table " + made.id.shown();
  if (!is_name(text_of(entry.key), "table name", file.mistakes())) return;
  if (!entry.value.is_table()) {
    file.mistakes().add(entry.key, subject + " must be a table",
                        "write [external.table." + entry.key.name + ".columns]");
    return;
  }
  Section section(entry.value, entry.key, subject, file.mistakes());
  section.hint_with([](const Entry&) {
    return std::string(
        "a table outside the scope has columns alone: what else it is, its owner "
        "decides");
  });
  load_columns(file, section, made);
  section.finish();
  Schema& schema = file.loading.schema();
  const auto [first, is_new] = schema.externals.insert({made.id, made});
  if (!is_new)
    file.mistakes().add(entry.key, subject + " stands in the models twice",
                        "the other one: " + first->second.where.to_text());
  file.loading.check_later([&file = file.loading, id = made.id, key = entry.key, subject] {
    const Object* own = file.schema().object(id);
    if (own != nullptr)
      file.mistakes().add(key, subject + " is a table of the models",
                          "the other one: " + own->where.to_text() + "; take one of them out");
  });
}

}  // namespace

const ExternalTable::Column* ExternalTable::column(std::string_view name) const {
  for (const Column& one : columns)
    if (one.name == name) return &one;
  return nullptr;
}

void load_externals(ModelFile& file, Section& root) {
  const Node* outside = root.any(ExternalTable::header);
  if (outside == nullptr) return;
  if (!outside->is_table()) {
    root.reject_type(ExternalTable::header, *outside, "a table: [external.table.x.columns]");
    return;
  }
  for (const Entry& kind : outside->entries) {
    if (kind.key.name != "table" || !kind.value.is_table()) {
      file.mistakes().add(kind.key, "unknown key \"" + kind.key.name + "\" in external",
                          "only tables are declared so: [external.table.x.columns]");
      continue;
    }
    for (const Entry& table : kind.value.entries) load_external(file, table);
  }
}

void write_external(const ExternalTable& table, TomlWriter& out) {
  TomlMembers columns;
  for (const ExternalTable::Column& one : table.columns)
    columns.emplace_back(one.name, toml_text(written_type(one.type, table.id.schema)));
  out.header({std::string(ExternalTable::header), "table", table.id.name, "columns"});
  out.block(columns);
}

std::vector<ExternalTable> read_externals(Catalog& catalog, const std::vector<std::int64_t>& oids) {
  if (oids.empty()) return {};
  std::vector<Sql> numbers;
  for (const std::int64_t oid : oids) numbers.emplace_back(oid);
  const Rows rows = catalog.db().query(
      sql("SELECT c.oid, n.nspname, c.relname, a.attnum, a.attname, format_type(a.atttypid, "
          "a.atttypmod) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN "
          "pg_attribute a ON a.attrelid = c.oid WHERE c.oid IN ({}) AND a.attnum > 0 AND NOT "
          "a.attisdropped ORDER BY c.oid, a.attnum",
          join(numbers, ", ")));
  std::vector<ExternalTable> tables;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectId id{"table", std::string(rows.text(i, 1)), "", std::string(rows.text(i, 2))};
    if (tables.empty() || tables.back().id != id) tables.push_back({id, {}, {}});
    tables.back().columns.push_back({std::string(rows.text(i, 4)), std::string(rows.text(i, 5))});
    catalog.remember_column(rows.number(i, 0), rows.number(i, 3), std::string(rows.text(i, 4)));
  }
  return tables;
}

std::vector<Mistake> wrong_externals(Connection& db, const Schema& wanted, const Schema& live) {
  if (wanted.externals.empty()) return {};
  std::vector<Sql> names;
  for (const auto& [id, table] : wanted.externals)
    names.push_back(sql("({}, {})", Literal{id.schema}, Literal{id.name}));
  const Rows rows = db.query(
      sql("SELECT t.s, t.n, ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = "
          "c.oid AND a.attnum > 0 AND NOT a.attisdropped) FROM (VALUES {}) AS t(s, n) JOIN "
          "pg_namespace n ON n.nspname = t.s JOIN pg_class c ON c.relnamespace = n.oid AND "
          "c.relname = t.n WHERE c.relkind IN ('r', 'p')",
          join(names, ", ")));
  std::map<ObjectId, std::vector<std::string>> there;
  for (std::size_t i = 0; i < rows.size(); ++i)
    there[{"table", std::string(rows.text(i, 0)), "", std::string(rows.text(i, 1))}] =
        rows.list(i, 2);
  std::vector<Mistake> mistakes;
  for (const auto& [id, table] : wanted.externals) {
    const auto say = [&, &at = table](const std::string& what, std::string hint) {
      mistakes.push_back(
          {at.where, 1, "external table " + at.id.shown() + " " + what, std::move(hint)});
    };
    const auto found = there.find(id);
    if (live.has(id)) {
      say("is in the models' own scope",
          "declare it as [table." + id.name + "], or leave it out of the scope: ignore of [scope]");
    } else if (found == there.end()) {
      say("is not in the database",
          "whoever owns it makes it first; check its name, and schema = at the top of the file");
    } else {
      for (const ExternalTable::Column& column : table.columns)
        if (std::find(found->second.begin(), found->second.end(), column.name) ==
            found->second.end())
          say("has no column \"" + column.name + "\" in the database",
              meant(column.name, found->second));
    }
  }
  return mistakes;
}

}  // namespace schemasync
