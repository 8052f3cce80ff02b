#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "kinds/schema_of.hpp"
#include "load/models.hpp"
#include "text/shell.hpp"
#include "text/sql.hpp"
#include "text/strings.hpp"
#include "toml/writer.hpp"

namespace schemasync {
namespace {

namespace fs = std::filesystem;

constexpr const char* config_name = "schemasync.toml";

constexpr const char* scope_text =
    R"(# What these models claim to describe. What else is in the database is left alone, or reported.
[scope]
schemas = ["public"]
)";

constexpr const char* model_text =
    R"toml(# A model file reads like the class that it mirrors. This one is an example: change it, or put
# your own tables in its place, in as many files as you like.
[table.note]
comment = "What somebody wants to remember."

[table.note.columns]
id         = { type = "bigint", identity = true, primary_key = true }
title      = "text"
body       = "text?"                                    # `?`: may be NULL
is_done    = { type = "boolean", default = false }
created_at = { type = "timestamptz", default = { sql = "now()" } }
)toml";

constexpr const char* ignored_text = "/.schemasync/\n/backups/\n";

constexpr std::string_view workflow_text =
    R"(# Every pull request: are the models right, and can a database be made of them and taken back?
# It needs no database of yours: schemasync runs a PostgreSQL of its own. The runner has PostgreSQL's
# binaries; put schemasync on its PATH before the first step below (your package, or a build of it).
name: schemasync
on: [pull_request]
jobs:
  models:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: schemasync --version
      - run: schemasync check
      - run: schemasync apply --env ci --yes
      - run: schemasync plan --env ci --exit-code
      - run: schemasync rollback --env ci --all --yes
)";

std::string config_text(const std::string& dev) {
  return R"(# Where the models are, and the databases that they are for.
models = "schemas"

)" + dev +
         R"(
[env.ci]                                # for .github/workflows/schemasync.yml
embedded = true                         # a PostgreSQL of its own under .schemasync/, unix socket only

[env.prod]
url       = "${PROD_DATABASE_URL}"      # from the environment: no password stands in a file
protected = true                        # apply has its name typed, or takes a saved plan with --yes
allow     = "medium"                    # the highest risk that apply runs without --allow
)";
}

constexpr const char* embedded_env =
    R"([env.dev]                               # the env that commands use without --env
embedded = true                         # a PostgreSQL of its own under .schemasync/, unix socket only
)";

std::string env_of(const std::string& url) {
  return "[env.dev]                               # the env that commands use without --env\nurl "
         "= " +
         toml_text(url).text + "\n";
}

bool holds_models(const fs::path& folder) {
  std::error_code failure;
  for (fs::recursive_directory_iterator it(folder, failure), end; !failure && it != end;
       it.increment(failure))
    if (it->path().extension() == ".toml") return true;
  return false;
}

// Writes what is not there yet; a command that fails half way leaves nothing of it behind.
class Scaffold {
 public:
  explicit Scaffold(fs::path folder) : folder_(std::move(folder)) {}
  ~Scaffold() {
    if (kept_) return;
    std::error_code ignored;
    for (auto it = made_.rbegin(); it != made_.rend(); ++it) fs::remove(*it, ignored);
  }
  Scaffold(const Scaffold&) = delete;
  Scaffold& operator=(const Scaffold&) = delete;

  void file(const std::string& path, const std::string& text, const std::string& if_there = {}) {
    const fs::path file = folder_ / path;
    if (fs::exists(file)) {
      say("left     " + path + ", which is there already" +
          (if_there.empty() ? "" : ": " + if_there));
      return;
    }
    make_folders(file.parent_path());
    write_file(file.string(), text);
    made_.push_back(file);
    say("new      " + path);
  }
  void say(const std::string& line) { lines_ += line + "\n"; }
  void keep() {
    kept_ = true;
    print(lines_);
  }

 private:
  void make_folders(const fs::path& folder) {
    if (folder.empty() || fs::exists(folder)) return;
    make_folders(folder.parent_path());
    std::error_code failure;
    fs::create_directory(folder, failure);
    if (failure)
      throw Error("cannot make the folder " + folder.string() + ": " + failure.message());
    made_.push_back(folder);
  }

  fs::path folder_;
  std::vector<fs::path> made_;
  std::string lines_;
  bool kept_ = false;
};

// The workflow's own server has none of the roles that own something or that something is granted
// to.
std::string workflow(const std::set<std::string>& roles) {
  std::string text(workflow_text);
  if (roles.empty()) return text;
  std::vector<std::string> statements;
  for (const std::string& role : roles)
    statements.push_back(sql("CREATE ROLE {};", Identifier{role}).str());
  const std::string make =
      "      - run: |\n          psql -q \"$(schemasync server start --env ci)\" -c " +
      shell_word(joined(statements, " ")) + "\n";
  return text.insert(text.find("      - run: schemasync apply"), make);
}

void scaffold_common(Scaffold& scaffold, const std::set<std::string>& roles = {}) {
  scaffold.file(".gitignore", ignored_text, "add /.schemasync/ and /backups/ to it");
  scaffold.file(".github/workflows/schemasync.yml", workflow(roles));
}

// None for models with mistakes: check is the one to tell them.
std::set<std::string> roles_of_models(const fs::path& folder) try {
  const Schema schema = load_models(folder).schema;
  std::set<std::string> roles;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : schema.all<K>()) {
      if (object.aspects.owner) roles.insert(*object.aspects.owner);
      if (object.aspects.grants)
        for (const Grant& grant : *object.aspects.grants) roles.insert(grant.to);
    }
  });
  roles.erase("public");
  roles.erase("postgres");  // whom the workflow's server has
  return roles;
} catch (const MistakesError&) {
  return {};
}

// As a shell takes the folder.
std::string enter(const Options& options) {
  if (options.topic.empty() || options.topic == ".") return "";
  return "cd " + shell_word(options.topic) + " && ";
}

void init_empty(const Options& options, const fs::path& folder) {
  Scaffold scaffold(folder);
  scaffold.file(config_name, config_text(embedded_env));
  const bool had_models = holds_models(folder / "schemas");
  if (had_models) {
    scaffold.say("left     schemas/, which holds models already");
  } else {
    scaffold.file("schemas/scope.toml", scope_text);
    scaffold.file("schemas/note.toml", model_text);
  }
  scaffold_common(scaffold);
  scaffold.keep();
  const std::string in = enter(options);
  print("\nNext  1. " + in + "schemasync check     the models alone, no database\n" +
        "      2. schemasync plan      what would be made; a PostgreSQL of its own is started\n" +
        "      3. schemasync apply     make it\n" + "      4. Edit " +
        (had_models ? "schemas/*.toml" : "schemas/note.toml") +
        ", then plan and apply again; schemasync rollback goes back.\n" +
        "      5. For a server of yours: export PROD_DATABASE_URL, then schemasync plan --env "
        "prod.\n" +
        "      schemasync explain      the risks, and the safer ways");
}

void init_around(const Options& options, const fs::path& folder) {
  const bool secret = without_password(options.url) != options.url;
  Scaffold scaffold(folder);
  scaffold.file(config_name, config_text(env_of(secret ? "${DATABASE_URL}" : options.url)));
  if (holds_models(folder / "schemas")) {
    scaffold.say("left     schemas/, which holds models already: schemasync pull compares");
  } else {
    Options pull = options;
    pull.config = (folder / config_name).string();
    pull.models.clear();
    pull.yes = true;
    run_pull(pull);
  }
  scaffold_common(scaffold, roles_of_models(folder / "schemas"));
  scaffold.keep();
  const std::string in = enter(options);
  int number = 0;
  const auto step = [&](const std::string& text) {
    ++number;
    print((number == 1 ? "\nNext  " : "      ") + std::to_string(number) + ". " + text);
  };
  if (secret)
    step(
        "export DATABASE_URL=...   the url that you gave, in each shell: its password is in no "
        "file.");
  step(in + "schemasync plan      no change: the models say what is there");
  step("Commit schemasync.toml and schemas/.");
  step("Edit schemas/*.toml, then schemasync plan and schemasync apply.");
  print("      schemasync explain      the risks, and the safer ways");
}

}  // namespace

ExitCode run_init(const Options& options) {
  const fs::path folder = (fs::current_path() / options.topic).lexically_normal();
  if (fs::exists(folder / config_name))
    throw Error((options.topic.empty() ? "" : options.topic + "/") + std::string(config_name) +
                    " is there already; nothing was written",
                "change it by hand, or use another folder: schemasync init FOLDER");
  if (options.env || !options.config.empty() || !options.models.empty())
    throw Error(
        "init takes no --env, --config and --models: it writes schemasync.toml and schemas/",
        "schemasync init, or schemasync init --url URL");
  if (options.url.empty()) {
    init_empty(options, folder);
  } else {
    init_around(options, folder);
  }
  return ExitCode::ok;
}

}  // namespace schemasync
