"""A private PostgreSQL for one test module: unix socket only, in a folder of its own under /tmp, as
an unprivileged user when we are root, with fsync off; and its databases.

Run by itself it serves until it is ended, for benches and for looking around:

    python3 tests/live/private_server.py [--set max_locks_per_transaction=8192]
"""

import argparse
import csv
import ctypes
import glob
import io
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from observer import Dump, dump_rows, dump_schema  # noqa: E402

PR_SET_PDEATHSIG = 1
csv.field_size_limit(sys.maxsize)  # a journal holds whole plans


class PsqlError(AssertionError):
    """psql failed; the message is the server's."""


def find_binaries():
    """The folder with initdb, postgres, psql and pg_dump: SCHEMASYNC_PGBIN, PATH, newest major."""
    folders = [os.environ.get("SCHEMASYNC_PGBIN", "")]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(os.path.dirname(os.path.realpath(on_path)))
    installed = glob.glob("/usr/lib/postgresql/*/bin") + glob.glob("/usr/pgsql-*/bin")
    folders += sorted(installed, key=lambda path: float(re.findall(r"[\d.]+", path)[0]),
                      reverse=True)
    for folder in folders:
        if folder and all(os.access(os.path.join(folder, name), os.X_OK)
                          for name in ("initdb", "postgres")):
            return pathlib.Path(folder)
    raise RuntimeError("no PostgreSQL server found: apt-get install postgresql, "
                       "or set SCHEMASYNC_PGBIN to the folder that holds initdb and postgres")


def _unprivileged():
    """PostgreSQL refuses to run as root: postgres if there is such a user, else nobody."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("running as root, and there is neither a user postgres nor nobody")


class Server:
    """Started when made; stop() ends it and removes its folder. It also ends when we are killed."""

    SETTINGS = {
        "listen_addresses": "", "unix_socket_permissions": "0777", "fsync": "off",
        "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal",
        "max_wal_senders": "0", "autovacuum": "off", "max_connections": "50",
        "shared_buffers": "64MB", "max_locks_per_transaction": "1024", "jit": "off",
        "dynamic_shared_memory_type": "mmap", "log_min_messages": "warning",
        "password_encryption": "scram-sha-256",  # not the default before 14
    }

    def __init__(self, settings=None, port=5432):
        self.bin = find_binaries()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ss-pg-", dir="/tmp"))
        self.port = port
        self._account = _unprivileged()
        self._templates = {}
        self._count = 0
        self._running = None
        try:
            if self._account:
                os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
            self.folder.chmod(0o755)
            self._initdb()
            self._start({**self.SETTINGS, "port": str(port), **(settings or {})})
            # Roles granted this one must log in with their password; everyone else is trusted.
            self.psql("CREATE ROLE needs_password NOLOGIN")
        except BaseException:
            self.stop()
            raise

    # -- its life

    def _as_server_user(self):
        if not self._account:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**kept, "LC_ALL": "C.UTF-8", "HOME": str(self.folder)}

    def _initdb(self):
        done = subprocess.run(
            [self.bin / "initdb", "-D", self.folder / "data", "-A", "trust", "-U", "postgres",
             "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
             "--wal-segsize=1"],
            cwd=self.folder, env=self._environment(), capture_output=True, text=True, check=False,
            **self._as_server_user())
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text("local all +needs_password scram-sha-256\n"
                         "host all +needs_password 127.0.0.1/32 scram-sha-256\n"
                         "local all all trust\nhost all all 127.0.0.1/32 trust\n")

    def _start(self, settings):
        # Only the main thread may ask for the parent-death signal: it is sent when the *thread*
        # that started the server ends.
        die_with_us = threading.current_thread() is threading.main_thread()
        libc = ctypes.CDLL(None, use_errno=True)

        def in_child():
            if die_with_us:
                libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGQUIT))

        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "wb") as log:
            self._running = subprocess.Popen(
                [self.bin / "postgres", "-D", self.folder / "data",
                 "-c", f"unix_socket_directories={self.folder}", *options],
                cwd=self.folder, env=self._environment(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, preexec_fn=in_child, **self._as_server_user())
        deadline = time.monotonic() + 60
        while not self._answers():
            if self._running.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{self.log()}")
            time.sleep(0.02)

    def _answers(self):
        if not (self.folder / f".s.PGSQL.{self.port}").exists():
            return False
        return self._run_psql("postgres", "SELECT 1", "postgres").returncode == 0

    def stop(self):
        if self._running and self._running.poll() is None:
            self._running.send_signal(signal.SIGQUIT)
            try:
                self._running.wait(30)
            except subprocess.TimeoutExpired:
                self._running.kill()
                self._running.wait()
        self._running = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # -- what it is asked

    def url(self, database="postgres", user="postgres"):
        return f"postgresql:///{database}?host={self.folder}&port={self.port}&user={user}"

    def client(self, name):
        """psql or pg_dump: beside the server's binaries, else from PATH."""
        beside = self.bin / name
        found = str(beside) if beside.exists() else shutil.which(name)
        if not found:
            raise RuntimeError(f"{name} not found: apt-get install postgresql-client")
        return found

    def client_environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**kept, "PGHOST": str(self.folder), "PGPORT": str(self.port),
                "PGCLIENTENCODING": "UTF8"}

    def _run_psql(self, database, sql, user, *options):
        return subprocess.run(
            [self.client("psql"), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-U", user,
             "-d", database, *options],
            input=sql, env=self.client_environment(), cwd=self.folder, text=True, encoding="utf-8",
            capture_output=True, check=False)

    def psql(self, sql, database="postgres", user="postgres", *options):
        """Runs SQL (or psql's own commands), returns what it printed; PsqlError on any error."""
        done = self._run_psql(database, sql, user, *options)
        if done.returncode != 0:
            raise PsqlError(f"{done.stderr.strip()}\nin {database}:\n{sql}")
        return done.stdout.rstrip("\n")

    def database(self, template=None, name=None):
        """A new database: empty, or a copy of `template` = (name, file.sql, …), loaded once."""
        source = self._template(*template) if template else "template0"
        if name is None:
            self._count += 1
            name = f"test_{self._count}"
        self._create(name, source)
        return Database(self, name)

    def _template(self, name, *files):
        key = (name, *files)
        if key not in self._templates:
            stored = f"template_{name}"
            self._create(stored, "template0")
            for file in files:
                self.psql(pathlib.Path(file).read_text(encoding="utf-8"), stored)
            self._templates[key] = stored
        return self._templates[key]

    def _create(self, name, source):
        # file_copy is five times as fast as wal_log for a small database; before 15 it is the
        # only way and has no name.
        strategy = " STRATEGY file_copy" if self.version() >= 15 else ""
        self.psql(f'CREATE DATABASE "{name}" TEMPLATE "{source}"{strategy}')

    def version(self):
        if not hasattr(self, "_version"):
            self._version = int(self.psql("SHOW server_version_num")) // 10000
        return self._version


class Database:
    """One database of a Server."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.url = server.url(name)

    def psql(self, sql, user="postgres", *options):
        return self.server.psql(sql, self.name, user, *options)

    def psql_file(self, path, user="postgres"):
        """Runs a file as `psql -f` does, its \\set and \\gset included."""
        return self.server.psql("", self.name, user, "-f", str(path))

    def value(self, sql):
        """The one value of a query, as text; '' for NULL."""
        return self.psql(sql)

    def rows(self, sql_or_table):
        """The rows of a query, or of a table by its name, as lists of text; None for NULL."""
        text = sql_or_table.strip()
        query = text if re.search(r"\s", text) else f"TABLE {text}"
        null = "\x1dNULL\x1d"  # no test data holds it
        done = self.server._run_psql(self.name, query, "postgres", "--csv", "-P", f"null={null}")
        if done.returncode != 0:
            raise PsqlError(f"{done.stderr.strip()}\nin {self.name}:\n{query}")
        # One column with an empty string is an empty line.
        return [[None if cell == null else cell for cell in row or [""]]
                for row in csv.reader(io.StringIO(done.stdout, newline=""))]

    def dump(self):
        return Dump(dump_schema(self), dump_rows(self))

    def copy(self):
        """A second database that is like this one now; nobody may be connected to it."""
        self.server._count += 1
        name = f"test_{self.server._count}"
        self.server._create(name, self.name)
        return Database(self.server, name)

    def drop(self):
        force = " WITH (FORCE)" if self.server.version() >= 13 else ""
        self.server.psql(f'DROP DATABASE IF EXISTS "{self.name}"{force}')


def main():
    parser = argparse.ArgumentParser(description="serve a private PostgreSQL until ended")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server(dict(setting.split("=", 1) for setting in options.set)) as server:
        print(server.url(), flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
