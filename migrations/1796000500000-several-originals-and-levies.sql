-- A refund of several originals, and taxes that are charged beside that of a line's category (docs/decisions/0042 and 0043).
-- migrate:up

-- Of a refund that names several originals, what it takes back of each that is on file; the ledger's own columns name none then. Its lines of
-- one original, gross and without rounding.
CREATE TABLE ledger_original (
  sequence bigint NOT NULL,
  terminal_id text NOT NULL,
  invoice_id uuid NOT NULL,
  sold bigint NOT NULL,
  returned bigint NOT NULL,
  lines integer NOT NULL,
  is_exact boolean NOT NULL,
  PRIMARY KEY (sequence, terminal_id, invoice_id)
);
CREATE INDEX ledger_original_identity ON ledger_original (terminal_id, invoice_id);
GRANT SELECT ON ledger_original TO tax_control_server, tax_control_operator, tax_control_auditor;
GRANT INSERT ON ledger_original TO tax_control_server;

-- `taxed`: the tax of a line's category is charged on the levy, too. Null: it is no levy.
ALTER TABLE tax_rate ADD COLUMN levy text CHECK (levy IN ('taxed', 'untaxed'));
ALTER TABLE ledger_tax ADD COLUMN levy text CHECK (levy IN ('taxed', 'untaxed'));

-- Levies of signed bytes, as `taxes_of` reads their sums: beside the ledger must stand what was signed.
CREATE FUNCTION levies_of(payload bytea) RETURNS TABLE (category text, rate text, levy text)
LANGUAGE plpgsql IMMUTABLE ROWS 1 AS $$
BEGIN
  RETURN QUERY
    SELECT tax.category, CASE WHEN tax.rate LIKE '%.%' THEN rtrim(rtrim(tax.rate, '0'), '.') ELSE tax.rate END, tax.levy
    FROM json_to_recordset(convert_from(payload, 'UTF8')::json -> 'taxes') AS tax(category text, rate text, levy text)
    WHERE tax.category IS NOT NULL AND tax.rate IS NOT NULL AND tax.levy IS NOT NULL;
EXCEPTION
  WHEN data_exception OR program_limit_exceeded OR invalid_parameter_value THEN RETURN;
END
$$;

-- As before, but a refund of several originals takes back of each what its lines say. Several originals are sales; whatever else is named
-- among them is taken back by nothing, so that nobody can make bunches of refunds of refunds.
CREATE OR REPLACE FUNCTION taken_back(
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
      UNION ALL
      SELECT later.terminal_id, later.invoice_id, later.currency, later.kind, later.currency = in_currency,
             part.returned, part.sold, part.lines
      FROM ledger_original AS part
      JOIN ledger AS later ON later.sequence = part.sequence
      JOIN ledger AS own ON own.terminal_id = part.terminal_id AND own.invoice_id = part.invoice_id AND own.kind = 'sale'
      WHERE part.terminal_id = of_terminal_id AND part.invoice_id = of_invoice_id
        AND later.kind = 'refund' AND later.taxpayer_id = of_taxpayer_id
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

-- migrate:down
-- What is in these can't be made anew by an earlier version, and the audit would miss it.
DO $$
BEGIN
  IF EXISTS (SELECT FROM ledger_original) OR EXISTS (SELECT FROM ledger_tax WHERE levy IS NOT NULL) THEN
    RAISE EXCEPTION 'invoices with levies or several originals are on file: restore a backup from before them instead'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
END
$$;
CREATE OR REPLACE FUNCTION taken_back(
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
DROP FUNCTION levies_of(bytea);
ALTER TABLE ledger_tax DROP COLUMN levy;
ALTER TABLE tax_rate DROP COLUMN levy;
DROP TABLE ledger_original;
