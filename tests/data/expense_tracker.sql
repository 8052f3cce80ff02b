-- Rows for every table of the Expense Tracker, as real ones are: quotes, newlines, other scripts,
-- NULLs, empty strings, floats that a numeric(12,2) cannot hold, gaps in the keys, two accounts
-- that differ in nothing but a NULL. No duplicates that a unique constraint of the guide would
-- refuse: a test that wants them adds them. Keys come from the sequences, so that these move too.

INSERT INTO public."user" (username, email, password_hash, full_name, currency, is_active, created_at) VALUES
    ('life',     'life@example.org',     'x$1', 'Life O''Brien',      'USD', true,  '2026-01-01T08:00:00'),
    ('mårten',   'mårten@example.se',    'x$2', 'Mårten "Mac" Åberg', 'SEK', true,  '2026-01-01T08:05:00'),
    ('さくら',   'sakura@example.jp',    'x$3', '山田 さくら',        'JPY', true,  '2026-01-02T00:00:00'),
    ('gone',     'gone@example.org',     'x$4', NULL,                 'EUR', false, '2026-01-02T09:30:00'),
    ('no\name',  'back\slash@e.example', '',    '',                   'GBP', true,  '2026-01-03T10:00:00');

INSERT INTO public.savingsaccount
    (user_id, account_name, bank_name, account_type, balance, interest_rate, is_active, tags, created_at) VALUES
    (1, 'Emergency fund', 'Chase',         'savings',  12000.10, 0.0425, true,  'rainy,day', '2026-01-01T08:10:00'),
    (1, 'Everyday',       'Chase',         'checking', 2310.005, NULL,   true,  NULL,        '2026-01-01T08:11:00'),
    (1, 'Jar',            NULL,            'cash',     20.1,     NULL,   true,  '',          '2026-01-01T08:12:00'),
    (1, 'Jar',            NULL,            'cash',     0.30000000000000004, NULL, true, NULL, '2026-01-01T08:13:00'),
    (2, 'Sparkonto',      'Ålandsbanken',  'savings',  '-0'::float8,     0.01,   true,  NULL,        '2026-01-01T08:14:00'),
    (3, '普通預金',       'みずほ銀行',    'savings',  1e6,      1e-5,   true,  '銀行',      '2026-01-02T00:01:00'),
    (4, 'Old',            'O''Neil & Sons','savings',  0,        NULL,   false, NULL,        '2026-01-02T09:31:00');

INSERT INTO public.savingsaccounttransaction
    (savings_account_id, amount, transaction_type, description, balance_after, date, created_at) VALUES
    (1, 500,     'deposit',    'Salary, part 1',     12000.10, '2026-01-02', '2026-01-02T12:00:00'),
    (1, 0.1,     'interest',   NULL,                 12000.20, '2026-01-03', '2026-01-03T00:00:00'),
    (2, -150.00, 'withdrawal', E'Rent\n(January)',   2160.005, '2026-01-03', '2026-01-03T09:00:00'),
    (5, 1e-7,    'interest',   'Ränta',              NULL,     '2026-01-03', '2026-01-03T09:01:00'),
    (6, 30000,   'deposit',    '給料',               1030000,  '2026-01-04', '2026-01-04T00:00:00');

INSERT INTO public.creditcard
    (user_id, card_name, last_four, credit_limit, current_balance, billing_day, due_day, is_active, tags, created_at) VALUES
    (1, 'Visa Platinum', '1234', 5000,         150.005,      5,  25,   true,  'main',          '2026-01-01T09:00:00'),
    (1, 'Amex "Gold"',   '0007', 10000.999,    0,            1,  NULL, true,  NULL,            '2026-01-01T09:01:00'),
    (2, 'Visa Platinum', '4321', 149.99999999, '-0'::float8,         31, 15,   true,  '',              '2026-01-01T09:02:00'),
    (3, '楽天カード',    '8888', 300000,       12345.678901, 27, 27,   true,  'ポイント',      '2026-01-02T00:02:00'),
    (4, 'Lost, O''Hara', '0000', 0,            0,            1,  NULL, false, E'a\tb\\c',      '2026-01-02T09:32:00');

INSERT INTO public.creditcardtransaction
    (credit_card_id, amount, transaction_type, merchant, description, date, created_at) VALUES
    (1, 99.95,       'charge',  'Trader Joe''s', NULL,                 '2026-01-02', '2026-01-02T18:00:00'),
    (1, -20,         'refund',  'Café "Été"',    'cold soup',          '2026-01-03', '2026-01-03T18:00:00'),
    (2, 1234.565,    'charge',  'Delta',         'LAX → JFK',          '2026-01-03', '2026-01-03T18:30:00'),
    (3, 100,         'payment', NULL,            '',                   '2026-01-03', '2026-01-03T19:00:00'),
    (4, 3980,        'charge',  'コンビニ',      NULL,                 '2026-01-04', '2026-01-04T01:00:00'),
    (1, 0.005,       'charge',  'half a cent',   NULL,                 '2026-01-04', '2026-01-04T02:00:00');

INSERT INTO public.debitcard
    (user_id, card_name, last_four, savings_account_id, daily_limit, is_active, tags, created_at) VALUES
    (1, 'Chase Debit',     '9012', 2,    NULL,         true,  NULL,          '2026-01-01T10:00:00'),
    (1, 'Spare',           '9013', 1,    500,          true,  'spare,travel','2026-01-01T10:01:00'),
    (2, 'Kort''et',        '0420', 5,    '-0'::float8,         true,  NULL,          '2026-01-01T10:02:00'),
    (3, 'デビット',        '7777', 6,    149.99999999, true,  '',            '2026-01-02T00:03:00'),
    (4, 'Cancelled',       '0001', NULL, 1e20,         false, NULL,          '2026-01-02T09:33:00');

INSERT INTO public.budget (user_id, category, amount, period, start_date, end_date, is_active, created_at) VALUES
    (1, 'groceries', 600,    'monthly', '2026-01-01', NULL,         true,  '2026-01-01T11:00:00'),
    (1, 'travel',    2500.5, 'yearly',  '2026-01-01', '2026-12-31', true,  '2026-01-01T11:01:00'),
    (2, 'mat & hus', 99.99,  'weekly',  '2026-01-05', NULL,         true,  '2026-01-01T11:02:00'),
    (3, '食費',      40000,  'monthly', '2026-01-01', NULL,         false, '2026-01-02T00:04:00');

INSERT INTO public.expense
    (user_id, amount, description, category, date, payment_method, credit_card_id, savings_account_id, tags, created_at) VALUES
    (1, 150.00,            'Weekly groceries',        'groceries', '2026-01-02', 'credit_card', 1,    NULL, 'food',   '2026-01-02T18:01:00'),
    (1, 149.99999999,      'A float''s 150.00',       'groceries', '2026-01-02', 'debit_card',  NULL, 2,    NULL,     '2026-01-02T18:02:00'),
    (1, 150.005,           'Half a cent too much',    'dining',    '2026-01-03', 'cash',        NULL, NULL, '',       '2026-01-03T12:00:00'),
    (2, '-0'::float8,              'Minus nothing',           'other',     '2026-01-03', 'cash',        NULL, NULL, NULL,     '2026-01-03T12:01:00'),
    (2, 12.345,            E'Two\nlines, "quoted"',   'dining',    '2026-01-03', 'credit_card', 3,    NULL, 'a,b',    '2026-01-03T12:02:00'),
    (3, 1980,              '本 📚',                   '本',        '2026-01-04', 'credit_card', 4,    NULL, '趣味',   '2026-01-04T03:00:00'),
    (3, 0.1,               '',                        '',          '2026-01-04', 'transfer',    NULL, 6,    NULL,     '2026-01-04T03:01:00'),
    (4, 0,                 'Nothing at all',          'other',     '2026-01-04', 'cash',        NULL, NULL, NULL,     '2026-01-04T03:02:00'),
    (1, 9007199254740993,  'More than a double holds','other',     '2026-01-04', 'cash',        NULL, NULL, NULL,     '2026-01-04T03:03:00'),
    (1, 20.25,             'Both card and account',   'travel',    '2026-01-04', 'credit_card', 2,    1,    E'\\N',   '2026-01-04T03:04:00');
-- Larger than numeric(12,2) by far: a test that converts every amount deletes it, one that counts
-- failing casts keeps such a row. Here it only makes a gap in the keys.
DELETE FROM public.expense WHERE amount > 1e15;

INSERT INTO public.savingsgoal (user_id, name, target_amount, current_amount, deadline, is_completed, created_at) VALUES
    (1, 'House',        50000,  1200.5, '2030-01-01', false, '2026-01-01T12:00:00'),
    (1, 'Bike',         800,    800,    NULL,         true,  '2026-01-01T12:01:00'),
    (2, 'Båt på Åland', 99999.999, 0,   NULL,         false, '2026-01-01T12:02:00'),
    (3, '旅行',         200000, 10000,  '2026-08-01', false, '2026-01-02T00:05:00');

INSERT INTO public.asset
    (user_id, name, asset_type, purchase_price, current_value, purchase_date, credit_card_id, savings_account_id, notes, created_at) VALUES
    (1, 'Laptop 14"',  'electronics', 1999.99, 1500.5, '2025-11-28', 1,    NULL, 'AppleCare''d', '2026-01-01T13:00:00'),
    (1, 'Car',         'vehicle',     18000,   NULL,   '2020-05-01', NULL, 1,    NULL,           '2026-01-01T13:01:00'),
    (2, 'Segelbåt',    'vehicle',     5e4,     4.2e4,  NULL,         NULL, 5,    E'läcker\nlite','2026-01-01T13:02:00'),
    (3, '着物',        'clothing',    88000,   88000,  '2019-03-03', 4,    NULL, '',             '2026-01-02T00:06:00');

INSERT INTO public.recurringexpensetemplate
    (user_id, description, amount, category, frequency, day_of_month, payment_method, start_date, end_date, is_active, created_at) VALUES
    (1, 'Rent',                1450,   'housing',       'monthly', 1,    'transfer',    '2025-01-01', NULL,         true,  '2026-01-01T14:00:00'),
    (1, 'Netflix & "friends"', 15.49,  'entertainment', 'monthly', 31,   'credit_card', '2024-06-30', NULL,         true,  '2026-01-01T14:01:00'),
    (2, 'Försäkring',          1200.4, 'insurance',     'yearly',  NULL, 'transfer',    '2023-01-01', '2026-12-31', true,  '2026-01-01T14:02:00'),
    (3, '新聞',                4900,   '本',            'monthly', 27,   'cash',        '2020-04-01', NULL,         false, '2026-01-02T00:07:00'),
    (4, 'Coffee, daily',       2.75,   'dining',        'daily',   NULL, 'cash',        '2025-12-01', '2025-12-31', false, '2026-01-02T09:34:00');
