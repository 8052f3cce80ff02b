#include <doctest/doctest.h>

#include "render/psql_text.hpp"
#include "render/sql.hpp"

namespace schemasync {

TEST_CASE("what psql would replace or end is escaped, and nothing else is touched") {
  struct {
    const char* sql;
    const char* written;
  } const cases[] = {
      {"SELECT a[1:n]", "SELECT a[1\\:n]"},
      {"SELECT 1::int, f(a := 2)", "SELECT 1::int, f(a := 2)"},
      {"SELECT ':x', \":x\", $$:x$$, $a$ :x $$ $a$", "SELECT ':x', \":x\", $$:x$$, $a$ :x $$ $a$"},
      {"SELECT 'it''s :x' || E'\\':x'", "SELECT 'it''s :x' || E'\\':x'"},
      {"SELECT /* :x /* :y */ */ :z", "SELECT /* :x /* :y */ */ \\:z"},
      {"SELECT 1 -- :x", "SELECT 1 -- :x\n"},
      {"SELECT a$b$c, $1", "SELECT a$b$c, $1"},
  };
  for (const auto& c : cases) CHECK(for_psql(c.sql) == std::string(c.written));
}

TEST_CASE("an archive's name is a psql variable, or put in by the server") {
  const PsqlNames names = {{"{archive}", "schemasync_archive_1"}};
  CHECK(for_psql("DROP TABLE \"schemasync\".\"{archive}\"", names) ==
        "DROP TABLE \"schemasync\".:\"schemasync_archive_1\"");
  CHECK_FALSE(for_psql("DO $$ SELECT \"{archive}\" $$", names).has_value());
  CHECK_FALSE(for_psql("DROP TABLE \"{archive}_1\"", names).has_value());
  CHECK(text_at_run_time("DROP TABLE \"{archive}_1\"", names) ==
        "pg_catalog.replace($schemasync$DROP TABLE \"{archive}_1\"$schemasync$, '\"{archive}', "
        "'\"' || :'schemasync_archive_1')");
}

TEST_CASE("a dollar quote never ends inside the text") {
  CHECK(dollar_quoted("a") == "$schemasync$a$schemasync$");
  CHECK(dollar_quoted("$schemasync$") == "$schemasync1$$schemasync$$schemasync1$");
  CHECK(dollar_quoted("x$schemasync") == "$schemasync1$x$schemasync$schemasync1$");
  CHECK(psql_argument("it's \\ :x\ny") == "'it''s \\\\ :x y'");
}

TEST_CASE("the two ways never stand in one file, and each says what it cannot do") {
  Plan plan;
  Change change = Change::recorded(Risk(Level::low, "why"));
  change.summary = "Edit";
  change.up.resize(1);
  change.up[0].sql = Sql::recorded("SELECT 'the way up'");
  change.down.resize(1);
  change.down[0].sql = Sql::recorded("SELECT 'the way down'");
  plan.changes = {change};
  const std::string up = plan_sql(plan), down = plan_down_sql(plan);
  for (const std::string& file : {up, down}) {
    CHECK(file.starts_with("-- This file cannot compare fingerprints"));
    CHECK(file.find("\\set ON_ERROR_STOP on") != std::string::npos);
  }
  CHECK(up.find("\nSELECT 'the way up';") != std::string::npos);
  CHECK(up.find("\nSELECT 'the way down';") == std::string::npos);
  CHECK(down.find("\nSELECT 'the way down';") != std::string::npos);
  CHECK(down.find("the way up'") == std::string::npos);
  CHECK(plan_sql(Plan{}).find("BEGIN") == std::string::npos);
}

}  // namespace schemasync
