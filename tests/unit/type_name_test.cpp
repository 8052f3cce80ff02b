#include "kinds/type_name.hpp"

#include <doctest/doctest.h>

#include "kinds/schema_of.hpp"

using namespace schemasync;

namespace {

struct Spelling {
  const char* written;
  const char* printed;  // as format_type printed it on PostgreSQL 15; "" = not built in
};

constexpr Spelling spellings[] = {
    {"int", "integer"},
    {"INT4", "integer"},
    {"int2", "smallint"},
    {"int8", "bigint"},
    {"pg_catalog.int4", "integer"},
    {"_int4", "integer[]"},
    {"_text", "text[]"},
    {"_char", "\"char\"[]"},
    {"float", "double precision"},
    {"float(24)", "real"},
    {"float(25)", "double precision"},
    {"float8", "double precision"},
    {"double precision", "double precision"},
    {"float4", "real"},
    {"dec(5)", "numeric(5,0)"},
    {"decimal(12,2)", "numeric(12,2)"},
    {"numeric(12, 2)", "numeric(12,2)"},
    {"numeric (12,2)", "numeric(12,2)"},
    {"numeric(3,-2)", "numeric(3,-2)"},
    {"numeric", "numeric"},
    {"bool", "boolean"},
    {"char", "character(1)"},
    {"char(5)", "character(5)"},
    {"bpchar", "bpchar"},
    {"bpchar(5)", "character(5)"},
    {"nchar(3)", "character(3)"},
    {"varchar", "character varying"},
    {"varchar(20)", "character varying(20)"},
    {"character varying (20)", "character varying(20)"},
    {"national character varying(3)", "character varying(3)"},
    {"\"char\"", "\"char\""},
    {"\"varchar\"", "character varying"},
    {"pg_catalog.varchar(3)", "character varying(3)"},
    {"pg_catalog.char", "\"char\""},
    {"bit", "bit(1)"},
    {"bit(5)", "bit(5)"},
    {"\"bit\"", "\"bit\""},
    {"bit varying(5)", "bit varying(5)"},
    {"varbit", "bit varying"},
    {"timestamp", "timestamp without time zone"},
    {"timestamp(3)", "timestamp(3) without time zone"},
    {"timestamptz", "timestamp with time zone"},
    {"timestamptz(3)", "timestamp(3) with time zone"},
    {"TIMESTAMP(3) WITH TIME ZONE", "timestamp(3) with time zone"},
    {"timestamp without time zone", "timestamp without time zone"},
    {"\"timestamp\"", "timestamp without time zone"},
    {"time(3)", "time(3) without time zone"},
    {"timetz(2)", "time(2) with time zone"},
    {"time(2) with time zone", "time(2) with time zone"},
    {"interval", "interval"},
    {"interval(3)", "interval(3)"},
    {"interval year to month", "interval year to month"},
    {"interval day to second(3)", "interval day to second(3)"},
    {"interval second(3)", "interval second(3)"},
    {"int[]", "integer[]"},
    {"int[3]", "integer[]"},
    {"int[][]", "integer[]"},
    {"int4 []", "integer[]"},
    {"int array", "integer[]"},
    {"int array[3]", "integer[]"},
    {"varchar(20)[]", "character varying(20)[]"},
    {"timestamptz(3)[]", "timestamp(3) with time zone[]"},
    {"bit[]", "bit(1)[]"},
    {"jsonb", "jsonb"},
    {"INT4RANGE", "int4range"},
    {"name", "name"},
    {"uuid", "uuid"},
    {"citext", ""},
    {"\"integer\"", ""},
    {"app.mood", ""},
    {"double", ""},
};

}  // namespace

TEST_CASE("built-in types have one spelling, PostgreSQL's") {
  for (const Spelling& one : spellings) {
    CAPTURE(one.written);
    CHECK(canonical_type(one.written).value_or("") == one.printed);
    if (*one.printed != '\0') CHECK(canonical_type(one.printed).value_or("") == one.printed);
  }
}

TEST_CASE("what PostgreSQL refuses as a type is refused with a reason") {
  const std::pair<const char*, const char*> cases[] = {
      {"varchar(0)", "the length of varchar must be 1 to 10485760"},
      {"numeric(1001)", "the precision of numeric must be 1 to 1000"},
      {"float(54)", "the precision in bits of float must be 1 to 53"},
      {"timestamp(7)", "the digits of a second of timestamp must be 0 to 6"},
      {"text(5)", "type text takes no modifier"},
      {"varchar(20, 3)", "type varchar takes fewer modifiers"},
      {"varchar(x)", "what stands in its parentheses must be numbers"},
      {"interval(3) day", "this is not a type"},
      {"interval year(3)", "only seconds take digits in interval year"},
      {"timestamp with time zone(3)", "the digits of a second stand behind timestamp"},
      {"record", "record is a pseudo-type, which no column can have"},
      {"unsigned int", "this is not a type"},
      {"text?[]", "this is not a type"},
      {"a.b.c", "this is not a type"},
      {"\"open", "this is not a type"},
      {"", "this is not a type"},
  };
  for (const auto& [written, problem] : cases) {
    CAPTURE(written);
    CHECK(parse_type(written).problem == problem);
  }
}

TEST_CASE("a type that is not built in keeps its name as it is stored") {
  CHECK(parse_type("Mood").user == UserType{"", "mood", "", false});
  CHECK(parse_type("app.\"Order State\"[]").user == UserType{"app", "Order State", "", true});
  CHECK(parse_type("geometry(Point, 4326)").user ==
        UserType{"", "geometry", "(Point,4326)", false});
  CHECK(parse_type("\"Order State\"[]").user->spelled("app") == "app.\"Order State\"[]");
  CHECK(parse_type("\"order\"").user->spelled("public") == "public.\"order\"");
}

TEST_CASE("names are quoted as quote_ident quotes them") {
  const std::pair<const char*, const char*> cases[] = {
      {"mood", "mood"},       {"Mood", "\"Mood\""},    {"user", "\"user\""}, {"a b", "\"a b\""},
      {"a\"b", "\"a\"\"b\""}, {"a$b", "\"a$b\""},      {"1a", "\"1a\""},     {"größe", "\"größe\""},
      {"schema", "schema"},   {"_a1", "_a1"},          {"name", "name"},     {"", "\"\""},
      {"int4", "int4"},       {"select", "\"select\""}};
  for (const auto& [name, quoted] : cases) CHECK(quote_ident(name) == quoted);
}

TEST_CASE("near misses of built-in names are told from other types") {
  const auto near = [](const char* name) { return near_miss({"", name, "", false}).value_or(""); };
  CHECK(near("varchr") == "varchar");
  CHECK(near("txt") == "text");
  CHECK(near("test").empty());
  CHECK(near("varhcar") == "varchar");
  CHECK(near("integr") == "integer");
  CHECK(near("boolan") == "boolean");
  CHECK(near("timestmap") == "timestamp");
  CHECK(near("jsonbb") == "jsonb");
  for (const char* other :
       {"citext", "hstore", "ltree", "mood", "cube", "geometry", "state", "vector"}) {
    CAPTURE(other);
    CHECK(near(other) == "");
  }
}

TEST_CASE("types of the models and the server are found in the table's schema, then in public") {
  Schema schema;
  const auto add = [&](const char* in, const char* name, const char* type) {
    Column column;
    column.id = {"column", in, "t", name};
    column.type = type;
    schema.add(std::move(column));
  };
  Enum mood;
  mood.id = {"enum", "app", "", "mood"};
  schema.add(std::move(mood));
  add("app", "a", "mood");
  add("app", "b", "citext[]");
  add("public", "c", "mood");
  add("public", "d", "app.mood");
  add("public", "e", "datetime");
  add("public", "f", "integer");
  const std::vector<Mistake> mistakes = resolve_types(schema, {{"public", "citext"}});
  const auto type = [&](const char* in, const char* name) {
    return schema.find<Column>({"column", in, "t", name})->type;
  };
  CHECK(type("app", "a") == "app.mood");
  CHECK(type("app", "b") == "public.citext[]");
  CHECK(type("public", "d") == "app.mood");
  CHECK(type("public", "f") == "integer");
  REQUIRE(mistakes.size() == 2);
  CHECK(mistakes[0].what ==
        "column t.c has a type that neither the models nor the server know: mood");
  CHECK(mistakes[1].hint == "did you mean \"timestamp\"?");
}
