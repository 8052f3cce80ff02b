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


if __name__ == "__main__":
    harness.main()
