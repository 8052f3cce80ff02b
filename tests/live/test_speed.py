"""What makes a plan cheap: nothing is asked that is known, and nothing is asked object by object."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402

NOWHERE = "postgresql:///postgres?host=/nonexistent"

TABLE = """
[table.{name}.columns]
id     = {{ type = "serial", primary_key = true }}
code   = {{ type = "varchar(20)", default = "none", index = true }}
amount = {{ type = "integer", check = "(amount > 0)" }}
"""


class KnownSpelling(harness.LiveTest):
    """An expression whose text in the models is what the catalog says is asked of no server."""

    def start(self):
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.models = self.project(self.db, models=None, config=(
            f'models = "schemas"\n\n[env.dev]\nurl = "{self.db.url}"\n\n[shadow]\nurl = "{NOWHERE}"\n'))
        self.assert_exit(self.models.run("pull", "--yes"), 0)

    def test_a_plan_with_nothing_to_do_needs_no_shadow(self):
        self.start()
        self.assert_says(self.assert_exit(self.models.run("plan", "--exit-code"), 0), "No changes")

    def test_a_change_without_new_expressions_needs_no_shadow(self):
        self.start()
        self.models.edit("schemas/debitcard.toml", "daily_limit", "limit_per_day")
        self.assert_says(self.assert_exit(self.models.run("plan", "--exit-code"), 2),
                         "debitcard.daily_limit", "debitcard.limit_per_day")

    def test_a_new_spelling_is_asked(self):
        self.start()
        self.models.edit("schemas/creditcard.toml", "(credit_limit >= (0)::double precision)",
                         "credit_limit >= 0")
        self.assert_says(self.assert_exit(self.models.run("plan"), 1), "/nonexistent")


class Statements(harness.LiveTest):
    """As many statements for many objects as for few, but for the questions about their rows."""

    def statements(self, db, project, *arguments, code=0):
        db.psql(f"ALTER DATABASE {db.name} SET log_statement = 'all'")
        before = len(self.server.log())
        self.assert_exit(project.run(*arguments), code)
        db.psql(f"ALTER DATABASE {db.name} RESET log_statement")
        return len(re.findall(r"LOG: +(?:statement|execute)", self.server.log()[before:]))

    def plans(self, count):
        """How many statements a plan sends: with nothing to do, and with a change in each table."""
        db = self.database()
        project = self.project(db, models=None)
        names = [f"t{number}" for number in range(count)]
        project.write("schemas/all.toml", "".join(TABLE.format(name=name) for name in names))
        self.assert_exit(project.run("apply", "--yes"), 0)
        nothing = self.statements(db, project, "plan", "--exit-code")
        for name in names:
            project.edit("schemas/all.toml", f"[table.{name}.columns]\n",
                         f'[table.{name}.columns]\nnote   = "text?"\n')
        return nothing, self.statements(db, project, "plan", "--exit-code", code=2)

    def test_a_plan_sends_no_statement_for_each_object(self):
        few = self.plans(3)
        self.assertGreater(min(few), 10)
        self.assertEqual(few, self.plans(30))


if __name__ == "__main__":
    harness.main()
