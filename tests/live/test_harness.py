"""The observer that all live tests trust must notice what differs, and nothing else."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402
from observer import differences, dump_rows, dump_schema, entries_of  # noqa: E402

# What is done to a copy of the Expense Tracker -> what the observer must call it.
SCHEMA_CHANGES = {
    "dropped index": ("DROP INDEX ix_expense_category", "ix_expense_category"),
    "renamed index": ("ALTER INDEX ix_expense_category RENAME TO other", "+ INDEX public.other"),
    "added column": ("ALTER TABLE expense ADD notes varchar", "notes character varying"),
    "dropped NOT NULL": ("ALTER TABLE expense ALTER description DROP NOT NULL", "description"),
    "default": ("ALTER TABLE expense ALTER payment_method SET DEFAULT 'card'", "payment_method"),
    "type": ("ALTER TABLE expense ALTER amount TYPE numeric(12,2)", "numeric(12,2)"),
    "check": ("ALTER TABLE creditcard DROP CONSTRAINT creditcard_credit_limit_check",
              "credit_limit >="),
    "not valid check": ("ALTER TABLE expense ADD CHECK (amount > -1) NOT VALID", "NOT VALID"),
    "foreign key action": (
        "ALTER TABLE expense DROP CONSTRAINT expense_user_id_fkey, ADD CONSTRAINT "
        "expense_user_id_fkey FOREIGN KEY (user_id) REFERENCES \"user\" (id) ON DELETE CASCADE",
        "ON DELETE CASCADE"),
    "comment": ("COMMENT ON TABLE budget IS NULL", "COMMENT public.TABLE budget"),
    "owner": ("CREATE ROLE observer_owner; ALTER TABLE budget OWNER TO observer_owner",
              "observer_owner"),
    "grant": ("GRANT SELECT ON budget TO PUBLIC", "GRANT SELECT ON TABLE public.budget TO PUBLIC"),
    "sequence's value": ("SELECT nextval('expense_id_seq')", "sequence public.expense_id_seq"),
    "sequence's is_called": ("SELECT setval('budget_id_seq', 4, false)", "budget_id_seq"),
    "sequence's step": ("ALTER SEQUENCE budget_id_seq INCREMENT 2", "INCREMENT BY 2"),
    "enum": ("CREATE TYPE mood AS ENUM ('calm')", "TYPE public.mood"),
    "view": ("CREATE VIEW v AS SELECT id FROM expense", "VIEW public.v"),
    "trigger's state": (
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER t BEFORE INSERT ON budget FOR EACH ROW EXECUTE FUNCTION f()", "TRIGGER"),
    "schema": ("CREATE SCHEMA crm", "SCHEMA -.crm"),
    "table option": ("ALTER TABLE budget SET (fillfactor = 70)", "fillfactor"),
    "statistics target": ("ALTER TABLE budget ALTER amount SET STATISTICS 7", "STATISTICS 7"),
    "row security": ("ALTER TABLE budget ENABLE ROW LEVEL SECURITY", "ROW SECURITY"),
}

ROW_CHANGES = {
    "changed value": "UPDATE expense SET description = 'x' WHERE id = 1",
    "minus nothing is not nothing": "UPDATE expense SET amount = 0 WHERE amount::text = '-0'",
    "one digit": "UPDATE expense SET amount = 149.9999999 WHERE amount = 149.99999999",
    "NULL is not empty": "UPDATE savingsaccount SET tags = '' WHERE id = 2",
    "NULL is not 'NULL'": "UPDATE savingsaccount SET tags = 'NULL' WHERE id = 2",
    "deleted row": "DELETE FROM savingsgoal WHERE id = 2",
    "added row": "INSERT INTO budget (user_id, category, amount, start_date, created_at) "
                 "VALUES (1, 'x', 1, '', '')",
    "swapped keys": "UPDATE savingsgoal SET id = CASE id WHEN 1 THEN 9 ELSE 1 END WHERE id IN (1)",
    "trailing space": "UPDATE expense SET category = category || ' ' WHERE id = 1",
}

# What must not count: done to one database -> done to the other.
SAME = {
    "a column that left and came back last": (
        "ALTER TABLE debitcard DROP daily_limit; ALTER TABLE debitcard ADD daily_limit float8",
        "UPDATE debitcard SET daily_limit = NULL"),
    "an ACL in another order": (
        "CREATE ROLE acl_a; CREATE ROLE acl_b;"
        "GRANT SELECT ON budget TO acl_a; GRANT SELECT ON budget TO acl_b",
        "GRANT SELECT ON budget TO acl_b; GRANT SELECT ON budget TO acl_a"),
    "schema schemasync": (
        "CREATE SCHEMA schemasync; CREATE TABLE schemasync.migration (id serial PRIMARY KEY);"
        "INSERT INTO schemasync.migration DEFAULT VALUES", ""),
    "rows in another physical order": (
        "UPDATE debitcard SET tags = tags WHERE id = 1; CLUSTER expense USING ix_expense_category;"
        "ALTER TABLE expense SET WITHOUT CLUSTER", ""),
}


class Observer(harness.LiveTest):
    def setUp(self):
        self.original = self.database(harness.EXPENSE_TRACKER)
        self.schema = dump_schema(self.original)
        self.rows = dump_rows(self.original)

    def test_two_copies_are_the_same(self):
        other = self.database(harness.EXPENSE_TRACKER)
        self.assert_same(self.original, other)
        self.assert_same(self.original.dump(), other.dump())

    def test_a_changed_schema_is_noticed(self):
        for what, (sql, named) in SCHEMA_CHANGES.items():
            with self.subTest(what):
                other = self.database(harness.EXPENSE_TRACKER)
                other.psql(sql)
                found = "\n".join(differences(self.schema, dump_schema(other)))
                self.assertIn(named, found)
                with self.assertRaises(AssertionError):
                    self.assert_same_schema(self.original, other)

    def test_a_changed_row_is_noticed(self):
        for what, sql in ROW_CHANGES.items():
            with self.subTest(what):
                other = self.database(harness.EXPENSE_TRACKER)
                other.psql(sql)
                self.assertTrue(differences(self.rows, dump_rows(other)))
                with self.assertRaises(AssertionError):
                    self.assert_same_rows(self.original, other)

    def test_a_dropped_table_is_noticed_by_both(self):
        other = self.database(harness.EXPENSE_TRACKER)
        other.psql("DROP TABLE budget")
        self.assertIn("- table public.budget", differences(self.rows, dump_rows(other)))
        self.assertIn("- TABLE public.budget (owner postgres)",
                      differences(self.schema, dump_schema(other)))

    def test_what_does_not_count_is_not_reported(self):
        for what, sides in SAME.items():
            with self.subTest(what):
                one, other = (self.database(harness.EXPENSE_TRACKER) for _ in sides)
                one.psql(sides[0])
                other.psql(sides[1])
                self.assert_same(one, other)

    def test_names_that_look_like_a_header_are_kept_apart(self):
        other = self.database()
        other.psql('CREATE TABLE "a; Type: TABLE; Schema: x; Owner: y" ("b, c" int, ")" text);'
                   'CREATE TABLE "a.b" ("A" int PRIMARY KEY); CREATE SCHEMA "s ""q"" t";'
                   """INSERT INTO "a.b" VALUES (2), (1); COMMENT ON TABLE "a.b" IS E'--\\n-- x';""")
        self.assertIn("a; Type: TABLE; Schema: x; Owner: y",
                      [name for _, _, name, _, _ in dump_schema(other).entries])
        self.assertEqual(dump_rows(other)["public.a.b"]["rows"], [["1"], ["2"]])

    def test_settings_before_a_table_belong_to_that_table(self):
        entries = list(entries_of(
            "--\n-- Name: f(); Type: FUNCTION; Schema: public; Owner: o\n--\n\nCREATE FUNCTION x;\n\n"
            "\nSET default_tablespace = '';\n\nSET default_table_access_method = heap;\n\n"
            "--\n-- Name: t; Type: TABLE; Schema: public; Owner: o\n--\n\nCREATE TABLE t (\n"
            "    b integer,\n    a integer\n);\n\n\n"
            "--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict x\n\n"))
        self.assertEqual(entries[0], ("FUNCTION", "public", "f()", "o", "CREATE FUNCTION x;"))
        self.assertEqual(sorted(entries[1][4].split("\n")),
                         sorted(["a integer", "    b integer", ");", "CREATE TABLE t (",
                                 "access method heap"]))


class Databases(harness.LiveTest):
    def test_every_table_of_the_expense_tracker_has_several_rows(self):
        rows = dump_rows(self.database(harness.EXPENSE_TRACKER))
        self.assertEqual(len(rows), 11)
        for table, held in rows.items():
            self.assertGreaterEqual(len(held["rows"]), 4, table)

    def test_the_guides_rows_are_there(self):
        database = self.database(harness.EXPENSE_TRACKER)
        self.assertEqual(database.rows("SELECT id, card_name, last_four FROM debitcard ORDER BY 1")[0],
                         ["1", "Chase Debit", "9012"])
        self.assertEqual(database.rows("SELECT id, description, category FROM expense ORDER BY 1")[0],
                         ["1", "Weekly groceries", "groceries"])
        self.assertIn("-0", [row[0] for row in database.rows("SELECT amount FROM expense")])

    def test_rows_tell_null_from_empty_and_keep_newlines(self):
        database = self.database()
        self.assertEqual(database.rows(r"VALUES (NULL, '', E'a\nb|c', 'NULL')"),
                         [[None, "", "a\nb|c", "NULL"]])
        self.assertEqual(database.rows("SELECT 1 WHERE false"), [])
        self.assertEqual(database.rows("VALUES ('x'), (''), (E'y\\n'), ('')"),
                         [["x"], [""], ["y\n"], [""]])

    def test_an_error_of_psql_says_what_the_server_said(self):
        with self.assertRaisesRegex(AssertionError, 'relation "nowhere" does not exist'):
            self.database().psql("TABLE nowhere")

    def test_a_role_can_be_made_to_need_its_password(self):
        database = self.database()
        database.psql("CREATE ROLE locked LOGIN PASSWORD 'right'; GRANT needs_password TO locked")
        with self.assertRaisesRegex(AssertionError, "password"):
            database.psql("SELECT 1", "locked", "-w")


class Projects(harness.LiveTest):
    def test_a_project_holds_the_models_and_points_at_the_database(self):
        database = self.database()
        project = self.project(database)
        self.assertEqual(len(list((project.path / "schemas").glob("*.toml"))), 12)
        self.assertIn(database.url, project.read("schemasync.toml"))
        before = project.files()
        project.edit("schemas/budget.toml", 'category   = "varchar"', 'category   = "text"')
        self.assertNotEqual(before, project.files())
        with self.assertRaises(AssertionError):
            project.edit("schemas/budget.toml", "= ", "")

    def test_a_run_gives_code_and_output_and_a_wrong_code_shows_them(self):
        with tempfile.NamedTemporaryFile("w", suffix=".sh", delete=False) as script:
            script.write("#!/bin/sh\necho out $1; echo err >&2; exit 3\n")
        os.chmod(script.name, 0o755)
        self.addCleanup(os.unlink, script.name)
        binary, harness.BINARY = harness.BINARY, script.name
        self.addCleanup(setattr, harness, "BINARY", binary)
        result = self.project(self.database()).run("plan")
        self.assertEqual((result.code, result.stdout, result.stderr), (3, "out plan\n", "err\n"))
        self.assert_exit(result, 3)
        with self.assertRaisesRegex(AssertionError, "exit 3, not 0"):
            self.assert_exit(result, 0)
        self.assert_says(result, "out plan", "err")
        with self.assertRaises(AssertionError):
            self.assert_says(result, "nothing of this")


if __name__ == "__main__":
    harness.main()
