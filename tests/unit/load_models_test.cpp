#include "load/models.hpp"

#include <doctest/doctest.h>

#include "unit/models_folder.hpp"

using namespace schemasync;

namespace {

const Column& column(const Models& models, const char* table, const char* name,
                     const char* schema = "public") {
  const Column* found = models.schema.find<Column>({"column", schema, table, name});
  REQUIRE(found != nullptr);
  return *found;
}

template <class K>
const K& part(const Models& models, const char* schema, const char* table, const char* name) {
  const K* found = models.schema.find<K>({std::string(K::kind), schema, table, name});
  CAPTURE(name);
  REQUIRE(found != nullptr);
  return *found;
}

template <class K>
std::vector<std::string> names(const Models& models, const char* table) {
  std::vector<std::string> all;
  for (const K* one : models.schema.parts<K>({"table", "public", "", table}))
    all.push_back(one->id.name);
  return all;
}

}  // namespace

TEST_CASE("the first block of the grammar loads") {
  const Models models = ModelsFolder(R"toml(
[table.notification]
class   = "Notification"          # the name in generated code
comment = "What a user was told, and when they read it."

[table.notification.columns]
id                = { type = "serial", primary_key = true }
user_id           = { type = "integer", references = "user.id", index = true }
title             = "varchar"
is_read           = { type = "boolean", default = false }
read_at           = "varchar?"

[table.user.columns]
id = { type = "serial", primary_key = true }
)toml")
                            .load();
  CHECK(models.files == 1);
  CHECK(models.tables == 2);
  const Table& table = part<Table>(models, "public", "", "notification");
  CHECK(table.class_name == "Notification");
  CHECK(table.aspects.comment == "What a user was told, and when they read it.");
  CHECK(table.where.to_text() == "schemas/a.toml:2:8");
  const Column& id = column(models, "notification", "id");
  CHECK(id.serial);
  CHECK(id.type == "integer");
  CHECK_FALSE(id.nullable);
  CHECK(id.default_value->canon == "nextval('public.notification_id_seq'::regclass)");
  CHECK(id.where.to_text() == "schemas/a.toml:7:1");
  CHECK(column(models, "notification", "read_at").nullable);
  CHECK(column(models, "notification", "read_at").position == 5);
  CHECK(column(models, "notification", "is_read").default_value->canon == "false");
  const Sequence& sequence = part<Sequence>(models, "public", "", "notification_id_seq");
  CHECK_FALSE(sequence.named);
  CHECK(sequence.counting == Counting::of_type("integer"));
  CHECK(sequence.owned_by == id.id);
  CHECK(part<Key>(models, "public", "notification", "notification_pkey").primary);
  const ForeignKey& key =
      part<ForeignKey>(models, "public", "notification", "notification_user_id_fkey");
  CHECK(key.target == ObjectId{"table", "public", "", "user"});
  CHECK(key.target_columns == std::vector<std::string>{"id"});
  CHECK_FALSE(part<Index>(models, "public", "notification", "notification_user_id_idx").named);
}

TEST_CASE("everything on tables loads") {
  ModelsFolder folder;
  folder.add("other.toml", "[table.org.columns]\nid = { type = \"int4\", primary_key = true }\n");
  folder.add("crm/region.toml", R"toml(
schema = "crm"
[table.region.columns]
org_id = { type = "int", primary_key = true }
code   = { type = "text", primary_key = true }
)toml");
  folder.add("member.toml", R"toml(
schema = "app"

[table.member]
renamed_from = ["members", "crm.person"]
comment      = "People of an organisation."

[table.member.columns]
id      = { type = "bigint", identity = true, unique = true }
no      = { type = "integer", identity = { always = true, start = 1000, increment = 1, min_value = 1, max_value = 9999, cache = 20, cycle = false } }
org_id  = { type = "integer", references = "public.org.id", on_delete = "cascade", on_update = "cascade" }
born    = "date?"
boss_id = { type = "bigint?", references = { column = "member.id", name = "fk_boss", on_delete = "set null", deferrable = "initially deferred" } }
email.type   = "varchar(320)"
email.unique = "uq_member_email"
email.check  = { sql = "position('@' in email) > 1", name = "ck_member_email" }
mood    = { type = "mood?", default = "calm" }
ref     = { type = "bigint", default = { sql = "nextval('app.invoice_no')" } }
tags    = { type = "text[]", default = "{}" }
slug    = { type = "text", generated = "lower(email)" }
virtual = { type = "text", generated = { sql = "upper(email)", virtual = true } }
amount  = { type = "numeric(12,2)", using = "amount::numeric(12,2)" }
flag    = { type = "boolean", using = { up = "flag = 'Y'", down = "CASE WHEN flag THEN 'Y' ELSE 'N' END" } }
region  = { type = "text?", backfill = { sql = "split_part(email, '@', 2)" } }
nick    = { type = "text?", renamed_from = "alias", comment = "What friends say." }
"Odd. Name" = "text?"

[table.member.primary_key]                       # composite or named; instead of the columns' flags
columns = ["org_id", "id"]
name    = "member_pk"

[[table.member.unique]]
columns        = ["org_id", "email"]
include        = ["mood"]
nulls_distinct = false
deferrable     = "initially immediate"
renamed_from   = "uq_old"

[[table.member.foreign_key]]
columns    = ["org_id", "region"]
references = ["crm.region.org_id", "crm.region.code"]
match      = "simple"
on_delete  = "set null (region)"
validated  = false

[[table.member.check]]
name = "ck_dates"
sql  = "born < now()"

[[table.member.index]]
name    = "ix_member_search"
method  = "btree"
unique  = true
columns = ["org_id", "born desc nulls last",     # exactly a column's name, else its order words are split off the end
           { column = "email", opclass = "text_pattern_ops", collation = "C" },
           { sql = "lower(email)", order = "desc", nulls = "first" }]
include = ["mood"]
where   = "mood <> 'calm'"
with    = { fillfactor = 70 }

[enum.mood]
values = ["calm", { value = "cross", renamed_from = "angry" }]

[sequence.invoice_no]
type = "bigint"
start = 1000
owned_by = "member.ref"

[schemas.app]
comment = "The application."
owner   = "app_owner"
grants  = [{ to = "reader", privileges = ["usage"] }]
)toml");
  const Models models = folder.load();
  CHECK(models.files == 3);

  const Table& table = part<Table>(models, "app", "", "member");
  CHECK(table.renamed_from == std::vector<std::string>{"app.members", "crm.person"});
  CHECK(column(models, "member", "id", "app").identity->counting == Counting::of_type("bigint"));
  CHECK(column(models, "member", "id", "app").identity->sequence == "member_id_seq");
  const Identity& no = *column(models, "member", "no", "app").identity;
  CHECK(no.always);
  CHECK(no.counting == Counting{"integer", 1000, 1, 1, 9999, 20, false});
  CHECK(column(models, "member", "email", "app").type == "character varying(320)");
  const Column& mood = column(models, "member", "mood", "app");
  CHECK(mood.type == "app.mood");
  CHECK(mood.default_value->text == "'calm'");
  CHECK(mood.default_value->canon == "'calm'::app.mood");
  const SqlText& ref = *column(models, "member", "ref", "app").default_value;
  CHECK(ref.text == "nextval('app.invoice_no')");
  CHECK_FALSE(ref.asked());
  CHECK(ref.path == "app");
  CHECK(column(models, "member", "slug", "app").generated->text == "lower(email)");
  CHECK(column(models, "member", "virtual", "app").generated_virtual);
  CHECK(column(models, "member", "amount", "app").conversion->up.text == "amount::numeric(12,2)");
  CHECK(column(models, "member", "flag", "app").conversion->down->text ==
        "CASE WHEN flag THEN 'Y' ELSE 'N' END");
  CHECK(column(models, "member", "region", "app").backfill->text == "split_part(email, '@', 2)");
  CHECK(column(models, "member", "nick", "app").renamed_from == std::vector<std::string>{"alias"});
  CHECK(column(models, "member", "nick", "app").aspects.comment == "What friends say.");
  CHECK(column(models, "member", "Odd. Name", "app").nullable);

  const Key& primary = part<Key>(models, "app", "member", "member_pk");
  CHECK(primary.columns == std::vector<std::string>{"org_id", "id"});
  CHECK(primary.named);
  CHECK(part<Key>(models, "app", "member", "uq_member_email").named);
  CHECK_FALSE(part<Key>(models, "app", "member", "member_id_key").named);
  const Key& unique = part<Key>(models, "app", "member", "member_org_id_email_mood_key");
  CHECK(unique.include == std::vector<std::string>{"mood"});
  CHECK_FALSE(unique.nulls_distinct);
  CHECK(unique.deferrable == Deferrable::initially_immediate);
  CHECK(unique.renamed_from == std::vector<std::string>{"uq_old"});

  const ForeignKey& boss = part<ForeignKey>(models, "app", "member", "fk_boss");
  CHECK(boss.on_delete == "set null");
  CHECK(boss.deferrable == Deferrable::initially_deferred);
  CHECK(boss.target == table.id);
  const ForeignKey& org = part<ForeignKey>(models, "app", "member", "member_org_id_fkey");
  CHECK(org.on_delete == "cascade");
  CHECK(org.on_update == "cascade");
  const ForeignKey& region = part<ForeignKey>(models, "app", "member", "member_org_id_region_fkey");
  CHECK(region.target == ObjectId{"table", "crm", "", "region"});
  CHECK(region.set_columns == std::vector<std::string>{"region"});
  CHECK_FALSE(region.validated);

  CHECK(part<CheckConstraint>(models, "app", "member", "ck_dates").expression.text ==
        "born < now()");
  CHECK(part<CheckConstraint>(models, "app", "member", "ck_member_email").columns ==
        std::vector<std::string>{"email"});
  const Index& index = part<Index>(models, "app", "member", "ix_member_search");
  REQUIRE(index.elements.size() == 4);
  CHECK(index.unique);
  CHECK(index.elements[0].column == "org_id");
  CHECK(index.elements[1].descending);
  CHECK_FALSE(index.elements[1].nulls_first);
  CHECK(index.elements[2].opclass == "pg_catalog.text_pattern_ops");
  CHECK(index.elements[2].collation == "pg_catalog.\"C\"");
  CHECK(index.elements[3].expression->text == "lower(email)");
  CHECK(index.elements[3].nulls_first);
  CHECK(index.where_clause->text == "mood <> 'calm'");
  CHECK(index.with == std::vector<std::string>{"fillfactor=70"});

  const Enum& type = part<Enum>(models, "app", "", "mood");
  CHECK(type.labels == std::vector<std::string>{"calm", "cross"});
  CHECK(type.renamed_labels == decltype(type.renamed_labels){{"cross", "angry"}});
  const Sequence& sequence = part<Sequence>(models, "app", "", "invoice_no");
  CHECK(sequence.counting.start == 1000);
  CHECK(sequence.owned_by == ObjectId{"column", "app", "member", "ref"});
  const Namespace* app = models.schema.find<Namespace>({"schema", "", "", "app"});
  REQUIRE(app != nullptr);
  CHECK(app->stated);
  CHECK(app->aspects.owner == "app_owner");
  CHECK(app->aspects.grants == std::vector<Grant>{{"reader", {"usage"}, {}, false}});
  CHECK_FALSE(models.schema.find<Namespace>({"schema", "", "", "crm"})->stated);
}

TEST_CASE("literal defaults are spelled as PostgreSQL 15 prints them") {
  struct Case {
    const char* type;
    const char* value;
    const char* text;
    const char* canon;  // "" = a server is asked
  };
  const Case cases[] = {
      {"integer", "5", "5", "5"},
      {"integer", "-5", "-5", "'-5'::integer"},
      {"smallint", "-5", "-5", "'-5'::integer"},
      {"bigint", "9_999_999_999", "9999999999", "'9999999999'::bigint"},
      {"bigint", "-9999999999", "-9999999999", "'-9999999999'::bigint"},
      {"integer", "-2147483648", "-2147483648", "'-2147483648'::integer"},
      {"integer", "+7", "7", "7"},
      {"integer", "0xFF", "255", "255"},
      {"integer", "-0", "-0", "0"},
      {"integer", "'7'", "'7'", "7"},
      {"bigint", "'-7'", "'-7'", "'-7'::bigint"},
      {"smallint", "'3'", "'3'", "'3'::smallint"},
      {"numeric", "0.00", "0.00", "0.00"},
      {"numeric(12,2)", "0.00", "0.00", "0.00"},
      {"numeric(12,2)", "-1.5", "-1.5", "'-1.5'::numeric"},
      {"numeric", "5", "5", "5"},
      {"numeric(12,2)", "-5", "-5", "'-5'::integer"},
      {"numeric", "1e5", "1e5", "'100000'::numeric"},
      {"numeric", "1.50e10", "1.50e10", "'15000000000'::numeric"},
      {"numeric", "1e-7", "1e-7", "0.0000001"},
      {"numeric", "-0.0", "-0.0", "0.0"},
      {"numeric(10,2)", "'12.50'", "'12.50'", "12.50"},
      {"numeric", "'123456789012345678901234567890'", "'123456789012345678901234567890'",
       "'123456789012345678901234567890'::numeric"},
      {"numeric", "inf", "'Infinity'", ""},
      {"double precision", "0.5", "0.5", "0.5"},
      {"double precision", "-0.5", "-0.5", "'-0.5'::numeric"},
      {"real", "1e3", "1e3", "'1000'::numeric"},
      {"double precision", "nan", "'NaN'", ""},
      {"boolean", "true", "true", "true"},
      {"boolean", "'yes'", "'yes'", ""},
      {"text", "'x'", "'x'", "'x'::text"},
      {"text", "''", "''", "''::text"},
      {"varchar", "\"it's\"", "'it''s'", "'it''s'::character varying"},
      {"varchar(20)", "'a\\b'", "'a\\b'", "'a\\b'::character varying"},
      {"char(5)", "'x'", "'x'", "'x'::bpchar"},
      {"text", "{ text = 'now()' }", "'now()'", "'now()'::text"},
      {"varchar", "'cash (eur)'", "'cash (eur)'", "'cash (eur)'::character varying"},
      {"varchar", "'user'", "'user'", "'user'::character varying"},
      {"jsonb", "'{}'", "'{}'", ""},
      {"text[]", "'{}'", "'{}'", ""},
      {"date", "2024-01-31", "'2024-01-31'", ""},
      {"timestamptz", "{ sql = 'now()' }", "now()", ""},
  };
  for (const Case& one : cases) {
    CAPTURE(one.type);
    CAPTURE(one.value);
    const ModelsFolder folder(std::string("[table.t.columns]\na = { type = \"") + one.type +
                              "\", default = " + one.value + " }\n");
    REQUIRE(folder.mistakes() == std::vector<std::string>{});
    const Models models = folder.load();
    const SqlText& value = *column(models, "t", "a").default_value;
    CHECK(value.text == one.text);
    CHECK(value.canon == one.canon);
    CHECK(value.path == "public");
  }
}

TEST_CASE("what the models leave unnamed gets PostgreSQL's own names, with its numbers") {
  const Models models = ModelsFolder(R"toml(
[table.t.columns]
id = { type = "serial", primary_key = true }
a  = { type = "int", unique = true, index = true, check = "a > 0", references = "t.id" }
b  = { type = "text", check = "b <> ''" }
A  = { type = "int?", renamed_from = ["x", "y"] }
[[table.t.unique]]
columns = ["a", "b"]
[[table.t.foreign_key]]
columns = ["a"]
references = "t.a"
on_delete = "cascade"
[[table.t.index]]
columns = [{ sql = "lower(b)" }, { sql = "lower(b || 'x')" }, { sql = "a + 1" }, "a"]
[[table.t.index]]
columns = ["a"]
where = "a > 5"
[[table.t.check]]
sql = "a < 10"
[[table.t.check]]
sql = "a < 20"
[sequence.t_id_seq]
)toml")
                            .load();
  CHECK(names<Key>(models, "t") == std::vector<std::string>{"t_a_b_key", "t_a_key", "t_pkey"});
  CHECK(names<Index>(models, "t") ==
        std::vector<std::string>{"t_a_idx", "t_a_idx1", "t_lower_lower1_expr_a_idx"});
  CHECK(names<ForeignKey>(models, "t") == std::vector<std::string>{"t_a_fkey", "t_a_fkey1"});
  CHECK(names<CheckConstraint>(models, "t") ==
        std::vector<std::string>{"t_a_check", "t_b_check", "t_check", "t_check1"});
  CHECK(column(models, "t", "id").default_value->text == "nextval('public.t_id_seq1'::regclass)");
  CHECK(part<Sequence>(models, "public", "", "t_id_seq").named);
}

TEST_CASE("long names are shortened as PostgreSQL shortens them, patterns are filled") {
  const std::string table(50, 't');
  const std::string name = "ä" + std::string(40, 'c');
  const Models models = ModelsFolder("[naming]\nunique = \"uq_{table}_{columns}\"\n[table." +
                                     table + ".columns]\n\"" + name +
                                     "\" = { type = \"int\", unique = true, index = true }\n")
                            .load();
  const std::string unique = names<Key>(models, table.c_str()).at(0);
  CHECK(unique == "uq_" + table + "_ä" + std::string(7, 'c'));
  CHECK(unique.size() == 63);
  CHECK(names<Index>(models, table.c_str()).at(0) ==
        std::string(29, 't') + "_ä" + std::string(27, 'c') + "_idx");
}

TEST_CASE("schemas, scope and naming stand in any file, once") {
  ModelsFolder folder;
  folder.add("scope.toml", R"toml(
[scope]
schemas   = ["public", "app"]
include   = ["table:*", "enum:app.*"]
ignore    = ["table:public.spatial_ref_sys", "extension:plpgsql"]
manage    = ["comments", "grants", "owners", "tablespaces", "statistics", "publications"]
unmanaged = "refuse"

[naming]
index = "ix_{table}_{columns}"
)toml");
  folder.add("x.toml", "[table.x.columns]\na = { type = \"int\", index = true }\n");
  folder.add(".hidden.toml", "rubbish");
  folder.add("notes.txt", "rubbish");
  const Models models = folder.load();
  CHECK(models.files == 2);
  CHECK(models.scope.stated);
  CHECK(models.scope.schemas == std::vector<std::string>{"public", "app"});
  CHECK(models.scope.manages("owners"));
  CHECK(models.scope.unmanaged == Unmanaged::refuse);
  CHECK(models.scope.ignore.size() == 2);
  CHECK(names<Index>(models, "x") == std::vector<std::string>{"ix_x_a"});
  CHECK(models.schema.find<Namespace>({"schema", "", "", "public"}) != nullptr);
}

TEST_CASE("grants are compared in the form in which the catalog gives them") {
  const Models models = ModelsFolder(R"toml(
[table.t]
owner  = "boss"
grants = [{ to = "reader", privileges = ["SELECT", "insert"], columns = ["b", "a"] },
          { to = "reader", privileges = ["update"], columns = ["b"] },
          { to = "writer", privileges = "all" },
          { to = "writer", privileges = ["select"], grantable = true }]
[table.t.columns]
a = "int"
b = "int"
[table.u]
grants = []
)toml")
                            .load();
  const Aspects& t = part<Table>(models, "public", "", "t").aspects;
  CHECK(t.owner == "boss");
  const std::vector<Grant> expected = {
      {"reader", {"insert", "select"}, {"a"}, false},
      {"reader", {"insert", "select", "update"}, {"b"}, false},
      {"writer", {"delete", "insert", "references", "trigger", "truncate", "update"}, {}, false},
      {"writer", {"select"}, {}, true}};
  CHECK(*t.grants == expected);
  CHECK(part<Table>(models, "public", "", "u").aspects.grants == std::vector<Grant>{});
  CHECK_FALSE(part<Table>(models, "public", "", "u").aspects.owner);
}

TEST_CASE("names are taken as they are stored, with dots, quotes and capitals") {
  const Models models = ModelsFolder(R"toml(
[table."a.b".columns]
"I\"d" = { type = "int", primary_key = true }
[table."Order Lines"]
renamed_from = ['"Old.Name"', "crm.Old"]
[table."Order Lines".columns]
ref = { type = "int", references = '"a.b"."I""d"', index = true }
"born desc" = "int"
[[table."Order Lines".index]]
columns = ["born desc", "ref DESC"]
)toml")
                            .load();
  const ForeignKey& key = part<ForeignKey>(models, "public", "Order Lines", "Order Lines_ref_fkey");
  CHECK(key.target.name == "a.b");
  CHECK(key.target_columns == std::vector<std::string>{"I\"d"});
  CHECK(part<Table>(models, "public", "", "Order Lines").renamed_from ==
        std::vector<std::string>{"public.\"Old.Name\"", "crm.\"Old\""});
  const Index& index =
      part<Index>(models, "public", "Order Lines", "Order Lines_born desc_ref_idx");
  CHECK(index.elements[0].column == "born desc");
  CHECK_FALSE(index.elements[0].descending);
  CHECK(index.elements[1].column == "ref");
  CHECK(index.elements[1].descending);
}

TEST_CASE("a column's flags are one key, in file order") {
  const Models models = ModelsFolder(R"toml(
[table.t.columns]
b = { type = "int", primary_key = true }
x = "int"
a = { type = "int", primary_key = "t_pk" }
)toml")
                            .load();
  CHECK(part<Key>(models, "public", "t", "t_pk").columns == std::vector<std::string>{"b", "a"});
}

TEST_CASE("long SQL may stand in a file beside the model") {
  ModelsFolder folder;
  folder.add("sub/a.toml", R"toml(
[table.t.columns]
a = { type = "int", check = { sql = { file = "check.sql" } } }
)toml");
  folder.add("sub/check.sql", "\n  a >\n  0\n");
  const Models models = folder.load();
  CHECK(part<CheckConstraint>(models, "public", "t", "t_a_check").expression.text == "a >\n  0");
}

TEST_CASE("the hash is of what the files say") {
  const auto hash = [](std::string_view text) { return ModelsFolder(text).load().hash; };
  const std::string one =
      hash("[table.t.columns]\na = { type = \"int\", index = true }\nb = \"int\"\n");
  CHECK(one.size() == 64);
  CHECK(one ==
        hash("# a comment\n[table.t.columns]\na={type='int',index=true} # more\n\n\"b\" = 'int'"));
  CHECK(one != hash("[table.t.columns]\nb = \"int\"\na = { type = \"int\", index = true }\n"));
  CHECK(one != hash("schema = \"x\"\n[table.t.columns]\na = { type = \"int\", index = true }\nb = "
                    "\"int\"\n"));
  ModelsFolder two;
  two.add("1.toml", "[table.b.columns]\na = \"int\"\n");
  two.add("2.toml", "[table.a.columns]\na = \"int\"\n");
  CHECK(two.load().hash ==
        hash("[table.a.columns]\na = \"int\"\n[table.b.columns]\na = \"int\"\n"));
}

TEST_CASE("an empty folder is no mistake, a missing one is an error") {
  const ModelsFolder folder;
  const Models models = folder.load();
  CHECK(models.files == 0);
  CHECK(models.schema.all<Namespace>().empty());
  CHECK_FALSE(models.scope.stated);
  CHECK_THROWS_WITH_AS(load_models("no/such/folder"), "there is no models folder no/such/folder",
                       Error);
}
