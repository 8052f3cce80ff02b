"""The documents are true: each page's commands are run again and print what the page says."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import pages  # noqa: E402


class EveryPage(unittest.TestCase):
    maxDiff = None


def _test_of(page):
    def test(self):
        _, differences = pages.run_page(page)
        if differences:
            self.fail(f"python3 tests/pages.py --write {page.relative_to(pages.ROOT)}\n"
                      + "\n\n".join(differences))
    return test


for _page in pages.pages():
    setattr(EveryPage, "test_" + _page.stem.replace("-", "_"), _test_of(_page))


class TheRunner(unittest.TestCase):
    """A page that is not true is found out."""

    def run_text(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as page:
            page.write(text)
            page.flush()
            return pages.run_page(pathlib.Path(page.name))

    def test_other_output_and_other_exit_codes_are_differences(self):
        text = "<!-- page empty -->\n```console\n$ echo one\ntwo\n$ exit 3\n$ echo three\nthree\n```\n"
        written, differences = self.run_text(text)
        self.assertEqual(len(differences), 2)
        self.assertIn("$ echo one\none\n$ exit 3\n(exit 3)\n$ echo three\nthree\n", written)
        self.assertEqual(self.run_text(written)[1], [])

    def test_times_and_elided_lines_are_none(self):
        text = ("<!-- page empty -->\n```console\n$ echo '12 steps, 39 ms'; seq 9\n"
                "12 steps, 412 ms\n...\n9\n```\n")
        self.assertEqual(self.run_text(text), (text, []))

    def test_an_edit_that_is_not_found_is_a_mistake(self):
        with self.assertRaises(pages.Mistake):
            self.run_text("<!-- page -->\n```diff file=schemas/user.toml\n- nowhere\n+ here\n```\n")

    def test_edits_and_files_are_made(self):
        text = ("<!-- page empty -->\n```toml file=a.toml\nx = 1\ny = 2\n```\n"
                "```diff file=a.toml\n  x = 1\n- y = 2\n+ y = 3\n```\n"
                "```console\n$ cat a.toml\nx = 1\ny = 3\n```\n")
        self.assertEqual(self.run_text(text), (text, []))


if __name__ == "__main__":
    unittest.main(verbosity=2)
