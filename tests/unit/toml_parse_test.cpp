#include <doctest/doctest.h>

#include <filesystem>

#include "toml/document.hpp"
#include "toml/text_place.hpp"

using namespace schemasync;

namespace {

Document parsed(const std::string& text) {
  Mistakes mistakes;
  Document document = parse_toml("m.toml", text, mistakes);
  for (const Mistake& mistake : mistakes.sorted())
    FAIL_CHECK(mistake.where.to_text() << ": " << mistake.what);
  return document;
}

const Entry& entry(const Node& table, const std::string& key) {
  const Entry* found = table.find(key);
  REQUIRE_MESSAGE(found != nullptr, key);
  return *found;
}

std::vector<std::string> keys(const Node& table) {
  std::vector<std::string> names;
  for (const Entry& entry : table.entries) names.push_back(entry.key.name);
  return names;
}

}  // namespace

TEST_CASE("a scalar keeps the spelling of the file") {
  struct {
    const char* written;
    NodeKind kind;
  } const cases[] = {
      {"1_000", NodeKind::integer}, {"+5", NodeKind::integer},
      {"0xFF", NodeKind::integer},  {"-0.50", NodeKind::floating},
      {"1e5", NodeKind::floating},  {"inf", NodeKind::floating},
      {"true", NodeKind::boolean},  {"1979-05-27", NodeKind::date},
      {"07:32:00", NodeKind::time}, {"1979-05-27 07:32:00Z", NodeKind::datetime},
  };
  for (const auto& c : cases) {
    CAPTURE(c.written);
    const Document document = parsed("a = " + std::string(c.written) + "  # note\n");
    const Node& value = entry(document.root, "a").value;
    CHECK(value.kind == c.kind);
    CHECK(value.text == c.written);
  }
  const Document document = parsed("\"é\" = { x = 'é', n = -0.50, l = [ 10_0 ] }\r\nb = 0x1F\r\n");
  const Node& table = entry(document.root, "é").value;
  CHECK(entry(table, "n").value.text == "-0.50");
  CHECK(entry(table, "l").value.elements.at(0).text == "10_0");
  CHECK(entry(table, "l").value.elements.at(0).integer == 100);
  CHECK(entry(document.root, "b").value.integer == 31);
}

TEST_CASE("tables keep the order of the file") {
  const Document document = parsed(R"(
[table.user.columns]
zeta = "text"
alpha.type = "text"
"Odd. Name" = { type = "int", check = "x" }
beta = 1
alpha.unique = true
[table.user]
comment = "late"
[table.account.columns]
id = 1
)");
  const Node& tables = entry(document.root, "table").value;
  CHECK(keys(tables) == std::vector<std::string>{"user", "account"});
  const Node& user = entry(tables, "user").value;
  CHECK(keys(user) == std::vector<std::string>{"columns", "comment"});
  const Node& columns = entry(user, "columns").value;
  CHECK(keys(columns) == std::vector<std::string>{"zeta", "alpha", "Odd. Name", "beta"});
  CHECK(columns.form == TableForm::header);
  CHECK(entry(columns, "alpha").value.form == TableForm::dotted);
  CHECK(keys(entry(columns, "alpha").value) == std::vector<std::string>{"type", "unique"});
  CHECK(entry(columns, "Odd. Name").value.form == TableForm::in_line);
}

TEST_CASE("places are lines and code points, lengths what is underlined") {
  const Document document =
      parsed("a = 1\n\"é k\" = { \"ü\" = 'äö', b = [1, 22] }\nm = '''x\ny'''\n");
  const Entry& outer = entry(document.root, "é k");
  CHECK(outer.key.where == Source{"m.toml", 2, 1});
  CHECK(outer.key.length == 5);
  const Entry& inner = entry(outer.value, "ü");
  CHECK(inner.key.where == Source{"m.toml", 2, 11});
  CHECK(inner.value.where == Source{"m.toml", 2, 17});
  CHECK(inner.value.length == 4);
  const Node& second = entry(outer.value, "b").value.elements.at(1);
  CHECK(second.where.column == 31);
  CHECK(second.length == 2);
  CHECK(entry(document.root, "m").value.length == 4);
  CHECK(place_of(document, inner.value, "ö") == Source{"m.toml", 2, 19});
  CHECK(place_of(document, entry(document.root, "m").value, "y") == Source{"m.toml", 4, 1});
  CHECK(place_of(document, inner.value, "nowhere") == inner.value.where);
}

TEST_CASE("files of every shape are read") {
  CHECK(parsed("").root.entries.empty());
  CHECK(parsed("\n\n# only this").root.entries.empty());
  CHECK(entry(parsed("\xEF\xBB\xBF"
                     "a = 1")
                  .root,
              "a")
            .key.where.column == 1);
  std::string wide = "a = [";
  for (int i = 0; i < 200'000; ++i) wide += "'é', ";
  CHECK(entry(parsed(wide + "]").root, "a").value.elements.at(199'999).where.column ==
        6 + 199'999 * 5);
}

TEST_CASE("what is no TOML is one mistake, in our words and with what to write") {
  struct {
    std::string text;
    std::string place;
    std::string what;  // a part of it
    std::string hint;
  } const cases[] = {
      {"user_id = {\n    type = \"integer\",  # x\n    references = \"user.id\" }\n", "m.toml:1:12",
       "must end on the line where it starts",
       "write one line, or dotted keys:\n  user_id.type       = \"integer\"\n  user_id.references "
       "= \"user.id\""},
      {"[table.a.columns]\nid = { type = \"x\",\n", "m.toml:2:19", "must end on the line",
       "close it with }"},
      {"id = { # the key\n  type = \"x\" }\n", "m.toml:1:17", "must end on the line",
       "write one line, or dotted keys:\n  id.type = \"x\""},
      {"a = { b = 1, }", "m.toml:1:12", "a comma stands before the closing }", "take it out"},
      {"a = { b = 1 c = 2 }", "m.toml:1:13", "a comma is missing", ""},
      {"a = [1 2]", "m.toml:1:8", "a comma is missing", ""},
      {"a = [1,\nb = 2", "m.toml:1:5", "no closing ]", ""},
      {"a = 1\na = 2", "m.toml:2:1", "\"a\" is defined twice", "first on line 1: keep one of them"},
      {"[t.c]\nx = 1\n\n[t.d]\nx = 1\n\"x\" = 1", "m.toml:6:1", "\"\"x\"\" is defined twice",
       "first on line 5: keep one of them"},
      {"a = { b = 1, b = 2 }", "m.toml:1:14", "\"b\" is defined twice", "keep one of them"},
      {"[table.a]\nx = 1\n[table.a]\n", "m.toml:3:1", "[table.a] is defined twice",
       "first on line 1: keep one of them; several of one kind are written [[table.a]]"},
      {"[a]\n[[a]]\n", "m.toml:2:1", "[[a]] is defined twice",
       "first on line 1: every one of them is written [[a]]"},
      {"a = \"abc\nb = 1\n", "m.toml:1:5", "no closing \"",
       "a string of several lines stands in three quotes: '''...'''"},
      {"a = '''abc\nb = 1\n", "m.toml:1:5", "no closing '''", ""},
      {"a = \"\\d+\"", "m.toml:1:6", "a \\ starts an escape",
       "write \\\\, or the whole string in single quotes: '...'"},
      {"title = varchar(20)?  # x", "m.toml:1:9", "a string needs quotes",
       "write title = \"varchar(20)?\""},
      {"a = { type = numeric(12,2), b = 1 }", "m.toml:1:14", "a string needs quotes",
       "write type = \"numeric(12,2)\""},
      {"a = True", "m.toml:1:5", "lower case", "write true"},
      {"a = { default = None }", "m.toml:1:17", "TOML has no None",
       "leave the key out; a nullable column has a ? behind its type: \"varchar?\""},
      {"a = 99999999999999999999", "m.toml:1:5", "more than 64 bits",
       "write it in quotes: \"99999999999999999999\""},
      {"a = 007", "m.toml:1:5", "leading zeros", "write it without them, or a string in quotes"},
      {"a = .5", "m.toml:1:5", "starts with a digit", "write 0.5"},
      {"a: 1", "m.toml:1:2", "followed by =, not by :", ""},
      {"a", "m.toml:1:1", "a line is a key with a value", ""},
      {" = 1", "m.toml:1:2", "a key is missing before =", ""},
      {"a =", "m.toml:1:4", "\"a\" has no value", ""},
      {"a = 1,", "m.toml:1:6", "a line ends without ,", "take it out"},
      {"a = 1;", "m.toml:1:6", "a line ends without ;", "take it out"},
      {"a = 1 -- x", "m.toml:1:7", "a comment starts with #", ""},
      {"// x", "m.toml:1:1", "a comment starts with #", ""},
      {"é = 1", "m.toml:1:1", "this key needs quotes",
       "a name with anything but A-Z a-z 0-9 _ - is quoted: \"é\" = ..."},
      {"[table.a", "m.toml:1:1", "no closing ]", ""},
      {"[table.Order Lines]", "m.toml:1:14", "needs quotes in a header",
       "a name with anything but A-Z a-z 0-9 _ - is quoted: [table.\"Order Lines\"]"},
      {"[a] b = 1", "m.toml:1:5", "keys stand on the lines below", ""},
      {"a = \"ok\"\nb = \"\xff\"", "m.toml:2:6", "not UTF-8", "save the file as UTF-8"},
      {std::string("\xFF\xFE"
                   "a\0",
                   4),
       "m.toml:1:1", "UTF-16", "save it as UTF-8"},
      {std::string("a = \"x\0y\"", 9), "m.toml:1:7", "control character",
       "write it as an escape in double quotes, such as \\u0001"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    Mistakes mistakes;
    const Document document = parse_toml("m.toml", c.text, mistakes);
    CHECK_FALSE(document.parsed);
    const std::vector<Mistake> all = mistakes.sorted();
    REQUIRE(all.size() == 1);
    CHECK(all[0].where.to_text() == c.place);
    CHECK_MESSAGE(all[0].what.find(c.what) != std::string::npos, all[0].what);
    if (c.what != "a line is a key with a value") CHECK(all[0].hint == c.hint);
  }
}

TEST_CASE("hostile nesting is a mistake, not a crash") {
  const auto repeated = [](const std::string& part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += part;
    return text;
  };
  for (const std::string& text :
       {"a = " + repeated("[", 100'000), "a = " + repeated("{a=", 100'000),
        "[" + repeated("a.", 1'000'000) + "a]", "[" + repeated("a.", 5'000) + "a]",
        repeated("a.", 200'000) + "a = 1", "a = " + repeated("[", 150) + repeated("]", 150)}) {
    Mistakes mistakes;
    parse_toml("m.toml", text, mistakes);
    CHECK(mistakes.sorted().size() == 1);
  }
}

TEST_CASE("any cut of a good file is read or refused") {
  const std::string whole =
      "[table.\"x y\".columns]\nid = { type = \"int\", d = 'é' }\nl = [1, { a = '''q\n''' }]\n"
      "b.\"c\" = \"\"\"\\t\"\"\" # z\n[[table.t.index]]\ncolumns = [\"a\"]\n";
  for (std::size_t length = 0; length <= whole.size(); ++length)
    for (const char* tail : {"", "\"", "}", "]", "=", "\n[x]\n", "\\"}) {
      Mistakes mistakes;
      const Document document = parse_toml("m.toml", whole.substr(0, length) + tail, mistakes);
      CHECK(document.parsed == mistakes.empty());
    }
}

TEST_CASE("a file that cannot be read is a mistake without a line") {
  Mistakes mistakes;
  read_toml("/nonexistent/x.toml", "x.toml", mistakes);
  read_toml(std::filesystem::temp_directory_path(), "folder", mistakes);
  CHECK(mistakes.files_read() == 2);
  const std::vector<Mistake> all = mistakes.sorted();
  REQUIRE(all.size() == 2);
  CHECK(all[0].what == "this is a folder, not a file");
  CHECK(all[1].what == "the file cannot be read: No such file or directory");
  CHECK(all[1].where.line == 0);
}

TEST_CASE("UTF-8 is judged by its definition") {
  for (const char* good : {"", "a", "é", "\u20ac", "\U0001F600", "\xF4\x8F\xBF\xBF"})
    CHECK(first_invalid_utf8(good) == std::string_view::npos);
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"})
    CHECK(first_invalid_utf8(bad) == 0);
  CHECK(first_invalid_utf8("ab\xC3(") == 2);
}
