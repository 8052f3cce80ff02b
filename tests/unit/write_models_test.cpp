#include "load/write_models.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "kinds/model_writing.hpp"
#include "kinds/sql_texts.hpp"
#include "load/file_names.hpp"
#include "unit/models_folder.hpp"

using namespace schemasync;

namespace {

// The objects as the catalog would give them: without places, and with PostgreSQL's spelling.
Schema as_catalog(Schema schema) {
  for_each_kind([&]<class K>() {
    for (auto& [id, object] : schema.all<K>()) {
      object.where = {};
      object.named = true;
      object.renamed_from.clear();
      each_sql(object, static_cast<const K*>(nullptr),
               [](SqlText& text, const SqlText*) { text = SqlText::of_catalog(text.spelling()); });
      if (id.table.empty()) object.aspects.owner = "me";
    }
  });
  for (auto& [id, table] : schema.all<Table>()) table.class_name.clear();
  for (auto& [id, column] : schema.all<Column>()) {
    column.serial = false;
    column.conversion.reset();
    column.backfill.reset();
  }
  for (auto& [id, type] : schema.all<Enum>()) type.renamed_labels.clear();
  for (auto& [id, space] : schema.all<Namespace>()) space.stated = false;
  return schema;
}

Scope stated(std::vector<std::string> manage = {"comments"}) {
  Scope scope;
  scope.manage = std::move(manage);
  scope.stated = true;
  return scope;
}

std::string without_first_line_end(std::string_view text) {
  return std::string(text.starts_with('\n') ? text.substr(1) : text);
}

// What pull makes of a database that is as this file says, all files in one text.
std::string pulled(std::string_view file, const Naming& naming = {}) {
  const Models models = ModelsFolder(file).load();
  std::string all;
  for (const auto& [path, text] : files_for(as_catalog(models.schema), stated(), naming))
    all += (all.empty() ? "" : "\n") + text;
  return all;
}

// The file is written as it stands.
void check_stays(std::string_view file) { CHECK(pulled(file) == without_first_line_end(file)); }

std::vector<std::string> names_of(const std::map<std::filesystem::path, std::string>& files) {
  std::vector<std::string> names;
  for (const auto& [path, text] : files) names.push_back(path.generic_string());
  return names;
}

std::vector<std::string> paths_of(const std::vector<FileChange>& changes) {
  std::vector<std::string> paths;
  for (const FileChange& change : changes) paths.push_back(change.path.generic_string());
  return paths;
}

}  // namespace

TEST_CASE("a table is written in short forms where nothing else has to be said") {
  check_stays(R"toml(
[table.card]
comment = "What a user pays with."

[table.card.columns]
id        = { type = "serial", primary_key = true }
user_id   = { type = "integer", references = "card.id", on_delete = "cascade", index = true }
name      = "varchar"
note      = "varchar?"
code      = { type = "varchar(4)", unique = true, default = "none" }
limit     = { type = "numeric(12,2)", unique = "uq_limit", check = "limit > 0" }
due       = { type = "integer?", check = { sql = "due > 0", name = "ck_due" } }
is_active = { type = "boolean", default = true }
rate      = { type = "double precision", default = -2.5 }
at        = { type = "timestamptz(3)[]", default = { sql = "now()" } }
text      = { type = "text", default = { text = "now()" }, index = "ix_text" }
lower     = { type = "text", generated = "lower(name)" }
other_id  = { type = "bigint?", references = { column = "card.id", name = "fk_other" } }
)toml");
}

TEST_CASE("what has no short form gets a block") {
  check_stays(R"toml(
[table.a.columns]
id  = { type = "bigint", identity = true }
no  = { type = "integer", identity = { always = true, start = 5 } }
x   = "text"
y   = "text?"
org = "integer?"

[table.a.primary_key]
columns = ["id", "no"]
name    = "a_pk"

[[table.a.unique]]
columns        = ["x"]
comment        = "one of each"
include        = ["y"]
nulls_distinct = false

[[table.a.unique]]
columns    = ["y", "x"]
name       = "uq"
deferrable = "initially deferred"

[[table.a.check]]
name      = "ck"
sql       = "x <> y"
validated = false

[[table.a.index]]
columns = [
  "x desc",
  "y nulls first",
  { column = "x", opclass = "text_pattern_ops", collation = "C" },
  { sql = "lower(x)", order = "desc", nulls = "last" },
]
name    = "ix"
unique  = true
include = ["id"]
where   = "x <> ''"
with    = { fillfactor = 70 }

[[table.a.foreign_key]]
columns    = ["id", "no"]
references = ["a.id", "a.no"]
match      = "full"
deferrable = "initially immediate"
validated  = false
on_delete  = "set null (no)"
on_update  = "cascade"
)toml");
}

TEST_CASE("names are left out where the loader would give the same") {
  const char* file = R"toml(
[table.a.columns]
id = { type = "integer", index = "ix_a_id" }
no = { type = "integer", index = "a_no_idx" }
)toml";
  CHECK(pulled(file) == R"toml([table.a.columns]
id = { type = "integer", index = "ix_a_id" }
no = { type = "integer", index = true }
)toml");
  CHECK(pulled(file, {{"index", "ix_{table}_{columns}"}}) == R"toml([table.a.columns]
id = { type = "integer", index = true }
no = { type = "integer", index = "a_no_idx" }
)toml");
}

TEST_CASE("two of a kind on one column do not stand with it both") {
  check_stays(R"toml(
[table.a.columns]
id = { type = "integer", primary_key = true }
x  = { type = "integer", check = "x > 0" }

[[table.a.check]]
name = "second"
sql  = "x < 9"

[[table.a.index]]
columns = ["x"]
name    = "one"

[[table.a.index]]
columns = ["x"]
name    = "two"

[[table.a.foreign_key]]
columns    = ["x"]
references = ["a.id"]

[[table.a.foreign_key]]
columns    = ["x"]
references = ["a.id"]
name       = "three"
)toml");
}

TEST_CASE("serial is written only where exactly that is there") {
  const char* file = R"toml([table.a.columns]
id = { type = "integer", primary_key = true, default = { sql = "nextval('public.a_id_seq'::regclass)" } }

[sequence.a_id_seq]
type     = "integer"
cache    = 5
owned_by = "a.id"
)toml";
  Schema live = as_catalog(ModelsFolder(file).load().schema);
  const auto text = [&] { return files_for(live, stated(), {}).at("a.toml"); };
  CHECK(text().find("[sequence.a_id_seq]") != std::string::npos);
  Sequence& sequence = live.all<Sequence>().begin()->second;
  sequence.counting.cache = 1;
  CHECK(text() == "[table.a.columns]\nid = { type = \"serial\", primary_key = true }\n");
  sequence.aspects.grants = std::vector<Grant>{{"reader", {"usage"}, {}, false}};
  CHECK(files_for(live, stated({"grants"}), {}).at("a.toml").find("grants") != std::string::npos);
  CHECK(text().find("grants") == std::string::npos);
}

TEST_CASE("kinds without a file of their own are gathered by schema") {
  const Models models = ModelsFolder(R"toml(
schema = "app"
[table."Order/Lines".columns]
state = { type = "mood", default = "calm" }
[table.order_lines.columns]
id = "integer"
[table.enums.columns]
id = "integer"
[table.con.columns]
id = "integer"
[enum.mood]
values = ["calm", "cross"]
[sequence.no]
type      = "smallint"
increment = -2
)toml")
                            .load();
  const auto files = files_for(as_catalog(models.schema), stated(), {});
  CHECK(names_of(files) == std::vector<std::string>{
                               "app/Order_Lines.toml", "app/con_.toml", "app/enums.toml",
                               "app/enums_2.toml", "app/order_lines_2.toml", "app/sequences.toml"});
  CHECK(files.at("app/enums.toml") ==
        "schema = \"app\"\n\n[enum.mood]\nvalues = [\"calm\", \"cross\"]\n");
  CHECK(files.at("app/Order_Lines.toml") ==
        "schema = \"app\"\n\n[table.\"Order/Lines\".columns]\n"
        "state = { type = \"mood\", default = \"calm\" }\n");
  CHECK(files.at("app/sequences.toml") ==
        "schema = \"app\"\n\n[sequence.no]\ntype      = \"smallint\"\nincrement = -2\n");
}

TEST_CASE("without a scope one is written, with every aspect that is read") {
  const Models models = ModelsFolder("[table.a.columns]\nid = \"integer\"\n").load();
  Schema live = as_catalog(models.schema);
  Table& table = live.all<Table>().begin()->second;
  table.aspects = {"a", "somebody", std::vector<Grant>{{"public", {"select"}, {}, false}}};
  const auto files = files_for(live, {}, {}, "me");
  CHECK(names_of(files) == std::vector<std::string>{"a.toml", "scope.toml"});
  CHECK(files.at("scope.toml").find("manage = [\"comments\", \"owners\", \"grants\"]") !=
        std::string::npos);
  CHECK(files.at("a.toml") == R"toml([table.a]
comment = "a"
owner   = "somebody"
grants  = [{ to = "public", privileges = ["select"] }]

[table.a.columns]
id = "integer"
)toml");
  CHECK(files_for(live, {}, {}, "somebody").at("a.toml").find("owner") == std::string::npos);
  CHECK(files_for(live, stated(), {}, "me").at("a.toml").find("owner") == std::string::npos);
}

TEST_CASE("types are written as people write them") {
  const std::vector<std::pair<const char*, const char*>> types = {
      {"character varying(20)", "varchar(20)"},
      {"character varying[]", "varchar[]"},
      {"character(3)", "char(3)"},
      {"\"char\"", "\"char\""},
      {"timestamp(3) with time zone", "timestamptz(3)"},
      {"timestamp without time zone", "timestamp"},
      {"time without time zone[]", "time[]"},
      {"time(2) with time zone", "timetz(2)"},
      {"double precision", "double precision"},
      {"interval day to second(3)", "interval day to second(3)"},
      {"app.mood", "mood"},
      {"app.mood[]", "mood[]"},
      {"public.mood", "public.mood"},
      {"app.\"Order State\"", "\"Order State\""},
      {"app.date", "app.date"},
      {"app.serial", "app.serial"},
      {"app.varchr", "app.varchr"},
      {"app.geometry(Point,4326)", "geometry(Point,4326)"}};
  for (const auto& [type, written] : types) {
    CAPTURE(type);
    CHECK(written_type(type, "app") == written);
  }
}

TEST_CASE("a folder that says what the database holds is left alone") {
  ModelsFolder files;
  files.add("all.toml", R"toml(
# Mine.
[scope]
manage = []
[enum.mood]
values = [{ value = "calm", renamed_from = "quiet" }]
[table.b.columns]
id = { type = "serial", primary_key = true }
mood = { type = "mood", default = "calm", backfill = "calm" }
[table.a]
class = "Aye"
columns.b_id = { type = "int", references = "b.id", using = "x::int" }
)toml");
  ModelFolder folder{files.path(), "schemas", files.load()};
  Schema live = as_catalog(folder.models.schema);
  CHECK(files_to_write(live, folder, "me").empty());

  SUBCASE("a changed object takes the others of its file along, with their intent") {
    live.all<Enum>().begin()->second.labels.push_back("cross");
    const std::vector<FileChange> changes = files_to_write(live, folder, "me");
    REQUIRE(paths_of(changes) == std::vector<std::string>{"all.toml"});
    CHECK(changes[0].fate == FileChange::Fate::changed);
    CHECK(changes[0].loses_comments);
    CHECK(changes[0].objects == std::vector<std::string>{"~ enum mood"});
    CHECK(changes[0].text == R"toml([scope]
manage = []

[enum.mood]
values = [{ value = "calm", renamed_from = "quiet" }, "cross"]

[table.b.columns]
id   = { type = "serial", primary_key = true }
mood = { type = "mood", default = "calm", backfill = "calm" }

[table.a]
class = "Aye"

[table.a.columns]
b_id = { type = "integer", references = "b.id", using = "x::int" }
)toml");
  }
  SUBCASE("a new table gets a file, a new enum goes to the others of a gathered file") {
    files.add("enums.toml", "[enum.other]\nvalues = [\"x\"]\n");
    folder.models = files.load();
    live = as_catalog(folder.models.schema);
    Table table;
    table.id = {"table", "public", "", "all"};
    live.add(table);
    Enum type;
    type.id = {"enum", "public", "", "third"};
    type.labels = {"y"};
    live.add(type);
    const std::vector<FileChange> changes = files_to_write(live, folder, "me");
    REQUIRE(paths_of(changes) == std::vector<std::string>{"all_2.toml", "enums.toml"});
    CHECK(changes[0].text == "[table.all]\n\n[table.all.columns]\n");
    CHECK(changes[1].text == "[enum.other]\nvalues = [\"x\"]\n\n[enum.third]\nvalues = [\"y\"]\n");
  }
  SUBCASE("what is gone leaves its file, and the file goes when nothing is left") {
    files.add("only.toml", "[table.only.columns]\nid = \"integer\"\n");
    folder.models = files.load();
    CHECK(files_to_write(as_catalog(folder.models.schema), folder, "me").empty());
    const std::vector<FileChange> changes = files_to_write(live, folder, "me");
    REQUIRE(paths_of(changes) == std::vector<std::string>{"only.toml"});
    CHECK(changes[0].fate == FileChange::Fate::deleted);
    CHECK(changes[0].objects == std::vector<std::string>{"- table only"});
    Schema nothing;
    CHECK(files_to_write(nothing, folder, "me").at(0).text == "[scope]\nmanage = []\n");
  }
}

TEST_CASE("file names are safe and told apart where case is not") {
  FileNames names({"user.toml"});
  CHECK(names.claim("public", "User") == "User_2.toml");
  CHECK(names.claim("public", "a/b") == "a_b.toml");
  CHECK(names.claim("public", "a\\b") == "a_b_2.toml");
  CHECK(names.claim("../up", "..") == "___up/__.toml");
  CHECK(names.claim("", "NUL") == "NUL_.toml");
}
