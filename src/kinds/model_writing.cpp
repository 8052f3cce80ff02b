#include "kinds/model_writing.hpp"

#include <algorithm>
#include <map>

#include "kinds/model_file.hpp"
#include "kinds/type_name.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr int widest_list = 90;  // of a list on one line

bool replace_end(std::string& text, std::string_view end, std::string_view by) {
  if (!text.ends_with(end)) return false;
  text.replace(text.size() - end.size(), end.size(), by);
  return true;
}

bool replace_start(std::string& text, std::string_view start, std::string_view by) {
  if (!text.starts_with(start)) return false;
  text.replace(0, start.size(), by);
  return true;
}

// "timestamp(3) with time zone" -> "timestamptz(3)".
std::string short_built_in(const std::string& type) {
  std::string text = type;
  const bool array = replace_end(text, "[]", "");
  if (text.starts_with("timestamp") || text.starts_with("time")) {
    const std::size_t word = text.starts_with("timestamp") ? 9 : 4;
    if (replace_end(text, " with time zone", "")) {
      text.insert(word, "tz");
    } else {
      replace_end(text, " without time zone", "");
    }
  } else if (!replace_start(text, "character varying", "varchar")) {
    replace_start(text, "character(", "char(");
  }
  if (array) text += "[]";
  return canonical_type(text) == type ? text : type;
}

// The name alone is not taken for a built-in type, nor for a misspelled one.
bool is_clear(const std::string& bare, const UserType& type) {
  const TypeName read = parse_type(bare);
  return read.user && read.user->schema.empty() && read.user->name == type.name &&
         !serial_type(bare) && !near_miss(*read.user) && !foreign_habit(*read.user);
}

Toml toml_of(const Grant& grant) {
  TomlMembers members = {{"to", toml_text(grant.to)}, {"privileges", toml_texts(grant.privileges)}};
  if (!grant.columns.empty()) members.emplace_back("columns", toml_texts(grant.columns));
  if (grant.grantable) members.emplace_back("grantable", toml_flag(true));
  return toml_table(std::move(members));
}

}  // namespace

Writing::Writing(const Schema& schema, const Naming& naming) : schema_(schema), naming_(naming) {
  std::set<std::pair<std::string, std::string>> seen;
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::is_constraint; })
      for (const auto& [id, object] : schema.all<K>())
        if (!seen.insert({id.schema, id.name}).second) shared_.insert({id.schema, id.name});
  });
}

bool Writing::is_shared(const ObjectId& constraint) const {
  return shared_.count({constraint.schema, constraint.name}) > 0;
}

ColumnText* TableText::column(std::string_view name) {
  for (ColumnText& one : columns)
    if (one.column->id.name == name) return &one;
  return nullptr;
}

std::string name_path_text(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += '.';
    if (part.find_first_of(".\"") == std::string::npos) {
      text += part;
      continue;
    }
    text += '"';
    for (const char c : part) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    text += '"';
  }
  return text;
}

std::string name_path_text(const std::string& file_schema, const std::string& schema,
                           const std::vector<std::string>& parts) {
  std::vector<std::string> path = parts;
  if (schema != file_schema) path.insert(path.begin(), schema);
  return name_path_text(path);
}

std::string written_type(const std::string& type, const std::string& file_schema) {
  const TypeName read = parse_type(type);
  if (!read.user) return short_built_in(type);
  const UserType& user = *read.user;
  const std::string bare = quote_ident(user.name) + user.modifiers + (user.array ? "[]" : "");
  return user.schema == file_schema && is_clear(bare, user) ? bare : type;
}

void write_header(TomlWriter& out, const std::vector<std::string>& path, TomlMembers own,
                  const Object& object) {
  const Aspects& aspects = object.aspects;
  add_comment(own, object);
  if (aspects.owner) own.emplace_back("owner", toml_text(*aspects.owner));
  std::vector<Toml> grants;
  for (const Grant& grant : aspects.grants.value_or(std::vector<Grant>{}))
    grants.push_back(toml_of(grant));
  Toml list = toml_list(grants);
  const bool on_one_line = static_cast<int>(list.text.size()) <= widest_list;
  if (aspects.grants && on_one_line) own.emplace_back("grants", std::move(list));
  out.header(path);
  out.block(own);
  if (on_one_line) return;
  std::vector<std::string> below = path;
  below.emplace_back("grants");
  for (const Toml& grant : grants) {
    out.list_header(below);
    out.block(grant.members);
  }
}

Toml wrapped_list(const std::vector<Toml>& elements) {
  Toml list = toml_list(elements);
  if (static_cast<int>(list.text.size()) <= widest_list) return list;
  std::string text = "[\n";
  for (const Toml& element : elements) text += "  " + element.text + ",\n";
  return {text + "]", {}};
}

void add_renamed_from(TomlMembers& members, const std::vector<std::string>& old_names) {
  if (old_names.empty()) return;
  members.emplace_back("renamed_from",
                       old_names.size() == 1 ? toml_text(old_names[0]) : toml_texts(old_names));
}

void add_comment(TomlMembers& members, const Object& object) {
  if (object.aspects.comment) members.emplace_back("comment", toml_lines(*object.aspects.comment));
}

void add_deferrable(TomlMembers& members, Deferrable deferrable) {
  switch (deferrable) {
    case Deferrable::no:
      return;
    case Deferrable::initially_immediate:
      members.emplace_back("deferrable", toml_text("initially immediate"));
      return;
    case Deferrable::initially_deferred:
      members.emplace_back("deferrable", toml_text("initially deferred"));
      return;
  }
}

}  // namespace schemasync
