#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "code/search.hpp"
#include "code/words.hpp"

using namespace schemasync;
namespace fs = std::filesystem;

namespace {

// The lines on which `name` is found.
std::vector<int> lines_with(const std::string& name, std::string_view text, bool classes = false) {
  Words words;
  words.add("another", false);
  const std::size_t number = words.add(name, classes);
  std::vector<int> lines;
  for (const WordHit& hit : words.in(text))
    if (hit.name == number) lines.push_back(hit.line);
  return lines;
}

using Lines = std::vector<int>;

class Tree {
 public:
  Tree() {
    std::string name = (fs::temp_directory_path() / "schemasync_code_XXXXXX").string();
    root = fs::canonical(mkdtemp(name.data()));
  }
  ~Tree() {
    std::error_code ignored;
    fs::remove_all(root, ignored);
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  void write(const fs::path& name, const std::string& text) const {
    fs::create_directories((root / name).parent_path());
    std::ofstream(root / name, std::ios::binary) << text;
  }
  fs::path root;
};

Change change_of(std::vector<CodeName> names) {
  Change change = Change::recorded(Risk(Level::low, ""));
  change.code_names = std::move(names);
  return change;
}

}  // namespace

TEST_CASE("a name is found as a whole word") {
  CHECK(lines_with("daily_limit", "x = card.daily_limit\n$daily_limit;\n'daily_limit'") ==
        Lines{1, 2, 3});
  CHECK(
      lines_with("daily_limit", "my_daily_limit\ndaily_limits\ndaily_limit2\nDAILY_LIMIT").empty());
  CHECK(lines_with("daily_limit", "daily_limit") == Lines{1});
  CHECK(lines_with("id", "id(id)\n\n[id") == Lines{1, 1, 3});
}

TEST_CASE("letters beyond ASCII belong to words, punctuation does not") {
  CHECK(lines_with("gr\u00f6\u00dfe",
                   "gr\u00f6\u00dfe = 1\ngr\u00f6\u00dfen\n\u201cgr\u00f6\u00dfe\u201d") ==
        Lines{1, 3});
  CHECK(
      lines_with("limit",
                 "\u201climit\u201d\nlimit\u2014\n\u00e9limit\nlimit\u00a0x\n\u3001limit\u3002") ==
      Lines{1, 2, 4, 5});
}

TEST_CASE("a name of several words is found as it is written") {
  CHECK(lines_with("Odd. Name", "SELECT \"Odd. Name\"\nOdd Name\nOdd. Names\n(Odd. Name)") ==
        Lines{1, 4});
  CHECK(lines_with("-x-", "a -x- b\nx\n-x") == Lines{1});
  CHECK(lines_with("budget-alert", "'budget-alert'\nbudget-alerts\nbudget alert") == Lines{1});
  CHECK(lines_with("!!", "!!").empty());
}

TEST_CASE("tables are found by their classes too") {
  const std::string_view text =
      "class DebitCard\nDebit_Card\ndebitcard\nDEBITCARD\ndebitCard\nDebitCards";
  CHECK(lines_with("debitcard", text, true) == Lines{1, 2, 3});
  CHECK(lines_with("debit_card", text, true) == Lines{1, 2});
  CHECK(lines_with("debitcard", text, false) == Lines{3});
  const std::string longer(70, 'x');
  CHECK(lines_with("t" + longer, "T" + longer + "\nt" + longer, true) == Lines{1, 2});
}

TEST_CASE("a shared name counts only beside its table or class") {
  const Tree tree;
  tree.write("app/card.py", "class DebitCard:\n    id: int\n    user_id: int\n");
  tree.write("app/user.py", "class User:\n    id: int\n");
  tree.write("app/sql.py", "q = 'SELECT id FROM debitcard'\n");
  const CodeFound found = search_code({{tree.root / "app"}, tree.root / "none", tree.root},
                                      {change_of({{"id", {}, false, {"debitcard"}}})});
  REQUIRE(found.uses[0].size() == 1);
  CHECK(found.uses[0][0].count == 2);
  CHECK(found.uses[0][0].places[0].file == "app/card.py");
  CHECK(found.uses[0][0].places[0].line == 2);
  CHECK(found.uses[0][0].places[0].text == "id: int");
  CHECK(found.uses[0][0].places[1].file == "app/sql.py");
  CHECK(found.search.files == 3);
}

TEST_CASE("without git, hidden, binary and large files and those of builds are passed over") {
  const Tree tree;
  for (const char* file : {"a.py", ".hidden/a.py", ".env", "node_modules/m/a.js", "target/a.rs",
                           "venv/a.py", "models/a.toml", "deep/er/b.py"})
    tree.write(fs::path("app") / file, "gone\n");
  tree.write("app/binary", std::string("gone\0gone", 9));
  tree.write("app/large.txt", "gone\n" + std::string(1024 * 1024, 'x'));
  fs::create_symlink("a.py", tree.root / "app" / "link.py");
  const CodeFound found =
      search_code({{tree.root / "app"}, tree.root / "app" / "models", tree.root},
                  {change_of({{"gone", {}, false, {}}})});
  REQUIRE(found.uses[0].size() == 1);
  REQUIRE(found.uses[0][0].places.size() == 2);
  CHECK(found.uses[0][0].places[0].file == "app/a.py");
  CHECK(found.uses[0][0].places[1].file == "app/deep/er/b.py");
  REQUIRE(found.search.notes.size() == 1);
  CHECK(found.search.notes[0].find("no git work tree") != std::string::npos);
}

TEST_CASE("at most twenty places a name, then a count; a line counts once") {
  const Tree tree;
  std::string text = "gone gone gone\n";
  for (int i = 0; i < 30; ++i) text += "x(gone)\r\n";
  tree.write("a.py", text);
  const CodeFound found =
      search_code({{tree.root, tree.root / "a.py"}, tree.root / "none", tree.root},
                  {change_of({{"gone", {}, false, {}}}), change_of({}),
                   change_of({{"absent", {}, false, {}}})});
  REQUIRE(found.uses.size() == 3);
  CHECK(found.uses[0][0].count == 31);
  CHECK(found.uses[0][0].places.size() == 20);
  CHECK(found.uses[0][0].places[1].text == "x(gone)");
  CHECK(found.uses[1].empty());
  CHECK(found.uses[2].empty());
}

TEST_CASE("a line in another encoding is shown as UTF-8") {
  const Tree tree;
  tree.write("a.py",
             "x(gone)  # Gr\xF6\xDF"
             "e \xE2\x82\xAC \xED\xA0\x80 \xE2\x82\n");
  tree.write("b\xFF.py", "gone " + std::string(300, '\xE9') + "\n");
  const CodeFound found = search_code({{tree.root}, tree.root / "none", tree.root},
                                      {change_of({{"gone", {}, false, {}}})});
  REQUIRE(found.uses[0].size() == 1);
  const std::vector<CodePlace>& places = found.uses[0][0].places;
  REQUIRE(places.size() == 2);
  CHECK(places[0].text == "x(gone)  # Gr\uFFFD\uFFFDe \u20AC \uFFFD\uFFFD\uFFFD \uFFFD\uFFFD");
  CHECK(places[1].file == "b\uFFFD.py");
  CHECK(places[1].text.starts_with("gone \uFFFD\uFFFD"));
  CHECK(places[1].text.ends_with("\uFFFD ..."));
}
