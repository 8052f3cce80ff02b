"""One folder of models, two environments: dev on the embedded server, prod on another one, protected,
with a role and role names of its own and a lower `allow`. The nine changes of the guide go through
both; prod by saved plan and by its name typed on a terminal.
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import guide  # noqa: E402
import harness  # noqa: E402

CONFIG = """\
models = "schemas"

[env.dev]
embedded = true
roles    = {{ app = "app_dev" }}

[env.prod]
url       = "${{PROD_DATABASE_URL}}"
protected = true
role      = "expense_owner"
roles     = {{ app = "app_prod" }}
allow     = "medium"
backup    = "affected"
"""


class TwoEnvironments(harness.LiveTest):
    def start(self):
        """Empty databases in both, with their roles; the models grant reading to `app`."""
        owner, login, app = (f"{role}_{os.getpid()}" for role in ("owner", "deployer", "reader"))
        self.server.psql(f"""
            CREATE ROLE {owner} NOLOGIN; CREATE ROLE {app} NOLOGIN;
            CREATE ROLE {login} LOGIN PASSWORD 'Friday-evening' IN ROLE {owner}, needs_password;""")
        self.prod = self.database()
        self.prod.psql(f'ALTER DATABASE "{self.prod.name}" OWNER TO {owner};'
                       f"ALTER SCHEMA public OWNER TO {owner}")
        self.addCleanup(lambda: self.server.psql(
            f"DROP ROLE IF EXISTS {login}; DROP ROLE IF EXISTS {app}; DROP ROLE IF EXISTS {owner}"))
        self.addCleanup(self.prod.drop)  # before the roles that own what it holds
        self.models = self.project("embedded", config=CONFIG.format())
        self.models.edit("schemasync.toml", '"expense_owner"', f'"{owner}"')
        self.models.edit("schemasync.toml", '"app_prod"', f'"{app}"')
        self.models.edit("schemas/user.toml", "\n[table.user.columns]",
                         'grants = [{ to = "app", privileges = ["select"] }]\n\n[table.user.columns]')
        self.app = app
        self.url = self.prod.url.replace("user=postgres", f"user={login}")
        self.environment = {"PROD_DATABASE_URL": self.url + "&password=Friday-evening"}
        self.assert_exit(self.run_dev("server", "start"), 0)
        self.dev_psql("CREATE ROLE app_dev NOLOGIN")

    def run_dev(self, *arguments):
        return self.models.run(*arguments)

    def run_prod(self, command, *arguments):
        return self.models.run(command, "--env", "prod", *arguments, env=self.environment)

    def type_prod(self, command, *arguments, answer="prod"):
        done = self.models.type(command, "--env", "prod", *arguments, env=self.environment,
                                answers=[('Type "prod"', answer)])
        self.assertNotIn("Friday-evening", done.stdout)
        return done

    def dev_psql(self, sql):
        url = self.run_dev("server", "url").stdout.strip()
        done = subprocess.run([self.server.client("psql"), "-X", "-At", "-v", "ON_ERROR_STOP=1",
                               "-d", url, "-c", sql], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def rows_of_the_guide(self):
        for psql in (self.dev_psql, self.prod.psql):
            psql((harness.DATA / "expense_tracker.sql").read_text(encoding="utf-8"))

    def by_saved_plan(self, number):
        """Planned into a file, which --yes is enough for; what is high needs to be allowed."""
        plan = f"plan_{number}.json"
        self.assert_exit(self.run_prod("plan", "-o", plan), 0)
        done = self.run_prod("apply", plan, "--yes")
        if done.code == 3:
            self.assert_says(done, "refused", "--allow high")
            done = self.run_prod("apply", plan, "--yes", "--allow", "high")
        return self.assert_exit(done, 0)

    def by_typed_name(self):
        done = self.type_prod("apply", "--allow", "high", answer="dev")
        self.assert_exit(done, 3)
        done = self.type_prod("apply", "--allow", "high")
        return self.assert_exit(done, 0)

    def test_the_nine_changes_go_through_both(self):
        self.start()
        self.assert_exit(self.run_dev("apply", "--yes"), 0)
        first = self.by_saved_plan(0)
        self.assert_says(first, "prod", "(protected)", self.prod.name)
        self.rows_of_the_guide()
        before = self.prod.dump()
        for number, scenario in enumerate(guide.SCENARIOS, 1):
            with self.subTest(scenario.name):
                if number == 8:
                    for psql in (self.dev_psql, self.prod.psql):
                        psql(guide.MAKE_DISTINCT_8)
                scenario.edit(self.models)
                self.assert_exit(self.run_dev("apply", "--yes"), 0)
                self.assert_exit(self.run_dev("plan", "--exit-code"), 0)
                pending = self.assert_exit(self.run_prod("plan", "--exit-code"), 2)
                self.assert_says(pending, self.prod.name, "(protected)")
                # What only a person decides is not decided by a pipe.
                self.assert_exit(self.run_prod("apply", "--yes", "--allow", "high"), 3)
                if number % 2:
                    self.by_saved_plan(number)
                else:
                    self.by_typed_name()
                self.assert_exit(self.run_prod("plan", "--exit-code"), 0)
        self.assertEqual(self.prod.value(
            "SELECT has_table_privilege('%s', 'public.\"user\"', 'select')" % self.app), "t")
        self.assertEqual(self.prod.value(
            "SELECT count(DISTINCT tableowner) FROM pg_tables WHERE schemaname = 'public'"), "1")

        self.assert_exit(self.run_prod("rollback", "--yes"), 3)
        self.assert_exit(self.run_prod("rollback", "--to", "0001", "--yes"), 0)
        self.assert_same(before, self.prod)
        self.assert_exit(self.run_prod("purge", "--yes"), 3)
        self.assert_exit(self.type_prod("purge"), 0)
        self.assertTrue((self.models.path / "backups" / "prod" / "before_purge.sql").exists())
        self.assert_exit(self.run_dev("rollback", "--to", "0001", "--yes"), 0)

    def test_each_command_says_which_database_it_is(self):
        self.start()
        for command in ("plan", "status", "history"):
            done = self.run_prod(command)
            self.assert_says(done, "prod", self.prod.name, "(protected)")
            self.assert_says_not(done, "Friday-evening")
            self.assert_says(self.run_dev(command), "dev", ".schemasync/dev")


if __name__ == "__main__":
    harness.main()
