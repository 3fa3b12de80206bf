-- Tax by rate of every fiscal invoice stands beside the ledger from its issuance on (docs/decisions/0027).
-- migrate:up

GRANT INSERT ON ledger_tax TO tax_control_server;

-- As before, but signed bytes are read only for what has no tax rows: what was issued before this migration, or by a server of
-- an earlier version that was not replaced yet.
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
       CASE WHEN kind = 'sale' THEN total ELSE -abs(total) END::numeric AS amount, 0::bigint AS longest_ms
FROM fact
UNION ALL
SELECT fact.recorded_in, fact.number, fact.at, fact.terminal_id, fact.premises_id, fact.taxpayer_id, fact.region, fact.door, 'tax',
       fact.currency || '/' || tax.category || '/' || tax.rate, 1,
       CASE WHEN fact.kind <> 'sale' AND fact.total > 0 THEN -tax.base ELSE tax.base END,
       CASE WHEN fact.kind <> 'sale' AND fact.total > 0 THEN -tax.amount ELSE tax.amount END, 0
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

-- migrate:down
-- The view of before adds what stands here to what is read from content.
DELETE FROM ledger_tax USING content WHERE content.sequence = ledger_tax.sequence;
REVOKE INSERT ON ledger_tax FROM tax_control_server;
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
SELECT fact.recorded_in, fact.number, fact.at, fact.terminal_id, fact.premises_id, fact.taxpayer_id, fact.region, fact.door, 'tax',
       fact.currency || '/' || ledger_tax.category || '/' || ledger_tax.rate, 1,
       CASE WHEN fact.kind <> 'sale' AND fact.total > 0 THEN -ledger_tax.base ELSE ledger_tax.base END,
       CASE WHEN fact.kind <> 'sale' AND fact.total > 0 THEN -ledger_tax.amount ELSE ledger_tax.amount END, 0
FROM fact JOIN ledger_tax ON ledger_tax.sequence = fact.number
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
