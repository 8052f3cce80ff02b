"""Where the models meet what they do not describe: tables outside the scope, publications, schema
public itself, indexes that are not valid, changes of others that were accepted, copies of a
database, and tables that somebody holds.
"""

import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402

ALL = ("apply", "--yes", "--allow", "high", "--allow", "data-loss")


class Edge(harness.LiveTest):
    def models(self, db, **files):
        project = self.project(db, models=None)
        for name, text in files.items():
            project.write(f"schemas/{name}.toml", text)
        return project

    def assert_up_and_down(self, project, db, expected=None):
        """Up, nothing left to do, like a database built directly; down, as before; up again."""
        before = db.dump()
        self.assert_exit(project.run(*ALL), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        if expected is not None:
            self.assert_same_schema(expected, db)
        after = db.dump()
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db)
        self.assert_exit(project.run(*ALL), 0)
        self.assert_same(after, db)


class OutsideTables(Edge):
    SCOPE = '[scope]\nschemas = ["public"]\n'
    REGION = 'schema = "crm"\n[external.table.region.columns]\norg_id = "integer"\ncode = "text"\n'
    MEMBER = """
[table.member.columns]
id = { type = "serial", primary_key = true }
org_id = "integer"
region = "text?"
[[table.member.foreign_key]]
columns = ["org_id", "region"]
references = ["crm.region.org_id", "crm.region.code"]
on_delete = "cascade"
"""

    def outside(self):
        db = self.database()
        db.psql("CREATE SCHEMA crm; CREATE TABLE crm.region (org_id int, code text, name text, "
                "PRIMARY KEY (org_id, code)); INSERT INTO crm.region VALUES (1, 'eu'), (2, 'us')")
        return db

    def test_a_key_points_at_one_that_others_make(self):
        db = self.outside()
        project = self.models(db, scope=self.SCOPE, region=self.REGION, member=self.MEMBER)
        self.assert_exit(project.run("check"), 0)
        built = self.outside()
        built.psql("CREATE TABLE member (id serial PRIMARY KEY, org_id int NOT NULL, region text, "
                   "FOREIGN KEY (org_id, region) REFERENCES crm.region ON DELETE CASCADE)")
        self.assert_up_and_down(project, db, built)

    def test_it_is_neither_planned_nor_dropped_and_the_key_comes_back_with_its_table(self):
        db = self.outside()
        project = self.models(db, scope=self.SCOPE, region=self.REGION, member=self.MEMBER)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO member (org_id, region) VALUES (1, 'eu')")
        project.remove("schemas/member.toml")
        self.assert_up_and_down(project, db)
        self.assertEqual("2", db.value("SELECT count(*) FROM crm.region"))
        # An archived row must not go with its parent.
        db.psql("DELETE FROM crm.region WHERE org_id = 2")

    def test_orphans_are_found(self):
        db = self.outside()
        project = self.models(db, scope=self.SCOPE, region=self.REGION,
                              member=self.MEMBER.split("[[")[0])
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO member (org_id, region) VALUES (1, 'eu'), (7, 'xx')")
        project.write("schemas/member.toml", self.MEMBER)
        self.assert_says(self.assert_exit(project.run(*ALL), 4), "1 row points at no row of crm.region")
        db.psql("DELETE FROM member WHERE org_id = 7")
        self.assert_up_and_down(project, db)

    def test_pull_writes_it(self):
        db = self.outside()
        db.psql("CREATE TABLE member (id serial PRIMARY KEY, org_id int, region text, "
                "FOREIGN KEY (org_id, region) REFERENCES crm.region); "
                "CREATE TABLE part (id int PRIMARY KEY) PARTITION BY RANGE (id); "
                "CREATE TABLE near (far int REFERENCES part)")
        project = self.models(db, scope=self.SCOPE)
        said = self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_says(said, "+ external table crm.region", "+ external table part")
        self.assertIn("[external.table.region.columns]\norg_id = \"integer\"\ncode   = \"text\"",
                      project.read("schemas/crm/external.toml"))
        self.assert_exit(project.run("check"), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assert_says(project.run("pull", "--yes"), "as the database is")
        # A column more, in a file of one's own.
        project.write("schemas/crm/external.toml", 'schema = "crm"\n\n'
                      '[external.table.region.columns]\norg_id = "integer"\n')
        self.assert_says(self.assert_exit(project.run("check"), 1), "code")
        db.psql("CREATE TABLE more (a int); ")
        self.assert_exit(project.run("plan"), 1)

    def test_mistakes_have_their_place(self):
        db = self.outside()
        project = self.models(db, scope=self.SCOPE, region=self.REGION, member=self.MEMBER)
        for old, new, *texts in (
                ('code = "text"', 'cod = "text"', 'unknown column "code" of crm.region'),
                ('org_id = "integer"', 'org_id = "uuid"', "org_id is integer", "is uuid"),
                ("table.region", "table.regio", 'unknown table "crm.region"', '"crm.regio"'),
                ('code = "text"', 'code = "text"\n[external.table.region.check]\na = "b"',
                 "columns alone"),
                ("external.table", "external.view", "only tables")):
            project.write("schemas/region.toml", self.REGION)
            project.edit("schemas/region.toml", old, new)
            self.assert_says(self.assert_exit(project.run("check"), 1), *texts)
        project.write("schemas/region.toml", self.REGION)
        project.append("schemas/region.toml", '[external.table.nowhere.columns]\nid = "integer"\n')
        self.assert_says(self.assert_exit(project.run("plan"), 1), "schemas/region.toml:5:",
                         "crm.nowhere is not in the database")
        project.write("schemas/region.toml", self.REGION)
        project.append("schemas/region.toml", 'gone = "integer"\n')
        self.assert_says(self.assert_exit(project.run("plan"), 1), 'no column "gone"')
        project.write("schemas/region.toml", self.REGION)
        project.write("schemas/scope.toml", "")
        self.assert_says(self.assert_exit(project.run("plan"), 1), "models' own scope")


class OutsideViews(Edge):
    """Views in the models that read what is in no model."""

    def started(self):
        db = self.database()
        db.psql("CREATE TABLE part (id int, d date, c int) PARTITION BY RANGE (d);"
                "CREATE TABLE t (id int PRIMARY KEY, n text);"
                "CREATE MATERIALIZED VIEW \"Sums\" AS SELECT count(*) AS many FROM t;"
                "CREATE AGGREGATE last_of(int) (SFUNC = int4larger, STYPE = int, INITCOND = '0');"
                "CREATE SCHEMA other; CREATE TABLE other.far (id int, s varchar(9));"
                "CREATE VIEW first AS SELECT last_of(id) AS id, d FROM part GROUP BY d;"
                "CREATE VIEW v AS SELECT t.n || 'a' AS s, part.d FROM t JOIN part ON part.c = t.id;"
                "CREATE VIEW w AS SELECT first.d, many, far.s FROM first, \"Sums\", other.far")
        project = self.project(db, models=None)
        project.write("schemas/scope.toml", '[scope]\nschemas = ["public"]\n')
        self.assert_exit(project.run("pull", "--yes"), 0)
        return db, project

    def test_one_is_made_again_around_a_type_change(self):
        db, project = self.started()
        db.psql('DROP MATERIALIZED VIEW "Sums" CASCADE')  # it stands on t and would stop the change
        project.remove("schemas/w.toml")
        project.edit("schemas/t.toml", '"text?"', '"varchar(200)?"')
        self.assert_up_and_down(project, db)

    def test_one_is_written_otherwise_and_changed(self):
        db, project = self.started()
        for view in ("first", "v", "w"):
            project.edit(f"schemas/{view}.toml", "SELECT", "SELECT  ")
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        project.edit("schemas/w.toml", "SELECT", "SELECT 1 AS one,")
        self.assert_up_and_down(project, db)

    def widened(self, *statements):
        """A database with table t and these, pulled, with a wider t.n in the models."""
        db = self.database()
        db.psql("CREATE TABLE t (id int PRIMARY KEY, n text);" + ";".join(statements))
        project = self.project(db, models=None)
        self.assert_exit(project.run("pull", "--yes"), 0)
        project.edit("schemas/t.toml", '"text?"', '"varchar(200)?"')
        return db, project

    def test_one_of_types_that_no_model_has(self):
        db, project = self.widened(
            "CREATE TYPE pair AS (a int, b int)", "CREATE TYPE span AS RANGE (SUBTYPE = int)",
            "CREATE TABLE part (p pair, c int, r span) PARTITION BY RANGE (c)",
            "CREATE VIEW v AS SELECT t.n || 'a' AS s, (part.p).a, part.r * span(1, 2) AS r FROM t JOIN part ON part.c = t.id")
        self.assert_up_and_down(project, db)

    def test_one_that_no_scratch_database_can_hold_fails_no_migration(self):
        db, project = self.widened(
            "CREATE FUNCTION added(int, int) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'int4pl'",
            "CREATE VIEW v AS SELECT t.n || 'a' AS s, added(t.id, 1) AS a FROM t")
        before = db.dump()
        applied = self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_says(applied, "applied", "could not be compared", "schemas/v.toml:1", "added")
        self.assert_says_not(applied, "is as the models say")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db)

    def test_one_that_reads_a_table_which_goes_is_a_mistake(self):
        _, project = self.started()
        project.remove("schemas/t.toml")
        project.edit("schemas/v.toml", "SELECT", "SELECT  ")
        stopped = self.assert_exit(project.run("apply", "--yes"), 1)
        self.assert_says(stopped, "schemas/v.toml:", "stands on table t")


class Publications(Edge):
    def test_a_dropped_table_leaves_them_and_returns_to_them(self):
        db = self.database()
        text = '[table.keep.columns]\nid = { type = "integer", primary_key = true }\n'
        gone = ('[table."Gone it\'s".columns]\nid = { type = "integer", primary_key = true }\n'
                'a = "text?"\n')
        project = self.models(db, keep=text, gone=gone)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("""INSERT INTO "Gone it's" VALUES (1, 'x'), (2, NULL);
                CREATE PUBLICATION "P one" FOR TABLE keep, "Gone it's" (id) WHERE (id > 0);
                CREATE PUBLICATION two FOR TABLE "Gone it's";
                CREATE PUBLICATION later FOR TABLE "Gone it's" """)
        project.remove("schemas/gone.toml")
        self.assert_says(project.run("plan"), "It leaves publication")
        self.assert_up_and_down(project, db)
        self.assertEqual("1", db.value("SELECT count(*) FROM pg_publication_rel"))
        # One that is gone itself is no obstacle.
        db.psql("DROP PUBLICATION two")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assertEqual("3", db.value("SELECT count(*) FROM pg_publication_rel"))

    def test_a_rollback_takes_a_new_table_out_of_those_that_it_came_into(self):
        db = self.database()
        project = self.models(db, keep='[table.keep.columns]\nid = "integer"\n')
        self.assert_exit(project.run(*ALL), 0)
        project.write("schemas/new.toml", '[table.new.columns]\nid = { type = "integer", '
                      'primary_key = true }\n')
        self.assert_exit(project.run(*ALL), 0)
        db.psql("CREATE PUBLICATION one FOR TABLE new")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assertEqual("0", db.value("SELECT count(*) FROM pg_publication_rel"))

    def test_a_published_column_is_named_as_an_obstacle(self):
        db = self.database()
        project = self.models(db, t='[table.t.columns]\nid = { type = "integer", primary_key = true }\n'
                                    'a = "text?"\n')
        self.assert_exit(project.run(*ALL), 0)
        db.psql("CREATE PUBLICATION one FOR TABLE t (id, a)")
        project.edit("schemas/t.toml", 'a = "text?"\n', "")
        self.assert_says(self.assert_exit(project.run(*ALL), 4), "publication")


    def test_the_plan_says_that_one_for_all_tables_stops_the_first_apply(self):
        db = self.database()
        db.psql("CREATE PUBLICATION everything FOR ALL TABLES")
        project = self.models(db, t='[table.t.columns]\nid = { type = "integer", primary_key = true }\n')
        for output in ("text", "markdown", "json"):
            said = " ".join(self.assert_exit(project.run("plan", "--format", output), 0).stdout.split())
            for text in ("apply stops (exit 3) unless", "--allow publication", "publication everything would send"):
                self.assertIn(text, said)
        self.assert_says(self.assert_exit(project.run(*ALL), 3), "apply stops (exit 3)")
        done = self.assert_exit(project.run(*ALL, "--allow", "publication"), 0)
        self.assert_says_not(done, "apply stops")
        project.append("schemas/t.toml", 'a = "text?"\n')
        self.assert_says_not(self.assert_exit(project.run("plan"), 0), "--allow publication")

    def test_rows_that_a_publication_cannot_send_stop_a_plan_that_updates_them(self):
        db = self.database()
        project = self.models(db, old='[table.old.columns]\na = "text?"\n')
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO old VALUES ('x'), (NULL); CREATE PUBLICATION one FOR TABLE old")
        project.write("schemas/old.toml", '[table.new]\nrenamed_from = "old"\n[table.new.columns]\n'
                      'a = { type = "text", backfill = "none" }\n')
        before = db.dump()
        self.assert_says(self.assert_exit(project.run(*ALL), 4), "no replica identity",
                         'ALTER TABLE "public"."old" REPLICA IDENTITY FULL')
        self.assert_same(before, db)
        db.psql("ALTER PUBLICATION one SET (publish = 'insert')")
        self.assert_says_not(self.assert_exit(project.run("plan"), 0), "replica identity")
        db.psql("ALTER PUBLICATION one SET (publish = 'insert, update'); ALTER TABLE old REPLICA IDENTITY FULL")
        self.assert_exit(project.run(*ALL), 0)


class SchemaPublic(Edge):
    TABLE = '[table.t.columns]\nid = "integer"\n'

    def test_it_is_changed_only_where_it_is_stated(self):
        db = self.database()
        role = f"{db.name}_reader"
        db.psql(f"CREATE ROLE {role}; GRANT USAGE ON SCHEMA public TO {role}; "
                "COMMENT ON SCHEMA public IS 'ours'")
        project = self.models(db, t=self.TABLE, scope='[scope]\nmanage = ["comments", "grants", "owners"]\n')
        self.assert_exit(project.run(*ALL), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assertEqual("ours", db.value("SELECT obj_description('public'::regnamespace)"))
        project.write("schemas/schemas.toml", '[schemas.public]\ncomment = "all of it"\n')
        self.assert_up_and_down(project, db)
        self.assertIn(f"{role}=U", db.value("SELECT nspacl FROM pg_namespace WHERE nspname = 'public'"))
        project.write("schemas/schemas.toml", '[schemas.public]\ngrants = [{ to = "public", privileges = ["usage"] }]\n')
        self.assert_up_and_down(project, db)
        self.assertNotIn(f"{role}=", db.value("SELECT nspacl FROM pg_namespace WHERE nspname = 'public'"))
        db.psql("COMMENT ON SCHEMA public IS 'theirs'")
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        project.write("schemas/schemas.toml", '[schemas.public]\ncomment = "mine"\n')
        self.assert_exit(project.run("pull", "--yes"), 0)
        self.assertIn('comment = "theirs"', project.read("schemas/schemas.toml"))
        self.assert_exit(project.run("plan", "--exit-code"), 0)


class InvalidIndexes(Edge):
    TEXT = '[table.t.columns]\nid = { type = "integer", primary_key = true }\na = { type = "integer", index = %s }\n'

    def broken(self, index):
        db = self.database()
        project = self.models(db, t=self.TEXT % index)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t VALUES (1, 1), (2, 1); "
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_a_idx'::regclass")
        return db, project

    def test_one_of_the_models_is_built_again(self):
        for index in ("true", '"t_a_idx"'):
            db, project = self.broken(index)
            plan = self.assert_exit(project.run("plan", "--exit-code"), 2)
            self.assert_says(plan, "Rebuild index t_a_idx", "index.rebuild", "INVALID", "1 change:")
            self.assert_says(self.assert_exit(project.run("pull", "--yes"), 0), "is INVALID",
                             "builds it again")
            self.assert_exit(project.run(*ALL), 0)
            self.assertEqual("t", db.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a_idx'::regclass"))
            self.assert_exit(project.run("plan", "--exit-code"), 0)
            self.assert_exit(project.run("rollback", "--yes"), 0)
            self.assert_exit(project.run("status"), 0)

    def test_one_of_nobody_is_not_written(self):
        db = self.database()
        db.psql("CREATE TABLE t (a int); CREATE INDEX ix ON t (a); "
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix'::regclass")
        project = self.models(db)
        said = self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_says(said, "Index t.ix is INVALID", "not written")
        self.assertNotIn("index", project.read("schemas/t.toml"))
        self.assert_says(self.assert_exit(project.run("plan", "--exit-code"), 2), "Drop index ix")


class AcceptedChanges(Edge):
    T = '[table.t.columns]\nid = { type = "integer", primary_key = true }\na = "text?"\n'
    U = '[table.u.columns]\nid = { type = "integer", primary_key = true }\n'

    def started(self):
        db = self.database()
        project = self.models(db, t=self.T, u=self.U)
        self.assert_exit(project.run(*ALL), 0)
        project.edit("schemas/t.toml", 'a = "text?"\n', 'a = "text?"\nb = "integer?"\n')
        self.assert_exit(project.run(*ALL), 0)
        return db, project

    def test_pull_and_an_apply_without_changes_settle_them(self):
        db, project = self.started()
        before = db.dump()
        db.psql("ALTER TABLE u ADD c text; CREATE INDEX ix ON t (a)")
        self.assert_says(self.assert_exit(project.run("status"), 5), "pull, then schemasync apply")
        self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_exit(project.run("status"), 5)
        self.assert_says(self.assert_exit(project.run("apply", "--yes"), 0), "changed outside")
        self.assert_says(self.assert_exit(project.run("status"), 0), "none: the database is as 0002")
        self.assert_says_not(self.assert_exit(project.run("apply", "--yes"), 0), "changed outside")
        # Back over the migration: what was accepted stays, and is no drift.
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assertEqual("c", db.value("SELECT attname FROM pg_attribute WHERE attrelid = 'u'::regclass AND attnum = 2"))
        self.assertEqual("ix", db.value("SELECT relname FROM pg_class WHERE relname = 'ix'"))
        self.assertEqual("0", db.value("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'b'"))
        self.assert_exit(project.run("status"), 0)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("ALTER TABLE u DROP c; DROP INDEX ix")
        self.assert_same(before, db)

    def test_where_they_changed_what_a_migration_made_it_cannot_go_back(self):
        db, project = self.started()
        db.psql("ALTER TABLE t ALTER b TYPE bigint")
        self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_exit(project.run("status"), 0)
        before = db.dump()
        self.assert_says(self.assert_exit(project.run("rollback", "--yes"), 5), "t.b")
        self.assert_same(before, db)

    def test_what_was_not_accepted_stays_drift(self):
        db, project = self.started()
        db.psql("CREATE TABLE other (a int)")
        self.assert_exit(project.run("apply", "--yes", "--dry-run"), 0)
        self.assert_exit(project.run("status"), 5)


class Copies(Edge):
    def test_one_is_noticed_and_adopted(self):
        db = self.database()
        project = self.models(db, t='[table.t.columns]\nid = "integer"\n')
        self.assert_exit(project.run(*ALL), 0)
        copy = db.copy()
        self.addCleanup(copy.drop)
        there = self.models(copy, t='[table.t.columns]\nid = "integer"\n')
        self.assert_says(self.assert_exit(there.run("status"), 0), "--adopt")
        self.assert_says(self.assert_exit(there.run("apply", "--yes"), 0), "--adopt")
        self.assert_says(self.assert_exit(there.run("apply", "--yes", "--adopt"), 0), "own from now on")
        self.assert_says_not(self.assert_exit(there.run("status"), 0), "--adopt")
        self.assert_says_not(self.assert_exit(there.run("apply", "--yes", "--adopt"), 0), "own from now on")
        self.assert_says_not(self.assert_exit(project.run("status"), 0), "--adopt")
        self.assertNotEqual(db.value("SELECT id FROM schemasync.database"),
                            copy.value("SELECT id FROM schemasync.database"))


class HeldTables(Edge):
    def hold(self, db, sql):
        client = subprocess.Popen([db.server.client("psql"), "-X", "-q", db.url],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                  env={**os.environ, "PGAPPNAME": "holder"})
        self.addCleanup(client.communicate)
        client.stdin.write(f"BEGIN; {sql}; SELECT 'held';\n")
        client.stdin.flush()
        while "held" not in client.stdout.readline():
            time.sleep(0.01)
        return client

    def test_who_holds_one_is_named(self):
        db = self.database()
        project = self.models(db, t='[table.t.columns]\nid = "integer"\n')
        project.write("schemasync.toml", f'[env.dev]\nurl = "{db.url}"\nlock_timeout = "200ms"\n')
        self.assert_exit(project.run(*ALL), 0)
        project.write("schemas/t.toml", '[table.t.columns]\nid = "integer"\na = "text?"\n')
        self.hold(db, "LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        for command in (("plan",), ALL):
            said = self.assert_exit(project.run(*command), 1)
            self.assert_says(said, "holder", "process ", "AccessExclusiveLock on t", "since", stream="stderr")

    def test_who_holds_one_is_named_where_only_its_index_is_read(self):
        db = self.database()
        project = self.models(db, t='[table.t.columns]\nid = { type = "integer", check = "id > 0" }\n')
        project.write("schemasync.toml", f'[env.dev]\nurl = "{db.url}"\nlock_timeout = "200ms"\n')
        self.assert_exit(project.run(*ALL), 0)
        db.psql("CREATE INDEX ON t ((id + 1))")
        self.hold(db, "LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        for command in ("plan", "pull", "status"):
            said = self.assert_exit(project.run(command), 1)
            self.assert_says(said, "holder", "AccessExclusiveLock on t", stream="stderr")


    def test_an_interrupted_rename_is_taken_back(self):
        db = self.database()
        table = 'id = { type = "integer", primary_key = true }\n'
        project = self.models(db, t=f'[table.k.columns]\n{table}d = "text?"\n'
                                    f'[table.b.columns]\n{table}x = "integer?"\n')
        project.write("schemasync.toml", f'[env.dev]\nurl = "{db.url}"\nlock_timeout = "200ms"\n')
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO k VALUES (1, 'd'); INSERT INTO b VALUES (1, 2)")
        before = db.dump()
        project.write("schemas/t.toml", f'[table.kk]\nrenamed_from = "k"\n[table.kk.columns]\n{table}'
                                        f'[table.b.columns]\n{table}')
        holder = self.hold(db, "LOCK TABLE b IN ACCESS SHARE MODE")
        self.assert_says(self.assert_exit(project.run(*ALL), 6), "holder")
        holder.communicate("ROLLBACK;\n")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db)


class AutomaticNames(Edge):
    T = """
[table.item.columns]
id = { type = "bigint", identity = true, primary_key = true }
no = { type = "integer", identity = { always = true, start = 10 } }
nr = "serial"
"""

    def test_sequences_go_along_with_a_renamed_table_and_its_columns(self):
        db = self.database()
        project = self.models(db, item=self.T)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO item DEFAULT VALUES; INSERT INTO item DEFAULT VALUES")
        project.write("schemas/item.toml", self.T.replace("[table.item.columns]", """
[table.Thing]
renamed_from = "item"
[table.Thing.columns]""").replace("no = { ", 'number = { renamed_from = "no", '))
        self.assert_says(project.run("plan"), 'item_id_seq -> "Thing_id_seq"',
                         'item_no_seq -> "Thing_no_seq"', '"Thing_no_seq" -> "Thing_number_seq"')
        built = self.database()
        built.psql("""CREATE TABLE "Thing" (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            number integer GENERATED ALWAYS AS IDENTITY (START 10), nr serial);
            INSERT INTO "Thing" DEFAULT VALUES; INSERT INTO "Thing" DEFAULT VALUES""")
        self.assert_up_and_down(project, db, built)

    def test_a_name_of_ones_own_stays(self):
        db = self.database()
        db.psql("CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME counter))")
        project = self.models(db, item='[table.thing]\nrenamed_from = "item"\n[table.thing.columns]\n'
                              'id = { type = "integer", identity = { always = true } }\n')
        self.assert_up_and_down(project, db)
        self.assertEqual("counter", db.value("SELECT relname FROM pg_class WHERE relkind = 'S' AND "
                                             "relnamespace = 'public'::regnamespace"))

    def test_a_table_that_moves_into_another_schema(self):
        db = self.database()
        project = self.models(db, item=self.T)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO item DEFAULT VALUES")
        project.remove("schemas/item.toml")
        project.write("schemas/item2.toml", 'schema = "app"\n' + self.T.replace(
            "[table.item.columns]", '[table.item]\nrenamed_from = "public.item"\n[table.item.columns]'))
        self.assert_up_and_down(project, db)


class UniqueIndexes(Edge):
    T = """
[table.t.columns]
id = { type = "integer", primary_key = true }
mail = "text"
k = "integer?"
"""

    def test_duplicates_are_shown_with_their_keys_and_repaired(self):
        for key, rows in (('{ sql = "lower(mail)" }', "a 2 7, 8"), ('"k"', "1 2 7, 8")):
            with self.subTest(key=key):
                db = self.database()
                project = self.models(db, t=self.T)
                self.assert_exit(project.run("apply", "--yes"), 0)
                db.psql("INSERT INTO t VALUES (7, 'A', 1), (8, 'a', 1), (9, 'b', NULL), "
                        "(10, 'c', NULL)")
                project.append("schemas/t.toml",
                               f"[[table.t.index]]\ncolumns = [{key}]\nunique = true\n")
                self.assert_exit(project.run("apply", "--yes"), 4)
                plan = json.loads(project.run("plan", "--format", "json").stdout)
                [check] = plan["changes"][0]["checks"]
                self.assertEqual(" ".join(db.rows(check["sample"])[0]), rows)
                [repair] = check["repairs"]
                if "lower" in key:
                    self.assertEqual([row[0] for row in db.rows(repair["sql"])], ["7", "8"])
                    db.psql("DELETE FROM t WHERE id = 8")
                else:
                    db.psql(repair["sql"])
                self.assert_exit(project.run("apply", "--yes"), 0)


    def test_a_new_column_with_one_value_for_all_rows_cannot_be_unique(self):
        table = '[table.t.columns]\nid = { type = "integer", primary_key = true }\n'
        for column in ('{ type = "text", default = "", unique = true }',
                       '{ type = "text", backfill = "x", unique = true }',
                       '{ type = "text?", default = "" }\n[[table.t.index]]\ncolumns = ["s"]\nunique = true'):
            with self.subTest(column=column):
                db = self.database()
                project = self.models(db, t=table)
                self.assert_exit(project.run("apply", "--yes"), 0)
                db.psql("INSERT INTO t VALUES (1), (2), (3)")
                project.write("schemas/t.toml", f"{table}s = {column}\n")
                self.assert_says(self.assert_exit(project.run(*ALL), 4),
                                 "1 group of duplicates: 3 rows, 2 too many", "by the " + ("backfill" if "backfill" in column else "default") + " of t.s")
                db.psql("DELETE FROM t WHERE id > 1")
                self.assert_up_and_down(project, db)


class Scope(Edge):
    def test_grants_that_the_models_do_not_manage_are_no_drift(self):
        db = self.database()
        project = self.models(db, t='[table.t.columns]\nid = "integer"\n')
        self.assert_exit(project.run("apply", "--yes"), 0)
        project.edit("schemas/t.toml", '"integer"', '"integer?"')
        self.assert_exit(project.run("apply", "--yes"), 0)
        db.psql("GRANT SELECT ON t TO pg_monitor")
        self.assert_says(self.assert_exit(project.run("status"), 0), "drift      none")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assertEqual(db.value("SELECT has_table_privilege('pg_monitor', 't', 'SELECT')"), "t")

    def test_schemas_that_the_scope_leaves_out_stay(self):
        for scope in ('include = ["table:app.*"]', 'ignore = ["schema:other", "table:other.*"]',
                      'ignore = ["schema:*", "table:other.*"]'):
            with self.subTest(scope=scope):
                db = self.database()
                db.psql("CREATE SCHEMA app; CREATE SCHEMA other; CREATE TABLE other.x (a int); "
                        "CREATE TABLE app.x (a int NOT NULL)")
                project = self.models(db, scope=f"[scope]\n{scope}\n",
                                      x='schema = "app"\n[table.x.columns]\na = "integer"\n')
                self.assert_exit(project.run("plan", "--exit-code"), 0)

    def test_a_schema_goes_only_when_nothing_stays_in_it(self):
        db = self.database()
        project = self.models(db, t='[table.t.columns]\nid = "integer"\n',
                              a='schema = "x"\n[enum.mood]\nvalues = ["a"]\n[table.a.columns]\n'
                                'id = { type = "serial", primary_key = true }\nm = "mood?"\n'
                                '[view.v]\nsql = "SELECT id FROM x.a"\n')
        self.assert_exit(project.run(*ALL), 0)
        before = db.dump()
        project.write("schemas/scope.toml", '[scope]\nignore = ["table:x.tmp_*"]\n')
        (project.path / "schemas/a.toml").unlink()
        db.psql("CREATE TABLE x.tmp_b (id integer); CREATE FUNCTION x.\"F\"() RETURNS integer "
                "LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE x.tmp_b_s OWNED BY x.tmp_b.id")
        self.assert_says(self.assert_exit(project.run(*ALL), 4), "2 objects in schema x stay",
                         "x.tmp_b", 'x."F"()')
        db.psql("DROP TABLE x.tmp_b")
        self.assert_says(self.assert_exit(project.run(*ALL), 4), "1 object in schema x stays")
        db.psql('DROP FUNCTION x."F"()')
        self.assert_exit(project.run(*ALL), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db)

    def test_what_came_into_a_new_schema_stops_the_way_back(self):
        db = self.database()
        project = self.models(db, a='schema = "x"\n[table.a.columns]\nid = "integer"\n')
        self.assert_exit(project.run("apply", "--yes"), 0)
        db.psql("CREATE DOMAIN x.d AS integer")
        self.assert_says(self.assert_exit(project.run("rollback", "--all", "--yes"), 4),
                         "1 object in schema x stays", "x.d")
        self.assertEqual(db.value("SELECT to_regclass('x.a')"), "x.a")
        db.psql("DROP DOMAIN x.d")
        self.assert_exit(project.run("rollback", "--all", "--yes"), 0)


class GeneratedColumns(Edge):
    T = """
[table.t.columns]
id = { type = "integer", primary_key = true }
a = "%s"
g = { type = "bigint", generated = "a * %s", comment = "computed", unique = true, check = "g > -100" }
h = { type = "integer?", references = "t.g" }
[[table.t.index]]
columns = ["g", "id"]
[[table.t.index]]
columns = [{ sql = "g + 1" }]
[[table.t.index]]
columns = ["id"]
include = ["g"]
where = "g > 1"
[view.v]
sql = "SELECT id, g FROM t"
[view.w]
sql = "SELECT g FROM v"
"""

    def started(self):
        db = self.database()
        role = f"{db.name}_reader"
        db.psql(f"CREATE ROLE {role}")
        project = self.models(db, t=(self.T % ("integer", "2")).replace('"integer?"', '"bigint?"'))
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t (id, a, h) VALUES (1, 1, 2), (2, 5, NULL), (3, -7, 10); "
                f"GRANT SELECT (g), UPDATE (a) ON t TO {role}; GRANT SELECT ON v TO {role}")
        return db, project

    def test_what_stands_on_one_is_made_again_around_its_base(self):
        db, project = self.started()
        project.edit("schemas/t.toml", 'a = "integer"', 'a = "bigint"')
        self.assert_up_and_down(project, db)

    def test_what_stands_on_one_is_made_again_around_its_expression(self):
        db, project = self.started()
        project.edit("schemas/t.toml", "a * 2", "a * 2 + 0")
        self.assert_up_and_down(project, db)
        project.edit("schemas/t.toml", "a * 2 + 0", "a * 2 + 0 * a")
        project.edit("schemas/t.toml", 'a = "integer"', 'a = "smallint"')
        self.assert_up_and_down(project, db)


class EnumsThatAreRebuilt(Edge):
    T = """
[enum.mood]
values = ["calm", "cross", "odd"]
[table.t.columns]
id = { type = "integer", primary_key = true }
mood = { type = "mood", default = "calm", check = "mood <> 'cross' OR id < 100" }
moods = "mood[]?"
g = { type = "boolean", generated = "mood = 'odd'" }
[[table.t.index]]
columns = ["id"]
where = "mood <> 'calm'"
[view.v]
sql = "SELECT id, mood FROM t WHERE mood = 'cross'"
[view.w]
sql = "SELECT id FROM v"
"""

    def started(self):
        db = self.database()
        project = self.models(db, t=self.T)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t (id, mood, moods) VALUES (1, 'calm', '{calm,cross}'), (2, 'cross', NULL)")
        return db, project

    def test_what_stands_on_their_columns_is_made_again_around(self):
        db, project = self.started()
        project.edit("schemas/t.toml", '["calm", "cross", "odd"]', '["odd", "cross", "calm"]')
        self.assert_up_and_down(project, db)

    def test_a_new_label_goes_again_with_all_of_that(self):
        db, project = self.started()
        project.edit("schemas/t.toml", '["calm", "cross", "odd"]', '["calm", "cross", "odd", "new"]')
        self.assert_up_and_down(project, db)

    def test_a_label_in_use_stops(self):
        db, project = self.started()
        project.write("schemas/t.toml", self.T.replace('["calm", "cross", "odd"]', '["calm", "odd"]')
                      .replace("mood <> 'cross' OR ", "").replace("mood = 'cross'", "mood = 'odd'"))
        self.assert_says(self.assert_exit(project.run(*ALL), 4), "label that goes")
        db.psql("UPDATE t SET mood = 'odd', moods = NULL WHERE id = 2; UPDATE t SET moods = '{odd}'")
        self.assert_up_and_down(project, db)


class Counters(Edge):
    def test_a_table_that_comes_again_counts_on(self):
        db = self.database()
        project = self.models(db, keep='[table.keep.columns]\na = "integer"\n')
        self.assert_exit(project.run(*ALL), 0)
        project.write("schemas/t.toml", """
[table.t.columns]
id = { type = "bigint", identity = true, primary_key = true }
nr = "serial"
""")
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t SELECT FROM generate_series(1, 3); DELETE FROM t WHERE id > 1")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t DEFAULT VALUES")
        self.assertEqual([["1", "1"], ["4", "4"]], db.rows("t"))

    def test_a_column_that_comes_again_counts_on(self):
        db = self.database()
        text = '[table.t.columns]\nid = { type = "integer", primary_key = true }\n'
        project = self.models(db, t=text)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t VALUES (1), (2)")
        project.write("schemas/t.toml", text + 'nr = "serial"\nno = { type = "integer", identity = true }\n')
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t (id) VALUES (3), (4); DELETE FROM t WHERE id = 4")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_exit(project.run(*ALL), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        db.psql("INSERT INTO t (id) VALUES (5)")
        self.assertEqual([["5", "5", "5"]], db.rows("SELECT * FROM t WHERE id = 5"))

    def test_a_sequence_by_which_a_column_counts_stays(self):
        db = self.database()
        text = '[table.t.columns]\nid = { type = "bigint", default = { sql = "nextval(\'public.s\')" } }\n'
        project = self.models(db, t=text, s="[sequence.s]\n")
        self.assert_exit(project.run(*ALL), 0)
        project.remove("schemas/s.toml")
        said = project.run(*ALL)
        self.assertIn(said.code, (1, 4), said)
        self.assert_says(said, "public.s" if said.code == 1 else "still counts by s")


class NothingToWrite(Edge):
    """Tables of whose rows not one value is written: their number is all that they hold."""

    def test_their_rows_go_and_come_back(self):
        db = self.database()
        models = self.project(db, models=None)
        models.write("schemas/bare.toml", "[table.bare.columns]\n")
        models.write("schemas/made.toml", '[table.made.columns]\na = { type = "integer?", generated = "1 + 1" }\n')
        self.assert_exit(models.run("check"), 0)
        self.assert_exit(models.run("apply", "--yes"), 0)
        self.assert_exit(models.run("plan", "--exit-code"), 0)
        db.psql("INSERT INTO bare DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES; INSERT INTO made DEFAULT VALUES")
        before = db.dump()
        self.assert_exit(models.run("rollback", "--yes"), 0)
        self.assert_exit(models.run("apply", "--yes"), 0)
        self.assert_same(before, db)
        self.assertEqual(db.rows("SELECT (SELECT count(*) FROM bare), (SELECT count(*) FROM made)"), [["2", "1"]])
        for file in ("bare", "made"):
            models.remove(f"schemas/{file}.toml")
        self.assert_exit(models.run("apply", "--yes", "--allow", "high"), 0)
        self.assert_exit(models.run("rollback", "--yes"), 0)
        self.assert_same(before, db)
        pulled = self.project(db, models=None)
        self.assert_exit(pulled.run("pull", "--yes"), 0)
        self.assert_exit(pulled.run("plan", "--exit-code"), 0)


class NamesThatCollide(Edge):
    def test_a_view_has_the_name_of_a_type_and_of_a_relation(self):
        for other in ('[enum.x]\nvalues = ["a"]\n', '[table.x.columns]\na = "integer"\n', "[sequence.x]\n",
                      '[table.y.columns]\na = { type = "integer", index = "x" }\n'):
            project = self.models("postgresql://nobody@localhost:1/none", a=other, view='[view.x]\nsql = "SELECT 1 AS a"\n')
            said = self.assert_exit(project.run("check"), 1)
            self.assert_says(said, "schemas/view.toml:1:7", "schemas/a.toml:", "is taken by")


class EnumsWhoseLabelsAreRenamed(Edge):
    """A label renamed, and others added or removed in the same migration."""

    T = """
[enum.mood]
values = ["calm", "cross", "odd"]
[table.t.columns]
id = { type = "integer", primary_key = true }
mood = { type = "mood", default = "cross" }
moods = "mood[]?"
[[table.t.index]]
columns = ["id"]
where = "mood <> 'cross'"
[view.v]
sql = "SELECT id, mood FROM t WHERE mood = 'cross'"
"""
    RENAMED = '{ value = "angry", renamed_from = "cross" }'

    def started(self, text=T):
        db = self.database()
        project = self.models(db, t=text)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t (id, mood) VALUES (1, 'calm'), (2, 'cross'), (3, 'cross')")
        return db, project

    def rename(self, project, labels):
        text = project.read("schemas/t.toml").replace("'cross'", "'angry'") \
            .replace('default = "cross"', 'default = "angry"')
        project.write("schemas/t.toml", text.replace('["calm", "cross", "odd"]', labels))

    def test_up_and_down(self):
        for labels in (f'["calm", {self.RENAMED}, "odd"]',
                       f'["calm", {self.RENAMED}, "odd", "new"]',
                       f'["calm", {self.RENAMED}, "new"]',
                       f'["odd", {self.RENAMED}, "calm"]',
                       f'["calm", {self.RENAMED}, "odd", "cross"]'):
            for more in ("", "[table.u.columns]\nid = \"integer\"\n"):
                with self.subTest(labels=labels, more=more):
                    db, project = self.started()
                    self.rename(project, labels)
                    project.append("schemas/t.toml", more)
                    self.assert_up_and_down(project, db)
                    self.assertEqual("2", db.value("SELECT count(*) FROM t WHERE mood = 'angry'"))

    def test_rows_with_a_new_label_stop_the_way_back(self):
        db, project = self.started()
        self.rename(project, f'["calm", {self.RENAMED}, "odd", "new"]')
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t (id, mood, moods) VALUES (4, 'new', '{angry}'), (5, 'angry', '{new,angry}')")
        after = db.dump()
        self.assert_says(self.assert_exit(project.run("rollback", "--yes"), 4),
                         "1 row of t.mood has a label that goes",
                         "1 row of t.moods has a label that goes", "new")
        self.assert_same(after, db)
        db.psql("UPDATE t SET mood = 'angry' WHERE id = 4; UPDATE t SET moods = '{angry}' WHERE id = 5")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assertEqual([["1", "calm", None], ["2", "cross", None], ["3", "cross", None],
                          ["4", "cross", "{cross}"], ["5", "cross", "{cross}"]],
                         db.rows("SELECT id, mood, moods FROM t ORDER BY id"))

    def test_a_column_that_came_to_the_type_goes_back_to_what_it_said(self):
        text = self.T + '[table.u.columns]\nid = { type = "integer", primary_key = true }\nm = "text"\n'
        db, project = self.started(text)
        db.psql("INSERT INTO u VALUES (2, 'calm')")
        self.rename(project, f'["calm", {self.RENAMED}, "odd", "new"]')
        project.edit("schemas/t.toml", 'm = "text"', 'm = "mood"')
        self.assert_up_and_down(project, db)
        db.psql("INSERT INTO u VALUES (1, 'angry')")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assertEqual([["angry"], ["calm"]], db.rows("SELECT m FROM u ORDER BY 1"))


class ParentsThatWereDropped(Edge):
    """A reference and the table it points at go in one migration; rows that came since point at
    nothing when both come back."""

    P = '[table.p.columns]\nid = { type = "integer", primary_key = true }\n'
    C = ('[table.c.columns]\nid = { type = "integer", primary_key = true }\n'
         'p_id = { type = "integer?", references = "p.id" }\n')

    def dropped(self):
        db = self.database()
        project = self.models(db, p=self.P, c=self.C)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, NULL)")
        before = db.dump()
        project.remove("schemas/p.toml")
        project.edit("schemas/c.toml", ', references = "p.id"', "")
        self.assert_exit(project.run(*ALL), 0)
        return db, project, before

    def test_they_stop_the_way_back_before_anything_is_touched(self):
        db, project, before = self.dropped()
        db.psql("INSERT INTO c VALUES (4, 7), (5, 2)")
        after = db.dump()
        self.assert_says(self.assert_exit(project.run("rollback", "--yes"), 4),
                         "1 row points at no row of p", "let them point at nothing")
        self.assert_same(after, db)
        db.psql("UPDATE c SET p_id = NULL WHERE id = 4")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assertEqual([["1", "1"], ["2", None], ["4", None], ["5", "2"]],
                         db.rows("SELECT * FROM c ORDER BY 1"))

    def test_without_such_rows_they_come_back(self):
        db, project, before = self.dropped()
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db)


class Carried(Edge):
    """What a column or a table takes along, and nobody models."""

    T = '[table.c.columns]\nid = { type = "integer", primary_key = true }\na = "integer?"\nb = "integer?"\n'

    def started(self, sql):
        db = self.database()
        project = self.models(db, c=self.T)
        self.assert_exit(project.run("apply", "--yes"), 0)
        db.psql("INSERT INTO c VALUES (1, 2, 3); " + sql)
        return project, db

    def test_extended_statistics_stop_a_drop_and_no_type_change(self):
        project, db = self.started("CREATE STATISTICS st ON a, b FROM c")
        project.edit("schemas/c.toml", '"integer?"\nb', '"bigint?"\nb')
        self.assert_exit(project.run(*ALL), 0)
        project.edit("schemas/c.toml", 'a = "bigint?"\n', "")
        self.assert_says(self.assert_exit(project.run(*ALL), 4), "statistics object public.st stands on c.a")
        db.psql("DROP STATISTICS st")
        self.assert_exit(project.run(*ALL), 0)

    def test_columns_of_the_row_type_stop_what_would_lose_their_values(self):
        project, db = self.started("CREATE TABLE h (id integer, x c); INSERT INTO h VALUES (1, (1, 2, 3))")
        project.write("schemas/scope.toml", '[scope]\nignore = ["table:public.h"]\n')
        project.edit("schemas/c.toml", 'a = "integer?"\n', "")
        self.assert_says(self.assert_exit(project.run(*ALL), 4), "column x of table public.h stands on c.a")
        self.assertEqual(db.value("SELECT (x).a FROM h"), "2")
        project.write("schemas/c.toml", '[table.d.columns]\nid = "integer"\n')
        self.assert_says(self.assert_exit(project.run(*ALL), 4), "column x of table public.h stands on c")


class Deferred(Edge):
    def test_a_check_at_the_end_does_not_keep_a_table_from_being_altered(self):
        db = self.database()
        project = self.models(db, o='[table.u.columns]\nid = { type = "integer", primary_key = true }\n'
                              '[table.o.columns]\nid = { type = "integer", primary_key = true }\n'
                              'uid = { type = "integer", references = { column = "u.id", '
                              'deferrable = "initially deferred" } }\n'
                              'total = { type = "double precision", check = "total >= 0" }\n')
        self.assert_exit(project.run("apply", "--yes"), 0)
        db.psql("INSERT INTO u VALUES (1); INSERT INTO o VALUES (1, 1, 1.005)")
        project.edit("schemas/o.toml", "double precision", "numeric(12,2)")
        self.assert_up_and_down(project, db)


class MovedOn(Edge):
    def test_a_saved_plan_is_applied_beside_what_came_since(self):
        db = self.database()
        project = self.models(db, t='[table.t.columns]\nid = "integer"\n')
        self.assert_exit(project.run("apply", "--yes"), 0)
        project.edit("schemas/t.toml", '"integer"\n', '"integer"\nz = "integer?"\n')
        self.assert_exit(project.run("plan", "-o", "plan.json"), 0)
        db.psql("CREATE TABLE other (i integer)")
        self.assert_says(self.assert_exit(project.run("apply", "plan.json", "--yes"), 0),
                         "moved on since the plan was made: Drop table other")


class ViewsThatCameSince(Edge):
    def test_a_saved_plan_meets_them_before_it_changes_anything(self):
        db = self.database()
        table = '[table.t.columns]\nid = { type = "integer", primary_key = true }\n'
        project = self.models(db, t=table + 'a = "text?"\nf = "double precision"\n')
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t VALUES (1, 'x', 0.125); CREATE VIEW known AS SELECT id, f FROM t")
        self.assert_exit(project.run("pull", "--yes"), 0)
        project.edit("schemas/t.toml", 'a = "text?"\n', "")
        project.edit("schemas/t.toml", '"double precision"', '"numeric(10,2)"')
        self.assert_exit(project.run("plan", "-o", "plan.json"), 0)
        for column in "af":
            with self.subTest(column=column):
                db.psql(f"CREATE VIEW late AS SELECT {column} FROM t")
                before = db.dump()
                self.assert_says(self.assert_exit(project.run("apply", "plan.json", *ALL[1:]), 4),
                                 "1 view that came since the plan was made uses it", "late")
                self.assert_same(before, db)
                db.psql("DROP VIEW late")
        self.assert_exit(project.run("apply", "plan.json", *ALL[1:]), 0)


class RenamedByPsql(Edge):
    def test_what_points_at_it_is_no_drift(self):
        key = 'id = { type = "integer", primary_key = true }\n'
        others = (f'[table.c.columns]\n{key}r = {{ type = "integer?", references = "TABLE.id" }}\ne = "ENUM?"\n'
                  '[[table.c.check]]\nname = "not_x"\nsql = "e <> \'x\'"\n'
                  '[view.v]\nsql = "SELECT id, COLUMN FROM TABLE"\n')
        def models(enum, table, column, was=("", "", "")):
            return {"t": f'[enum.{enum}]\nvalues = ["x", "y"]\n{was[0]}[table.{table}]\n{was[1]}[table.{table}.columns]\n'
                         f'{key}{column} = {{ type = "text?"{was[2]} }}\n',
                    "c": others.replace("TABLE", table).replace("ENUM", enum).replace("COLUMN", column)}
        db = self.database()
        project = self.models(db, **models("e", "t", "a"))
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t VALUES (1, 'x'); INSERT INTO c VALUES (1, 1, 'y')")
        before = db.dump()
        for name, text in models("e2", "t2", "a2", ('renamed_from = "e"\n', 'renamed_from = "t"\n',
                                                    ', renamed_from = "a"')).items():
            project.write(f"schemas/{name}.toml", text)
        files = [self.assert_exit(project.run("plan", "--format", "sql", *way), 0).stdout
                 for way in ([], ["--down"])]
        db.psql(files[0])
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assert_says(self.assert_exit(project.run("status"), 0), "drift      none")
        db.psql(files[1])
        self.assert_same(before, db)
        self.assert_says(self.assert_exit(project.run("status"), 0), "drift      none")
        db.psql(files[0])
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db)


class Compared(Edge):
    def test_models_without_owners_are_as_the_database_that_was_made_of_them(self):
        db = self.database()
        project = self.models(db, t='[table.t.columns]\nid = { type = "serial", primary_key = true }\n',
                              scope='[scope]\nmanage = ["comments", "owners", "grants"]\n')
        self.assert_exit(project.run("apply", "--yes"), 0)
        for operands in (("dev", "schemas"), ("schemas", "dev")):
            self.assert_exit(project.run("diff", *operands, "--exit-code"), 0)

    def test_sql_of_a_model_is_one_statement(self):
        db = self.database()
        for check in ("s > 0); CREATE TABLE public.evil (a int); SELECT (1",):
            project = self.models(db, t='[table.t.columns]\ns = "integer"\n')
            self.assert_exit(project.run("apply", "--yes"), 0)
            project.edit("schemas/t.toml", '"integer"', f'{{ type = "integer", check = "{check}" }}')
            self.assert_says(self.assert_exit(project.run(*ALL), 1), "multiple commands")
            self.assertEqual(db.value("SELECT to_regclass('public.evil')"), "")
        project = self.models(db, v='[view.v]\nsql = "select 1; select 2"\n')
        self.assert_says(self.assert_exit(project.run("plan"), 1), "multiple commands", "v.toml")


if __name__ == "__main__":
    harness.main()
