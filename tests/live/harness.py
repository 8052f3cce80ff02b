"""What live tests stand on: one private PostgreSQL per test module, databases made from a template,
an observer that tells whether two databases are the same, and a project folder to run schemasync in.

A test module reads:

    import harness

    class AddColumn(harness.LiveTest):
        def test_a_nullable_column_is_added_and_taken_back(self):
            db = self.database(template=harness.EXPENSE_TRACKER)
            project = self.project(db)
            before = db.dump()
            project.edit("schemas/expense.toml", 'tags  ', 'notes = "varchar?"\ntags  ')
            self.assert_exit(project.run("apply", "--yes"), 0)
            self.assert_exit(project.run("rollback", "--yes"), 0)
            self.assert_same(before, db.dump())

    if __name__ == "__main__":
        harness.main()

Standard library only. SCHEMASYNC names the binary, SCHEMASYNC_PGBIN the folder of PostgreSQL's.
"""

import atexit
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from observer import Dump, differences, dump_rows, dump_schema  # noqa: E402
from private_server import PsqlError, Server  # noqa: E402
from terminal import run_on_terminal  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "tests" / "data"
BINARY = pathlib.Path(os.environ.get("SCHEMASYNC", ROOT / "build" / "schemasync")).resolve()

# A template of Server.database(): the 11 tables built directly, with rows in each.
EXPENSE_TRACKER = ("expense_tracker",
                   DATA / "expense_tracker_schema.sql", DATA / "expense_tracker.sql")
# The same without rows.
EXPENSE_TRACKER_EMPTY = ("expense_tracker_empty", DATA / "expense_tracker_schema.sql")

_server = None


def server():
    """The module's PostgreSQL, started at the first call and stopped when the process ends."""
    global _server
    if _server is None:
        _server = Server()
        atexit.register(_server.stop)
    return _server


def use_binaries(folder):
    """From here on server() and schemasync run PostgreSQL's programs of this folder; "": the usual."""
    global _server
    if _server is not None:
        _server.stop()
        _server = None
    os.environ.pop("SCHEMASYNC_PGBIN", None)
    if folder:
        os.environ["SCHEMASYNC_PGBIN"] = str(folder)


@functools.lru_cache(maxsize=None)
def explained_rules():
    """The ids of all rules that `explain` knows."""
    known = subprocess.run([BINARY, "explain", "--format", "json"], capture_output=True, text=True,
                           check=True, cwd="/")
    return frozenset(one["rule"] for one in json.loads(known.stdout))


def rules_of(text):
    """The rules of a plan's JSON; none of any other text."""
    try:
        plan = json.loads(text)
    except ValueError:
        return set()
    changes = plan.get("changes") if isinstance(plan, dict) else None
    return {change["rule"] for change in changes or []}


class Result:
    """What one run of schemasync gave."""

    def __init__(self, command, code, stdout, stderr):
        self.command, self.code, self.stdout, self.stderr = command, code, stdout, stderr

    def __str__(self):
        return (f"$ {' '.join(map(str, self.command))}\n(exit {self.code})\n"
                f"--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}")


class Project:
    """A folder with a schemasync.toml and a copy of the models, to edit and to run schemasync in.

    `database` is what [env.dev] points at: a Database, a URL, or "embedded".
    `models` is a folder to copy to schemas/; None makes an empty one.
    """

    def __init__(self, database, models=ROOT / "schemas", config=None):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="ss-project-", dir="/tmp"))
        # The embedded server's unprivileged user must be able to look inside.
        self.path.chmod(0o755)
        if models is None:
            (self.path / "schemas").mkdir()
        else:
            shutil.copytree(models, self.path / "schemas")
        if config is None:
            where = ("embedded = true" if database == "embedded"
                     else f'url = "{getattr(database, "url", database)}"')
            config = f'models = "schemas"\n\n[env.dev]\n{where}\n'
        self.write("schemasync.toml", config)

    def run(self, *arguments, input=None, env=None, timeout=300):
        """Runs schemasync here. Standard input is empty, and no terminal, unless `input` is given."""
        command = [str(BINARY), *map(str, arguments)]
        done = subprocess.run(command, cwd=self.path, env=self.environment(env), timeout=timeout,
                              input=input if input is not None else "", text=True,
                              encoding="utf-8", capture_output=True, check=False)
        unknown = rules_of(done.stdout) - explained_rules() if "json" in arguments else None
        if unknown:
            raise AssertionError(f"rules that `explain` does not know: {', '.join(sorted(unknown))}")
        return Result(["schemasync", *arguments], done.returncode, done.stdout, done.stderr)

    def type(self, *arguments, answers=(), env=None):
        """Runs schemasync on a terminal; `answers` are (text to wait for, line to type)."""
        command = [str(BINARY), *map(str, arguments)]
        code, shown = run_on_terminal(command, answers, cwd=self.path, env=self.environment(env))
        return Result(["schemasync", *arguments], code, shown, "")

    def start(self, *arguments, env=None):
        """Starts schemasync and returns the Popen, for tests with two at once or a kill."""
        return subprocess.Popen([str(BINARY), *map(str, arguments)], cwd=self.path,
                                env=self.environment(env), text=True, encoding="utf-8",
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    @staticmethod
    def environment(more=None):
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("PG") and name not in ("DATABASE_URL", "NO_COLOR")}
        return {**kept, **(more or {})}

    def read(self, file):
        return (self.path / file).read_text(encoding="utf-8")

    def write(self, file, text):
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def append(self, file, text):
        self.write(file, self.read(file) + text)

    def edit(self, file, old, new):
        """Replaces the one place that says `old`; anything else is a mistake of the test."""
        text = self.read(file)
        if text.count(old) != 1:
            raise AssertionError(f"{file} says {old!r} {text.count(old)} times, not once:\n{text}")
        self.write(file, text.replace(old, new))

    def remove(self, file):
        (self.path / file).unlink()

    def files(self):
        """Every file and its bytes, to tell that a command wrote nothing."""
        return {str(path.relative_to(self.path)): path.read_bytes()
                for path in sorted(self.path.rglob("*")) if path.is_file()}

    def close(self):
        shutil.rmtree(self.path, ignore_errors=True)


class LiveTest(unittest.TestCase):
    """Databases and projects that go with the test, and the questions that tests ask of them."""

    maxDiff = None

    @property
    def server(self):
        return server()

    def database(self, template=None, **options):
        """A new database: empty, or a copy of a template such as EXPENSE_TRACKER."""
        database = server().database(template, **options)
        self.addCleanup(database.drop)
        self.addCleanup(self._assert_rules_are_explained, database)
        return database

    def _assert_rules_are_explained(self, database):
        """Whatever a test did: no rule of a plan that was applied is unknown to `explain`."""
        try:
            if database.value("SELECT to_regclass('schemasync.migration')") in (None, ""):
                return
            plans = database.rows(
                "SELECT plan::text FROM schemasync.migration WHERE plan IS NOT NULL")
        except PsqlError:  # the test took the database away
            return
        self.assert_explained(rules for plan in plans for rules in rules_of(plan[0]))

    def assert_explained(self, rules):
        unknown = set(rules) - explained_rules()
        if unknown:
            self.fail(f"rules that `explain` does not know: {', '.join(sorted(unknown))}")

    def project(self, database, models=ROOT / "schemas", config=None):
        project = Project(database, models, config)
        self.addCleanup(project.close)
        if database == "embedded":
            self.addCleanup(lambda: project.run("server", "stop"))
        return project

    def assert_exit(self, result, code):
        """The run ended so; returns it. A wrong code shows all that was printed."""
        if result.code != code:
            self.fail(f"exit {result.code}, not {code}\n{result}")
        return result

    def assert_says(self, result, *texts, stream="both"):
        said = {"both": result.stdout + result.stderr, "stdout": result.stdout,
                "stderr": result.stderr}[stream]
        for text in texts:
            if text not in said:
                self.fail(f"nowhere says {text!r}\n{result}")

    def assert_says_not(self, result, *texts):
        for text in texts:
            if text in result.stdout + result.stderr:
                self.fail(f"says {text!r}\n{result}")

    def assert_same_schema(self, expected, actual):
        """`expected`, `actual`: Database or Dump. Same in the sense of semantics, not of order."""
        self._assert_no_difference(_schema(expected), _schema(actual), "schema")

    def assert_same_rows(self, expected, actual):
        self._assert_no_difference(_rows(expected), _rows(actual), "rows")

    def assert_same(self, expected, actual):
        self.assert_same_schema(expected, actual)
        self.assert_same_rows(expected, actual)

    def assert_not_same_schema(self, expected, actual):
        if not differences(_schema(expected), _schema(actual)):
            self.fail("the schemas are the same")

    def _assert_no_difference(self, expected, actual, what):
        found = differences(expected, actual)
        if found:
            self.fail(f"the {what} differ (- expected, + actual):\n" + "\n".join(found))


def _schema(side):
    return dump_schema(side) if hasattr(side, "psql") else getattr(side, "schema", side)


def _rows(side):
    return dump_rows(side) if hasattr(side, "psql") else getattr(side, "rows", side)


def main():
    unittest.main(module="__main__", verbosity=2)


__all__ = ["BINARY", "DATA", "Dump", "EXPENSE_TRACKER", "EXPENSE_TRACKER_EMPTY", "LiveTest",
           "Project", "ROOT", "Result", "Server", "differences", "dump_rows", "dump_schema",
           "explained_rules", "main", "rules_of", "server", "use_binaries"]
