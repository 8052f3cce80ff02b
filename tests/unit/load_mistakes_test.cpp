// What `check` finds, as a table: a file, and each mistake with its place and its hint.
#include <doctest/doctest.h>

#include "text/strings.hpp"
#include "unit/models_folder.hpp"

namespace {

// `expected`: a line each.
void finds(const char* file, const std::vector<std::string>& expected) {
  CAPTURE(file);
  CHECK(schemasync::joined(ModelsFolder(file).mistakes(), "\n") ==
        schemasync::joined(expected, "\n"));
}

}  // namespace

TEST_CASE("mistakes: habits of ORMs get how it is written here") {
  finds(
      R"toml([table.expense.columns]
notes = { type = "varchar", nullable = true }
a = { type = "int", not_null = true }
b = { type = "int", foreign_key = "user.id" }
c = { type = "int", autoincrement = true }
d = { type = "int", pk = true }
e = { type = "int", null = true, default = 5 }
)toml",
      {R"(a.toml:2:29 unknown key "nullable" in column expense.notes | a nullable column is marked on its type: notes = "varchar?")",
       R"(a.toml:3:21 unknown key "not_null" in column expense.a | a column is NOT NULL unless a ? stands behind its type: take the key out)",
       R"(a.toml:4:21 unknown key "foreign_key" in column expense.b | write references = "user.id")",
       R"(a.toml:5:21 unknown key "autoincrement" in column expense.c | write type = "serial", or identity = true on an integer type)",
       R"(a.toml:6:21 unknown key "pk" in column expense.d | write primary_key = true)",
       R"(a.toml:7:21 unknown key "null" in column expense.e | a nullable column is marked on its type: type = "int?")"});
  finds(
      R"toml([table.b]
coment = "x"
email = "text"
archive = "elsewhere"
[[table.b.indexes]]
columns = ["a"]
[table.app.member.columns]
id = "int"
[tabel.c]
[external.table.x]
[function.x]
)toml",
      {R"(a.toml:2:1 unknown key "coment" in table b | did you mean "comment"?)",
       R"(a.toml:3:1 unknown key "email" in table b | the columns stand under [table.b.columns])",
       R"(a.toml:4:1 archive "elsewhere" of table b is no way to keep values | write archive = "in_place", or leave the key out: values are copied then)",
       R"(a.toml:5:11 unknown key "indexes" in table b | each index is a [[table.b.index]])",
       R"(a.toml:7:12 unknown key "member" in table app | a header carries no schema: write schema = "app" at the top of the file, and [table.member])",
       R"(a.toml:9:2 unknown key "tabel" in this file | did you mean "table"?)",
       R"(a.toml:10:17 external table x has no columns | write [external.table.x.columns] with the columns that keys point at)",
       R"(a.toml:11:2 unknown key "function" in this file | known here: schema, external, scope, naming, schemas, enum, table, sequence, view)"});
  finds(R"toml([table.a.unique]
columns = ["a"]
[[table.b]]
a = 1
)toml",
        {"a.toml:1:1 unique in table a is a list: its header has two brackets | write [[...]] "
         "where [...] stands",
         "a.toml:3:9 table b must be a table | write its header: [table.b]"});
}

TEST_CASE("mistakes: types") {
  finds(
      R"toml([table.t.columns]
a = "varchr"
b = "int8?"
c = "text?[]"
d = "numeric(2000)"
e = ""
f = 5
g = { default = 5 }
h = "serial?"
i = "citext"
j = "unsigned int"
k = { type = 5 }
l = "serial[]"
)toml",
      {R"(a.toml:2:5 unknown type "varchr" of column t.a | did you mean "varchar"?)",
       R"(a.toml:4:5 "text?[]" of column t.c is not a type | the ? stands at the end: "text[]?")",
       "a.toml:5:5 the precision of numeric must be 1 to 1000 (column t.d)",
       R"(a.toml:6:5 "" of column t.e is not a type | write a type, as in "varchar")",
       R"(a.toml:7:5 column t.f must be its type, or a table with its type, not an integer | write f = "varchar", or { type = "varchar", ... })",
       R"(a.toml:8:1 column t.g has no type | write type = "varchar", say, or "varchar?" where it may be NULL)",
       R"(a.toml:9:5 a serial column is never NULL: column t.h | take the ? away, or write "integer?" for a column without a sequence)",
       R"(a.toml:11:5 "unsigned int" of column t.j is not a type | a name with blanks is quoted: "\"Order State\"")",
       "a.toml:12:14 type in column t.k must be a string, not an integer",
       "a.toml:13:5 serial takes no modifiers and makes no arrays (column t.l) | write an integer "
       "type, and its default as { sql = \"nextval(...)\" }"});
}

TEST_CASE("mistakes: columns that are not there") {
  finds(
      R"toml([table.expense.columns]
reviewed_by = "int"
[[table.expense.index]]
name = "ix_expense_reviewed_by"
columns = ["recieved_by"]
[[table.expense.index]]
columns = ["lower(reviewed_by)", "reviewed_by dsc", "reviewed_by desc nulls first"]
include = ["nope"]
[[table.expense.index]]
columns = []
[[table.expense.index]]
columns = [{ column = "reviewed_by", sql = "1" }, { column = "reviewed_by", order = "down" }]
method = "b tree"
nulls_distinct = false
with = { "a b" = 1 }
[[table.expense.unique]]
columns = ["reviewed_by", "reviewed_by"]
[[table.expense.check]]
name = "ck"
[table.expense.primary_key]
columns = ["idd"]
)toml",
      {R"(a.toml:5:12 unknown column "recieved_by" in index ix_expense_reviewed_by | did you mean "reviewed_by"?)",
       "a.toml:7:12 unknown column \"lower(reviewed_by)\" in an index of expense | an expression "
       "is written { sql = \"lower(reviewed_by)\" }",
       R"(a.toml:7:34 unknown column "reviewed_by dsc" in an index of expense | did you mean "reviewed_by"?)",
       R"(a.toml:8:12 unknown column "nope" in an index of expense | known here: reviewed_by)",
       R"(a.toml:10:1 columns in an index of expense must be a list | write columns = ["email"])",
       "a.toml:12:12 a column of an index of expense must have either column or sql | write { "
       "column = \"email\", ... } or { sql = \"lower(email)\", ... }",
       R"(a.toml:12:85 unknown order "down" in a column of an index of expense | one of asc, desc)",
       R"(a.toml:13:10 unknown method "b tree" in an index of expense | one of btree, hash, gin, gist, spgist, brin)",
       "a.toml:14:1 nulls_distinct in an index of expense, which is not unique | write unique = "
       "true beside it",
       R"(a.toml:15:10 "a b" in with of an index of expense is no storage parameter | write a number, a word, true or false)",
       R"(a.toml:17:27 column "reviewed_by" stands twice in a unique of expense)",
       R"(a.toml:18:1 a check of expense has no sql | write its condition: sql = "a < b")",
       R"(a.toml:21:12 unknown column "idd" in the primary key of expense | known here: reviewed_by)"});
}

TEST_CASE("mistakes: storage parameters of indexes") {
  finds(
      R"toml([table.t.columns]
a = "text"
[[table.t.index]]
columns = ["a"]
with = { fillfactor = 5, dedup_items = true, deduplicate_items = "t" }
[[table.t.index]]
columns = ["a"]
method = "gin"
with = { fastupdate = "maybe", fillfactor = 70, gin_pending_list_limit = 64 }
[[table.t.index]]
columns = ["a"]
method = "gist"
with = { buffering = "auto", fillfactor = "1e2" }
[[table.t.index]]
columns = ["a"]
method = "bloom"
with = { length = 80 }
)toml",
      {R"(a.toml:5:10 fillfactor is 5 in with of an index of t | 10 to 100)",
       R"(a.toml:5:26 access method btree has no storage parameter "dedup_items" in with of an index of t | known here: fillfactor, deduplicate_items, vacuum_cleanup_index_scale_factor)",
       R"(a.toml:9:10 fastupdate is maybe in with of an index of t | one of true, false, on, off, yes, no, 1, 0)",
       R"(a.toml:9:32 access method gin has no storage parameter "fillfactor" in with of an index of t | known here: fastupdate, gin_pending_list_limit)"});
}

TEST_CASE("mistakes: values") {
  finds(
      R"toml([table.a.columns]
x = { type = "timestamptz", default = "now()" }
y = { type = "timestamptz", default = "CURRENT_DATE" }
w = { type = "text", default = "null" }
v = { type = "boolean", default = 1 }
u = { type = "integer", default = true }
t = { type = "integer[]", default = [1] }
s = { type = "text", default = { sql = "1", text = "b" } }
r = { type = "text", default = { sq = "1" } }
q = { type = "text", default = { sql = " " } }
p = { type = "uuid", backfill = "gen_random_uuid()" }
o = { type = "mood", default = "clam" }
[enum.mood]
values = ["calm", "cross"]
)toml",
      {"a.toml:2:39 default in column a.x looks like SQL | write default = { sql = \"now()\" }, or "
       "{ text = \"now()\" } where the text is meant",
       R"(a.toml:3:39 default in column a.y looks like SQL | write default = { sql = "CURRENT_DATE" }, or { text = "CURRENT_DATE" } where the text is meant)",
       R"(a.toml:4:32 default in column a.w looks like SQL | a column without a default has NULL: take the key out. As text: { text = "null" })",
       "a.toml:5:35 default in column a.v is an integer, its type is boolean | write true or false",
       "a.toml:6:35 default in column a.u is true or false, its type is integer | write a number",
       R"(a.toml:7:37 default in column a.t is a list | write an array as PostgreSQL does: default = "{}", or { sql = "ARRAY[...]" })",
       R"(a.toml:8:32 default of column a.s must be a value, { sql = "..." } or { text = "..." })",
       R"(a.toml:9:32 default of column a.r must be a value, { sql = "..." } or { text = "..." })",
       R"(a.toml:9:34 unknown key "sq" in default of column a.r | did you mean "sql"?)",
       "a.toml:10:40 sql in default of column a.q is empty | write its SQL, or take the key out",
       "a.toml:11:33 backfill in column a.p looks like SQL | write backfill = { sql = "
       "\"gen_random_uuid()\" }, or { text = \"gen_random_uuid()\" } where the text is meant",
       R"(a.toml:12:32 default "clam" of column a.o is no value of enum mood | did you mean "calm"?)"});
}

TEST_CASE("mistakes: what a foreign key points at") {
  finds(
      R"toml([table.a.columns]
id = { type = "int", primary_key = true }
b = { type = "int", references = "usr.id" }
c = { type = "int", references = "user.idd" }
d = { type = "int", references = "user" }
e = { type = "int", references = "user(id)" }
f = { type = "text", references = "user.id" }
g = { type = "int", references = "user.email" }
h = { type = "int", on_delete = "cascade" }
i = { type = "int", references = "user.id", on_delete = "delete" }
j = { type = "int", references = "crm.user.id" }
k = { type = "int", references = true }
l = { type = "int", references = { column = "user.id", on_delete = "cascade" }, on_delete = "cascade" }
[table.user.columns]
id = { type = "serial", primary_key = true }
email = "int"
[[table.a.foreign_key]]
columns = ["b", "c"]
references = "user.id"
[[table.a.foreign_key]]
columns = ["b", "c"]
references = ["user.id", "a.id"]
[[table.a.foreign_key]]
columns = ["b"]
references = "user.id"
on_delete = "set null (d)"
match = "partial"
deferrable = "deferred"
)toml",
      {R"(a.toml:3:34 unknown table "usr" in references of column a.b | did you mean "user"?)",
       R"(a.toml:4:34 unknown column "idd" of user in references of column a.c | did you mean "id"?)",
       R"(a.toml:5:34 "user" in references of column a.d is no column | write it as "table.column", or "schema.table.column")",
       "a.toml:6:34 \"user(id)\" in references of column a.e is no column | write it as "
       "\"user.id\"",
       "a.toml:7:35 references of column a.f: a.f is text, user.id is integer | a foreign key "
       "compares its columns: give them one type",
       "a.toml:8:34 references of column a.g points at user (email), which no key makes unique | "
       "write unique = true on that column, or point at the primary key",
       R"(a.toml:9:21 on_delete without references in column a.h | write references = "table.column" beside it)",
       R"(a.toml:10:57 unknown on_delete "delete" in column a.i | one of no action, restrict, cascade, set null, set default)",
       R"(a.toml:11:34 unknown table "crm.user" in references of column a.j | declare it as [table.user], as [external.table.user.columns] where others make it, or take the reference out)",
       R"(a.toml:12:21 references of column a.k names no column | write it as "table.column")",
       "a.toml:13:56 on_delete of column a.l stands twice | take one of them out",
       R"(a.toml:19:1 a foreign key of a has 2 columns and points at 1 column | write one "table.column" for each of its columns)",
       "a.toml:22:26 columns of two tables in a foreign key of a: user and a",
       R"(a.toml:26:13 column "d" in on_delete of a foreign key of a is none of the key's | did you mean "b"?)",
       R"(a.toml:27:9 unknown match "partial" in a foreign key of a | one of simple, full)",
       R"(a.toml:28:14 unknown deferrable "deferred" in a foreign key of a | one of initially immediate, initially deferred)"});
}

TEST_CASE("mistakes: one constraint in both forms") {
  finds(R"toml([table.a.columns]
id = { type = "int?", primary_key = true }
[table.a.primary_key]
columns = ["id"]
[table.b.columns]
id = { type = "int", unique = true, index = true, check = "id > 0", references = "a.id" }
[[table.b.unique]]
columns = ["id"]
[[table.b.index]]
columns = ["id"]
[[table.b.check]]
sql = "id > 0"
[[table.b.foreign_key]]
columns = ["id"]
references = ["a.id"]
)toml",
        {"a.toml:2:15 column id of the primary key of a may not be NULL | take the ? away",
         "a.toml:3:10 the primary key of a stands in both forms | it is on column id already, line "
         "2: take one of them out",
         "a.toml:7:1 this unique stands in both forms | it is on its column already, line 6: take "
         "one of them out",
         "a.toml:9:1 this index stands in both forms | it is on its column already, line 6: take "
         "one of them out",
         "a.toml:11:1 this check stands in both forms | it is on its column already, line 6: take "
         "one of them out",
         "a.toml:13:1 this foreign key stands in both forms | it is on its column already, line 6: "
         "take one of them out"});
}

TEST_CASE("mistakes: scope and naming") {
  finds(
      R"toml([scope]
schemas = ["public", "schemasync"]
include = ["public.*"]
ignore = ["tabel:public.x", "extension:plpgsql"]
manage = ["coments", "grants", "tablespaces"]
unmanaged = "keep"
foo = 1
[naming]
index = "ix_{tabel}"
idx = "a"
unique = "foo"
[schemas.pg_x]
)toml",
      {"a.toml:2:1 schema schemasync holds the journal, and is never in scope",
       R"(a.toml:3:12 "public.*" in include of [scope] names no kind | write kind:schema.name, as in "table:public.*")",
       R"(a.toml:4:11 unknown kind "tabel" in ignore of [scope] | did you mean "table"?)",
       R"(a.toml:5:11 unknown aspect "coments" in [scope] | one of comments, grants, owners, publications, statistics, tablespaces)",
       R"(a.toml:6:13 unknown unmanaged "keep" in [scope] | one of drop, report, refuse)",
       R"(a.toml:7:1 unknown key "foo" in [scope] | known here: schemas, include, ignore, manage, unmanaged)",
       "a.toml:9:9 unknown {tabel} in index of [naming] | a name is made of {table} and {columns}",
       R"(a.toml:10:1 unknown key "idx" in [naming] | known here: primary_key, unique, check, index, foreign_key)",
       "a.toml:11:10 unique of [naming] gives all objects one name | make it of {table} and "
       "{columns}",
       "a.toml:12:10 schema pg_x is not for objects of yours | it is PostgreSQL's own"});
  finds(R"toml(schema = "app"
[scope]
schemas = ["public"]
[table.x]
)toml",
        {"a.toml:4:8 table app.x is out of the models' scope | see schemas, include and ignore of "
         "[scope], schemas/a.toml:2:2"});
}

TEST_CASE("mistakes: schemas of [scope]") {
  finds(R"toml([scope]
schemas = []
)toml",
        {"a.toml:2:1 schemas = [] names no schema: leave it out for all of them"});
  finds(R"toml([scope]
schemas = ["pub*"]
)toml",
        {"a.toml:2:1 schemas holds names, not patterns: pub* | include = [\"table:pub*.*\"] takes "
         "patterns"});
}

TEST_CASE("mistakes: renames") {
  finds(
      R"toml([table.a.columns]
a = { type = "int", renamed_from = "b" }
b = { type = "int", renamed_from = "a" }
c = { type = "int", renamed_from = ["x"] }
d = { type = "int", renamed_from = ["x", "d"] }
e = { type = "int", renamed_from = "f" }
f = { type = "int", renamed_from = "g" }
[table.b]
renamed_from = "c"
[table.c]
renamed_from = ["public.d", "b"]
[table.e]
renamed_from = "a.b.c"
[enum.m]
values = [{ value = "a", renamed_from = "b" }, { value = "b", renamed_from = "a" }, "c", "c"]
[enum.n]
)toml",
      {"a.toml:2:1 column a.a and a.b swap their names | do it in two plans, through a third name",
       "a.toml:5:1 column a.d and a.c are both renamed from a.x | one object has one new name: "
       "take it out of the other",
       "a.toml:5:1 column a.d is renamed from itself | renamed_from holds the old name: take it "
       "out",
       "a.toml:8:8 table b and c swap their names | do it in two plans, through a third name",
       R"(a.toml:13:16 renamed_from in table e is no table's name | write it as "name", or "schema.name")",
       R"(a.toml:15:1 labels "a" and "b" swap their names | do it in two plans, through a third name)",
       R"(a.toml:15:90 label "c" stands twice in enum m)",
       R"(a.toml:16:7 enum n has no values | write values = ["one", "two"], in their order)"});
}

TEST_CASE("mistakes: what cannot be said together of a column") {
  finds(
      R"toml([table.a.columns]
a = { type = "int", generated = "1", default = 2 }
b = { type = "text", identity = true }
c = { type = "int?", identity = true }
d = { type = "serial", default = 1 }
e = { type = "int", identity = { start = 0, cycl = true } }
f = { type = "int", identity = { increment = 0, min_value = 5, max_value = 4 } }
g = { type = "serial", identity = true }
i = { type = "int", check = true }
k = { type = "int", unique = 5 }
l = { type = "int", unique = { nam = "x" } }
m = { type = "int", using = { dwn = "x" } }
n = { type = "int", identity = true, default = 5 }
o = { type = "int", generated = "1", backfill = 2 }
xmin = "int"
)toml",
      {"a.toml:2:38 column a.a is generated and has a default | a generated column has its "
       "expression alone: take the default out",
       R"(a.toml:3:22 column a.b is an identity column of type text | write "smallint", "integer" or "bigint" as type)",
       "a.toml:4:14 an identity column is never NULL: column a.c | take the ? away",
       R"(a.toml:5:24 column a.d is serial and has a default | serial is a default already: write "integer" as type, or take the default out)",
       "a.toml:6:34 start in identity of column a.e is out of range | 1 to 2147483647",
       R"(a.toml:6:45 unknown key "cycl" in identity of column a.e | did you mean "cycle"?)",
       "a.toml:7:34 increment in identity of column a.f is 0",
       "a.toml:7:49 min_value in identity of column a.f is not below max_value",
       R"(a.toml:8:24 column a.g is serial and an identity column | write "integer" as type, with identity = true)",
       R"(a.toml:9:21 check in column a.i has no condition | write its SQL: check = "i > 0")",
       "a.toml:10:30 unique in column a.k must be true, a string or a table, not an integer",
       R"(a.toml:11:32 unknown key "nam" in unique of column a.l | did you mean "name"?)",
       R"(a.toml:12:21 using of column a.m has no up | write { up = "...", down = "..." })",
       R"(a.toml:12:31 unknown key "dwn" in using of column a.m | did you mean "down"?)",
       "a.toml:13:38 column a.n is an identity column and has a default | an identity column "
       "counts by its own sequence: take the default out",
       "a.toml:14:38 column a.o is generated and has a backfill | PostgreSQL computes it for the "
       "old rows too: take the backfill out",
       "a.toml:15:1 column a.xmin has the name of a system column | every table has a column of "
       "that name already: take another"});
  finds(
      R"toml([table.a.columns]
"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaäö" = "int"
b = { type = "int", index = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
[sequence.s]
type = "text"
owned_by = "a.zz"
[sequence.t]
owned_by = "zz"
[sequence.u]
cache = 0
[table.g]
grants = [{ to = "r", privileges = ["selct", "insert"], columns = ["b"] }, { privileges = "all" }, { to = "x", foo = 1 }]
owner = ""
class = 5
)toml",
      {R"(a.toml:2:1 this column name has 67 bytes; PostgreSQL stores names of at most 63 | PostgreSQL would cut it to "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")",
       R"(a.toml:3:29 this name has 68 bytes; PostgreSQL stores names of at most 63 | PostgreSQL would cut it to "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")",
       R"(a.toml:5:8 unknown type "text" in sequence s | one of smallint, integer, bigint)",
       R"(a.toml:6:12 unknown column "zz" in owned_by of sequence s | known here: b)",
       R"(a.toml:8:12 owned_by in sequence t is no column | write it as "table.column", or "schema.table.column")",
       "a.toml:10:9 cache in sequence u is out of range | at least 1",
       R"(a.toml:12:37 unknown privilege "selct" in a grant of table g | one of delete, insert, maintain, references, select, trigger, truncate, update)",
       R"(a.toml:12:68 unknown column "b" in a grant of table g)",
       "a.toml:12:76 a grant of table g has no to",
       "a.toml:12:100 a grant of table g has no privileges",
       R"(a.toml:12:112 unknown key "foo" in a grant of table g | known here: to, privileges, grantable, columns)",
       "a.toml:13:9 this owner is empty",
       "a.toml:14:9 class in table g must be a string, not an integer"});
}

TEST_CASE("mistakes: two files that declare one object or one name") {
  ModelsFolder folder;
  folder.add("a.toml", "[table.a.columns]\nid = \"int\"\n[scope]\n[naming]\n");
  folder.add("b.toml",
             "[table.a.columns]\nx = \"int\"\n[enum.a]\nvalues = [\"x\"]\n[scope]\n[naming]\n");
  folder.add("c.toml", "[table.b.columns]\nid = { type = \"int\", index = \"a\" }\n[sequence.b]\n");
  CHECK(schemasync::joined(folder.mistakes(), "\n") ==
        schemasync::joined(
            {"b.toml:1:8 table a stands in the models twice | the other one: schemas/a.toml:1:8",
             "b.toml:3:7 enum a has a name that is taken by table a | the other one: "
             "schemas/a.toml:1:8",
             "b.toml:5:2 [scope] stands in the models twice | the other one: schemas/a.toml:3:2",
             "b.toml:6:2 [naming] stands in the models twice | the other one: schemas/a.toml:4:2",
             "c.toml:2:22 index b.a has a name that is taken by table a | the other one: "
             "schemas/a.toml:1:8",
             "c.toml:3:11 sequence b has a name that is taken by table b | the other one: "
             "schemas/c.toml:1:8"},
            "\n"));
}

TEST_CASE("mistakes: a file that is no TOML is told once, and nothing that it may hold is missed") {
  ModelsFolder folder;
  folder.add("a.toml", "[table.user.columns]\nid = \n[enum.txt]\n[table.\"a\\\"b\"]\n");
  folder.add("b.toml",
             "[table.t.columns]\na = { type = \"int\", references = \"user.id\" }\nb = "
             "\"text(5)\"\nc = \"txt\"\nd = { type = \"int\", references = '\"a\"\"b\".id' }\n"
             "[sequence.s]\nowned_by = \"user.id\"\n");
  CHECK(schemasync::joined(folder.mistakes(), "\n") ==
        schemasync::joined({"a.toml:2:5 \"id\" has no value",
                            "b.toml:3:5 type text takes no modifier (column t.b)"},
                           "\n"));
}

TEST_CASE("mistakes: what a file that is no TOML does not mention is missed all the same") {
  ModelsFolder folder;
  folder.add("a.toml", "this is not toml\n");
  folder.add("b.toml",
             "[table.t.columns]\na = { type = \"int\", references = \"user.id\" }\nb = \"txt\"\n"
             "[sequence.s]\nowned_by = \"user.id\"\n");
  CHECK(schemasync::joined(folder.mistakes(), "\n") ==
        schemasync::joined(
            {"a.toml:1:1 a line is a key with a value, a [header] or a # comment",
             "b.toml:2:34 unknown table \"user\" in references of column t.a | declare it as "
             "[table.user], as [external.table.user.columns] where others make it, or take the "
             "reference out",
             "b.toml:3:5 unknown type \"txt\" of column t.b | did you mean \"text\"?",
             "b.toml:5:12 unknown table \"user\" in owned_by of sequence s | known here: t"},
            "\n"));
}

TEST_CASE("mistakes: what stands under a name that is too long is looked through all the same") {
  const std::string name(64, 'n');
  finds(("[table." + name + ".columns]\na = { type = \"txt\", unique = true }\n" +
         "[table.t.columns]\na = { type = \"int\", references = \"" + name + ".a\" }\n")
            .c_str(),
        {"a.toml:1:8 this table name has 64 bytes; PostgreSQL stores names of at most 63 | "
         "PostgreSQL would cut it to \"" +
             std::string(63, 'n') + "\"",
         "a.toml:2:14 unknown type \"txt\" of column " + name + ".a | did you mean \"text\"?"});
}
