// Connection strings and the sentences for connections that fail. No server is needed.
#include <doctest/doctest.h>

#include <cstdlib>

#include "pg/binaries.hpp"
#include "pg/cluster.hpp"
#include "pg/connection.hpp"
#include "pg/conninfo.hpp"
#include "pg/rows.hpp"

using namespace schemasync;

TEST_CASE("a connection string is shown without any password") {
  const std::pair<const char*, const char*> cases[] = {
      {"postgresql://app:secret@db:5432/x", "postgresql://app@db:5432/x"},
      {"postgres://app:secret@db/x", "postgres://app@db/x"},
      {"postgresql://app@db/x", "postgresql://app@db/x"},
      {"postgresql://db:5432/x", "postgresql://db:5432/x"},
      {"postgresql:///x?host=/tmp&password=secret", "postgresql:///x?host=/tmp"},
      {"postgresql:///x?password=secret&host=/tmp", "postgresql:///x?host=/tmp"},
      {"postgresql:///x?password=secret", "postgresql:///x"},
      {"postgresql://app:se@cr/et@db/x", "postgresql://app@db/x"},
      {"host=db password=secret dbname=x", "host=db dbname=x"},
      {"password = 'it\\'s a secret' host=db", "host=db"},
      {"host=db PASSWORD=se\\ cret", "host=db"},
      {"host=db sslpassword=secret", "host=db"},
      {"host=db", "host=db"},
      {"", ""},
  };
  for (const auto& [given, shown] : cases) {
    CAPTURE(given);
    CHECK(without_password(given) == shown);
  }
}

TEST_CASE("a password that would become a host name is refused, and not repeated") {
  for (const char* url : {"postgresql://app:p@xyzzy@db/x", "postgresql://app:pa/xyzzy@db/x",
                          "postgresql://app:pa#xyzzy@db/x"}) {
    CAPTURE(url);
    try {
      parse_conninfo(url);
      FAIL("accepted");
    } catch (const Error& error) {
      const std::string said = std::string(error.what()) + error.hint();
      CHECK(said.find("xyzzy") == std::string::npos);
      CHECK(error.hint().find("%40") != std::string::npos);
    }
  }
}

TEST_CASE("a string that libpq cannot read is an error without the password in it") {
  for (const char* text :
       {"host=db password=secret oops", "postgresql://app:sec%ret@db/x", "host=db passwort=secret",
        "host=db password='a' secret", "postgresql+psycopg2://app:secret@db/x",
        "postgressql://app:secret@db/x", "postgres//app:secret@db/x", "postgresql:/app:secret@db/x",
        "app:secret@db/x"}) {
    CAPTURE(text);
    try {
      parse_conninfo(text);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("sec") == std::string::npos);
    }
  }
}

TEST_CASE("a mistyped keyword is named") {
  try {
    parse_conninfo("host=db dbnme=x");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("dbnme") != std::string::npos);
  }
}

TEST_CASE("another database on the same server keeps all else") {
  CHECK(url_for_database("postgresql://app@db:5433/x?sslmode=require", "o'y \\") ==
        "dbname='o\\'y \\\\' host='db' port='5433' sslmode='require' user='app'");
}

TEST_CASE("libpq's message is cut down to its causes") {
  CHECK(connection_causes(
            "connection to server at \"db\" (10.0.0.1), port 5432 failed: Connection refused\n"
            "\tIs the server running on that host and accepting TCP/IP connections?\n"
            "connection to server at \"db\" (::1), port 5432 failed: Connection refused\n") ==
        std::vector<std::string>{"Connection refused"});
  CHECK(connection_causes(
            "connection to server on socket \"/tmp/.s\" failed: FATAL:  role \"a\" does not "
            "exist\n") == std::vector<std::string>{"role \"a\" does not exist"});
}

TEST_CASE("a password is scrubbed from what a server says") {
  CHECK(scrubbed("bad hunter22, bad", {{"password", "hunter22"}}) == "bad ***, bad");
  CHECK(scrubbed("as it stands", {}) == "as it stands");
}

TEST_CASE("arrays are read as PostgreSQL prints them") {
  using List = std::vector<std::string>;
  CHECK(parse_array("{}") == List{});
  CHECK(parse_array("") == List{});
  CHECK(parse_array("{a,b}") == List{"a", "b"});
  CHECK(parse_array("{\"a b\",\"q\\\"\\\\\",\"x,y\",\"}\"}") == List{"a b", "q\"\\", "x,y", "}"});
  CHECK(parse_array("{NULL,\"NULL\",\"\"}") == List{"", "NULL", ""});
  CHECK(parse_array("[0:1]={a,b}") == List{"a", "b"});
}

TEST_CASE("versions of server programs") {
  CHECK(parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n") == "15.18");
  CHECK(parse_version("postgres (PostgreSQL) 18beta1\n") == "18beta1");
  CHECK(parse_version("bash: postgres: not found") == "");
  CHECK(major_of("15.18") == 15);
  CHECK(major_of("18beta1") == 18);
  CHECK(major_of("") == 0);
}

TEST_CASE("postmaster.pid is read line by line, also when it is half written") {
  const auto ready =
      parse_postmaster_file("4711\n/x/data\n1700000000\n5432\n/tmp/s\n\n  123 456\nready   \n");
  REQUIRE(ready);
  CHECK(ready->pid == 4711);
  CHECK(ready->socket == "/tmp/s");
  CHECK(ready->is_ready);
  const auto starting =
      parse_postmaster_file("4711\n/x/data\n1700000000\n5432\n/tmp/s\n\n1 2\nstarting\n");
  REQUIRE(starting);
  CHECK(!starting->is_ready);
  REQUIRE(parse_postmaster_file("4711\n/x"));
  CHECK(!parse_postmaster_file("4711\n/x")->is_ready);
  CHECK(!parse_postmaster_file(""));
  CHECK(!parse_postmaster_file("-1\n"));
}

TEST_CASE("a socket's URL carries names of every spelling") {
  CHECK(socket_url("/tmp/s", "dev") == "postgresql://postgres@/dev?host=/tmp/s&port=5432");
  CHECK(socket_url("/tmp/s", "a b/ä?") ==
        "postgresql://postgres@/a%20b%2F%C3%A4%3F?host=/tmp/s&port=5432");
}
