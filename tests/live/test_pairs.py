"""Each pair of some thirty edits within one migration, on tables with rows, with a key and without: up
like a database built directly, an empty plan, down to every row, and both once more.

Migrations of six edits hold fifteen pairs each. EDITS=add_nullable,drop_note runs just these as one.
"""

import dataclasses
import itertools
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402
import test_edges  # noqa: E402

ALL = test_edges.ALL


KEY = '{ type = "integer", primary_key = true }'


class Model:
    """What the edits change: plain data, written as TOML. `was` holds what renames came from."""

    def __init__(self, with_key):
        self.enums = {"mood": ["calm", "cross"]}
        self.tables = {
            "owner": {"id": KEY, "name": '"text"'},
            "item": {"id": KEY if with_key else '"integer"', "owner_id": '"integer?"', "qty": '"integer"', "price": '"double precision"',
                     "code": '"varchar(20)"', "state": '"mood"', "note": '"text?"', "made": '"date"',
                     "double": '{ type = "integer?", generated = "qty * 2" }', "label": '{ type = "text", default = "x" }',
                     "seq": '"serial"'},
        }
        self.unique = {"item_code": "code"}
        self.index = {"item_made": "made", "item_lower": {"sql": "lower(code)"}}
        self.check = {"item_qty": "qty >= 0", "item_state": "state <> 'cross' OR qty > 0"}
        self.fk = {"item_owner": ("owner_id", "owner", "set null")}
        self.views = {"shown": ["code", "qty", "state"]}
        self.item, self.comment = "item", None
        self.was = {}

    def columns(self):
        return self.tables[self.item]

    def toml(self, intent=True):
        out = []
        def came_from(what):
            return f'renamed_from = "{self.was[what]}"\n' if intent and what in self.was else ""
        for name, labels in self.enums.items():
            shown = ", ".join(f'{{ value = "{l}", renamed_from = "{self.was[name, l]}" }}'
                              if intent and (name, l) in self.was else f'"{l}"' for l in labels)
            out.append(f"[enum.{name}]\nvalues = [{shown}]\n" + came_from(name))
        for name, columns in self.tables.items():
            out.append(f"[table.{name}]\n" + came_from(name) +
                       (f'comment = "{self.comment}"\n' if name == self.item and self.comment else ""))
            out.append(f"[table.{name}.columns]\n")
            for column, text in columns.items():
                old = self.was.get((name, column)) if intent else None
                if not intent and text.startswith("{"):
                    text = text.split(", backfill")[0].split(", using")[0].rstrip(" }") + " }"
                if old:
                    text = text.rstrip(" }") if text.startswith("{") else "{ type = " + text
                    text += f', renamed_from = "{old}" }}'
                out.append(f"{column} = {text}\n")
        on = f"table.{self.item}"
        for name, column in self.unique.items():
            out.append(f'[[{on}.unique]]\nname = "{name}"\ncolumns = ["{column}"]\n')
        for name, column in self.index.items():
            element = f'{{ sql = "{column["sql"]}" }}' if isinstance(column, dict) else f'"{column}"'
            out.append(f'[[{on}.index]]\nname = "{name}"\ncolumns = [{element}]\n')
        for name, sql in self.check.items():
            out.append(f'[[{on}.check]]\nname = "{name}"\nsql = "{sql}"\n')
        for name, (column, target, action) in self.fk.items():
            out.append(f'[[{on}.foreign_key]]\nname = "{name}"\ncolumns = ["{column}"]\n'
                       f'references = ["{target}.id"]\non_delete = "{action}"\n')
        for name, columns in self.views.items():
            out.append(f'[view.{name}]\nsql = "SELECT {", ".join(columns)} FROM {self.item}"\n')
        return "".join(out)

    def forget(self, column):
        """What stands on a column goes with it."""
        self.columns().pop(column)
        self.unique = {n: c for n, c in self.unique.items() if c != column}
        self.index = {n: c for n, c in self.index.items() if column not in str(c)}
        self.check = {n: sql for n, sql in self.check.items() if column not in sql}
        self.fk = {n: f for n, f in self.fk.items() if f[0] != column}
        self.views = {n: [c for c in cs if c != column] for n, cs in self.views.items()}

    def rename(self, old, new):
        columns = self.columns()
        self.tables[self.item] = {new if c == old else c: t for c, t in columns.items()}
        self.was[self.item, new] = old
        self.unique = {n: new if c == old else c for n, c in self.unique.items()}
        self.index = {n: {"sql": c["sql"].replace(old, new)} if isinstance(c, dict) else new if c == old else c
                      for n, c in self.index.items()}
        self.views = {n: [new if c == old else c for c in cs] for n, cs in self.views.items()}


def set_column(name, text):
    def edit(m):
        if name not in m.columns():
            raise KeyError(name)
        m.columns()[name] = text
    return edit


def add_column(name, text):
    return lambda m: m.columns().update({name: text})


def rename_item(m):
    m.tables = {"thing" if n == m.item else n: c for n, c in m.tables.items()}
    m.was.update({("thing", k[1]): v for k, v in m.was.items() if isinstance(k, tuple) and k[0] == m.item})
    m.item = "thing"
    m.was["thing"] = "item"


def rename_label(m):
    m.enums["mood"] = ["peaceful" if l == "calm" else l for l in m.enums["mood"]]
    m.was["mood", "peaceful"] = "calm"


def rename_enum(m):
    m.enums = {"temper" if n == "mood" else n: l for n, l in m.enums.items()}
    m.was.update({("temper", k[1]): v for k, v in m.was.items() if isinstance(k, tuple) and k[0] == "mood"})
    m.was["temper"] = "mood"
    set_column("state", m.columns()["state"].replace("mood", "temper"))(m)


def add_reference(m):
    if "owner" not in m.tables:
        raise KeyError("owner")
    m.columns()["second"] = '{ type = "integer?", references = "owner.id" }'


def drop_owner(m):
    if "second" in m.columns():
        raise KeyError("second")
    m.tables.pop("owner")
    m.fk = {n: f for n, f in m.fk.items() if f[1] != "owner"}


def state_to_text(m):
    set_column("state", '"text"')(m)
    m.enums.pop("mood")


# name: (what it edits, the edit). Two that edit the same make no pair.
EDITS = {
    "add_nullable": ("new1", add_column("extra", '"text?"')),
    "add_default": ("new2", add_column("level", '{ type = "integer", default = 3, check = "level > 0" }')),
    "add_backfill": ("new3", add_column("short", '{ type = "text", backfill = { sql = "coalesce(note, \'none\')" } }')),
    "add_reference": ("new4", add_reference),
    "drop_note": ("note", lambda m: m.forget("note")),
    "note_not_null": ("note", set_column("note", '{ type = "text", backfill = "none" }')),
    "drop_qty": ("qty", lambda m: [m.forget("double"), m.forget("qty")]),
    "qty_to_bigint": ("qty", set_column("qty", '"bigint"')),
    "double_anew": ("double", set_column("double", '{ type = "integer?", generated = "qty * 3" }')),
    "price_to_numeric": ("price", set_column("price", '"numeric(10,2)"')),
    "drop_price": ("price", lambda m: m.forget("price")),
    "code_to_text": ("code", set_column("code", '"text"')),
    "rename_code": ("code", lambda m: m.rename("code", "sku")),
    "drop_code": ("code", lambda m: m.forget("code")),
    "made_to_timestamp": ("made", set_column("made", '"timestamptz"')),
    "rename_table": ("table", rename_item),
    "comment": ("comment", lambda m: setattr(m, "comment", "what there is")),
    "add_label": ("mood", lambda m: m.enums["mood"].append("glad")),
    "rename_label": ("mood", rename_label),
    "rename_enum": ("mood", rename_enum),
    "state_to_text": ("mood", state_to_text),
    "default_anew": ("label", set_column("label", '{ type = "text", default = "y" }')),
    "drop_serial": ("seq", lambda m: m.forget("seq")),
    "serial_to_identity": ("seq", set_column("seq", '{ type = "integer", identity = true }')),
    "drop_unique": ("unique", lambda m: m.unique.pop("item_code")),
    "drop_index": ("index", lambda m: m.index.pop("item_lower")),
    "drop_key": ("owner", lambda m: m.fk.pop("item_owner")),
    "cascade": ("owner", lambda m: m.fk.update(item_owner=("owner_id", "owner", "cascade"))),
    "drop_owner": ("owner", drop_owner),
    "add_table": ("new5", lambda m: m.tables.update(tag={"id": KEY, "item": '"integer?"'})),
    "drop_view": ("view", lambda m: m.views.clear()),
    "add_view": ("view", lambda m: m.views.update(more=["id", "label"])),
}

ROWS = """
INSERT INTO owner VALUES (1, 'ann'), (2, 'bob');
INSERT INTO item (id, owner_id, qty, price, code, state, note, made) VALUES
  (1, 1, 5, 1.005, 'a', 'calm', 'first', '2026-01-04'), (2, 2, 0, -0.0, 'b', 'calm', NULL, '2026-02-01'),
  (3, NULL, 7, 99.999, 'c', 'cross', 'third', '2026-03-01');
"""


def edited(with_key, names):
    model = Model(with_key)
    for name in sorted(names, key=lambda n: n in ("rename_table", "rename_enum")):
        EDITS[name][1](model)
    return model


def goes_together(names):
    if len({EDITS[name][0] for name in names}) < len(names):
        return False
    try:
        edited(True, names)
    except KeyError:  # one takes away what the other one edits
        return False
    return True


def covering(size):
    """Sets of edits that hold each pair which goes together."""
    left = {pair for pair in itertools.combinations(EDITS, 2) if goes_together(pair)}
    sets = []
    while left:
        names = min(left)
        while len(names) < size:
            def gain(one):
                return sum(tuple(sorted((one, other), key=list(EDITS).index)) in left for other in names)
            more = [one for one in EDITS if one not in names and goes_together((*names, one))]
            if not more:
                break
            names = (*names, max(more, key=gain))
        left -= {pair for pair in itertools.combinations(sorted(names, key=list(EDITS).index), 2)}
        sets.append(names)
    return sets


class Pairs(test_edges.Edge):
    def run_edits(self, names, with_key):
        model = edited(with_key, names)
        db = self.database()
        project = self.models(db, m=Model(with_key).toml())
        self.assert_exit(project.run(*ALL), 0)
        db.psql(ROWS)
        before = db.dump()
        project.write("schemas/m.toml", model.toml())
        direct = self.database()
        self.assert_exit(self.models(direct, m=model.toml(intent=False)).run(*ALL), 0)
        built, after = direct.dump() if with_key else None, None
        for _ in range(2):
            self.assert_exit(project.run(*ALL), 0)
            self.assert_exit(project.run("plan", "--exit-code"), 0)
            if with_key:
                # But for the sequences, which counted here.
                now = db.dump()
                self.assert_same_schema(dataclasses.replace(
                    built, schema=dataclasses.replace(built.schema, sequences=now.schema.sequences)), now)
                if after:
                    self.assert_same_rows(after, now)
                after = now
            self.assert_exit(project.run("rollback", "--yes"), 0)
            if with_key:
                self.assert_same(before, db)
            else:
                self.assert_exit(project.run("status"), 0)

    def test_each_pair(self):
        chosen = os.environ.get("EDITS")
        for names in [tuple(chosen.split(","))] if chosen else covering(6):
            for with_key in (True, False):
                with self.subTest(edits=",".join(names), with_key=with_key):
                    self.run_edits(names, with_key)
                self.doCleanups()


if __name__ == "__main__":
    harness.main()
