"""Enums that come, go, are renamed or get labels in the same migration as what uses them."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402
import test_edges  # noqa: E402

ALL = test_edges.ALL
K = 'id = { type = "integer", primary_key = true }\n'


class EnumTest(test_edges.Edge):
    def started(self, text, rows):
        db = self.database()
        project = self.models(db, t=text)
        self.assert_exit(project.run(*ALL), 0)
        db.psql(rows)
        return db, project


def table(columns, *enums):
    return "".join(f"[enum.{name}]\nvalues = {labels}\n" for name, labels in enums) \
        + f"[table.t.columns]\n{K}{columns}\n"


class ColumnsThatBecomeEnums(EnumTest):
    ROWS = "INSERT INTO t (id, b) VALUES (1, 'x'), (2, 'y')"
    XY = '["x", "y"]'

    def test_text_becomes_a_new_enum(self):
        db, project = self.started(table('b = "text"'), self.ROWS)
        project.write("schemas/t.toml", table('b = "e"', ("e", self.XY)))
        self.assert_up_and_down(project, db)

    def test_text_becomes_a_new_enum_by_an_expression(self):
        db, project = self.started(table('b = "text"'), self.ROWS)
        project.write("schemas/t.toml",
                      table('b = { type = "e", using = "b::e" }', ("e", self.XY)))
        self.assert_says(self.assert_exit(project.run("plan"), 0), "not known")
        self.assert_up_and_down(project, db)

    def test_a_list_of_texts_becomes_one_of_a_new_enum(self):
        db, project = self.started(table('b = "text[]?"'),
                                   "INSERT INTO t VALUES (1, '{x,y,NULL}'), (2, '{}'), (3, NULL)")
        project.write("schemas/t.toml", table('b = "e[]?"', ("e", self.XY)))
        self.assert_up_and_down(project, db)
        self.assert_exit(project.run("rollback", "--yes"), 0)
        db.psql("INSERT INTO t VALUES (4, '{x,q}')")
        self.assert_says(self.assert_exit(project.run("plan"), 0), "1 value", "{x,q}")

    def test_rows_that_do_not_fit_stop_it(self):
        db, project = self.started(table('b = "text?"'), self.ROWS + ", (3, 'q'), (4, NULL)")
        project.write("schemas/t.toml", table('b = "e?"', ("e", self.XY)))
        before = db.dump()
        self.assert_says(self.assert_exit(project.run(*ALL), 4), "1 value", "q")
        self.assert_same(before, db)
        db.psql("DELETE FROM t WHERE id = 3")
        self.assert_up_and_down(project, db)

    def test_an_enum_becomes_another_one(self):
        for new in ('["y", "x"]', '["x", "y", "z"]'):
            db, project = self.started(table('b = "e"', ("e", self.XY)), self.ROWS)
            project.write("schemas/t.toml", table('b = "f"', ("f", new)))
            self.assert_up_and_down(project, db)

    def test_one_that_stays_becomes_another_one_that_stays(self):
        both = ("e", self.XY), ("f", '["x", "y", "z"]')
        db, project = self.started(table('b = "e"\nc = "f?"', *both), self.ROWS)
        project.write("schemas/t.toml", table('b = "f"\nc = "f?"', *both))
        self.assert_up_and_down(project, db)
        db.psql("UPDATE t SET b = 'z' WHERE id = 2")
        self.assert_says(self.assert_exit(project.run("rollback", "--yes"), 4), "1 value", "z")

    def test_rows_have_a_label_that_comes_with_it(self):
        db, project = self.started(table('b = "text"\nc = "e?"', ("e", '["x"]')), self.ROWS)
        project.write("schemas/t.toml", table('b = "e"\nc = "e?"', ("e", self.XY)))
        self.assert_up_and_down(project, db)

    def test_rows_have_the_new_name_of_a_label(self):
        db, project = self.started(table('b = "text"\nc = "e?"', ("e", '["w", "y"]')),
                                   self.ROWS + "; UPDATE t SET c = 'w'")
        project.write("schemas/t.toml", table(
            'b = "e"\nc = "e?"', ("e", '[{ value = "x", renamed_from = "w" }, "y"]')))
        self.assert_up_and_down(project, db)

    def test_a_label_is_renamed_beside(self):
        renamed = ("e", '[{ value = "z", renamed_from = "x" }, "y"]')
        for old, new, value in (("e", "text", "x"), ("text", "e", "z")):
            with self.subTest(old=old):
                db, project = self.started(table(f'b = "{old}"\nc = "e?"', ("e", self.XY)),
                                           f"INSERT INTO t VALUES (1, '{value}', 'x'), (2, 'y', NULL)")
                project.write("schemas/t.toml", table(f'b = "{new}"\nc = "e?"', renamed))
                self.assert_up_and_down(project, db)
                self.assertEqual(db.rows("SELECT b, c FROM t ORDER BY id"), [["z", "z"], ["y", None]])

    def test_numbers_need_an_expression(self):
        db, project = self.started(table('b = "integer"'), "INSERT INTO t VALUES (1, 1)")
        project.write("schemas/t.toml", table('b = "e"', ("e", self.XY)))
        self.assert_says(self.assert_exit(project.run(*ALL), 4), "cannot be cast", "using")
        project.write("schemas/t.toml", table(
            'b = { type = "e", using = { up = "(ARRAY[\'x\'::e])[b]", down = "1" } }', ("e", self.XY)))
        self.assert_up_and_down(project, db)

    def test_an_enum_that_goes_becomes_text(self):
        db, project = self.started(table('b = "e"', ("e", self.XY)), self.ROWS)
        project.write("schemas/t.toml", table('b = "text"'))
        self.assert_up_and_down(project, db)
        db.psql("INSERT INTO t VALUES (3, 'q')")
        self.assert_says(self.assert_exit(project.run("rollback", "--yes"), 4), "1 value", "q")
        self.assert_says(self.assert_exit(
            project.run("rollback", "--yes", "--fill", "t.b=nope"), 1), "changed nothing", "nope")
        self.assert_exit(project.run("rollback", "--yes", "--fill", "t.b=x"), 0)
        self.assertEqual(db.rows("SELECT b FROM t ORDER BY id"), [["x"], ["y"], ["x"]])

    def test_old_values_stay_in_the_table_where_it_has_no_key(self):
        for old, new in (("text", "e"), ("e", "text"), ("e", "f"), ("e[]", "f[]"), ("text[]", "e[]")):
            enums = {"e": '[enum.e]\nvalues = ["x", "y"]\n', "f": '[enum.f]\nvalues = ["y", "x"]\n'}

            def text(name):
                return enums.get(name.removesuffix("[]"), "") \
                    + f'[table.t.columns]\nid = "integer"\nb = "{name}"\n'

            with self.subTest(old=old, new=new):
                db, project = self.started(text(old), self.ROWS if "[]" not in old else
                                           "INSERT INTO t (id, b) VALUES (1, '{x}'), (2, '{y,x}')")
                project.write("schemas/t.toml", text(new))
                before = db.dump()
                self.assert_exit(project.run(*ALL), 0)
                self.assert_exit(project.run("plan", "--exit-code"), 0)
                self.assert_exit(project.run("rollback", "--yes"), 0)
                self.assert_same(before, db)


class EnumsThatAreRenamed(EnumTest):
    OLD = """
[enum.e]
values = ["x", "y"]
[table.t.columns]
id = { type = "integer", primary_key = true }
b = { type = "e", default = "x", check = "b <> 'y' OR id < 100" }
c = "e[]?"
g = { type = "boolean", generated = "b = 'x'" }
[[table.t.index]]
columns = ["id"]
where = "b <> 'x'"
unique = true
[view.v]
sql = "SELECT id, b FROM t WHERE b = 'y'"
"""
    NEW = OLD.replace('"e"', '"f"').replace('"e[]?"', '"f[]?"').replace(
        "[enum.e]\n", '[enum.f]\nrenamed_from = "e"\n')
    ROWS = "INSERT INTO t (id, b, c) VALUES (1, 'x', '{x}'), (2, 'y', NULL)"

    def test_columns_and_what_stands_on_them_follow(self):
        for rows in (self.ROWS, "SELECT 1"):
            db, project = self.started(self.OLD, rows)
            project.write("schemas/t.toml", self.NEW)
            plan = self.assert_exit(project.run("plan"), 0)
            self.assert_says(plan, "Rename enum e to f")
            self.assert_says_not(plan, "Change type", "Recreate")
            built = self.database()
            self.assert_exit(self.models(built, t=self.NEW).run(*ALL), 0)
            self.assert_up_and_down(project, db, built)

    def test_a_label_comes_or_goes_with_it(self):
        for labels in ('["x", "y", "z"]', '["y", "x"]', '["x", { value = "z", renamed_from = "y" }]'):
            db, project = self.started(self.OLD, self.ROWS)
            text = self.NEW.replace('["x", "y"]', labels)
            if "renamed_from = \"y\"" in labels:
                text = text.replace("'y'", "'z'")
            project.write("schemas/t.toml", text)
            with self.subTest(labels=labels):
                self.assert_up_and_down(project, db)

    def test_the_old_name_is_another_one_from_then_on(self):
        db, project = self.started(self.OLD, self.ROWS)
        project.write("schemas/t.toml", self.NEW + '[enum.e]\nvalues = ["p"]\n[table.u.columns]\n'
                      + K + 'e = { type = "e", default = "p", check = "e <> \'p\' OR id > 0" }\n')
        self.assert_up_and_down(project, db)

    def test_a_column_leaves_it_or_comes_to_it(self):
        db, project = self.started(
            table('b = "e"\nc = "text"\nd = "e?"', ("e", '["x", "y"]')),
            "INSERT INTO t VALUES (1, 'x', 'y', 'x')")
        project.write("schemas/t.toml", table('b = "text"\nc = "f"\nd = "f?"', ("f", '["x", "y"]'))
                      .replace("[enum.f]\n", '[enum.f]\nrenamed_from = "e"\n'))
        self.assert_up_and_down(project, db)


class EnumsThatGoWithTheirTables(EnumTest):
    T = """
[enum.mood]
values = ["calm", "cross", "odd"]
[table.keep.columns]
id = { type = "integer", primary_key = true }
[table.t.columns]
id = { type = "integer", primary_key = true }
mood = { type = "mood", default = "calm", check = "mood <> 'cross' OR id < 100", comment = "how" }
moods = "mood[]?"
n = { type = "text?", check = "n <> 'odd'::mood::text", default = { sql = "'calm'::mood::text" } }
g = { type = "boolean", generated = "mood = 'odd'" }
h = { type = "mood?", generated = "CASE WHEN id > 1 THEN 'odd'::mood END" }
[[table.t.index]]
columns = ["id"]
where = "mood <> 'calm'"
unique = true
[[table.t.index]]
columns = ["mood", "g"]
[[table.t.index]]
columns = [{ sql = "(mood = 'odd')" }]
name = "odd_ones"
comment = "few"
[view.v]
sql = "SELECT id, mood FROM t WHERE mood = 'cross'"
"""
    ROWS = ("INSERT INTO keep VALUES (1); INSERT INTO t (id, mood, moods, n) VALUES "
            "(1, 'calm', '{calm,cross}', 'a'), (2, 'cross', NULL, NULL)")

    def test_a_first_migration_is_taken_back_and_its_rows_return(self):
        db = self.database()
        project = self.models(db, t=self.T)
        self.assert_exit(project.run(*ALL), 0)
        db.psql(self.ROWS)
        after = db.dump()
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_exit(project.run(*ALL), 0)
        self.assert_same(after, db)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assert_exit(project.run("rollback", "--all", "--yes"), 0)

    def test_both_are_dropped_and_return(self):
        db, project = self.started(self.T, self.ROWS)
        project.write("schemas/t.toml", f"[table.keep.columns]\n{K}")
        self.assert_up_and_down(project, db)

    def test_the_type_goes_after_the_table(self):
        db, project = self.started(self.T, self.ROWS)
        before = db.dump()
        project.write("schemas/t.toml",
                      f'[enum.mood]\nvalues = ["calm", "cross", "odd"]\n[table.keep.columns]\n{K}')
        self.assert_exit(project.run(*ALL), 0)
        project.write("schemas/t.toml", f"[table.keep.columns]\n{K}")
        self.assert_up_and_down(project, db)
        for _ in "the type", "the table":
            self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db)

    def test_the_type_is_made_anew_while_the_table_is_away(self):
        db, project = self.started(self.T, self.ROWS)
        before = db.dump()
        for labels, column in (('["calm", "cross", "odd"]', ""),
                               ('["cross", "calm", "odd"]', 'm = "mood?"\n')):
            project.write("schemas/t.toml",
                          f"[enum.mood]\nvalues = {labels}\n[table.keep.columns]\n{K}{column}")
            self.assert_exit(project.run(*ALL), 0)
        for _ in "the type", "the table":
            self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db)


class LabelsThatComeWhileSomethingGoes(EnumTest):
    XYZ = '["x", "y", "z"]'
    ROWS = "INSERT INTO t (id, b, c) VALUES (1, 'x', 'y'), (2, 'y', NULL)"

    def test_a_column_of_the_type_goes(self):
        db, project = self.started(table('b = "e"\nc = "e?"', ("e", '["x", "y"]')), self.ROWS)
        project.write("schemas/t.toml", table('b = "e"', ("e", self.XYZ)))
        self.assert_up_and_down(project, db)

    def test_a_column_goes_with_what_stands_on_it(self):
        db, project = self.started(
            table('b = "e"\nc = { type = "e?", default = "y", check = "c <> \'x\'" }\n'
                  'g = { type = "boolean?", generated = "c = \'y\'" }\n'
                  '[[table.t.index]]\ncolumns = ["id"]\nwhere = "c = \'y\'"\n'
                  '[view.v]\nsql = "SELECT id, c FROM t WHERE c = \'y\'"\n'
                  '[view.w]\nsql = "SELECT id FROM v"', ("e", '["x", "y"]')), self.ROWS)
        project.write("schemas/t.toml", table('b = "e"', ("e", self.XYZ)))
        self.assert_up_and_down(project, db)

    def test_a_table_of_the_type_goes(self):
        gone = ('[table.u.columns]\n' + K +
                'c = { type = "e", default = "y", check = "c <> \'x\'" }\n'
                'g = { type = "boolean", generated = "c = \'y\'" }\n'
                '[[table.u.index]]\ncolumns = ["id"]\nwhere = "c = \'y\'"\n'
                '[view.v]\nsql = "SELECT id, c FROM u WHERE c = \'y\'"\n')
        db, project = self.started(table('b = "e"', ("e", '["x", "y"]')) + gone,
                                   "INSERT INTO t VALUES (1, 'x'); INSERT INTO u VALUES (1, 'y')")
        project.write("schemas/t.toml", table('b = "e"', ("e", self.XYZ)))
        self.assert_up_and_down(project, db)


class LabelsThatAreUsedAtOnce(EnumTest):
    OLD = """
[enum.e]
values = ["x", "y"]
[table.t.columns]
id = { type = "integer", primary_key = true }
b = { type = "e", default = "x" }
[[table.t.check]]
name = "t_b"
sql = "b IN ('x', 'y')"
[[table.t.index]]
columns = ["id"]
where = "b = 'x'"
unique = true
name = "only"
[view.v]
sql = "SELECT id, b FROM t WHERE b = 'x'"
[view.w]
sql = "SELECT id FROM v"
"""

    def test_by_a_view_a_check_an_index_and_a_default(self):
        new = self.OLD.replace('"x", "y"]', '"x", "y", "z"]')
        for before, after in (("WHERE b = 'x'", "WHERE b IN ('x', 'z')"),
                              ("('x', 'y')", "('x', 'y', 'z')"),
                              ("where = \"b = 'x'\"", "where = \"b = 'z'\""),
                              ('default = "x"', 'default = "z"')):
            for first in ('"x", "y"]', '"y", "x"]'):  # labels that come, and a type made anew
                with self.subTest(after=after, first=first):
                    old = self.OLD.replace('"x", "y"]', first)
                    db, project = self.started(old, "INSERT INTO t VALUES (1, 'x'), (2, 'y')")
                    project.write("schemas/t.toml", new.replace(before, after))
                    self.assert_exit(project.run("plan"), 0)
                    self.assert_up_and_down(project, db)


if __name__ == "__main__":
    harness.main()
