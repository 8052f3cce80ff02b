"""What plan writes: JSON as its schema says, the same bytes for the same input, SQL that psql runs as
apply would, and plans that are saved, applied, and refused when their database has moved.
"""

import json
import os
import pathlib
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import guide  # noqa: E402
import harness  # noqa: E402
import plan_schema  # noqa: E402

SCHEMA = json.loads(plan_schema.SCHEMA.read_text())

# All nine of the guide in one plan: notification goes, another table comes.
EVERYTHING = [scenario for scenario in guide.SCENARIOS if scenario.name not in ("add table", "drop table")]


class Outputs(harness.LiveTest):
    def start(self, *edits, before=""):
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.db.psql(before)
        self.models = self.project(self.db)
        self.assert_exit(self.models.run("apply", "--yes", "--allow", "high"), 0)
        for edit in edits:
            edit(self.models)

    def start_with_everything(self):
        self.start(before=guide.ADD_NOTIFICATION_SQL + guide.NOTIFICATION_ROWS)
        self.models.write("schemas/message.toml", guide.NOTIFICATION.replace("notification]", "message]")
                          .replace("notification.columns", "message.columns")
                          .replace("Notification", "Message"))
        for scenario in EVERYTHING:
            scenario.edit(self.models)

    def plan(self, *arguments):
        return self.assert_exit(self.models.run("plan", *arguments), 0)

    def as_described(self, text):
        self.assertEqual(plan_schema.mistakes_in(text, SCHEMA), [])
        return json.loads(text)


class Json(Outputs):
    def test_every_key_of_the_schema_says_what_it_is(self):
        plan_schema.jsonschema.Draft202012Validator.check_schema(SCHEMA)
        self.assertEqual(list(plan_schema.undescribed(SCHEMA)), [])

    def test_every_scenario_is_as_the_schema_describes(self):
        for scenario in guide.SCENARIOS:
            with self.subTest(scenario.name):
                self.start(before=scenario.before)
                if scenario.edit_before:
                    scenario.edit_before(self.models)
                    self.assert_exit(self.models.run("apply", "--yes"), 0)
                scenario.edit(self.models)
                whole = self.as_described(self.plan("--format", "json").stdout)
                self.assertTrue(whole["changes"])
                self.assertEqual(whole["proof"]["result"], "none")
                self.assertTrue(whole["proof"]["why"])
                self.as_described(self.plan("--format", "json", "--samples").stdout)

    def test_nothing_to_do_and_a_failed_check_are_plans_too(self):
        self.start()
        self.assertEqual(self.as_described(self.plan("--format", "json").stdout)["changes"], [])
        self.models.edit("schemas/expense.toml", guide.EXPENSE_END,
                         guide.EXPENSE_END + 'priority = "varchar"\n')
        plan = self.as_described(self.plan("--format", "json").stdout)
        self.assertIn("failed", [check["result"]["status"] for check in plan["changes"][0]["checks"]])

    def test_files_carry_counts_and_no_rows_unless_asked_for(self):
        self.start(before="INSERT INTO creditcard (user_id, card_name, last_four, credit_limit, created_at)"
                          " VALUES (1, 'Secret card', '1111', 5, ''), (1, 'Secret card', '1112', 5, '')")
        guide.add_unique_constraints(self.models)
        self.plan("-o", "plan.json", "-o", "plan.txt", "-o", "plan.sql")
        for file in ("plan.json", "plan.txt", "plan.sql"):
            self.assertNotIn("Secret card", self.models.read(file), file)
        self.assert_says(self.plan(), "Secret card")
        self.assert_says_not(self.plan("--no-samples"), "Secret card")
        self.assertNotIn("Secret card", self.plan("--format", "json").stdout)
        self.plan("-o", "with.json", "--samples")
        self.assertIn("Secret card", self.models.read("with.json"))


class SameBytes(Outputs):
    def test_two_runs_give_the_same_body_and_the_same_text_without_facts(self):
        self.start_with_everything()
        first, second = (json.loads(self.plan("--format", "json").stdout) for _ in range(2))
        self.assertEqual(first["plan_id"], second["plan_id"])
        self.assertEqual(plan_schema.body_of(first, SCHEMA, SCHEMA),
                         plan_schema.body_of(second, SCHEMA, SCHEMA))
        self.db.psql("INSERT INTO budget (user_id, category, amount, start_date, created_at)"
                     " VALUES (1, 'more', 1, '', '')")
        for arguments in ((), ("--format", "json"), ("--format", "sql"), ("--format", "sql", "--down")):
            with self.subTest(arguments):
                runs = {self.plan("--no-facts", *arguments).stdout for _ in range(2)}
                self.assertEqual(len(runs), 1)
        self.assertNotIn('"time"', self.plan("--no-facts", "--format", "json").stdout)
        self.as_described(self.plan("--no-facts", "--format", "json").stdout)

    def test_another_database_with_the_same_schema_gives_the_same_body(self):
        self.start(guide.drop_column)
        one = json.loads(self.plan("--format", "json").stdout)
        self.start(guide.drop_column, before="INSERT INTO debitcard (user_id, card_name, last_four, created_at)"
                                             " VALUES (1, '', '1234', '')")
        other = json.loads(self.plan("--format", "json").stdout)
        self.assertEqual(one["plan_id"], other["plan_id"])


class Sql(Outputs):
    """`plan --format sql`, run by hand, does what apply would, and rollback knows it."""

    def by_hand(self):
        before = self.db.dump()
        self.plan("-o", "same.sql", "--no-facts")
        self.assertEqual(self.models.read("same.sql"),
                         self.plan("--format", "sql", "--no-facts").stdout)
        self.plan("-o", "up.sql")
        self.assertEqual(self.models.read("up.sql").split("\n")[0][:2], "--")
        by_apply = self.project(self.db.copy(), models=self.models.path / "schemas")
        self.db.psql_file(self.models.path / "up.sql")
        self.assert_exit(by_apply.run("apply", "--yes"), 0)
        copy = by_apply.read("schemasync.toml").split('url = "')[1].split('"')[0]
        name = copy.split("///")[1].split("?")[0]
        self.assert_same(harness.Dump(*self.observed(name)), self.db)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)
        self.assert_exit(self.models.run("status"), 0)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(before, self.db)
        self.server.psql(f'DROP DATABASE "{name}" WITH (FORCE)')

    def observed(self, name):
        dump = type(self.db)(self.server, name).dump()
        return dump.schema, dump.rows

    def test_each_scenario(self):
        for scenario in guide.SCENARIOS:
            with self.subTest(scenario.name):
                self.start(before=scenario.before)
                if scenario.edit_before:
                    scenario.edit_before(self.models)
                    self.assert_exit(self.models.run("apply", "--yes"), 0)
                scenario.edit(self.models)
                self.by_hand()

    def test_all_in_one(self):
        self.start_with_everything()
        self.by_hand()

    def test_on_an_empty_database(self):
        self.db = self.database()
        self.models = self.project(self.db)
        self.by_hand()

    def test_it_stops_where_apply_would(self):
        self.start(guide.add_unique_constraints,
                   before="INSERT INTO creditcard (user_id, card_name, last_four, credit_limit, created_at)"
                          " VALUES (1, 'Visa Platinum', '1111', 5, '')")
        self.plan("-o", "up.sql")
        before = self.db.dump()
        with self.assertRaisesRegex(AssertionError, "duplicates"):
            self.db.psql_file(self.models.path / "up.sql")
        self.assert_same(before, self.db)

    def test_it_stops_behind_another_migration(self):
        self.start(guide.add_nullable_columns)
        self.plan("-o", "up.sql")
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        before = self.db.dump()
        with self.assertRaises(AssertionError):
            self.db.psql_file(self.models.path / "up.sql")
        self.assert_same(before, self.db)


class Saved(Outputs):
    def test_a_saved_plan_is_applied(self):
        self.start(guide.drop_column)
        self.plan("-o", "plan.json")
        self.db.psql("INSERT INTO debitcard (user_id, card_name, last_four, created_at)"
                     " VALUES (1, 'meanwhile', '1234', '')")  # a row does not make it stale
        before = self.db.dump()
        self.assert_exit(self.models.run("apply", "plan.json", "--yes"), 0)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(before, self.db)

    def stale(self, *arguments):
        before = self.db.dump()
        done = self.assert_exit(self.models.run("apply", "plan.json", "--yes", *arguments), 5)
        self.assert_same(before, self.db)
        return done

    def test_a_table_that_changed_makes_it_stale(self):
        self.start(guide.drop_column)
        self.plan("-o", "plan.json")
        self.db.psql("ALTER TABLE debitcard ADD CONSTRAINT late CHECK (daily_limit > -5)")
        self.assert_says(self.stale(), "late")

    def test_another_table_that_changed_does_not(self):
        self.start(guide.drop_column)
        self.plan("-o", "plan.json")
        self.db.psql("ALTER TABLE budget ADD other integer")
        self.assert_says(self.models.run("apply", "plan.json", "--yes"), "0001_")
        self.assertEqual(self.db.value("SELECT count(*) FROM information_schema.columns WHERE"
                                       " table_name = 'debitcard' AND column_name = 'daily_limit'"), "0")

    def test_a_form_that_no_longer_fits_makes_it_stale(self):
        self.start(before="TRUNCATE debitcard")
        guide.drop_column(self.models)
        self.plan("-o", "plan.json")  # no rows: nothing to keep
        self.db.psql("INSERT INTO debitcard (user_id, card_name, last_four, daily_limit, created_at)"
                     " VALUES (1, 'meanwhile', '1234', 5, '')")
        self.stale()

    def test_other_models_are_not_those_of_the_plan(self):
        self.start(guide.drop_column)
        self.plan("-o", "plan.json")
        guide.add_nullable_columns(self.models)
        self.assert_says(self.stale(), "models")

    def test_a_plan_that_was_edited_is_refused(self):
        self.start(guide.drop_column)
        self.plan("-o", "plan.json")
        self.models.write("plan.json", self.models.read("plan.json").replace("daily_limit", "last_four"))
        before = self.db.dump()
        done = self.models.run("apply", "plan.json", "--yes")
        self.assertIn(done.code, (1, 5), done)
        self.assert_same(before, self.db)

    def test_a_plan_is_applied_once(self):
        self.start(guide.add_nullable_columns)
        self.plan("-o", "plan.json")
        self.assert_exit(self.models.run("apply", "plan.json", "--yes"), 0)
        after = self.db.dump()
        again = self.assert_exit(self.models.run("apply", "plan.json", "--yes"), 0)
        self.assert_says(again, "applied already, as 0001")
        self.assert_same(after, self.db)
        self.assertEqual(self.db.value("SELECT max(number) FROM schemasync.migration"), "1")
        # What somebody else changed of it since is not passed over.
        self.db.psql("ALTER TABLE expense DROP notes")
        self.stale()


if __name__ == "__main__":
    harness.main()
