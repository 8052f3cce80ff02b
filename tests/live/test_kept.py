"""What a drop, a conversion or a rollback takes away is kept and comes back: by a copy, or under a
reserved name in the same table; with rows added, changed and deleted in between; and `purge`.
"""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402

HIDDEN = """SELECT attname FROM pg_attribute WHERE attname ~ ' schemasync$' AND NOT attisdropped
  ORDER BY 1"""


class Kept(harness.LiveTest):
    def start(self, sql, config=""):
        """A database of our own, its models as `pull` writes them, recorded."""
        self.db = self.database()
        self.db.psql(sql)
        self.models = self.project(self.db, models=None)
        if config:
            self.models.append("schemasync.toml", config)
        self.assert_exit(self.models.run("pull", "--yes"), 0)
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.before = self.db.dump()

    def run_ok(self, *arguments, code=0):
        return self.assert_exit(self.models.run(*arguments), code)

    def apply(self, *arguments, code=0):
        return self.run_ok("apply", "--yes", *arguments, code=code)

    def rollback(self, *arguments, code=0):
        return self.run_ok("rollback", "--yes", *arguments, code=code)

    def up(self):
        """Applied, and nothing is left to plan, to pull or drifted."""
        plan = self.run_ok("plan")
        self.apply()
        self.run_ok("plan", "--exit-code")
        self.run_ok("status")
        files = self.models.files()
        self.run_ok("pull", "--yes")
        self.assertEqual(files, self.models.files())
        return plan

    def down(self, *arguments):
        done = self.rollback(*arguments)
        self.assert_same_schema(self.before, self.db)
        self.run_ok("status")
        return done

    def remove_line(self, file, start):
        lines = self.models.read(file).splitlines(keepends=True)
        left = [line for line in lines if not line.startswith(start)]
        self.assertEqual(len(left), len(lines) - 1, f"{start!r} in {lines}")
        self.models.write(file, "".join(left))

    def hidden(self):
        return [row[0] for row in self.db.rows(HIDDEN)]

    def changes(self):
        return json.loads(self.run_ok("plan", "--format", "json").stdout)["changes"]


NO_KEY = """
CREATE TABLE log (a integer, note text NOT NULL DEFAULT 'none', n numeric(6,2), b integer);
COMMENT ON COLUMN log.note IS 'what was said';
INSERT INTO log SELECT i, 'note ' || i, i + 0.25, i FROM generate_series(1, 5) AS i;
INSERT INTO log VALUES (6, 'six', NULL, 6);
"""


class ColumnInPlace(Kept):
    def test_a_table_without_a_key_keeps_its_dropped_columns_out_of_sight(self):
        self.start(NO_KEY)
        rows = self.db.rows("SELECT * FROM log ORDER BY a")
        for column in ("note", "n"):
            self.remove_line("schemas/log.toml", column)
        plan = self.up()
        self.assert_says(plan, "rename it out of sight", "Lossless", "SELECT * of log still shows it",
                         "No data is lost")
        self.assert_says_not(plan, "--allow data-loss")
        self.assertEqual(self.hidden(), ["a1 schemasync", "a2 schemasync"])
        self.assertEqual(self.changes(), [])
        self.down()
        self.assertEqual(self.db.rows("SELECT * FROM log ORDER BY a"), rows)
        self.assertEqual(self.hidden(), [])
        self.assert_same(self.before, self.db)

    def test_rows_added_changed_and_deleted_in_between(self):
        self.start(NO_KEY)
        for column in ("note", "n"):
            self.remove_line("schemas/log.toml", column)
        self.up()
        self.db.psql("INSERT INTO log (a, b) VALUES (7, 7); UPDATE log SET b = 20 WHERE a = 2;"
                     "DELETE FROM log WHERE a = 3")
        self.down()
        self.assertEqual(
            self.db.rows("SELECT a, note, n, b FROM log ORDER BY a"),
            [["1", "note 1", "1.25", "1"], ["2", "note 2", "2.25", "20"],
             ["4", "note 4", "4.25", "4"], ["5", "note 5", "5.25", "5"], ["6", "six", None, "6"],
             ["7", "none", None, "7"]])

    def test_a_row_that_came_since_and_needs_a_value_stops_the_way_back(self):
        self.start("CREATE TABLE log (a integer, note text NOT NULL);"
                   "INSERT INTO log VALUES (1, 'one'), (2, 'two')")
        self.remove_line("schemas/log.toml", "note")
        self.up()
        self.db.psql("INSERT INTO log (a) VALUES (3)")
        taken = self.db.dump()
        done = self.rollback(code=4)
        self.assert_says(done, "1 row was added since", "--fill log.note=VALUE")
        self.assert_same(taken, self.db)
        self.rollback("--fill", "log.note=it's")
        self.assert_same_schema(self.before, self.db)
        self.assertEqual(self.db.rows("SELECT a, note FROM log ORDER BY a"),
                         [["1", "one"], ["2", "two"], ["3", "it's"]])

    def test_the_models_and_the_limit_can_ask_for_it(self):
        table = "CREATE TABLE t (id integer PRIMARY KEY, v text);INSERT INTO t VALUES (1, 'x')"
        self.start(table)
        self.remove_line("schemas/t.toml", "v")
        self.assertEqual(self.changes()[0]["archive"]["form"], "values")
        text = self.models.read("schemas/t.toml")
        self.models.write("schemas/t.toml", '[table.t]\narchive = "in_place"\n\n' + text)
        self.assertEqual(self.changes()[0]["archive"]["form"], "in_place")
        self.up()
        self.down()
        self.assert_same(self.before, self.db)
        self.start(table, config='archive_limit = "1kB"\n')
        self.remove_line("schemas/t.toml", "v")
        self.assertEqual(self.changes()[0]["archive"]["form"], "in_place")

    def test_a_wrong_way_to_keep_and_a_reserved_name_are_mistakes(self):
        self.start("CREATE TABLE t (id integer)")
        self.models.write("schemas/t.toml", '[table.t]\narchive = "copy"\n\n[table.t.columns]\n'
                                            '"a1 schemasync" = "integer?"\n')
        self.assert_says(self.run_ok("check", code=1), 'archive = "in_place"', "keeps for itself")

    def test_the_same_name_again_is_a_new_column_and_both_come_back(self):
        self.start(NO_KEY)
        text = self.models.read("schemas/log.toml")
        self.remove_line("schemas/log.toml", "n ")
        self.up()
        self.models.write("schemas/log.toml", text)
        self.up()
        self.assertEqual(self.db.rows("SELECT count(n) FROM log"), [["0"]])
        self.db.psql("UPDATE log SET n = 9 WHERE a = 1")
        self.rollback()
        self.apply()
        self.assertEqual(self.db.rows("SELECT n FROM log WHERE n IS NOT NULL"), [["9.00"]])
        self.rollback()
        self.assertEqual(len(self.hidden()), 2)
        self.rollback()
        self.assertEqual(len(self.hidden()), 1)  # what the first rollback kept of the second one
        self.run_ok("status")
        self.assertEqual(self.db.rows("SELECT n FROM log WHERE a = 1"), [["1.25"]])

    def test_renames_and_a_dropped_table_take_it_along(self):
        self.start(NO_KEY)
        self.remove_line("schemas/log.toml", "n ")
        self.up()
        text = self.models.read("schemas/log.toml").replace("log", "diary")
        self.models.remove("schemas/log.toml")
        self.models.write("schemas/diary.toml",
                          '[table.diary]\nrenamed_from = "log"\n\n' + text)
        self.apply()
        self.run_ok("plan", "--exit-code")
        self.models.remove("schemas/diary.toml")
        self.apply("--allow", "high")
        self.rollback("--all")
        self.assert_same(self.before, self.db)

    def test_sequences_identity_enum_and_odd_names(self):
        self.start("""
            CREATE TYPE mood AS ENUM ('calm', 'cross');
            CREATE TABLE "Odd. ""Name" (k integer, "Sé. ""q" serial, i integer GENERATED ALWAYS AS
              IDENTITY (START 10), m mood NOT NULL DEFAULT 'calm', ms mood[]);
            INSERT INTO "Odd. ""Name" (k, m, ms) VALUES (1, 'cross', '{calm,cross}'), (2, 'calm', NULL)""")
        for file in os.listdir(self.models.path / "schemas"):
            if "table" in self.models.read(f"schemas/{file}"):
                text = self.models.read(f"schemas/{file}")
                header = text[:text.index("[table")]
                name = "[table.'Odd. \"Name']" if "'Odd" in text else '[table."Odd. \\"Name"]'
                self.models.write(f"schemas/{file}", f"{header}{name[:-1]}.columns]\nk = \"integer?\"\n")
        for file in os.listdir(self.models.path / "schemas"):
            if self.models.read(f"schemas/{file}").lstrip().startswith("[enum"):
                self.models.remove(f"schemas/{file}")
        self.apply("--allow", "high")
        self.run_ok("plan", "--exit-code")
        self.assertEqual(len(self.hidden()), 4)
        self.rollback()
        self.assert_same(self.before, self.db)

    def start_with_column_grants(self):
        self.db = self.database()
        for role in ("column_reader", "column_lender"):
            self.db.psql(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role}")
            self.addCleanup(self.db.server.psql, f"DROP ROLE {role}", self.db.name)
            self.addCleanup(self.db.server.psql, f"DROP OWNED BY {role}", self.db.name)
        self.db.psql("""CREATE TABLE log (a integer, n integer NOT NULL DEFAULT 1);
            INSERT INTO log VALUES (1, 11), (2, 22); GRANT SELECT (a, n), UPDATE (n) ON log TO column_reader;
            GRANT SELECT (n) ON log TO column_lender WITH GRANT OPTION; GRANT UPDATE (n) ON log TO PUBLIC""")
        self.models = self.project(self.db, models=None)
        self.run_ok("pull", "--yes")

    def readers(self):
        """What roles may do with a column by its own grants: the hidden one's too."""
        return self.db.rows("""SELECT attname, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE
              pg_get_userbyid(g.grantee) END, g.privilege_type
            FROM pg_attribute, aclexplode(attacl) AS g WHERE attrelid = 'log'::regclass
            AND NOT attisdropped
            ORDER BY 1, 2, 3""")

    def test_nobody_reads_it_by_an_old_grant(self):
        self.start_with_column_grants()
        models = self.models.read("schemas/log.toml")
        scope = self.models.read("schemas/scope.toml")
        for managed in (True, False):
            with self.subTest(managed=managed):
                self.models.write("schemas/log.toml", models)
                if not managed:
                    self.models.write("schemas/scope.toml", scope.replace('"grants"', '"publications"'))
                    self.models.write("schemas/log.toml", "[table.log.columns]\na = \"integer?\"\n"
                                      'n = { type = "integer", default = 1 }\n')
                self.apply()
                self.before = self.db.dump()
                self.models.write("schemas/log.toml", "[table.log]\ngrants = [{ to = "
                                  '"column_reader", privileges = ["select"], columns = ["a"] }]\n'
                                  if managed else "")
                self.models.append("schemas/log.toml", '[table.log.columns]\na = "integer?"\n')
                if not managed:  # lent on, by one who may
                    self.db.psql("SET ROLE column_lender; GRANT SELECT (n) ON log TO PUBLIC")
                granted = self.readers()
                self.apply()
                self.assertEqual(len(self.hidden()), 1)
                self.assertEqual(self.readers(), [["a", "column_reader", "SELECT"]])
                self.run_ok("status")
                self.run_ok("plan", "--exit-code")
                self.rollback()
                self.assertEqual(self.readers(), granted)
                if managed:
                    self.assert_same(self.before, self.db)

    def test_grants_on_a_column_come_and_go_with_it_where_the_models_manage_them(self):
        self.start_with_column_grants()
        self.db.psql("ALTER TABLE log ADD PRIMARY KEY (a)")
        self.run_ok("pull", "--yes")
        self.apply()
        self.before, granted = self.db.dump(), self.readers()
        with_it = self.models.read("schemas/log.toml")
        self.models.write("schemas/log.toml", "[table.log]\ngrants = [{ to = \"column_reader\", "
                          'privileges = ["select"], columns = ["a"] }]\n[table.log.columns]\n'
                          'a = { type = "integer", primary_key = true }\n')
        self.up()
        self.assertEqual(self.readers(), [["a", "column_reader", "SELECT"]])
        self.models.write("schemas/log.toml", with_it)
        self.up()
        self.assertEqual(self.readers(), granted)
        self.rollback("--steps", "2")
        self.assert_same(self.before, self.db)

    def test_a_view_made_since_the_plan_stops_it(self):
        self.start(NO_KEY)
        self.remove_line("schemas/log.toml", "n ")
        self.run_ok("plan", "-o", "plan.json")
        self.db.psql("CREATE VIEW v AS SELECT n FROM log")
        done = self.models.run("apply", "plan.json", "--yes")
        self.assertIn(done.code, (4, 5), done)
        self.assertEqual(self.hidden(), [])
        self.assert_says(self.run_ok("plan"), "Drop view v", "Drop column log.n")

    def test_a_rollback_keeps_what_it_takes_where_there_is_no_key(self):
        self.start("CREATE TABLE t (a integer);INSERT INTO t VALUES (1), (2)")
        self.models.append("schemas/t.toml", 'v = "text?"\nw = { type = "integer", default = 0 }\n')
        self.up()
        self.db.psql("UPDATE t SET v = 'v' || a, w = a")
        entered = self.db.dump()
        self.rollback()
        self.assertEqual(len(self.hidden()), 2)
        self.run_ok("status")
        self.db.psql("INSERT INTO t VALUES (3)")
        self.apply()
        self.assertEqual(self.db.rows("SELECT a, v, w FROM t ORDER BY a"),
                         [["1", "v1", "1"], ["2", "v2", "2"], ["3", None, "0"]])
        self.db.psql("DELETE FROM t WHERE a = 3")
        self.assert_same(entered, self.db)
        self.rollback()
        self.apply("--discard-kept")
        self.assertEqual(self.db.rows("SELECT count(v), sum(w) FROM t"), [["0", "0"]])

    def test_the_psql_file_keeps_it_too(self):
        self.start(NO_KEY)
        for column in ("note", "n"):
            self.remove_line("schemas/log.toml", column)
        self.models.edit("schemas/log.toml", 'b    = "integer?"', 'b = "smallint?"')
        for way_back in ("schemasync", "psql"):
            self.models.write("up.sql", self.run_ok("plan", "--format", "sql").stdout)
            self.models.write("down.sql", self.run_ok("plan", "--format", "sql", "--down").stdout)
            self.db.psql_file(self.models.path / "up.sql")
            self.run_ok("plan", "--exit-code")
            self.assertEqual(len(self.hidden()), 3)
            if way_back == "psql":
                self.db.psql_file(self.models.path / "down.sql")
            else:
                self.rollback()
            self.assert_same(self.before, self.db)


class ConversionInPlace(Kept):
    TABLE = """
        CREATE TABLE m (a integer, amount numeric(10,4) NOT NULL DEFAULT 0, flag text);
        CREATE INDEX m_amount ON m (amount);
        ALTER TABLE m ADD CONSTRAINT m_check CHECK (amount >= 0);
        INSERT INTO m SELECT i, i + 0.1234, CASE WHEN i % 2 = 0 THEN 'yes' END
          FROM generate_series(1, 6) AS i;
        INSERT INTO m VALUES (7, 7, 'maybe')"""

    def test_old_values_come_back_where_the_new_ones_still_stand(self):
        self.start(self.TABLE)
        self.models.edit("schemas/m.toml", "numeric(10,4)", "numeric(10,2)")
        plan = self.up()
        self.assert_says(plan, "the old values stay in the table", "6 values of m.amount change",
                         "Lossless")
        self.assertEqual(self.db.rows("SELECT amount FROM m ORDER BY a LIMIT 2"),
                         [["1.12"], ["2.12"]])
        self.db.psql("UPDATE m SET amount = 50.5 WHERE a = 1; DELETE FROM m WHERE a = 2;"
                     "INSERT INTO m (a, amount) VALUES (8, 8.25); UPDATE m SET a = 33 WHERE a = 3")
        done = self.down()
        self.assert_says(done, "1 kept value", "50.50", "1.1234")
        self.assertEqual(self.db.rows("SELECT a, amount FROM m ORDER BY a"),
                         [["1", "50.5000"], ["4", "4.1234"], ["5", "5.1234"], ["6", "6.1234"],
                          ["7", "7.0000"], ["8", "8.2500"], ["33", "3.1234"]])
        self.assertEqual(self.hidden(), [])

    def test_nothing_happened_in_between(self):
        self.start(self.TABLE)
        self.models.edit("schemas/m.toml", "numeric(10,4)", "integer")
        self.up()
        self.down()
        self.assert_same(self.before, self.db)

    def test_a_conversion_by_the_author(self):
        self.start(self.TABLE)
        self.models.edit("schemas/m.toml", '"text?"',
                         '{ type = "boolean?", using = { up = "coalesce(flag = \'yes\', false)",'
                         ' down = "CASE WHEN flag THEN \'yes\' ELSE \'no\' END" } }')
        self.up()
        self.db.psql("INSERT INTO m (a, flag) VALUES (8, false), (9, true), (10, NULL);"
                     "UPDATE m SET flag = true WHERE a = 7")
        self.down()
        self.assertEqual(self.db.rows("SELECT a, flag FROM m ORDER BY a"),
                         [["1", None], ["2", "yes"], ["3", None], ["4", "yes"], ["5", None],
                          ["6", "yes"], ["7", "yes"], ["8", "no"], ["9", "yes"], ["10", None]])

    def test_a_cast_that_loses_nothing_keeps_nothing(self):
        self.start("CREATE TABLE t (a integer);INSERT INTO t VALUES (1)")
        self.models.edit("schemas/t.toml", "integer", "bigint")
        self.assertIsNone(self.changes()[0].get("archive"))
        self.up()
        self.assertEqual(self.hidden(), [])
        self.down()

    def test_an_author_s_conversion_to_a_wider_type_is_run_and_its_old_values_come_back(self):
        for key in ("PRIMARY KEY", ""):
            with self.subTest(key=key):
                self.start(f"CREATE TABLE t (id integer {key}, v varchar(8));"
                           "INSERT INTO t VALUES (1, 'Red'), (2, NULL)")
                self.models.edit("schemas/t.toml", '"varchar(8)?"',
                                 '{ type = "text?", using = { up = "upper(v)" } }')
                self.assert_says(self.up(), "1 value of t.v changes")
                self.assertEqual(self.db.rows("SELECT v FROM t ORDER BY id"), [["RED"], [None]])
                self.down()
                self.assert_same(self.before, self.db)

    def test_an_author_whose_conversion_does_not_cast_back(self):
        self.start("CREATE TABLE t (a integer, v varchar(5));INSERT INTO t VALUES (1, 'abc'), (2, NULL)")
        self.models.edit("schemas/t.toml", '"varchar(5)?"', '{ type = "text[]?", using = '
                         '{ up = "ARRAY[v]", down = "v[1]" } }')
        self.up()
        self.db.psql("UPDATE t SET v = '{xyz}' WHERE a = 2")
        self.down()
        self.assertEqual(self.db.rows("SELECT v FROM t ORDER BY a"), [["abc"], ["xyz"]])


class WhatAColumnHasBeside(Kept):
    def test_settings_that_no_model_has_come_back(self):
        for setting in ("SET STATISTICS 500", "SET STORAGE EXTERNAL", "SET (n_distinct = 5)"):
            for rows in ("INSERT INTO t VALUES (1, 'x'), (2, 'y')", ""):
                with self.subTest(setting=setting, rows=rows):
                    self.start(f"CREATE TABLE t (id integer PRIMARY KEY, a text); {rows};"
                               f"ALTER TABLE t ALTER a {setting}")
                    self.remove_line("schemas/t.toml", "a ")
                    self.up()
                    self.down()
                    self.assert_same(self.before, self.db)


class HowManyRowsCameBack(Kept):
    def test_those_that_are_there(self):
        self.start("CREATE TABLE t (id integer PRIMARY KEY, a text, f float8);"
                   "INSERT INTO t SELECT g, 'a' || g, g + 0.1234 FROM generate_series(1, 5) AS g")
        self.remove_line("schemas/t.toml", "a ")
        self.up()
        self.db.psql("DELETE FROM t WHERE id = 1")
        self.assert_says(self.rollback(), "4 rows restored")
        self.models.edit("schemas/t.toml", 'f  = ', 'a = "text?"\nf = ')
        self.models.edit("schemas/t.toml", '"double precision?"', '"numeric(10,2)?"')
        self.apply()
        self.db.psql("DELETE FROM t WHERE id = 2; UPDATE t SET f = 8 WHERE id = 3")
        self.assert_says(self.rollback(), "2 rows restored", "1 kept value of t.f not put back")


class DropTable(Kept):
    TABLES = """
        CREATE TABLE p (id integer PRIMARY KEY);
        CREATE TABLE c (id integer PRIMARY KEY,
          r integer REFERENCES p (id), s integer REFERENCES p (id) ON DELETE SET NULL,
          k integer REFERENCES p (id) ON DELETE CASCADE, up integer REFERENCES c (id));
        INSERT INTO p SELECT generate_series(1, 9);
        INSERT INTO c VALUES (1, 1, 2, 3, NULL), (2, 4, 2, 3, 1), (3, 1, 5, 3, NULL), (4, 1, 2, 6, NULL),
          (5, 1, 1, 1, 2)"""

    def test_rows_whose_parent_is_gone_follow_the_key(self):
        self.start(self.TABLES)
        self.models.remove("schemas/c.toml")
        self.apply("--allow", "high")
        self.db.psql("DELETE FROM p WHERE id IN (4, 5, 6)")
        done = self.rollback()
        self.assert_same_schema(self.before, self.db)
        self.assertEqual(self.db.rows("SELECT id, s FROM c ORDER BY id"), [["1", "2"], ["3", None]])
        self.assert_says(done, "3 rows of c not put back")
        self.assertEqual(self.db.rows("SELECT id FROM schemasync.a1 ORDER BY id"),
                         [["2"], ["4"], ["5"]])

    # A ring of a and b, and c that points into it; what b.a and c.b do on DELETE is left open.
    RING = """
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN NEW.v = ''touched''; RETURN NEW; END';
        CREATE TABLE p (id integer PRIMARY KEY);
        CREATE TABLE a (id integer PRIMARY KEY, p integer REFERENCES p (id), b integer, v text);
        CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a (id) {0});
        CREATE TABLE c (id integer PRIMARY KEY, b integer CONSTRAINT c_to_b REFERENCES b (id));
        COMMENT ON CONSTRAINT c_to_b ON c IS 'into the ring';
        ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b (id) {1};"""
    RING_ROWS = """
        INSERT INTO p SELECT generate_series(1, 9);
        INSERT INTO a SELECT i, i FROM generate_series(1, 6) AS i;
        INSERT INTO b VALUES (1, 1), (2, 2), (3, NULL), (4, 4), (5, 3), (6, 5);
        UPDATE a SET b = id WHERE id IN (1, 4, 6); UPDATE a SET b = 2 WHERE id = 3;
        INSERT INTO c SELECT i, i FROM generate_series(1, 6) AS i;"""
    # p 2 goes: a 2 points at it, b 2 at a 2, a 3 and c 2 at b 2, b 5 at a 3, c 5 at b 5.
    RINGS = {
        ("", "ON DELETE SET NULL"): (["1", "3", "4", "5", "6"], ["1", "3", "4", "5", "6"]),
        ("", ""): (["1", "4", "5", "6"], ["1", "3", "4", "6"]),
        ("ON DELETE CASCADE", "ON DELETE CASCADE"): (["1", "4", "5", "6"], ["1", "3", "4", "6"]),
        ("ON DELETE SET NULL", ""): (["1", "3", "4", "5", "6"], ["1", "2", "3", "4", "5", "6"]),
    }

    def ids(self, relation):
        return [row[0] for row in self.db.rows(f"SELECT id FROM {relation} ORDER BY id")]

    def test_keys_in_a_ring_follow_it_all_the_way_round(self):
        trigger = "CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch()"
        for actions, (a, b) in self.RINGS.items():
            with self.subTest(actions=actions):
                self.start(self.RING.format(*actions) + self.RING_ROWS + trigger)
                for table in "abc":
                    self.models.remove(f"schemas/{table}.toml")
                for one, other in ("_x", "_y"), ("_y", "_x"):  # another ring comes with the same plan
                    self.models.write(f"schemas/{one}.toml", f"""[table.{one}.columns]
                        id = {{ type = "integer", primary_key = true }}
                        other = {{ type = "integer?", references = "{other}.id" }}""")
                self.apply("--allow", "high")
                self.db.psql("DELETE FROM p WHERE id = 2")
                done = self.rollback()
                self.assert_same_schema(self.before, self.db)
                self.run_ok("status")
                self.assertEqual((self.ids("a"), self.ids("b"), self.ids("c")), (a, b, b))
                self.assertEqual(self.db.rows("SELECT count(*) FROM a WHERE v IS NOT NULL"), [["0"]])
                if actions[1] == "ON DELETE SET NULL":
                    self.assertEqual(self.db.rows("SELECT id FROM a WHERE b IS NULL ORDER BY id"),
                                     [["3"], ["5"]])
                if actions[0] == "ON DELETE SET NULL":
                    self.assertEqual(self.db.rows("SELECT id FROM b WHERE a IS NULL ORDER BY id"),
                                     [["2"], ["3"]])
                everything = {str(i) for i in range(1, 7)}
                for table, there in (("a", a), ("b", b), ("c", b)):
                    left = sorted(everything - set(there))
                    if left:
                        rows = "row" if len(left) == 1 else "rows"
                        self.assert_says(done, f"{len(left)} {rows} of {table} not put back")
                        archive = self.db.value("SELECT relation FROM schemasync.archive WHERE object = "
                                                f"'table public.{table}'")
                        self.assertEqual(self.ids(f"schemasync.{archive}"), left)

    def test_rows_that_a_rollback_kept_of_a_ring_follow_it_too(self):
        actions, (a, b) = list(self.RINGS.items())[0]
        self.start(self.RING.format(*actions))
        texts = {table: self.models.read(f"schemas/{table}.toml") for table in "abc"}
        self.start("CREATE TABLE p (id integer PRIMARY KEY)")
        for table, text in texts.items():
            self.models.write(f"schemas/{table}.toml", text)
        self.up()
        self.db.psql(self.RING_ROWS)
        self.down()
        self.db.psql("DELETE FROM p WHERE id = 2")
        self.up()
        self.assertEqual((self.ids("a"), self.ids("b"), self.ids("c")), (a, b, b))
        self.assertEqual(self.db.rows("SELECT id FROM a WHERE b IS NULL ORDER BY id"), [["3"], ["5"]])

    def test_two_tables_with_triggers_policies_and_equal_names_across_schemas(self):
        self.start("""
            CREATE SCHEMA x; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
              'BEGIN NEW.v = ''touched''; RETURN NEW; END';
            CREATE TABLE t (id serial PRIMARY KEY, v text);
            CREATE TABLE x.t (id serial PRIMARY KEY, v text);
            CREATE TRIGGER tr BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
            ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
            CREATE POLICY po ON t USING (id > 0);
            ALTER TABLE t DISABLE TRIGGER tr;
            INSERT INTO t (v) VALUES ('one'), ('two'); INSERT INTO x.t (v) VALUES ('x');
            ALTER TABLE t ENABLE ALWAYS TRIGGER tr""")
        for file in list((self.models.path / "schemas").rglob("*.toml")):
            if "[table." in file.read_text():
                file.unlink()
        self.apply("--allow", "high")
        self.rollback()
        self.assert_same(self.before, self.db)


class RolledBackAndChanged(Kept):
    """A table that was taken back, and is wanted again as another one."""

    def test_rows_of_another_type_stay_where_they_are(self):
        self.start("CREATE TABLE t (id integer PRIMARY KEY)")
        self.models.write("schemas/x.toml", '[table.x.columns]\na = "text?"\n')
        self.apply()
        self.db.psql("INSERT INTO x VALUES ('one'), ('2')")
        self.rollback()
        self.models.write("schemas/x.toml", '[table.x.columns]\na = "integer?"\n')
        done = self.apply()
        self.assert_says(done, "stay in schema schemasync", "a was text there, and is integer")
        self.assertEqual(self.db.rows("SELECT * FROM x"), [])
        self.rollback()
        self.models.write("schemas/x.toml", '[table.x.columns]\na = "text?"\n')
        self.assert_says_not(self.apply(), "stay in schema schemasync: a was text")


class Purge(Kept):
    def test_without_archives_it_says_so(self):
        self.start("CREATE TABLE t (id integer PRIMARY KEY)")
        self.assert_says(self.run_ok("purge", "--yes"), "Nothing to purge")
        empty = self.project(self.database(), models=None)
        self.assert_says(self.assert_exit(empty.run("purge"), 0), "Nothing to purge")

    def drop_in_three_ways(self):
        self.start("""CREATE TABLE k (id integer PRIMARY KEY, v text);
            INSERT INTO k VALUES (1, 'one'); CREATE TABLE n (a integer, v text NOT NULL, w integer);
            INSERT INTO n VALUES (1, 'one', 1); CREATE TABLE t (id serial PRIMARY KEY, v text);
            INSERT INTO t (v) VALUES ('one'); CREATE TABLE m (a numeric(8,4));
            INSERT INTO m VALUES (1.2345)""")
        self.remove_line("schemas/k.toml", "v")
        self.remove_line("schemas/n.toml", "v")
        self.models.remove("schemas/t.toml")
        self.models.edit("schemas/m.toml", "numeric(8,4)", "numeric(8,1)")
        self.apply("--allow", "high")

    def test_what_is_back_goes_without_an_age(self):
        self.drop_in_three_ways()
        self.assert_says(self.run_ok("purge", "--yes"), "rollback may need")
        self.rollback()
        self.assert_same(self.before, self.db)
        listed = self.run_ok("purge", "--dry-run")
        self.assert_says(listed, "column public.k.v", "is back already", "No rollback needs")
        self.run_ok("purge", code=3)
        self.run_ok("purge", "--yes")
        self.assertEqual(self.db.rows("SELECT relname FROM pg_class WHERE relname ~ '^a[0-9]+$'"), [])
        self.assert_same(self.before, self.db)
        self.assert_says(self.run_ok("purge", "--yes"), "Nothing to purge")
        self.run_ok("plan")

    def test_what_is_kept_goes_by_age_and_then_rollback_needs_leave(self):
        self.drop_in_three_ways()
        self.assert_says(self.run_ok("purge", "--older-than", "30d", "--yes"), "Nothing to purge")
        done = self.run_ok("purge", "--older-than", "0d", "--yes")
        self.assert_says(done, "column public.n.v", "a hidden column of n", "table public.t",
                         "A rollback over 0001_", "--allow data-loss", "Purged 4 archives")
        self.assertEqual(self.hidden(), [])
        self.run_ok("plan", "--exit-code")
        self.assert_says(self.run_ok("status"), "data is lost by going back over 0001_")
        taken = self.db.dump()
        refused = self.rollback(code=3)
        self.assert_says(refused, "was purged", "--allow data-loss", "public.n.v")
        self.assert_same(taken, self.db)
        self.assert_says(self.rollback("--allow", "data-loss", code=4), "no value for n.v")
        self.assert_says(self.rollback("--allow", "data-loss", "--fill", "n.v=?"), "was purged")
        self.assert_same_schema(self.before, self.db)
        self.assertEqual(self.db.rows("SELECT * FROM k"), [["1", None]])
        self.assertEqual(self.db.rows("SELECT a, v FROM n"), [["1", "?"]])
        self.assertEqual(self.db.rows("SELECT * FROM t"), [])
        self.assertEqual(self.db.rows("SELECT * FROM m"), [["1.2000"]])
        self.assertEqual(self.hidden(), [])
        self.run_ok("status")

    def test_what_somebody_removed_stops_the_rollback_before_it_touches_anything(self):
        self.drop_in_three_ways()
        name = self.db.value("SELECT attname FROM pg_attribute WHERE attrelid = 'n'::regclass AND "
                             "attname ~ ' schemasync$'")
        self.db.psql(f'ALTER TABLE n DROP COLUMN "{name}"')
        taken = self.db.dump()
        self.assert_says(self.rollback(code=5), "no longer there", "public.n.v")
        self.assert_same(taken, self.db)

    def test_a_wrong_age_and_a_wrong_leave_say_so(self):
        self.start("CREATE TABLE t (id integer PRIMARY KEY)")
        self.assert_says(self.run_ok("purge", "--older-than", "soon", code=1), "30d")


if __name__ == "__main__":
    harness.main()
