"""Bad input: each gets an error that says where, what and what to do, with the right exit code, and
nothing is changed. And names that are odd but right, which work everywhere.
"""

import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import guide  # noqa: E402
import harness  # noqa: E402


class BadInput(harness.LiveTest):
    def start(self, *edits, before=""):
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.db.psql(before)
        self.models = self.project(self.db)
        self.assert_exit(self.models.run("apply", "--yes", "--allow", "high"), 0)
        for edit in edits:
            edit(self.models)

    def config(self, text, models=harness.ROOT / "schemas"):
        return self.project(None, models, config=text)

    def assert_refused(self, code, *texts, commands=(("plan",), ("apply", "--yes")), env=None):
        """Each command ends so and says so; database and files are as they were."""
        before, files = self.db.dump(), self.models.files()
        for command in commands:
            with self.subTest(command=command[0]):
                done = self.assert_exit(self.models.run(*command, env=env), code)
                self.assert_says(done, *texts, stream="stderr")
        self.assert_same(before, self.db)
        self.assertEqual(files, self.models.files())


class Models(BadInput):
    OFFLINE = (("check",), ("plan",), ("apply", "--yes"))

    def refused(self, file, text, *texts, commands=OFFLINE):
        if not hasattr(self, "models"):
            self.start()
        self.models.write(file, text)
        self.assert_refused(1, *texts, commands=commands)
        self.models.remove(file)

    def test_wrong_toml_does_not_hide_the_mistakes_of_other_files(self):
        self.start()
        self.models.write("schemas/odd.toml", "[table.odd.columns]\na = { type = \"integer\",\n b = 1 }\n")
        self.models.edit("schemas/budget.toml", 'end_date   = "varchar?"',
                         'end_date   = { type = "varchar", nullable = true }')
        self.assert_refused(1, "schemas/odd.toml:2:", "schemas/budget.toml:11:34", '"varchar?"',
                            "2 mistakes in 2 of", commands=self.OFFLINE)

    def test_three_mistakes_of_two_files_beside_wrong_toml(self):
        self.start()
        self.models.write("schemas/odd.toml", "[table.odd.columns]\na = \n")
        self.models.write("schemas/x.toml", '[table.x.columns]\na = "txt"\n'
                          'b = { type = "integer", references = "usr.id" }\n')
        self.assert_refused(1, "schemas/odd.toml:2:", "schemas/x.toml:2:5", '"text"',
                            "schemas/x.toml:3:38", '"user"', "3 mistakes in 2 of",
                            commands=self.OFFLINE)

    def test_unknown_keys_have_a_hint(self):
        self.refused("schemas/x.toml", '[table.x.columns]\na = { type = "integer", defualt = 1 }\n',
                     "schemas/x.toml:2:25", "defualt", '"default"')
        self.refused("schemas/x.toml", '[tabel.x.columns]\na = "integer"\n', "schemas/x.toml:1:", "table")

    def test_a_type_that_nobody_has(self):
        self.refused("schemas/x.toml", '[table.x.columns]\na = "integr"\n', "schemas/x.toml:2:",
                     "integr", "integer")
        # Only a server can tell: a domain or an extension's type would be fine.
        self.refused("schemas/x.toml", '[table.x.columns]\na = "shoe_size"\n', "schemas/x.toml:2:",
                     "shoe_size", commands=(("plan",), ("apply", "--yes")))
        self.db.psql("CREATE DOMAIN shoe_size AS integer CHECK (value > 0)")
        self.models.write("schemas/x.toml", '[table.x.columns]\na = "shoe_size"\n')
        self.assert_exit(self.models.run("check"), 0)
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)

    def test_an_unknown_column_in_an_index_or_a_key(self):
        self.refused("schemas/x.toml", '[table.x.columns]\nreviewed_by = "integer"\n'
                     '[[table.x.index]]\ncolumns = ["recieved_by"]\n',
                     "schemas/x.toml:4:12", "recieved_by", 'did you mean "reviewed_by"')
        self.refused("schemas/x.toml", '[table.x.columns]\na = "integer"\n[[table.x.unique]]\n'
                     'columns = ["a", "b"]\n', "schemas/x.toml:4:17", '"b"')
        self.refused("schemas/x.toml", '[table.x.columns]\na = { type = "integer", references = '
                     '"user.idd" }\n', "schemas/x.toml:2:", "idd", '"id"')
        self.refused("schemas/x.toml", '[table.x.columns]\na = { type = "integer", references = '
                     '"usr.id" }\n', "schemas/x.toml:2:", "usr")

    def test_expressions_that_only_a_server_can_judge(self):
        for text, wrong in (('a = { type = "integer", check = "b > 0" }', '"b"'),
                            ('a = { type = "integer", check = "a >" }', "syntax"),
                            ('a = { type = "integer", default = "one" }', "integer"),
                            ('a = { type = "integer", default = { sql = "nowhere()" } }', "nowhere"),
                            ('a = "integer"\nc = { type = "integer", generated = "a + b" }', '"b"')):
            self.refused("schemas/x.toml", f"[table.x.columns]\n{text}\n", "schemas/x.toml:", wrong,
                         commands=(("plan",), ("apply", "--yes")))

    # More objects than are asked about beforehand where new tables are all that changes.
    MANY = "".join(f"""
[table.many_{number}.columns]
id = {{ type = "serial", primary_key = true }}
n  = {{ type = "integer", check = "{'nowhere' if number == 123 else 'n'} > 0" }}
""" for number in range(250))

    def test_a_wrong_expression_among_many_new_tables(self):
        self.db = self.database()
        self.models = self.project(self.db, models=None)
        self.models.write("schemas/x.toml", self.MANY)
        self.assert_refused(1, "changed nothing", 'column "nowhere" does not exist',
                            "Add table many_123 (schemas/x.toml:", commands=(("apply", "--yes"),))
        self.assert_exit(self.models.run("status"), 0)

    def test_a_wrong_expression_among_many_new_tables_and_a_change_of_an_old_one(self):
        self.start(guide.change_types)
        self.models.write("schemas/x.toml", self.MANY)
        self.assert_refused(1, 'column "nowhere" does not exist', "schemas/x.toml:496:26",
                            "many_123", commands=(("plan",), ("apply", "--yes")))
        self.assert_exit(self.models.run("status"), 0)

    def test_two_views_that_stand_on_each_other(self):
        self.refused("schemas/x.toml", '[view.one]\nsql = "SELECT * FROM two"\n'
                     '[view.two]\nsql = "SELECT * FROM one"\n', "schemas/x.toml:", "one", "two",
                     "stand on each other",
                     commands=(("plan",), ("apply", "--yes")))

    def test_views_on_a_view_that_is_wrong_itself(self):
        self.start()
        self.models.write("schemas/x.toml", '[view.over]\nsql = "SELECT n FROM total"\n'
                          '[view.over_that]\nsql = "SELECT n FROM over"\n'
                          '[view.total]\nsql = "SELECT nothing AS n FROM \\"user\\""\n')
        done = self.assert_exit(self.models.run("plan"), 1)
        self.assert_says(done, 'column "nothing" does not exist', "schemas/x.toml:5:")
        self.assert_says_not(done, "stand on each other")
        self.assertEqual(done.stderr.count("it stands on view total, which is wrong itself"), 2)

    def test_roles_that_are_not_there_are_named_before_anything_runs(self):
        self.start()
        self.models.edit("schemasync.toml", "[env.dev]", '[env.dev]\nroles = { writer = "no_such_writer" }')
        self.models.write("schemas/x.toml", '[table.x]\nowner = "no_such_owner"\n'
                          'grants = [{ to = "public", privileges = ["select"] }, '
                          '{ to = "No such reader", privileges = ["select"] }, '
                          '{ to = "writer", privileges = ["insert"] }]\n'
                          '[table.x.columns]\na = "integer"\n'
                          '[view.v]\nowner = "no_such_owner"\nsql = "SELECT 1 AS one"\n')
        self.assert_refused(1, "schemas/x.toml:1:", "role no_such_owner does not exist", "owner of table x, and 1 more",
                            'CREATE ROLE "no_such_owner"', 'role "No such reader" does not exist',
                            "roles = { \"No such reader\" = ", "role no_such_writer does not exist",
                            "roles of [env.dev] give writer this name", "3 mistakes",
                            commands=(("plan",), ("apply", "--yes"), ("reset", "--yes")))
        self.assert_exit(self.models.run("check"), 0)
        self.assert_exit(self.models.run("diff", "schemas", "schemas"), 0)
        roles = ("no_such_owner", '"No such reader"', "no_such_writer")
        self.db.psql("; ".join(f"CREATE ROLE {role}" for role in roles))
        self.addCleanup(lambda: self.db.psql("; ".join(f"DROP OWNED BY {role}; DROP ROLE {role}" for role in roles)))
        self.assert_exit(self.models.run("apply", "--yes"), 0)

    def test_indexes_that_the_server_cannot_make(self):
        self.start(before="CREATE DOMAIN public.small AS integer; CREATE TYPE public.pair AS (a integer, b integer);"
                          "CREATE SCHEMA apart; CREATE OPERATOR CLASS apart.other_ops FOR TYPE bigint USING btree AS "
                          "OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint8cmp(bigint, bigint)")
        columns = {"a": "text", "j": "json?", "d": "jsonb?", "n": "bigint?", "c": "cidr?", "l": "integer[]?", "s": "small?",
                   "m": "new_mood?", "r": "tstzrange?", "v": "varchar(20)?", "p": "pair?", "o": "point?"}
        head = '[enum.new_mood]\nvalues = ["a"]\n[table.x.columns]\n' + "".join(
            f'{name} = "{kind}"\n' for name, kind in columns.items())
        wrong = [
            ('columns = ["a"]\nmethod = "rum"', "access method rum does not exist on this server"),
            ('columns = ["a"]\nmethod = "gin"', "type text has no default operator class for access method gin"),
            ('columns = ["j"]', "type json has no default operator class for access method btree"),
            ('columns = ["o"]', "type point has no default operator class for access method btree"),
            ('columns = [{ column = "d", opclass = "jsonb_pathops" }]\nmethod = "gin"',
             "access method gin has no operator class public.jsonb_pathops"),
            ('columns = [{ column = "n", opclass = "text_pattern_ops" }]',
             "operator class pg_catalog.text_pattern_ops is not for type bigint"),
            ('columns = [{ column = "n", opclass = "other_ops" }]', "write it with its schema: apart.other_ops"),
            ('columns = ["a", "n"]\nmethod = "hash"', "access method hash indexes one column alone"),
            ('columns = ["a"]\nmethod = "hash"\nunique = true', "access method hash has no unique indexes"),
            ('columns = ["a"]\nmethod = "hash"\ninclude = ["n"]', "access method hash has no include"),
            ('columns = ["n desc"]\nmethod = "brin"', "access method brin keeps no order"),
            ('columns = [{ column = "a", collation = "xx_YY" }]', 'collation pg_catalog."xx_YY" does not exist'),
        ]
        fine = ['columns = ["a", "n desc"]\ninclude = ["j"]', 'columns = ["d"]\nmethod = "gin"', 'columns = ["l"]\nmethod = "gin"',
                'columns = ["l"]', 'columns = ["c"]', 'columns = ["s", "m", "v"]', 'columns = ["m"]\nmethod = "hash"',
                'columns = ["r"]\nmethod = "gist"', 'columns = ["p"]', 'columns = ["n"]\nmethod = "brin"', 'columns = ["o"]\nmethod = "gist"',
                'columns = [{ column = "v", opclass = "text_pattern_ops" }]', 'columns = [{ column = "a", collation = "C" }]',
                'columns = [{ column = "n", opclass = "apart.other_ops" }]', 'columns = [{ sql = "(d ->> \'x\')" }]', 'columns = [{ column = "d", opclass = "jsonb_path_ops" }]\nmethod = "gin"']
        def model(indexes):
            return head + "".join(f'[[table.x.index]]\nname = "x_{i}"\n{one}\n' for i, one in enumerate(indexes))
        self.refused("schemas/x.toml", model([one for one, _ in wrong]) + "[[table.x.unique]]\nname = \"x_u\"\ncolumns = [\"j\"]\n",
                     *(said if said.startswith("write") else f"index x.x_{i}: {said}" for i, (_, said) in enumerate(wrong)),
                     "unique constraint x.x_u: type json has no default operator class", f"{len(wrong) + 1} mistakes",
                     commands=(("plan",), ("apply", "--yes")))
        self.models.write("schemas/x.toml", model(fine))
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        # On what is there, a type that the index cannot have.
        self.models.edit("schemas/x.toml", 'n = "bigint?"', 'n = "point?"')
        self.assert_refused(1, "type point has no default operator class for access method btree")

    def test_a_type_that_no_model_declares_and_a_column_needs(self):
        self.start()
        self.db.psql("CREATE TYPE public.\"My mood\" AS ENUM ('a', 'b'); CREATE TYPE public.kind AS ENUM ('x')")
        columns = 'id = { type = "integer", primary_key = true }\nm = \'"My mood"?\'\nk = "kind[]?"\n'
        self.refused("schemas/x.toml", "[table.x.columns]\n" + columns,
                     'schemas/x.toml:3:1: column x.m stands on enum "My mood", which is in no model and would be dropped',
                     "column x.k stands on enum kind,", "write the enum into the models: pull does",
                     commands=(("plan",), ("apply", "--yes", "--allow", "high")))
        self.models.write("schemas/x.toml", "[table.x.columns]\n" + columns)
        self.models.edit("schemas/scope.toml", "[scope]\n", '[scope]\nunmanaged = "report"\n')
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)

    def test_a_generated_column_that_uses_another(self):
        self.refused("schemas/x.toml", '[table.x.columns]\na = "integer"\n'
                     'b = { type = "integer", generated = "a + 1" }\n'
                     'c = { type = "integer", generated = "b + 1" }\n', "schemas/x.toml:4:", "generated",
                     commands=(("plan",), ("apply", "--yes")))

    def test_cycles_of_foreign_keys_are_normal(self):
        self.start()
        self.models.write("schemas/x.toml", """
[table.boss.columns]
id = { type = "serial", primary_key = true }
team_id = { type = "integer?", references = "team.id" }
boss_id = { type = "integer?", references = "boss.id" }
[table.team.columns]
id = { type = "serial", primary_key = true }
boss_id = { type = "integer", references = { column = "boss.id", deferrable = "initially deferred" } }
""")
        before = self.db.dump()
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)
        self.db.psql("INSERT INTO boss VALUES (1, NULL, 1); INSERT INTO team VALUES (1, 1), (2, 1);"
                     "UPDATE boss SET team_id = 2")
        full = self.db.dump()
        self.models.remove("schemas/x.toml")
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.assert_same(before, self.db)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(full, self.db)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(before, self.db)

    def test_duplicate_objects_over_two_files(self):
        self.refused("schemas/x.toml", '[table.budget.columns]\na = "integer"\n', "schemas/x.toml:1:",
                     "schemas/budget.toml:1")
        self.refused("schemas/x.toml", '[[table.x.index]]\nname = "ix_expense_user_id_date"\n'
                     'columns = ["a"]\n[table.x.columns]\na = "integer"\n', "ix_expense_user_id_date",
                     "schemas/expense.toml:")

    def test_a_renaming_that_cannot_be_told(self):
        self.start()
        self.models.edit("schemas/debitcard.toml", 'card_name          = "varchar"',
                         'name = { type = "varchar", renamed_from = ["card_name", "tags"] }')
        self.models.edit("schemas/debitcard.toml", 'tags               = "varchar?"\n', "")
        self.assert_refused(1, "schemas/debitcard.toml:8:", "card_name", "tags")

    def test_names_that_postgresql_would_cut(self):
        self.refused("schemas/x.toml", f'[table.{"x" * 64}.columns]\na = "integer"\n', "schemas/x.toml:1:",
                     "63")
        self.refused("schemas/x.toml", f'[table.x.columns]\n"{"å" * 32}" = "integer"\n',
                     "schemas/x.toml:2:", "63")


class Empty(BadInput):
    def test_an_empty_folder_is_not_an_order_to_drop_everything(self):
        self.start()
        for file in list(self.models.files()):
            if file.startswith("schemas/"):
                self.models.remove(file)
        planned = self.assert_exit(self.models.run("plan"), 0)
        self.assert_says(planned, "--allow high")
        self.assert_refused(3, "--allow high", commands=(("apply", "--yes"),))
        before = self.db.dump()
        self.assert_exit(self.models.run("apply", "--yes", "--allow", "high"), 0)
        self.assertEqual(self.db.dump().rows, {})
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(before, self.db)

    def test_nor_is_a_database_of_somebody_else(self):
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.models = self.project(self.db, models=None)
        self.models.write("schemas/one.toml", '[table.one.columns]\nid = "integer"\n')
        planned = self.assert_exit(self.models.run("plan"), 0)
        self.assert_says(planned, "table.drop.unmanaged", "HIGH", "--allow high")
        self.assert_refused(3, "--allow high", commands=(("apply", "--yes"),))

    def test_a_folder_that_is_not_there_is_an_error(self):
        self.start()
        self.models.write("schemasync.toml", self.models.read("schemasync.toml").replace(
            'models = "schemas"', 'models = "schemata"'))
        self.assert_refused(1, "schemata", commands=(("check",), ("plan",), ("apply", "--yes")))

    def test_empty_models_for_an_empty_database_are_nothing_to_do(self):
        empty = self.project(self.database(), models=None)
        self.assert_exit(empty.run("plan", "--exit-code"), 0)
        self.assert_exit(empty.run("apply", "--yes"), 0)


class Place(BadInput):
    def test_an_unset_variable_is_named_with_its_place(self):
        project = self.config('models = "schemas"\n\n[env.prod]\nurl = "${PROD_DATABASE_URL}"\n'
                              '[env.dev]\nurl = "${ALSO_UNSET:-postgresql:///nowhere?host=/nowhere}"\n')
        for command in ("plan", "apply", "rollback", "status", "history"):
            done = self.assert_exit(project.run(command, "--env", "prod"), 1)
            self.assert_says(done, "schemasync.toml:4:", "PROD_DATABASE_URL", stream="stderr")
        done = self.assert_exit(project.run("plan"), 1)
        self.assert_says_not(done, "ALSO_UNSET is not set", "PROD_DATABASE_URL")

    def test_an_unreachable_server(self):
        for url in ("postgresql:///db?host=/nowhere", "postgresql://127.0.0.1:1/db"):
            project = self.config(f'models = "schemas"\n\n[env.dev]\nurl = "{url}"\n')
            for command in (("plan",), ("apply", "--yes"), ("rollback", "--yes"), ("status",), ("history",),
                            ("pull", "--yes")):
                done = self.assert_exit(project.run(*command), 1)
                self.assert_says(done, "/nowhere" if "nowhere" in url else "127.0.0.1", stream="stderr")

    def test_a_database_that_is_not_there(self):
        project = self.config(f'models = "schemas"\n\n[env.dev]\nurl = "{self.server.url("absent")}"\n')
        done = self.assert_exit(project.run("plan"), 1)
        self.assert_says(done, "absent", "does not exist", stream="stderr")

    def test_a_wrong_password_is_never_printed(self):
        self.start()
        self.db.psql("DROP ROLE IF EXISTS locked; CREATE ROLE locked LOGIN PASSWORD 'right';"
                     "GRANT needs_password TO locked")
        self.addCleanup(self.server.psql, "DROP OWNED BY locked; DROP ROLE locked", self.db.name)
        url = (f"postgresql://locked:${{SECRET}}@/{self.db.name}?host={self.server.folder}"
               f"&port={self.server.port}")
        self.models.write("schemasync.toml", f'models = "schemas"\n\n[env.dev]\nurl = "{url}"\n')
        commands = (("plan",), ("apply", "--yes"), ("status",), ("rollback", "--yes"), ("history",))
        before = self.db.dump()
        for secret in ("wrong-Pa55", "p%40ss%2Fword", "pa'ss\\ word"):
            for command in commands:
                done = self.assert_exit(self.models.run(*command, env={"SECRET": secret}), 1)
                self.assert_says(done, "password", "locked", stream="stderr")
                self.assert_says_not(done, secret, "wrong-Pa55", "p@ss/word")
        done = self.models.run("plan", "--url", url.replace("${SECRET}", "wrong-Pa55"))
        self.assert_exit(done, 1)
        self.assert_says_not(done, "wrong-Pa55")
        self.assert_same(before, self.db)

    def test_a_right_password_is_not_printed_nor_stored_either(self):
        self.start(guide.add_nullable_columns)
        self.db.psql("DROP ROLE IF EXISTS locked; CREATE ROLE locked SUPERUSER LOGIN PASSWORD 'r1ght-Pa55';"
                     "GRANT needs_password TO locked")
        self.addCleanup(self.server.psql, "REASSIGN OWNED BY locked TO postgres; DROP ROLE locked", self.db.name)
        url = (f"postgresql://locked:r1ght-Pa55@/{self.db.name}?host={self.server.folder}"
               f"&port={self.server.port}")
        for command in (("plan", "-o", "plan.json", "-o", "plan.sql", "-o", "plan.txt"),
                        ("plan", "--format", "json"), ("apply", "--yes", "--verbose"), ("status",),
                        ("history", "--format", "json"), ("diff", url, "schemas"), ("rollback", "--yes")):
            at = () if command[0] == "diff" else ("--url", url)
            done = self.assert_exit(self.models.run(*command, *at), 0)
            self.assert_says_not(done, "r1ght-Pa55")
        for file in ("plan.json", "plan.sql", "plan.txt"):
            self.assertNotIn("r1ght-Pa55", self.models.read(file))
        pg_dump = self.server.psql("SELECT string_agg(m::text, '') FROM schemasync.migration m", self.db.name)
        self.assertNotIn("r1ght-Pa55", pg_dump)

    def test_a_role_without_rights(self):
        self.start(guide.add_nullable_columns)
        self.db.psql("DROP ROLE IF EXISTS nobody_much; CREATE ROLE nobody_much LOGIN")
        self.addCleanup(self.server.psql, "DROP ROLE nobody_much")
        self.models.write("schemasync.toml", f'models = "schemas"\n\n[env.dev]\nurl = '
                          f'"{self.server.url(self.db.name, "nobody_much")}"\n')
        before = self.db.dump()
        for command in (("apply", "--yes"), ("rollback", "--yes", "--all")):
            done = self.assert_exit(self.models.run(*command), 1)
            self.assert_says(done, "nobody_much", "schemasync", stream="stderr")
        self.assert_same(before, self.db)

    def test_a_role_that_may_read_and_not_write(self):
        self.db = self.database(harness.EXPENSE_TRACKER)
        self.db.psql("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN;"
                     "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        self.addCleanup(self.server.psql, "DROP OWNED BY reader; DROP ROLE reader", self.db.name)
        self.models = self.project(self.server.url(self.db.name, "reader"))
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)
        guide.drop_column(self.models)
        self.assert_exit(self.models.run("plan", "--exit-code"), 2)
        self.assert_refused(1, "permission denied", commands=(("apply", "--yes"),))

    def test_unknown_env_option_and_command(self):
        self.start()
        self.assert_refused(1, "prod", "dev", commands=(("plan", "--env", "prod"),))
        self.assert_refused(1, "--frobnicate", commands=(("plan", "--frobnicate"),))
        self.assert_refused(1, "plan", commands=(("paln",),))
        done = self.assert_exit(self.models.run("rollback", "--yes", "--to", "0099"), 1)
        self.assert_says(done, "0099", stream="stderr")

    def test_nobody_there_to_answer(self):
        self.start(guide.add_nullable_columns)
        self.assert_refused(3, "--yes", commands=(("apply",),))


class OddNames(BadInput):
    LONG = "l" * 63
    MULTI = "ä" * 31 + "x"  # 63 bytes
    NAMES = ('Order "Lines"', "a.b", "Capital", "with space", LONG, MULTI, "naïve 表", "select", "it's",
             "semi;colon--", "back\\slash", "$dollar$", "per%cent", "{brace}", "new`tick")

    def models_with(self, names, extra=""):
        def toml(name):
            return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'

        def part(name):
            return '"' + name.replace('"', '""') + '"' if "." in name or '"' in name else name

        text = ""
        for number, name in enumerate(names):
            parent = toml(f"{part(names[number - 1])}.{part(names[number - 1])}")
            text += f"""
[table.{toml(name)}]
comment = {toml("The table of " + name)}
[table.{toml(name)}.columns]
{toml(name)} = {{ type = "serial", primary_key = true }}
"up to" = {{ type = "integer?", references = {parent}, index = true }}
{toml("v " + name[:20])} = {{ type = "text?", default = {toml(name)} }}
{extra}
"""
        return text

    def test_they_work_in_every_step_of_the_cycle(self):
        self.db = self.database()
        self.models = self.project(self.db, models=None)
        empty = self.db.dump()
        self.models.write("schemas/odd.toml", self.models_with(self.NAMES))
        self.assert_exit(self.models.run("check"), 0)
        planned = self.assert_exit(self.models.run("plan", "--exit-code", "-o", "up.sql"), 2)
        self.assert_says(planned, *(name for name in self.NAMES if '"' not in name and "." not in name
                                    and len(name) < 40))
        by_hand = self.database()
        by_hand.psql_file(self.models.path / "up.sql")
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.assert_same(by_hand, self.db)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)
        for name in self.NAMES:
            quoted = '"' + name.replace('"', '""') + '"'
            self.db.psql(f"INSERT INTO {quoted} DEFAULT VALUES; INSERT INTO {quoted} DEFAULT VALUES")
        filled = self.db.dump()

        # A column more in each, one less, and back.
        self.models.write("schemas/odd.toml", self.models_with(
            self.NAMES, 'more = { type = "integer", default = 1 }').replace("text?", "varchar(100)?"))
        self.assert_exit(self.models.run("plan", "--exit-code"), 2)
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(filled, self.db)

        # All gone, with their rows, and back.
        self.models.write("schemas/odd.toml", "")
        self.assert_exit(self.models.run("apply", "--yes", "--allow", "high"), 0)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)
        self.assert_same_schema(empty, self.db)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(filled, self.db)

        # Pulled, they are the same models.
        pulled = self.project(self.db, models=None)
        self.assert_exit(pulled.run("pull", "--yes"), 0)
        self.assert_exit(pulled.run("plan", "--exit-code"), 0)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(empty, self.db)

    def test_a_database_and_a_schema_and_a_role_with_odd_names(self):
        name = 'Odd "db" é'
        self.server.psql("CREATE DATABASE \"Odd \"\"db\"\" é\"")
        self.server.psql('CREATE ROLE "Own \'er" SUPERUSER LOGIN')
        self.addCleanup(self.server.psql, 'DROP ROLE "Own \'er"')
        self.addCleanup(self.server.psql, 'DROP DATABASE "Odd ""db"" é" WITH (FORCE)')
        url = (f"host='{self.server.folder}' port={self.server.port} user='Own \\\\'er' "
               f"dbname='Odd \\\"db\\\" é'")
        project = self.project(url, models=None)
        project.write("schemas/x.toml", 'schema = "Sche.ma"\n[enum."Mo\'od"]\nvalues = ["it\'s", "a\\\\b", ""]\n'
                      '[table."T.t".columns]\nid = { type = "bigint", identity = true, primary_key = true }\n'
                      'm = { type = "\\"Mo\'od\\"?", default = "it\'s" }\n')
        self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        done = self.assert_exit(project.run("status"), 0)
        self.assert_says(done, name)
        self.assert_exit(project.run("rollback", "--yes"), 0)
        self.assertEqual(self.server.psql("SELECT count(*) FROM pg_namespace WHERE nspname = 'Sche.ma'", name),
                         "0")


class Enums(BadInput):
    """A type that goes while an archive still holds values of it."""

    MODELS = """[enum.mood]
values = ["calm", "cross"]
[table.day.columns]
id = { type = "serial", primary_key = true }
mood = { type = "mood", default = "calm" }
moods = "mood[]?"
"""

    def test_a_table_and_its_type_go_and_come_back(self):
        self.db = self.database()
        self.models = self.project(self.db, models=None)
        self.models.write("schemas/scope.toml", "[scope]\n")
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        empty = self.db.dump()
        self.models.write("schemas/day.toml", self.MODELS)
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.db.psql("INSERT INTO day (mood, moods) VALUES ('cross', '{calm,cross}'), (DEFAULT, NULL)")
        full = self.db.dump()
        # Away and back by a migration and its rollback …
        self.models.remove("schemas/day.toml")
        self.assert_exit(self.models.run("apply", "--yes", "--allow", "high"), 0)
        self.assert_same(empty, self.db)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(full, self.db)
        # … and by a rollback and the same migration once more.
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(empty, self.db)
        self.models.write("schemas/day.toml", self.MODELS)
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.assert_same(full, self.db)

    def test_a_column_and_its_type_go_and_come_back(self):
        self.db = self.database()
        self.models = self.project(self.db, models=None)
        self.models.write("schemas/day.toml", self.MODELS)
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        self.db.psql("INSERT INTO day (mood, moods) VALUES ('cross', '{calm,cross}'), (DEFAULT, NULL)")
        full = self.db.dump()
        self.models.write("schemas/day.toml",
                          '[table.day.columns]\nid = { type = "serial", primary_key = true }\n')
        self.assert_exit(self.models.run("apply", "--yes", "--allow", "high"), 0)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(full, self.db)


class TwoAtOnce(BadInput):
    # Two segments, for both rewrite: the first is committed when the second waits for creditcard.
    @staticmethod
    def two_segments(models):
        guide.change_types(models)

    def holder(self, sql):
        """A psql session that runs `sql` in a transaction and holds what it took."""
        process = subprocess.Popen(
            [self.server.client("psql"), "-X", "-q", "-At", "-U", "postgres", "-d", self.db.name],
            env=self.server.client_environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.let_go, process)
        process.stdin.write(f"BEGIN; {sql}; \\echo held\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline().strip(), "held")
        return process

    @staticmethod
    def let_go(process):
        if process.poll() is None:
            process.stdin.close()
            process.wait(30)
            process.stdout.close()

    def wait_for(self, sql, what):
        deadline = time.monotonic() + 60
        while self.db.value(sql) != "t":
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.05)

    WAITING = """SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE NOT l.granted AND a.datname = current_database() AND a.application_name LIKE 'schemasync%')"""
    UNLOCKED = """SELECT NOT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND d.datname = current_database())"""

    def long_timeouts(self):
        self.models.append("schemasync.toml", 'lock_timeout = "60s"\n')

    def test_the_second_waits_and_says_for_whom(self):
        self.start(guide.add_nullable_columns)
        # The lock of docs/journal.md, held as another apply would.
        holder = self.holder("SELECT FROM pg_advisory_lock(8314604121892156281)")
        before = self.db.dump()
        hurried = self.project(self.db)
        guide.add_nullable_columns(hurried)
        hurried.append("schemasync.toml", 'lock_timeout = "300ms"\n')
        done = self.assert_exit(hurried.run("apply", "--yes"), 1)
        self.assert_says(done, "another schemasync", "process ", stream="stderr")
        self.assert_same(before, self.db)
        self.long_timeouts()
        patient = self.models.start("apply", "--yes")
        self.wait_for("""SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'schemasync%'
            AND datname = current_database() AND query LIKE '%pg_try_advisory_lock%')""", "the other waits")
        self.let_go(holder)
        out, error = patient.communicate(timeout=60)
        self.assertEqual(patient.returncode, 0, out + error)
        self.assertIn("waiting for", error)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)

    def test_who_waits_for_a_held_table_says_so(self):
        self.start(guide.add_nullable_columns)
        self.models.append("schemasync.toml", 'lock_timeout = "200ms"\n')
        holder = self.holder("LOCK TABLE public.expense IN ACCESS EXCLUSIVE MODE")
        done = self.assert_exit(self.models.run("plan"), 1)
        self.assert_says(done, "lock timeout", "lock_timeout", stream="stderr")
        self.let_go(holder)
        self.assert_exit(self.models.run("plan", "--exit-code"), 2)

    def test_two_at_once_change_it_once(self):
        self.start()
        projects = [self.models, self.project(self.db)]
        for project in projects:
            guide.add_notification(project)
            project.append("schemasync.toml", 'lock_timeout = "30s"\n')
        runs = [project.start("apply", "--yes") for project in projects]
        ends = [(run.communicate(timeout=120), run.returncode) for run in runs]
        codes = sorted(code for _, code in ends)
        # The other finds it done, or that its plan was made for what is no more.
        self.assertIn(codes, ([0, 0], [0, 5]), ends)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)
        self.assertEqual(self.db.value("SELECT count(*) FROM schemasync.migration WHERE number > 0"), "1")

    def kill_in_the_middle(self):
        self.start(self.two_segments)
        self.before = self.db.dump()
        self.long_timeouts()
        planned = self.models.run("plan", "--format", "json")
        changes = sorted((change for change in json.loads(planned.stdout)["changes"] if change["up"]),
                         key=lambda change: change["number"])
        self.assertGreater(changes[-1]["up"][-1]["segment"], changes[0]["up"][0]["segment"])
        last = changes[-1]["tables"][0].split(".")[-1]
        # A reader, so that checks and counts pass and the second segment's lock waits.
        holder = self.holder(f"LOCK TABLE public.{last} IN ACCESS SHARE MODE")
        run = self.models.start("apply", "--yes")
        self.wait_for(self.WAITING, "apply waits for the second table")
        run.send_signal(signal.SIGKILL)
        run.communicate(timeout=30)
        self.let_go(holder)
        self.wait_for(self.UNLOCKED, "the killed apply's session ends by itself")
        self.assert_not_same_schema(self.before, self.db)

    def assert_interrupted(self):
        done = self.assert_exit(self.models.run("plan"), 6)
        self.assert_says(done, "interrupted", "apply", "rollback", stream="stderr")
        done = self.assert_exit(self.models.run("status"), 6)
        self.assert_says(done, "stopped", "0001_", "schemasync apply", "schemasync rollback")
        self.assert_exit(self.models.run("history"), 0)

    def test_a_killed_apply_is_continued(self):
        self.kill_in_the_middle()
        self.assert_interrupted()
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        direct = self.database(harness.EXPENSE_TRACKER)
        direct.psql(guide.SCENARIOS[3].direct)
        self.assert_same(direct, self.db)
        self.assert_exit(self.models.run("plan", "--exit-code"), 0)
        self.assert_exit(self.models.run("status"), 0)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(self.before, self.db)

    def test_a_killed_apply_is_undone(self):
        self.kill_in_the_middle()
        self.assert_interrupted()
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(self.before, self.db)
        self.assert_exit(self.models.run("plan", "--exit-code"), 2)

    def test_other_models_do_not_continue_it(self):
        self.kill_in_the_middle()
        before = self.db.dump()
        guide.drop_column(self.models)
        self.assert_exit(self.models.run("apply", "--yes"), 6)
        self.assert_same(before, self.db)
        self.assert_exit(self.models.run("rollback", "--yes"), 0)
        self.assert_same(self.before, self.db)

    def test_a_lock_that_never_comes_changes_nothing(self):
        self.start(guide.add_nullable_columns)
        before = self.db.dump()
        self.models.append("schemasync.toml", 'lock_timeout = "50ms"\n')
        holder = self.holder("LOCK TABLE public.expense IN ACCESS SHARE MODE")
        done = self.assert_exit(self.models.run("apply", "--yes"), 1)
        self.assert_says(done, "expense", stream="stderr")
        self.let_go(holder)
        self.assert_same(before, self.db)
        self.assert_exit(self.models.run("plan", "--exit-code"), 2)
        self.assert_exit(self.models.run("apply", "--yes"), 0)


if __name__ == "__main__":
    harness.main()
