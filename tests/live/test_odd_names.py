"""Names of every kind of object that need quotes in SQL, in TOML, in CSV, in Markdown or on a file
system, through every command. Each is the name of a schema and of objects of every kind in it.
"""

import csv
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402

NAMES = ("it's \"so\"", "a.b.c", "CamelCase", " a  b ", "l" * 63, "ä" * 30 + "表", "select",
         'x"; DROP TABLE t; --', "\\d \\", "$a$ $1 {0} %s", "|`*_<b>&#", "a,b=c:d", "../a/b",
         # what our own blocks of PL/pgSQL stand between
         "$examine$ $fits$ $orphans$ $type$", "$keep$$guard$$counter$$revoke$$publication$")


def toml(text):
    return json.dumps(text, ensure_ascii=False)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def part(name):
    """As a part of a path in a model or of a command: quoted where it holds a dot or a quote."""
    return quoted(name) if "." in name or '"' in name else name


def cut(name, end):
    """The name with an end, of 63 bytes at most."""
    return name.encode()[:63 - len(end)].decode(errors="ignore") + end


class OddNames(harness.LiveTest):
    def start(self):
        roles = [quoted(cut(name, "r")) for name in NAMES]
        for role in roles:
            self.server.psql(f"CREATE ROLE {role}")
            self.addCleanup(self.server.psql, f"DROP ROLE {role}")
        self.db = self.database()
        self.empty = self.db.dump()
        self.models = self.project(self.db, models=None, config=(
            f'models = "schemas"\ncode = ["app"]\n\n[env.dev]\nurl = "{self.db.url}"\n'))
        self.models.write("app/code.txt", "".join(f"{cut(name, 'c')}\n" for name in NAMES))
        self.models.write("schemas/scope.toml", '[scope]\nmanage = ["comments", "grants"]\n')
        self.write()

    def write(self, **options):
        for number, name in enumerate(NAMES):
            self.models.write(f"schemas/odd_{number}.toml", self.model(name, **options))

    @staticmethod
    def model(name, more="", kept=True, amount="numeric(12,4)?"):
        n, c = name, cut(name, "c")
        column = f'{toml(c)} = {{ type = {toml(amount)}, check = {toml(quoted(c) + " > 0")} }}' if kept else ""
        sequence = (quoted(n) + "." + quoted(cut(n, "s"))).replace("'", "''")
        return f"""schema = {toml(n)}

[schemas.{toml(n)}]
comment = {toml(n)}
grants  = [{{ to = {toml(cut(n, "r"))}, privileges = ["usage"] }}]

[enum.{toml(cut(n, "e"))}]
values = [{toml(n)}, "other"]

[sequence.{toml(cut(n, "s"))}]
start = 5

[table.{toml(n)}]
comment = {toml(n)}
grants  = [{{ to = {toml(cut(n, "r"))}, privileges = ["select"] }},
           {{ to = {toml(cut(n, "r"))}, privileges = ["update"], columns = [{toml(n)}] }}]

[table.{toml(n)}.columns]
{toml(n)} = {{ type = "serial", comment = {toml(n)} }}
{column}
{toml(cut(n, "m"))} = {{ type = {toml(quoted(cut(n, "e")))}, default = {toml(n)} }}
{toml(cut(n, "g"))} = {{ type = "integer?", generated = {toml(quoted(n) + " * 2")} }}
{toml(cut(n, "t"))} = {{ type = "text", default = {{ text = {toml(n)} }} }}
{toml(cut(n, "q"))} = {{ type = "bigint?", default = {{ sql = {toml(f"nextval('{sequence}')")} }} }}
{more}

[table.{toml(n)}.primary_key]
columns = [{toml(n)}]
name    = {toml(cut(n, "k"))}

[[table.{toml(n)}.unique]]
columns = [{toml(n)}, {toml(cut(n, "t"))}]
name    = {toml(cut(n, "u"))}

[[table.{toml(n)}.index]]
columns = [{{ sql = {toml("lower(" + quoted(cut(n, "t")) + ")")} }}, {{ column = {toml(n)} }}]
name    = {toml(cut(n, "i"))}
where   = {toml(quoted(n) + " > 0")}

[[table.{toml(n)}.check]]
name = {toml(cut(n, "h"))}
sql  = {toml(quoted(n) + " > 0")}

[table.{toml(cut(n, "2"))}.columns]
{toml(n)} = {{ type = "integer?", index = true }}

[[table.{toml(cut(n, "2"))}.foreign_key]]
columns    = [{toml(n)}]
references = [{toml(part(n) + "." + part(n))}]
name       = {toml(cut(n, "f"))}
on_delete  = "cascade"

[view.{toml(cut(n, "v"))}]
sql     = {toml("SELECT " + quoted(n) + " FROM " + quoted(n))}
comment = {toml(n)}
"""

    def ok(self, *command, code=0):
        return self.assert_exit(self.models.run(*command), code)

    def fill(self):
        for name in NAMES:
            table, column = f"{quoted(name)}.{quoted(name)}", quoted(cut(name, "c"))
            self.db.psql(f"INSERT INTO {table} ({column}) VALUES (1.5), (2.25), (NULL);"
                         f"INSERT INTO {quoted(name)}.{quoted(cut(name, '2'))} SELECT {quoted(name)} FROM {table}")

    def assert_up_and_down(self):
        """All that tells of a plan tells it; apply and rollback make and take back the same."""
        before = self.db.dump()
        self.ok("check")
        for kind in ("text", "json", "sql", "markdown"):
            self.ok("plan", "--exit-code", "--format", kind, code=2)
        self.ok("plan", "--format", "sql", "--down")
        self.ok("diff", "dev", "schemas", "--format", "markdown")
        by_hand = self.db.copy()
        self.addCleanup(by_hand.drop)
        self.ok("plan", "-o", "up.sql", "-o", "plan.json", "-o", "plan.md", "-o", "plan.txt")
        by_hand.psql_file(self.models.path / "up.sql")
        self.ok("apply", "plan.json", "--yes", "--allow", "high")
        self.assert_same(by_hand, self.db)
        self.ok("plan", "--exit-code")
        self.ok("diff", "dev", "schemas", "--exit-code")
        self.ok("status")
        self.ok("history")
        after = self.db.dump()
        self.ok("rollback", "--yes")
        self.assert_same(before, self.db)
        self.ok("apply", "--yes", "--allow", "high")
        self.assert_same(after, self.db)

    def test_a_schema_s_whole_life(self):
        self.start()
        self.assert_up_and_down()
        self.fill()
        self.write(more='more = { type = "integer", default = 1 }', amount="numeric(12,1)?")
        self.assert_up_and_down()
        self.write(kept=False)
        planned = json.loads(self.ok("plan", "--format", "json").stdout)
        self.assertEqual(sorted(self.places(planned)), sorted(
            f"app/code.txt:{line}" for line in range(1, len(NAMES) + 1)))
        self.assert_up_and_down()
        self.ok("purge", "--yes")
        self.ok("rollback", "--yes")
        self.ok("reset", "--yes")
        self.ok("plan", "--exit-code")
        for number in range(len(NAMES)):
            self.models.remove(f"schemas/odd_{number}.toml")
        self.ok("apply", "--yes", "--allow", "high")
        self.assert_same(self.empty, self.db)

    @staticmethod
    def places(plan):
        return [f"{place['file']}:{place['line']}" for change in plan["changes"] if change["rule"] == "column.drop"
                for use in change.get("code", []) for place in use["places"]]

    def test_backups(self):
        self.start()
        self.ok("apply", "--yes")
        self.fill()
        before = self.db.dump()
        for options in ((), ("--data-only",)):
            self.ok("backup", *options, "-o", f"backup{len(options)}.sql")
            for name in NAMES:
                self.db.psql(f"DELETE FROM {quoted(name)}.{quoted(name)}")
            self.ok("restore", "--file", f"backup{len(options)}.sql", "--yes", "--drop")
            self.assert_same(before, self.db)
        self.ok("backup", "--schema-only", "-o", "schema.sql")
        for number, name in enumerate(NAMES):
            with self.subTest(name):
                table, other = (part(name) + "." + part(end) for end in (name, cut(name, "2")))
                self.ok("backup", "-t", other, "-o", f"other{number}.sql")
                self.db.psql(f"DROP TABLE {quoted(name)}.{quoted(cut(name, '2'))}")
                self.ok("restore", "--file", f"other{number}.sql", "--yes")
                self.assert_same(before, self.db)
                column = cut(name, "c")
                self.ok("backup", "-t", table, "-o", f"columns{number}.csv", "--columns",
                        ",".join(quoted(one) if re.search(r'[",]|^ | $', one) else one for one in (name, column)))
                with open(self.models.path / f"columns{number}.csv", encoding="utf-8", newline="") as text:
                    self.assertEqual(next(csv.reader(text)), [name, column])
        self.ok("backup", "--list")

    def test_pulled_models_make_the_same(self):
        self.start()
        self.ok("apply", "--yes")
        project = self.project(self.db, models=None)
        self.assert_exit(project.run("pull", "--yes"), 0)
        self.assert_exit(project.run("check"), 0)
        self.assert_exit(project.run("plan", "--exit-code"), 0)
        other = self.database()
        project.edit("schemasync.toml", self.db.url, other.url)
        self.assert_exit(project.run("apply", "--yes"), 0)
        self.assert_same_schema(self.db, other)


if __name__ == "__main__":
    harness.main()
