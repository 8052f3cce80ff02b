"""The way back meets what others made, wrote or deleted meanwhile: it is asked before anything runs,
and what does not come back is said and kept.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402
import test_edges  # noqa: E402

ALL = test_edges.ALL
KEY = 'id = { type = "integer", primary_key = true }\n'


class WayBack(test_edges.Edge):
    def started(self, rows="", **models):
        db = self.database()
        project = self.models(db, **models)
        self.assert_exit(project.run(*ALL), 0)
        db.psql(rows)
        return db, project

    def changed(self, project, **models):
        for name, text in models.items():
            if text is None:
                project.remove(f"schemas/{name}.toml")
            else:
                project.write(f"schemas/{name}.toml", text)
        self.assert_exit(project.run(*ALL), 0)

    def back(self, project, code=0):
        return self.assert_exit(project.run("rollback", "--yes"), code)


class WhatStandsOnATableThatGoes(WayBack):
    OTHERS = {
        "materialized view public.m": ("CREATE MATERIALIZED VIEW m AS SELECT id FROM t", "DROP MATERIALIZED VIEW m"),
        "view public.v": ("CREATE VIEW v AS SELECT id FROM t", "DROP VIEW v"),
        "rule r on table public.note": ("CREATE RULE r AS ON INSERT TO note DO ALSO INSERT INTO t VALUES (9)", "DROP RULE r ON note"),
        "function public.f()": ("CREATE FUNCTION f() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM t; END",
                       "DROP FUNCTION f()"),
        "policy p on table public.note": ("CREATE POLICY p ON note USING (id IN (SELECT id FROM t))", "DROP POLICY p ON note"),
        "column c of table public.other": ("CREATE TABLE other (c t)", "DROP TABLE other"),
        "constraint other_t_fkey on table public.other": ("CREATE TABLE other (t integer REFERENCES t)", "DROP TABLE other"),
        "default value for column n of table public.other": (
            "CREATE TABLE other (n integer DEFAULT nextval('t_n_seq'))", "DROP TABLE other"),
    }
    NOTE = f"[table.note.columns]\n{KEY}"
    T = f'[table.t.columns]\n{KEY}n = "serial"\no = {{ type = "integer?", references = "u.id" }}\n' \
        f"[table.u.columns]\n{KEY}[view.own]\nsql = \"SELECT id FROM t\"\n" \
        f'[table.w.columns]\n{KEY}t = {{ type = "integer?", references = "t.id" }}\n'

    def test_a_rollback_names_it_and_changes_nothing(self):
        db, project = self.started(note=self.NOTE)
        without = db.dump()
        project.write("schemas/t.toml", self.T)
        down = self.assert_exit(project.run("plan", "--format", "sql", "--down"), 0).stdout
        up = self.assert_exit(project.run("plan", "--format", "sql"), 0).stdout
        db.psql(up)
        for name, (make, drop) in self.OTHERS.items():
            with self.subTest(name):
                db.psql(make)
                try:
                    before = db.dump()
                    self.assert_says(self.back(project, 4), "1 object stands on t that schemasync does not know", name)
                    self.assert_same(before, db)
                    with self.assertRaisesRegex(Exception, "1 object stands on t"):
                        db.psql(down)
                    self.assert_same(before, db)
                finally:
                    db.psql(drop)
        db.psql(down)
        self.assert_same(without, db)
        db.psql(up)
        self.back(project)
        self.assert_same(without, db)

    def test_a_saved_plan_names_what_came_since(self):
        db, project = self.started(note=self.NOTE, t=self.T)
        project.remove("schemas/t.toml")
        self.assert_exit(project.run("plan", "-o", "plan.json"), 0)
        for name, (make, drop) in self.OTHERS.items():
            with self.subTest(name):
                db.psql(make)
                try:
                    self.assert_says(self.assert_exit(project.run("apply", "plan.json", *ALL[1:]), 4), name)
                finally:
                    db.psql(drop)
        self.assert_exit(project.run("apply", "plan.json", *ALL[1:]), 0)

    def test_a_rule_is_named_as_one(self):
        db, project = self.started(note=self.NOTE, t=self.T)
        db.psql(self.OTHERS["rule r on table public.note"][0])
        project.remove("schemas/t.toml")
        said = self.assert_exit(project.run(*ALL), 4)
        self.assert_says(said, "rule r on table public.note stands on t and is not in the models")
        self.assert_says_not(said, "view note")


class KeysThatGo(WayBack):
    def test_values_come_back_by_a_key_that_stays(self):
        db, project = self.started(
            "INSERT INTO t VALUES (1, 'a', '2026-01-01 10:00', 'w1'), (2, 'c', '2026-01-01 11:11', 'w2')",
            t=f'[table.t.columns]\n{KEY}u = {{ type = "text", unique = true }}\ndt = "timestamp"\nw = "text?"\n')
        self.changed(project, t='[table.t.columns]\nid = { type = "bigint", primary_key = true }\nu = "text"\ndt = "date"\n')
        db.psql("UPDATE t SET u = 'b' WHERE id = 1; INSERT INTO t VALUES (9, 'a', '2026-01-01')")
        self.back(project)
        self.assertEqual(db.rows("SELECT id, u, dt, w FROM t ORDER BY id"), [
            ["1", "b", "2026-01-01 10:00:00", "w1"], ["2", "c", "2026-01-01 11:11:00", "w2"],
            ["9", "a", "2026-01-01 00:00:00", None]])

    def test_values_stay_in_the_table_where_none_does(self):
        db, project = self.started("INSERT INTO t VALUES ('a', 'w1'), ('c', 'w2')",
                                   t='[table.t.columns]\nu = { type = "text", unique = true }\nw = "text?"\n')
        self.changed(project, t='[table.t.columns]\nu = "text"\n')
        db.psql("UPDATE t SET u = 'b' WHERE u = 'a'; INSERT INTO t (u) VALUES ('a')")
        self.back(project)
        self.assertEqual(db.rows("SELECT u, w FROM t ORDER BY u"), [["a", None], ["b", "w1"], ["c", "w2"]])

    def test_duplicates_that_came_stop_the_key(self):
        for key, plain in (('{ type = "integer", primary_key = true }', '"integer"'),
                           ('{ type = "integer", unique = true }', '"integer"')):
            with self.subTest(key=key):
                db, project = self.started(t=f"[table.t.columns]\nid = {key}\n")
                self.changed(project, t=f"[table.t.columns]\nid = {plain}\n")
                db.psql("INSERT INTO t VALUES (1), (1), (2)")
                self.assert_says(self.back(project, 4), "1 group of duplicates: 2 rows, 1 too many")
                db.psql("DELETE FROM t WHERE id = 1")
                self.back(project)

    def test_a_repair_of_rows_that_break_a_rule_takes_these_alone(self):
        db, project = self.started("INSERT INTO t VALUES ('a', 7)",
                                   t='[table.t.columns]\nu = { type = "text", unique = true }\nck = { type = "integer", check = "ck > 0" }\n')
        self.changed(project, t='[table.t.columns]\nu = "text"\nck = "integer"\n')
        db.psql("INSERT INTO t VALUES ('a', -1)")
        said = str(self.back(project, 4)).split("Repair, for you to run with psql:")
        delete = [part for part in said if "DELETE" in part][0].splitlines()[1:]
        db.psql("\n".join(line[4:] for line in delete if line.startswith("    ")))
        self.assertEqual(db.rows("SELECT u, ck FROM t"), [["a", "7"]])
        self.back(project)


class RowsWhoseParentWent(WayBack):
    V1 = {"par": f"[table.par.columns]\n{KEY}",
          "kid": f'[table.kid.columns]\n{KEY}par_id = {{ type = "integer", references = "par.id" }}\n',
          "gk": f'[table.gk.columns]\n{KEY}kid_id = {{ type = "integer?", references = "kid.id" }}\n'}
    ROWS = "INSERT INTO par VALUES (1), (2); INSERT INTO kid VALUES (1, 1), (2, 2); INSERT INTO gk VALUES (1, 1), (2, 2)"

    def test_a_grandparent(self):
        db, project = self.started(self.ROWS, **self.V1)
        self.changed(project, kid=None, gk=f'[table.gk.columns]\n{KEY}kid_id = "integer?"\n')
        db.psql("DELETE FROM par WHERE id = 2")
        before = db.dump()
        self.assert_says(self.back(project, 4), "1 row points at no row of kid", "let them point at nothing")
        self.assert_same(before, db)
        db.psql("UPDATE gk SET kid_id = NULL WHERE id = 2")
        self.assert_says(self.back(project), "1 row of kid not put back")
        # The row is nowhere else: no purge takes it for back already.
        self.assert_says(self.assert_exit(project.run("purge", "--yes"), 0), "Nothing to purge")
        self.assertEqual(db.rows("SELECT id, par_id FROM schemasync.a1"), [["2", "2"]])
        self.assert_says(self.assert_exit(project.run("purge", "--yes", "--older-than", "0d"), 0),
                         "is back but for what it holds still")
        self.assertEqual(db.value("SELECT to_regclass('schemasync.a1') IS NULL"), "t")

    def test_rows_that_do_not_come_back_with_an_apply_are_listed(self):
        db, project = self.started("INSERT INTO par VALUES (1), (2)", par=self.V1["par"])
        self.changed(project, kid=self.V1["kid"])
        db.psql("INSERT INTO kid VALUES (1, 1), (2, 2)")
        self.back(project)
        db.psql("DELETE FROM par WHERE id = 2")
        self.assert_says(self.assert_exit(project.run(*ALL), 0), "1 row of kid not put back", '"par_id": 2')
        self.assertEqual(db.rows("SELECT id FROM kid"), [["1"]])
        self.assert_says(self.assert_exit(project.run("purge", "--yes"), 0), "Nothing to purge")
        self.back(project)
        db.psql("INSERT INTO par VALUES (2)")
        self.assert_exit(project.run(*ALL), 0)


class SavedPlans(WayBack):
    def test_an_empty_one_takes_no_drift_for_the_state(self):
        db, project = self.started(t=f"[table.t.columns]\n{KEY}")
        self.assert_exit(project.run("plan", "-o", "plan.json"), 0)
        self.assert_exit(project.run("apply", "plan.json", "--yes"), 0)
        db.psql("ALTER TABLE t ADD late integer")
        self.assert_says(self.assert_exit(project.run("apply", "plan.json", "--yes"), 5), "+ column public.t.late")
        self.assert_says(self.assert_exit(project.run("status"), 5), "late")

    def test_diff_speaks_of_what_one_drops(self):
        db, project = self.started(a=f'[table.a.columns]\n{KEY}v = {{ type = "text?", index = true }}\n',
                                   b=f"[table.b.columns]\n{KEY}", c=f"[table.c.columns]\n{KEY}")
        project.write("schemas/a.toml", f'[table.a.columns]\n{KEY}v = "text?"\n')
        project.remove("schemas/b.toml")
        self.assert_exit(project.run("plan", "-o", "plan.json"), 0)
        for operands, verb in ((("dev", "plan.json"), "Drop"), (("plan.json", "dev"), "Add"),
                               (("plan.json#from", "plan.json"), "Drop")):
            with self.subTest(operands=operands):
                said = self.assert_exit(project.run("diff", *operands), 0)
                self.assert_says(said, f"{verb} table b", f"{verb} index")
                self.assert_says_not(said, "table c")


class OrderOfColumns(WayBack):
    def columns(self, db):
        return [row[0] for row in db.rows("SELECT attname FROM pg_attribute WHERE attrelid = 't'::regclass "
                                          "AND attnum > 0 AND NOT attisdropped ORDER BY attnum")]

    def test_new_ones_come_in_the_order_of_the_file(self):
        db, project = self.started(t=f"[table.t.columns]\n{KEY}")
        self.changed(project, t=f'[table.t.columns]\n{KEY}zz = "text?"\nbb = {{ type = "text", default = "x" }}\naa = "text?"\n')
        self.assertEqual(self.columns(db), ["id", "zz", "bb", "aa"])
        self.assert_says_not(self.assert_exit(project.run("plan"), 0), "another order")

    def test_another_order_is_a_note(self):
        db, project = self.started(t=f'[table.t.columns]\n{KEY}a = "text?"\nb = "text?"\n')
        project.write("schemas/t.toml", f'[table.t.columns]\n{KEY}b = "text?"\na = "text?"\n')
        self.assert_says(self.assert_exit(project.run("plan", "--exit-code"), 0),
                         "No changes", "the columns of t stand in another order than in the models")
        self.assert_exit(project.run("plan", "--strict"), 0)
        db.psql("CREATE MATERIALIZED VIEW m AS SELECT 1 AS one")
        self.assert_says(self.assert_exit(project.run("plan", "--strict"), 1), "materialized view m")


if __name__ == "__main__":
    harness.main()
