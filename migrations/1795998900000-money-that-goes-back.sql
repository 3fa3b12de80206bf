-- One sign for money that goes back, and refunds are compared with what was sold (docs/decisions/0036).
-- migrate:up

-- What an invoice sold and what came back by it, gross and without rounding lines; and whether parts of it may differ by a unit for each
-- line. Null where a server of an earlier version wrote the row: then its total is all that is known.
ALTER TABLE ledger
  ADD COLUMN sold bigint,
  ADD COLUMN returned bigint,
  ADD COLUMN lines integer,
  ADD COLUMN is_exact boolean;

-- What refunds and voids took back of an invoice, and how many voids of it are in effect; in its own currency, and by its own taxpayer. A
-- refund takes back what it says, less what was taken back of itself, to any depth; a voided one nothing. A till can make
-- chains and bunches of them on purpose, and refunds that name each other: `levels` bounds the depth, `width` how many of one invoice's
-- refunds are looked into (a tenth of it one level down, one at least). Beyond that a refund counts whole.
CREATE FUNCTION taken_back(
  of_terminal_id text, of_invoice_id uuid, of_taxpayer_id text, in_currency text, is_fiscal boolean, levels integer, width integer
) RETURNS TABLE (sold numeric, returned numeric, lines bigint, voids bigint)
LANGUAGE plpgsql STABLE ROWS 1 AS $$
BEGIN
  RETURN QUERY
    WITH taker AS NOT MATERIALIZED (
      SELECT later.terminal_id, later.invoice_id, later.currency, later.kind, later.currency = in_currency AS counts,
             COALESCE(later.returned, GREATEST(-later.total, 0)) AS of_sold,
             COALESCE(later.sold, GREATEST(later.total, 0)) AS of_returned,
             COALESCE(later.lines, 1) AS of_lines
      FROM ledger AS later
      WHERE later.reference_terminal_id = of_terminal_id AND later.reference_invoice_id = of_invoice_id
        AND later.kind IN ('refund', 'void') AND later.taxpayer_id = of_taxpayer_id
        AND (later.type IN ('normal', 'advance')) = is_fiscal
    ), whole AS (
      SELECT sum(of_sold) FILTER (WHERE counts) AS sold, sum(of_returned) FILTER (WHERE counts) AS returned,
             sum(of_lines) FILTER (WHERE counts) AS lines, count(*) FILTER (WHERE kind = 'void') AS voids
      FROM taker
    ), taken AS (
      SELECT * FROM taker
      WHERE levels > 0 AND EXISTS (
        SELECT FROM ledger AS upon
        WHERE upon.reference_terminal_id = taker.terminal_id AND upon.reference_invoice_id = taker.invoice_id
      )
      LIMIT width
    ), less AS (
      SELECT sum(CASE WHEN deeper.voids > 0 THEN of_sold ELSE LEAST(of_sold, deeper.returned) END) FILTER (WHERE counts) AS sold,
             sum(CASE WHEN deeper.voids > 0 THEN of_returned ELSE LEAST(of_returned, deeper.sold) END) FILTER (WHERE counts) AS returned,
             sum(of_lines) FILTER (WHERE counts AND deeper.voids > 0) AS lines,
             count(*) FILTER (WHERE kind = 'void' AND deeper.voids > 0) AS voids
      FROM taken CROSS JOIN LATERAL taken_back(
        taken.terminal_id, taken.invoice_id, of_taxpayer_id, taken.currency, is_fiscal, levels - 1, GREATEST(width / 10, 1)
      ) AS deeper
    )
    SELECT COALESCE(whole.sold, 0) - COALESCE(less.sold, 0), COALESCE(whole.returned, 0) - COALESCE(less.returned, 0),
           COALESCE(whole.lines, 0) - COALESCE(less.lines, 0), whole.voids - less.voids
    FROM whole, less;
END
$$;

-- As before, but every amount counts as it was signed. Sums that were made before: `tax-control statistics rebuild`.
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
DROP FUNCTION taken_back(text, uuid, text, text, boolean, integer, integer);
ALTER TABLE ledger DROP COLUMN sold, DROP COLUMN returned, DROP COLUMN lines, DROP COLUMN is_exact;
