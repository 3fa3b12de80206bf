-- The shop's number as it is compared, so that a number that a till used before is found (warning number_used_before).
-- migrate:up

-- Without spaces, in one case and one composition (numberKey of packages/protocol, which this comes close to). Null where a server of an
-- earlier version writes a row while this is applied: such a row is not found by its number.
ALTER TABLE ledger ADD COLUMN number_key text;
UPDATE ledger SET number_key = lower(regexp_replace(normalize(number, NFKC), '\s+', '', 'g'));

-- Of one till, of one year: what counts in turnover alone.
CREATE INDEX ledger_number ON ledger (terminal_id, number_key, business_day) WHERE type IN ('normal', 'advance');

-- The signal of numbers that were used again reads these warnings alone.
CREATE INDEX invoice_warning_number ON invoice_warning (sequence) WHERE warning = 'number_used_before';

-- migrate:down
DROP INDEX invoice_warning_number;
DROP INDEX ledger_number;
ALTER TABLE ledger DROP COLUMN number_key;
