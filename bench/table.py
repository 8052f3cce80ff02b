#!/usr/bin/env python3
"""Turns the results of bench/run.sh into a Markdown table: bench/table.py FOLDER TABLES."""

import json
import pathlib
import statistics
import sys


def medians(folder, name):
    """The median seconds of each command of one hyperfine run, in their order."""
    results = json.loads((folder / f"{name}.json").read_text())["results"]
    return [statistics.median(result["times"]) for result in results]


def shown(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def main():
    folder, tables = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    many = tables * 10
    plan, dump = medians(folder, f"plan-{tables}")
    plan_many, dump_many = medians(folder, f"plan-{many}")
    apply, psql = medians(folder, f"apply-{tables}")
    apply_many, psql_many = medians(folder, f"apply-{many}")
    first, second, other = medians(folder, "server")
    memory, memory_many = (int((folder / f"memory-{size}").read_text()) / 1024
                           for size in (tables, many))

    rows = [
        (f"plan, nothing to do, {tables:,} tables", shown(plan), f"pg_dump -s: {shown(dump)}",
         plan / dump, 0.5),
        (f"the same, {many:,} tables", shown(plan_many), f"pg_dump -s: {shown(dump_many)}",
         plan_many / dump_many, 0.5),
        (f"plan, {many:,} tables", shown(plan_many), f"{tables:,} tables: {shown(plan)}",
         plan_many / plan, 10),
        (f"apply, {tables:,} new tables", shown(apply), f"psql -1: {shown(psql)}",
         apply / psql, 1.5),
        (f"the same, {many:,} tables", shown(apply_many), f"psql -1: {shown(psql_many)}",
         apply_many / psql_many, 1.5),
        (f"apply, {many:,} new tables", shown(apply_many), f"{tables:,} tables: {shown(apply)}",
         apply_many / apply, 10),
        ("embedded server, second start", shown(second), f"first: {shown(first)}",
         second / first, 1 / 3),
        ("embedded server, another project", shown(other), f"first ever: {shown(first)}",
         other / first, 1 / 3),
    ]
    print("| what | time | against | ratio | at most | |")
    print("|---|--:|--:|--:|--:|---|")
    for what, time, against, ratio, limit in rows:
        print(f"| {what} | {time} | {against} | {ratio:.2f} | {limit:.2f} "
              f"| {'ok' if ratio <= limit else 'over'} |")
    print(f"| peak memory of plan, {tables:,} tables | {memory:.0f} MB | | | 60 MB "
          f"| {'ok' if memory <= 60 else 'over'} |")
    print(f"| peak memory of plan, {many:,} tables | {memory_many:.0f} MB | | | | |")


if __name__ == "__main__":
    main()
