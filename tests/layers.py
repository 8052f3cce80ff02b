#!/usr/bin/env python3
"""Fails when an include climbs a floor or names a library outside its folder.

    python3 tests/layers.py [--root FOLDER]

The floors are those of the tree: what a folder may include stands in MAY_INCLUDE, the folders
that may name a library in LIBRARIES. Everything is read from the #include lines alone.
"""

import argparse
import functools
import pathlib
import re
import sys

FLOORS = [("text",), ("model", "toml", "pg"), ("kinds",),
          ("load", "diff", "plan", "render", "apply", "code", "backup"), ("proof",), ("cli",)]

# Where a folder's own rule is not "every floor below": the whole of what it may include.
EXCEPTIONS = {
    "render": {"text", "model"},
    "code": {"text", "model"},
}
# Folders of one floor know each other only here.
SAME_FLOOR = {
    "plan": {"diff"},
    "apply": {"plan"},
}

# A library, its includes, and the folders that may have them (None: all). A header that names a
# library is for its own folder alone, since it would carry the library to whoever includes it.
LIBRARIES = [
    ("toml++", r"toml\+\+/.*|toml\.hpp", {"toml"}),
    ("libpqxx", r"pqxx/.*|pqxx", {"pg"}),
    ("libpq", r"libpq-fe\.h|postgresql/.*|libpq/.*|pg_config.*", {"pg"}),
    ("CLI11", r"CLI/.*|CLI11\.hpp", {"cli"}),
    ("dtl", r"dtl/.*", {"render"}),
    ("OpenSSL", r"openssl/.*", {"text"}),
    ("libgit2", r"git2(/.*|\.h)", {"code"}),
    ("doctest", r"doctest.*", set()),
    # json.hpp takes seconds in every file that sees it; json_fwd.hpp only declares.
    ("nlohmann_json", r"nlohmann/(?!json_fwd\.hpp).*", None),
]
# Too heavy even for the headers of its own folder.
NEVER_IN_HEADERS = {"CLI11", "dtl", "nlohmann_json"}

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
_COMMENT = re.compile(r"/\*.*?\*/", re.S)


def may_include():
    """folder -> the folders whose headers it may include, itself among them."""
    allowed, below = {}, set()
    for floor in FLOORS:
        for folder in floor:
            allowed[folder] = EXCEPTIONS.get(folder, below) | SAME_FLOOR.get(folder, set()) | {folder}
        below = below | set(floor)
    return allowed


def mistakes_in(source):
    """Lines "file:line: what is wrong" for every .hpp and .cpp below `source`."""
    allowed = may_include()
    for path in sorted([*source.rglob("*.hpp"), *source.rglob("*.cpp")]):
        relative = path.relative_to(source)
        folder = relative.parts[0] if len(relative.parts) > 1 else None
        if folder is not None and folder not in allowed:
            yield f"{relative}: folder {folder}/ has no floor; give it one in tests/layers.py"
            continue
        text = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), path.read_text())
        if path.suffix == ".hpp" and "#pragma once" not in text:
            yield f"{relative}: a header without #pragma once"
        includes = [(text.count("\n", 0, found.start()) + 1, found[1] == '"', found[2])
                    for found in _INCLUDE.finditer(text)]
        for line, quoted, name in includes:
            wrong = (_wrong_own(source, folder, name, allowed) if quoted
                     else _wrong_library(path, folder, name))
            if wrong:
                yield f"{relative}:{line}: {wrong}"
        yield from _own_header_first(source, relative, includes)


def _wrong_own(source, folder, name, allowed):
    header = source / name
    if ".." in name or not header.exists():
        return f'"{name}" is not a file below src/; own headers are written from there'
    other = name.split("/")[0]
    # main.cpp, on top of all floors, may include any of them.
    if folder is not None and other not in allowed[folder]:
        return f'{folder}/ may not include "{name}"; it may: {", ".join(sorted(allowed[folder]))}'
    if folder != other:
        for library in _libraries_named_by(header):
            return f'"{name}" names {library}, so it is for {other}/ alone'
    return None


@functools.lru_cache(maxsize=None)
def _libraries_named_by(header):
    """The libraries of a header's own includes."""
    names = [found[2] for found in _INCLUDE.finditer(header.read_text()) if found[1] == "<"]
    return [library for library, pattern, _ in LIBRARIES
            if any(re.fullmatch(pattern, name) for name in names)]


def _wrong_library(path, folder, name):
    for library, pattern, folders in LIBRARIES:
        if not re.fullmatch(pattern, name):
            continue
        if folders is not None and folder not in folders:
            where = " and ".join(f"{allowed}/" for allowed in sorted(folders)) or "tests"
            return f"<{name}>: only {where} may name {library}"
        if path.suffix == ".hpp" and library in NEVER_IN_HEADERS:
            return f"<{name}>: {library} stays out of headers"
    return None


def _own_header_first(source, relative, includes):
    own = relative.with_suffix(".hpp")
    if relative.suffix == ".cpp" and (source / own).exists():
        if not includes or includes[0][2] != str(own):
            yield f'{relative}: its own header "{own}" is not included first'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    source = parser.parse_args().root / "src"
    mistakes = list(mistakes_in(source))
    print("\n".join(mistakes) if mistakes else "every include stays on its floors")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
