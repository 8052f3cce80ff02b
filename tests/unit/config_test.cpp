#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "cli/config.hpp"

using namespace schemasync;
namespace fs = std::filesystem;

namespace {

// A folder of its own, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "schemasync_config_XXXXXX").string();
    path_ = mkdtemp(name.data());
    path_ = fs::canonical(path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const fs::path& path() const { return path_; }
  void write(const fs::path& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

 private:
  fs::path path_;
};

Environment environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

Config config_of(const std::string& text) {
  const Folder folder;
  folder.write("schemasync.toml", text);
  return load_config({folder.path(), "", ""});
}

template <class F>
std::vector<std::string> mistakes_of(F&& f) {
  std::vector<std::string> lines;
  try {
    f();
  } catch (const MistakesError& error) {
    for (const Mistake& m : error.mistakes())
      lines.push_back(m.where.to_text() + "+" + std::to_string(m.length) + " " + m.what +
                      (m.hint.empty() ? "" : " | " + m.hint));
  }
  return lines;
}

template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::error);
    return std::string(error.what()) + " | " + error.hint();
  }
  return "";
}

const Environment nothing = environment({});

constexpr const char* everything = R"(models = "db/models"

[env.dev]
embedded = true

[env.prod]
url       = "${PROD_URL}"
protected = true
backup    = "full"
role      = "${OWNER:-app_owner}"
roles     = { app = "app_prod", reader = "${READER:-ro}" }
allow     = "low"
lock_timeout = "5s"
statement_timeout = "1min"
rewrite_timeout = "2h"
archive_limit = "1GB"

[shadow]
url = "${SHADOW_URL}"
server_version = 15
)";

}  // namespace

TEST_CASE("every key of the config is read") {
  const Config config = config_of(everything);
  CHECK(config.found);
  CHECK(config.models == config.folder / "db/models");
  CHECK(config.models_shown == "db/models");
  CHECK(config.envs == std::vector<std::string>{"dev", "prod"});

  const Env prod =
      choose_env(config, "prod", "", environment({{"PROD_URL", "postgresql://u:p@h/d"}}));
  CHECK(prod.name == "prod");
  CHECK(prod.origin == Env::Origin::config);
  CHECK(prod.url == "postgresql://u:p@h/d");
  CHECK(prod.is_protected);
  CHECK(prod.backup == BackupExtent::full);
  CHECK(prod.role == "app_owner");
  CHECK(prod.role_here("app") == "app_prod");
  CHECK(prod.role_here("reader") == "ro");
  CHECK(prod.role_here("other") == "other");
  CHECK(prod.allow == Level::low);
  CHECK(prod.lock_timeout_ms == 5'000);
  CHECK(prod.statement_timeout_ms == 60'000);
  CHECK(prod.rewrite_timeout_ms == 7'200'000);
  CHECK(prod.archive_limit == 1024LL * 1024 * 1024);

  const Shadow shadow = choose_shadow(config, environment({{"SHADOW_URL", "host=/tmp"}}));
  CHECK(shadow.url == "host=/tmp");
  CHECK(shadow.server_version == 15);
  CHECK_FALSE(shadow.embedded());
}

TEST_CASE("only the env in use is expanded") {
  const Config config = config_of(everything);
  const Env dev = choose_env(config, std::nullopt, "", nothing);
  CHECK(dev.name == "dev");
  CHECK(dev.embedded);
  CHECK(dev.allow == Level::high);
  CHECK(dev.backup == BackupExtent::affected);
  CHECK(dev.lock_timeout_ms == 3'000);
  CHECK(mistakes_of([&] { choose_env(config, "prod", "", nothing); }) ==
        std::vector<std::string>{
            "schemasync.toml:7:14+11 the environment variable PROD_URL is not set | set it, or "
            "give a default: ${PROD_URL:-...}"});
  CHECK(mistakes_of([&] { choose_shadow(config, nothing); }).size() == 1);
}

TEST_CASE("variables expand as in a shell") {
  struct {
    const char* url;
    const char* expanded;
  } const cases[] = {
      {"postgresql://${HOST}/d", "postgresql://h/d"},
      {"postgresql://${NONE:-x}/d", "postgresql://x/d"},
      {"postgresql://${EMPTY:-x}/d", "postgresql://x/d"},
      {"postgresql://${EMPTY}/d", "postgresql:///d"},
      {"postgresql://${HOST:-x}${HOST}/$d", "postgresql://hh/$d"},
      {"postgresql://u:${DOLLAR}@h/d", "postgresql://u:${HOST}@h/d"},
  };
  const Environment with = environment({{"HOST", "h"}, {"EMPTY", ""}, {"DOLLAR", "${HOST}"}});
  for (const auto& c : cases) {
    const Config config = config_of("[env.dev]\nurl = \"" + std::string(c.url) + "\"\n");
    CHECK(choose_env(config, std::nullopt, "", with).url == c.expanded);
  }
  for (const auto& [url, mistake] : std::vector<std::pair<std::string, std::string>>{
           {"x${HOST",
            "schemasync.toml:2:9+2 this ${ has no closing } | write ${NAME} or ${NAME:-default}"},
           {"${1A}",
            "schemasync.toml:2:8+5 \"1A\" is no name of an environment variable | write ${NAME} or "
            "${NAME:-default}"},
           {"${EMPTY}",
            "schemasync.toml:2:7+10 this url is empty | write "
            "\"postgresql://user@host:5432/database\""}}) {
    const Config config = config_of("[env.dev]\nurl = \"" + url + "\"\n");
    CHECK(mistakes_of([&] { choose_env(config, std::nullopt, "", with); }) ==
          std::vector<std::string>{mistake});
  }
}

TEST_CASE("all mistakes of the config at once, each with its place") {
  const std::vector<std::string> found = mistakes_of([] {
    config_of(R"(modells = "x"
code = ["../${APP}", "", 3]
[env.dev]
embedded = "yes"
lock_timeout = 3
statement_timeout = "soon"
archive_limit = "1XB"
allow = "all"
backup = "some"
backup_dir = 3
protectd = true
[env.both]
url = "postgresql://h/d"
embedded = true
[env.p]
url = "h/d"
protected = true
backup = "none"
rewrite_timeout = "99d"
[env."a/b"]
roles = { x = 1 }
[shadow]
same_server = true
url = "host=h"
server_version = 12
[table.x]
)");
  });
  const std::vector<std::string> expected = {
      "schemasync.toml:1:1+7 unknown key \"modells\" in schemasync.toml | did you mean "
      "\"models\"?",
      "schemasync.toml:2:8+20 code in schemasync.toml must be a list of strings, not a list of "
      "something else",
      "schemasync.toml:4:12+5 embedded in env dev must be true or false, not a string",
      "schemasync.toml:5:16+1 lock_timeout in env dev must be a duration such as \"3s\", "
      "not "
      "an integer",
      "schemasync.toml:6:21+6 statement_timeout in env dev is no duration | write a number "
      "with ms, s, min, "
      "h or d: \"30s\"",
      "schemasync.toml:7:17+5 archive_limit in env dev is no size | write a number with "
      "kB, "
      "MB, GB or TB: "
      "\"256MB\"",
      "schemasync.toml:8:9+5 unknown allow \"all\" in env dev | one of low, medium, high",
      "schemasync.toml:9:10+6 unknown backup \"some\" in env dev | one of none, affected, "
      "full",
      "schemasync.toml:10:14+1 backup_dir in env dev must be a string, not an integer",
      "schemasync.toml:11:1+8 unknown key \"protectd\" in env dev | did you mean "
      "\"protected\"?",
      "schemasync.toml:14:1+8 env both has a url and is embedded | keep one: embedded = "
      "true "
      "is a server of "
      "schemasync's own",
      "schemasync.toml:16:7+5 this is not the url of a PostgreSQL database | write "
      "\"postgresql://user@host:5432/database\"",
      "schemasync.toml:18:1+6 a protected env has a backup: \"none\" is for others | write "
      "\"affected\" or "
      "\"full\", or take the key out",
      "schemasync.toml:19:19+5 rewrite_timeout in env p is too long | write a number with "
      "ms, "
      "s, min, h or "
      "d: \"30s\"",
      "schemasync.toml:20:6+5 an env's name is made of letters, digits, _ - and . | it "
      "names "
      "folders and is "
      "typed at --env",
      "schemasync.toml:21:15+1 x in roles of env a/b must be a string, not an integer",
      "schemasync.toml:23:1+11 the shadow is one server, and two are named | keep one of "
      "url, "
      "same_server "
      "and embedded",
      "schemasync.toml:25:18+2 server_version in shadow is out of range | 13 to 99",
      "schemasync.toml:26:2+5 unknown key \"table\" in schemasync.toml | objects stand in "
      "model files, not "
      "here: models = \"schemas\" names their folder",
  };
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == expected[i]);
  CHECK(mistakes_of([] { config_of("[env.dev\n"); }).size() == 1);
}

TEST_CASE("the database is that of --url, of the env, or of the environment") {
  const Config none = load_config({fs::path("/"), "", ""});
  CHECK_FALSE(none.found);
  CHECK(none.models == "/schemas");
  const Config bare =
      config_of("[env.dev]\n[env.empty]\nallow = 'low'\n[env.own]\nurl = 'host=own'\n");
  const Environment with = environment({{"DATABASE_URL", "postgresql://d/d"}, {"PGHOST", "x"}});

  const Env by_url = choose_env(none, std::nullopt, "host=u", with);
  CHECK(by_url.name == "url");
  CHECK(by_url.url == "host=u");
  CHECK_FALSE(by_url.is_protected);
  CHECK(choose_env(none, std::nullopt, "", with).origin == Env::Origin::database_url);
  CHECK(choose_env(bare, "empty", "", with).url == "postgresql://d/d");
  CHECK(choose_env(bare, "empty", "", with).allow == Level::low);
  CHECK(choose_env(bare, "own", "", with).url == "host=own");
  CHECK(choose_env(bare, "empty", "", environment({{"PGDATABASE", "x"}})).origin ==
        Env::Origin::libpq_variables);
  CHECK(choose_env(config_of("[env.dev]\nembedded = true"), std::nullopt, "", with).embedded);
  CHECK(choose_env(config_of(""), std::nullopt, "", with).name == "dev");
}

TEST_CASE("where no database is named, the error says how to name one") {
  const Config none = load_config({fs::path("/"), "", ""});
  const Config config =
      config_of("[env.staging]\nembedded = true\n[env.prod]\nembedded = true\n[env.bare]\n");
  CHECK(error_of([&] { choose_env(none, std::nullopt, "", nothing); }) ==
        "no database is named | use --url, set DATABASE_URL, or write a schemasync.toml with an "
        "[env.dev]");
  CHECK(error_of([&] { choose_env(none, "prod", "", nothing); }) ==
        "no schemasync.toml was found, so there is no env \"prod\" | use --url, or write one "
        "(searched from / upwards)");
  CHECK(error_of([&] { choose_env(config, std::nullopt, "", nothing); }) ==
        "schemasync.toml has no [env.dev] | choose one with --env: staging, prod, bare");
  CHECK(error_of([&] { choose_env(config, "stagin", "", nothing); }) ==
        "unknown env \"stagin\" | did you mean \"staging\"? the envs are staging, prod, bare");
  CHECK(error_of([&] { choose_env(config, "bare", "", nothing); }) ==
        "env bare names no database | in schemasync.toml under [env.bare]: embedded = true, or url "
        "= \"...\"; or set "
        "DATABASE_URL");
  CHECK(error_of([&] { choose_env(config, "prod", "host=x", nothing); }) ==
        "--env and --url name two databases | give one of them");
}

TEST_CASE("the config is searched upwards, and paths are relative to it") {
  const Folder folder;
  folder.write("schemasync.toml", "models = 'db/schemas/'\n");
  folder.write("a/b/x", "");
  const Config config = load_config({folder.path() / "a/b", "", ""});
  CHECK(config.folder == folder.path());
  CHECK(config.models == folder.path() / "db/schemas");
  CHECK(config.models_shown == "../../db/schemas");
  CHECK(config.document.file == "../../schemasync.toml");
  CHECK(load_config({folder.path() / "a/b", "", "mine"}).models == folder.path() / "a/b/mine");

  folder.write("other/cfg.toml", "models = 'm'\n");
  const Config other = load_config({folder.path() / "a", "../other/cfg.toml", ""});
  CHECK(other.models == folder.path() / "other/m");
  CHECK(error_of([&] {
          load_config({folder.path(), "no.toml", ""});
        }) == "there is no config file no.toml | check the path after --config");
}

TEST_CASE("code names folders and files, which have to be there when they are searched") {
  const Folder folder;
  folder.write("app/models.py", "");
  folder.write("schemasync.toml", "code = [\"app\", \"app/models.py\", \"../gone\"]\n");
  const Config config = load_config({folder.path(), "", ""});
  REQUIRE(config.code.size() == 3);
  CHECK(config.code[0].path == folder.path() / "app");
  CHECK(mistakes_of([&] { code_to_search(config); }) ==
        std::vector<std::string>{
            "schemasync.toml:1:33+9 there is no folder or file \"../gone\" to search | code is "
            "relative to this file's folder; take it out to search nothing"});
  folder.write("schemasync.toml", "code = [\"app\"]\n");
  CHECK(code_to_search(load_config({folder.path(), "", ""})) ==
        std::vector<fs::path>{folder.path() / "app"});
}
