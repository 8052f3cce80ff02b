"""The independent observer: tells whether two databases hold the same schema and the same rows, by
pg_dump and psql alone, in the sense of "same" that schemasync promises:

- same schema: the entries of `pg_dump -s` as a set of (type, schema, name, owner, body), where the
  lines of a table and of an ACL are sets themselves, and last_value, is_called of every sequence;
- same rows: every table's rows, compared as text; the order of rows and of columns does not count.

Schema `schemasync`, where the journal lives, is left out of both.
"""

import collections
import dataclasses
import functools
import json
import re
import subprocess

# pg_dump heads every object with these three lines. A name may hold anything but a newline.
_HEADER = re.compile(
    r"^--\n-- (?:Data for )?Name: (?P<name>.*); Type: (?P<type>[A-Z ]+); Schema: (?P<schema>.*?); "
    r"Owner: (?P<owner>.*?)(?:; Tablespace: (?P<tablespace>.*))?\n--\n", re.M)
# Settings for the entry that follows them: they stand at the end of the one before.
_SETTING = re.compile(r"SET (default_tablespace|default_table_access_method) = (.*);")
_WITH_LINES_AS_SET = ("TABLE", "FOREIGN TABLE", "ACL", "DEFAULT ACL", "COLUMN ACL")
_WITH_ACCESS_METHOD = ("TABLE", "MATERIALIZED VIEW")

# Every table that holds rows, its key's columns and all of its columns by name.
_TABLES = """
SELECT json_build_array(c.oid::regclass::text,
         n.nspname || '.' || c.relname,
         (SELECT coalesce(json_agg(a.attname ORDER BY a.attname COLLATE "C"), '[]') FROM pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
         (SELECT coalesce(json_agg(a.attname ORDER BY k.place), '[]')
            FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (number, place), pg_attribute a
           WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.number),
         (SELECT coalesce(string_agg(quote_ident(a.attname) || '::text', ', '
                                     ORDER BY a.attname COLLATE "C"), '') FROM pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'schemasync')
   AND n.nspname NOT LIKE 'pg\\_t%'
 ORDER BY c.oid::regclass
"""
_SEQUENCES = """
SELECT format('SELECT json_build_array(%L, last_value, is_called) FROM %s',
              n.nspname || '.' || c.relname, c.oid::regclass)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'S' AND n.nspname <> 'schemasync' AND n.nspname NOT LIKE 'pg\\_t%'
\\gexec
"""


@dataclasses.dataclass(frozen=True)
class Dump:
    schema: "SchemaDump"
    rows: dict  # table -> {"columns": [...], "rows": [...]}


@dataclasses.dataclass(frozen=True)
class SchemaDump:
    entries: collections.Counter  # (type, schema, name, owner, body) -> how often
    sequences: dict               # name -> (last_value, is_called)
    text: str = dataclasses.field(compare=False, default="")  # with the order of columns


@functools.lru_cache(maxsize=None)
def _restrict_key(pg_dump):
    """pg_dump prints a random \\restrict key since the minor releases of August 2025."""
    usage = subprocess.run([pg_dump, "--help"], capture_output=True, text=True, check=True).stdout
    return ("--restrict-key=x",) if "--restrict-key" in usage else ()


def dump_schema(database):
    pg_dump = database.server.client("pg_dump")
    done = subprocess.run(
        [pg_dump, "-s", *_restrict_key(pg_dump), "-N", "schemasync", "-U", "postgres",
         "-d", database.name],
        env=database.server.client_environment(), cwd=database.server.folder, text=True,
        encoding="utf-8", capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"pg_dump failed: {done.stderr}")
    sequences = {name: (last, called) for name, last, called in
                 map(json.loads, database.psql(_SEQUENCES).splitlines())}
    return SchemaDump(collections.Counter(entries_of(done.stdout)), sequences, done.stdout)


def entries_of(text):
    """The text of a dump as (type, schema, name, owner, body)."""
    headers = list(_HEADER.finditer(text))
    settings = {}
    if headers:
        _take_settings(text[:headers[0].start()].split("\n"), settings)
    for header, following in zip(headers, headers[1:] + [None]):
        body = text[header.end():following.start() if following else len(text)]
        in_force = dict(settings)
        lines = _take_settings(_without_dump_end(body).split("\n"), settings)
        kind = header["type"]
        if kind in _WITH_LINES_AS_SET:
            lines = sorted(line.rstrip().removesuffix(",") for line in lines if line.strip())
        if kind in _WITH_ACCESS_METHOD:
            lines.append(f"access method {in_force.get('default_table_access_method', '')}")
        if header["tablespace"]:
            lines.append(f"tablespace {header['tablespace']}")
        yield (kind, header["schema"], header["name"], header["owner"], "\n".join(lines).strip())


def _without_dump_end(body):
    return re.sub(r"\n--\n-- PostgreSQL database dump complete\n--\n.*\Z", "\n", body, flags=re.S)


def _take_settings(lines, settings):
    """Takes the settings off the end of an entry's lines and remembers them for the next."""
    lines = list(lines)
    while lines:
        setting = _SETTING.fullmatch(lines[-1])
        if setting:
            settings[setting[1]] = setting[2]
        elif lines[-1].strip():
            break
        lines.pop()
    return lines


def dump_rows(database):
    tables = [json.loads(line) for line in database.psql(_TABLES).split("\n") if line]
    shapes = [shape for _, *shape in tables]
    # One psql for all: each table's rows as JSON arrays of text, behind a line with its number.
    # An array, because a function takes no more than 100 arguments and a table has more columns.
    script = ["SET extra_float_digits = 3; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD';",
              "SET IntervalStyle = 'postgres'; SET row_security = off;"]
    for number, (relation, _, _, _, texts) in enumerate(tables):
        script.append(f"\\echo >{number}")
        script.append(f"SELECT array_to_json(ARRAY[{texts}]::text[]) FROM ONLY {relation};")
    dump = {name: {"columns": columns, "rows": []} for name, columns, _, _ in shapes}
    current = None
    for line in database.psql("\n".join(script)).split("\n"):
        if line.startswith(">"):
            current = shapes[int(line[1:])]
        elif line:
            dump[current[0]]["rows"].append(json.loads(line))
    for name, columns, key, _ in shapes:
        places = [columns.index(column) for column in key]
        dump[name]["rows"].sort(
            key=lambda row: [(row[at] is None, row[at] or "") for at in [*places, *range(len(row))]])
    return dump


def differences(expected, actual):
    """Lines that say how two schema dumps or two row dumps differ; none when they are the same."""
    if isinstance(expected, SchemaDump):
        return [*_entry_differences(expected.entries, actual.entries),
                *_value_differences("sequence", expected.sequences, actual.sequences)]
    lines = []
    for table in sorted(expected.keys() | actual.keys()):
        lines += _row_differences(table, expected.get(table), actual.get(table))
    return lines


def _entry_differences(expected, actual):
    lines = []
    for mark, only in (("-", expected - actual), ("+", actual - expected)):
        for kind, schema, name, owner, body in sorted(only):
            lines.append(f"{mark} {kind} {schema}.{name} (owner {owner})")
            lines += [f"{mark}     {line}" for line in body.split("\n")]
    return lines


def _value_differences(what, expected, actual):
    lines = []
    for name in sorted(expected.keys() | actual.keys()):
        if expected.get(name) != actual.get(name):
            lines.append(f"{what} {name}: - {expected.get(name)}  + {actual.get(name)}")
    return lines


def _row_differences(table, expected, actual):
    if expected is None or actual is None:
        return [f"{'+' if expected is None else '-'} table {table}"]
    if expected["columns"] != actual["columns"]:
        return [f"columns of {table}: - {expected['columns']}  + {actual['columns']}"]
    counted = [collections.Counter(map(json.dumps, side["rows"])) for side in (expected, actual)]
    lines = [f"{mark} {table} {json.dumps(json.loads(row), ensure_ascii=False)}"
             for mark, only in (("-", counted[0] - counted[1]), ("+", counted[1] - counted[0]))
             for row in sorted(only.elements())]
    return lines[:40] + ([f"… and {len(lines) - 40} more rows of {table}"] if lines[40:] else [])
