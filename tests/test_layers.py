"""The layer check must find what it is there for: each case is one file of a small tree."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import layers  # noqa: E402

HEADERS = ["text/sql.hpp", "model/plan.hpp", "toml/file.hpp", "pg/connection.hpp",
           "kinds/kind.hpp", "load/models.hpp", "diff/differ.hpp", "plan/planner.hpp",
           "render/text.hpp", "apply/executor.hpp", "proof/proof.hpp", "cli/plan.hpp"]

# file, what it includes -> the words of the complaint; None where it is fine.
CASES = [
    ("kinds/enum.cpp", '"text/sql.hpp"', None),
    ("kinds/enum.cpp", '"pg/connection.hpp"', None),
    ("text/sql.cpp", '"model/plan.hpp"', "text/ may not include"),
    ("model/plan.cpp", '"pg/connection.hpp"', "model/ may not include"),
    ("model/plan.cpp", '"toml/file.hpp"', "model/ may not include"),
    ("kinds/enum.cpp", '"diff/differ.hpp"', "kinds/ may not include"),
    ("render/json.cpp", '"kinds/kind.hpp"', "render/ may not include"),
    ("render/json.cpp", '"pg/connection.hpp"', "render/ may not include"),
    ("render/json.cpp", '"model/plan.hpp"', None),
    ("plan/order.cpp", '"diff/differ.hpp"', None),
    ("diff/renames.cpp", '"plan/planner.hpp"', "diff/ may not include"),
    ("apply/lock.cpp", '"plan/planner.hpp"', None),
    ("apply/lock.cpp", '"diff/differ.hpp"', "apply/ may not include"),
    ("load/catalog.cpp", '"diff/differ.hpp"', "load/ may not include"),
    ("proof/judge.cpp", '"apply/executor.hpp"', None),
    ("apply/lock.cpp", '"proof/proof.hpp"', "apply/ may not include"),
    ("cli/check.cpp", '"proof/proof.hpp"', None),
    ("main.cpp", '"cli/plan.hpp"', None),
    ("kinds/enum.cpp", '"sql.hpp"', "is not a file below src/"),
    ("kinds/enum.cpp", '"../text/sql.hpp"', "is not a file below src/"),
    ("load/file.cpp", "<toml++/toml.h>", "only toml/ may name toml++"),
    ("toml/file.cpp", "<toml++/toml.h>", "own header"),
    ("apply/lock.cpp", "<pqxx/pqxx>", "only pg/ may name libpqxx"),
    ("apply/lock.cpp", "<libpq-fe.h>", "only pg/ may name libpq"),
    ("pg/rows.hpp", "<pqxx/result>", None),
    ("pg/pool.cpp", '"pg/result.hpp"', None),
    ("load/catalog.cpp", '"pg/result.hpp"', "names libpqxx, so it is for pg/ alone"),
    ("pg/pool.cpp", "<pqxx/pqxx>", None),
    ("render/text2.cpp", "<CLI/CLI.hpp>", "only cli/ may name CLI11"),
    ("plan/text.cpp", "<dtl/dtl.hpp>", "only render/ may name dtl"),
    ("model/value.hpp", "<nlohmann/json.hpp>", "stays out of headers"),
    ("model/value.hpp", "<nlohmann/json_fwd.hpp>", None),
    ("model/value.cpp", "<nlohmann/json.hpp>", None),
    ("extra/thing.cpp", '"text/sql.hpp"', "has no floor"),
    ("kinds/enum.cpp", "<pqxx/connection>", "only pg/"),
]


class Layers(unittest.TestCase):
    def complaints(self, file, include, complaint):
        with tempfile.TemporaryDirectory() as root:
            source = pathlib.Path(root)
            for header in HEADERS:
                (source / header).parent.mkdir(parents=True, exist_ok=True)
                (source / header).write_text("#pragma once\n")
            (source / "pg/result.hpp").write_text("#pragma once\n#include <pqxx/result>\n")
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            once = "#pragma once\n" if file.endswith(".hpp") else ""
            own = pathlib.Path(file).with_suffix(".hpp")
            wants_own = str(own) in HEADERS and complaint != "own header"
            first = f'#include "{own}"\n' if file.endswith(".cpp") and wants_own else ""
            (source / file).write_text(f"{once}{first}#include {include}\n")
            return list(layers.mistakes_in(source))

    def test_each_include_is_judged(self):
        for file, include, complaint in CASES:
            with self.subTest(f"{file} includes {include}"):
                found = self.complaints(file, include, complaint)
                if complaint is None:
                    self.assertEqual(found, [])
                else:
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(complaint, found[0])

    def test_a_header_without_pragma_once_is_named(self):
        with tempfile.TemporaryDirectory() as root:
            path = pathlib.Path(root, "text", "sql.hpp")
            path.parent.mkdir()
            path.write_text("/* #pragma */\nint x;\n")
            self.assertIn("#pragma once", next(layers.mistakes_in(pathlib.Path(root))))

    def test_an_include_in_a_comment_does_not_count(self):
        with tempfile.TemporaryDirectory() as root:
            path = pathlib.Path(root, "text", "sql.cpp")
            path.parent.mkdir()
            path.write_text('/*\n#include "model/plan.hpp"\n*/\n// #include <pqxx/pqxx>\n')
            self.assertEqual(list(layers.mistakes_in(pathlib.Path(root))), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
