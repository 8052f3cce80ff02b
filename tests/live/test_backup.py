"""Backups on real servers: every kind is taken, put back (also by plain psql) and compared; nothing
is overwritten by accident, and no password is seen anywhere."""

import csv
import dataclasses
import os
import pathlib
import re
import stat
import subprocess
import threading
import time

import harness

ODD = '''
CREATE SCHEMA "Odd. ""Schema""";
CREATE TYPE "Odd. ""Schema"".""Mood" AS ENUM ('ok', 'it''s');
CREATE TABLE "Odd. ""Schema"""."Größe; --x" (
    id serial PRIMARY KEY, "A b" text, "c,d" text, always integer GENERATED ALWAYS AS IDENTITY,
    twice integer GENERATED ALWAYS AS (2) STORED);
INSERT INTO "Odd. ""Schema"""."Größe; --x" ("A b", "c,d")
  VALUES (E'one\\ntwo\\t\\\\.', '\\.'), (NULL, ''), ('\\! ls', '"q",');
CREATE TABLE "select" ("order" integer PRIMARY KEY, "user" integer REFERENCES "select");
INSERT INTO "select" VALUES (1, 2), (2, 1);
CREATE TABLE nokey (a text);
INSERT INTO nokey VALUES ('x'), ('x'), (NULL);
CREATE TABLE empty_one (a integer);
'''


class BackupTest(harness.LiveTest):
    def tracker(self):
        """Restored once already: PostgreSQL spells varchar IN (…) anew each of the first two times."""
        first = self.database(harness.EXPENSE_TRACKER)
        db = self.database()
        dump = subprocess.run([first.server.client("pg_dump"), "-U", "postgres", first.name],
                              env=first.server.client_environment(), check=True, text=True,
                              encoding="utf-8", capture_output=True).stdout
        db.psql(dump.replace("\\restrict", "--").replace("\\unrestrict", "--"))
        return db, self.project(db)

    def backup(self, project, *arguments, env=None):
        """The file that it says it wrote."""
        done = self.assert_exit(project.run("backup", *arguments, env=env), 0)
        file = project.path / done.stdout.rsplit(", ", 1)[0]
        self.assertTrue(file.is_file(), done)
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        return file

    def restore(self, project, file, *arguments, code=0):
        return self.assert_exit(project.run("restore", "--file", str(file), "--yes", *arguments),
                                code)


class EachKind(BackupTest):
    def test_full_is_put_back_with_everything(self):
        db, project = self.tracker()
        self.assert_exit(project.run("apply", "--yes"), 0)
        db.psql("CREATE PUBLICATION p FOR TABLE expense; CREATE SCHEMA extra;"
                "CREATE FUNCTION extra.f(a integer) RETURNS integer BEGIN ATOMIC"
                " SELECT CASE WHEN a > 1 THEN a ELSE 2 END; SELECT a; END;"
                "CREATE VIEW extra.v AS SELECT * FROM expense;"
                "SELECT lo_from_bytea(4711, 'large'); COMMENT ON TABLE expense IS E'a\\nb; \\\\! x'")
        before = db.dump()
        history = project.run("history").stdout
        file = self.backup(project)
        self.assertRegex(str(file.relative_to(project.path)),
                         rf"^backups/dev/{db.name}_\d{{8}}_\d{{6}}\.sql$")
        db.psql("DROP VIEW extra.v; DROP TABLE expense CASCADE; UPDATE \"user\" SET email = 'x@' || id;"
                "CREATE TABLE new_one (a integer); SELECT lo_unlink(4711)")
        refused = self.restore(project, file, code=1)
        self.assert_says(refused, "not empty", "--drop")
        done = self.restore(project, file, "--drop")
        self.assert_says(done, "overwrites", "user", "new_one", "rows")
        self.assert_same(before, db.dump())
        self.assertEqual(db.value("SELECT lo_get(4711)"), "\\x6c61726765")
        self.assertEqual(db.value("SELECT extra.f(7)"), "7")
        self.assertEqual(project.run("history").stdout, history)
        # What was drift when the backup was taken still is.
        self.assert_says(self.assert_exit(project.run("status"), 5), "1 object changed")

    def test_psql_alone_restores_a_full_one(self):
        db, project = self.tracker()
        self.assert_exit(project.run("apply", "--yes"), 0)
        file = self.backup(project, "-o", "my_backup.sql")
        self.assertEqual(file.name, "my_backup.sql")
        other = self.database()
        other.psql_file(file)
        self.assert_same(db, other)
        with open(file, encoding="utf-8") as script:
            again = self.database()
            again.psql(script.read())
        self.assert_same(db, again)

    def test_a_new_spelling_is_neither_a_change_nor_drift(self):
        db = self.database(harness.EXPENSE_TRACKER)
        project = self.project(db)
        self.assert_exit(project.run("apply", "--yes"), 0)
        file = self.backup(project)
        self.restore(project, file, "--drop")
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assert_exit(project.run("status"), 0)

    def test_odd_names_and_data_come_back(self):
        db = self.database()
        db.psql(ODD)
        project = self.project(db, models=None)
        before = db.dump()
        full = self.backup(project)
        self.restore(project, full, "--drop")
        self.assert_same(before, db.dump())
        name = '"Odd. ""Schema""".Größe; --x'
        one = self.backup(project, "-t", name)
        db.psql('DELETE FROM "Odd. ""Schema"""."Größe; --x" WHERE id > 1')
        self.restore(project, one, "--drop")
        self.assert_same(before, db.dump())
        db.psql('TRUNCATE "Odd. ""Schema"""."Größe; --x"')
        self.restore(project, full, "-t", name)
        self.assert_same_rows(before, db.dump())
        sheet = self.backup(project, "-t", name, "--columns", 'id,A b,"c,d"', "-o", "odd.csv")
        with open(sheet, encoding="utf-8", newline="") as text:
            rows = list(csv.reader(text))
        self.assertEqual(rows[0], ["id", "A b", "c,d"])
        self.assertEqual(sorted(rows[1:])[0], ["1", "one\ntwo\t\\.", "\\."])

    def test_a_table_with_what_points_at_it(self):
        db, project = self.tracker()
        db.psql('COMMENT ON CONSTRAINT budget_user_id_fkey ON budget IS \'kept\'')
        before = db.dump()
        file = self.backup(project, "-t", "user", "-o", "backups/user.sql")
        db.psql("UPDATE \"user\" SET username = 'changed' || id")
        self.assert_says(self.restore(project, file, code=1), "there already: user", "--drop")
        self.restore(project, file, "--drop")
        self.assert_same(before, db.dump())

    def test_keys_that_no_longer_fit_stop_it(self):
        db, project = self.tracker()
        file = self.backup(project, "-t", "user", "-o", "user.sql")
        db.psql("INSERT INTO \"user\" SELECT (jsonb_populate_record(u, jsonb_build_object('id', 900,"
                " 'username', 'n', 'email', 'n@x'))).* FROM \"user\" AS u LIMIT 1;"
                "UPDATE budget SET user_id = 900 WHERE id = (SELECT min(id) FROM budget)")
        before = db.dump()
        done = self.restore(project, file, "--drop", code=1)
        self.assert_says(done, "changed nothing", "budget_user_id_fkey")
        self.assert_same(before, db.dump())

    def test_a_view_on_the_table_stops_it_by_name(self):
        db, project = self.tracker()
        file = self.backup(project, "-t", "expense", "-o", "expense.sql")
        db.psql("CREATE VIEW spending AS SELECT amount FROM expense")
        before = db.dump()
        done = self.restore(project, file, "--drop", code=3)
        self.assert_says(done, "view public.spending")
        self.assert_says_not(done, "CASCADE")
        self.assert_same(before, db.dump())
        db.psql("UPDATE expense SET amount = 1")
        self.restore(project, file, "-t", "expense", "--drop")
        self.assert_same(before, db.dump())

    def test_data_only(self):
        db, project = self.tracker()
        db.psql("CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS"
                " $$BEGIN NEW.description := 'touched'; RETURN NEW; END$$;"
                "CREATE TRIGGER touch BEFORE INSERT ON expense FOR EACH ROW EXECUTE FUNCTION touch();"
                "ALTER TABLE expense ENABLE ALWAYS TRIGGER touch")
        before = db.dump()
        file = self.backup(project, "--data-only")
        self.assertNotIn("CREATE TABLE", file.read_text())
        self.assert_says(self.restore(project, file, code=1), "have rows", "--drop")
        db.psql('UPDATE expense SET amount = 7; DELETE FROM savingsgoal')
        self.restore(project, file, "--drop")
        self.assert_same(before, db.dump())

    def test_schema_only_never_takes_rows(self):
        db, project = self.tracker()
        file = self.backup(project, "--schema-only")
        self.assertNotRegex(file.read_text(), r"(?m)^COPY ")
        before = db.dump()
        self.assert_says(self.restore(project, file, "--drop", code=1), "holds no rows")
        self.assert_same(before, db.dump())
        other = self.database()
        elsewhere = self.project(other)
        self.restore(elsewhere, file, "--adopt")
        # Where a sequence stands is told by rows, and these stay behind.
        without_counters = dataclasses.replace(before.schema, sequences={})
        self.assert_same_schema(without_counters,
                                dataclasses.replace(other.dump().schema, sequences={}))

    def test_columns_as_csv_like_the_guides_export(self):
        db, project = self.tracker()
        file = self.backup(project, "-t", "debitcard", "--columns", "id,daily_limit", "-o", "l.csv")
        expected = db.psql("COPY (SELECT id, daily_limit FROM debitcard) TO STDOUT WITH CSV HEADER")
        self.assertEqual(sorted(file.read_text().split()), sorted(expected.split()))
        wrong = project.run("backup", "-t", "debitcard", "--columns", "id,daily_limt", "-o", "l.csv")
        self.assert_says(self.assert_exit(wrong, 1), 'did you mean "daily_limit"')
        self.assert_exit(project.run("backup", "--columns", "id", "-o", "l.csv"), 1)

    def test_custom_format_of_pg_dump_is_read(self):
        db, project = self.tracker()
        file = project.path / "x.dump"
        subprocess.run([db.server.client("pg_dump"), "-Fc", "-f", file, "-U", "postgres", db.name],
                       env=db.server.client_environment(), check=True)
        other = self.database()
        self.restore(self.project(other), file)
        self.assert_same(db, other)


class Files(BackupTest):
    def test_nothing_is_overwritten_and_all_are_listed(self):
        _, project = self.tracker()
        self.assert_says(self.assert_exit(project.run("backup", "--list"), 0), "No backups")
        first = self.backup(project, "-t", "expense", "-o", "backups/dev/x.sql")
        text = first.read_bytes()
        second = self.backup(project, "-t", "expense", "-o", "backups/dev/x.sql")
        self.assertEqual((second.name, first.read_bytes()), ("x_2.sql", text))
        project.write("backups/dev/notes.sql", "SELECT 1;\n")
        project.write("backups/dev/cut.sql", text.decode()[:-60])
        self.backup(project)
        listed = self.assert_exit(project.run("backup", "--list"), 0).stdout
        for line in (r"x\.sql +tables", r"x_2\.sql +tables", r"notes\.sql +not of schemasync",
                     r"cut\.sql +incomplete", r"_\d{6}\.sql +full"):
            self.assertRegex(listed, line)
        self.assertEqual(project.run("restore", "--list").stdout, listed)
        self.assert_says(self.restore(project, project.path / "backups/dev/cut.sql", code=1),
                         "not complete")

    def test_backup_dir_and_url(self):
        db, project = self.tracker()
        project.append("schemasync.toml", 'backup_dir = "elsewhere/here"\n')
        self.assertEqual(self.backup(project).parent, project.path / "elsewhere/here")
        self.assertEqual(self.backup(project, "--url", db.url).parent, project.path / "backups/url")

    def test_a_table_that_is_not_there(self):
        _, project = self.tracker()
        done = self.assert_exit(project.run("backup", "-t", "expnse", "-o", "x.sql"), 1)
        self.assert_says(done, 'did you mean "expense"')
        self.assertFalse(any("x.sql" in name for name in project.files()))

    def test_a_dump_that_fails_leaves_no_file(self):
        db, project = self.tracker()
        db.psql("DROP ROLE IF EXISTS half_blind; CREATE ROLE half_blind LOGIN;"
                "GRANT SELECT ON expense TO half_blind;"
                "GRANT SELECT ON SEQUENCE expense_id_seq TO half_blind")
        self.addCleanup(lambda: db.server.psql("DROP OWNED BY half_blind; DROP ROLE half_blind",
                                               db.name))
        before = project.files()
        url = db.url.replace("user=postgres", "user=half_blind")
        project.write("schemasync.toml", f'[env.dev]\nurl = "{url}"\n')
        done = self.assert_exit(project.run("backup", "-o", "x.sql"), 1)
        self.assert_says(done, "permission denied")
        self.assertEqual(set(project.files()), set(before))
        self.backup(project, "-t", "expense", "-o", "y.sql")

    def test_a_killed_dump_leaves_no_file_that_looks_complete(self):
        db, project = self.tracker()
        keeper = subprocess.Popen([db.server.client("psql"), "-X", "-q", "-U", "postgres", "-d",
                                   db.name], env=db.server.client_environment(), text=True,
                                  stdin=subprocess.PIPE)
        self.addCleanup(keeper.wait)
        self.addCleanup(keeper.stdin.close)
        keeper.stdin.write("BEGIN; LOCK expense IN ACCESS EXCLUSIVE MODE;\n")
        keeper.stdin.flush()
        self.wait_for(db, "SELECT EXISTS (SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock'"
                          " AND relation = 'expense'::regclass AND granted)")
        for number in (15, 2):
            running = project.start("backup", "-o", "x.sql")
            self.wait_for(db, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name ="
                              " 'pg_dump')")
            running.send_signal(number)
            _, said = running.communicate(timeout=20)
            self.assertEqual(running.returncode, 1, said)
            self.assertIn("stopped by a signal", said)
            self.assertFalse([name for name in project.files() if "x.sql" in name])
            self.wait_for(db, "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE"
                              " application_name = 'pg_dump')")

    def wait_for(self, db, query):
        deadline = time.monotonic() + 20
        while db.value(query) != "t":
            self.assertLess(time.monotonic(), deadline, query)
            time.sleep(0.05)


class Refusals(BackupTest):
    def test_another_database(self):
        db, project = self.tracker()
        file = self.backup(project)
        other = self.database(harness.EXPENSE_TRACKER_EMPTY)
        elsewhere = self.project(other)
        before = other.dump()
        done = self.restore(elsewhere, file, "--drop", code=3)
        self.assert_says(done, "another database", db.name, "--adopt")
        self.assert_same(before, other.dump())
        self.restore(elsewhere, file, "--drop", "--adopt")
        self.assert_same(db, other)

    def test_commands_of_psql_and_ends_of_the_transaction(self):
        db = self.database()
        project = self.project(db, models=None)
        for text in ("\\! touch pwned\n", "SELECT 1 \\! touch pwned\n;", "\\copy t from program 'x'\n",
                     "\\connect postgres\n", "SELECT 'a' \\g | touch pwned\n",
                     "CREATE TABLE \"FROM\" (a int);\nCOPY (SELECT 1 FROM stdin) TO STDOUT;\n\\! x\n",
                     "COPY t FROM PROGRAM 'touch pwned';\n", "COMMIT;DROP TABLE t;\n", "ABORT;\n",
                     "SET standard_conforming_strings = off;\nSELECT 'a\\''; \\! x '\n",
                     "CREATE TABLE t (a text);\nCOPY t FROM stdin;\nx\n", "SELECT 'open\n",
                     "SELECT $a$ $b$ ;\n"):
            project.write("f.sql", "CREATE TABLE made (a integer);\n" + text)
            done = self.restore(project, "f.sql", code=1)
            self.assert_says(done, "f.sql")
            self.assertEqual(db.value("SELECT to_regclass('made') IS NULL"), "t", text)
        self.assertNotIn("pwned", project.files())

    def test_what_looks_like_a_command_and_is_none(self):
        db = self.database()
        project = self.project(db, models=None)
        project.write("f.sql", """
CREATE TABLE t (a text);
COPY public.t (a) FROM stdin;
\\\\! not a command
\\\\.
\\.
INSERT INTO t VALUES ('\\! x'), (E'it\\'s \\\\'), ($$ \\! $$), ($q$ ; COMMIT; $q$); -- \\! no
/* \\! /* nested */ COMMIT; */ SELECT 1;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$BEGIN COMMIT; END$$;
""")
        self.restore(project, "f.sql")
        self.assertEqual(sorted(row[0] for row in db.rows("t")),
                         sorted(["\\! not a command", "\\.", "\\! x", "it's \\", " \\! ",
                                 " ; COMMIT; "]))

    def test_a_failed_restore_changes_nothing(self):
        db, project = self.tracker()
        file = self.backup(project)
        text = file.read_text()
        broken = project.path / "broken.sql"
        broken.write_text(text.replace("-- PostgreSQL database dump complete",
                                       "SELECT 1/0;\n-- PostgreSQL database dump complete"))
        before = db.dump()
        line = broken.read_text().split("\n").index("SELECT 1/0;") + 1
        done = self.restore(project, broken, "--drop", code=1)
        self.assert_says(done, "changed nothing", f"line {line}: division by zero")
        self.assert_same(before, db.dump())

    def test_what_the_backup_does_not_hold_is_not_dropped(self):
        db, project = self.tracker()
        file = self.backup(project)
        db.psql("CREATE SCHEMA late; CREATE VIEW late.v AS SELECT amount FROM public.expense;"
                "CREATE TABLE late.t (u integer REFERENCES public.\"user\")")
        before = db.dump()
        done = self.restore(project, file, "--drop", code=3)
        self.assert_says(done, "late.v", "late.t")
        self.assert_same(before, db.dump())

    def test_foreign_files(self):
        db, project = self.tracker()
        file = project.path / "pg.sql"
        subprocess.run([db.server.client("pg_dump"), "-f", file, "-U", "postgres", db.name],
                       env=db.server.client_environment(), check=True)
        self.assert_says(self.restore(project, file, code=1), "there already", "expense")
        self.assert_says(self.restore(project, file, "--drop", code=1), "schemasync backup")
        before = db.dump()
        db.psql("DELETE FROM budget")
        self.restore(project, file, "-t", "budget")
        self.assert_same(before, db.dump())
        cut = project.path / "cut.sql"
        cut.write_text(file.read_text()[:-200])
        other = self.database()
        self.assert_says(self.restore(self.project(other), cut, code=1), "not complete")
        self.restore(self.project(other), file)
        self.assert_same(before, other.dump())

    def test_pg_dump_that_is_too_old(self):
        _, project = self.tracker()
        folder = project.path / "bin"
        project.write("bin/pg_dump", "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
        (folder / "pg_dump").chmod(0o755)
        done = project.run("backup", env={"SCHEMASYNC_PGBIN": str(folder)})
        self.assert_says(self.assert_exit(done, 1), "9.6.24", "too old", "postgresql-client-")
        # One that is only first in the PATH is passed over.
        self.backup(project, env={"PATH": f"{folder}:{os.environ['PATH']}"})


    def test_a_file_without_a_statement(self):
        db, project = self.tracker()
        before = db.dump()
        project.write("empty.sql", "")
        project.write("notes.sql", "-- CREATE TABLE a (b integer);\n\n/* nor this\n; */ ;\nCOMMIT;\n")
        for file in ("/dev/null", "empty.sql", "notes.sql"):
            done = self.restore(project, file, code=1)
            self.assert_says(done, file, "no statement", stream="stderr")
        self.assert_same(before, db.dump())
        self.assertEqual(db.value("SELECT to_regnamespace('schemasync') IS NULL"), "t")

    def test_standard_output_is_no_file(self):
        _, project = self.tracker()
        before = project.files()
        done = self.assert_exit(project.run("backup", "-o", "-"), 1)
        self.assert_says(done, "-o -", stream="stderr")
        self.assertEqual(project.files(), before)


class WithoutJournal(BackupTest):
    """A restore into a database that schemasync never changed: its journal begins with it."""

    def note(self):
        db = self.database()
        db.psql("CREATE TABLE note (id integer PRIMARY KEY); INSERT INTO note VALUES (1), (2)")
        return db, self.project(db, models=None)

    def elsewhere(self):
        other = self.database()
        return other, self.project(other, models=None)

    def assert_recorded(self, db, project, name):
        self.assertEqual(db.value("SELECT string_agg(id || ' ' || status, ', ' ORDER BY number) "
                                  "FROM schemasync.migration"), f"0000 baseline, 0001_{name} applied")
        status = self.assert_exit(project.run("status"), 0)
        self.assert_says(status, f"0001_{name}")
        self.assert_says_not(status, "never changed")
        self.assert_says(self.assert_exit(project.run("rollback", "--all", "--yes"), 1), "restored")

    def test_tables_definitions_and_foreign_files_are_recorded(self):
        db, project = self.note()
        table = self.backup(project, "-t", "note")
        definitions = self.backup(project, "--schema-only")
        foreign = project.path / "foreign.sql"
        foreign.write_text("CREATE TABLE note (id integer PRIMARY KEY);\nINSERT INTO note VALUES (1);\n")
        for file, rows, name in ((table, "2", "restore_note"),
                                 (definitions, "0", "restore_everything"),
                                 (foreign, "1", "restore_note")):
            with self.subTest(file=file):
                other, there = self.elsewhere()
                done = self.restore(there, file, "--adopt")
                self.assert_says(done, "as it was as 0000", f"Recorded as 0001_{name}")
                self.assertEqual(other.value("SELECT count(*) FROM note"), rows)
                self.assert_recorded(other, there, name)
                self.assertEqual(other.value("SELECT summary FROM schemasync.migration WHERE number = 0"),
                                 "an empty database")

    def test_rows_over_those_of_a_database_with_tables(self):
        db, project = self.note()
        file = self.backup(project, "--data-only")
        db.psql("DELETE FROM note")
        self.restore(project, file)
        self.assertEqual(db.value("SELECT count(*) FROM note"), "2")
        self.assert_recorded(db, project, "restore_note")
        project.write("schemas/note.toml", '[table.note.columns]\nid = { type = "integer", '
                      'primary_key = true }\n')
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        project.append("schemas/note.toml", 'more = "text?"\n')
        self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_exit(project.run("rollback", "--yes"), 0)

    def test_a_restore_that_fails_begins_none(self):
        other, there = self.elsewhere()
        there.write("f.sql", "CREATE TABLE made (a integer);\nSELECT 1/0;\n")
        self.restore(there, "f.sql", code=1)
        self.assertEqual(other.value("SELECT to_regnamespace('schemasync') IS NULL "
                                     "AND to_regclass('made') IS NULL"), "t")

    def test_the_journal_of_a_file_is_the_journal(self):
        db, project = self.note()
        project.write("schemas/note.toml", '[table.note.columns]\nid = { type = "integer", '
                      'primary_key = true }\nmore = "text?"\n')
        self.assert_exit(project.run("apply", "--yes"), 0)
        pg_dump = project.path / "pg.sql"
        subprocess.run([db.server.client("pg_dump"), "-f", pg_dump, "-U", "postgres", db.name],
                       env=db.server.client_environment(), check=True)
        recorded = db.value("SELECT string_agg(id, ' ' ORDER BY number) FROM schemasync.migration")
        for file in (self.backup(project), pg_dump):
            with self.subTest(file=file):
                other, there = self.elsewhere()
                self.assert_says_not(self.restore(there, file, "--adopt"), "as 0000", "Recorded as")
                self.assertEqual(other.value("SELECT string_agg(id, ' ' ORDER BY number) "
                                             "FROM schemasync.migration"), recorded)
                self.assert_same(db, other)

    def test_who_may_not_make_the_journal_is_told_before_anything_changes(self):
        db, project = self.note()
        role = f"writer_{os.getpid()}"
        db.psql(f"CREATE ROLE {role}; ALTER TABLE note OWNER TO {role}")
        self.addCleanup(lambda: self.server.psql(f"DROP ROLE {role}"))
        self.addCleanup(db.drop)
        file = self.backup(project, "--data-only")
        db.psql("DELETE FROM note")
        project.append("schemasync.toml", f'role = "{role}"\n')
        done = self.restore(project, file, code=1)
        self.assert_says(done, "permission denied for database", "GRANT CREATE ON DATABASE",
                         stream="stderr")
        self.assertEqual(db.value("SELECT count(*) FROM note"), "0")


class Secrets(BackupTest):
    def test_no_password_anywhere(self):
        secret = "s3cr3t-p4ss"
        db = self.database(harness.EXPENSE_TRACKER)
        db.psql(f"DROP ROLE IF EXISTS guarded; CREATE ROLE guarded LOGIN SUPERUSER PASSWORD '{secret}'"
                " IN ROLE needs_password")
        self.addCleanup(lambda: db.server.psql("DROP OWNED BY guarded; DROP ROLE guarded", db.name))
        url = db.url.replace("user=postgres", f"user=guarded&password={secret}")
        self.assertIn(secret, url)
        project = self.project(db, config='[env.dev]\nurl = "${SECRET_URL}"\n')
        seen = []
        done = threading.Event()

        def watch():
            while not done.is_set():
                for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                    try:
                        line = entry.read_bytes()
                    except OSError:
                        continue
                    if b"pg_dump" in line or b"psql" in line or b"schemasync" in line:
                        seen.append(line)

        watcher = threading.Thread(target=watch)
        watcher.start()
        env = {"SECRET_URL": url}
        try:
            results = [project.run("apply", "--yes", env=env),
                       project.run("backup", "-o", "a.sql", env=env),
                       project.run("backup", "--verbose", "-t", "user", "-o", "b.sql", env=env),
                       project.run("restore", "--file", "a.sql", "--drop", "--yes", env=env),
                       project.run("history", "--format", "json", env=env)]
        finally:
            done.set()
            watcher.join()
        for result in results:
            self.assert_exit(result, 0)
            self.assert_says_not(result, secret)
        self.assertTrue([line for line in seen if b"pg_dump\0--dbname" in line])
        self.assertFalse([line for line in seen if secret.encode() in line])
        for name, text in project.files().items():
            self.assertNotIn(secret, name)
            self.assertNotIn(secret.encode(), text)
        wrong = project.run("backup", env={"SECRET_URL": url.replace(secret, secret + "x")})
        self.assert_says_not(self.assert_exit(wrong, 1), secret)
        # ~/.pgpass and PGPASSWORD serve the programs too.
        bare = db.url.replace("user=postgres", "user=guarded")
        project.write("pgpass", f"*:*:*:guarded:{secret}\n")
        (project.path / "pgpass").chmod(0o600)
        self.backup(project, env={"SECRET_URL": bare, "PGPASSFILE": str(project.path / "pgpass")})
        self.backup(project, env={"SECRET_URL": bare, "PGPASSWORD": secret})

    def test_role_is_honoured(self):
        db, project = self.tracker()
        db.psql("DROP ROLE IF EXISTS owner_of_it; CREATE ROLE owner_of_it;"
                "CREATE ROLE only_member LOGIN IN ROLE owner_of_it NOINHERIT;"
                "ALTER TABLE expense OWNER TO owner_of_it")
        self.addCleanup(lambda: db.server.psql(
            "DROP OWNED BY owner_of_it CASCADE; DROP ROLE only_member; DROP ROLE owner_of_it",
            db.name))
        url = db.url.replace("user=postgres", "user=only_member")
        project.write("schemasync.toml", f'[env.dev]\nurl = "{url}"\nrole = "owner_of_it"\n')
        self.backup(project, "-t", "expense", "-o", "x.sql")
        self.backup(project, "-t", "expense", "--columns", "id", "-o", "x.csv")


class BeforeChanges(BackupTest):
    def drop_column(self, project):
        project.edit("schemas/debitcard.toml", 'daily_limit        = "double precision?"\n', "")

    def test_affected_is_the_default(self):
        db, project = self.tracker()
        before = db.dump()
        self.drop_column(project)
        dry = self.assert_exit(project.run("apply", "--dry-run"), 0)
        self.assertFalse((project.path / "backups").exists(), dry)
        done = self.assert_exit(project.run("apply", "--yes"), 0)
        name = "backups/dev/before_0001_drop_debitcard_daily_limit.sql"
        self.assert_says(done, f"backup {name}", "(debitcard)")
        file = project.path / name
        self.assertIn("COPY public.debitcard", file.read_text())
        self.assertNotIn("COPY public.expense", file.read_text())
        for command in ("history", "status"):
            self.assertRegex(self.assert_exit(project.run(command), 0).stdout,
                             rf"backup +{re.escape(name)}, \d+ (bytes|kB)")
        self.assertIn(f'"file": "{name}"', project.run("history", "--format", "json").stdout)
        self.assertEqual(db.value("SELECT backup_bytes FROM schemasync.migration WHERE number = 1"),
                         str(file.stat().st_size))
        # The table as it was, from the backup: recorded, and nothing goes back over it.
        done = self.restore(project, name, "--drop")
        self.assert_says(done, "0002_restore_debitcard")
        self.assert_same_rows(before, db.dump())
        back = self.assert_exit(project.run("rollback", "--yes"), 1)
        self.assert_says(back, "0002_restore_debitcard", name)
        self.assert_says(project.run("status"), "0002", "1 change")
        self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same_rows(before, db.dump())

    def test_a_renamed_table_is_backed_up_under_its_old_name(self):
        _, project = self.tracker()
        project.edit("schemas/budget.toml", "[table.budget]", '[table.plan]\nrenamed_from = "budget"')
        text = project.read("schemas/budget.toml").replace("table.budget.", "table.plan.")
        project.write("schemas/budget.toml", text)
        self.assert_says(self.assert_exit(project.run("apply", "--yes"), 0), "(budget)")

    def test_full_none_and_nothing_to_back_up(self):
        db, project = self.tracker()
        config = project.read("schemasync.toml")
        project.write("schemas/notification.toml",
                      '[table.notification.columns]\nid = { type = "serial", primary_key = true }\n'
                      'user_id = { type = "integer", references = "user.id" }\n')
        done = self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_says(done, "no backup: no table that is there is touched")
        project.write("schemasync.toml", config + 'backup = "full"\n')
        self.drop_column(project)
        self.assert_says(self.assert_exit(project.run("apply", "--yes"), 0), "(everything)")
        file = project.path / "backups/dev/before_0002_drop_debitcard_daily_limit.sql"
        self.assertIn("COPY schemasync.migration", file.read_text())
        # Rows of one table out of it leave the journal alone, and are recorded in it.
        self.assert_says(self.restore(project, file, "-t", "budget", "--drop"), "0003_restore_budget")
        # The whole database as it was, its journal too.
        self.restore(project, file, "--drop")
        self.assertEqual(db.value("SELECT max(number) FROM schemasync.migration"), "1")
        project.write("schemasync.toml", config + 'backup = "none"\n')
        self.assert_says(self.assert_exit(project.run("apply", "--yes"), 0), 'backup = "none"')

    def test_a_backup_that_fails_stops_apply(self):
        db, project = self.tracker()
        self.drop_column(project)
        project.write("backups/dev", "a file in the way")
        before = db.dump()
        done = self.assert_exit(project.run("apply", "--yes"), 1)
        self.assert_says(done, "backups/dev")
        self.assert_same(before, db.dump())
        self.assertEqual(db.value("SELECT to_regnamespace('schemasync') IS NULL"), "t")

    def test_protected_restore_and_rollback_back_up_first(self):
        db, project = self.tracker()
        project.write("schemasync.toml", f'[env.prod]\nurl = "{db.url}"\nprotected = true\n')
        self.drop_column(project)
        self.assert_exit(project.run("plan", "--env", "prod", "-o", "plan.json"), 0)
        self.assert_exit(project.run("apply", "plan.json", "--env", "prod", "--yes"), 0)
        before = "backups/prod/before_0001_drop_debitcard_daily_limit.sql"
        self.assert_exit(project.run("restore", "--env", "prod", "--file", before, "--drop",
                                     "--yes"), 3)
        done = self.assert_exit(project.run("rollback", "--env", "prod", "--to", "0", "--yes"), 0)
        self.assert_says(done, "backups/prod/before_rollback_0001_drop_debitcard_daily_limit.sql")

    def test_the_embedded_server_too(self):
        project = self.project("embedded")
        self.assert_exit(project.run("apply", "--yes"), 0)
        file = self.backup(project)
        self.restore(project, file, "--drop")
        self.drop_column(project)
        self.assert_says(self.assert_exit(project.run("apply", "--yes"), 0), "(debitcard)")


class Reset(BackupTest):
    def test_everything_is_made_anew(self):
        db, project = self.tracker()
        self.assert_exit(project.run("apply", "--yes"), 0)
        project.edit("schemas/debitcard.toml", 'daily_limit        = "double precision?"\n', "")
        self.assert_exit(project.run("apply", "--yes"), 0)
        db.psql("CREATE FUNCTION stays() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
        before = db.dump()
        self.assert_exit(project.run("reset"), 3)
        dry = self.assert_exit(project.run("reset", "--dry-run"), 0)
        self.assert_says(dry, "drops 11 tables", "CREATE TABLE")
        self.assert_same(before, db.dump())
        done = self.assert_exit(project.run("reset", "--yes"), 0)
        self.assert_says(done, "backups/dev/before_reset_", "(everything)")
        self.assertEqual(db.value('SELECT count(*) FROM "user"'), "0")
        self.assertEqual(db.value("SELECT stays()"), "1")
        self.assertEqual(db.value("SELECT string_agg(number || status, ' ' ORDER BY number) FROM"
                                  " schemasync.migration"), "0baseline 1applied")
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        file = next((project.path / "backups/dev").glob("before_reset_*"))
        self.restore(project, file, "--drop")
        self.assert_same(before, db.dump())

    def test_what_stands_in_the_way_is_named(self):
        db, project = self.tracker()
        project.write("schemas/scope.toml", '[scope]\nschemas = ["public"]\n')
        for made, named in (
                ("CREATE SCHEMA o; CREATE VIEW o.v AS SELECT amount FROM public.expense", "o.v"),
                ("CREATE MATERIALIZED VIEW m AS SELECT amount FROM expense", "materialized view public.m"),
                ("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
                 "CREATE TRIGGER t BEFORE INSERT ON expense FOR EACH ROW EXECUTE FUNCTION f()",
                 "trigger t")):
            db.psql(made)
            before = db.dump()
            self.assert_says(self.assert_exit(project.run("reset", "--yes"), 3), named)
            self.assert_same(before, db.dump())
            db.psql("DROP SCHEMA IF EXISTS o CASCADE; DROP MATERIALIZED VIEW IF EXISTS m;"
                    "DROP FUNCTION IF EXISTS f CASCADE")
        project.write("schemasync.toml", f'[env.dev]\nurl = "{db.url}"\nprotected = true\n')
        self.assert_exit(project.run("reset", "--yes"), 3)


if __name__ == "__main__":
    harness.main()
