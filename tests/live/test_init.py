"""`init`: a project from nothing on the embedded server, and one around a database that exists;
then check, plan, apply and rollback in it. It overwrites nothing and writes no password."""

import subprocess

import harness


class Init(harness.LiveTest):
    def folder(self):
        """A project folder without anything in it."""
        project = self.project("unused", models=None)
        project.remove("schemasync.toml")
        (project.path / "schemas").rmdir()
        return project

    def test_an_empty_folder_becomes_a_project_that_works(self):
        project = self.folder()
        self.addCleanup(lambda: project.run("server", "stop"))
        self.addCleanup(lambda: project.run("server", "stop", "--env", "ci"))
        first = self.assert_exit(project.run("init"), 0)
        self.assert_says(first, "new      schemasync.toml", "Next  1. schemasync check",
                         stream="stdout")
        self.assertEqual(sorted(project.files()),
                         [".github/workflows/schemasync.yml", ".gitignore", "schemas/note.toml",
                          "schemas/scope.toml", "schemasync.toml"])
        self.assert_exit(project.run("check"), 0)
        self.assert_says(self.assert_exit(project.run("plan"), 0), "Add table note")
        self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        # As the workflow does it.
        commands = [line.split("run: schemasync ")[1].split()
                    for line in project.read(".github/workflows/schemasync.yml").splitlines()
                    if "run: schemasync " in line]
        self.assertEqual(len(commands), 5)
        for command in commands:
            self.assert_exit(project.run(*command), 0)
        # prod is asked for by name, and its url comes from the environment alone.
        self.assert_says(self.assert_exit(project.run("plan", "--env", "prod"), 1),
                         "PROD_DATABASE_URL", stream="stderr")

    def test_a_second_init_writes_nothing(self):
        project = self.folder()
        self.assert_exit(project.run("init"), 0)
        before = project.files()
        result = self.assert_exit(project.run("init"), 1)
        self.assert_says(result, "schemasync.toml is there already; nothing was written",
                         stream="stderr")
        self.assertEqual(project.files(), before)

    def test_files_that_exist_are_left_and_named(self):
        project = self.folder()
        project.write(".gitignore", "*.o\n")
        project.write("schemas/mine.toml", '[table.mine.columns]\nid = "integer"\n')
        result = self.assert_exit(project.run("init"), 0)
        self.assert_says(result, "left     .gitignore", "left     schemas/",
                         "4. Edit schemas/*.toml, then plan", stream="stdout")
        self.assert_says_not(result, "note.toml")
        self.assertEqual(project.read(".gitignore"), "*.o\n")
        self.assertNotIn("schemas/note.toml", project.files())
        self.assert_exit(project.run("check"), 0)

    def test_a_folder_is_made_where_one_is_named(self):
        project = self.folder()
        result = self.assert_exit(project.run("init", "new/odd name"), 0)
        self.assert_says(result, "cd 'new/odd name' && schemasync check")
        self.assertIn("new/odd name/schemas/note.toml", project.files())

    def test_the_workflow_makes_the_roles_that_the_models_name(self):
        db = self.database()
        role = f"owner: {db.name}"
        db.psql(f'CREATE ROLE "{role}"; CREATE SCHEMA app; CREATE TABLE app.t (id integer PRIMARY '
                f'KEY); ALTER TABLE app.t OWNER TO "{role}"')
        self.addCleanup(lambda: self.server.psql(f'DROP ROLE "{role}"'))
        self.addCleanup(db.drop)
        project = self.folder()
        self.assert_exit(project.run("init", "--url", db.url), 0)
        self.addCleanup(lambda: project.run("server", "stop", "--env", "ci"))
        workflow = project.read(".github/workflows/schemasync.yml").splitlines()
        [line] = [line for line in workflow if "psql -q" in line]
        self.assertIn(f'CREATE ROLE "{role}"', line)
        url = self.assert_exit(project.run("server", "start", "--env", "ci"), 0).stdout.strip()
        subprocess.run(["bash", "-c", line.replace("$(schemasync server start --env ci)", url)],
                       check=True)
        self.assert_exit(project.run("apply", "--env", "ci", "--yes"), 0)
        self.assert_exit(project.run("plan", "--env", "ci", "--exit-code"), 0)

    def test_a_database_that_exists_is_pulled(self):
        db = self.database(template=harness.EXPENSE_TRACKER)
        project = self.folder()
        result = self.assert_exit(project.run("init", "--url", db.url), 0)
        self.assert_says(result, "new      schemas/debitcard.toml", "Next  1. schemasync plan",
                         stream="stdout")
        self.assertIn(f'url = "{db.url}"', project.read("schemasync.toml"))
        self.assert_exit(project.run("check"), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        before = db.dump()
        project.edit("schemas/debitcard.toml", "[table.debitcard.columns]\n",
                     '[table.debitcard.columns]\nnick = "text?"\n')
        self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db.dump())

    def test_a_password_stands_in_no_file_and_in_no_output(self):
        db = self.database(template=harness.EXPENSE_TRACKER)
        for url in (db.url.replace("postgresql:///", "postgresql://postgres:sup3rsecret@/"),
                    db.url + "&password=sup3rsecret"):
            with self.subTest(url=url):
                self.assertIn("sup3rsecret", url)
                project = self.folder()
                result = self.assert_exit(project.run("init", "--url", url), 0)
                self.assert_says(result, "export DATABASE_URL", stream="stdout")
                self.assert_says_not(result, "sup3rsecret")
                for name, text in project.files().items():
                    self.assertNotIn(b"sup3rsecret", text, name)
                self.assertIn('url = "${DATABASE_URL}"', project.read("schemasync.toml"))
                self.assert_says(self.assert_exit(project.run("plan"), 1), "DATABASE_URL")
                self.assert_exit(project.run("plan", "--exit-code", env={"DATABASE_URL": url}), 0)

    def test_a_database_that_is_not_there_leaves_nothing(self):
        project = self.folder()
        self.assert_exit(project.run("init", "--url", "postgresql://nobody@localhost:1/none"), 1)
        self.assertEqual(project.files(), {})

    def test_options_of_other_projects_are_refused(self):
        project = self.folder()
        for option in (("--env", "prod"), ("--config", "a.toml"), ("--models", "a")):
            with self.subTest(option=option):
                self.assert_exit(project.run("init", *option), 1)
        self.assertEqual(project.files(), {})


if __name__ == "__main__":
    harness.main()
