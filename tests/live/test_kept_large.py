"""A million rows: what is kept is kept and comes back in sane time, and copies run under
rewrite_timeout, not statement_timeout. Prints what each way took.
"""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402

ROWS = 1_000_000
CONFIG = 'statement_timeout = "{statement}"\nrewrite_timeout = "{rewrite}"\narchive_limit = "1GB"\n'
TABLE = f"""
CREATE TABLE big (id bigint PRIMARY KEY, v text NOT NULL, n numeric(12,4));
INSERT INTO big SELECT i, 'value ' || i, i + 0.1234 FROM generate_series(1, {ROWS}) AS i;
CREATE INDEX big_n ON big (n);
ANALYZE big;
"""
SUMS = "SELECT count(*), count(v), sum(n), md5(string_agg(v, '' ORDER BY id)) FROM big"


class AMillionRows(harness.LiveTest):
    def start(self, statement="10min", rewrite="1h"):
        self.db = self.database(("a_million_rows", self.table_file()))
        self.models = self.project(self.db, models=None)
        self.models.append("schemasync.toml", CONFIG.format(statement=statement, rewrite=rewrite))
        self.assert_exit(self.models.run("pull", "--yes"), 0)
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.sums = self.db.rows(SUMS)

    def table_file(self):
        path = "/tmp/ss-a-million-rows.sql"
        with open(path, "w", encoding="utf-8") as file:
            file.write(TABLE)
        self.addCleanup(lambda: os.path.exists(path) and os.remove(path))
        return path

    def timed(self, *arguments):
        start = time.monotonic()
        done = self.assert_exit(self.models.run(*arguments, timeout=1800), 0)
        took = time.monotonic() - start
        print(f"    {' '.join(arguments)}: {took:.1f} s", file=sys.stderr)
        self.assertLess(took, 600)
        return done

    def there_and_back(self):
        self.timed("apply", "--yes", "--allow", "high")
        self.timed("rollback", "--yes")
        self.assertEqual(self.db.rows(SUMS), self.sums)
        self.assert_exit(self.models.run("status"), 0)

    def drop_v(self):
        text = self.models.read("schemas/big.toml")
        self.models.write("schemas/big.toml",
                          "".join(line for line in text.splitlines(keepends=True)
                                  if not line.startswith("v ")))

    def in_place(self):
        text = self.models.read("schemas/big.toml")
        self.models.write("schemas/big.toml", '[table.big]\narchive = "in_place"\n\n' + text)

    def test_drop_column_by_copy(self):
        self.start()
        self.drop_v()
        self.there_and_back()

    def test_drop_column_in_place(self):
        self.start(statement="5s")
        self.drop_v()
        self.in_place()
        self.there_and_back()

    def test_type_change_by_copy(self):
        self.start()
        self.models.edit("schemas/big.toml", "numeric(12,4)", "numeric(12,2)")
        self.there_and_back()

    def test_type_change_in_place(self):
        self.start()
        self.models.edit("schemas/big.toml", "numeric(12,4)", "numeric(12,2)")
        self.in_place()
        self.there_and_back()

    def test_drop_table(self):
        self.start()
        self.models.remove("schemas/big.toml")
        self.there_and_back()

    def test_a_copy_that_takes_too_long_changes_nothing(self):
        self.start(rewrite="20ms")
        self.drop_v()
        done = self.models.run("apply", "--yes")
        self.assert_exit(done, 1)
        self.assert_says(done, "changed nothing")
        self.assertEqual(self.db.rows(SUMS), self.sums)


if __name__ == "__main__":
    harness.main()
