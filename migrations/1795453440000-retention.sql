-- What goes after its years: content of invoices, bytes of refused ones, entries of the audit trail (docs/decisions/0026).
-- migrate:up

-- While a hold is in force, nothing of the taxpayer's content goes. Placed and released, never deleted.
CREATE TABLE legal_hold (
  hold_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  taxpayer_id identifier NOT NULL REFERENCES taxpayer,
  reason text NOT NULL CHECK (reason <> ''),
  placed_by text NOT NULL DEFAULT session_user,
  placed_at timestamptz(3) NOT NULL,
  released_by text,
  released_at timestamptz(3),
  release_reason text,
  CHECK ((released_at IS NULL) = (released_by IS NULL) AND (released_at IS NULL) = (release_reason IS NULL))
);
CREATE INDEX legal_hold_taxpayer ON legal_hold (taxpayer_id);

-- A hold is in force from the moment at which no removal runs that began without it: it waits for the one that does.
CREATE FUNCTION place_legal_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('retention'));
  NEW.placed_at := clock_timestamp();
  RETURN NEW;
END
$$;
CREATE TRIGGER place_legal_hold BEFORE INSERT ON legal_hold FOR EACH ROW EXECUTE FUNCTION place_legal_hold();

-- Which months of content were removed, as often as that was. `invoices`: removed then; `held`: those that stayed for a hold.
-- `detached_table`: where they are until they are dropped; null where there were none in a partition.
CREATE TABLE removed_content (
  removal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  month date NOT NULL CHECK (extract(day FROM month) = 1),
  removed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  invoices bigint NOT NULL,
  held bigint NOT NULL,
  detached_table text,
  dropped_at timestamptz(3)
);
CREATE INDEX removed_content_month ON removed_content (month, removed_at);

-- Tax of invoices whose content was removed, so that sums can be made anew for ever; nobody's name is in it.
CREATE TABLE ledger_tax (
  sequence bigint NOT NULL,
  category text NOT NULL,
  rate text NOT NULL,
  base bigint NOT NULL,
  amount bigint NOT NULL
);
CREATE INDEX ledger_tax_sequence ON ledger_tax (sequence);

-- The bytes of refused invoices go too; that they were refused, why, and the place in the chain of their journal stay.
ALTER TABLE refused_invoice
  ADD COLUMN body_removed_at timestamptz(3),
  ADD COLUMN payload_digest bytea CHECK (octet_length(payload_digest) = 32),
  ADD CHECK (body_removed_at IS NULL OR body = '');

-- SHA-256 of the payload of a compact JWS, as the next invoice of the journal names it; null where the bytes are none.
CREATE FUNCTION payload_digest_of(jws bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  payload text := translate(split_part(convert_from(jws, 'LATIN1'), '.', 2), '-_', '+/');
BEGIN
  RETURN sha256(decode(payload || repeat('=', (4 - length(payload) % 4) % 4), 'base64'));
EXCEPTION
  WHEN data_exception THEN RETURN NULL;
END
$$;

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

-- An invoice that broke its chain is not found again once its content is gone: what was found of such stays.
CREATE OR REPLACE FUNCTION forget_incident_tables() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT pg_advisory_xact_lock(hashtext('incident_tables'));
  TRUNCATE unread_attempts, failure_interval, terminal_activity, journal_summary, terminal_month, terminal_closing, terminal_sign;
  DELETE FROM journal_fault WHERE kind <> 'broken_chain' OR EXISTS (
    SELECT FROM ledger JOIN content USING (sequence, registered_at)
    WHERE ledger.invoice_id = journal_fault.invoice_id AND ledger.terminal_id = journal_fault.terminal_id
  );
  UPDATE journal_mark SET recorded_in = '0', number = 0;
  INSERT INTO unread_attempts (terminal_id, arrived_at, from_at, to_at)
    SELECT terminal_id, max(received_at), min(at) FILTER (WHERE is_placed), max(at) FILTER (WHERE is_placed)
    FROM transaction_log_entry GROUP BY terminal_id;
$$;

GRANT SELECT ON legal_hold, removed_content, ledger_tax TO tax_control_server, tax_control_operator, tax_control_auditor;
-- What lies in no partition of its own is counted by itself, for which the right to read the whole is not enough.
GRANT SELECT ON content_default TO tax_control_operator, tax_control_auditor;
GRANT INSERT (taxpayer_id, reason) ON legal_hold TO tax_control_operator;
GRANT UPDATE (released_by, released_at, release_reason) ON legal_hold TO tax_control_operator;

-- migrate:down
CREATE OR REPLACE FUNCTION forget_incident_tables() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT pg_advisory_xact_lock(hashtext('incident_tables'));
  TRUNCATE unread_attempts, failure_interval, terminal_activity, journal_summary, journal_fault, terminal_month, terminal_closing, terminal_sign;
  UPDATE journal_mark SET recorded_in = '0', number = 0;
  INSERT INTO unread_attempts (terminal_id, arrived_at, from_at, to_at)
    SELECT terminal_id, max(received_at), min(at) FILTER (WHERE is_placed), max(at) FILTER (WHERE is_placed)
    FROM transaction_log_entry GROUP BY terminal_id;
$$;

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

DROP FUNCTION payload_digest_of(bytea);
ALTER TABLE refused_invoice DROP COLUMN body_removed_at, DROP COLUMN payload_digest;
REVOKE SELECT ON content_default FROM tax_control_operator, tax_control_auditor;
DROP TABLE ledger_tax, removed_content, legal_hold;
DROP FUNCTION place_legal_hold();
