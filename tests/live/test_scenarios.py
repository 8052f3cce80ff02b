"""The nine changes of the migration guide, from edits of the model files alone: planned, applied,
planned again to nothing, rolled back, with an observer that compares schema and rows. Then all of
them in sequence, back step by step and at once.
"""

import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import guide  # noqa: E402
import harness  # noqa: E402

# Rows that an application writes while a migration stands, in columns that no scenario touches.
MEANWHILE = """
INSERT INTO public."user" (username, email, password_hash, created_at)
VALUES ('late {n}', 'late{n}@example.org', 'x', '2026-02-0{n}');
INSERT INTO public.expense (user_id, amount, description, category, date, created_at)
VALUES (1, {n}.25, 'meanwhile {n}', 'other', '2026-02-0{n}', '2026-02-0{n}');
INSERT INTO public.debitcard (user_id, {name}, last_four, created_at)
VALUES (2, 'Late ''{n}''', '000{n}', '2026-02-0{n}');
INSERT INTO public.creditcard (user_id, card_name, last_four, credit_limit, created_at)
VALUES (2, 'Late {n}', '100{n}', 100.5, '2026-02-0{n}');
INSERT INTO public.savingsaccount (user_id, account_name, created_at)
VALUES (2, 'Late {n}', '2026-02-0{n}');
"""


class Scenario(harness.LiveTest):
    """One change: from data in the tables to an edit, and back."""

    def start(self, scenario=None, rows=""):
        """A database that schemasync knows, with the guide's rows and more, and its models."""
        self.db = self.database(harness.EXPENSE_TRACKER)
        if scenario and scenario.before:
            self.db.psql(scenario.before)
        self.db.psql(rows)
        self.models = self.project(self.db)
        if scenario and scenario.edit_before:
            scenario.edit_before(self.models)
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.before = self.db.dump()

    def plan(self, *arguments, code=2):
        return self.assert_exit(self.models.run("plan", "--exit-code", *arguments), code)

    def changes(self, *arguments):
        done = self.assert_exit(self.models.run("plan", "--format", "json", *arguments), 0)
        return json.loads(done.stdout)["changes"]

    def change(self, rule, *arguments):
        found = [change for change in self.changes(*arguments) if change["rule"] == rule]
        self.assertEqual(len(found), 1, rule)
        return found[0]

    def apply(self, *arguments, code=0):
        return self.assert_exit(self.models.run("apply", "--yes", *arguments), code)

    def rollback(self, *arguments, code=0):
        return self.assert_exit(self.models.run("rollback", "--yes", *arguments), code)

    def built_directly(self, *sqls, scenario=None):
        direct = self.database(harness.EXPENSE_TRACKER)
        for sql in (scenario.before if scenario else "", *sqls):
            direct.psql(sql)
        return direct

    def up(self, scenario, rows=""):
        """Plans and applies; the result is what people would have built, and leaves no plan."""
        planned = self.plan()
        self.apply()
        self.assert_same(self.built_directly(rows, scenario.direct, scenario=scenario), self.db)
        self.plan(code=0)
        return planned

    def down(self):
        self.rollback()
        self.assert_same(self.before, self.db)

    def assert_stops(self, code, *texts):
        """apply ends so, says so, and changes nothing."""
        before = self.db.dump()
        done = self.models.run("apply", "--yes")
        self.assert_exit(done, code)
        self.assert_says(done, *texts)
        self.assert_same(before, self.db)
        return done

    def query(self, sql):
        """(heading, rows) of a query that is run as it stands."""
        heading = self.db.psql(sql, "postgres", "--csv", "-P", "tuples_only=off").split("\n")[0]
        return heading.split(","), self.db.rows(sql)

    def assert_gives(self, sql, heading, rows):
        names, found = self.query(sql)
        self.assertEqual(names, heading)
        self.assertCountEqual(found, rows)

    def from_nothing(self):
        """What the models as they stand now make of an empty database."""
        empty = self.database()
        self.assert_exit(self.models.run("apply", "--yes", "--url", empty.url), 0)
        return empty


class AddTable(Scenario):
    SCENARIO = guide.SCENARIOS[0]

    def test_a_table_is_added_and_taken_back(self):
        self.start()
        guide.add_notification(self.models)
        planned = self.up(self.SCENARIO)
        self.assert_says(planned, "LOW", "Add table notification", "schemas/notification.toml:1")
        self.assert_gives(guide.QUERY_1, ["column_name", "data_type", "is_nullable"], guide.RESULT_1)
        self.down()

    def test_its_rows_are_kept_by_rollback_and_return_with_it(self):
        self.start()
        guide.add_notification(self.models)
        self.apply()
        self.db.psql(guide.NOTIFICATION_ROWS)
        entered = self.db.dump()
        self.down()
        self.apply()
        self.assert_same(entered, self.db)
        self.db.psql("INSERT INTO notification (user_id, title, message, notification_type, created_at)"
                     " VALUES (1, 'its', 'key', 'goes', 'on')")
        self.rollback()
        self.apply("--discard-kept")
        self.assertEqual(self.db.rows("notification"), [])

    def test_the_same_models_make_the_same_of_nothing(self):
        self.start()
        guide.add_notification(self.models)
        empty = self.from_nothing()
        self.db.psql("TRUNCATE " + ", ".join(f'public."{table.split(".")[1]}"' for table
                                             in self.before.rows) + " RESTART IDENTITY")
        self.apply()
        self.assert_same(empty, self.db)


class AddNullableColumns(Scenario):
    def test_columns_are_added_empty_and_taken_back(self):
        self.start()
        guide.add_nullable_columns(self.models)
        planned = self.up(guide.SCENARIOS[1])
        self.assert_says(planned, "Add column expense.notes", "Add column expense.receipt_url")
        heading, rows = self.query(guide.QUERY_2)
        self.assertEqual(heading, ["id", "description", "notes", "receipt_url"])
        self.assertIn(["1", "Weekly groceries", None, None], rows)
        self.assertEqual(len(rows), len(self.before.rows["public.expense"]["rows"]))
        self.assertTrue(all(row[2:] == [None, None] for row in rows))
        self.down()

    def test_values_written_since_are_kept_and_return(self):
        self.start()
        guide.add_nullable_columns(self.models)
        self.apply()
        self.db.psql("UPDATE expense SET notes = 'line' || E'\\n' || id WHERE id % 2 = 0;"
                     "UPDATE expense SET receipt_url = '' WHERE id = 1")
        written = self.db.dump()
        self.down()
        self.db.psql("DELETE FROM expense WHERE id = 4")
        self.apply()
        self.db.psql("INSERT INTO expense SELECT 4, 2, '-0', 'Minus nothing', 'other', '2026-01-03',"
                     "'cash', NULL, NULL, NULL, '2026-01-03T12:01:00', E'line\\n4'")
        self.assert_same(written, self.db)


class AddRequiredColumns(Scenario):
    def edit(self, text):
        self.models.edit("schemas/expense.toml", guide.EXPENSE_END, guide.EXPENSE_END + text)

    def test_defaults_fill_the_rows_there_are(self):
        self.start()
        guide.add_required_columns(self.models)
        planned = self.up(guide.SCENARIOS[2])
        self.assert_says(planned, "MEDIUM")
        heading, rows = self.query("SELECT id, category, priority, is_verified FROM expense;")
        self.assertEqual(heading, ["id", "category", "priority", "is_verified"])
        self.assertIn(["1", "groceries", "normal", "f"], rows)
        self.assertEqual({tuple(row[2:]) for row in rows}, {("normal", "f")})
        self.down()

    def test_backfill_fills_old_rows_once_and_the_default_new_ones(self):
        self.start()
        self.edit('priority = { type = "varchar", default = "normal", backfill = '
                  "{ sql = \"CASE WHEN amount > 100 THEN 'high' ELSE 'low' END\" } }\n"
                  'is_verified = { type = "boolean", backfill = true }\n')
        self.plan()
        self.apply()
        self.plan(code=0)
        self.assert_same(self.built_directly(
            "ALTER TABLE expense ADD priority varchar DEFAULT 'normal', ADD is_verified boolean;"
            "UPDATE expense SET is_verified = true, priority = CASE WHEN amount > 100 THEN 'high'"
            " ELSE 'low' END; ALTER TABLE expense ALTER priority SET NOT NULL,"
            " ALTER is_verified SET NOT NULL"), self.db)
        self.db.psql("INSERT INTO expense (user_id, amount, description, category, date, created_at,"
                     " is_verified) VALUES (1, 500, '', '', '', '', false)")
        self.assertEqual(self.db.value("SELECT priority FROM expense WHERE amount = 500"), "normal")
        self.plan(code=0)
        self.db.psql("DELETE FROM expense WHERE amount = 500;"
                     "SELECT setval('expense_id_seq', last_value - 1) FROM expense_id_seq")
        self.down()

    def test_neither_default_nor_backfill_is_refused_where_rows_are(self):
        self.start()
        self.edit('priority = "varchar"\n')
        planned = self.plan(code=4)
        self.assert_says(planned, "FAIL", "priority", "default", "backfill")
        self.assert_stops(4, "expense.priority", "backfill")
        self.db.psql("DELETE FROM expense")
        self.apply()
        self.plan(code=0)


class ChangeTypes(Scenario):
    BAD = ("INSERT INTO public.expense (user_id, amount, description, category, date, created_at) VALUES"
           " (1, 'infinity', 'endless', 'other', '', ''), (2, 9999999999.995, 'much', 'other', '', ''),"
           " (2, 9999999999.99, 'just fits', 'other', '', '');")

    def test_floats_become_numeric_and_again_what_they_were(self):
        self.start()
        guide.change_types(self.models)
        planned = self.up(guide.SCENARIOS[3])
        self.assert_says(planned, "HIGH", "expense.amount", "creditcard.credit_limit", "warn")
        self.assert_gives(guide.QUERY_4,
                          ["column_name", "data_type", "numeric_precision", "numeric_scale"],
                          guide.RESULT_4)
        self.assertIn("-0", [row[0] for row in self.db.rows(
            "SELECT balance FROM savingsaccount")])  # another column: untouched
        self.down()
        self.assertIn(["-0"], self.db.rows("SELECT amount FROM expense"))

    def test_values_that_change_are_counted_apart_from_those_that_fail(self):
        self.start(rows=self.BAD)
        guide.change_types(self.models)
        self.plan(code=4)
        (amount, limit) = sorted((change for change in self.changes("--samples")
                                  if change["rule"] == "column.type"),
                                 key=lambda change: change["object"], reverse=True)
        self.assertEqual(amount["object"], "column public.expense.amount")
        checks = {check["name"]: check for check in amount["checks"]}
        self.assertEqual(checks["casts"]["result"]["status"], "failed")
        self.assertEqual(checks["casts"]["result"]["counts"][0], 2)
        self.assertTrue(checks["casts"]["stops"])
        # 149.99999999, 150.005, -0 and 12.345; neither 9999999999.99 nor those that fail.
        self.assertEqual(checks["values_change"]["result"]["status"], "warn")
        self.assertEqual(checks["values_change"]["result"]["counts"][0], 4)
        self.assertFalse(checks["values_change"]["stops"])
        shown = json.dumps(checks["casts"]["result"]["sample"])
        self.assertIn("Infinity", shown)
        self.assertIn("9999999999.995", shown)
        checks = {check["name"]: check for check in limit["checks"]}
        self.assertEqual(checks["casts"]["result"]["status"], "ok")
        self.assertEqual(checks["values_change"]["result"]["counts"][0], 2)
        self.assert_stops(4, "expense.amount")
        self.db.psql("UPDATE expense SET amount = 1 WHERE amount = 'infinity' OR amount = 9999999999.995")
        self.before = self.db.dump()
        self.apply()
        self.plan(code=0)
        self.down()

    def test_the_applications_newer_values_outlive_rollback(self):
        self.start()
        guide.change_types(self.models)
        self.apply()
        self.db.psql("UPDATE expense SET amount = 77.70 WHERE id = 2; DELETE FROM expense WHERE id = 5;"
                     "INSERT INTO expense (id, user_id, amount, description, category, date, created_at)"
                     " VALUES (900, 1, 3.10, 'new', 'other', '', '')")
        done = self.rollback()
        direct = self.built_directly(
            "UPDATE expense SET amount = 77.7 WHERE id = 2; DELETE FROM expense WHERE id = 5;"
            "INSERT INTO expense (id, user_id, amount, description, category, date, created_at)"
            " VALUES (900, 1, 3.1, 'new', 'other', '', '')")
        self.assert_same(direct, self.db)
        self.assert_says(done, "expense.amount")  # lists what it did not put back


class Rename(Scenario):
    def test_columns_are_renamed_with_their_sequence(self):
        self.start()
        self.assertIn(["1", "Chase Debit", "9012"],
                      self.db.rows("SELECT id, card_name, last_four FROM debitcard"))
        guide.rename_columns(self.models)
        planned = self.up(guide.SCENARIOS[4])
        self.assert_says(planned, "HIGH", "debit_card_id", "card_name", "debitcard_debit_card_id_seq")
        heading, rows = self.query("SELECT debit_card_id, name, last_four FROM debitcard")
        self.assertEqual(heading, ["debit_card_id", "name", "last_four"])
        self.assertIn(["1", "Chase Debit", "9012"], rows)
        self.down()

    def test_a_rename_breaks_running_code_and_says_so(self):
        self.start()
        guide.rename_columns(self.models)
        changes = [change for change in self.changes() if change["rule"] == "column.rename"]
        self.assertEqual(len(changes), 2)
        self.assertTrue(all(change["breaking"] for change in changes))
        self.assertTrue(all(change["reversible"] == "lossless" for change in changes))

    def rename_table(self):
        self.models.edit("schemas/savingsaccount.toml", "[table.savingsaccount]\n",
                         '[table.account]\nrenamed_from = "savingsaccount"\n')
        self.models.edit("schemas/savingsaccount.toml", "[table.savingsaccount.columns]",
                         "[table.account.columns]")
        for name in ("savingsaccounttransaction", "debitcard", "expense", "asset"):
            self.models.edit(f"schemas/{name}.toml", '"savingsaccount.id"', '"account.id"')

    RENAME_TABLE = """
ALTER TABLE public.savingsaccount RENAME TO account;
ALTER SEQUENCE public.savingsaccount_id_seq RENAME TO account_id_seq;
ALTER TABLE public.account RENAME CONSTRAINT savingsaccount_pkey TO account_pkey;
ALTER TABLE public.account RENAME CONSTRAINT savingsaccount_user_id_fkey TO account_user_id_fkey;
ALTER TABLE public.account RENAME CONSTRAINT savingsaccount_account_type_check TO account_account_type_check;
ALTER INDEX public.ix_savingsaccount_user_id RENAME TO ix_account_user_id;
"""

    def test_a_table_is_renamed_with_all_that_is_named_after_it(self):
        self.start()
        self.rename_table()
        planned = self.plan()
        self.assert_says(planned, "HIGH", "savingsaccount", "account_id_seq", "account_pkey")
        change = self.change("table.rename")
        self.assertEqual(change["risk"]["base"], "high")
        self.apply()
        self.assert_same(self.built_directly(self.RENAME_TABLE), self.db)
        self.plan(code=0)
        self.down()

    def test_renames_of_a_table_and_of_its_columns_in_one_plan(self):
        self.start()
        self.rename_table()
        self.models.edit("schemas/savingsaccount.toml", 'account_name  = "varchar"',
                         'title = { type = "varchar", renamed_from = "account_name" }')
        self.models.edit("schemas/savingsaccount.toml", 'bank_name     = "varchar?" ',
                         'bank = { type = "varchar(200)?", renamed_from = "bank_name" } ')
        self.apply()
        self.assert_same(self.built_directly(
            self.RENAME_TABLE + "ALTER TABLE account RENAME account_name TO title;"
            "ALTER TABLE account RENAME bank_name TO bank;"
            "ALTER TABLE account ALTER bank TYPE varchar(200)"), self.db)
        self.plan(code=0)
        self.down()


class DropColumn(Scenario):
    def test_a_column_goes_and_comes_back_with_its_values(self):
        self.start(guide.SCENARIOS[5])
        exported = self.db.psql(guide.EXPORT_6)
        guide.drop_column(self.models)
        planned = self.up(guide.SCENARIOS[5])
        self.assert_says(planned, "MEDIUM", "Drop column debitcard.daily_limit", "Lossless")
        self.assertCountEqual(self.db.rows(guide.QUERY_6),
                              [["id" if name == "debit_card_id" else
                                "card_name" if name == "name" else name]
                               for (name,) in guide.RESULT_6])
        self.down()
        self.assertEqual(sorted(self.db.psql(guide.EXPORT_6).split("\n")),
                         sorted(exported.split("\n")))

    def test_values_return_also_when_rows_came_and_went(self):
        self.start()
        guide.drop_column(self.models)
        self.apply()
        meanwhile = ("DELETE FROM debitcard WHERE id = 2; UPDATE debitcard SET card_name = 'new' WHERE id = 3;"
                     "INSERT INTO debitcard (user_id, card_name, last_four, created_at)"
                     " VALUES (1, 'Later', '5555', 'now');")
        self.db.psql(meanwhile)
        self.rollback()
        self.assert_same(self.built_directly(meanwhile), self.db)

    DEPENDENTS = """
ALTER TABLE debitcard ADD CONSTRAINT ck_debitcard_limit CHECK (daily_limit > -1 AND user_id > 0);
CREATE INDEX ix_debitcard_limited ON debitcard (user_id) WHERE daily_limit IS NOT NULL;
"""

    def with_dependents(self):
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.db.psql(self.DEPENDENTS)
        self.models = self.project(self.db)
        self.models.append("schemas/debitcard.toml", """
[[table.debitcard.check]]
name = "ck_debitcard_limit"
sql  = "daily_limit > -1 AND user_id > 0"

[[table.debitcard.index]]
name    = "ix_debitcard_limited"
columns = ["user_id"]
where   = "daily_limit IS NOT NULL"
""")
        self.apply()
        self.plan(code=0)
        self.before = self.db.dump()

    def test_what_depends_on_it_goes_by_changes_of_its_own(self):
        self.with_dependents()
        guide.drop_column(self.models)
        text = self.models.read("schemas/debitcard.toml")
        self.models.write("schemas/debitcard.toml", text[:text.index("\n[[table.debitcard.check")])
        planned = self.plan()
        self.assert_says(planned, "ck_debitcard_limit", "ix_debitcard_limited")
        order = {change["object"]: change["number"] for change in self.changes()}
        self.assertLess(order["check public.debitcard.ck_debitcard_limit"],
                        order["column public.debitcard.daily_limit"])
        self.assertLess(order["index public.debitcard.ix_debitcard_limited"],
                        order["column public.debitcard.daily_limit"])
        self.apply()
        self.assert_same(self.built_directly("ALTER TABLE debitcard DROP daily_limit CASCADE"), self.db)
        self.down()

    def test_what_the_models_keep_on_it_is_a_mistake_with_its_place(self):
        self.with_dependents()
        guide.drop_column(self.models)
        done = self.models.run("plan")
        self.assert_exit(done, 1)
        for line, text in enumerate(self.models.read("schemas/debitcard.toml").split("\n"), 1):
            if text.startswith("[["):
                self.assert_says(done, f"schemas/debitcard.toml:{line}:")
        self.assert_says(done, "daily_limit")
        self.assert_stops(1)


class Views(Scenario):
    """What stands on a column that goes or changes, and is a view."""

    LIMITS = "CREATE VIEW limits AS SELECT id, card_name, daily_limit FROM debitcard WHERE is_active;"
    LIMITS_MODEL = '''[view.limits]
sql = """
SELECT id, card_name, daily_limit
  FROM debitcard
 WHERE is_active
"""
'''

    def start_with_a_view(self):
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.db.psql(self.LIMITS)
        self.models = self.project(self.db)
        self.models.write("schemas/limits.toml", self.LIMITS_MODEL)
        self.apply()
        self.plan(code=0)
        self.before = self.db.dump()

    def test_one_of_nobodys_models_goes_by_a_change_of_its_own(self):
        self.start()
        self.db.psql(self.LIMITS + "CREATE VIEW upon AS SELECT count(daily_limit) FROM limits")
        self.before = self.db.dump()
        guide.drop_column(self.models)
        planned = self.plan()
        self.assert_says(planned, "Drop view limits", "Drop view upon", "view.drop.unmanaged")
        order = {change["object"]: change["number"] for change in self.changes()}
        self.assertLess(order["view public.upon"], order["view public.limits"])
        self.assertLess(order["view public.limits"], order["column public.debitcard.daily_limit"])
        self.apply()
        self.assert_same(self.built_directly("ALTER TABLE debitcard DROP daily_limit"), self.db)
        self.plan(code=0)
        self.down()

    def test_one_that_is_only_reported_stops_the_drop(self):
        self.start()
        self.models.edit("schemas/scope.toml", 'schemas = ["public"]',
                         'schemas = ["public"]\nunmanaged = "report"')
        self.db.psql(self.LIMITS)
        guide.drop_column(self.models)
        self.assert_says(self.plan(code=4), "view", "limits")
        self.assert_stops(4, "limits")

    def test_one_that_the_models_keep_is_a_mistake_with_its_place(self):
        self.start_with_a_view()
        guide.drop_column(self.models)
        done = self.assert_stops(1, "schemas/limits.toml:", "daily_limit", "limits")
        self.assertNotIn("applied", done.stdout)

    def test_one_that_goes_with_the_column_comes_back_with_it(self):
        self.start_with_a_view()
        guide.drop_column(self.models)
        self.models.remove("schemas/limits.toml")
        self.plan()
        self.apply()
        self.assert_same(self.built_directly("ALTER TABLE debitcard DROP daily_limit"), self.db)
        self.plan(code=0)
        self.down()

    TOTALS = "CREATE VIEW totals AS SELECT category, sum(amount) AS total FROM expense GROUP BY category;"

    def test_one_on_a_changed_column_is_made_again_around_it(self):
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.db.psql("DROP ROLE IF EXISTS view_reader; CREATE ROLE view_reader")
        self.addCleanup(self.server.psql, "DROP ROLE view_reader")
        self.db.psql(self.TOTALS + "COMMENT ON VIEW totals IS 'What''s spent';"
                     "GRANT SELECT ON totals TO view_reader")
        self.addCleanup(self.db.psql, "DROP OWNED BY view_reader")
        self.models = self.project(self.db)
        self.models.write("schemas/totals.toml", '[view.totals]\ncomment = "What\'s spent"\nsql = '
                          '"SELECT category, sum(amount) AS total FROM expense GROUP BY category"\n')
        self.apply()
        self.plan(code=0)
        self.before = self.db.dump()
        guide.change_types(self.models)
        self.assert_says(self.plan(), "totals")
        self.apply()
        self.plan(code=0)
        self.assertEqual(self.db.value("SELECT pg_typeof(total) FROM totals LIMIT 1"), "numeric")
        direct = self.built_directly(
            guide.SCENARIOS[3].direct, self.TOTALS + "COMMENT ON VIEW totals IS 'What''s spent';"
            "GRANT SELECT ON totals TO view_reader")
        self.addCleanup(direct.psql, "DROP OWNED BY view_reader")
        self.assert_same(direct, self.db)
        self.down()

    # Of a view, and how it is named; none of it is in a model, none would come back by itself.
    CARRIED = {
        "ALTER VIEW totals SET (security_barrier)": "option security_barrier=true",
        "ALTER VIEW totals ALTER category SET DEFAULT 'food'": "default of column category",
        "COMMENT ON COLUMN totals.total IS 'spent'": "comment on column total",
        "GRANT SELECT (total) ON totals TO PUBLIC": "grants on column total",
        "CREATE TRIGGER aside INSTEAD OF INSERT ON totals FOR EACH ROW EXECUTE FUNCTION "
        "suppress_redundant_updates_trigger()": "trigger aside",
        "CREATE RULE nothing AS ON DELETE TO totals DO INSTEAD NOTHING": "rule nothing",
    }

    def test_one_that_carries_what_is_not_modelled_is_never_made_again(self):
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.db.psql(self.TOTALS + ";".join(self.CARRIED))
        self.models = self.project(self.db)
        self.assert_exit(self.models.run("pull", "--yes"), 0)
        self.assert_says(self.models.run("plan"), "security_barrier=true of totals",
                         "default of column totals.category", "comment on column totals.total",
                         "grants on column totals.total", "trigger aside of totals",
                         "rule nothing of totals")
        guide.change_types(self.models)  # drags it along
        self.assert_stops(4, "view totals carries", *self.CARRIED.values())
        self.models.edit("schemas/totals.toml", "sum(expense", "max(expense")
        self.assert_stops(4, "Change view totals", *self.CARRIED.values())
        self.models.remove("schemas/totals.toml")
        self.assert_stops(4, "Drop view totals", *self.CARRIED.values())

    def test_what_one_carries_since_stops_the_rollback(self):
        self.start_with_a_view()
        guide.change_types(self.models)
        self.models.edit("schemas/limits.toml", "daily_limit", "daily_limit + 1 AS daily_limit")
        self.apply()
        self.db.psql("COMMENT ON COLUMN limits.daily_limit IS 'and one'")
        stopped = self.assert_exit(self.models.run("rollback", "--yes"), 4)
        self.assert_says(stopped, "view limits carries", "comment on column daily_limit")
        self.db.psql("COMMENT ON COLUMN limits.daily_limit IS NULL")
        self.down()


class AddForeignKey(Scenario):
    def test_a_column_that_points_at_users(self):
        self.start()
        guide.add_foreign_key(self.models)
        planned = self.up(guide.SCENARIOS[6])
        self.assert_says(planned, "MEDIUM", "fk_expense_reviewed_by_user", "ix_expense_reviewed_by")
        self.assert_gives(guide.QUERY_7, ["constraint_name", "column_name", "foreign_table_name"],
                          guide.RESULT_7)
        self.assertEqual(self.db.rows(guide.ORPHANS_7), [])
        self.down()

    def test_it_is_set_null_when_the_reviewer_goes(self):
        self.start()
        guide.add_foreign_key(self.models)
        self.apply()
        self.db.psql("""UPDATE expense SET reviewed_by = 5 WHERE id IN (1, 2);
                        DELETE FROM "user" WHERE id = 5""")
        self.assertEqual(self.db.value("SELECT count(reviewed_by) FROM expense"), "0")
        self.rollback()
        self.assert_same(self.built_directly('DELETE FROM "user" WHERE id = 5'), self.db)

    def test_orphans_of_a_column_that_is_there_stop_it(self):
        column = ("ALTER TABLE expense ADD reviewed_by integer;"
                  "UPDATE expense SET reviewed_by = 1 WHERE id = 1;"
                  "UPDATE expense SET reviewed_by = 77 WHERE id IN (2, 3);"
                  "UPDATE expense SET reviewed_by = 78 WHERE id = 4;")
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.db.psql(column)
        self.models = self.project(self.db)
        self.models.edit("schemas/expense.toml", guide.EXPENSE_END,
                         guide.EXPENSE_END + 'reviewed_by = "integer?"\n')
        self.apply()
        self.before = self.db.dump()
        self.models.edit("schemas/expense.toml", 'reviewed_by = "integer?"\n', "")
        guide.add_foreign_key(self.models)
        planned = self.plan(code=4)
        self.assert_says(planned, "FAIL", "77", "78")
        (orphans,) = [check for check in self.change("foreign_key.add")["checks"]
                      if check["name"] == "orphans"]
        self.assertEqual(orphans["result"]["counts"][0], 3)  # NULL is no orphan
        self.assert_stops(4, "fk_expense_reviewed_by_user")
        self.db.psql("UPDATE expense SET reviewed_by = NULL WHERE reviewed_by > 5")
        self.before = self.db.dump()
        self.apply()
        self.plan(code=0)
        self.assertEqual(len(self.query(guide.QUERY_7)[1]), 4)
        self.down()


class AddUniqueConstraints(Scenario):
    # Two groups of duplicate cards with 3 surplus ones, to which rows of three tables point;
    # a group of accounts that are duplicates only for who takes NULLs for equal.
    DUPLICATES = """
INSERT INTO creditcard (id, user_id, card_name, last_four, credit_limit, created_at) VALUES
    (101, 1, 'Visa Platinum', '0101', 1, ''), (102, 1, 'Visa Platinum', '0102', 2, ''),
    (103, 3, '楽天カード', '0103', 3, '');
INSERT INTO creditcardtransaction (id, credit_card_id, amount, transaction_type, date, created_at) VALUES
    (901, 101, 1, 'charge', '', ''), (902, 101, 2, 'charge', '', ''), (903, 102, 3, 'refund', '', '');
INSERT INTO expense (id, user_id, amount, description, category, date, credit_card_id, created_at) VALUES
    (901, 1, 5, 'by a duplicate', 'other', '', 103, '');
INSERT INTO asset (id, user_id, name, asset_type, purchase_price, credit_card_id, created_at) VALUES
    (901, 1, 'Lamp', 'light', 5, 102, '');
INSERT INTO savingsaccount (id, user_id, account_name, bank_name, created_at) VALUES
    (101, 1, 'Everyday', 'Chase', ''), (102, 1, 'Jar', NULL, '');
INSERT INTO savingsaccounttransaction (id, savings_account_id, amount, transaction_type, date, created_at)
    VALUES (901, 101, 5, 'deposit', '', '');
"""

    def test_without_duplicates_they_are_added_and_taken_back(self):
        self.start()
        self.assertEqual(self.db.rows(guide.DUPLICATES_8), [])
        guide.add_unique_constraints(self.models)
        planned = self.up(guide.SCENARIOS[7])
        self.assert_says(planned, "HIGH", "uq_creditcard_user_card_name",
                         "uq_savingsaccount_user_account")
        self.assert_gives(guide.QUERY_8, ["conname", "contype"], guide.RESULT_8)
        self.down()

    def printed_repairs(self, planned):
        """{constraint: [SQL, SQL]} as a reader copies them from the text of the plan."""
        repairs, of, sql = {}, None, None
        for line in planned.stdout.split("\n"):
            named = re.match(r"#\d+ .*Add unique (\S+)", line)
            if named:
                of, sql = repairs.setdefault(named[1], []), None
            elif re.match(r"    Repair [A-Z]: ", line):
                sql = []
                of.append(sql)
            elif sql is not None and line.startswith("      "):
                if sql or line[6] != " ":  # the rest of a long title is indented by more
                    sql.append(line[6:])
            elif sql and line.strip():
                sql = None
        return {name: ["\n".join(lines) for lines in each] for name, each in repairs.items()}

    def stopped(self):
        self.start(rows=self.DUPLICATES)
        guide.add_unique_constraints(self.models)
        planned = self.plan(code=4)
        self.assert_says(planned, "STOP", "FAIL", "2 groups of duplicates", "Visa Platinum",
                         "1, 101, 102", "4, 103", "Everyday", "2, 101")
        self.assert_says_not(planned, "Jar")  # a NULL bank is no duplicate
        self.assert_stops(4, "uq_creditcard_user_card_name", "uq_savingsaccount_user_account")
        repairs = self.printed_repairs(planned)
        self.assertEqual({name: len(each) for name, each in repairs.items()},
                         {"uq_creditcard_user_card_name": 2, "uq_savingsaccount_user_account": 2})
        return repairs

    def repair(self, repairs, which):
        for each in repairs.values():
            self.db.psql(each[which])
        self.assertEqual(self.db.rows(guide.DUPLICATES_8), [])
        self.before = self.db.dump()
        self.apply()
        self.plan(code=0)
        self.assert_gives(guide.QUERY_8, ["conname", "contype"], guide.RESULT_8)
        self.down()

    def test_the_repair_that_keeps_the_first_repoints_the_children(self):
        repairs = self.stopped()
        self.repair(repairs, 0)
        self.assert_same_rows(self.built_directly(self.DUPLICATES + """
UPDATE creditcardtransaction SET credit_card_id = 1 WHERE credit_card_id IN (101, 102);
UPDATE expense SET credit_card_id = 4 WHERE credit_card_id = 103;
UPDATE asset SET credit_card_id = 1 WHERE credit_card_id = 102;
UPDATE savingsaccounttransaction SET savings_account_id = 2 WHERE savings_account_id = 101;
DELETE FROM creditcard WHERE id IN (101, 102, 103);
DELETE FROM savingsaccount WHERE id = 101;
"""), self.db)

    def test_the_repair_that_renames_keeps_every_row(self):
        repairs = self.stopped()
        self.repair(repairs, 1)
        self.assertCountEqual(
            self.db.rows("SELECT id, card_name FROM creditcard WHERE id IN (1, 4, 101, 102, 103)"),
            [["1", "Visa Platinum"], ["101", "Visa Platinum (101)"], ["102", "Visa Platinum (102)"],
             ["4", "楽天カード"], ["103", "楽天カード (103)"]])
        self.assertEqual(self.db.value("SELECT count(*) FROM savingsaccount WHERE bank_name IS NULL"
                                       " AND account_name = 'Jar'"), "3")
        self.assertEqual(len(self.db.rows("creditcardtransaction")), 9)


class DropTable(Scenario):
    SCENARIO = guide.SCENARIOS[8]

    def test_a_table_goes_and_comes_back_with_its_rows(self):
        self.start(self.SCENARIO)
        self.assertEqual(self.db.rows(guide.DEPENDENTS_9), [])
        guide.drop_notification(self.models)
        planned = self.up(self.SCENARIO)
        self.assert_says(planned, "HIGH", "Drop table notification", "Lossless")
        self.assertEqual(self.query(guide.QUERY_9), (["exists"], [["f"]]))
        self.down()
        self.assertEqual(len(self.db.rows("notification")), 4)
        self.db.psql("INSERT INTO notification (user_id, title, message, notification_type, created_at)"
                     " VALUES (1, 'its', 'key', 'goes', 'on')")
        self.assertEqual(self.db.value("SELECT max(id) FROM notification"), "6")

    RECEIPT = """
CREATE TABLE receipt (id serial PRIMARY KEY, notification_id integer
    REFERENCES notification (id) ON DELETE CASCADE);
INSERT INTO receipt (notification_id) VALUES (1), (3), (3), (NULL);
"""
    RECEIPT_MODEL = """[table.receipt.columns]
id = { type = "serial", primary_key = true }
notification_id = { type = "integer?", references = "notification.id", on_delete = "cascade" }
"""

    def test_who_still_points_at_it_is_named(self):
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.db.psql(self.SCENARIO.before + self.RECEIPT)
        self.models = self.project(self.db)
        guide.add_notification(self.models)
        self.models.write("schemas/receipt.toml", self.RECEIPT_MODEL)
        self.apply()
        self.plan(code=0)
        self.before = self.db.dump()
        guide.drop_notification(self.models)
        # The models that still point at it have a mistake, with its place.
        done = self.models.run("check")
        self.assert_exit(done, 1)
        self.assert_says(done, "schemas/receipt.toml:3:", "notification")
        self.assert_stops(1, "schemas/receipt.toml:3:")
        # Once they let go, the plan says who did: the key goes by a change of its own, first.
        self.models.edit("schemas/receipt.toml",
                         ', references = "notification.id", on_delete = "cascade"', "")
        planned = self.plan()
        self.assert_says(planned, "receipt_notification_id_fkey")
        order = {change["rule"]: change["number"] for change in self.changes()}
        self.assertLess(order["foreign_key.drop"], order["table.drop"])
        self.apply()
        self.assertEqual(self.db.value("SELECT count(notification_id) FROM receipt"), "3")
        self.plan(code=0)
        self.down()

    def test_a_table_of_nobodys_models_that_points_at_it_stops(self):
        self.start(self.SCENARIO)
        self.models.edit("schemas/scope.toml", 'schemas = ["public"]',
                         'schemas = ["public"]\nunmanaged = "report"')
        self.db.psql(self.RECEIPT)
        guide.drop_notification(self.models)
        planned = self.plan(code=4)
        self.assert_says(planned, "receipt")
        self.assert_stops(4, "receipt")


class Contract(Scenario):
    def test_base_risks_strategies_and_backups(self):
        for scenario in guide.SCENARIOS:
            with self.subTest(scenario.name):
                self.start(scenario)
                scenario.edit(self.models)
                changes = self.changes()
                changes.sort(key=lambda change: (change["rule"], change["object"]))
                self.assertEqual([(change["rule"], change["risk"]["base"]) for change in changes],
                                 [(rule, base) for rule, base, _, _ in scenario.changes])
                for change, (_, _, strategy, backup) in zip(changes, scenario.changes):
                    self.assertIn(strategy, change["strategy"])
                    self.assertIn(backup, change["backup"])
                    self.assertEqual(change["reversible"], "lossless", change["undo"])


class Sequence(Scenario):
    """All nine, one after the other, with rows written in between."""

    def step(self, number, scenario):
        scenario.edit(self.models)
        self.plan()
        self.apply()
        self.plan(code=0)
        if scenario.name == "add table":
            self.db.psql(guide.NOTIFICATION_ROWS)

    def all_nine(self, first):
        self.dumps = {first - 1: self.db.dump()}
        for number, scenario in enumerate(guide.SCENARIOS, first):
            self.step(number, scenario)
            self.dumps[number] = self.db.dump()

    def ids(self):
        history = json.loads(self.assert_exit(self.models.run("history", "--format", "json"), 0).stdout)
        return [(one["number"], one["status"]) for one in history]

    def test_back_to_the_state_after_the_first_migration(self):
        self.db = self.database()
        self.models = self.project(self.db)
        self.apply("--name", "initial")
        self.db.psql((harness.DATA / "expense_tracker.sql").read_text())
        self.all_nine(2)
        self.assertEqual(self.ids()[-10:], [(number, "applied") for number in range(1, 11)])
        self.assert_gives(guide.QUERY_6, ["column_name"], guide.RESULT_6)

        self.rollback("--steps", "1")
        self.assert_same(self.dumps[9], self.db)
        self.rollback("--to", "0004")
        self.assert_same(self.dumps[4], self.db)
        done = self.rollback("--to", "4")
        self.assert_same(self.dumps[4], self.db)
        self.assertNotIn("->", done.stdout)
        done = self.rollback("--to", "0001")
        self.assert_same(self.dumps[1], self.db)
        self.assert_says(done, "0004_", "0002_", "-> 0001_initial")
        heading, rows = self.query("SELECT id, card_name, last_four, daily_limit FROM debitcard")
        self.assertIn(["1", "Chase Debit", "9012", None], rows)
        self.assertEqual(heading, ["id", "card_name", "last_four", "daily_limit"])

        # Numbers are never used twice.
        self.apply()
        self.assertEqual(self.ids()[-1], (11, "applied"))
        self.plan(code=0)

    def test_all_the_way_back_on_an_adopted_database(self):
        self.start()
        self.assertEqual(self.ids(), [(0, "baseline")])
        self.all_nine(1)
        self.rollback("--all")
        self.assert_same(self.before, self.db)
        self.assertEqual(self.ids(), [(0, "baseline")] + [(n, "rolled_back") for n in range(1, 10)])
        self.assert_exit(self.models.run("rollback", "--yes", "--all"), 0)

    def test_rows_written_in_between_stay(self):
        self.start()
        direct = self.database(harness.EXPENSE_TRACKER)
        for number, scenario in enumerate(guide.SCENARIOS, 1):
            self.step(number, scenario)
            name = "card_name" if number < 5 else "name"
            self.db.psql(MEANWHILE.format(n=number, name=name))
            direct.psql(MEANWHILE.format(n=number, name="card_name"))
        for _ in guide.SCENARIOS:
            self.rollback()
        self.assert_same(direct, self.db)


if __name__ == "__main__":
    harness.main()
