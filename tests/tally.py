#!/usr/bin/env python3
"""Adds up what the test runners counted themselves, from meson's testlog.json files.

    python3 tests/tally.py [--also NAME=ok|failed]… TESTLOG.json…

Prints a line a suite and, last, "N passed, N failed". doctest's cases and unittest's tests count
one by one; what has no count of its own counts as one test, by meson's word. Exits 1 when anything
failed, or when nothing ran.
"""

import argparse
import collections
import json
import re
import sys

DOCTEST = re.compile(r"\[doctest\] test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed"
                     r"\s*\|\s*(\d+) skipped")
UNITTEST = re.compile(r"^Ran (\d+) tests? in .*?\n\n(OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$",
                      re.M | re.S)

Count = collections.namedtuple("Count", "passed failed skipped")


def counted(entry):
    """What one entry of testlog.json counted."""
    output = f"{entry.get('stdout') or ''}\n{entry.get('stderr') or ''}"
    good = entry["result"] in ("OK", "EXPECTEDFAIL")
    found = DOCTEST.search(output)
    if found:
        _, passed, failed, skipped = map(int, found.groups())
        return _never_good_by_count_alone(Count(passed, failed, skipped), good)
    found = UNITTEST.search(output)
    if found:
        ran = int(found[1])
        parts = dict(re.findall(r"([a-z ]+)=(\d+)", found[3] or ""))
        parts = {name.strip(): int(number) for name, number in parts.items()}
        # A failed subTest counts as a failure, but not as a test: there may be more than tests.
        failed = (parts.get("failures", 0) + parts.get("errors", 0)
                  + parts.get("unexpected successes", 0))
        skipped = parts.get("skipped", 0)
        return _never_good_by_count_alone(
            Count(max(ran - failed - skipped, 0), failed, skipped), good)
    if entry["result"] == "SKIP":
        return Count(0, 0, 1)
    return Count(int(good), int(not good), 0)


def _never_good_by_count_alone(count, good):
    """A runner that was killed, or crashed after its summary, failed whatever it had counted."""
    return count if good or count.failed else count._replace(failed=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--also", action="append", default=[], metavar="NAME=ok|failed",
                        help="a check that no meson test is")
    parser.add_argument("logs", nargs="*")
    options = parser.parse_args()

    suites = collections.defaultdict(lambda: [0, 0, 0, 0.0])
    failures = []
    for log in options.logs:
        try:
            with open(log, encoding="utf-8") as lines:
                entries = [json.loads(line) for line in lines]
        except FileNotFoundError:
            options.also.append(f"{log}=failed")
            continue
        for entry in entries:
            count = counted(entry)
            # "schemasync:unit / unit": project, suite, test.
            suite, _, name = entry["name"].rpartition(" / ")
            suite = suite.partition(":")[2] or "other"
            total = suites[suite]
            for place, number in enumerate(count):
                total[place] += number
            total[3] += entry.get("duration") or 0
            if count.failed:
                failures.append(f"{suite} / {name} ({entry['result']})")
    for also in options.also:
        name, _, result = also.partition("=")
        suites[name][0 if result == "ok" else 1] += 1
        if result != "ok":
            failures.append(name)

    for suite, (passed, failed, skipped, seconds) in sorted(suites.items()):
        note = f", {skipped} skipped" if skipped else ""
        print(f"  {suite:<12} {passed:>5} passed, {failed} failed{note}   {seconds:.0f} s")
    for failure in failures:
        print(f"  FAILED  {failure}")
    passed, failed = (sum(total[place] for total in suites.values()) for place in (0, 1))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
