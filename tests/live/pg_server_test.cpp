// Starts real servers: needs initdb and postgres on the machine, nothing else.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "pg/connection.hpp"
#include "pg/server.hpp"

using namespace schemasync;
namespace fs = std::filesystem;

namespace {

// A project folder of our own, open to the server's user, and removed at the end.
struct Project {
  fs::path folder;
  Project() {
    std::string name = "/tmp/ss-project-XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder = name;
    fs::permissions(folder, fs::perms(0755));
  }
  ~Project() {
    try {
      stop_embedded_server(folder, "dev");
    } catch (...) {
    }
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
};

double milliseconds_of(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
      .count();
}

bool runs(const Project& project) {
  return running_embedded_server(project.folder, "dev", "dev").has_value();
}

bool becomes(bool expected, const Project& project) {
  for (int tries = 0; tries < 3000; ++tries) {
    if (runs(project) == expected) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

// Runs in a child, without destructors when it is killed.
pid_t in_child(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      work();
    } catch (const std::exception& error) {
      std::cerr << "child: " << error.what() << "\n";
      _exit(1);
    }
    _exit(0);
  }
  return child;
}

int exit_code(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t postmaster_of(const Project& project) {
  pid_t pid = 0;
  std::ifstream(project.folder / ".schemasync/dev/data/postmaster.pid") >> pid;
  return pid;
}

std::string text_of(Connection& db, const Sql& statement) {
  return std::string(db.query(statement).text(0, 0));
}

}  // namespace

TEST_CASE("the embedded server starts, is shared, stops with its last user, and keeps its data") {
  const Project project;
  CHECK(!runs(project));
  const double first = milliseconds_of([&] {
    ServerUse use = use_embedded_server(project.folder, "dev", "dev");
    Connection db(use.url());
    CHECK(db.database() == "dev");
    CHECK(db.user() == "postgres");
    CHECK(text_of(db, sql("SHOW fsync")) == "on");
    CHECK(text_of(db, sql("SHOW listen_addresses")).empty());
    CHECK(text_of(db, sql("SHOW search_path")) == "pg_catalog");
    CHECK(text_of(db, sql("SHOW TimeZone")) == "UTC");
    db.execute(sql("CREATE TABLE public.t (a int); INSERT INTO public.t VALUES (1), (2)"));
    {
      ServerUse second = use_embedded_server(project.folder, "dev", "dev");
      CHECK(second.url() == use.url());
    }
    CHECK(runs(project));
    CHECK(db.is_alive());
  });
  CHECK(!runs(project));
  CHECK(!fs::exists(project.folder / ".schemasync/dev/data/postmaster.pid"));
  const double start = milliseconds_of([&] {
    ServerUse use = use_embedded_server(project.folder, "dev", "dev");
    Connection db(use.url());
    CHECK(db.query(sql("SELECT a FROM public.t")).size() == 2);
  });
  MESSAGE("first use " << first << " ms, second use " << start << " ms");
}

TEST_CASE("`server start` keeps the server until `server stop`") {
  const Project project;
  const std::string url = start_embedded_server(project.folder, "dev", "dev");
  CHECK(runs(project));
  { ServerUse use = use_embedded_server(project.folder, "dev", "other \"name\""); }
  CHECK(runs(project));
  CHECK(running_embedded_server(project.folder, "dev", "dev") == url);
  {
    ServerUse use = use_embedded_server(project.folder, "dev", "dev");
    CHECK_THROWS_AS(stop_embedded_server(project.folder, "dev"), Error);
  }
  CHECK(becomes(false, project));
  CHECK(!stop_embedded_server(project.folder, "dev"));
  start_embedded_server(project.folder, "dev", "dev");
  CHECK(stop_embedded_server(project.folder, "dev"));
  CHECK(!runs(project));
}

TEST_CASE("commands that start at once share one server, and the last one stops it") {
  const Project project;
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i)
    children.push_back(in_child([&] {
      ServerUse use = use_embedded_server(project.folder, "dev", "dev");
      Connection db(use.url());
      db.query(sql("SELECT pg_sleep(0.05)"));
    }));
  for (const pid_t child : children) CHECK(exit_code(child) == 0);
  CHECK(becomes(false, project));
}

TEST_CASE("the server of a killed command is stopped, cleanly") {
  const Project project;
  const pid_t child = in_child([&] {
    ServerUse use = use_embedded_server(project.folder, "dev", "dev");
    pause();
  });
  CHECK(becomes(true, project));
  kill(child, SIGKILL);
  exit_code(child);
  const auto says_goodbye = [&] {
    std::ifstream log(project.folder / ".schemasync/dev/server.log");
    const std::string said((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
    return said.find("database system is shut down") != std::string::npos;
  };
  for (int tries = 0; !says_goodbye() && tries < 3000; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  CHECK(says_goodbye());
}

TEST_CASE("a killed server, or a number that another process has now, is no obstacle") {
  const Project project;
  start_embedded_server(project.folder, "dev", "dev");
  const pid_t postmaster = postmaster_of(project);
  REQUIRE(postmaster > 1);
  kill(postmaster, SIGKILL);
  CHECK(becomes(false, project));
  { ServerUse use = use_embedded_server(project.folder, "dev", "dev"); }
  CHECK(stop_embedded_server(project.folder, "dev"));
  const fs::path pid_file = project.folder / ".schemasync/dev/data/postmaster.pid";
  std::ofstream(pid_file) << getppid() << "\n/x\n1\n5432\n/tmp\n\n1 2\nready   \n";
  CHECK(!runs(project));
  ServerUse use = use_embedded_server(project.folder, "dev", "dev");
  CHECK(Connection(use.url()).is_alive());
}

TEST_CASE("a private server is fast, and leaves nothing") {
  std::string folder;
  const double took = milliseconds_of([&] {
    ServerUse use = start_private_server();
    Connection db(use.url());
    folder = text_of(db, sql("SHOW unix_socket_directories"));
    CHECK(fs::exists(folder));
    CHECK(text_of(db, sql("SHOW fsync")) == "off");
  });
  CHECK(!fs::exists(folder));
  MESSAGE("private server, from nothing to gone: " << took << " ms");
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = in_child([&] {
    ServerUse use = start_private_server();
    Connection db(use.url());
    const std::string name = text_of(db, sql("SHOW unix_socket_directories"));
    CHECK(write(ends[1], name.data(), name.size()) > 0);
    pause();
  });
  char name[200] = {};
  REQUIRE(read(ends[0], name, sizeof name - 1) > 0);
  CHECK(fs::exists(name));
  kill(child, SIGKILL);
  exit_code(child);
  for (int tries = 0; fs::exists(name) && tries < 3000; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  CHECK(!fs::exists(name));
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE(
    "a scratch database belongs to a role without rights, and goes with what dead ones left") {
  const ServerUse server = start_private_server();
  Connection admin(server.url());
  const pid_t child = in_child([&] {
    const ScratchDatabase left(server.url());
    kill(getpid(), SIGKILL);
  });
  exit_code(child);
  const Sql count =
      sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'schemasync_scratch%'");
  const Sql roles = sql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'schemasync_scratch%'");
  CHECK(text_of(admin, count) == "1");
  double took = 0;
  {
    std::unique_ptr<ScratchDatabase> scratch;
    took = milliseconds_of([&] { scratch = std::make_unique<ScratchDatabase>(server.url()); });
    const ScratchDatabase other(server.url());
    CHECK(other.url() != scratch->url());
    CHECK(text_of(admin, count) == "2");
    Connection db(scratch->url());
    CHECK(text_of(db, sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")) == "f");
    db.execute(
        sql("CREATE TABLE public.t (a int); CREATE SCHEMA s; CREATE TYPE s.mood AS ENUM ('a')"));
    CHECK_THROWS_AS(db.execute(sql("COPY public.t FROM PROGRAM 'true'")), DatabaseError);
    Connection super(scratch->superuser_url());
    CHECK(text_of(super, sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")) == "t");
    CHECK(super.database() == db.database());
  }
  CHECK(text_of(admin, count) == "0");
  CHECK(text_of(admin, roles) == "0");
  MESSAGE("scratch database made in " << took << " ms");
}

TEST_CASE("a session: transactions, parameters, errors, notices, cancel, lost connection") {
  const ServerUse server = start_private_server();
  Connection db(server.url());
  db.execute(sql("CREATE TABLE public.t (a int UNIQUE, b text)"));
  {
    Transaction transaction(db);
    db.query(sql("INSERT INTO public.t VALUES ($1, $2)"), {"1", std::nullopt});
    transaction.commit();
  }
  {
    Transaction transaction(db);
    db.query(sql("INSERT INTO public.t VALUES ($1, $2)"), {"2", "it's"});
  }
  CHECK(!db.in_transaction());
  const Rows rows = db.query(sql("SELECT a, b, ARRAY['x', NULL, 'y z'] AS c, true FROM public.t"));
  REQUIRE(rows.size() == 1);
  CHECK(rows.columns() == 4);
  CHECK(rows.column_name(2) == "c");
  CHECK(rows.number(0, 0) == 1);
  CHECK(rows.is_null(0, 1));
  CHECK(!rows.maybe(0, 1));
  CHECK(rows.list(0, 2) == std::vector<std::string>{"x", "", "y z"});
  CHECK(rows.truth(0, 3));

  try {
    db.execute(sql("INSERT INTO public.t VALUES (1)"));
    FAIL("no error");
  } catch (const DatabaseError& error) {
    CHECK(error.sqlstate() == "23505");
    CHECK(std::string(error.what()).starts_with("duplicate key"));
    CHECK(std::string(error.what()).find("DETAIL:  Key (a)=(1)") != std::string::npos);
    CHECK(error.statement() == "INSERT INTO public.t VALUES (1)");
  }
  db.begin();
  CHECK_THROWS_AS(db.execute(sql("SELECT 1/0")), DatabaseError);
  CHECK(db.is_alive());
  CHECK_THROWS_AS(db.commit(), DatabaseError);
  CHECK(!db.in_transaction());
  db.begin_snapshot();
  CHECK_THROWS_AS(db.execute(sql("CREATE TABLE public.u ()")), DatabaseError);
  db.rollback();
  db.execute(sql("CREATE INDEX CONCURRENTLY ON public.t (b)"));  // refuses a transaction block

  std::string notice;
  db.on_notice([&](const std::string& text) { notice = text; });
  db.execute(sql("DROP TABLE IF EXISTS public.nothing"));
  CHECK(notice.find("does not exist, skipping") != std::string::npos);

  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    db.cancel();
  });
  try {
    db.execute(sql("SELECT pg_sleep(20)"));
    FAIL("not cancelled");
  } catch (const DatabaseError& error) {
    CHECK(error.sqlstate() == "57014");
  }
  canceller.join();
  CHECK(db.is_alive());

  Connection other(server.url());
  other.query(sql("SELECT pg_terminate_backend($1::int)"), {std::to_string(db.backend_pid())});
  for (int again = 0; again < 3; ++again) {
    try {
      db.execute(sql("SELECT 1"));
      FAIL("a session that was ended goes on");
    } catch (const DatabaseError& error) {
      CHECK(error.sqlstate().empty());
    }
  }
  CHECK(!db.is_alive());
}

TEST_CASE("failed connections say what failed and what to do, and no password") {
  const ServerUse server = start_private_server();
  const auto said = [](const std::string& url, const SessionOptions& options = {}) {
    try {
      Connection db(url, options);
      return std::string("connected");
    } catch (const Error& error) {
      const std::string text = std::string(error.what()) + "\n" + error.hint();
      CHECK(text.find("hunter22") == std::string::npos);
      return text;
    }
  };
  const std::string socket = server.url().substr(server.url().find("?host="));
  CHECK(said("postgresql://postgres:hunter22@/nowhere" + socket) ==
        "cannot connect to nowhere at " + socket.substr(6, socket.find('&') - 6) +
            " as postgres: database \"nowhere\" does not exist\n"
            "create it (createdb nowhere), or name another database in the url");
  CHECK(said("postgresql://nobody_here@/postgres" + socket).find("create the role") !=
        std::string::npos);
  CHECK(said("postgresql://app:hunter22@127.0.0.1:1/x").find("Connection refused") !=
        std::string::npos);
  CHECK(said("postgresql://app:hunter22@no-such-host.invalid/x").find("check the host name") !=
        std::string::npos);
  CHECK(said("host=/tmp/no-such-folder dbname=x user=a").find("check that the server runs") !=
        std::string::npos);
  SessionOptions options;
  options.role = "no role";
  CHECK(said(server.url(), options)
            .find("cannot become role \"no role\": role \"no role\" does not exist") == 0);

  Connection admin(server.url());
  admin.execute(sql("CREATE ROLE app LOGIN PASSWORD 'right'"));
  const std::string data = text_of(admin, sql("SHOW data_directory"));
  const std::string hba = text_of(admin, sql("SHOW hba_file"));
  std::ofstream(hba) << "local all postgres trust\nlocal all app md5\n";
  admin.query(sql("SELECT pg_reload_conf()"));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  CHECK(said("postgresql://app:hunter22@/postgres" + socket).find("check the password") !=
        std::string::npos);
  CHECK(said("postgresql://app@/postgres" + socket).find("give a password") != std::string::npos);
  CHECK(said("postgresql://app:right@/postgres" + socket) == "connected");
  CHECK(said("postgresql://other@/postgres" + socket).find("pg_hba.conf") != std::string::npos);
}
