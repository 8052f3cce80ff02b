"""In what order the changes of one plan run: what stands on another goes before it and is made
after it, up and down.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402
from test_edges import ALL, Edge  # noqa: E402

K = 'id = { type = "integer", primary_key = true }\n'


def table(columns, more="", name="t"):
    return f"[table.{name}.columns]\n{columns}\n{more}"


class Order(Edge):
    def assert_edit(self, before, after, rows=""):
        """`before` with rows becomes `after`, and is as it was once that is rolled back."""
        db = self.database()
        project = self.models(db, m=before)
        self.assert_exit(project.run(*ALL), 0)
        if rows:
            db.psql(rows)
        project.write("schemas/m.toml", after)
        self.assert_up_and_down(project, db)
        return db, project


class Counters(Order):
    SERIAL = table('id = { type = "serial", primary_key = true }')
    ROWS = "INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES"

    def identity(self, kind="integer", value="true"):
        return table(f'id = {{ type = "{kind}", primary_key = true, identity = {value} }}')

    def assert_counts_on(self, db):
        """As an application inserts: no value is given twice."""
        db.psql("INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES")

    def assert_counters(self, before, after, counts=True):
        db, project = self.assert_edit(before, after, self.ROWS)
        if counts:
            self.assert_counts_on(db)
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_counts_on(db)

    def test_serial_becomes_an_identity(self):
        self.assert_counters(self.SERIAL, self.identity())

    def test_serial_becomes_a_wider_identity(self):
        self.assert_counters(self.SERIAL, self.identity("bigint"))

    def test_serial_becomes_an_identity_always(self):
        self.assert_counters(self.SERIAL, self.identity("bigint", "{ always = true }"))

    def test_an_identity_becomes_serial(self):
        self.assert_counters(self.identity(), self.SERIAL)

    def test_an_identity_becomes_bigserial(self):
        self.assert_counters(self.identity(), self.SERIAL.replace("serial", "bigserial"))

    def test_an_identity_widens_and_is_always(self):
        self.assert_counters(self.identity(), self.identity("bigint", "{ always = true }"))

    def assert_narrows(self, before):
        # The old values stay in the table, under a name that is another one each time.
        db = self.database()
        project = self.models(db, m=before)
        self.assert_exit(project.run(*ALL), 0)
        db.psql(self.ROWS)
        as_before = db.dump()
        project.write("schemas/m.toml", self.identity("integer", "{ always = true }"))
        self.assert_exit(project.run(*ALL), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(as_before, db)
        self.assert_counts_on(db)

    def test_an_identity_narrows_and_is_always(self):
        self.assert_narrows(self.identity("bigint"))

    def test_bigserial_becomes_a_narrower_identity(self):
        self.assert_narrows(self.SERIAL.replace("serial", "bigserial"))

    def test_an_identity_widens_and_counts_by_ten(self):
        self.assert_counters(self.identity(),
                             self.identity("bigint", "{ increment = 10, max_value = 5000000000 }"))

    def test_serial_becomes_plain(self):
        self.assert_counters(self.SERIAL, table(K), counts=False)

    def test_serial_becomes_plain_and_wider(self):
        self.assert_counters(self.SERIAL, table(K.replace("integer", "bigint")), counts=False)

    def test_plain_becomes_serial(self):
        for kind in ("serial", "bigserial"):
            db, project = self.assert_edit(table(K), self.SERIAL.replace("serial", kind),
                                           "INSERT INTO t VALUES (1), (7)")
            self.assert_counts_on(db)

    def test_plain_becomes_an_identity(self):
        db, project = self.assert_edit(table(K), self.identity("bigint"),
                                       "INSERT INTO t VALUES (1), (7)")
        self.assert_counts_on(db)

    def test_a_new_sequence_is_there_before_the_default_that_counts_by_it(self):
        n = K + 'n = "integer"'
        counted = table(K + 'n = { type = "integer", default = { sql = "nextval(\'s\')" } }',
                        '[sequence.s]\nowned_by = "t.n"\n')
        db, project = self.assert_edit(table(n), counted, "INSERT INTO t VALUES (1, 1), (2, 7)")
        db.psql("INSERT INTO t VALUES (3)")
        self.assertEqual("8", db.value("SELECT n FROM t WHERE id = 3"))

    def test_values_that_came_since_are_not_given_again(self):
        db, project = self.assert_edit(self.SERIAL, self.identity(), self.ROWS)
        db.psql(self.ROWS)
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_counts_on(db)

    def test_an_optional_column_with_a_default_becomes_an_identity(self):
        self.assert_edit(table(K + 'n = { type = "integer?", default = 5 }'),
                         table(K + 'n = { type = "integer", identity = true }'),
                         "INSERT INTO t VALUES (1), (2)")
        self.assert_edit(table(K + 'n = { type = "integer", identity = true }'),
                         table(K + 'n = { type = "integer?", default = 5 }'),
                         "INSERT INTO t VALUES (1), (2)")


class Retyped(Order):
    """What stands on a column is changed while the column's type changes."""

    T = table(K + 'a = "integer"\nb = "integer"', "")
    ROWS = "INSERT INTO t VALUES (1, 4, 5), (2, 6, 7)"

    def assert_retyped(self, part, other, kind="integer", to="bigint",
                       rows="INSERT INTO t VALUES (1, 4, 5), (2, 6, 7)"):
        text = table(K + f'a = "integer"\nb = "{kind}"', part)
        self.assert_edit(text, text.replace(f'b = "{kind}"', f'b = "{to}"').replace(part, other), rows)

    def index(self, *elements, **more):
        keys = "".join(f'{key} = "{value}"\n' for key, value in more.items())
        columns = ", ".join(f'"{one}"' for one in elements)
        return f'[[table.t.index]]\nname = "i"\ncolumns = [{columns}]\n{keys}'

    def test_an_index_turns_round(self):
        self.assert_retyped(self.index("b"), self.index("b desc"))

    def test_an_index_gets_another_column(self):
        self.assert_retyped(self.index("b"), self.index("b", "a"))

    def test_an_index_goes_to_another_column(self):
        self.assert_retyped(self.index("b"), self.index("a"))

    def test_an_index_gets_another_method(self):
        self.assert_retyped(self.index("b"), self.index("b", method="gin"), "text", "jsonb",
                            "INSERT INTO t VALUES (1, 4, '[5]'), (2, 6, '{}')")

    def test_a_unique_constraint_gets_another_column(self):
        unique = '[[table.t.unique]]\nname = "u"\ncolumns = ["b"]\n'
        self.assert_retyped(unique, unique.replace('"b"', '"b", "a"'))

    def test_a_foreign_key_acts_otherwise(self):
        p = table('id = { type = "integer", primary_key = true }', name="p")
        c = table(K + 'p_id = { type = "integer", references = "p.id", on_delete = "cascade" }',
                  name="c")
        self.assert_edit(p + c, (p + c.replace(K, "K")).replace("integer", "bigint").replace("K", K)
                         .replace("cascade", "restrict"),
                         "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1)")

    def test_a_column_of_an_index_goes(self):
        self.assert_edit(
            table(K + 'a = "integer"\nb = "integer"', self.index("b", where="a > 3")),
            table(K + 'b = "bigint"', self.index("b", where="b > 3")), self.ROWS)

    def test_a_column_of_a_check_goes(self):
        check = '[[table.t.check]]\nname = "c"\nsql = {}\n'
        self.assert_edit(
            table(K + 'a = "integer"\nb = "integer"', check.format('"a <> b"')),
            table(K + 'b = "bigint"', check.format('"b > 0"')), self.ROWS)

    def test_a_view_shows_a_new_column(self):
        view = '[view.v]\nsql = "SELECT {} FROM t"\n'
        self.assert_edit(
            table(K + 'b = "integer"', view.format("id, b")),
            table(K + 'b = "bigint"\nc = "integer?"', view.format("id, b, c")),
            "INSERT INTO t VALUES (1, 5), (2, 7)")

    def test_a_check_looks_at_a_new_column(self):
        check = '[[table.t.check]]\nname = "c"\nsql = {}\n'
        self.assert_edit(
            table(K + 'b = "integer"', check.format('"b > 0"')),
            table(K + 'b = "bigint"\nc = { type = "integer", default = 1 }',
                  check.format('"b > 0 and c > 0"')),
            "INSERT INTO t VALUES (1, 5), (2, 7)")

    def test_a_view_lets_go_of_a_table(self):
        u = table(K + 'a = "integer"', name="u")
        self.assert_edit(
            table(K + 'a = "integer"') + u +
            '[view.v]\nsql = "SELECT t.id, t.a FROM t JOIN u USING (id)"\n',
            table(K + 'a = "bigint"') + '[view.v]\nsql = "SELECT t.id, t.a FROM t"\n',
            "INSERT INTO t VALUES (1, 5); INSERT INTO u VALUES (1, 7)")


class Keys(Order):
    """A key changes that foreign keys stand on."""

    P = '[table.p.columns]\nid = "integer"\ncode = "integer"\n'
    C = table(K + 'p_id = { type = "integer", references = "p.id" }', name="c")
    ROWS = "INSERT INTO p VALUES (1, 10); INSERT INTO c VALUES (1, 1)"

    def assert_key(self, before, after):
        self.assert_edit(self.P + before + self.C, self.P + after + self.C, self.ROWS)

    def test_a_unique_constraint_includes_a_column(self):
        unique = '[[table.p.unique]]\nname = "u"\ncolumns = ["id"]\n'
        self.assert_key(unique, unique + "include = [\"code\"]\n")

    def test_a_primary_key_includes_a_column(self):
        self.assert_key('[table.p.primary_key]\ncolumns = ["id"]\n',
                        '[table.p.primary_key]\ncolumns = ["id"]\ninclude = ["code"]\n')

    def test_a_primary_key_becomes_unique(self):
        self.assert_key('[table.p.primary_key]\ncolumns = ["id"]\n',
                        '[table.p.primary_key]\ncolumns = ["code"]\n'
                        '[[table.p.unique]]\nname = "u"\ncolumns = ["id"]\n')

    def test_a_new_table_stands_on_the_new_primary_key(self):
        p = '[table.p.columns]\nid = {}\ncode = {}\n'
        key = '{ type = "integer", primary_key = true }'
        self.assert_edit(
            p.format(key, '"integer"'),
            p.format('"integer"', key) +
            table(K + 'p_code = { type = "integer", references = "p.code" }', name="c"),
            "INSERT INTO p VALUES (1, 10)")


class Moved(Order):
    def test_the_view_of_a_table_that_moves_goes(self):
        view = '[view.v]\nsql = "SELECT id, a FROM t"\n'
        t = table(K + 'a = "integer"')
        db = self.database()
        project = self.models(db, m=t + view)
        self.assert_exit(project.run(*ALL), 0)
        db.psql("INSERT INTO t VALUES (1, 2)")
        project.write("schemas/m.toml", 'schema = "app"\n[table.t]\nrenamed_from = "public.t"\n' + t)
        self.assert_up_and_down(project, db)

    def test_the_check_of_a_column_that_is_renamed_goes(self):
        self.assert_edit(
            table(K + 'a = "integer"', '[[table.t.check]]\nname = "c"\nsql = "a > 0"\n'),
            table(K + 'b = { type = "integer", renamed_from = "a" }'), "INSERT INTO t VALUES (1, 2)")


class Together(Order):
    """Several of these at once."""

    def test_a_serial_key_and_what_points_at_it_widen(self):
        p = table('id = { type = "serial", primary_key = true }', name="p")
        c = table(K + 'p_id = { type = "integer", references = "p.id", index = true }', name="c")
        view = '[view.v]\nsql = "SELECT c.id, p.id AS p FROM c JOIN p ON p.id = c.p_id"\n'
        over = '[view.w]\nsql = "SELECT p, count(*) AS n FROM v GROUP BY p"\n'
        after = (table('id = { type = "bigint", primary_key = true, identity = true }', name="p") +
                 c.replace('p_id = { type = "integer"', 'p_id = { type = "bigint"'))
        self.assert_edit(p + c + view + over, after + view.replace("AS p", "AS p, 1 AS one") + over,
                         "INSERT INTO p DEFAULT VALUES; INSERT INTO c VALUES (1, 1)")

    def test_a_view_that_changes_lets_go_of_one_that_is_dropped(self):
        t = table(K + 'a = "integer"')
        v = '[view.v]\nsql = "SELECT id, a FROM t"\n'
        w = '[view.w]\nsql = "SELECT id, a FROM v"\n'
        self.assert_edit(t + v + w, t + v.replace("id, a", "id"), "INSERT INTO t VALUES (1, 2)")
        self.assert_edit(t + v.replace("id, a", "id"), t + v + w, "INSERT INTO t VALUES (1, 2)")

    def test_a_key_that_points_at_its_own_table_goes_round_its_key(self):
        t = '[table.t.columns]\nid = "integer"\nup = { type = "integer?", references = "t.id" }\n'
        key = '[table.t.primary_key]\ncolumns = ["id"]\n'
        self.assert_edit(t + key, t + key + 'include = ["up"]\n',
                         "INSERT INTO t VALUES (1, NULL), (2, 1)")

    def test_a_unique_index_that_a_key_stands_on(self):
        t = '[table.p.columns]\nid = "integer"\nn = "integer"\n'
        index = '[[table.p.index]]\nname = "i"\ncolumns = ["id"]\nunique = true\n'
        c = table(K + 'p_id = { type = "integer", references = "p.id" }', name="c")
        self.assert_edit(t + index + c, t + index + 'include = ["n"]\n' + c,
                         "INSERT INTO p VALUES (1, 1); INSERT INTO c VALUES (1, 1)")

    def test_a_foreign_key_goes_to_another_key_while_all_widens(self):
        p = '[table.p.columns]\nid = { type = "integer", primary_key = true }\n' \
            'code = { type = "integer", unique = true }\n'
        c = table(K) .replace("table.t", "table.c") + 'p = "integer"\n' \
            '[[table.c.foreign_key]]\nname = "f"\ncolumns = ["p"]\nreferences = "p.id"\n'
        self.assert_edit(p + c, (p + c).replace("integer", "bigint").replace('"p.id"', '"p.code"'),
                         "INSERT INTO p VALUES (1, 1); INSERT INTO c VALUES (1, 1)")

    def test_columns_of_a_unique_constraint_and_an_index_go_and_come(self):
        parts = ('[[table.t.unique]]\nname = "u"\ncolumns = ["a", "b"]\n'
                 '[[table.t.index]]\nname = "i"\ncolumns = ["a", "b"]\n')
        self.assert_edit(table(K + 'a = "integer"\nb = "integer"', parts),
                         table(K + 'b = "text"\nc = { type = "integer", default = 1 }',
                               parts.replace('"a", "b"', '"b", "c"')),
                         "INSERT INTO t VALUES (1, 4, 5), (2, 6, 7)")

    def test_a_view_over_a_renamed_table_that_changes(self):
        t = table(K + 'a = "integer"')
        u = '[table.u]\nrenamed_from = "t"\n' + table(
            K + 'b = { type = "bigint", renamed_from = "a" }\nc = "integer?"', name="u")
        self.assert_edit(t + '[view.v]\nsql = "SELECT id, a FROM t"\n',
                         u + '[view.v]\nsql = "SELECT id, b, c FROM u"\n',
                         "INSERT INTO t VALUES (1, 2)")

    def test_a_generated_column_stands_on_what_widens(self):
        t = table(K + 'a = "integer"\ng = { type = "integer", generated = "a + 1" }',
                  '[[table.t.index]]\nname = "i"\ncolumns = ["g"]\n')
        self.assert_edit(t, t.replace('a = "integer"', 'a = "bigint"\nc = "integer?"')
                         .replace('{ type = "integer", generated = "a + 1"',
                                  '{ type = "bigint", generated = "a + 2"')
                         .replace('columns = ["g"]', 'columns = ["g", "c"]'),
                         "INSERT INTO t VALUES (1, 2)")


if __name__ == "__main__":
    harness.main()
