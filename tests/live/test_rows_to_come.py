"""Constraints on columns that the same migration adds, or brings back: rows are judged before."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402
import test_edges  # noqa: E402

ALL = test_edges.ALL
K = 'id = { type = "integer", primary_key = true }\n'
ID = 'id = "integer?"\n'
P = f"[table.p.columns]\n{K}"


class RowsTest(test_edges.Edge):
    def started(self, rows, **models):
        db = self.database()
        project = self.models(db, **models)
        self.assert_exit(project.run(*ALL), 0)
        db.psql(rows)
        return db, project

    def assert_stops(self, project, *command, says, undone=None):
        before = undone.dump() if undone else None
        said = self.assert_exit(project.run(*command), 4)
        self.assert_says(said, *says)
        if undone:
            self.assert_same(before, undone)
        return said


class ColumnsThatComeBack(RowsTest):
    ROWS = "INSERT INTO p VALUES (1), (2); INSERT INTO t VALUES (1, 1), (2, 2), (3, NULL)"

    def dropped(self, column, with_key=True, rows=ROWS):
        table = f"[table.t.columns]\n{K if with_key else ID}"
        db, project = self.started(rows, p=P, t=table + column)
        before = db.dump()
        project.write("schemas/t.toml", table)
        self.assert_exit(project.run(*ALL), 0)
        return db, project, before

    def repair(self, db, said, title):
        lines = str(said).split(title)[1].splitlines()[1:]
        sql = []
        for line in lines:
            if not line.startswith("    "):
                break
            sql.append(line.strip())
        db.psql("\n".join(sql))

    def test_what_points_at_a_row_that_is_gone_lets_go_as_it_would_have(self):
        db, project, before = self.dropped('r = { type = "integer?", references = "p.id", on_delete = "set null" }\n')
        db.psql("DELETE FROM p WHERE id = 1")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assertEqual(db.rows("SELECT id, r FROM t ORDER BY id"), [["1", None], ["2", "2"], ["3", None]])

    def test_without_a_deed_of_its_own_the_key_stops(self):
        for with_key in (True, False):
            with self.subTest(with_key=with_key):
                db, project, before = self.dropped('r = { type = "integer?", references = "p.id" }\n', with_key)
                db.psql("DELETE FROM p WHERE id = 1")
                said = self.assert_stops(project, "rollback", "--yes", undone=db, says=[
                    "1 row points at no row of p, once what was kept of t.r is back",
                    "let them point at nothing"])
                self.repair(db, said, "let them point at nothing (their old values are not kept)")
                self.assert_exit(project.run("rollback", "--yes"), 0)
                self.assertEqual(db.rows("SELECT id, r FROM t ORDER BY id"), [["1", None], ["2", "2"], ["3", None]])

    def test_a_key_that_lets_go_stops_where_no_copy_would_stay(self):
        db, project, before = self.dropped('r = { type = "integer?", references = "p.id", on_delete = "set null" }\n', False)
        db.psql("DELETE FROM p WHERE id = 1")
        self.assert_stops(project, "rollback", "--yes", undone=db, says=["1 row points at no row of p"])
        db.psql("INSERT INTO p VALUES (1)")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db)

    def test_rows_that_came_since_take_one_default(self):
        for with_key in (True, False):
            with self.subTest(with_key=with_key):
                db, project, before = self.dropped('r = { type = "integer", default = 7, unique = true }\n', with_key,
                                                   "INSERT INTO t VALUES (1, 1), (2, 2)")
                db.psql("INSERT INTO t VALUES (3), (4)")
                self.assert_stops(project, "rollback", "--yes", undone=db, says=[
                    "1 group of duplicates: 2 rows, 1 too many, once what was kept of t.r is back"])
                db.psql("DELETE FROM t WHERE id = 4")
                self.assert_exit(project.run("rollback", "--yes"), 0)
                self.assertEqual(db.rows("SELECT id, r FROM t ORDER BY id"), [["1", "1"], ["2", "2"], ["3", "7"]])

    def test_a_rule_over_two_columns(self):
        column = 'r = "integer?"\n'
        for with_key in (True, False):
            with self.subTest(with_key=with_key):
                table = f"[table.t.columns]\n{K if with_key else ID}s = \"integer\"\n"
                rule = '[[table.t.check]]\nname = "enough"\nsql = "s >= r"\n'
                db, project = self.started("INSERT INTO t VALUES (1, 5, 5), (2, 6, 5)", t=table + column + rule)
                before = db.dump()
                project.write("schemas/t.toml", table)
                self.assert_exit(project.run(*ALL), 0)
                db.psql("UPDATE t SET s = 3 WHERE id = 1")
                self.assert_stops(project, "rollback", "--yes", undone=db, says=[
                    "1 row breaks the rule, once what was kept of t.r is back"])
                db.psql("UPDATE t SET s = 5 WHERE id = 1")
                self.assert_exit(project.run("rollback", "--yes"), 0)
                self.assert_same(before, db)

    def test_a_unique_index_over_some_rows(self):
        table = f'[table.t.columns]\n{K}s = "text?"\n'
        index = '[[table.t.index]]\nname = "one"\ncolumns = ["r"]\nunique = true\nwhere = "s IS NULL"\n'
        db, project = self.started("INSERT INTO t VALUES (1, 'x', 5), (2, NULL, 5)",
                                   t=table + 'r = "integer?"\n' + index)
        before = db.dump()
        project.write("schemas/t.toml", table)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("UPDATE t SET s = NULL")
        self.assert_stops(project, "rollback", "--yes", undone=db, says=["1 group of duplicates"])
        db.psql("UPDATE t SET s = 'x' WHERE id = 1")
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db)

    def test_a_psql_file_asks_the_same(self):
        table = f"[table.t.columns]\n{K}"
        db, project = self.started(self.ROWS, p=P, t=table + 'r = { type = "integer?", references = "p.id" }\n')
        before = db.dump()
        project.write("schemas/t.toml", table)
        self.assert_exit(project.run("plan", "-o", "p.json"), 0)
        for way, options in (("up", []), ("down", ["--down"])):
            said = self.assert_exit(project.run("plan", "--format", "sql", *options), 0)
            project.write(f"{way}.sql", said.stdout)
        db.psql(project.read("up.sql"))
        db.psql("DELETE FROM p WHERE id = 1")
        with self.assertRaises(Exception) as stopped:
            db.psql(project.read("down.sql"))
        self.assertIn("1 row points at no row of p", str(stopped.exception))
        db.psql("INSERT INTO p VALUES (1)")
        db.psql(project.read("down.sql"))
        self.assert_same(before, db)

    def test_what_a_rollback_kept_is_judged_before_it_comes_back(self):
        for on_delete, code in (("set null", 0), ("no action", 4)):
            with self.subTest(on_delete=on_delete):
                table = f"[table.t.columns]\n{K}"
                column = f'r = {{ type = "integer?", references = "p.id", on_delete = "{on_delete}" }}\n'
                db, project = self.started("INSERT INTO p VALUES (1), (2); INSERT INTO t VALUES (1), (2)",
                                           p=P, t=table)
                project.write("schemas/t.toml", table + column)
                self.assert_exit(project.run(*ALL), 0)
                db.psql("UPDATE t SET r = id")
                self.assert_exit(project.run("rollback", "--yes"), 0)
                db.psql("DELETE FROM p WHERE id = 1")
                said = self.assert_exit(project.run(*ALL), code)
                if code:
                    self.assert_says(said, "1 row points at no row of p, once what was kept of t.r is back")
                    db.psql("INSERT INTO p VALUES (1)")
                    self.assert_exit(project.run(*ALL), 0)
                self.assertEqual(db.rows("SELECT id, r FROM t ORDER BY id"),
                                 [["1", "1" if code else None], ["2", "2"]])


class ColumnsThatAreNew(RowsTest):
    T = f'[table.t.columns]\n{K}s = "text?"\n'
    ROWS = "INSERT INTO t VALUES (1, 'a b'), (2, 'c d'), (3, NULL)"

    def test_a_default_that_points_at_nothing(self):
        db, project = self.started(self.ROWS, p=P, t=self.T)
        project.write("schemas/t.toml", self.T + 'r = { type = "integer", default = 9, references = "p.id" }\n')
        self.assert_stops(project, *ALL, undone=db, says=[
            "3 rows point at no row of p, by the default of t.r"])
        db.psql("INSERT INTO p VALUES (9)")
        self.assert_up_and_down(project, db)

    def test_a_default_that_breaks_a_rule(self):
        db, project = self.started(self.ROWS, t=self.T)
        project.write("schemas/t.toml", self.T + 'r = { type = "integer", default = 0, check = "r > 0" }\n')
        self.assert_stops(project, *ALL, undone=db, says=["3 rows break the rule, by the default of t.r"])
        project.write("schemas/t.toml", self.T + 'r = { type = "integer", default = 1, check = "r > 0" }\n')
        self.assert_up_and_down(project, db)

    def test_a_rule_about_no_value(self):
        db, project = self.started(self.ROWS, t=self.T)
        project.write("schemas/t.toml", self.T +
                      'r = "integer?"\n[[table.t.check]]\nsql = "num_nonnulls(r, s) = 1"\n')
        self.assert_stops(project, *ALL, undone=db, says=["1 row breaks the rule"])
        db.psql("UPDATE t SET s = 'e' WHERE id = 3")
        self.assert_up_and_down(project, db)

    def test_a_backfill_that_makes_duplicates(self):
        db, project = self.started(self.ROWS, t=self.T)
        project.write("schemas/t.toml", self.T +
                      'r = { type = "integer?", unique = true, backfill = { sql = "length(s)" } }\n')
        self.assert_stops(project, *ALL, undone=db, says=["1 group of duplicates: 2 rows, 1 too many, by the backfill of t.r"])
        db.psql("UPDATE t SET s = 'e' WHERE id = 2")
        self.assert_up_and_down(project, db)

    def test_a_backfill_reads_a_column_that_goes(self):
        db, project = self.started("INSERT INTO t VALUES (1, 'a b'), (2, 'c d')",
                                   t=f'[table.t.columns]\n{K}s = "text"\n')
        project.write("schemas/t.toml", f'[table.t.columns]\n{K}'
                      'a = { type = "text", backfill = { sql = "split_part(s, \' \', 1)" } }\n'
                      'b = { type = "text", unique = true, backfill = { sql = "a || split_part(s, \' \', 2)" } }\n')
        self.assert_up_and_down(project, db)
        self.assertEqual(db.rows("SELECT a, b FROM t ORDER BY id"), [["a", "ab"], ["c", "cd"]])

    def test_a_conversion_reads_a_column_that_goes(self):
        db, project = self.started("INSERT INTO t VALUES (1, 2.5, 2), (2, 3, 10)",
                                   t=f'[table.t.columns]\n{K}s = "numeric"\nrate = "integer"\n')
        project.write("schemas/t.toml", f'[table.t.columns]\n{K}'
                      's = { type = "integer", using = { up = "s * rate", down = "s" } }\n')
        self.assert_up_and_down(project, db)
        self.assertEqual(db.rows("SELECT s FROM t ORDER BY id"), [["5"], ["30"]])

    def test_a_backfill_from_a_table_that_goes(self):
        db, project = self.started("INSERT INTO t VALUES (1, 'x'); INSERT INTO p VALUES (1)", p=P, t=self.T)
        project.remove("schemas/p.toml")
        project.write("schemas/t.toml", self.T +
                      'n = { type = "integer", backfill = { sql = "(SELECT p.id + 1 FROM p WHERE p.id = t.id)" } }\n')
        self.assert_up_and_down(project, db)

    def test_a_backfill_that_gives_no_value(self):
        db, project = self.started(self.ROWS, t=self.T)
        project.write("schemas/t.toml", self.T + 'r = { type = "integer", backfill = { sql = "length(s)" } }\n')
        self.assert_stops(project, *ALL, undone=db, says=["1 row gets no value for t.r from its backfill", "3"])
        project.write("schemas/t.toml", f'[table.t.columns]\n{K}'
                      's = { type = "text", backfill = { sql = "nullif(repeat(\'x\', id), \'xxx\')" } }\n')
        self.assert_stops(project, *ALL, undone=db, says=["1 row gets no value for t.s from its backfill", "3"])
        db.psql("UPDATE t SET id = 4 WHERE id = 3")
        self.assert_up_and_down(project, db)

    def test_a_backfill_that_cannot_be_computed(self):
        db, project = self.started(self.ROWS, t=self.T)
        for sql, says in (("nothing_of_the_kind", 'column "nothing_of_the_kind" does not exist'),
                          ("1 / (id - 2)", "division by zero"),
                          ("'x' || s", "invalid input syntax")):
            with self.subTest(sql=sql):
                project.write("schemas/t.toml", self.T +
                              f'r = {{ type = "integer", backfill = {{ sql = "{sql}" }} }}\n')
                self.assert_says(self.assert_exit(project.run("plan"), 0), says)
                self.assert_stops(project, *ALL, undone=db, says=[says])

    def test_a_backfill_that_counts(self):
        db, project = self.started(self.ROWS, t='[sequence.n]\n' + self.T)
        project.write("schemas/t.toml", '[sequence.n]\n' + self.T +
                      'r = { type = "bigint", unique = true, backfill = { sql = "nextval(\'n\')" } }\n')
        self.assert_says(self.assert_exit(project.run("plan"), 0), "known only while it runs")
        self.assert_exit(project.run(*ALL), 0)
        self.assertEqual(db.rows("SELECT count(DISTINCT r) FROM t"), [["3"]])
        self.assert_exit(project.run("rollback", "--yes"), 0)

    def test_rows_that_came_since_a_rollback_are_filled_too(self):
        for with_key in (True, False):
            with self.subTest(with_key=with_key):
                table = f'[table.t.columns]\n{K if with_key else ID}s = "text?"\n'
                db, project = self.started("INSERT INTO t VALUES (1, 'a'), (2, 'b')", t=table)
                project.write("schemas/t.toml", table + 'r = { type = "integer", backfill = 5 }\n')
                self.assert_exit(project.run(*ALL), 0)
                db.psql("UPDATE t SET r = 6 WHERE id = 2")
                self.assert_exit(project.run("rollback", "--yes"), 0)
                db.psql("INSERT INTO t VALUES (3, 'c')")
                self.assert_exit(project.run(*ALL), 0)
                self.assertEqual(db.rows("SELECT r FROM t ORDER BY id"), [["5"], ["6"], ["5"]])
                self.assert_exit(project.run("plan", "--exit-code"), 0)


    def test_rows_that_came_since_in_a_table_that_gets_another_name(self):
        for column, code, third in (('{ type = "integer", backfill = 3 }', 0, "3"), ('{ type = "serial" }', 0, "9"),
                                    ('{ type = "integer" }', 4, None)):
            with self.subTest(column=column):
                db, project = self.started("" if code else "INSERT INTO t VALUES (1)", t=f"[table.t.columns]\n{ID}")
                project.write("schemas/t.toml", f'[table.tt]\nrenamed_from = "t"\n[table.tt.columns]\n{ID}n = {column}\n')
                self.assert_exit(project.run(*ALL), 0)
                db.psql("INSERT INTO tt VALUES (2, 8)")
                self.assert_exit(project.run("rollback", "--yes"), 0)
                self.assert_exit(project.run(*ALL), 0)
                self.assert_exit(project.run("plan", "--exit-code"), 0)
                self.assert_exit(project.run("rollback", "--yes"), 0)
                db.psql("INSERT INTO t VALUES (3)")
                said = self.assert_exit(project.run(*ALL), code)
                if code:
                    self.assert_says(said, "1 row was added since and has no value for tt.n")
                else:
                    self.assertEqual(db.rows("SELECT n FROM tt WHERE id > 1 ORDER BY id"), [["8"], [third]])


class ConversionsAndNull(RowsTest):
    def assert_up_down_and_up(self, project, db):  # the archives, which have numbers, may be in the table
        before = db.dump()
        self.assert_exit(project.run(*ALL), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db)
        self.assert_exit(project.run(*ALL), 0)

    def test_a_conversion_makes_null_of_a_value(self):
        for with_key in (True, False):
            with self.subTest(with_key=with_key):
                table = f'[table.t.columns]\n{K if with_key else ID}'
                db, project = self.started("INSERT INTO t VALUES (1, 'x'), (2, '5')", t=table + 's = "text"\n')
                project.write("schemas/t.toml", table +
                              's = { type = "integer?", using = { up = "nullif(s, \'x\')::integer", down = "s::text" } }\n')
                self.assert_up_down_and_up(project, db)
                self.assertEqual(db.rows("SELECT s FROM t ORDER BY id"), [[None], ["5"]])
                db.psql("INSERT INTO t VALUES (3, NULL)")
                self.assert_stops(project, "rollback", "--yes", undone=db, says=["1 row has no value for t.s"])
                db.psql("DELETE FROM t WHERE id = 3")
                self.assert_exit(project.run("rollback", "--yes"), 0)
                self.assertEqual(db.rows("SELECT s FROM t ORDER BY id"), [["x"], ["5"]])

    def test_a_conversion_gives_a_value(self):
        for with_key in (True, False):
            with self.subTest(with_key=with_key):
                table = f'[table.t.columns]\n{K if with_key else ID}'
                db, project = self.started("INSERT INTO t VALUES (1, NULL), (2, '5'), (3, '')", t=table + 's = "text?"\n')
                project.write("schemas/t.toml", table +
                              's = { type = "integer", using = { up = "nullif(s, \'\')::integer", down = "s::text" } }\n')
                self.assert_stops(project, *ALL, undone=db, says=["2 rows have no value for t.s"])
                project.write("schemas/t.toml", table +
                              's = { type = "integer", using = { up = "coalesce(nullif(s, \'\')::integer, 0)", down = "s::text" } }\n')
                self.assert_up_down_and_up(project, db)


if __name__ == "__main__":
    harness.main()
