"""A stored column becomes a generated one, and back: PostgreSQL can only drop and add it, so what was
stored is kept and comes back."""

import harness


class GeneratedColumns(harness.LiveTest):
    def start(self, key=" PRIMARY KEY"):
        db = self.database()
        db.psql(f"""CREATE TABLE note (id integer{key} NOT NULL, title text NOT NULL, upper text);
                    INSERT INTO note VALUES (1, 'a', 'x'), (2, 'b', NULL);""")
        project = self.project(db, models=None)
        self.assert_exit(project.run("pull", "--yes"), 0)
        return db, project

    def generate(self, project, expression="upper(title)"):
        text = project.read("schemas/note.toml")
        line = next(line for line in text.splitlines() if line.startswith("upper"))
        project.edit("schemas/note.toml", line,
                     'upper = { type = "text?", generated = "%s" }' % expression)

    def test_what_was_stored_comes_back(self):
        db, project = self.start()
        before = db.dump()
        self.generate(project)
        plan = self.assert_exit(project.run("plan"), 0)
        self.assert_says(plan, "MEDIUM  Change how note.upper is generated", "column.generated",
                         "puts the values back by id", "a write of the column fails")
        self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assertEqual(db.rows("SELECT id, upper FROM note ORDER BY id"), [["1", "A"], ["2", "B"]])
        self.assertEqual(
            db.rows("SELECT relname FROM pg_class WHERE relname LIKE '%archive}%'"), [])
        # Once more: its archive is another one.
        self.generate(project, "lower(title)")
        self.assert_exit(project.run("apply", "--yes"), 0)
        self.assertEqual(db.rows("SELECT id, upper FROM note ORDER BY id"), [["1", "a"], ["2", "b"]])
        self.assert_exit(project.run("rollback", "--steps", "2", "--yes"), 0)
        self.assert_same(before, db.dump())

    def test_without_a_key_it_is_kept_in_its_table_and_comes_back(self):
        db, project = self.start(key="")
        before = db.dump()
        self.generate(project)
        plan = self.assert_exit(project.run("plan"), 0)
        self.assert_says(plan, "stay in the table, out of sight", "No data is lost")
        self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assertEqual(db.rows("SELECT upper FROM note ORDER BY id"), [["A"], ["B"]])
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assert_same(before, db.dump())


if __name__ == "__main__":
    harness.main()
