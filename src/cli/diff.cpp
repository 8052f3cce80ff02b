#include <filesystem>
#include <set>

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/outputs.hpp"
#include "cli/planning.hpp"
#include "cli/progress.hpp"
#include "load/catalog.hpp"

namespace schemasync {
namespace {

// What an operand leads to.
struct Operand {
  Schema schema;
  std::optional<Models> models;
  std::optional<std::set<ObjectId>> speaks_of = {};  // a plan file: the objects that it holds
  RolesThere roles = {};                             // of a database
};

bool is_url(const std::string& text) {
  return text.starts_with("postgres://") || text.starts_with("postgresql://") ||
         text.find('=') != std::string::npos;
}

bool is_plan(const std::string& text) {
  return text.ends_with(".json") || text.ends_with(".json#from") || text.ends_with(".json#to");
}

Operand from_plan(const std::string& text) {
  const std::size_t hash = text.rfind('#');
  const Plan plan = plan_from_json(text_of_file(text.substr(0, hash)));
  Operand operand;
  operand.schema =
      schema_from(hash != std::string::npos && text.substr(hash) == "#from" ? plan.from : plan.to);
  operand.speaks_of.emplace();
  for (const Definitions* side : {&plan.from, &plan.to})
    for (const auto& [id, definition] : *side) {
      operand.speaks_of->insert(id);
      operand.speaks_of->insert(id.owner());
    }
  return operand;
}

Operand from_models(const std::filesystem::path& folder) {
  Operand operand;
  operand.models = load_models(folder);
  resolve_model_types(*operand.models, nullptr);
  operand.schema = operand.models->schema;
  return operand;
}

Operand from_database(const Options& options, const std::string& text, const Scope& scope,
                      ProgressLine& progress) {
  Options with = options;
  if (is_url(text)) {
    with.url = text;
    with.env.reset();
  } else {
    with.url.clear();
    with.env = text;
  }
  Target target = open_target(with);
  progress.at("reading the catalog of " + target.shown());
  Operand operand;
  operand.schema = read_live(*target.db, scope);
  operand.roles = {target.owner(), target.env().roles};
  return operand;
}

bool is_models(const std::string& text) { return std::filesystem::is_directory(text); }

// Databases are read by the scope of the models on the other side, else by that of the config's
// models.
Scope scope_for(const Options& options, const std::optional<Models>& a,
                const std::optional<Models>& b) {
  if (a) return a->scope;
  if (b) return b->scope;
  const Config config = open_config(options);
  return std::filesystem::exists(config.models)
             ? load_models(config.models, config.models_shown).scope
             : Scope{};
}

void narrow(Schema& schema, const std::set<ObjectId>& to) {
  for_each_kind([&]<class K>() {
    std::erase_if(schema.all<K>(), [&](const auto& entry) {
      return !to.contains(entry.first.owner()) && !to.contains(entry.first);
    });
  });
}

}  // namespace

ExitCode run_diff(const Options& options) {
  check_outputs(options);
  const Config config = open_config(options);
  const std::vector<std::filesystem::path> code = code_to_search(config);
  std::optional<Operand> from;
  std::optional<Operand> to;
  const auto offline = [&](const std::string& text) -> std::optional<Operand> {
    if (is_plan(text)) return from_plan(text);
    if (is_models(text)) return from_models(text);
    return std::nullopt;
  };
  from = offline(options.from_operand);
  to = offline(options.to_operand);
  const Scope scope =
      scope_for(options, to ? to->models : std::nullopt, from ? from->models : std::nullopt);
  ProgressLine progress(options);
  if (!from) from = from_database(options, options.from_operand, scope, progress);
  if (!to) to = from_database(options, options.to_operand, scope, progress);
  progress.at("comparing");
  if (from->speaks_of) narrow(to->schema, *from->speaks_of);
  if (to->speaks_of) narrow(from->schema, *to->speaks_of);

  ShadowPlace shadow(config, nullptr);
  const Naming naming = to->models ? to->models->naming : Naming{};
  Plan plan = plan_between({std::move(from->schema), from->models.has_value()},
                           {std::move(to->schema), to->models.has_value()},
                           from->models ? to->roles : from->roles, scope, naming, shadow.server());
  if (!code.empty()) progress.at("searching the code");
  find_code_uses(plan, code, config.models);
  progress.clear();
  print(rendered(plan, options.format, options, {}));
  write_outputs(plan, options, {});
  return options.exit_code && !plan.empty() ? ExitCode::pending : ExitCode::ok;
}

}  // namespace schemasync
