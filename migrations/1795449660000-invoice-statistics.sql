-- What reports say of the ledger, kept as sums, and the invoices that tills say still wait (docs/decisions/0014).
-- migrate:up

-- The transaction that wrote a row. Everything below pg_snapshot_xmin is committed or gone for ever, so that it can be taken
-- over into the sums exactly once, however long a transaction lasted. What was there before counts as written by this migration.
ALTER TABLE ledger ADD COLUMN recorded_in xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE refused_invoice ADD COLUMN recorded_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX ledger_recorded ON ledger (recorded_in, sequence);
CREATE INDEX refused_invoice_recorded ON refused_invoice (recorded_in, refused_id);
-- For the minutes at the edges of a period. Costs the issuing path next to nothing, unlike an index with an entry for each row;
-- minmax_multi, because invoices that waited in a till lie scattered among those of the day.
CREATE INDEX ledger_issued ON ledger USING brin (issued_at timestamptz_minmax_multi_ops) WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX refused_invoice_refused ON refused_invoice USING brin (refused_at timestamptz_minmax_multi_ops) WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX refused_invoice_named ON refused_invoice (terminal_id, invoice_id) WHERE invoice_id IS NOT NULL;

-- Up to here the sums below hold every row of the source, in the order of recorded_in and number.
CREATE TABLE invoice_statistics_mark (
  source text PRIMARY KEY CHECK (source IN ('ledger', 'refused_invoice')),
  recorded_in xid8 NOT NULL,
  number bigint NOT NULL
);
INSERT INTO invoice_statistics_mark VALUES ('ledger', '0', 0), ('refused_invoice', '0', 0);

-- Sums of figures by time of sale. `unit` is the id at its level, empty at level all; `start` is the beginning of the grain in UTC.
CREATE TABLE invoice_statistics (
  level text COLLATE "C" NOT NULL CHECK (level IN ('all', 'region', 'taxpayer', 'premises', 'terminal')),
  unit text COLLATE "C" NOT NULL,
  figure text COLLATE "C" NOT NULL,
  grain text COLLATE "C" NOT NULL CHECK (grain IN ('quarter', 'hour', 'day')),
  start timestamptz(0) NOT NULL,
  label text COLLATE "C" NOT NULL,
  door text COLLATE "C" NOT NULL,
  times bigint NOT NULL,
  base numeric NOT NULL,
  amount numeric NOT NULL,
  longest_ms bigint NOT NULL,
  PRIMARY KEY (level, unit, figure, grain, start, label, door)
) WITH (fillfactor = 80);

-- Tax rows of signed bytes. Content is checked before it is stored; should one be unreadable all the same, its tax is not known,
-- and it holds up no other.
CREATE FUNCTION taxes_of(payload bytea) RETURNS TABLE (category text, rate text, base numeric, amount numeric)
LANGUAGE plpgsql IMMUTABLE ROWS 2 AS $$
BEGIN
  RETURN QUERY
    SELECT tax.category,
           CASE WHEN tax.rate LIKE '%.%' THEN rtrim(rtrim(tax.rate, '0'), '.') ELSE tax.rate END,
           tax.base, tax.amount
    FROM json_to_recordset(convert_from(payload, 'UTF8')::json -> 'taxes')
      AS tax(category text, rate text, base numeric, amount numeric)
    WHERE tax.category IS NOT NULL AND tax.rate IS NOT NULL AND tax.base IS NOT NULL AND tax.amount IS NOT NULL;
EXCEPTION
  WHEN data_exception OR program_limit_exceeded OR invalid_parameter_value THEN RETURN;
END
$$;

-- What each row of the ledger adds to which figure. The one definition: the sums are made of it, and what they do not hold yet
-- is read through it. A refund or void takes its magnitude back, whichever sign a till gave it.
--   invoices  type/kind/currency   amount: the total
--   tax       currency/category/rate   base and amount, fiscal receipts only
--   flagged   invoices with a warning; warning  each kind of warning
--   waited    by bucket of the time from sale to code, reissued invoices only
CREATE VIEW invoice_figure AS
WITH fact AS NOT MATERIALIZED (
  SELECT ledger.recorded_in, ledger.sequence AS number, ledger.registered_at, ledger.issued_at AS at,
         ledger.terminal_id, ledger.premises_id, ledger.taxpayer_id, COALESCE(premises.region, '') AS region, ledger.door,
         ledger.type, ledger.kind, ledger.currency, ledger.total,
         ledger.type IN ('normal', 'advance') AS is_fiscal,
         GREATEST(0, floor(extract(epoch FROM ledger.registered_at - ledger.issued_at) * 1000))::bigint AS waited_ms
  FROM ledger LEFT JOIN premises ON premises.premises_id = ledger.premises_id
)
SELECT recorded_in, number, at, terminal_id, premises_id, taxpayer_id, region, door, 'invoices' AS figure,
       type || '/' || kind || '/' || currency AS label, 1::bigint AS times, 0::numeric AS base,
       CASE WHEN kind = 'sale' THEN total ELSE -abs(total) END::numeric AS amount, 0::bigint AS longest_ms
FROM fact
UNION ALL
SELECT fact.recorded_in, fact.number, fact.at, fact.terminal_id, fact.premises_id, fact.taxpayer_id, fact.region, fact.door, 'tax',
       fact.currency || '/' || tax.category || '/' || tax.rate, 1,
       CASE WHEN fact.kind <> 'sale' AND fact.total > 0 THEN -tax.base ELSE tax.base END,
       CASE WHEN fact.kind <> 'sale' AND fact.total > 0 THEN -tax.amount ELSE tax.amount END, 0
FROM fact
JOIN content ON content.sequence = fact.number AND content.registered_at = fact.registered_at
CROSS JOIN LATERAL taxes_of(content.payload) AS tax
WHERE fact.is_fiscal
UNION ALL
SELECT fact.recorded_in, fact.number, fact.at, fact.terminal_id, fact.premises_id, fact.taxpayer_id, fact.region, fact.door, 'flagged',
       '', 1, 0, 0, 0
FROM fact
WHERE fact.is_fiscal AND EXISTS (SELECT FROM invoice_warning WHERE invoice_warning.sequence = fact.number)
UNION ALL
SELECT fact.recorded_in, fact.number, fact.at, fact.terminal_id, fact.premises_id, fact.taxpayer_id, fact.region, fact.door, 'warning',
       invoice_warning.warning, 1, 0, 0, 0
FROM fact JOIN invoice_warning ON invoice_warning.sequence = fact.number
WHERE fact.is_fiscal
UNION ALL
SELECT recorded_in, number, at, terminal_id, premises_id, taxpayer_id, region, door, 'waited',
       CASE WHEN waited_ms < 1 THEN 0 ELSE 1 + floor(ln(waited_ms::float8) / ln(1.25::float8)) END::integer::text, 1, 0, 0, waited_ms
FROM fact
WHERE is_fiscal AND door = 'reissue';

-- What was refused, by cause. The time of sale of what can't be believed is not known: it counts when it was refused.
CREATE VIEW refusal_figure AS
SELECT refused_invoice.recorded_in, refused_invoice.refused_id AS number, refused_invoice.refused_at AS at,
       terminal.terminal_id, terminal.premises_id, terminal.taxpayer_id, COALESCE(premises.region, '') AS region, refused_invoice.door,
       'refused' AS figure, refused_invoice.cause AS label, 1::bigint AS times, 0::numeric AS base, 0::numeric AS amount,
       0::bigint AS longest_ms
FROM refused_invoice
JOIN terminal ON terminal.terminal_id = refused_invoice.terminal_id
LEFT JOIN premises ON premises.premises_id = terminal.premises_id;

-- Invoices of which a till's entries say that they were stored offline, or refused, and that had no code when an entry came.
-- Few: what has its code by now is cleared away. No `first_at`: no entry says that it waited, only that it was refused.
CREATE TABLE waiting_invoice (
  terminal_id text NOT NULL REFERENCES terminal,
  invoice_id uuid NOT NULL,
  first_at timestamptz(3),
  last_at timestamptz(3),
  last_cause text,
  attempts integer NOT NULL,
  is_refused boolean NOT NULL,
  PRIMARY KEY (terminal_id, invoice_id)
);
CREATE INDEX waiting_invoice_first ON waiting_invoice (first_at);

-- With the entries, in their transaction, whoever stores them. Entries come after the reissue as a rule, so most are settled by then.
CREATE FUNCTION note_waiting_invoices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO waiting_invoice AS known (terminal_id, invoice_id, first_at, last_at, last_cause, attempts, is_refused)
  SELECT entry.terminal_id, entry.invoice_id, min(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         max(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         (array_agg(entry.cause ORDER BY entry.at DESC) FILTER (WHERE entry.outcome <> 'refused'))[1],
         count(*) FILTER (WHERE entry.outcome <> 'refused'), bool_or(entry.outcome = 'refused')
  FROM new_entry AS entry
  WHERE entry.outcome IN ('failed', 'deferred', 'not_authenticated', 'refused')
    AND NOT EXISTS (
      SELECT FROM ledger WHERE ledger.terminal_id = entry.terminal_id AND ledger.invoice_id = entry.invoice_id
    )
  GROUP BY entry.terminal_id, entry.invoice_id
  ORDER BY entry.terminal_id, entry.invoice_id
  ON CONFLICT (terminal_id, invoice_id) DO UPDATE
    SET first_at = LEAST(known.first_at, EXCLUDED.first_at),
        last_at = GREATEST(known.last_at, EXCLUDED.last_at),
        last_cause = CASE WHEN known.last_at > EXCLUDED.last_at THEN known.last_cause ELSE COALESCE(EXCLUDED.last_cause, known.last_cause) END,
        attempts = known.attempts + EXCLUDED.attempts,
        is_refused = known.is_refused OR EXCLUDED.is_refused;
  RETURN NULL;
END
$$;
CREATE TRIGGER note_waiting_invoices AFTER INSERT ON transaction_log_entry
  REFERENCING NEW TABLE AS new_entry FOR EACH STATEMENT EXECUTE FUNCTION note_waiting_invoices();

-- Reports go by the region in which premises stand now. When the operator corrects it, their sums go along. No roll-up runs meanwhile.
CREATE FUNCTION move_invoice_statistics() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('invoice_statistics'));
  INSERT INTO invoice_statistics AS kept (level, unit, figure, grain, start, label, door, times, base, amount, longest_ms)
  SELECT 'region', NEW.region, figure, grain, start, label, door, times, base, amount, longest_ms
  FROM invoice_statistics WHERE level = 'premises' AND unit = NEW.premises_id
  ON CONFLICT (level, unit, figure, grain, start, label, door) DO UPDATE
    SET times = kept.times + EXCLUDED.times, base = kept.base + EXCLUDED.base, amount = kept.amount + EXCLUDED.amount,
        longest_ms = GREATEST(kept.longest_ms, EXCLUDED.longest_ms);
  UPDATE invoice_statistics AS kept
  SET times = kept.times - moved.times, base = kept.base - moved.base, amount = kept.amount - moved.amount,
      -- A longest time can't be taken away: it is looked for among those that stay.
      longest_ms = CASE WHEN kept.longest_ms = 0 THEN 0 ELSE COALESCE((
        SELECT max(staying.longest_ms)
        FROM premises JOIN invoice_statistics AS staying ON staying.level = 'premises' AND staying.unit = premises.premises_id
        WHERE premises.region = OLD.region AND staying.grain = kept.grain AND staying.start = kept.start
          AND staying.figure = kept.figure AND staying.label = kept.label AND staying.door = kept.door), 0) END
  FROM invoice_statistics AS moved
  WHERE moved.level = 'premises' AND moved.unit = NEW.premises_id AND kept.level = 'region' AND kept.unit = OLD.region
    AND kept.grain = moved.grain AND kept.start = moved.start
    AND kept.figure = moved.figure AND kept.label = moved.label AND kept.door = moved.door;
  DELETE FROM invoice_statistics WHERE level = 'region' AND unit = OLD.region AND times = 0;
  RETURN NULL;
END
$$;
CREATE TRIGGER move_invoice_statistics AFTER UPDATE OF region ON premises
  FOR EACH ROW WHEN (OLD.region <> NEW.region) EXECUTE FUNCTION move_invoice_statistics();

-- After pg_restore the rows bear numbers of another cluster's transactions. Those that are still to come here are made old ones;
-- they are complete, or nobody would see them. Up to `rows_max` at once; tells how many.
CREATE FUNCTION adopt_restored_rows(rows_max integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  next_transaction xid8 := pg_snapshot_xmax(pg_current_snapshot());
  of_ledger integer;
  of_refused integer;
BEGIN
  UPDATE ledger SET recorded_in = '0'
  WHERE sequence IN (SELECT sequence FROM ledger WHERE recorded_in > next_transaction LIMIT rows_max);
  GET DIAGNOSTICS of_ledger = ROW_COUNT;
  UPDATE refused_invoice SET recorded_in = '0'
  WHERE refused_id IN (SELECT refused_id FROM refused_invoice WHERE recorded_in > next_transaction LIMIT rows_max);
  GET DIAGNOSTICS of_refused = ROW_COUNT;
  RETURN of_ledger + of_refused;
END
$$;

-- The waiting invoices, from all entries anew. No entry can come meanwhile.
CREATE FUNCTION collect_waiting_invoices() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  LOCK TABLE transaction_log_entry IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM waiting_invoice;
  INSERT INTO waiting_invoice (terminal_id, invoice_id, first_at, last_at, last_cause, attempts, is_refused)
  SELECT entry.terminal_id, entry.invoice_id, min(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         max(entry.at) FILTER (WHERE entry.outcome <> 'refused'),
         (array_agg(entry.cause ORDER BY entry.at DESC) FILTER (WHERE entry.outcome <> 'refused'))[1],
         count(*) FILTER (WHERE entry.outcome <> 'refused'), bool_or(entry.outcome = 'refused')
  FROM transaction_log_entry AS entry
  WHERE entry.outcome IN ('failed', 'deferred', 'not_authenticated', 'refused')
    AND NOT EXISTS (
      SELECT FROM ledger WHERE ledger.terminal_id = entry.terminal_id AND ledger.invoice_id = entry.invoice_id
    )
  GROUP BY entry.terminal_id, entry.invoice_id;
$$;
SELECT collect_waiting_invoices();

-- Takes all sums back, when no roll-up is under way; it makes them anew from the first row.
CREATE FUNCTION forget_invoice_statistics() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT pg_advisory_xact_lock(hashtext('invoice_statistics'));
  TRUNCATE invoice_statistics;
  UPDATE invoice_statistics_mark SET recorded_in = '0', number = 0;
$$;
REVOKE ALL ON FUNCTION adopt_restored_rows(integer), collect_waiting_invoices(), forget_invoice_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION adopt_restored_rows(integer), collect_waiting_invoices(), forget_invoice_statistics() TO tax_control_operator;

GRANT SELECT ON invoice_statistics, invoice_statistics_mark, invoice_figure, refusal_figure, waiting_invoice
  TO tax_control_server, tax_control_operator, tax_control_auditor;
GRANT INSERT, UPDATE ON invoice_statistics TO tax_control_server, tax_control_operator;
GRANT UPDATE ON invoice_statistics_mark TO tax_control_server, tax_control_operator;
GRANT INSERT, UPDATE, DELETE ON waiting_invoice TO tax_control_server;
GRANT DELETE ON waiting_invoice TO tax_control_operator;

-- migrate:down
DROP FUNCTION forget_invoice_statistics(), collect_waiting_invoices(), adopt_restored_rows(integer);
DROP TRIGGER move_invoice_statistics ON premises;
DROP FUNCTION move_invoice_statistics();
DROP TRIGGER note_waiting_invoices ON transaction_log_entry;
DROP FUNCTION note_waiting_invoices();
DROP TABLE waiting_invoice;
DROP VIEW refusal_figure, invoice_figure;
DROP FUNCTION taxes_of(bytea);
DROP TABLE invoice_statistics, invoice_statistics_mark;
DROP INDEX refused_invoice_named, refused_invoice_refused, ledger_issued, refused_invoice_recorded, ledger_recorded;
ALTER TABLE refused_invoice DROP COLUMN recorded_in;
ALTER TABLE ledger DROP COLUMN recorded_in;
