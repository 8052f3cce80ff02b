#!/usr/bin/env python3
"""Runs the nine kinds of change on the Expense Tracker and writes docs/walkthrough.md from what was printed.

    python3 docs/walkthrough.py build/schemasync > docs/walkthrough.md

Everything happens in a scratch copy of schemas/, on the embedded server.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/schemasync").resolve()


class Walk:
    def __init__(self, folder):
        self.folder = folder
        self.out = []

    def say(self, text):
        self.out.append(text.strip("\n") + "\n")

    def run(self, command, tail=None):
        """A command as one would type it; only the last `tail` lines of its answer where given."""
        words = command.replace("schemasync", str(BINARY), 1) if command.startswith("schemasync") else command
        done = subprocess.run(words, shell=True, cwd=self.folder, capture_output=True, text=True,
                              env={**os.environ, "NO_COLOR": "1"})
        answer = [line.rstrip() for line in (done.stdout + done.stderr if done.returncode else done.stdout).strip("\n").split("\n")]
        if tail is not None and len(answer) > tail:
            answer = answer[-tail:]
        self.say("```\n$ " + command + "\n" + "\n".join(answer) + ("\n(exit %d)" % done.returncode if done.returncode else "") + "\n```")

    def query(self, sql):
        url = subprocess.run([BINARY, "server", "url"], cwd=self.folder, capture_output=True, text=True).stdout.strip()
        done = subprocess.run(["psql", "-X", "-d", url, "-c", sql], capture_output=True, text=True)
        self.say("```\n$ psql -c '" + sql + "'\n" + (done.stdout + done.stderr).rstrip() + "\n```")

    def silently(self, sql):
        url = subprocess.run([BINARY, "server", "url"], cwd=self.folder, capture_output=True, text=True).stdout.strip()
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql], check=True)

    def edit(self, file, old, new):
        path = self.folder / "schemas" / file
        text = path.read_text()
        changed, count = re.subn(old, new, text, flags=re.M)
        assert count, (file, old)
        path.write_text(changed)
        before = set(text.split("\n"))
        after = set(changed.split("\n"))
        lines = ["- " + line for line in text.split("\n") if line not in after]
        lines += ["+ " + line for line in changed.split("\n") if line not in before]
        self.say("`schemas/%s`:\n\n```diff\n%s\n```" % (file, "\n".join(lines)))

    def write(self, file, text):
        (self.folder / "schemas" / file).write_text(text)
        self.say("`schemas/%s`, new:\n\n```toml\n%s\n```" % (file, text.rstrip()))

    def change(self):
        self.run("schemasync plan")
        self.run("schemasync apply --yes", tail=2)
        self.run("schemasync plan --exit-code", tail=1)


NOTIFICATION = """\
[table.notification]
class = "Notification"

[table.notification.columns]
id                = { type = "serial", primary_key = true }
user_id           = { type = "integer", references = "user.id", index = true }
title             = "varchar"
message           = "varchar"
notification_type = "varchar"
is_read           = { type = "boolean", default = false }
created_at        = "varchar"
read_at           = "varchar?"
"""


def walk(w):
    w.say("# Nine kinds of change, there and back")
    w.say("Each change is an edit of a model file, its plan, its apply and an empty plan. At the end all of them are taken back.\n"
          "This page is written by `docs/walkthrough.py`, which runs every command on it.")
    w.say("The start: eleven tables, made from the models, with rows in each.")
    w.run("schemasync apply --yes", tail=2)
    url = subprocess.run([BINARY, "server", "url"], cwd=w.folder, capture_output=True, text=True).stdout.strip()
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", ROOT / "tests/data/expense_tracker.sql"], check=True)

    w.say("## 1. Add a table")
    w.write("notification.toml", NOTIFICATION)
    w.change()
    w.query("SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = $$notification$$ ORDER BY ordinal_position")

    w.say("## 2. Add nullable columns")
    w.edit("expense.toml", r"^tags .*$", 'tags               = "varchar?"\nnotes              = "varchar?"\nreceipt_url        = "varchar?"')
    w.change()

    w.say("## 3. Add NOT NULL columns\n\nWithout a value for the rows that exist, it is stopped:")
    w.edit("expense.toml", r"^receipt_url .*$", 'receipt_url        = "varchar?"\npriority           = "varchar"')
    w.run("schemasync apply --yes")
    w.say("With defaults:")
    w.edit("expense.toml", r"^priority .*$", 'priority           = { type = "varchar", default = "normal" }\nis_verified        = { type = "boolean", default = false }')
    w.change()

    w.say("## 4. Change a column's type")
    w.edit("expense.toml", r"^amount .*$", 'amount             = "numeric(12,2)"')
    w.edit("creditcard.toml", r"^credit_limit .*$", 'credit_limit    = { type = "numeric(12,2)", check = "credit_limit >= 0" }')
    w.change()
    w.query("SELECT column_name, data_type, numeric_precision, numeric_scale FROM information_schema.columns WHERE table_name = $$expense$$ AND column_name = $$amount$$")

    w.say("## 5. Rename columns")
    w.edit("debitcard.toml", r"^id .*$", 'debit_card_id      = { type = "serial", primary_key = true, renamed_from = "id" }')
    w.edit("debitcard.toml", r"^card_name .*$", 'name               = { type = "varchar", renamed_from = "card_name" }')
    w.change()

    w.say("## 6. Drop a column")
    w.edit("debitcard.toml", r"^daily_limit .*\n", "")
    w.change()

    w.say("## 7. Add a foreign key")
    w.edit("expense.toml", r"^notes .*$", 'notes              = "varchar?"\nreviewed_by        = { type = "integer?", references = { column = "user.id", name = "fk_expense_reviewed_by_user", on_delete = "set null" }, index = true }')
    w.change()

    w.say("## 8. Add unique constraints\n\nWith duplicates in the table it stops, and prints both repairs:")
    w.silently("INSERT INTO public.creditcard (user_id, card_name, last_four, credit_limit, created_at) "
               "SELECT user_id, card_name, last_four, credit_limit, created_at FROM public.creditcard WHERE id = 1")
    w.edit("creditcard.toml", r"\Z", '\n[[table.creditcard.unique]]\ncolumns = ["user_id", "card_name"]\nname    = "uq_creditcard_user_card_name"\n')
    w.run("schemasync plan")
    w.run("schemasync apply --yes", tail=8)
    w.say("After a repair (here the second of the guide's), it goes through:")
    w.silently("UPDATE public.creditcard SET card_name = card_name || ' (' || id || ')' WHERE id IN (SELECT id FROM (SELECT id, row_number() "
               "OVER (PARTITION BY user_id, card_name ORDER BY id) AS rn FROM public.creditcard) t WHERE rn > 1)")
    w.edit("savingsaccount.toml", r"\Z", '\n[[table.savingsaccount.unique]]\ncolumns = ["user_id", "account_name", "bank_name"]\nname    = "uq_savingsaccount_user_account"\n')
    w.run("schemasync apply --yes", tail=2)
    w.query("SELECT conname, contype FROM pg_constraint WHERE conname LIKE $$uq_%$$ ORDER BY conname")

    w.say("## 9. Drop a table")
    w.silently("INSERT INTO public.notification (user_id, title, message, notification_type, created_at) VALUES (1, 'Budget', 'Over it', 'budget_alert', '2026-01-04')")
    (w.folder / "schemas" / "notification.toml").unlink()
    w.say("`schemas/notification.toml` is deleted.")
    w.change()

    w.say("## All the way back")
    w.run("schemasync history")
    w.run("schemasync rollback --steps 1 --yes")
    w.query("SELECT id, title, is_read FROM notification")
    w.run("schemasync rollback --to 0001 --yes")
    w.query("SELECT id, card_name, last_four, daily_limit FROM debitcard ORDER BY id")
    w.query("SELECT id, amount FROM expense ORDER BY id")
    w.run("schemasync status")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="walkthrough."))
    folder.chmod(0o755)
    try:
        shutil.copytree(ROOT / "schemas", folder / "schemas")
        shutil.copy(ROOT / "schemasync.toml", folder)
        subprocess.run([BINARY, "server", "start"], cwd=folder, check=True, capture_output=True)
        w = Walk(folder)
        walk(w)
        print("\n".join(w.out), end="")
    finally:
        subprocess.run([BINARY, "server", "stop"], cwd=folder, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
