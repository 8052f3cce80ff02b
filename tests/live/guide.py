"""The nine changes of the migration guide, as the models' edits and as the DDL that the guide's own
migrations run, and the guide's verification queries, word by word, with their results.

A scenario is one edit of the model files. `direct` is what a person would run instead: a database
changed by it is what a database changed by schemasync must equal, names included.
"""

import dataclasses
from typing import Callable

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

NOTIFICATION_ROWS = """
INSERT INTO public.notification (user_id, title, message, notification_type, is_read, created_at, read_at)
SELECT id, 'Hello ' || username, E'one\\ntwo, "three"', 'info', id % 2 = 0, '2026-01-04', NULLIF('', '')
  FROM public."user";
DELETE FROM public.notification WHERE id = 2;
"""

# The end of schemas/expense.toml's columns, where a new one goes.
EXPENSE_END = 'tags               = "varchar?"\ncreated_at         = "varchar"\n'


def add_notification(project):
    project.write("schemas/notification.toml", NOTIFICATION)


def add_nullable_columns(project):
    project.edit("schemas/expense.toml", EXPENSE_END,
                 EXPENSE_END + 'notes = "varchar?"\nreceipt_url = "varchar?"\n')


def add_required_columns(project):
    project.edit("schemas/expense.toml", EXPENSE_END,
                 EXPENSE_END + 'priority = { type = "varchar", default = "normal" }\n'
                 "is_verified = { type = \"boolean\", default = false }\n")


def change_types(project):
    project.edit("schemas/expense.toml", 'amount             = "double precision"',
                 'amount             = "numeric(12,2)"')
    project.edit("schemas/creditcard.toml", 'credit_limit    = { type = "double precision"',
                 'credit_limit    = { type = "numeric(12,2)"')


def rename_columns(project):
    project.edit("schemas/debitcard.toml", 'id                 = { type = "serial", ',
                 'debit_card_id = { type = "serial", renamed_from = "id", ')
    project.edit("schemas/debitcard.toml", 'card_name          = "varchar"',
                 'name = { type = "varchar", renamed_from = "card_name" }')


def drop_column(project):
    project.edit("schemas/debitcard.toml", 'daily_limit        = "double precision?"\n', "")


def add_foreign_key(project):
    project.edit("schemas/expense.toml", "\n[[table.expense.index]]",
                 'reviewed_by = { type = "integer?", references = { column = "user.id", '
                 'name = "fk_expense_reviewed_by_user", on_delete = "set null" }, '
                 'index = "ix_expense_reviewed_by" }\n\n[[table.expense.index]]')


def add_unique_constraints(project):
    project.append("schemas/creditcard.toml", """
[[table.creditcard.unique]]
columns = ["user_id", "card_name"]
name    = "uq_creditcard_user_card_name"
""")
    project.append("schemas/savingsaccount.toml", """
[[table.savingsaccount.unique]]
columns = ["user_id", "account_name", "bank_name"]
name    = "uq_savingsaccount_user_account"
""")


def drop_notification(project):
    project.remove("schemas/notification.toml")


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    edit: Callable
    direct: str
    before: str = ""  # SQL: what has to be there for the change to be one
    edit_before: Callable = None
    # (rule, base risk, words of the strategy, words of the backup) of each change that it makes
    changes: tuple = ()


ADD_NOTIFICATION_SQL = """
CREATE TABLE public.notification (
    id serial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES public."user" (id),
    title varchar NOT NULL,
    message varchar NOT NULL,
    notification_type varchar NOT NULL,
    is_read boolean NOT NULL DEFAULT false,
    created_at varchar NOT NULL,
    read_at varchar);
CREATE INDEX ix_notification_user_id ON public.notification (user_id);
"""

SCENARIOS = (
    Scenario("add table", add_notification, ADD_NOTIFICATION_SQL,
             changes=(("table.add", "low", "simple CREATE TABLE", "database"),)),
    Scenario("add nullable columns", add_nullable_columns,
             "ALTER TABLE public.expense ADD notes varchar, ADD receipt_url varchar;",
             changes=(("column.add", "low", "simple ADD COLUMN", "database"),) * 2),
    Scenario("add required columns", add_required_columns,
             "ALTER TABLE public.expense ADD priority varchar NOT NULL DEFAULT 'normal',"
             " ADD is_verified boolean NOT NULL DEFAULT false;",
             changes=(("column.add.not_null", "medium", "DEFAULT", "database"),) * 2),
    Scenario("change types", change_types,
             "ALTER TABLE public.expense ALTER amount TYPE numeric(12,2) USING amount::numeric(12,2);"
             "ALTER TABLE public.creditcard ALTER credit_limit TYPE numeric(12,2)"
             " USING credit_limit::numeric(12,2);"
             # What a person forgets, and who builds the database directly does not have: the cast
             # of the old type that stays in the check.
             "ALTER TABLE public.creditcard DROP CONSTRAINT creditcard_credit_limit_check,"
             " ADD CONSTRAINT creditcard_credit_limit_check CHECK (credit_limit >= 0);",
             changes=(("check.recreate", "low", "", ""),
                      ("column.type", "high", "USING", "creditcard (the table too)"),
                      ("column.type", "high", "USING", "expense (the table too)"))),
    Scenario("rename columns", rename_columns,
             "ALTER TABLE public.debitcard RENAME id TO debit_card_id;"
             "ALTER TABLE public.debitcard RENAME card_name TO name;"
             "ALTER SEQUENCE public.debitcard_id_seq RENAME TO debitcard_debit_card_id_seq;",
             changes=(("column.rename", "high", "rename", "code"),) * 2),
    Scenario("drop column", drop_column, "ALTER TABLE public.debitcard DROP daily_limit;",
             changes=(("column.drop", "medium", "verify dependencies", "export"),)),
    Scenario("add foreign key", add_foreign_key,
             "ALTER TABLE public.expense ADD reviewed_by integer,"
             " ADD CONSTRAINT fk_expense_reviewed_by_user FOREIGN KEY (reviewed_by)"
             ' REFERENCES public."user" (id) ON DELETE SET NULL;'
             "CREATE INDEX ix_expense_reviewed_by ON public.expense (reviewed_by);",
             changes=(("column.add", "low", "simple ADD COLUMN", "database"),
                      ("foreign_key.add", "medium", "verify data consistency first", "database"),
                      ("index.add", "low", "CREATE INDEX", "database"))),
    Scenario("add unique constraints", add_unique_constraints,
             "ALTER TABLE public.creditcard"
             " ADD CONSTRAINT uq_creditcard_user_card_name UNIQUE (user_id, card_name);"
             "ALTER TABLE public.savingsaccount ADD CONSTRAINT uq_savingsaccount_user_account"
             " UNIQUE (user_id, account_name, bank_name);",
             changes=(("unique.add", "high", "check for duplicates first", "duplicate check"),) * 2),
    Scenario("drop table", drop_notification, "DROP TABLE public.notification;",
             before=ADD_NOTIFICATION_SQL + NOTIFICATION_ROWS, edit_before=add_notification,
             changes=(("table.drop", "high", "move", "full export"),)),
)

# -- the guide's verification queries, as they stand, with heading and rows of their results

QUERY_1 = """\
SELECT column_name, data_type, is_nullable 
FROM information_schema.columns 
WHERE table_name = 'notification';
"""
RESULT_1 = [["id", "integer", "NO"], ["user_id", "integer", "NO"],
            ["title", "character varying", "NO"], ["message", "character varying", "NO"],
            ["notification_type", "character varying", "NO"], ["is_read", "boolean", "NO"],
            ["created_at", "character varying", "NO"], ["read_at", "character varying", "YES"]]

QUERY_2 = "SELECT id, description, notes, receipt_url FROM expense;"

QUERY_4 = """\
SELECT column_name, data_type, numeric_precision, numeric_scale 
FROM information_schema.columns 
WHERE table_name = 'expense' AND column_name = 'amount';
"""
RESULT_4 = [["amount", "numeric", "12", "2"]]

QUERY_6 = "SELECT column_name FROM information_schema.columns WHERE table_name = 'debitcard';"
RESULT_6 = [["debit_card_id"], ["user_id"], ["name"], ["last_four"], ["savings_account_id"],
            ["is_active"], ["tags"], ["created_at"]]
EXPORT_6 = "COPY (SELECT id, daily_limit FROM debitcard) TO STDOUT WITH CSV HEADER"

ORPHANS_7 = """\
-- If adding FK to existing column with data
SELECT * FROM expense WHERE reviewed_by NOT IN (SELECT id FROM "user");
"""
QUERY_7 = """\
SELECT
    tc.constraint_name,
    kcu.column_name,
    ccu.table_name AS foreign_table_name
FROM information_schema.table_constraints AS tc
JOIN information_schema.key_column_usage AS kcu ON tc.constraint_name = kcu.constraint_name
JOIN information_schema.constraint_column_usage AS ccu ON ccu.constraint_name = tc.constraint_name
WHERE tc.constraint_type = 'FOREIGN KEY' AND tc.table_name = 'expense';
"""
RESULT_7 = [["expense_user_id_fkey", "user_id", "user"],
            ["expense_credit_card_id_fkey", "credit_card_id", "creditcard"],
            ["expense_savings_account_id_fkey", "savings_account_id", "savingsaccount"],
            ["fk_expense_reviewed_by_user", "reviewed_by", "user"]]

DUPLICATES_8 = """\
-- Must return 0 rows before proceeding!
SELECT user_id, card_name, COUNT(*) 
FROM creditcard 
GROUP BY user_id, card_name 
HAVING COUNT(*) > 1;
"""
# The guide's second repair.
MAKE_DISTINCT_8 = """\
UPDATE creditcard 
SET card_name = card_name || ' (' || id || ')' 
WHERE id IN (
    SELECT id FROM (
        SELECT id, ROW_NUMBER() OVER (PARTITION BY user_id, card_name ORDER BY id) as rn
        FROM creditcard
    ) t WHERE rn > 1
);
"""
QUERY_8 = "SELECT conname, contype FROM pg_constraint WHERE conname LIKE 'uq_%';"
RESULT_8 = [["uq_creditcard_user_card_name", "u"], ["uq_savingsaccount_user_account", "u"]]

DEPENDENTS_9 = """\
SELECT
    tc.table_name, 
    kcu.column_name, 
    ccu.table_name AS foreign_table_name
FROM information_schema.table_constraints AS tc
JOIN information_schema.key_column_usage AS kcu ON tc.constraint_name = kcu.constraint_name
JOIN information_schema.constraint_column_usage AS ccu ON ccu.constraint_name = tc.constraint_name
WHERE tc.constraint_type = 'FOREIGN KEY' AND ccu.table_name = 'notification';
"""
QUERY_9 = "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'notification');"
