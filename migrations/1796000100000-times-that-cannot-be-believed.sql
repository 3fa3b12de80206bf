-- A sale whose time can't be believed counts when it was registered (docs/decisions/0037).
-- migrate:up

-- When the invoice counts in reports, where its time of sale can't be believed: when it was registered, to the second. Null: at its time of
-- sale. Judged once, when the code is made; rows of a version before count at their time of sale.
ALTER TABLE ledger ADD COLUMN counted_at timestamptz(0);

-- For the minutes at the edges of a period, as ledger_issued was; that one stays for the search of invoices by their time of sale.
CREATE INDEX ledger_counted ON ledger USING brin ((COALESCE(counted_at, issued_at)) timestamptz_minmax_multi_ops) WITH (pages_per_range = 16, autosummarize = on);

-- As before, but by the time that counts. Nobody knows how long an invoice waited whose time of sale can't be believed.
CREATE OR REPLACE VIEW invoice_figure AS
WITH fact AS NOT MATERIALIZED (
  SELECT ledger.recorded_in, ledger.sequence AS number, ledger.registered_at, COALESCE(ledger.counted_at, ledger.issued_at) AS at,
         ledger.terminal_id, ledger.premises_id, ledger.taxpayer_id, COALESCE(premises.region, '') AS region, ledger.door,
         ledger.type, ledger.kind, ledger.currency, ledger.total,
         ledger.type IN ('normal', 'advance') AS is_fiscal, ledger.counted_at IS NULL AS has_waited,
         GREATEST(0, floor(extract(epoch FROM ledger.registered_at - ledger.issued_at) * 1000))::bigint AS waited_ms
  FROM ledger LEFT JOIN premises ON premises.premises_id = ledger.premises_id
)
SELECT recorded_in, number, at, terminal_id, premises_id, taxpayer_id, region, door, 'invoices' AS figure,
       type || '/' || kind || '/' || currency AS label, 1::bigint AS times, 0::numeric AS base,
       total::numeric AS amount, 0::bigint AS longest_ms
FROM fact
UNION ALL
SELECT fact.recorded_in, fact.number, fact.at, fact.terminal_id, fact.premises_id, fact.taxpayer_id, fact.region, fact.door, 'tax',
       fact.currency || '/' || tax.category || '/' || tax.rate, 1,
       tax.base, tax.amount, 0
FROM fact
CROSS JOIN LATERAL (
  SELECT category, rate, base::numeric AS base, amount::numeric AS amount FROM ledger_tax WHERE ledger_tax.sequence = fact.number
  UNION ALL
  -- One at most, by the primary key; said again, or the planner expects one from each month's partition.
  SELECT said.category, said.rate, said.base, said.amount
  FROM (
    SELECT payload FROM content
    WHERE content.sequence = fact.number AND content.registered_at = fact.registered_at
      AND NOT EXISTS (SELECT FROM ledger_tax WHERE ledger_tax.sequence = fact.number)
    LIMIT 1
  ) AS kept CROSS JOIN LATERAL taxes_of(kept.payload) AS said
) AS tax
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
WHERE is_fiscal AND door = 'reissue' AND has_waited;

-- migrate:down
CREATE OR REPLACE VIEW invoice_figure AS
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
       total::numeric AS amount, 0::bigint AS longest_ms
FROM fact
UNION ALL
SELECT fact.recorded_in, fact.number, fact.at, fact.terminal_id, fact.premises_id, fact.taxpayer_id, fact.region, fact.door, 'tax',
       fact.currency || '/' || tax.category || '/' || tax.rate, 1,
       tax.base, tax.amount, 0
FROM fact
CROSS JOIN LATERAL (
  SELECT category, rate, base::numeric AS base, amount::numeric AS amount FROM ledger_tax WHERE ledger_tax.sequence = fact.number
  UNION ALL
  -- One at most, by the primary key; said again, or the planner expects one from each month's partition.
  SELECT said.category, said.rate, said.base, said.amount
  FROM (
    SELECT payload FROM content
    WHERE content.sequence = fact.number AND content.registered_at = fact.registered_at
      AND NOT EXISTS (SELECT FROM ledger_tax WHERE ledger_tax.sequence = fact.number)
    LIMIT 1
  ) AS kept CROSS JOIN LATERAL taxes_of(kept.payload) AS said
) AS tax
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
DROP INDEX ledger_counted;
ALTER TABLE ledger DROP COLUMN counted_at;
