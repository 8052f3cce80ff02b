#include <doctest/doctest.h>

#include "toml/document.hpp"
#include "toml/habits.hpp"
#include "toml/section.hpp"

using namespace schemasync;

namespace {

enum class Size { small, large };

std::vector<std::string> shown(const Mistakes& mistakes) {
  std::vector<std::string> lines;
  for (const Mistake& m : mistakes.sorted())
    lines.push_back(std::to_string(m.where.line) + ":" + std::to_string(m.where.column) + "+" +
                    std::to_string(m.length) + " " + m.what +
                    (m.hint.empty() ? "" : " | " + m.hint));
  return lines;
}

}  // namespace

TEST_CASE("a section reads every type with its place") {
  Mistakes mistakes;
  const Document document = parse_toml("m.toml", R"(
type = "integer?"
unique = true
start = 1000
columns = ["a", "b"]
references = "user.id"
size = "large"
sql = "a > 1"
inner = { x = 1 }
[[list]]
a = 1
[[list]]
a = 2
)",
                                       mistakes);
  Section section(document.root, "column a.b", mistakes);
  const auto type = section.required_text("type");
  REQUIRE(type);
  CHECK(type->text == "integer?");
  CHECK(type->where == Source{"m.toml", 2, 8});
  CHECK(type->length == 10);
  CHECK(section.flag("unique") == true);
  CHECK(section.integer("start") == 1000);
  CHECK(section.text_list("columns")->at(1).where.column == 17);
  CHECK(section.text_or_list("references")->at(0).text == "user.id");
  CHECK(section.choice<Size>("size", {{"small", Size::small}, {"large", Size::large}}) ==
        Size::large);
  CHECK(section.expression("sql")->text == "a > 1");
  CHECK(section.section("inner", "x")->integer("x") == 1);
  CHECK(section.sections("list", "y").at(1).integer("a") == 2);
  CHECK_FALSE(section.text("absent"));
  section.finish();
  CHECK(shown(mistakes).empty());
}

TEST_CASE("wrong types, ranges and words are mistakes, and reading goes on") {
  Mistakes mistakes;
  const Document document = parse_toml("m.toml", R"(t = 1
f = "yes"
i = 1.5
r = 200
l = ["a", 1]
o = true
w = "larg"
e = " "
s = [1]
c = false
n = ""
[list]
)",
                                       mistakes);
  Section section(document.root, "index ix", mistakes);
  CHECK_FALSE(section.text("t"));
  CHECK_FALSE(section.flag("f"));
  CHECK_FALSE(section.integer("i"));
  CHECK_FALSE(section.integer("r", 10, 100));
  CHECK_FALSE(section.text_list("l"));
  CHECK_FALSE(section.text_or_list("o"));
  CHECK_FALSE(section.choice<Size>("w", {{"small", Size::small}, {"large", Size::large}}));
  CHECK_FALSE(section.expression("e"));
  CHECK_FALSE(section.section("s", "s"));
  CHECK_FALSE(section.expression("c"));
  CHECK_FALSE(section.name("n"));
  CHECK(section.sections("list", "list").empty());
  CHECK_FALSE(section.required_text("columns"));
  section.finish();
  CHECK(shown(mistakes) ==
        std::vector<std::string>{
            "1:1+1 index ix has no columns",
            "1:5+1 t in index ix must be a string, not an integer",
            "2:5+5 f in index ix must be true or false, not a string",
            "3:5+3 i in index ix must be an integer, not a number with a fraction",
            "4:5+3 r in index ix is out of range | 10 to 100",
            "5:5+8 l in index ix must be a list of strings, not a list of something else",
            "6:5+4 o in index ix must be a string or a list of strings, not true",
            "7:5+6 unknown w \"larg\" in index ix | one of small, large",
            "8:5+3 e in index ix is empty | write its SQL, or take the key out",
            "9:5+3 s in index ix must be a table, not a list",
            "10:5+5 c in index ix must be SQL in a string, not false",
            "11:5+2 this n is empty",
            "12:1+6 list in index ix is a list: its header has two brackets | write [[...]] where "
            "[...] stands",
        });
}

TEST_CASE("keys that no reader asked for are rejected once, with what may have been meant") {
  Mistakes mistakes;
  const Document document =
      parse_toml("m.toml", "c = { type = 'x', uniqe = true, zzz = 1, check = 'y' }", mistakes);
  const Entry* column = document.root.find("c");
  Section section(column->value, column->key, "column t.c", mistakes);
  const auto read_column = [](Section& s) { s.text("type"); };
  const auto read_keys = [](Section& s) { s.flag("unique"); };
  const auto read_checks = [](Section& s) { s.any("check"); };
  read_column(section);
  read_keys(section);
  read_checks(section);
  section.finish();
  section.finish();
  CHECK(shown(mistakes) ==
        std::vector<std::string>{
            "1:19+5 unknown key \"uniqe\" in column t.c | did you mean \"unique\"?",
            "1:33+3 unknown key \"zzz\" in column t.c | known here: type, unique, check"});
}

TEST_CASE("names that PostgreSQL cannot store are refused") {
  const std::string longest(63, 'x');
  Mistakes mistakes;
  CHECK(is_name({longest, {}, 1}, "name", mistakes));
  CHECK(mistakes.empty());
  CHECK_FALSE(is_name({std::string(62, 'x') + "é", {}, 1}, "name", mistakes));
  CHECK(shown(mistakes) ==
        std::vector<std::string>{"0:0+1 this name has 64 bytes; PostgreSQL stores names of at most "
                                 "63 | PostgreSQL would cut it to \"" +
                                 std::string(62, 'x') + "\""});
}

TEST_CASE("habits from ORMs get a hint that says how it is written here") {
  struct {
    const char* written;
    const char* hint;
  } const cases[] = {
      {"{ type = 'varchar', nullable = true }",
       "a nullable column is marked on its type: notes = \"varchar?\""},
      {"{ type = 'varchar', null = true, default = 'x' }",
       "a nullable column is marked on its type: type = \"varchar?\""},
      {"{ type = 'varchar', nullable = false }",
       "a column is NOT NULL unless a ? stands behind its type: take the key out"},
      {"{ type = 'varchar', not_null = true }",
       "a column is NOT NULL unless a ? stands behind its type: take the key out"},
      {"{ type = 'varchar', required = false }",
       "a nullable column is marked on its type: notes = \"varchar?\""},
      {"{ type = 'integer', foreign_key = 'user.id' }", "write references = \"user.id\""},
      {"{ type = 'integer', foreignKey = { table = 'x' } }", "write references = \"table.column\""},
      {"{ type = 'integer', autoincrement = true }",
       "write type = \"serial\", or identity = true on an integer type"},
      {"{ type = 'integer', pk = true }", "write primary_key = true"},
      {"{ type = 'integer', onDelete = 'CASCADE' }", "write on_delete = \"cascade\""},
      {"{ type = 'varchar', max_length = 20 }", "the length is part of the type: \"varchar(20)\""},
      {"{ type = 'timestamptz', server_default = 'now()' }", "write default = { sql = \"now()\" }"},
      {"{ type = 'text', description = 'x' }", "write comment = \"x\""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.written);
    Mistakes mistakes;
    const Document document = parse_toml("m.toml", "notes = " + std::string(c.written), mistakes);
    const Entry* column = document.root.find("notes");
    REQUIRE(column != nullptr);
    CHECK(column_habit("notes", column->value, column->value.entries.at(1)) == c.hint);
  }
}

TEST_CASE("habits on tables too") {
  Mistakes mistakes;
  const Document document = parse_toml("m.toml", R"([table."My T"]
indexes = []
id = { type = "serial" }
tablename = "x"
zzz = 1
)",
                                       mistakes);
  const Node& table = document.root.find("table")->value.find("My T")->value;
  const auto hint = [&](std::size_t i) { return table_habit("My T", table.entries.at(i)); };
  CHECK(hint(0) == "each index is a [[table.\"My T\".index]]");
  CHECK(hint(1) == "the columns stand under [table.\"My T\".columns]");
  CHECK(hint(2) == "the table's name is in its header; renamed_from = \"...\" says what it was");
  CHECK(hint(3).empty());
}
