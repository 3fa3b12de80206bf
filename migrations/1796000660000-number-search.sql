-- A search by the shop's number reads the invoices with this number alone, however many others are on file of the same time.
-- migrate:up

-- The same index as before, but it begins with the number: then it serves a search that names no till as well as the look at what one till
-- used before, and issuing pays for no further index.
CREATE INDEX ledger_number_first ON ledger (number_key, terminal_id, business_day) WHERE type IN ('normal', 'advance');
DROP INDEX ledger_number;
ALTER INDEX ledger_number_first RENAME TO ledger_number;
-- The others, which are few and are compared with nothing: a till may give all of them one number.
CREATE INDEX ledger_number_uncounted ON ledger (number_key) WHERE type NOT IN ('normal', 'advance');

-- migrate:down
DROP INDEX ledger_number_uncounted;
CREATE INDEX ledger_number_last ON ledger (terminal_id, number_key, business_day) WHERE type IN ('normal', 'advance');
DROP INDEX ledger_number;
ALTER INDEX ledger_number_last RENAME TO ledger_number;
