"""What a reviewer of a pull request needs: the plan as a Markdown comment and as several files in one
run, the places of the application's source that name what goes, and checks whose repairs, run as they
are printed, let the plan pass.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import guide  # noqa: E402
import harness  # noqa: E402
import plan_schema  # noqa: E402

SCHEMA = json.loads(plan_schema.SCHEMA.read_text())
LIMIT = 65536

MODELS_PY = """\
class DebitCard(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    card_name: str
    daily_limit: float | None = None

class User(SQLModel, table=True):
    id: int | None = None
"""
DEBIT_PY = """\
def show(card):
    return {"daily_limit": card.daily_limit, "my_daily_limit": 1}
"""
USER_PY = "def user(row):\n    return row.id\n"
MODELS_RS = "pub struct DebitCard {\n    pub daily_limit: Option<f64>,\n}\n"


class Review(harness.LiveTest):
    def start(self, *edits, before="", config="", models=harness.ROOT / "schemas"):
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.db.psql(before)
        self.models = self.project(self.db, models)
        if config:
            self.models.write("schemasync.toml", config + self.models.read("schemasync.toml"))
        self.assert_exit(self.models.run("apply", "--yes", "--allow", "high"), 0)
        for edit in edits:
            edit(self.models)

    def with_app(self, *edits, git=True, before=""):
        self.start(before=before)
        self.models.write("schemasync.toml", 'code = ["app"]\n' + self.models.read("schemasync.toml"))
        for file, text in (("models.py", MODELS_PY), ("api/debit.py", DEBIT_PY), ("api/user.py", USER_PY),
                           ("front/models.rs", MODELS_RS)):
            self.models.write("app/" + file, text)
        if git:
            self.git("init", "-q")
            self.git("add", "app")
            self.models.write("app/untracked.py", "daily_limit\n")
        for edit in edits:
            edit(self.models)

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.models.path, check=True, capture_output=True)

    def plan(self, *arguments, code=0):
        return self.assert_exit(self.models.run("plan", *arguments), code)

    def places(self, number=1):
        """{name: ["file:line", …]} of one change, from the JSON that the schema describes."""
        text = self.plan("--format", "json").stdout
        self.assertEqual(plan_schema.mistakes_in(text, SCHEMA), [])
        (change,) = [one for one in json.loads(text)["changes"] if one["number"] == number]
        return {use["name"]: [f"{place['file']}:{place['line']}" for place in use["places"]]
                for use in change.get("code", [])}


class Code(Review):
    def test_a_dropped_column_is_found_in_tracked_files(self):
        self.with_app(guide.drop_column)
        self.assertEqual(self.places(), {"daily_limit": [
            "app/api/debit.py:2", "app/front/models.rs:2", "app/models.py:4"]})
        done = self.plan()
        self.assert_says(done, "warn  3 places in the code still name it:",
                         "app/models.py:4        daily_limit: float | None = None",
                         "Change the 3 places above and deploy that code.",
                         "1 breaks running code: #1.", "Code searched: app, 4 files.")
        self.assert_says_not(done, "untracked", "no git work tree")

    def test_paths_are_relative_to_where_one_stands(self):
        self.with_app(guide.drop_column)
        done = subprocess.run([str(harness.BINARY), "plan"], cwd=self.models.path / "schemas",
                              env=self.models.environment(), capture_output=True, text=True, check=True)
        self.assertIn("../app/models.py:4", done.stdout)

    def test_without_git_all_text_files_are_searched_and_that_is_said(self):
        self.with_app(guide.drop_column, git=False)
        self.models.write("app/node_modules/x.js", "daily_limit")
        self.assertEqual(len(self.places()["daily_limit"]), 3)
        self.assert_says(self.plan(), "app is in no git work tree")

    def test_a_shared_name_counts_beside_its_table_or_class(self):
        self.with_app(guide.rename_columns)
        by_name = {}
        for number in (1, 2):
            by_name.update(self.places(number))
        self.assertEqual(by_name["id"], ["app/models.py:2", "app/models.py:7"])  # not api/user.py
        self.assertEqual(by_name["card_name"], ["app/models.py:3"])

    def test_what_a_rename_takes_along_is_searched_too(self):
        self.with_app(guide.rename_columns)
        self.models.write("app/seq.sql", "SELECT nextval('debitcard_id_seq');\n")
        self.git("add", "app")
        self.assertIn("app/seq.sql:1", str(self.places(1)) + str(self.places(2)))

    def test_a_dropped_table_is_found_by_its_class(self):
        self.with_app(guide.add_notification)
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        guide.drop_notification(self.models)
        self.models.write("app/n.py", "class Notification(SQLModel, table=True):\n    pass\n"
                                      "notifications = 1\nq = 'SELECT * FROM notification'\n")
        self.git("add", "app")
        self.assertEqual(self.places(), {"notification": ["app/n.py:1", "app/n.py:4"]})

    def test_a_converted_column_is_found_and_a_widened_one_not(self):
        self.with_app(guide.change_types)
        self.models.write("app/m.py", "class CreditCard:\n    credit_limit: float\n")
        self.git("add", "app")
        text = self.plan().stdout
        self.assertIn("app/m.py:2", text)
        self.assertIn("1 place in the code names it", text)

    def test_enum_labels(self):
        self.start()
        self.models.write("schemas/diary.toml",
                          '[enum.mood]\nvalues = ["calm", "very angry"]\n[table.diary.columns]\n'
                          'id = { type = "integer", primary_key = true }\nmood = "mood"\n')
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.models.write("schemasync.toml", 'code = ["app"]\n' + self.models.read("schemasync.toml"))
        self.models.write("app/a.py", "MOODS = ['calm', 'very angry']\nvery_angry = 'very  angry'\n")
        self.models.edit("schemas/diary.toml", '"very angry"]', '{ value = "cross", renamed_from = "very angry" }]')
        self.assertEqual(self.places(), {"very angry": ["app/a.py:1"]})

    def test_a_missing_folder_is_a_mistake_with_its_place_and_nothing_is_contacted(self):
        self.start(guide.drop_column)
        self.models.write("schemasync.toml", 'code = ["schemas", "../nowhere"]\n[env.dev]\nurl = "postgresql://nobody@localhost:1/x"\n')
        done = self.plan(code=1)
        self.assert_says(done, "schemasync.toml:1:20: there is no folder or file \"../nowhere\"",
                         "No database was contacted")

    def test_more_than_twenty_places_are_counted(self):
        self.with_app(guide.drop_column)
        self.models.write("app/many.py", "daily_limit\n" * 30)
        self.git("add", "app")
        self.assert_says(self.plan(), "34 places in the code still name it", "and 14 more")

    def test_binary_large_and_model_files_are_passed_over(self):
        self.with_app(guide.drop_column)
        (self.models.path / "app/blob").write_bytes(b"daily_limit\0daily_limit")
        self.models.write("app/large.txt", "daily_limit\n" + "x" * 2**20)
        self.models.write("schemasync.toml", self.models.read("schemasync.toml").replace('["app"]', '["."]'))
        self.models.write("schemas/notes.toml", "# daily_limit\n")
        self.git("add", ".")
        self.assertEqual(self.places()["daily_limit"], [
            "app/api/debit.py:2", "app/front/models.rs:2", "app/models.py:4", "app/untracked.py:1"])

    def test_nothing_found_is_said_and_no_facts_leaves_it_out(self):
        self.with_app(guide.drop_column)
        for file in ("models.py", "api/debit.py", "front/models.rs"):
            self.models.write("app/" + file, "nothing\n")
        self.assert_says(self.plan(), "ok    no file of app names it")
        self.assert_says_not(self.plan(), "Make the running code ready")
        self.assert_says_not(self.plan("--no-facts"), "names it", "Code searched")

    def test_it_stops_nothing(self):
        self.with_app(guide.drop_column)
        self.assert_exit(self.models.run("plan", "--exit-code"), 2)
        self.assert_says(self.assert_exit(self.models.run("apply", "--yes"), 0), "0001_")


class Outputs(Review):
    def test_a_plan_as_a_comment(self):
        self.with_app(guide.drop_column)
        text = self.plan("--format", "markdown").stdout
        self.assertTrue(text.startswith("<!-- schemasync plan env=dev -->\n"), text)
        for part in ("### schemasync: 1 change for `dev` · 🟡 medium · 1 breaks running code · no data is lost",
                     "| 1 | 🟡 medium | Drop column `debitcard.daily_limit` · **breaks code** |",
                     "> [!WARNING]\n> 3 places in the code still name",
                     "`app/models.py:4`", "<details><summary>", "```sql\n", "```diff\n",
                     "**After merge:** `schemasync apply`", "**Go back:** `schemasync rollback`"):
            self.assertIn(part, text)
        self.assertRegex(text, r"state [0-9a-f]{8}, models [0-9a-f]{8}\. A plan for another state is refused\.")
        self.assertEqual(self.plan("--format", "markdown", "--no-facts").stdout,
                         self.plan("--format", "markdown", "--no-facts").stdout)

    def test_several_formats_in_one_run(self):
        self.start(guide.drop_column)
        self.plan("-o", "a.md", "-o", "a.json", "-o", "a.sql", "-o", "a.txt", "-o", "B.MD")
        self.assertEqual(self.models.read("a.md"), self.models.read("B.MD"))
        self.assertIn("### schemasync: 1 change", self.models.read("a.md"))
        self.assertEqual(json.loads(self.models.read("a.json"))["summary"]["breaking"], 1)
        self.assertIn("DROP COLUMN", self.models.read("a.sql"))
        self.assertIn("#1  MEDIUM", self.models.read("a.txt"))
        self.plan("--down", "-o", "down.sql")
        self.assertIn("way down", self.models.read("down.sql"))

    def test_files_carry_no_rows_unless_asked_for(self):
        self.start(guide.add_unique_constraints, before=DUPLICATES)
        self.plan("-o", "a.md")
        self.assertNotIn("Secret card", self.models.read("a.md"))
        self.assertIn("STOP: 1 check fails", self.models.read("a.md"))
        self.assertIn("**Repair A:**", self.models.read("a.md"))
        self.assertNotIn("Secret card", self.plan("--format", "markdown").stdout)
        self.plan("-o", "a.md", "--samples")
        self.assertIn("Secret card", self.models.read("a.md"))

    def test_wrong_words_are_refused_before_anything_is_contacted_or_written(self):
        self.start(guide.drop_column)
        self.models.write("schemasync.toml", '[env.dev]\nurl = "postgresql://nobody@localhost:1/x"\n')
        before = self.models.files()
        for arguments, words in (
                (("-o", "plan.json", "-o", "plan.yml"), (".txt, .json, .sql, .md",)),
                (("-o", "plan.jsn"), ("did you mean .json?",)),
                (("-o", "plan"), (".txt, .json, .sql, .md",)),
                (("-o", "no/such/plan.md"), ("no folder",)),
                (("-o", "schemas.md", "-o", "./schemas.md"), ("twice",)),
                (("--format", "markdwon"), ('did you mean markdown?',)),
                (("--format", "yaml"), ("text, json, sql, markdown",))):
            for command in ("plan", "diff"):
                operands = ("dev", "schemas") if command == "diff" else ()
                with self.subTest(command=command, arguments=arguments):
                    done = self.assert_exit(self.models.run(command, *operands, *arguments), 1)
                    self.assert_says(done, *words)
                    self.assert_says_not(done, "localhost")
        self.assert_says(self.models.run("history", "--format", "jsno"), 'did you mean json?')
        self.assertEqual(self.models.files(), before)

    def test_where_one_file_cannot_be_written_none_is(self):
        self.start(guide.drop_column)
        (self.models.path / "closed").mkdir()
        (self.models.path / "closed" / "b.md").mkdir()
        done = self.models.run("plan", "-o", "a.md", "-o", "closed/b.md")
        self.assert_exit(done, 1)
        self.assertFalse((self.models.path / "a.md").exists())

    def test_diff_as_a_comment(self):
        self.start()
        self.models.write("other/x.toml", "")
        self.models.edit("schemas/debitcard.toml", 'daily_limit        = "double precision?"\n', "")
        done = self.models.run("diff", "dev", "schemas", "--format", "markdown", "-o", "d.md", "-o", "d.txt")
        self.assert_exit(done, 0)
        self.assertIn("### schemasync: 1 change from `dev` to `schemas` · 🟡 medium", done.stdout)
        self.assertNotIn("After merge", done.stdout)
        self.assertEqual(self.models.read("d.md"), done.stdout)
        self.assertIn("dev -> schemas", self.models.read("d.txt"))

    def test_nothing_to_do_is_one_line(self):
        self.start()
        self.assertEqual(self.plan("--format", "markdown").stdout.count("\n"), 2)

    def test_five_hundred_changes_stay_below_the_limit(self):
        self.start()
        for i in range(500):
            self.models.write(f"schemas/big/t{i}.toml", f"[table.big_table_number_{i}.columns]\n" + "".join(
                f'column_number_{c} = {{ type = "integer", default = {c} }}\n' for c in range(20)))
        guide.drop_column(self.models)
        text = self.plan("--format", "markdown").stdout
        self.assertLess(len(text.encode()), LIMIT)
        self.assertIn("| 🟡 medium | Drop column `debitcard.daily_limit`", text)
        self.assertRegex(text, r"Shortened to fit into a comment\. Left out: the SQL of \d+ changes, the details of "
                               r"\d+ low-risk changes")
        self.assertIn("`schemasync plan --format sql`", text)
        shown = len(re.findall(r"^\| \d+ \| ", text, re.M))
        left = int((re.search(r"(\d+) rows? of the table", text) or [0, 0])[1])
        self.assertEqual(shown + left, 501)

    def test_odd_names_mean_nothing(self):
        odd = 'a|b`c*<b>_#1@x'
        self.start()
        self.db.psql(f'CREATE TABLE "{odd}" (id integer PRIMARY KEY, "x```y" text);')
        text = self.plan("--format", "markdown").stdout
        row = next(line for line in text.splitlines() if line.startswith("| 1 |"))
        self.assertEqual(len(re.findall(r"(?<!\\)\|", row)), 7)
        self.assertIn("<code>&quot;a|b`c*&lt;b&gt;_#<!-- -->1@<!-- -->x&quot;</code>", text)
        self.assertIn("````diff", text)


DUPLICATES = ("INSERT INTO creditcard (user_id, card_name, last_four, credit_limit, created_at)"
              " VALUES (1, 'Secret card', '1111', 5, ''), (1, 'Secret card', '1112', 5, ''),"
              " (1, 'Secret card', '1113', 5, '');")


class Repairs(Review):
    """Each repair is taken from the plan, run as it is printed, and the plan is clean then."""

    def repairs(self):
        found = []
        for change in json.loads(self.plan("--format", "json").stdout)["changes"]:
            for check in change["checks"]:
                if check["result"]["status"] == "failed":
                    found += [(repair["title"], repair["sql"]) for repair in check.get("repairs", [])]
        return found

    def each_repair_helps(self, start, lists=()):
        start()
        count = len(self.repairs())
        self.assertGreater(count, 0)
        for index in range(count):
            start()
            title, text = self.repairs()[index]
            with self.subTest(title):
                path = self.models.path / "repair.sql"
                path.write_text(text)
                self.db.psql_file(path)
                done = self.models.run("plan", "--exit-code")
                self.assert_exit(done, 4 if title.startswith("list") else 2)
                if not title.startswith("list"):
                    self.assert_exit(self.models.run("apply", "--yes", "--allow", "high"), 0)
                    self.assert_exit(self.models.run("plan", "--exit-code"), 0)

    def database_with(self, ddl, models, change):
        def start():
            self.db = self.database()
            self.db.psql(ddl)
            self.models = self.project(self.db, models=None)
            self.models.write("schemas/all.toml", models)
            self.assert_exit(self.models.run("apply", "--yes", "--allow", "high"), 0)
            old, new = change
            self.models.edit("schemas/all.toml", old, new)
        return start

    def test_duplicates_with_children_that_collide_point_at_themselves_and_have_children(self):
        ddl = """
            CREATE TABLE person (id integer PRIMARY KEY, email text, code text UNIQUE, boss integer REFERENCES person);
            CREATE TABLE tag (person_id integer REFERENCES person ON DELETE CASCADE, tag text, PRIMARY KEY (person_id, tag));
            CREATE TABLE seat (id integer PRIMARY KEY, person_id integer UNIQUE REFERENCES person, row text);
            CREATE TABLE booking (id integer PRIMARY KEY, seat_id integer NOT NULL REFERENCES seat);
            CREATE TABLE badge (id integer PRIMARY KEY, person_code text REFERENCES person (code));
            INSERT INTO person VALUES (1, 'a', 'x', NULL), (2, 'a', 'y', 1), (3, 'a', 'z', 2), (4, 'b', 'w', 3),
                (5, NULL, 'v', NULL), (6, NULL, 'u', 2);
            INSERT INTO tag VALUES (1, 'red'), (2, 'red'), (3, 'red'), (3, 'blue'), (4, 'red');
            INSERT INTO seat VALUES (10, 2, 'A'), (11, 3, 'B'), (12, 4, 'C');
            INSERT INTO booking VALUES (100, 10), (101, 11), (102, 12);
            INSERT INTO badge VALUES (1, 'y'), (2, 'x'), (3, 'w');"""
        models = """
            [table.person.columns]
            id = { type = "integer", primary_key = true }
            email = "text?"
            code = { type = "text?", unique = true }
            boss = { type = "integer?", references = "person.id" }
            [table.tag.columns]
            person_id = { type = "integer", references = "person.id", on_delete = "cascade", primary_key = true }
            tag = { type = "text", primary_key = true }
            [table.seat.columns]
            id = { type = "integer", primary_key = true }
            person_id = { type = "integer?", references = "person.id", unique = true }
            row = "text?"
            [table.booking.columns]
            id = { type = "integer", primary_key = true }
            seat_id = { type = "integer", references = "seat.id" }
            [table.badge.columns]
            id = { type = "integer", primary_key = true }
            person_code = { type = "text?", references = "person.code" }"""
        start = self.database_with(ddl, models, ('email = "text?"', 'email = { type = "text?", unique = true }'))
        self.each_repair_helps(start)
        start()
        path = self.models.path / "repair.sql"
        path.write_text(self.repairs()[0][1])
        self.db.psql_file(path)
        rows = self.db.value
        self.assertEqual(rows("SELECT string_agg(id::text, ',' ORDER BY id) FROM person"), "1,4,5,6")
        self.assertEqual(rows("SELECT string_agg(person_id || tag, ',' ORDER BY person_id, tag) FROM tag"),
                         "1blue,1red,4red")
        self.assertEqual(rows("SELECT string_agg(id || '>' || person_id, ',' ORDER BY id) FROM seat"), "10>1,12>4")
        self.assertEqual(rows("SELECT string_agg(id || '>' || seat_id, ',' ORDER BY id) FROM booking"),
                         "100>10,101>10,102>12")
        self.assertEqual(rows("SELECT string_agg(id || person_code, ',' ORDER BY id) FROM badge"), "1x,2x,3w")

    def test_duplicates_in_the_guides_case_and_without_a_key(self):
        def guides():
            self.start(guide.add_unique_constraints, before=DUPLICATES)
        self.each_repair_helps(guides)
        self.each_repair_helps(self.database_with(
            "CREATE TABLE log (a text, b text); INSERT INTO log VALUES ('x', 'y'), ('x', 'y'), (NULL, 'y'), (NULL, 'y');",
            '[table.log.columns]\na = "text?"\nb = "text?"\n',
            ('b = "text?"\n', 'b = "text?"\n[[table.log.unique]]\ncolumns = ["a", "b"]\n')))

    def test_duplicates_of_a_short_string_and_of_renamed_columns(self):
        self.each_repair_helps(self.database_with(
            "CREATE TABLE card (id integer PRIMARY KEY, label varchar(8));"
            "INSERT INTO card VALUES (1, 'abcdefgh'), (20, 'abcdefgh'), (3, NULL);",
            '[table.card.columns]\nid = { type = "integer", primary_key = true }\nlabel = "varchar(8)?"\n',
            ('id = { type = "integer", primary_key = true }\nlabel = "varchar(8)?"',
             'nr = { type = "integer", primary_key = true, renamed_from = "id" }\n'
             'name = { type = "varchar(8)?", renamed_from = "label", unique = true }')))

    def test_orphans_with_rows_that_point_at_them(self):
        self.each_repair_helps(self.database_with(
            "CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (id integer PRIMARY KEY, a_id integer);"
            "CREATE TABLE c (id integer PRIMARY KEY, b_id integer NOT NULL REFERENCES b);"
            "CREATE TABLE d (id integer PRIMARY KEY, c_id integer REFERENCES c);"
            "INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1), (2, 2), (3, NULL);"
            "INSERT INTO c VALUES (1, 1), (2, 2); INSERT INTO d VALUES (1, 1), (2, 2);",
            '[table.a.columns]\nid = { type = "integer", primary_key = true }\n'
            '[table.b.columns]\nid = { type = "integer", primary_key = true }\na_id = "integer?"\n'
            '[table.c.columns]\nid = { type = "integer", primary_key = true }\n'
            'b_id = { type = "integer", references = "b.id" }\n'
            '[table.d.columns]\nid = { type = "integer", primary_key = true }\n'
            'c_id = { type = "integer?", references = "c.id" }\n',
            ('a_id = "integer?"', 'a_id = { type = "integer?", references = "a.id" }')))

    def test_rows_without_a_value(self):
        for type_name, value in (("text", ""), ("numeric(5,2)", ""), ("boolean", ""), ("timestamp", ""),
                                 ("integer[]", ""), ("uuid", ""), ("text", ", default = 'it''s'")):
            with self.subTest(type_name + value):
                default = value.replace("default = 'it''s'", "default = \"it's\"")
                self.each_repair_helps(self.database_with(
                    f"CREATE TABLE t (id integer PRIMARY KEY, v {type_name}{' DEFAULT ' + value.split('= ')[1] if value else ''});"
                    "CREATE TABLE u (id integer PRIMARY KEY REFERENCES t); INSERT INTO t VALUES (1, NULL), (2, NULL);"
                    "INSERT INTO u VALUES (2);",
                    '[table.t.columns]\nid = { type = "integer", primary_key = true }\n'
                    f'v = {{ type = "{type_name}?"{default} }}\n[table.u.columns]\n'
                    'id = { type = "integer", primary_key = true, references = "t.id" }\n',
                    (f'"{type_name}?"', f'"{type_name}"')))

    def test_rows_without_a_value_that_a_check_has_a_say_in(self):
        for type_name, rule in (("varchar(4)", "length(v) = 4"), ("numeric(3,1)", "v > 0")):
            with self.subTest(type_name):
                start = self.database_with(
                    f"CREATE TABLE t (id integer PRIMARY KEY, v {type_name} CHECK ({rule}));"
                    "INSERT INTO t VALUES (1, NULL), (2, NULL);",
                    '[table.t.columns]\nid = { type = "integer", primary_key = true }\n'
                    f'v = "{type_name}?"\n[[table.t.check]]\nname = "t_v_check"\nsql = "{rule}"\n',
                    (f'"{type_name}?"', f'"{type_name}"'))
                self.each_repair_helps(start)
                start()
                self.assertEqual([title.split()[0] for title, _ in self.repairs()], ["list", "delete"])

    def test_added_endings_avoid_texts_that_are_taken(self):
        for type_name in ("text", "varchar(20)"):
            with self.subTest(type_name):
                start = self.database_with(
                    f"CREATE TABLE t (id integer PRIMARY KEY, text integer, v {type_name});"
                    "INSERT INTO t VALUES (1, 1, 'q'), (2, 1, 'q (4)'), (3, 1, 'q (4, 2)'),"
                    " (4, 1, 'q'), (5, 1, 'q'), (6, 1, NULL), (7, 1, NULL);",
                    '[table.t.columns]\nid = { type = "integer", primary_key = true }\ntext = "integer?"\n'
                    f'v = "{type_name}?"\n',
                    (f'"{type_name}?"', f'{{ type = "{type_name}?", unique = true }}'))
                self.each_repair_helps(start)
                start()
                path = self.models.path / "repair.sql"
                path.write_text(self.repairs()[1][1])
                self.db.psql_file(path)
                self.assertEqual(self.db.value("SELECT string_agg(v, '|' ORDER BY id) FROM t"),
                                 "q|q (4)|q (4, 2)|q (4, 3)|q (5)")

    def test_rows_that_break_a_rule(self):
        self.each_repair_helps(self.database_with(
            "CREATE TABLE t (id integer PRIMARY KEY, low integer, high integer);"
            "INSERT INTO t VALUES (1, 1, 2), (2, 2, 1), (3, NULL, 1);",
            '[table.t.columns]\nid = { type = "integer", primary_key = true }\nlow = "integer?"\nhigh = "integer?"\n',
            ('high = "integer?"\n', 'high = "integer?"\n[[table.t.check]]\nname = "ck"\nsql = "low <= high"\n')))

    def test_values_that_do_not_fit(self):
        for before, after, values in (("text", "integer", "('1'), ('x'), (NULL), (' 7 ')"),
                                      ("text", "varchar(3)", "('abc'), ('abcd'), (NULL)"),
                                      ("double precision", "numeric(12,2)", "(1.5), ('Infinity'), (9999999999.995)")):
            with self.subTest(f"{before} to {after}"):
                self.each_repair_helps(self.database_with(
                    f'CREATE TABLE t (id serial PRIMARY KEY, "the Value" {before});'
                    f'INSERT INTO t ("the Value") VALUES {values};',
                    '[table.t.columns]\nid = { type = "serial", primary_key = true }\n'
                    f'"the Value" = "{before}?"\n',
                    (f'"the Value" = "{before}?"', f'"the Value" = "{after}?"')))

    def test_values_without_an_order_that_do_not_fit(self):
        for key in ("id integer PRIMARY KEY", "id integer"):
            with self.subTest(key):
                self.each_repair_helps(self.database_with(
                    f"CREATE TABLE t ({key}, j json); INSERT INTO t VALUES (1, '[1]'), (2, '{{}}'), (3, NULL);",
                    '[table.t.columns]\nid = '
                    + ('{ type = "integer", primary_key = true }' if "KEY" in key else '"integer?"')
                    + '\nj = "json?"\n',
                    ('"json?"', '{ type = "integer?", using = "(j->>0)::integer + json_array_length(j)" }')))

    def test_labels_that_go(self):
        self.each_repair_helps(self.database_with(
            "CREATE TYPE mood AS ENUM ('calm', 'cross', 'sad'); CREATE TABLE t (id integer PRIMARY KEY, m mood, ms mood[]);"
            "INSERT INTO t VALUES (1, 'calm', '{calm}'), (2, 'sad', '{calm}');",
            '[enum.mood]\nvalues = ["calm", "cross", "sad"]\n[table.t.columns]\n'
            'id = { type = "integer", primary_key = true }\nm = "mood?"\nms = "mood[]?"\n',
            (', "sad"]', ']')))


class Checks(Review):
    def test_a_question_that_takes_too_long_is_unknown_and_said(self):
        self.start(config="")
        self.db.psql("INSERT INTO creditcard (user_id, card_name, last_four, credit_limit, created_at)"
                     " SELECT 1, 'c' || i, '1111', 5, '' FROM generate_series(1, 1000000) AS i; ANALYZE creditcard")
        guide.add_unique_constraints(self.models)
        self.models.write("schemasync.toml", self.models.read("schemasync.toml") + 'statement_timeout = "500ms"\n')
        done = self.assert_exit(self.models.run("plan", "--exit-code"), 4)
        self.assert_says(done, "ran past statement_timeout", "not known")
        text = self.models.run("plan", "--format", "markdown").stdout
        self.assertIn("❔", text)
        before = self.db.dump()
        self.assert_exit(self.models.run("apply", "--yes"), 4)
        self.assert_same(before, self.db)

    def test_a_sample_is_at_most_ten_rows_however_large_the_group(self):
        self.start(guide.add_unique_constraints,
                   before="INSERT INTO creditcard (user_id, card_name, last_four, credit_limit, created_at)"
                          " SELECT 1, 'same', '1111', 5, '' FROM generate_series(1, 1000) AS i")
        plan = json.loads(self.plan("--format", "json", "--samples").stdout)
        (cell,) = [row[-1] for change in plan["changes"] for check in change["checks"]
                   for row in check["result"]["sample"]["rows"]]
        self.assertRegex(cell, r"^(\d+, ){10}\.\.\.$")


if __name__ == "__main__":
    harness.main()
