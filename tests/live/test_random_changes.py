"""Random pairs of schemas, with rows: up from one to the other, an empty plan, and back to every row.

Seeds are fixed, so that a failure is one for ever; SEEDS=100-200 runs others, KEEP=1 keeps the
project of a failure. What is compared: a database that went from A to B and one that was built as B,
then the first one after its rollback and as it was.
"""

import collections
import copy
import dataclasses
import os
import random
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402

# type, a literal default as TOML, a value by row number as SQL
TYPES = {
    "integer": ("7", "i"),
    "bigint": ("-9000000000", "i * 5000000000"),
    "smallint": ("3", "i::smallint"),
    "numeric(10,2)": ("1.50", "i + 0.25"),
    "double precision": ("0.5", "i / 3.0::double precision"),
    "text": ("\"it's\"", "'text ' || i"),
    "varchar(20)": ('"v"', "'v' || i"),
    "varchar": ('"plain"', "repeat('x', i)"),
    "boolean": ("true", "i % 2 = 0"),
    "date": ('"2026-01-04"', "date '2026-01-04' + i"),
    "timestamptz": ('"2026-01-04 10:00:00+00"', "timestamptz '2026-01-04 10:00:00+00' + i * interval '1 hour'"),
    "jsonb": ("\"{}\"", "jsonb_build_object('i', i)"),
    "text[]": ('"{}"', "ARRAY['a', 'b' || i]"),
    "uuid": ('"00000000-0000-0000-0000-000000000001"', "md5(i::text)::uuid"),
    "mood": ('"calm"', "(ARRAY['calm', 'cross'])[i % 2 + 1]::public.mood"),
}
# Conversions that a plain cast does for the values above, both ways.
CASTS = {
    "integer": ["bigint", "numeric(10,2)", "text", "double precision"],
    "smallint": ["integer", "bigint"],
    "numeric(10,2)": ["double precision", "text"],
    "double precision": ["numeric(10,2)"],
    "varchar(20)": ["text", "varchar"],
    "text": ["varchar"],
    "varchar": ["text"],
    "date": ["timestamptz"],
    "boolean": ["text"],
    "mood": ["text"],
}
NAMES = ["a", "b", "amount", "Odd. Name", 'q"uote', "größe", "user", "select", "note", "x_1"]
ROWS = 6


def key(name):
    plain = name.replace("_", "").isalnum() and name.isascii()
    return name if plain else '"' + name.replace('"', '\\"') + '"'


def part(name):
    """A name as a part of a dotted reference."""
    return '"' + name.replace('"', '""') + '"' if "." in name or '"' in name else name


def ident(name):
    return '"' + name.replace('"', '""') + '"'


def toml(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Model:
    """Tables with their parts, as plain data: {name: {"columns": {name: {…}}, …}}."""

    def __init__(self, random_):
        self.random = random_
        self.tables = {}
        self.views = {}
        for number in range(random_.randint(2, 4)):
            self.add_table(f"t{number}" if random_.random() < 0.7 else f"Table {number}")

    def copy(self):
        other = Model.__new__(Model)
        other.random, other.tables = self.random, copy.deepcopy(self.tables)
        other.views = dict(self.views)
        return other

    def add_table(self, name):
        r = self.random
        kind = r.choice(["serial", "serial", "identity", "plain", "none"])
        columns = {}
        if kind == "serial":
            columns["id"] = {"type": "serial", "primary_key": True}
        elif kind == "identity":
            columns["id"] = {"type": "bigint", "identity": True, "primary_key": True}
        elif kind == "plain":
            columns["id"] = {"type": "integer", "primary_key": True}
        self.tables[name] = {"columns": columns, "unique": {}, "index": {}, "check": {}, "fk": {},
                             "comment": r.choice([None, "It's a table", "ü"])}
        for _ in range(r.randint(1, 5)):
            self.add_column(name)
        for _ in range(r.randint(0, 3)):
            r.choice([self.add_unique, self.add_index, self.add_check, self.add_key])(name)

    def free_name(self, taken, prefix=None):
        names = NAMES if prefix is None else [f"{prefix}{n}" for n in range(50)]
        free = [name for name in names if name not in taken]
        return self.random.choice(free) if free else None

    def add_column(self, table):
        columns = self.tables[table]["columns"]
        name = self.free_name(columns)
        if name is None:
            return
        type_ = self.random.choice(list(TYPES))
        columns[name] = {"type": type_, "null": self.random.random() < 0.5,
                         "default": self.random.random() < 0.5}
        if not columns[name]["null"]:
            columns[name]["default"] = True  # rows are there when it is added

    def others(self, table):
        return [name for name, column in self.tables[table]["columns"].items()
                if "primary_key" not in column and "fk" not in column]

    def of_type(self, table, *types):
        return [name for name in self.others(table)
                if self.tables[table]["columns"][name]["type"] in types]

    def add_unique(self, table):
        # Values differ by row only where no default fills them.
        fit = [name for name in self.of_type(table, "integer", "bigint", "text", "date", "uuid")
               if not self.tables[table]["columns"][name]["default"]]
        if fit:
            name = self.free_name(self.tables[table]["unique"], f"uq_{table[-1]}_")
            self.tables[table]["unique"][name] = [self.random.choice(fit)]

    def add_index(self, table):
        fit = [name for name in self.others(table)
               if self.tables[table]["columns"][name]["type"] not in ("jsonb",)]
        if not fit:
            return
        column = self.random.choice(fit)
        name = self.free_name(self.tables[table]["index"], f"ix_{table[-1]}_")
        index = {"columns": [column]}
        if self.random.random() < 0.3:
            index["where"] = f"{ident(column)} IS NOT NULL"
        if self.random.random() < 0.3 and self.tables[table]["columns"][column]["type"] == "text":
            index = {"columns": [{"sql": f"lower({ident(column)})", "on": column}]}
        self.tables[table]["index"][name] = index

    def add_check(self, table):
        fit = self.of_type(table, "integer", "numeric(10,2)", "double precision")
        if fit:
            column = self.random.choice(fit)
            name = self.free_name(self.tables[table]["check"], f"ck_{table[-1]}_")
            self.tables[table]["check"][name] = (column, f"{ident(column)} > -1000000")

    def add_key(self, table):
        targets = [name for name, other in self.tables.items()
                   if other["columns"].get("id", {}).get("type") in ("serial", "integer")]
        if not targets:
            return
        target = self.random.choice(targets)
        column = self.free_name(self.tables[table]["columns"], "ref_")
        self.tables[table]["columns"][column] = {"type": "integer", "null": True, "default": False,
                                                 "fk": target}
        self.tables[table]["fk"][f"fk_{table[-1]}_{column}"] = (
            column, target, self.random.choice(["cascade", "set null", "no action"]))

    def drop_column(self, table, column):
        parts = self.tables[table]
        parts["columns"].pop(column)
        parts["unique"] = {n: c for n, c in parts["unique"].items() if column not in c}
        parts["check"] = {n: c for n, c in parts["check"].items() if c[0] != column}
        parts["fk"] = {n: c for n, c in parts["fk"].items() if c[0] != column}
        parts["index"] = {n: i for n, i in parts["index"].items()
                          if all((c["on"] if isinstance(c, dict) else c) != column
                                 for c in i["columns"])}
        self.views = {n: v for n, v in self.views.items() if v != (table, column)}

    def drop_table(self, name):
        self.tables.pop(name)
        for table in self.tables:
            for column in [c for c, d in self.tables[table]["columns"].items() if d.get("fk") == name]:
                self.drop_column(table, column)
        self.views = {n: v for n, v in self.views.items() if v[0] != name}

    def change(self):
        """One random edit."""
        r = self.random
        table = r.choice(list(self.tables))
        parts = self.tables[table]
        others = self.others(table)
        what = r.choice(["table", "drop table", "column", "column", "drop column", "type", "null",
                         "default", "unique", "index", "check", "key", "drop part", "rename",
                         "rename table", "comment", "view", "drop key"])
        if what == "table":
            self.add_table(f"n{r.randint(0, 999)}")
        elif what == "drop table" and len(self.tables) > 1:
            self.drop_table(table)
        elif what == "column":
            self.add_column(table)
        elif what == "drop column" and others:
            self.drop_column(table, r.choice(others))
        elif what == "type" and others:
            column = r.choice(others)
            definition = parts["columns"][column]
            used = [c for c, _ in parts["check"].values()] + [
                c["on"] if isinstance(c, dict) else c
                for i in parts["index"].values() for c in i["columns"]]
            to = r.choice(CASTS.get(definition["type"], [definition["type"]]))
            if (column not in used or to not in ("text", "varchar")) and "was" not in definition:
                definition["type"] = to
                definition["default"] = False
                if not definition["null"] and "added" in definition:
                    definition["default"] = True
        elif what == "null" and others:
            parts["columns"][r.choice(others)]["null"] ^= True
        elif what == "default" and others:
            parts["columns"][r.choice(others)]["default"] ^= True
        elif what in ("unique", "index", "check", "key"):
            getattr(self, f"add_{what}")(table)
        elif what == "drop part":
            kind = r.choice(["unique", "index", "check"])
            if parts[kind]:
                parts[kind].pop(r.choice(list(parts[kind])))
        elif what == "rename" and others:
            old = r.choice(others)
            new = self.free_name(parts["columns"])
            if new and "renamed_from" not in parts["columns"][old] and "fk" not in parts["columns"][old]:
                self.rename_column(table, old, new)
        elif what == "rename table" and "renamed_from" not in parts:
            self.rename_table(table, f"r{r.randint(0, 999)}")
        elif what == "comment":
            parts["comment"] = r.choice([None, "another one", 'with "quotes"'])
        elif what == "view" and others:
            self.views[f"v{len(self.views)}"] = (table, r.choice(others))

    def rename_column(self, table, old, new):
        parts = self.tables[table]
        definition = {**parts["columns"][old], "renamed_from": old}
        parts["columns"] = {new if n == old else n: definition if n == old else d
                            for n, d in parts["columns"].items()}
        parts["unique"] = {n: [new if c == old else c for c in cs] for n, cs in parts["unique"].items()}
        parts["check"] = {n: (new, f"{ident(new)} > -1000000") if c == old else (c, sql)
                          for n, (c, sql) in parts["check"].items()}
        for index in parts["index"].values():
            index["columns"] = [
                ({"sql": f"lower({ident(new)})", "on": new} if c["on"] == old else c)
                if isinstance(c, dict) else (new if c == old else c) for c in index["columns"]]
            if "where" in index and new in index["columns"]:
                index["where"] = f"{ident(new)} IS NOT NULL"
        self.views = {n: (table, new) if v == (table, old) else v for n, v in self.views.items()}

    def rename_table(self, old, new):
        self.tables = {new if n == old else n: t for n, t in self.tables.items()}
        self.tables[new]["renamed_from"] = old
        for parts in self.tables.values():
            parts["fk"] = {n: (c, new if t == old else t, a) for n, (c, t, a) in parts["fk"].items()}
            for column in parts["columns"].values():
                if column.get("fk") == old:
                    column["fk"] = new
        self.views = {n: (new, v[1]) if v[0] == old else v for n, v in self.views.items()}

    # -- as files and rows

    def toml(self, intent=True):
        out = ['[enum.mood]\nvalues = ["calm", "cross"]\n']
        for name, parts in self.tables.items():
            out.append(f"[table.{key(name)}]")
            if intent and "renamed_from" in parts:
                out.append(f"renamed_from = {toml(part(parts['renamed_from']))}")
            if parts["comment"]:
                out.append(f"comment = {toml(parts['comment'])}")
            out.append(f"\n[table.{key(name)}.columns]")
            for column, d in parts["columns"].items():
                members = [f'type = {toml(d["type"] + ("?" if d.get("null") else ""))}']
                if "primary_key" in d:
                    members.append("primary_key = true")
                if "identity" in d:
                    members.append("identity = true")
                if d.get("default"):
                    members.append(f'default = {TYPES[d["type"]][0]}')
                if intent and "renamed_from" in d:
                    members.append(f'renamed_from = {toml(d["renamed_from"])}')
                out.append(f"{key(column)} = {{ {', '.join(members)} }}")
            for unique, columns in parts["unique"].items():
                out.append(f"\n[[table.{key(name)}.unique]]\nname = {toml(unique)}\n"
                           f"columns = [{', '.join(map(toml, columns))}]")
            for index, d in parts["index"].items():
                columns = [f"{{ sql = {toml(c['sql'])} }}" if isinstance(c, dict) else f"{{ column = {toml(c)} }}"
                           for c in d["columns"]]
                out.append(f"\n[[table.{key(name)}.index]]\nname = {toml(index)}\n"
                           f"columns = [{', '.join(columns)}]")
                if "where" in d:
                    out.append(f"where = {toml(d['where'])}")
            for check, (_, sql) in parts["check"].items():
                out.append(f"\n[[table.{key(name)}.check]]\nname = {toml(check)}\nsql = {toml(sql)}")
            for fk, (column, target, action) in parts["fk"].items():
                out.append(f"\n[[table.{key(name)}.foreign_key]]\nname = {toml(fk)}\n"
                           f"columns = [{toml(column)}]\nreferences = [{toml(part(target) + '.id')}]\n"
                           f"on_delete = {toml(action)}")
            out.append("")
        for view, (table, column) in self.views.items():
            out.append(f"[view.{view}]\nsql = {toml(f'SELECT t.{ident(column)} AS c FROM public.{ident(table)} t')}\n")
        return "\n".join(out)

    def rows(self):
        out = []
        for name, parts in self.tables.items():
            names, values = [], []
            for column, d in parts["columns"].items():
                if "fk" in d:
                    continue
                names.append(ident(column))
                if "primary_key" in d:
                    values.append("i")
                else:
                    value = TYPES[d["type"]][1]
                    values.append(f"CASE WHEN i % 3 = 0 THEN NULL ELSE {value} END"
                                  if d.get("null") else value)
            if names:
                out.append(f"INSERT INTO public.{ident(name)} ({', '.join(names)}) "
                           f"SELECT {', '.join(values)} FROM generate_series(1, {ROWS}) AS i;")
        for name, parts in self.tables.items():
            for column, target, _ in parts["fk"].values():
                out.append(f"UPDATE public.{ident(name)} SET {ident(column)} = "
                           f"(SELECT min(id) + 1 FROM public.{ident(target)});")
        return "\n".join(out)


class RandomChanges(harness.LiveTest):
    def round_trip(self, seed):
        random_ = random.Random(seed)
        first = Model(random_)
        second = first.copy()
        for _ in range(random_.randint(1, 6)):
            second.change()
        db = self.server.database()
        models = harness.Project(db, models=None)
        allow = ("--allow", "high", "--allow", "data-loss")
        try:
            models.write("schemas/all.toml", first.toml())
            self.assert_exit(models.run("apply", "--yes"), 0)
            db.psql(first.rows())
            before = db.dump()
            models.write("schemas/all.toml", second.toml())
            planned = models.run("plan", "--verbose")
            self.assert_exit(planned, 0)
            applied = models.run("apply", "--yes", *allow)
            if applied.code == 4:  # rows do not fit: nothing may have changed
                self.assert_same(before, db)
                return "stopped"
            self.assert_exit(applied, 0)
            self.assert_exit(models.run("plan", "--exit-code"), 0)
            built = self.server.database()
            try:
                fresh = harness.Project(built, models=None)
                fresh.write("schemas/all.toml", second.toml(intent=False))
                self.assert_exit(fresh.run("apply", "--yes"), 0)
                fresh.close()
                # Sequences stand elsewhere: rows were made on one side alone.
                self.assert_same_schema(
                    dataclasses.replace(in_sight(harness.dump_schema(built)), sequences={}),
                    dataclasses.replace(in_sight(harness.dump_schema(db)), sequences={}))
            finally:
                built.drop()
            self.assert_exit(models.run("status"), 0)
            undone = models.run("rollback", "--to", "0001", "--yes")
            self.assert_exit(undone, 0)
            # What a rollback itself keeps may stay out of sight, too.
            self.assert_same_schema(in_sight(before.schema), in_sight(harness.dump_schema(db)))
            if "loses data" not in planned.stdout and "lose data" not in planned.stdout:
                self.assert_same_rows(rows_in_sight(before.rows),
                                      rows_in_sight(harness.dump_rows(db)))
            return "done"
        except BaseException:
            if os.environ.get("KEEP"):
                print(f"seed {seed}: {models.path}\n{first.toml()}\n-----\n{second.toml()}", flush=True)
            raise
        finally:
            if not os.environ.get("KEEP"):
                models.close()
            db.drop()

    def test_there_and_back(self):
        first, _, last = os.environ.get("SEEDS", "1-40").partition("-")
        outcomes = []
        for seed in range(int(first), int(last or first) + 1):
            with self.subTest(seed=seed):
                outcomes.append(self.round_trip(seed))
        # Most of them must go all the way, else nothing was tested.
        self.assertGreater(outcomes.count("done"), len(outcomes) // 2)


HIDDEN = re.compile(r'"a\d+(_\d+)? schemasync" ')


def in_sight(schema):
    """A dump without the columns that are kept out of sight in their own table."""
    entries = collections.Counter()
    for (*entry, body), count in schema.entries.items():
        lines = [line.strip() for line in body.splitlines()]
        entries[(*entry, "\n".join(line for line in lines if not HIDDEN.match(line)))] += count
    return dataclasses.replace(schema, entries=entries)


def rows_in_sight(tables):
    shown = {}
    for name, table in tables.items():
        kept = [i for i, column in enumerate(table["columns"])
                if not re.fullmatch(r"a\d+(_\d+)? schemasync", column)]
        shown[name] = {**table, "columns": [table["columns"][i] for i in kept],
                       "rows": [[row[i] for i in kept] for row in table["rows"]]}
    return shown


if __name__ == "__main__":
    harness.main()
