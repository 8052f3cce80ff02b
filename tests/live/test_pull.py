"""pull: what a database holds becomes model files, and the models describe it exactly."""

import pathlib

import harness

PAGILA = ("pagila", harness.DATA / "pagila" / "schema.sql")
ODD = ("odd", harness.DATA / "odd_schema.sql")


class PullTest(harness.LiveTest):
    def pulled(self, database):
        """A project with nothing in it, pulled."""
        project = self.project(database, models=None)
        self.assert_exit(project.run("pull", "--yes"), 0)
        return project

    def made_again(self, database):
        """Another database, made from the models of this one."""
        project = self.pulled(database)
        other = self.database()
        project.edit("schemasync.toml", database.url, other.url)
        self.assert_exit(project.run("apply", "--yes"), 0)
        return other

    def assert_in_step(self, project):
        """plan has nothing to do, and a second pull nothing to write."""
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        before = project.files()
        again = self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_says(again, "as the database is")
        self.assertEqual(before, project.files())

    def models(self, project):
        return {name: text for name, text in project.files().items() if name.startswith("schemas/")}


class RoundTrip(PullTest):
    def test_the_expense_tracker_pulled_is_the_expense_tracker(self):
        db = self.database(template=harness.EXPENSE_TRACKER_EMPTY)
        project = self.pulled(db)
        self.assert_in_step(project)
        expense = project.read("schemas/expense.toml")
        self.assertIn('id                 = { type = "serial", primary_key = true }', expense)
        self.assertIn('credit_card_id     = { type = "integer?", references = "creditcard.id" }',
                      expense)
        self.assertIn('payment_method     = { type = "varchar", default = "cash" }', expense)
        self.assertEqual(12, len(self.models(project)))

    def test_models_pulled_from_one_database_make_another_like_it(self):
        for template in (harness.EXPENSE_TRACKER_EMPTY, ODD):
            first = self.made_again(self.database(template=template))
            # PostgreSQL spells `varchar IN (…)` anew when it reads its own text, but only once.
            self.assert_same_schema(first, self.made_again(first))

    def test_every_attribute_of_the_odd_schema_is_made_again(self):
        db = self.database(template=ODD)
        db.psql("DROP TABLE words")
        self.assert_same_schema(db, self.made_again(db))

    def test_hand_written_models_are_not_touched_when_they_say_what_the_database_holds(self):
        db = self.database()
        project = self.project(db)
        self.assert_exit(project.run("apply", "--yes"), 0)
        before = project.files()
        result = self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_says(result, "as the database is")
        self.assertEqual(before, project.files())

    def test_pagila_but_for_what_is_not_modelled(self):
        project = self.pulled(self.database(template=PAGILA))
        self.assert_in_step(project)
        said = project.run("pull")
        self.assert_says(said, "Not modelled", "trigger last_updated of actor",
                         "function film_in_stock", "partitioned table payment", "domain year")
        self.assertIn('rating               = { type = "mpaa_rating?", default = "G" }',
                      project.read("schemas/film.toml"))
        self.assertIn("sql = '''\nSELECT", project.read("schemas/film_list.toml"))

    def test_odd_names_and_every_attribute(self):
        db = self.database(template=ODD)
        project = self.pulled(db)
        self.assert_in_step(project)
        names = [name.lower() for name in self.models(project)]
        self.assertEqual(len(names), len(set(names)), "names that differ in case alone")
        for name in names:
            self.assertNotIn(pathlib.PurePath(name).stem, ("aux", ""), name)

    def test_grants_and_owners(self):
        db = self.database()
        role = db.name.replace("-", "_") + "_reader"
        db.psql(f"""
            CREATE ROLE {role};
            CREATE SCHEMA app AUTHORIZATION {role};
            CREATE TYPE app.state AS ENUM ('on');
            CREATE TABLE app.item (id serial PRIMARY KEY, name text, price int, state app.state);
            CREATE SEQUENCE app.counter;
            CREATE TABLE plain (id bigserial PRIMARY KEY);
            ALTER TABLE app.item OWNER TO {role};
            GRANT SELECT, INSERT ON app.item TO PUBLIC;
            GRANT UPDATE (name, price), SELECT (name) ON app.item TO {role}_2 WITH GRANT OPTION;
            GRANT USAGE ON SEQUENCE plain_id_seq, app.counter TO {role}_2;
            GRANT USAGE ON SCHEMA app TO {role}_2;
            """.replace(f"CREATE ROLE {role};", f"CREATE ROLE {role}; CREATE ROLE {role}_2;"))
        project = self.pulled(db)
        self.assert_in_step(project)
        item = project.read("schemas/app/item.toml")
        self.assertIn(f'owner = "{role}"', item.replace("  ", " ").replace("  ", " "))
        self.assertIn("plain_id_seq", project.read("schemas/plain.toml"))


    def test_a_sequence_of_a_column_has_its_tables_owner(self):
        db = self.database()
        role = f"{db.name}_owner"
        db.psql(f"CREATE ROLE {role}; CREATE TABLE item (id int PRIMARY KEY, nr int); "
                "CREATE SEQUENCE counter OWNED BY item.nr; CREATE TABLE other (id serial)")
        project = self.project(db, models=None, config=f"""
            [env.dev]
            url = "{db.url}"
            roles = {{ app = "{role}" }}
            """)
        project.write("schemas/scope.toml", '[scope]\nmanage = ["owners"]\n')
        self.assert_exit(project.run("pull", "--yes"), 0)
        db.psql(f"ALTER TABLE item OWNER TO {role}; ALTER TABLE other OWNER TO {role}")
        self.assert_exit(project.run("pull", "--yes"), 0)
        self.assertEqual(project.read("schemas/item.toml").count("app"), 2)
        self.assert_in_step(project)
        project.write("schemas/item.toml", '[sequence.counter]\nowned_by = "item.nr"\n\n'
                      + project.read("schemas/item.toml").split("[sequence")[0])
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_in_step(project)

    def test_roles_get_their_names_of_the_models(self):
        db = self.database()
        role = f"{db.name}_here"
        db.psql(f"CREATE ROLE {role}; CREATE TABLE item (id int); "
                f"GRANT SELECT ON item TO {role}; ALTER TABLE item OWNER TO {role}")
        project = self.project(db, models=None, config=f"""
            [env.dev]
            url = "{db.url}"
            roles = {{ app = "{role}" }}
            """)
        self.assert_exit(project.run("pull", "--yes"), 0)
        self.assertIn('owner = "app"', project.read("schemas/item.toml"))
        self.assert_in_step(project)

    def test_a_foreign_key_out_of_the_scope_is_written_with_what_it_points_at(self):
        db = self.database()
        db.psql("CREATE SCHEMA other; CREATE TABLE other.far (id int PRIMARY KEY); "
                "CREATE TABLE near (far_id int REFERENCES other.far)")
        project = self.project(db, models=None)
        project.write("schemas/scope.toml", '[scope]\nschemas = ["public"]\n')
        result = self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_says(result, "+ external table other.far", "+ table near")
        self.assertIn('references = "other.far.id"', project.read("schemas/near.toml"))
        self.assert_in_step(project)


class IntoModels(PullTest):
    def started(self, *statements):
        """The Expense Tracker applied, then changed behind the models' back."""
        db = self.database()
        project = self.project(db)
        self.assert_exit(project.run("apply", "--yes"), 0)
        for statement in statements:
            db.psql(statement)
        return project

    def changed(self, project, before):
        after = project.files()
        names = set(before) | set(after)
        return sorted(name for name in names if before.get(name) != after.get(name))

    def test_only_the_file_of_a_changed_table_is_written(self):
        project = self.started('ALTER TABLE "user" ADD phone varchar(20)')
        project.edit("schemas/user.toml", 'username      = "varchar"',
                     'username      = { type = "varchar", using = "username::varchar", '
                     'renamed_from = "login" }')
        before = project.files()
        shown = self.assert_exit(project.run("pull", "--dry-run"), 0)
        self.assert_says(shown, "schemas/user.toml", "+ column user.phone")
        self.assertEqual(before, project.files())
        self.assert_exit(project.run("pull", "--yes"), 0)
        self.assertEqual(["schemas/user.toml"], self.changed(project, before))
        user = project.read("schemas/user.toml")
        self.assertIn('"varchar(20)?"', user)
        self.assertIn('using = "username::varchar", renamed_from = "login"', user)
        self.assertIn("check = \"position('@' in email) > 1\"", user)
        self.assert_in_step(project)

    def test_nobody_there_to_answer_writes_nothing(self):
        project = self.started('ALTER TABLE "user" ADD phone varchar(20)')
        before = project.files()
        self.assert_exit(project.run("pull"), 3)
        self.assertEqual(before, project.files())

    def test_new_and_gone_tables(self):
        project = self.started("DROP TABLE asset", "CREATE TABLE note (id int)",
                               "CREATE TYPE mood AS ENUM ('calm')")
        before = project.files()
        result = self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_says(result, "deleted  schemas/asset.toml", "new      schemas/note.toml",
                         "new      schemas/enums.toml", "- table asset", "+ enum mood")
        self.assertEqual(["schemas/asset.toml", "schemas/enums.toml", "schemas/note.toml"],
                         self.changed(project, before))
        self.assertFalse((project.path / "schemas/asset.toml").exists())
        self.assert_in_step(project)

    def test_what_the_scope_does_not_manage_is_not_written(self):
        project = self.started("GRANT SELECT ON asset TO PUBLIC", "ALTER TABLE asset ADD extra int")
        self.assert_exit(project.run("pull", "--yes"), 0)
        self.assertNotIn("grants", project.read("schemas/asset.toml"))
        self.assertNotIn("owner", project.read("schemas/asset.toml"))
        self.assert_in_step(project)

    def test_several_objects_in_one_file_and_a_scope_beside_them(self):
        db = self.database()
        project = self.project(db, models=None)
        project.write("schemas/all.toml", """
            schema = "app"

            [scope]                 # with a comment
            schemas = ["app"]
            ignore  = ["table:app.tmp_*"]

            [enum.mood]
            values = ["calm", { value = "cross", renamed_from = "angry" }]

            [table.b]
            class = "Bee"
            [table.b.columns]
            id = { type = "serial", primary_key = true }
            mood = { type = "mood", default = "calm" }
            back = { type = "integer?", backfill = 7 }

            [table.a.columns]
            id = "int"
            b_id = { type = "integer", references = "b.id" }

            [[table.a.unique]]
            columns = ["b_id", "id"]
            """)
        self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_in_step(project)
        db.psql("ALTER TYPE app.mood ADD VALUE 'sad'; CREATE TABLE app.tmp_1 (); "
                "ALTER TABLE app.a DROP CONSTRAINT a_b_id_fkey")
        self.assert_exit(project.run("pull", "--yes"), 0)
        text = project.read("schemas/all.toml")
        self.assertEqual(["schemas/all.toml"], list(self.models(project)))
        for kept in ('ignore  = ["table:app.tmp_*"]', 'class = "Bee"', "backfill = 7", "sad",
                     '{ value = "cross", renamed_from = "angry" }', 'default = "calm"'):
            self.assertIn(kept, text)
        self.assertLess(text.index("table.b"), text.index("table.a"))
        self.assertNotIn("references", text)
        self.assert_in_step(project)

    def test_mistakes_in_models_come_first(self):
        project = self.started()
        project.append("schemas/user.toml", "\n[[table.user.index]]\ncolumns = [\"emial\"]\n")
        before = project.files()
        result = self.assert_exit(project.run("pull", "--yes"), 1)
        self.assert_says(result, "emial")
        self.assertEqual(before, project.files())


class NotModelled(PullTest):
    """What pull leaves in the database is named, so that nobody takes the models for all of it."""

    def listed(self, db):
        said = self.assert_exit(self.project(db, models=None).run("pull", "--yes"), 0)
        return [line[2:] for line in said.stdout.splitlines() if line.startswith("  ") and line[2] not in " +"]

    # What makes something, and how it is named.
    NAMED = {
        "CREATE TEXT SEARCH CONFIGURATION conf (COPY = english)": "text search configuration conf",
        "CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple)": "text search dictionary dict",
        "CREATE OPERATOR CLASS ints FOR TYPE int USING btree AS OPERATOR 1 <": "operator class ints",
        "CREATE OPERATOR FAMILY many USING btree": "operator family many",
        "CREATE CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8": "conversion conv",
        "CREATE CAST (int AS point) WITH FUNCTION pointed(int)": "cast from integer to point",
        "CREATE LANGUAGE own HANDLER plpgsql_call_handler": "language own",
        "CREATE FOREIGN DATA WRAPPER wrap": "foreign-data wrapper wrap",
        "CREATE SERVER far FOREIGN DATA WRAPPER wrap": "foreign server far",
        "CREATE USER MAPPING FOR PUBLIC SERVER far": "user mapping of public for server far",
        "CREATE ACCESS METHOD rows TYPE TABLE HANDLER heap_tableam_handler": "access method rows",
        "CREATE TABLE by_rows (id int) USING rows": "access method rows of by_rows",
        "CREATE TABLE typed OF pair": "OF type public.pair of typed",
        "ALTER TABLE t ALTER n SET (n_distinct = 5)": "column n options n_distinct=5 of t",
        "ALTER TABLE t CLUSTER ON t_pkey": "CLUSTER on t_pkey of t",
        "CREATE INDEX sums ON t ((n + 1)); ALTER INDEX sums ALTER COLUMN 1 SET STATISTICS 300":
            "statistics target of index sums of t",
        "ALTER TABLE t DISABLE TRIGGER kept": "trigger kept (disabled) of t",
        "ALTER TABLE t ENABLE ALWAYS RULE beside": "rule beside (always) of t",
        "ALTER TABLE child DISABLE TRIGGER ALL": "disabled triggers of foreign keys of child",
        "COMMENT ON TRIGGER kept ON t IS 'c'": "comment on trigger kept of t",
        "COMMENT ON RULE beside ON t IS 'c'": "comment on rule beside of t",
        "COMMENT ON POLICY own ON t IS 'c'": "comment on policy own of t",
        "COMMENT ON FUNCTION pointed(int) IS 'c'": "comment on function pointed(integer)",
        "COMMENT ON DOMAIN few IS 'c'": "comment on domain few",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC":
            "default privileges of postgres for tables in schema public",
        "ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC":
            "default privileges of postgres for functions",
        "CREATE SUBSCRIPTION inbound CONNECTION 'dbname=none' PUBLICATION p WITH (connect = false, "
        "slot_name = NONE, enabled = false)": "subscription inbound",
    }

    def test_what_is_seldom_made_is_named(self):
        db = self.database()
        db.psql("CREATE TABLE t (id int PRIMARY KEY, n int); CREATE TABLE child (id int REFERENCES t);"
                "CREATE TYPE pair AS (a int, b int); CREATE DOMAIN few AS int; CREATE FUNCTION "
                "pointed(int) RETURNS point LANGUAGE sql AS 'SELECT point($1, $1)';"
                "CREATE TRIGGER kept BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION "
                "suppress_redundant_updates_trigger(); CREATE RULE beside AS ON DELETE TO t DO ALSO "
                "SELECT 1; CREATE POLICY own ON t USING (true)")
        for statement in self.NAMED:
            db.psql(statement)
        self.addCleanup(db.psql, "DROP SUBSCRIPTION inbound")
        named = self.NAMED
        if int(db.value("SHOW server_version_num")) >= 140000:
            db.psql("ALTER TABLE t ADD s text COMPRESSION pglz")
            named = {**named, "": "column s compression pglz of t"}
        listed = self.listed(db)
        for name in named.values():
            self.assertEqual(1, listed.count(name), f"{name} in {listed}")

    def test_what_belongs_to_an_extension_or_to_postgresql_is_not(self):
        db = self.database()
        self.assertEqual([], self.listed(db))
        db.psql("CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION IF NOT EXISTS postgres_fdw; "
                "CREATE EXTENSION IF NOT EXISTS pg_trgm")
        self.assertEqual(["extension citext", "extension pg_trgm", "extension postgres_fdw"],
                         self.listed(db))


class Nothing(PullTest):
    def test_an_empty_database_gives_the_scope_alone(self):
        project = self.project(self.database(), models=None)
        result = self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_says(result, "holds nothing")
        self.assertEqual(["schemas/scope.toml"], list(self.models(project)))
        self.assert_in_step(project)

    def test_a_folder_that_is_not_there_is_made(self):
        project = self.project(self.database(template=harness.EXPENSE_TRACKER_EMPTY), models=None)
        (project.path / "schemas").rmdir()
        self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_in_step(project)


if __name__ == "__main__":
    harness.main()
