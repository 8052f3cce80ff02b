#include <algorithm>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/planning.hpp"
#include "cli/progress.hpp"
#include "load/catalog.hpp"
#include "load/normalise.hpp"
#include "load/write_models.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

namespace fs = std::filesystem;

// The env's roles get the names that the models have for them.
Schema with_model_roles(Schema live, const std::map<std::string, std::string>& roles) {
  std::map<std::string, std::string> back;
  for (const auto& [model, here] : roles) back.insert({here, model});
  const auto rename = [&](std::string& role) {
    if (const auto found = back.find(role); found != back.end()) role = found->second;
  };
  if (back.empty()) return live;
  for_each_kind([&]<class K>() {
    for (auto& [id, object] : live.all<K>()) {
      Aspects& aspects = object.aspects;
      if (aspects.owner) rename(*aspects.owner);
      if (!aspects.grants) continue;
      for (Grant& grant : *aspects.grants) rename(grant.to);
      std::sort(aspects.grants->begin(), aspects.grants->end());
    }
  });
  return live;
}

// The models that stand; none where the folder is still to be made.
ModelFolder open_folder(const Config& config) {
  ModelFolder folder{config.models, config.models_shown, {}};
  if (fs::exists(config.models)) folder.models = load_models(config.models, config.models_shown);
  return folder;
}

void normalise_against(ModelFolder& folder, const Schema& live, Target& target) {
  if (folder.models.files == 0) return;
  resolve_model_types(folder.models, target.db.get());
  ShadowPlace shadow(target.place.config, &target);
  Schema now = live;
  normalise(folder.models.schema, now, {shadow.server(), target.db.get(), live, {}});
}

bool is_empty(const Schema& live) {
  bool empty = true;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : live.all<K>())
      empty = empty && id.kind == "schema" && id.name == "public";
  });
  return empty;
}

std::string_view word(FileChange::Fate fate) {
  switch (fate) {
    case FileChange::Fate::created:
      return "new      ";
    case FileChange::Fate::changed:
      return "changed  ";
    case FileChange::Fate::deleted:
      return "deleted  ";
  }
  return {};
}

void print_changes(const std::vector<FileChange>& changes, const fs::path& folder) {
  std::string text;
  for (const FileChange& change : changes) {
    text += std::string(word(change.fate)) + (folder / change.path).generic_string();
    if (change.loses_comments) text += "  (its # comments are not kept)";
    text += "\n";
    for (const std::string& object : change.objects) text += "           " + object + "\n";
  }
  print(text);
}

void write_changes(const std::vector<FileChange>& changes, const fs::path& folder) {
  for (const FileChange& change : changes) {
    const fs::path path = folder / change.path;
    if (change.fate == FileChange::Fate::deleted) {
      fs::remove(path);
      continue;
    }
    std::error_code failure;
    fs::create_directories(path.parent_path(), failure);
    if (failure)
      throw Error("cannot make the folder " + path.parent_path().generic_string() + ": " +
                  failure.message());
    write_file(path.generic_string(), change.text);
  }
}

// An index of which a concurrent build failed is no state to describe.
void print_invalid(const Schema& live, const Schema& models) {
  for (const auto& [id, index] : live.all<Index>())
    if (!index.valid)
      print("Index " + id.shown() + " is INVALID: " +
            (models.has(id) ? "the next apply builds it again."
                            : "not written, so the next apply drops it."));
}

// Never left out silently: what no model file can hold yet.
void print_unmodelled(const Schema& live) {
  if (live.unmodelled.empty()) return;
  const auto count = static_cast<std::int64_t>(live.unmodelled.size());
  std::string text =
      "\nNot modelled, left as it is in the database (" + with_commas(count) + "):\n";
  for (const std::string& one : live.unmodelled) text += "  " + one + "\n";
  print(text);
}

std::string summary(const std::vector<FileChange>& changes, const Schema& live,
                    const std::string& verb) {
  const auto of = [&](FileChange::Fate fate) {
    return static_cast<std::int64_t>(
        std::count_if(changes.begin(), changes.end(),
                      [&](const FileChange& change) { return change.fate == fate; }));
  };
  std::vector<std::string> parts;
  if (const auto n = of(FileChange::Fate::created)) parts.push_back(with_commas(n) + " new");
  if (const auto n = of(FileChange::Fate::changed)) parts.push_back(with_commas(n) + " changed");
  if (const auto n = of(FileChange::Fate::deleted)) parts.push_back(with_commas(n) + " deleted");
  const auto tables = static_cast<std::int64_t>(live.all<Table>().size());
  return verb + " " + counted(static_cast<std::int64_t>(changes.size()), "file") + " (" +
         joined(parts, ", ") + "); the database has " + counted(tables, "table") + ".";
}

}  // namespace

ExitCode run_pull(const Options& options) {
  ModelFolder folder = open_folder(open_config(options));
  Target target = open_target(options);
  say_header(options, target);
  ProgressLine progress(options);
  progress.at("reading the catalog");
  const Schema live =
      with_model_roles(read_live(*target.db, folder.models.scope), target.env().roles);
  normalise_against(folder, live, target);
  const std::string owner = target.owner();
  const std::vector<FileChange> changes = files_to_write(live, folder, owner);
  progress.clear();

  if (is_empty(live)) print("The database holds nothing that models describe.");
  if (changes.empty()) {
    print("The models in " + folder.shown + " are as the database is.");
    print_invalid(live, folder.models.schema);
    print_unmodelled(live);
    return ExitCode::ok;
  }
  print_changes(changes, folder.shown);
  if (options.dry_run) {
    print_invalid(live, folder.models.schema);
    print_unmodelled(live);
    print("\n" + summary(changes, live, "Nothing was written; pull would write"));
    return ExitCode::ok;
  }
  confirm(options, target, "Write this to " + folder.shown + "?", true);
  write_changes(changes, folder.path);
  print_invalid(live, folder.models.schema);
  print_unmodelled(live);
  print("\n" + summary(changes, live, "Wrote"));
  return ExitCode::ok;
}

}  // namespace schemasync
