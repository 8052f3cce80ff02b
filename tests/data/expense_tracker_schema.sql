-- The Expense Tracker as its own migration made it: what schemas/*.toml describe, written by hand,
-- so that a test can compare a database built by schemasync with one that was built directly.

CREATE TABLE public."user" (
    id serial PRIMARY KEY,
    username character varying NOT NULL,
    email character varying NOT NULL CHECK (position('@' in email) > 1),
    password_hash character varying NOT NULL,
    full_name character varying,
    currency character varying(3) NOT NULL DEFAULT 'USD',
    is_active boolean NOT NULL DEFAULT true,
    created_at character varying NOT NULL
);
CREATE UNIQUE INDEX ix_user_username ON public."user" (username);
CREATE UNIQUE INDEX ix_user_email ON public."user" (email);
COMMENT ON TABLE public."user" IS 'A person who keeps accounts here. Everything else belongs to one.';
COMMENT ON COLUMN public."user".currency IS 'ISO 4217, for every amount of this user.';

CREATE TABLE public.savingsaccount (
    id serial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES public."user" (id),
    account_name character varying NOT NULL,
    bank_name character varying,
    account_type character varying NOT NULL DEFAULT 'savings'
        CHECK (account_type IN ('savings', 'checking', 'cash')),
    balance double precision NOT NULL DEFAULT 0,
    interest_rate double precision,
    is_active boolean NOT NULL DEFAULT true,
    tags character varying,
    created_at character varying NOT NULL
);
CREATE INDEX ix_savingsaccount_user_id ON public.savingsaccount (user_id);
COMMENT ON TABLE public.savingsaccount IS 'Money that a user has at a bank, or in a jar.';

CREATE TABLE public.savingsaccounttransaction (
    id serial PRIMARY KEY,
    savings_account_id integer NOT NULL REFERENCES public.savingsaccount (id) ON DELETE CASCADE,
    amount double precision NOT NULL,
    transaction_type character varying NOT NULL
        CHECK (transaction_type IN ('deposit', 'withdrawal', 'interest')),
    description character varying,
    balance_after double precision,
    date character varying NOT NULL,
    created_at character varying NOT NULL
);
CREATE INDEX ix_savingsaccounttransaction_savings_account_id
    ON public.savingsaccounttransaction (savings_account_id);
COMMENT ON TABLE public.savingsaccounttransaction
    IS 'One movement on a savings account; goes when the account goes.';

CREATE TABLE public.creditcard (
    id serial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES public."user" (id),
    card_name character varying NOT NULL,
    last_four character varying(4) NOT NULL CHECK (length(last_four) = 4),
    credit_limit double precision NOT NULL CHECK (credit_limit >= 0),
    current_balance double precision NOT NULL DEFAULT 0,
    billing_day integer NOT NULL DEFAULT 1 CHECK (billing_day BETWEEN 1 AND 31),
    due_day integer CHECK (due_day BETWEEN 1 AND 31),
    is_active boolean NOT NULL DEFAULT true,
    tags character varying,
    created_at character varying NOT NULL
);
CREATE INDEX ix_creditcard_user_id ON public.creditcard (user_id);
COMMENT ON TABLE public.creditcard IS 'A credit card with its limit and its billing days.';

CREATE TABLE public.creditcardtransaction (
    id serial PRIMARY KEY,
    credit_card_id integer NOT NULL REFERENCES public.creditcard (id) ON DELETE CASCADE,
    amount double precision NOT NULL,
    transaction_type character varying NOT NULL
        CHECK (transaction_type IN ('charge', 'payment', 'refund')),
    merchant character varying,
    description character varying,
    date character varying NOT NULL,
    created_at character varying NOT NULL
);
CREATE INDEX ix_creditcardtransaction_credit_card_id
    ON public.creditcardtransaction (credit_card_id);
COMMENT ON TABLE public.creditcardtransaction
    IS 'One charge or payment on a credit card; goes when the card goes.';

CREATE TABLE public.debitcard (
    id serial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES public."user" (id),
    card_name character varying NOT NULL,
    last_four character varying(4) NOT NULL CHECK (length(last_four) = 4),
    savings_account_id integer REFERENCES public.savingsaccount (id),
    daily_limit double precision,
    is_active boolean NOT NULL DEFAULT true,
    tags character varying,
    created_at character varying NOT NULL
);
CREATE INDEX ix_debitcard_user_id ON public.debitcard (user_id);
COMMENT ON TABLE public.debitcard
    IS 'A debit card, linked to the savings account that it draws on.';

CREATE TABLE public.budget (
    id serial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES public."user" (id),
    category character varying NOT NULL,
    amount double precision NOT NULL,
    period character varying NOT NULL DEFAULT 'monthly'
        CHECK (period IN ('weekly', 'monthly', 'yearly')),
    start_date character varying NOT NULL,
    end_date character varying,
    is_active boolean NOT NULL DEFAULT true,
    created_at character varying NOT NULL
);
CREATE INDEX ix_budget_user_id ON public.budget (user_id);
COMMENT ON TABLE public.budget IS 'What a user means to spend in a category during a period.';

CREATE TABLE public.expense (
    id serial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES public."user" (id),
    amount double precision NOT NULL,
    description character varying NOT NULL,
    category character varying NOT NULL,
    date character varying NOT NULL,
    payment_method character varying NOT NULL DEFAULT 'cash',
    credit_card_id integer REFERENCES public.creditcard (id),
    savings_account_id integer REFERENCES public.savingsaccount (id),
    tags character varying,
    created_at character varying NOT NULL
);
CREATE INDEX ix_expense_user_id ON public.expense (user_id);
CREATE INDEX ix_expense_category ON public.expense (category);
CREATE INDEX ix_expense_user_id_date ON public.expense (user_id, date DESC);
COMMENT ON TABLE public.expense IS 'Money spent, by cash, by card or from an account.';

CREATE TABLE public.savingsgoal (
    id serial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES public."user" (id),
    name character varying NOT NULL,
    target_amount double precision NOT NULL CHECK (target_amount > 0),
    current_amount double precision NOT NULL DEFAULT 0,
    deadline character varying,
    is_completed boolean NOT NULL DEFAULT false,
    created_at character varying NOT NULL
);
CREATE INDEX ix_savingsgoal_user_id ON public.savingsgoal (user_id);
COMMENT ON TABLE public.savingsgoal IS 'A sum that a user saves up for, and how far it is.';

CREATE TABLE public.asset (
    id serial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES public."user" (id),
    name character varying NOT NULL,
    asset_type character varying NOT NULL,
    purchase_price double precision NOT NULL,
    current_value double precision,
    purchase_date character varying,
    credit_card_id integer REFERENCES public.creditcard (id),
    savings_account_id integer REFERENCES public.savingsaccount (id) ON DELETE SET NULL,
    notes character varying,
    created_at character varying NOT NULL
);
CREATE INDEX ix_asset_user_id ON public.asset (user_id);
CREATE INDEX ix_asset_asset_type ON public.asset (asset_type);
COMMENT ON TABLE public.asset
    IS 'Something of value that a user owns, and how it was paid for.';

CREATE TABLE public.recurringexpensetemplate (
    id serial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES public."user" (id),
    description character varying NOT NULL,
    amount double precision NOT NULL,
    category character varying NOT NULL,
    frequency character varying NOT NULL DEFAULT 'monthly'
        CHECK (frequency IN ('daily', 'weekly', 'monthly', 'yearly')),
    day_of_month integer CHECK (day_of_month BETWEEN 1 AND 31),
    payment_method character varying NOT NULL DEFAULT 'cash',
    start_date character varying NOT NULL,
    end_date character varying,
    is_active boolean NOT NULL DEFAULT true,
    created_at character varying NOT NULL
);
CREATE INDEX ix_recurringexpensetemplate_user_id ON public.recurringexpensetemplate (user_id);
CREATE INDEX ix_recurringexpensetemplate_active
    ON public.recurringexpensetemplate (user_id, start_date) WHERE is_active;
COMMENT ON TABLE public.recurringexpensetemplate
    IS 'An expense that comes back: rent, a subscription. The application makes expenses of it.';
