"""Every way to hand over a password works, and no way of looking shows it afterwards."""

import os
import pathlib
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import guide  # noqa: E402
import harness  # noqa: E402

SECRET = "r1ght/P@55 'w0rd'"
IN_A_URL = "r1ght%2FP%4055%20%27w0rd%27"
SPELLINGS = (SECRET, IN_A_URL, "r1ght/P@55", "w0rd")


class Secrets(harness.LiveTest):
    def start(self):
        """A database that `deployer` owns and needs a password for, and a project without a url."""
        self.role = f"deployer_{os.getpid()}"
        self.server.psql(f"DROP ROLE IF EXISTS {self.role}; CREATE ROLE {self.role} LOGIN SUPERUSER "
                         "PASSWORD 'r1ght/P@55 ''w0rd''' IN ROLE needs_password")
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.addCleanup(lambda: self.server.psql(f"DROP ROLE {self.role}"))
        self.addCleanup(self.db.drop)
        self.models = self.project(self.db)
        guide.add_required_columns(self.models)

    def config(self, env):
        self.models.write("schemasync.toml", f'models = "schemas"\n\n[env.dev]\n{env}\n')

    def place(self, password=""):
        return (f"postgresql://{self.role}{password}@/{self.db.name}?host={self.server.folder}"
                f"&port={self.server.port}")

    def private_file(self, name, text):
        path = self.models.path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return str(path)

    def ways(self):
        """(name, the env's section, the environment) of each way to give the password."""
        pgpass = self.private_file("pgpass", f"*:*:*:{self.role}:{SECRET}\n")
        service = self.private_file("service.conf", (
            f"[tracker]\nhost={self.server.folder}\nport={self.server.port}\n"
            f"dbname={self.db.name}\nuser={self.role}\npassword={SECRET}\n"))
        yield "a variable in the url", f'url = "{self.place(":${SECRET}")}"', {"SECRET": IN_A_URL}
        yield "the url as a variable", 'url = "${THE_URL}"', {"THE_URL": self.place(":" + IN_A_URL)}
        yield "DATABASE_URL", "", {"DATABASE_URL": self.place(":" + IN_A_URL)}
        yield "PGPASSWORD", f'url = "{self.place()}"', {"PGPASSWORD": SECRET}
        yield "a password file", f'url = "{self.place()}"', {"PGPASSFILE": pgpass}
        yield "a service", 'url = "service=tracker"', {"PGSERVICEFILE": service}
        yield "a service by PGSERVICE", "", {"PGSERVICEFILE": service, "PGSERVICE": "tracker"}
        yield "key=value", (f"url = \"host='{self.server.folder}' port={self.server.port} "
                            f"dbname={self.db.name} user={self.role} password=${{QUOTED}}\""), {
                                "QUOTED": "'r1ght/P@55 \\'w0rd\\''"}

    def assert_kept_secret(self, *texts):
        for text in texts:
            for spelling in SPELLINGS:
                self.assertNotIn(spelling, text)

    def test_each_way_connects_and_shows_nothing(self):
        self.start()
        for name, env, environment in self.ways():
            with self.subTest(name):
                self.config(env)
                for command in (("plan", "-o", "plan.json", "-o", "plan.sql", "-o", "plan.txt"),
                                ("apply", "--yes", "--verbose"), ("status",), ("history",),
                                ("history", "--format", "json"), ("rollback", "--yes")):
                    done = self.assert_exit(self.models.run(*command, env=environment), 0)
                    self.assert_kept_secret(done.stdout, done.stderr)
                self.assert_kept_secret(*(self.models.read(f"plan.{end}")
                                          for end in ("json", "sql", "txt")))
        self.assert_kept_secret(*(self.db.value(f"SELECT string_agg(t::text, '') FROM schemasync.{table} t")
                                  for table in ("database", "migration", "step", "archive", "managed")))
        files = [path for path in self.models.path.rglob("*")
                 if path.is_file() and path.name not in ("pgpass", "service.conf")]
        self.assert_kept_secret(*(path.read_text(errors="replace") for path in files),
                                *map(str, files), self.server.log())

    def test_errors_show_nothing(self):
        self.start()
        wrong = {"SECRET": "wr0ng%2FP%4055", "PGCONNECT_TIMEOUT": "2"}
        for url in (self.place(":${SECRET}"),
                    self.place(":${SECRET}").replace(self.db.name, "absent"),
                    f"postgresql://{self.role}:${{SECRET}}@127.0.0.1:1/{self.db.name}",
                    f"postgresql://{self.role}:${{SECRET}}@/x?host=/absent&sslmode=verify-full",
                    f"postgresql://{self.role}:${{SECRET}}@/x?host=/absent&no_such_key=1",
                    f"postgresql://{self.role}:${{SECRET}}/{self.db.name}",
                    f"host=/absent password=${{SECRET}} port=word"):
            with self.subTest(url):
                self.config(f'url = "{url}"')
                for command in ("plan", "apply", "status"):
                    done = self.assert_exit(self.models.run(command, env=wrong), 1)
                    for spelling in ("wr0ng", "P%4055", "P@55"):
                        self.assert_says_not(done, spelling)

    def test_a_connection_string_in_the_wrong_place_shows_nothing(self):
        project = self.project("postgresql://nobody@localhost:1/none")
        before = project.files()
        for given in ("postgresql://appl:r1ght@localhost/sdb", "host=h password=r1ght user=u",
                      "sqlalchemy:postgresql+psycopg2://appl:r1ght@localhost/sdb",
                      "copied: postgresql://appl:r1ght@localhost/sdb"):
            for words in ((), ("plan",), ("plan", "--env"), ("pull",), ("status",), ("apply",),
                          ("restore", "--file"), ("backup", "-t"), ("backup", "-o"),
                          ("plan", "-o"), ("plan", "--models"), ("check", "--models"),
                          ("plan", "--format"), ("plan", "--config"), ("help",), ("server",),
                          ("completion",), ("explain",), ("rollback", "--to"),
                          ("apply", "--allow"), ("purge", "--older-than"), ("diff", "dev"),
                          ("diff", "--exit-code"), ("plan", "--steps")):
                with self.subTest(given=given, words=words):
                    done = self.assert_exit(project.run(*words, given), 1)
                    self.assert_says_not(done, "r1ght")
        for words in (("plan",), ("pull",), ("status",), ("plan", "--env")):
            done = project.run(*words, "postgresql://appl:r1ght@localhost/sdb")
            self.assert_says(done, "did you mean --url?", stream="stderr")
        done = self.assert_exit(project.run("init", "postgresql://appl:r1ght@localhost/sdb"), 1)
        self.assert_says(done, "schemasync init --url", stream="stderr")
        self.assert_says_not(done, "r1ght")
        self.assertEqual(project.files(), before)
        self.assertFalse((project.path / "postgresql:").exists())

    def test_no_process_shows_it_while_it_runs(self):
        self.start()
        self.config('url = "${THE_URL}"')
        seen = []
        over = threading.Event()

        def watch():
            while not over.is_set():
                for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                    try:
                        seen.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                    except OSError:
                        continue
                time.sleep(0.005)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            for command in ("plan", "apply", "rollback"):
                yes = () if command == "plan" else ("--yes",)
                self.assert_exit(self.models.run(
                    command, *yes, env={"THE_URL": self.place(":" + IN_A_URL)}), 0)
        finally:
            over.set()
            watcher.join()
        self.assertTrue(any("schemasync plan" in line for line in seen))
        self.assert_kept_secret(*{line for line in seen if "schemasync" in line or "pg_dump" in line
                                  or "psql" in line})

    def test_the_journal_is_its_owners_alone(self):
        self.start()
        # Somebody who grants everything to everybody by default, as some hosters do.
        curious = f'"Curious {os.getpid()}"'
        self.db.psql(f"CREATE ROLE {curious} LOGIN")
        self.addCleanup(lambda: self.server.psql(f"DROP ROLE {curious}"))
        self.addCleanup(self.db.drop)
        for somebody in ("PUBLIC", curious):
            for things in ("TABLES", "SCHEMAS", "SEQUENCES"):
                self.db.psql(f"ALTER DEFAULT PRIVILEGES GRANT ALL ON {things} TO {somebody}")
        guide.drop_column(self.models)
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_exit(self.models.run("plan", "-o", "plan.sql"), 0)
        self.db.psql_file(self.models.path / "plan.sql")
        self.assertEqual(self.db.value(
            f"SELECT has_schema_privilege('{curious[1:-1]}', 'schemasync', 'USAGE')"), "f")
        readable = self.db.rows(f"""
            SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'schemasync' AND c.relkind IN ('r', 'S')
              AND has_table_privilege('{curious[1:-1]}', c.oid, 'SELECT')""")
        self.assertEqual(readable, [])


if __name__ == "__main__":
    harness.main()
