#include <doctest/doctest.h>

#include "render/mistakes.hpp"

using namespace schemasync;

namespace {

std::string shown(const std::vector<Mistake>& mistakes, int files, const std::string& line,
                  MistakesStyle style = {}) {
  return mistakes_text(
      mistakes, files,
      [&](const Source& where) -> std::optional<std::string> {
        if (where.line < 1) return std::nullopt;
        return line;
      },
      style);
}

}  // namespace

TEST_CASE("a mistake is shown with its line, an underline and what to do") {
  const std::vector<Mistake> mistakes = {
      {{"schemas/expense.toml", 12, 42},
       8,
       "unknown key \"nullable\" in column expense.notes",
       "a nullable column is marked on its type: notes = \"varchar?\""},
      {{"schemas/notification.toml", 3, 12},
       1,
       "a table must end",
       "write one line:\n  user_id.type = \"integer\""},
      {{"schemas/x.toml", 0, 0}, 1, "the file cannot be read", ""}};
  CHECK(shown(mistakes, 12, "notes              = { type = \"varchar\", nullable = true }") ==
        R"(schemas/expense.toml:12:42: unknown key "nullable" in column expense.notes
   12 | notes              = { type = "varchar", nullable = true }
      |                                          ^^^^^^^^
      a nullable column is marked on its type: notes = "varchar?"

schemas/notification.toml:3:12: a table must end
    3 | notes              = { type = "varchar", nullable = true }
      |            ^
      write one line:
        user_id.type = "integer"

schemas/x.toml: the file cannot be read

3 mistakes in 3 of 12 files. No database was contacted.
)");
}

TEST_CASE("the underline counts code points and stays on its line") {
  struct {
    std::string line;
    int column;
    int length;
    std::string block;
  } const cases[] = {
      {"é = 'ü' # x", 5, 3, "    1 | é = 'ü' # x\n      |     ^^^\n"},
      {"ab", 3, 1, "    1 | ab\n      |   ^\n"},
      {"ab", 2, 50, "    1 | ab\n      |  ^\n"},
      {"\tab", 2, 2, "    1 |  ab\n      |  ^^\n"},
      {"a\xff\x62", 2, 1, "    1 | a?b\n      |  ^\n"},
      {"", 1, 1, "    1 | \n      | ^\n"},
  };
  for (const auto& c : cases)
    CHECK(shown({{{"f", 1, c.column}, c.length, "w", ""}}, 1, c.line) ==
          "f:1:" + std::to_string(c.column) + ": w\n" + c.block +
              "\n1 mistake in 1 file. No database was contacted.\n");
}

TEST_CASE("a long line is cut around the underline") {
  const std::string line = std::string(300, 'a') + "HERE" + std::string(300, 'b');
  const std::string text = shown({{{"f", 7, 301}, 4, "w", ""}}, 1, line, {.contacted = true});
  CHECK(text == "f:7:301: w\n    7 | ..." + std::string(17, 'a') + "HERE" + std::string(65, 'b') +
                    "...\n      | " + std::string(20, ' ') + "^^^^\n\n1 mistake in 1 file.\n");
}

TEST_CASE("passwords in a shown line are masked") {
  struct {
    std::string line;
    std::string masked;
  } const cases[] = {
      {"url = \"postgresql://u:s3cret@h/db\"", "url = \"postgresql://u:******@h/db\""},
      {"url = 'postgres://u:a@b:c@h:5432/db'", "url = 'postgres://u:*****@h:5432/db'"},
      {"url = 'postgres://u@h:5432/db'", "url = 'postgres://u@h:5432/db'"},
      {"url = 'host=h password=abc dbname=x'", "url = 'host=h password=*** dbname=x'"},
      {"url = 'postgres://h/db?user=u&password=abc&x=1'",
       "url = 'postgres://h/db?user=u&password=***&x=1'"},
      {"password_hash = 'varchar'", "password_hash = 'varchar'"},
  };
  for (const auto& c : cases)
    CHECK(shown({{{"f", 1, 1}, 3, "w", ""}}, 1, c.line).find("    1 | " + c.masked + "\n") !=
          std::string::npos);
}
