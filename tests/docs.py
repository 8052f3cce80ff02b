#!/usr/bin/env python3
"""Checks the documents: relative links lead to files and headings that are there, commands shown
are commands that the binary has, and no text speaks of a machine or of work left undone."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(os.environ.get("SCHEMASYNC", ROOT / "build" / "schemasync"))

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.M | re.S)
# `schemasync word`, as a line of a console block or in backquotes.
COMMAND = re.compile(r"(?:^\s*(?:\$ )?|`)(?:build/)?schemasync ([a-z]+)", re.M)
UNWANTED = [
    (re.compile(r"\b(?:TODO|FIXME|XXX)\b"), "work left undone"),
    (re.compile(r"(?:^|[\s(\"'`=])/(?:work|root|home)/"), "a path of one machine"),
]


def documents():
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def anchors(text):
    """The heading names of a page as links write them."""
    for heading in re.findall(r"^#+\s+(.*)$", FENCE.sub("", text), re.M):
        plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).strip().lower()
        yield re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", plain))


def bad_links(path, text):
    for found in LINK.finditer(FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)):
        target = found[1] or found[2]
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        to = (path.parent / file).resolve() if file else path
        if not to.exists():
            yield f"link to {target}: there is no such file"
        elif anchor and to.suffix == ".md" and anchor not in anchors(to.read_text()):
            yield f"link to {target}: there is no such heading"


def known_commands():
    """The words that the binary's own help lists; None without a binary."""
    if not BINARY.exists():
        return None
    usage = subprocess.run([BINARY, "--help"], capture_output=True, text=True, check=False)
    return set(re.findall(r"^\s+([a-z]+)\b", usage.stdout, re.M)) | {"help"}


def mistakes():
    commands = known_commands()
    for path in documents():
        text = path.read_text(encoding="utf-8")
        found = list(bad_links(path, text))
        for pattern, what in UNWANTED:
            found += [f"{what}: {hit[0].strip()!r}" for hit in pattern.finditer(text)]
        if commands is not None:
            shown = "\n".join(fence[0] for fence in FENCE.finditer(text))
            shown += "\n" + "\n".join(re.findall(r"`[^`\n]+`", FENCE.sub("", text)))
            found += [f"schemasync has no command {word!r}"
                      for word in sorted(set(COMMAND.findall(shown)) - commands)]
        yield from (f"{path.relative_to(ROOT)}: {mistake}" for mistake in found)


def main():
    found = list(mistakes())
    print("\n".join(found) if found else f"{len(documents())} documents are in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
