#include "load/write_models.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <set>

#include "kinds/model_writing.hpp"
#include "load/file_names.hpp"
#include "load/scope_section.hpp"
#include "text/files.hpp"
#include "toml/document.hpp"

namespace schemasync {
namespace {

namespace fs = std::filesystem;

// ---- what is written of an object ------------------------------------------------------------

template <class K>
bool is_written(const K& object, const Schema& schema) {
  if constexpr (requires { K::is_written(object, schema); }) {
    return K::is_written(object, schema);
  } else {
    return true;
  }
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// An aspect is written where the scope manages it or the models state it.
template <class K>
Aspects written_aspects(const K& live, const Aspects& stated, const Scope& scope,
                        const std::string& owner) {
  Aspects out;
  if constexpr (requires { K::has_stated_aspects_alone(live.id); })
    if (K::has_stated_aspects_alone(live.id)) {
      if (stated.comment) out.comment = live.aspects.comment.value_or("");
      if (stated.owner) out.owner = live.aspects.owner;
      if (stated.grants) out.grants = live.aspects.grants;
      return out;
    }
  if (scope.manages("comments") || stated.comment) out.comment = live.aspects.comment;
  if (!out.comment && stated.comment && stated.comment->empty()) out.comment = stated.comment;
  const std::optional<std::string>& owned_by = live.aspects.owner;
  if (owned_by && (stated.owner || (scope.manages("owners") && *owned_by != owner)))
    out.owner = owned_by;
  const auto& grants = live.aspects.grants;
  if (grants && (stated.grants || (scope.manages("grants") && !grants->empty())))
    out.grants = grants;
  return out;
}

// The database's objects; those that are as the models say stand as the models say it.
Schema written_schema(const Schema& live, const Schema& models, const Scope& scope,
                      const std::string& owner) {
  Schema written;
  for_each_kind([&]<class K>() {
    for (const auto& [id, now] : live.all<K>()) {
      const K* before = models.find<K>(id);
      K object = before != nullptr && same_attributes(now, *before) ? *before : now;
      object.where = {};
      if (before != nullptr) {
        if constexpr (requires { object.take_intent(*before); }) object.take_intent(*before);
        object.renamed_from = before->renamed_from;
        object.named = before->named;
        if (is_written(*before, models)) object.where = before->where;
      }
      object.aspects =
          written_aspects(now, before != nullptr ? before->aspects : Aspects{}, scope, owner);
      written.add(std::move(object));
    }
  });
  // Declared is declared, and what keys point at besides is added.
  written.externals = models.externals;
  for (const auto& [id, key] : written.all<ForeignKey>()) {
    const auto outside = live.externals.find(key.target);
    if (outside == live.externals.end()) continue;
    ExternalTable& table =
        written.externals.insert({key.target, {key.target, {}, {}}}).first->second;
    for (const ExternalTable::Column& column : outside->second.columns)
      if (contains(key.target_columns, column.name) && table.column(column.name) == nullptr)
        table.columns.push_back(column);
  }
  return written;
}

// ---- the folder as it is ---------------------------------------------------------------------

std::set<fs::path> files_in(const fs::path& folder) {
  std::set<fs::path> files;
  std::error_code failure;
  fs::recursive_directory_iterator at(folder, failure);
  for (; !failure && at != fs::recursive_directory_iterator(); at.increment(failure))
    if (at->path().extension() == ".toml") files.insert(at->path().lexically_relative(folder));
  return files;
}

std::string text_in(const fs::path& file) { return read_file(file).value_or(""); }

Document document_in(const fs::path& file) {
  Mistakes mistakes;
  return parse_toml(file.generic_string(), text_in(file), mistakes);
}

std::string schema_of(const Document& document) {
  const Entry* schema = document.root.find("schema");
  return schema == nullptr ? "public" : schema->value.text;
}

bool is_header(std::string_view key) {
  bool found = false;
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::header; }) found = found || K::header == key;
  });
  found = found || ExternalTable::header == key;
  return found;
}

// ---- where each object goes ------------------------------------------------------------------

class Places {
 public:
  Places(const ModelFolder& folder) : folder_(folder), taken_(files_in(folder.path)) {
    names_ = FileNames(taken_);
    names_.take(scope_file);
  }

  // Of an object that the models hold.
  fs::path standing(const Source& where) const {
    return fs::path(where.file.str())
        .lexically_relative(fs::path(folder_.shown).lexically_normal());
  }

  template <class K>
  fs::path of(const K& object) {
    if (object.where.line != 0) return standing(object.where);
    const ObjectId home = object.container().owner();
    if (const auto found = headers_.find(home); found != headers_.end()) return found->second;
    if constexpr (requires { K::gathered; }) return gathered(object.id, std::string(K::gathered));
    return names_.claim(object.id.schema, object.id.name);
  }

  fs::path of_external(const ExternalTable& table) {
    if (table.where.line != 0) return standing(table.where);
    return gathered(table.id, std::string(ExternalTable::header));
  }

  bool stands(const fs::path& file) const { return taken_.count(file) > 0; }
  void remember(const ObjectId& id, const fs::path& file) { headers_[id] = file; }

 private:
  fs::path gathered(const ObjectId& id, const std::string& word) {
    const auto [known, is_new] = gathered_.insert({{id.schema, word}, {}});
    if (!is_new) return known->second;
    const fs::path file = FileNames::plain(id.schema, word);
    const std::string schema = id.schema.empty() ? "public" : id.schema;
    const bool fits =
        taken_.count(file) > 0 && schema_of(document_in(folder_.path / file)) == schema;
    if (fits) names_.take(file);
    known->second = fits ? file : names_.claim(id.schema, word);
    return known->second;
  }

  const ModelFolder& folder_;
  std::set<fs::path> taken_;
  FileNames names_{{}};
  std::map<ObjectId, fs::path> headers_;
  std::map<std::pair<std::string, std::string>, fs::path> gathered_;
};

// ---- a file's text ---------------------------------------------------------------------------

struct HeaderObject {
  int line = 0;  // in the file as it stands; 0: new, behind the others
  std::string schema;
  std::function<void(TomlWriter&)> write;
};

struct FilePlan {
  std::vector<HeaderObject> headers;
  std::set<std::string> objects;  // that differ, as the user is told
};

Toml toml_of(const Node& node) {
  if (node.is_string()) return toml_lines(node.text);
  if (node.is_table()) {
    TomlMembers members;
    for (const Entry& entry : node.entries)
      members.emplace_back(entry.key.name, toml_of(entry.value));
    return toml_table(std::move(members));
  }
  if (!node.is_array()) return {node.text, {}};
  std::vector<Toml> elements;
  for (const Node& element : node.elements) elements.push_back(toml_of(element));
  return toml_list(elements);
}

// [scope], [naming] and what else is no object stays in its file.
void write_rest(const Document& document, TomlWriter& out) {
  for (const Entry& entry : document.root.entries) {
    if (entry.key.name == "schema" || is_header(entry.key.name)) continue;
    const Toml value = toml_of(entry.value);
    if (entry.value.is_table()) out.header({entry.key.name});
    out.block(entry.value.is_table() ? value.members : TomlMembers{{entry.key.name, value}});
  }
}

std::string text_of(std::vector<HeaderObject>& headers, const Document& before) {
  std::stable_sort(headers.begin(), headers.end(), [](const auto& a, const auto& b) {
    return (a.line == 0) != (b.line == 0) ? b.line == 0 : a.line < b.line;
  });
  TomlWriter out;
  std::string schema = schema_of(before);
  if (!headers.empty()) schema = headers.front().schema;
  if (!schema.empty() && schema != "public") out.block({{"schema", toml_text(schema)}});
  write_rest(before, out);
  for (const HeaderObject& one : headers) one.write(out);
  return out.str();
}

std::string shown(const char* sign, const ObjectId& id) {
  std::string kind = id.kind;
  std::replace(kind.begin(), kind.end(), '_', ' ');
  return std::string(sign) + " " + kind + " " + id.shown();
}

bool has_comments(const Document& document) { return document.text.find('#') != std::string::npos; }

// ---- all files -------------------------------------------------------------------------------

class Pull {
 public:
  Pull(const Schema& live, const ModelFolder& folder, const std::string& owner)
      : live_(live),
        folder_(folder),
        models_(folder.models.schema),
        written_(written_schema(live, models_, scope_of_pull(folder.models.scope), owner)),
        writing_(written_, folder.models.naming),
        places_(folder) {}

  std::vector<FileChange> changes() {
    for_each_kind([&]<class K>() { place<K>(); });
    place_externals();
    for_each_kind([&]<class K>() { compare<K>(); });
    std::vector<FileChange> changes;
    for (auto& [path, plan] : files_)
      if (!plan.objects.empty()) changes.push_back(change_of(path, plan));
    if (!folder_.models.scope.stated) add_scope(changes);
    return changes;
  }

 private:
  template <class K>
  void place() {
    if constexpr (WrittenHeader<K>)
      for (const auto& [id, object] : written_.all<K>()) {
        if (!is_written(object, written_)) continue;
        const fs::path file = places_.of(object);
        places_.remember(id, file);
        files_[file].headers.push_back(
            {object.where.line, id.schema,
             [this, &object = object](TomlWriter& out) { K::write(object, writing_, out); }});
      }
  }

  void place_externals() {
    for (const auto& [id, table] : written_.externals) {
      const fs::path file = places_.of_external(table);
      FilePlan& plan = files_[file];
      plan.headers.push_back({table.where.line, id.schema,
                              [&table = table](TomlWriter& out) { write_external(table, out); }});
      const auto before = models_.externals.find(id);
      const bool is_new = before == models_.externals.end();
      if (is_new || before->second.columns.size() != table.columns.size())
        plan.objects.insert(std::string(is_new ? "+" : "~") + " external table " + id.shown());
    }
  }

  template <class K>
  void compare() {
    for (const auto& [id, object] : written_.all<K>()) {
      const K* before = models_.find<K>(id);
      const bool was = before != nullptr && is_written(*before, models_);
      const bool is = is_written(object, written_);
      if (is && !was) {
        note(places_.of(object), "+", object);
      } else if (was && !is) {
        note(places_.standing(before->where), "-", object);
      } else if (was && is &&
                 (!same_attributes(*live_.find<K>(id), *before) ||
                  object.aspects != before->aspects)) {
        note(places_.of(object), "~", object);
      }
    }
    for (const auto& [id, before] : models_.all<K>())
      if (!written_.has(id) && is_written(before, models_))
        note(places_.standing(before.where), "-", before);
  }

  // A table that comes or goes speaks for its parts.
  template <class K>
  void note(const fs::path& file, const char* sign, const K& object) {
    const ObjectId table = object.container().owner();
    const bool apart = table == object.id || (models_.has(table) && written_.has(table));
    std::set<std::string>& objects = files_[file].objects;
    objects.insert(shown(sign, apart ? object.id : table));
  }

  FileChange change_of(const fs::path& path, FilePlan& plan) {
    FileChange change;
    change.path = path;
    change.objects.assign(plan.objects.begin(), plan.objects.end());
    if (!places_.stands(path)) {
      change.text = text_of(plan.headers, {});
      return change;
    }
    const Document before = document_in(folder_.path / path);
    const bool holds_more =
        std::any_of(before.root.entries.begin(), before.root.entries.end(), [](const Entry& entry) {
          return entry.key.name != "schema" && !is_header(entry.key.name);
        });
    const bool goes = plan.headers.empty() && !holds_more;
    change.fate = goes ? FileChange::Fate::deleted : FileChange::Fate::changed;
    change.loses_comments = has_comments(before);
    if (!goes) change.text = text_of(plan.headers, before);
    return change;
  }

  // Behind what the file says already, comments and all.
  void add_scope(std::vector<FileChange>& changes) const {
    TomlWriter out;
    out.comment("What of the database these models describe: all schemas but the system's, with");
    out.comment("these aspects. An absent owner means the role that connects.");
    out.header({"scope"});
    out.block({{"manage", toml_texts(scope_of_pull(folder_.models.scope).manage)}});
    const auto there = std::find_if(changes.begin(), changes.end(),
                                    [](const FileChange& one) { return one.path == scope_file; });
    if (there != changes.end() && there->fate != FileChange::Fate::deleted) {
      there->text += "\n" + out.str();
      there->objects.emplace_back("+ scope");
      return;
    }
    FileChange scope;
    scope.path = scope_file;
    scope.text = out.str();
    scope.objects = {"+ scope"};
    const std::string before =
        places_.stands(scope_file) ? text_in(folder_.path / scope_file) : std::string();
    if (there == changes.end() && !before.empty()) {
      scope.fate = FileChange::Fate::changed;
      scope.text = before + "\n" + scope.text;
    }
    if (there == changes.end()) {
      changes.push_back(std::move(scope));
    } else {
      scope.fate = FileChange::Fate::changed;
      *there = std::move(scope);
    }
  }

  const Schema& live_;
  const ModelFolder& folder_;
  const Schema& models_;
  Schema written_;
  Writing writing_;
  Places places_;
  std::map<fs::path, FilePlan> files_;
};

}  // namespace

Scope scope_of_pull(const Scope& scope) {
  Scope wide = scope;
  if (!wide.stated) wide.manage = {"comments", "owners", "grants"};
  return wide;
}

std::vector<FileChange> files_to_write(const Schema& live, const ModelFolder& folder,
                                       const std::string& owner) {
  return Pull(live, folder, owner).changes();
}

std::map<fs::path, std::string> files_for(const Schema& live, const Scope& scope,
                                          const Naming& naming, const std::string& owner) {
  ModelFolder nothing;
  nothing.models.scope = scope;
  nothing.models.naming = naming;
  std::map<fs::path, std::string> files;
  for (FileChange& change : files_to_write(live, nothing, owner))
    files[change.path] = std::move(change.text);
  return files;
}

}  // namespace schemasync
