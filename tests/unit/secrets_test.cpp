#include "text/secrets.hpp"

#include <doctest/doctest.h>

using namespace schemasync;

TEST_CASE("a password of a connection string is hidden, wherever in a text it stands") {
  const std::pair<std::string, std::string> cases[] = {
      {"unknown env \"postgresql://appl:TopSecret1!@localhost/sdb\"",
       "unknown env \"postgresql://appl:***@localhost/sdb\""},
      {"no folder /x/postgresql:/appl:TopSecret1!@localhost: make it",
       "no folder /x/postgresql:/appl:***@localhost: make it"},
      {"postgres://u:a@b/c:d?e@h:5432/db", "postgres://u:***@h:5432/db"},
      {"postgres://u:it's\"so@h/db", "postgres://u:***@h/db"},
      {"a postgres://u:one@h, b postgres://u:two@h", "a postgres://u:***@h, b postgres://u:***@h"},
      {"postgresql://u:no_host_behind", "postgresql://u:***"},
      {"\"host=h password=x1 user=u\"", "\"host=h password=*** user=u\""},
      {"unknown env \"host=h password=x.1\"", "unknown env \"host=h password=***\""},
      {"host=h PASSWORD = 'it\\'s so' user=u", "host=h PASSWORD = '***' user=u"},
      {"sslpassword=x1 password=x2", "sslpassword=*** password=***"},
      {"postgresql:///x?password=x&host=/tmp", "postgresql:///x?password=***&host=/tmp"},
      {"postgresql://u:x@h/x?password=y", "postgresql://u:***@h/x?password=***"},
      {"password=a\\ b user=u", "password=*** user=u"},
  };
  for (const auto& [text, shown] : cases) {
    CAPTURE(text);
    CHECK(without_passwords(text) == shown);
    CHECK(without_passwords(shown) == shown);
  }
}

TEST_CASE("what is no password stays") {
  for (const std::string text :
       {"", "postgresql://localhost:5432/db", "postgresql://u@localhost:5432/db?host=/tmp",
        "cannot connect to \"postgresql://localhost:5432\": no", "--fill user.password=VALUE",
        "password_hash = 'varchar'", "password authentication failed",
        "password=", "password = { type = 'text' }", "https://example.org/a:b", "/usr/bin:/bin:a@b",
        "schemas/user.toml:12:9: x@y", "postgresql://"}) {
    CAPTURE(text);
    CHECK(without_passwords(text) == text);
  }
}

TEST_CASE("a connection string is known by its beginning") {
  for (const char* word : {"postgresql://", "postgres://h/d", "host=h", "password = x dbname=d",
                           "postgresql+psycopg2://u:p@h/d", "jdbc:postgresql://h/d"})
    CHECK(is_connection_string(word));
  for (const char* word : {"", "prod", "user.password=x", "host", "schemas/host=x", "a.b=c",
                           "https://example.org", "postgres"})
    CHECK_FALSE(is_connection_string(word));
}
