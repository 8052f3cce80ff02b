#include <doctest/doctest.h>

#include <random>

#include "toml/document.hpp"
#include "toml/writer.hpp"

using namespace schemasync;

namespace {

std::string read_back(const Toml& value) {
  Mistakes mistakes;
  const Document document = parse_toml("m.toml", "a = " + value.text + "\n", mistakes);
  for (const Mistake& m : mistakes.sorted()) FAIL_CHECK(value.text << ": " << m.what);
  const Entry* entry = document.root.find("a");
  return entry == nullptr ? "<none>" : entry->value.text;
}

}  // namespace

TEST_CASE("what is written parses back to the same text") {
  const std::string texts[] = {"",
                               "plain",
                               "it's",
                               "say \"hi\"",
                               "both ' and \"",
                               "back\\slash",
                               "\\d+ '",
                               "tab\there",
                               "line\nline",
                               "\n",
                               "\n\nx",
                               "ends in quote'",
                               "a\nends in quotes''",
                               "a\n'''\nb",
                               "a\n\"\"\"\nb'",
                               "a\n\"\"\"\"\"\"\"'''",
                               "a\r\nb",
                               "a\n\r\n'",
                               "\x01\x7f",
                               "a\n\x01",
                               "é 😀",
                               "a\\\nb'''",
                               "trailing \\\n",
                               std::string("zero\0byte", 9)};
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK(read_back(toml_text(text)) == text);
    CHECK(read_back(toml_lines(text)) == text);
    Mistakes mistakes;
    const Document document = parse_toml("m.toml", toml_key(text) + " = 1", mistakes);
    CHECK(mistakes.empty());
    CHECK((document.root.entries.size() == 1 && document.root.entries[0].key.name == text));
  }
}

TEST_CASE("random texts of hard characters parse back") {
  std::mt19937 random(20);
  const std::string_view hard = "'\"\\\n\r\t a{}=#$";
  std::uniform_int_distribution<std::size_t> pick(0, hard.size() - 1);
  for (int round = 0; round < 3'000; ++round) {
    std::string text;
    for (int i = round % 12; i > 0; --i) text += hard[pick(random)];
    CAPTURE(text);
    REQUIRE(read_back(toml_text(text)) == text);
    REQUIRE(read_back(toml_lines(text)) == text);
  }
}

TEST_CASE("values look as a person would write them") {
  CHECK(toml_key("user_id") == "user_id");
  CHECK(toml_key("Odd. Name") == "\"Odd. Name\"");
  CHECK(toml_key("") == "\"\"");
  CHECK(toml_path({"table", "Order Lines", "columns"}) == "table.\"Order Lines\".columns");
  CHECK(toml_text("varchar?").text == "\"varchar?\"");
  CHECK(toml_text("position('@' in email) > 1").text == "\"position('@' in email) > 1\"");
  CHECK(toml_text("\"a.b\".id").text == "'\"a.b\".id'");
  CHECK(toml_lines("SELECT 1\nFROM t").text == "'''\nSELECT 1\nFROM t'''");
  CHECK(toml_texts({"a", "b c"}).text == "[\"a\", \"b c\"]");
  CHECK(toml_table({{"type", toml_text("serial")}, {"primary_key", toml_flag(true)}}).text ==
        "{ type = \"serial\", primary_key = true }");
}

TEST_CASE("numbers keep their digits, or become strings") {
  struct {
    const char* digits;
    const char* written;
  } const cases[] = {{"0", "0"},
                     {"-5", "-5"},
                     {"0.00", "0.00"},
                     {"12.50", "12.50"},
                     {"9223372036854775807", "9223372036854775807"},
                     {"9223372036854775808", "\"9223372036854775808\""},
                     {"007", "\"007\""},
                     {".5", "\".5\""},
                     {"1.", "\"1.\""},
                     {"NaN", "\"NaN\""},
                     {"1e5", "\"1e5\""},
                     {"", "\"\""}};
  for (const auto& c : cases) {
    CHECK(toml_number(c.digits).text == c.written);
    CHECK(read_back(toml_number(c.digits)) == c.digits);
  }
}

TEST_CASE("a file is laid out like the hand-written ones") {
  TomlWriter writer;
  writer.header({"table", "expense"});
  writer.block({{"comment", toml_text("What was spent.")}});
  writer.header({"table", "expense", "columns"});
  writer.block(
      {{"id", toml_table({{"type", toml_text("serial")}, {"primary_key", toml_flag(true)}})},
       {"reviewed_by", toml_text("integer?")},
       {"amount", toml_table({{"type", toml_text("numeric(12,2)")},
                              {"check", toml_text(std::string(80, 'x'))},
                              {"comment", toml_text("long")}})},
       {"total", toml_table({{"type", toml_text("numeric")},
                             {"generated", toml_table({{"sql", toml_lines("a\n+ b")}})}})},
       {"notes", toml_text("text?")}});
  writer.list_header({"table", "expense", "index"});
  writer.block({{"columns", toml_texts({"reviewed_by"})}, {"unique", toml_flag(true)}});
  const std::string expected = R"x([table.expense]
comment = "What was spent."

[table.expense.columns]
id          = { type = "serial", primary_key = true }
reviewed_by = "integer?"
amount.type    = "numeric(12,2)"
amount.check   = "LONG"
amount.comment = "long"
total.type          = "numeric"
total.generated.sql = '''
a
+ b'''
notes       = "text?"

[[table.expense.index]]
columns = ["reviewed_by"]
unique  = true
)x";
  std::string shown = writer.str();
  const std::size_t at = shown.find(std::string(80, 'x'));
  REQUIRE(at != std::string::npos);
  CHECK(shown.replace(at, 80, "LONG") == expected);
  Mistakes mistakes;
  CHECK(parse_toml("m.toml", writer.str(), mistakes).parsed);
}
