#include <doctest/doctest.h>

#include "plans_by_hand.hpp"
#include "render/markdown.hpp"
#include "render/markdown_text.hpp"
#include "text/strings.hpp"

using namespace schemasync;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size())
    ++count;
  return count;
}

Plan with_code() {
  Plan plan = by_hand::drop_column();
  plan.changes[0].code_names = {{"daily_limit", {}, false, {}}};
  plan.run.changes[0].code = {{"daily_limit",
                               3,
                               {{"app/models.py", 91, "daily_limit: float | None = None"},
                                {"app/api/debit.py", 40, "\"daily_limit\": card.daily_limit,"},
                                {"frontend/src/models.rs", 63, "pub daily_limit: Option<f64>,"}}}};
  plan.run.code = {{"app", "frontend"}, 12, {}};
  return plan;
}

}  // namespace

TEST_CASE("a comment begins with its marker, says the worst, and how to go on") {
  const std::string text = plan_markdown(with_code(), {.next_number = 7});
  CHECK(text.starts_with(
      "<!-- schemasync plan env=prod -->\n"
      "### schemasync: 1 change for `prod` · 🟡 medium · 1 breaks running code · "
      "no data is lost\n"));
  CHECK(
      has(text,
          "| 1 | 🟡 medium | Drop column `debitcard.daily_limit` · **breaks code** | reads and "
          "writes, while rows are written | ⚠️ 3 code uses | lossless |\n"));
  CHECK(has(text, "> [!WARNING]\n> 3 places in the code still name what goes or changes."));
  CHECK(has(text, "`app/models.py:91` · `app/api/debit.py:40` · `frontend/src/models.rs:63`"));
  CHECK(has(text,
            "<details><summary><b>#<!-- -->1 Drop column <code>debitcard.daily_limit</code></b> · "
            "column.drop · schemas/debitcard.toml:4</summary>\n"));
  CHECK(has(text, "```diff\n- debitcard.daily_limit  double precision\n```\n"));
  CHECK(has(text, "```sql\n"));
  CHECK(has(text,
            "**After merge:** `schemasync apply --env prod` · **Go back:** `schemasync rollback "
            "--env prod`\n"));
  CHECK(has(text, "models 81d0c2b4. A plan for another state is refused."));
  CHECK(has(text, "0007_drop_debitcard_daily_limit"));
}

TEST_CASE("a failed check stops, with counts, repairs, and rows only when asked for") {
  const std::string text = plan_markdown(by_hand::add_unique(), {});
  CHECK(has(text, "> [!CAUTION]\n> STOP: 1 check fails"));
  CHECK(has(text, "❌ 1 fails"));
  CHECK(has(text, "2 groups of duplicates: 5 rows, 3 too many"));
  CHECK(has(text, "**Repair A:** "));
  CHECK(has(text, "**Repair B:** "));
  CHECK_FALSE(has(text, "48205"));
  const std::string with_rows = plan_markdown(by_hand::add_unique(), {.samples = true});
  CHECK(has(with_rows, "| 11 | Visa | 3 | 48205, 48206, 48207 |"));
}

TEST_CASE("nothing to do is one short line") {
  CHECK(plan_markdown(by_hand::nothing(), {}) ==
        "<!-- schemasync plan env=prod -->\n"
        "### schemasync: no changes for `prod`: the database is as the models say\n"
        "\n1 note: `schemasync plan --env prod`\n");
}

TEST_CASE("without facts two runs give the same bytes, and no code is named") {
  Plan other = with_code();
  other.run.time = "2027-01-01T00:00:00Z";
  other.run.tables.clear();
  const std::string text = plan_markdown(without_facts(other), {});
  CHECK(text == plan_markdown(without_facts(with_code()), {}));
  CHECK_FALSE(has(text, "models.py"));
}

TEST_CASE("names and values mean nothing in Markdown and HTML") {
  CHECK(markdown_text("a|b*c_d_ <b>`x`") == "a\\|b\\*c_d\\_ &lt;b&gt;\\`x\\`");
  CHECK(markdown_text("@team #12 [x](y)") == "@<!-- -->team #<!-- -->12 \\[x\\](y)");
  CHECK(markdown_text("two\nlines\x1b") == "two\\\\nlines\\\\x1b");
  CHECK(markdown_text("https://x.y") == "https:<!-- -->//x.y");
  CHECK(html_text("<script>&\"") == "&lt;script&gt;&amp;&quot;");
  CHECK(markdown_code("a`b") == "``a`b``");
  CHECK(markdown_code("`a") == "`` `a ``");
  CHECK(markdown_code_in_cell("a|b") == "`a\\|b`");
  CHECK(fenced("sql", "x\n```\n````\ny") == "`````sql\nx\n```\n````\ny\n`````\n");
}

TEST_CASE("an odd name breaks no row, tag or fence") {
  Plan plan = by_hand::drop_column();
  const std::string odd = "a|b\n</details>```<!--";
  plan.changes[0].object.name = odd;
  plan.changes[0].summary = "Drop column " + plan.changes[0].object.shown();
  plan.changes[0].diff = {"- " + odd};
  const std::string text = plan_markdown(plan, {});
  CHECK(count_of(text, "<details>") == 1);
  CHECK(count_of(text, "\n</details>\n\n") == 1);
  for (const std::string& line : split(text, '\n'))
    if (line.starts_with("| 1 ")) CHECK(count_of(line, " | ") == 5);
  CHECK(has(text, "````diff\n"));
}

TEST_CASE("a comment never reaches the limit, and says what it left out") {
  for (const int n : {10, 100, 500, 5'000}) {
    Plan plan = by_hand::create_tables(n);
    for (Change& change : plan.changes)
      for (int i = 0; i < 40; ++i)
        change.diff.push_back("+ column_" + std::to_string(i) + "  integer");
    plan.changes.back().risk.raise(Level::high, "worst");
    const std::string text = plan_markdown(plan, {});
    CAPTURE(n);
    CHECK(text.size() < comment_limit);
    CHECK(has(text, "**After merge:**"));
    CHECK(has(text, std::to_string(n) + " 🔴 high") == false);
    CHECK(has(text, "| " + std::to_string(n) + " | 🔴 high"));
    if (n >= 500) {
      CHECK(has(text, "Shortened to fit into a comment. Left out: the SQL of "));
      CHECK(has(text, "the details of "));
      CHECK(has(text, "low-risk changes"));
      CHECK(has(text, "`schemasync plan --format sql`"));
      CHECK(text.size() > comment_limit - 12'000);
    }
    if (n == 5'000) CHECK(has(text, "rows of the table"));
    if (n == 10) CHECK_FALSE(has(text, "Shortened"));
  }
}

TEST_CASE("no single giant part reaches the limit") {
  Plan plan = by_hand::drop_column();
  plan.changes[0].up[0].sql = Sql(Literal{std::string(200'000, 'x')});
  std::string text = plan_markdown(plan, {});
  CHECK(text.size() < comment_limit);
  CHECK(has(text, "the SQL of 1 change"));
  CHECK(has(text, "- **Undo:**"));
  plan.changes[0].diff.assign(10'000, "+ something");
  plan.notes.assign(10'000, std::string(1'000, '<'));
  plan.unmanaged.assign(10'000, {"table", "public", "", std::string(63, '<')});
  text = plan_markdown(plan, {});
  CHECK(text.size() < comment_limit);
  CHECK(has(text, "more"));
  Plan code = with_code();
  code.run.changes[0].code.assign(
      500,
      {std::string(63, '`'), 100, std::vector<CodePlace>(20, {std::string(2'000, 'f'), 1, "x"})});
  CHECK(plan_markdown(code, {}).size() < comment_limit);
}

TEST_CASE("diff speaks of its operands and of nothing to apply") {
  const std::string text = plan_markdown(with_code(), {.from = "dev", .to = "schemas"});
  CHECK(text.starts_with(
      "<!-- schemasync diff -->\n### schemasync: 1 change from `dev` to `schemas`"));
  CHECK_FALSE(has(text, "After merge"));
  CHECK_FALSE(has(text, "Planned against"));
}
