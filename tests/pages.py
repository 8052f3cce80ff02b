#!/usr/bin/env python3
"""Runs the documents: every command of a page's console blocks, in order, in a scratch project, and
compares what is printed with what the page says.

    python3 tests/pages.py PAGE.md…            says what differs; exits 1 when anything does
    python3 tests/pages.py --write PAGE.md…    writes what was printed into the pages

A page opts in with an HTML comment and is made of these parts; all else is prose:

    <!-- page -->                     the project: a copy of schemas/ and schemasync.toml
    <!-- page empty -->               the project: an empty folder
    <!-- page server -->              and a PostgreSQL of its own, shown as localhost:5432: its empty
                                      database expenses_db is where PROD_DATABASE_URL leads
    ```console                        lines behind "$ " are commands of bash (a line that ends with
    $ schemasync plan                 a backslash goes on), the rest is what they print, stdout and
    …                                 stderr as a terminal shows them, then "(exit N)" unless 0;
    ```                               a line "..." stands for any number of lines
    ```toml file=schemas/a.toml       a file that is written as it stands
    ```diff file=schemas/a.toml       an edit: "- " lines, and lines between, are found once in the
                                      file and become the "+ " lines
    <!-- run: COMMAND -->             a command that the reader need not see; must exit 0

Times, sizes in motion and the server's minor version differ from run to run: where only these
differ, a page is as it should be and --write leaves it alone. SCHEMASYNC names the binary.
"""

import argparse
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "live"))

import private_server  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(os.environ.get("SCHEMASYNC", ROOT / "build" / "schemasync")).resolve()

OPENING = re.compile(r"<!-- page((?: empty| server)*) -->")
PART = re.compile(
    r"^```(?P<kind>console|toml file=(?P<new>\S+)|diff file=(?P<edited>\S+))\n"
    r"(?P<body>.*?)^```$|^<!-- run: (?P<hidden>.*?) -->$", re.M | re.S)
ANY_LINES = "..."

# What differs from run to run, and what it is for a comparison.
MOTION = [
    (re.compile(r"\b\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( UTC|Z)?"), "<time>"),
    (re.compile(r"(?<!\d)\d{8}_\d{6}(?!\d)"), "<time>"),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|s)\b(?! without)"), "<duration>"),
    (re.compile(r"PostgreSQL \d+\.\d+"), "PostgreSQL <version>"),
    (re.compile(r"\b[0-9a-f]{8,64}\b"), "<digest>"),
    (re.compile(r"\b(archive|backup|file) \d+(\.\d+)? (bytes|kB|MB)"), r"\1 <size>"),
    (re.compile(r", \d+(\.\d+)? (bytes|kB|MB)"), ", <size>"),
    (re.compile(r"\b\d+(\.\d+)? (kB|MB)\b"), "<size>"),
    (re.compile(r"process \d+"), "process <pid>"),
    (re.compile(r" by (root|postgres|[a-z_][a-z0-9_]*)$", re.M), " by <user>"),
]


class Mistake(Exception):
    """The page itself is not sound: an edit that is not found, a command that must not fail."""


def still(text):
    """The text with what moves held still."""
    for pattern, stands_for in MOTION:
        text = pattern.sub(stands_for, text)
    return re.sub(r"[ \t]+", " ", text)


def alike(expected, printed):
    """Line by line; a line "..." of what is expected matches any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == ANY_LINES else re.escape(line.rstrip()) + r"\s*?\n"
        for line in still(expected).splitlines())
    lines = "".join(line.rstrip() + "\n" for line in still(printed).splitlines())
    return re.fullmatch(pattern, lines) is not None


def commands_of(block):
    """(command lines as written, what is expected behind them) of a console block."""
    found = []
    goes_on = False
    for line in block.splitlines():
        if goes_on:
            found[-1][0].append(line)
        elif line.startswith("$ "):
            found.append(([line], []))
        elif found:
            found[-1][1].append(line)
        else:
            raise Mistake(f"a console block starts with {line!r}, not with a command")
        goes_on = (goes_on or line.startswith("$ ")) and line.endswith("\\")
    return [(shown, "\n".join(expected)) for shown, expected in found]


class Scratch:
    """The project that a page's commands run in."""

    def __init__(self, words):
        self.server = self.port = None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ss-page-", dir="/tmp"))
        self.folder.chmod(0o755)  # the embedded server's user looks inside when we are root
        self.project = self.folder / "project"
        self.project.mkdir()
        if "empty" not in words:
            shutil.copytree(ROOT / "schemas", self.project / "schemas")
            shutil.copy(ROOT / "schemasync.toml", self.project)
        tools = self.folder / "bin"
        tools.mkdir()
        (tools / "schemasync").symlink_to(BINARY)
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("PG") and name not in ("DATABASE_URL", "SCHEMASYNC")}
        self.environment = {**kept, "PATH": f"{tools}:{kept.get('PATH', '')}", "NO_COLOR": "1",
                            "PROJECT": str(ROOT), "PAGER": "cat", "PSQLRC": os.devnull,
                            "COLUMNS": "100"}
        if "server" in words:
            self._serve()

    def _serve(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.server = private_server.Server({"listen_addresses": "127.0.0.1"}, port=self.port)
        self.server.psql("CREATE ROLE expense_admin LOGIN SUPERUSER")
        self.server.psql("CREATE DATABASE expenses_db OWNER expense_admin")
        self.environment["PROD_DATABASE_URL"] = (
            f"postgresql://expense_admin@localhost:{self.port}/expenses_db")

    def run(self, command):
        """(exit code, what a terminal would show)."""
        done = subprocess.run(["bash", "-c", command], cwd=self.project, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=False,
                              timeout=600)
        printed = done.stdout
        if self.port:
            printed = printed.replace(f"localhost:{self.port}", "localhost:5432")
        return done.returncode, printed

    def write(self, file, text):
        path = self.project / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, file, diff):
        path = self.project / file
        text = path.read_text(encoding="utf-8")
        for hunk in re.split(r"^@@.*\n", diff, flags=re.M):
            if not hunk.strip():
                continue
            lines = hunk.splitlines(keepends=True)
            old = "".join(line[2:] or "\n" for line in lines if line[:1] in " -")
            new = "".join(line[2:] or "\n" for line in lines if line[:1] in " +")
            if not old and not text.endswith("\n"):
                text += "\n"
            if old and text.count(old) != 1:
                raise Mistake(f"{file} says {text.count(old)} times, not once:\n{old}")
            text = text.replace(old, new) if old else text + new
        path.write_text(text, encoding="utf-8")

    def close(self):
        self.run("schemasync server stop")
        if self.server:
            self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def console(scratch, block, differences):
    """The block with what its commands print now; what differs is added to the list."""
    out = []
    for shown, expected in commands_of(block):
        command = "\n".join([shown[0][2:], *shown[1:]])
        code, printed = scratch.run(command)
        printed = "\n".join(line.rstrip() for line in printed.rstrip("\n").splitlines())
        if code:
            printed += ("\n" if printed else "") + f"(exit {code})"
        if alike(expected, printed):
            printed = expected.rstrip("\n")
        else:
            differences.append(f"$ {command}\n--- the page says\n{expected}\n--- printed\n{printed}")
        out += [*shown, *([printed] if printed else [])]
    return "".join(line + "\n" for line in out)


def run_page(path):
    """(the page as it would be printed now, what differs). Throws Mistake."""
    text = path.read_text(encoding="utf-8")
    opening = OPENING.search(text)
    if opening is None:
        raise Mistake("no <!-- page --> says that this page can be run")
    differences = []
    scratch = Scratch(opening[1].split())

    def part(found):
        if found["hidden"]:
            code, printed = scratch.run(found["hidden"])
            if code:
                raise Mistake(f"exit {code} of the hidden {found['hidden']}\n{printed}")
        elif found["new"]:
            scratch.write(found["new"], found["body"])
        elif found["edited"]:
            scratch.edit(found["edited"], found["body"])
        else:
            body = console(scratch, found["body"], differences)
            return f"```console\n{body}```"
        return found[0]

    try:
        return PART.sub(part, text), differences
    finally:
        scratch.close()


def pages():
    """The documents that can be run."""
    every = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
    return [page for page in every if OPENING.search(page.read_text(encoding="utf-8"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="write what was printed")
    parser.add_argument("pages", nargs="*", type=pathlib.Path, help="default: all that can be run")
    options = parser.parse_args()
    wrong = False
    for page in options.pages or pages():
        try:
            text, differences = run_page(page)
        except Mistake as mistake:
            print(f"{page}: {mistake}")
            wrong = True
            continue
        if options.write and differences:
            page.write_text(text, encoding="utf-8")
            print(f"{page}: written, {len(differences)} commands printed something else")
        elif differences:
            print(f"{page}: {len(differences)} commands print something else")
            print("\n\n".join(differences))
            wrong = True
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
