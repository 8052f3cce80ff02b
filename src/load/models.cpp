#include "load/models.hpp"

#include <algorithm>
#include <future>
#include <queue>
#include <span>

#include "kinds/model_file.hpp"
#include "load/renamed_from.hpp"
#include "load/scope_section.hpp"
#include "text/digest.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

namespace fs = std::filesystem;

// ---- files -----------------------------------------------------------------------------------

// *.toml below the folder by their relative names; what starts with a dot is an editor's.
std::vector<fs::path> model_files(const fs::path& folder) {
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) {
    if (fs::exists(folder, failure))
      throw Error("the models " + folder.generic_string() + " are no folder",
                  "name the folder that holds the *.toml files");
    throw Error("there is no models folder " + folder.generic_string(),
                "name it with --models or as models = \"...\" in schemasync.toml; pull writes one "
                "from a database");
  }
  std::vector<fs::path> files;
  fs::recursive_directory_iterator at(folder, failure);
  for (; !failure && at != fs::recursive_directory_iterator(); at.increment(failure)) {
    const std::string name = at->path().filename().string();
    const bool hidden = name.starts_with('.');
    if (hidden && at->is_directory()) at.disable_recursion_pending();
    if (!hidden && at->path().extension() == ".toml" && !at->is_directory())
      files.push_back(at->path());
  }
  if (failure)
    throw Error(
        "the models folder " + folder.generic_string() + " cannot be read: " + failure.message(),
        "check its permissions");
  std::sort(files.begin(), files.end(),
            [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return files;
}

// ---- what the files say, as one text ---------------------------------------------------------

void append(std::string& out, std::string_view text) {
  const std::size_t size = text.size();
  const char bytes[] = {static_cast<char>(size & 255U), static_cast<char>((size >> 8) & 255U),
                        static_cast<char>((size >> 16) & 255U),
                        static_cast<char>((size >> 24) & 255U)};
  out.append(bytes, sizeof bytes).append(text);
}

void append(std::string& out, const Node& node) {
  out += static_cast<char>('a' + static_cast<int>(node.kind));
  append(out, node.text);
  for (const Entry& entry : node.entries) {
    append(out, entry.key.name);
    append(out, entry.value);
  }
  out += '\n';
  for (const Node& element : node.elements) append(out, element);
  out += '\n';
}

// One line for each object, whatever file it stands in.
void list_objects(std::vector<std::string>& lines, const std::string& schema, const Node& root) {
  for (const Entry& header : root.entries) {
    if (!header.value.is_table()) continue;
    for (const Entry& object : header.value.entries) {
      std::string line;
      for (const std::string& part : {schema, header.key.name, object.key.name}) append(line, part);
      append(line, object.value);
      lines.push_back(std::move(line));
    }
  }
}

std::string hash_of(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) append(all, line);
  return sha256(all);
}

// ---- one file --------------------------------------------------------------------------------

template <class K>
void load_headed(ModelFile& file, Section& root) {
  const Node* objects = root.any(K::header);
  if (objects == nullptr) return;
  const std::string header(K::header);
  if (!objects->is_table()) {
    root.reject_type(header, *objects, "a table with a name: [" + header + ".x]");
    return;
  }
  for (const Entry& entry : objects->entries) {
    const Text name = text_of(entry.key);
    // One that is too long is a mistake, and what stands under it is looked through all the same.
    const bool is_fit = is_name(name, std::string(K::kind) + " name", file.mistakes());
    if (!is_fit && name.text.empty()) continue;
    const std::string subject =
        std::string(K::kind) + " " +
        ObjectId{std::string(K::kind), file.schema, "", entry.key.name}.shown();
    if (!entry.value.is_table()) {
      file.mistakes().add(entry.key, subject + " must be a table",
                          "write its header: [" + header + "." + entry.key.name + "]");
      continue;
    }
    Section section(entry.value, entry.key, subject, file.mistakes());
    K::load(file, name, section);
    section.finish();
  }
}

void load_schema_name(ModelFile& file, Section& root) {
  if (const Node* value = root.any("schema"); value != nullptr && value->is_table()) {
    root.reject("schema", "schema = \"...\" is the one of all objects in this file, no table",
                "what is said of a schema itself stands under [schemas.name]");
    return;
  }
  const std::optional<Text> schema = root.name("schema");
  if (!schema) return;
  if (!is_name_of_schema(*schema, file.mistakes())) return;
  file.schema = schema->text;
  // A file that only looks at what stands outside makes no schema.
  const bool looks_only = root.has(ExternalTable::header) && root.node().entries.size() == 2;
  if (!looks_only) file.loading.mention(*schema);
}

struct ParsedFile {
  fs::path path;
  Document document;
  Mistakes mistakes;
};

std::vector<ParsedFile> parse_files(std::span<const fs::path> files, const fs::path& folder,
                                    const fs::path& shown) {
  std::vector<ParsedFile> parsed;
  parsed.reserve(files.size());
  for (const fs::path& path : files) {
    const fs::path name = (shown / path.lexically_relative(folder)).lexically_normal();
    Mistakes mistakes;
    Document document = read_toml(path, name.generic_string(), mistakes);
    parsed.push_back({path, std::move(document), std::move(mistakes)});
  }
  return parsed;
}

void load_file(ParsedFile& parsed, Loading& loading, ScopeSections& sections,
               std::vector<std::string>& lines) {
  loading.mistakes().take(std::move(parsed.mistakes));
  const Document& document = parsed.document;
  if (!document.parsed) loading.lacks(document);
  ModelFile file{loading, document, parsed.path, "public"};
  Section root(document.root, "this file", loading.mistakes());
  load_schema_name(file, root);
  load_externals(file, root);
  sections.read(root);
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::header; }) load_headed<K>(file, root);
  });
  root.finish();
  list_objects(lines, file.schema, document.root);
}

// While some files are loaded the next ones are parsed, twice as many as are loaded: parsing is the
// greater part of the work.
void load_files(std::span<const fs::path> files, const fs::path& folder, const fs::path& shown,
                Loading& loading, ScopeSections& sections, std::vector<std::string>& lines) {
  constexpr std::size_t at_once = 16;  // trees of files are ten times their text
  const auto parse_from = [&](std::size_t begin) {
    const std::span<const fs::path> some =
        files.subspan(begin, std::min(at_once, files.size() - begin));
    return std::async(std::launch::async, parse_files, some, folder, shown);
  };
  if (files.empty()) return;
  std::queue<std::future<std::vector<ParsedFile>>> ahead;
  std::size_t begun = 0;
  do {
    for (; ahead.size() < 2 && begun < files.size(); begun += at_once)
      ahead.push(parse_from(begun));
    std::vector<ParsedFile> parsed = ahead.front().get();
    ahead.pop();
    for (ParsedFile& file : parsed) load_file(file, loading, sections, lines);
  } while (!ahead.empty() || begun < files.size());
}

// ---- all files together ----------------------------------------------------------------------

// A schema that only its objects name may itself be none of the models' business.
void leave_alone(Schema& schema, const Scope& scope) {
  std::erase_if(schema.all<Namespace>(),
                [&](const auto& entry) { return !entry.second.stated && !scope.has(entry.first); });
}

// What the models declare and their own [scope] leaves out would be planned for ever.
void check_scope(const Schema& schema, const Scope& scope, const Source& place,
                 Mistakes& mistakes) {
  if (!scope.stated) return;
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::header; })
      for (const auto& [id, object] : schema.all<K>()) {
        if (object.where.line == 0 || scope.has(id)) continue;
        mistakes.add(object.where, 1, id.kind + " " + id.shown() + " is out of the models' scope",
                     "see schemas, include and ignore of [scope], " + place.to_text());
      }
  });
}

}  // namespace

Models load_models(const fs::path& folder, const std::string& shown) {
  Models models;
  Mistakes mistakes;
  Loading loading(models.schema, mistakes);
  ScopeSections sections(mistakes);
  std::vector<std::string> lines;
  const std::vector<fs::path> files = model_files(folder);
  load_files(files, folder, shown.empty() ? folder : fs::path(shown), loading, sections, lines);
  models.scope = sections.scope();
  models.naming = sections.naming();
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::complete(loading); }) K::complete(loading);
  });
  loading.finish(models.naming);
  const Namespace* own = models.schema.find<Namespace>({"schema", "", "", "public"});
  models.scope.states_public = own != nullptr && own->stated;
  models.declares_renames = check_renames(models.schema, mistakes);
  leave_alone(models.schema, models.scope);
  check_scope(models.schema, models.scope, sections.scope_place(), mistakes);
  mistakes.throw_if_any();
  models.hash = hash_of(std::move(lines));
  models.files = mistakes.files_read();
  models.tables = static_cast<int>(models.schema.all<Table>().size());
  return models;
}

Scope scope_by_custom(const fs::path& folder) {
  const fs::path file = folder / scope_file;
  std::error_code failure;
  if (!fs::is_regular_file(file, failure)) return {};
  Mistakes unsaid;
  const Document document = read_toml(file, scope_file, unsaid);
  Section root(document.root, "this file", unsaid);
  ScopeSections sections(unsaid);
  sections.read(root);
  return sections.scope();
}

}  // namespace schemasync
