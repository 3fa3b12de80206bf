-- The ledger for ever, the content for its years, and what was refused. issuance is their only writer.
-- migrate:up

-- 12 digits of the code. CACHE 1: after a jump no session goes on giving old numbers. A number that a failed attempt took is
-- burnt, never given again. The first digit 9 is the test environment.
CREATE SEQUENCE tax_control_number AS bigint MINVALUE 1 MAXVALUE 899999999999 NO CYCLE CACHE 1;
CREATE SEQUENCE tax_control_number_test AS bigint MINVALUE 900000000000 MAXVALUE 999999999999 NO CYCLE CACHE 1;

-- Narrow, never deleted: uniqueness outlives the content. The code begins with the sequence, so that the primary key
-- makes it unique without an index of its own. With receipt_key and receipt_signature the very same receipt is given again.
CREATE TABLE ledger (
  sequence bigint PRIMARY KEY,
  code text NOT NULL CHECK (code ~ '^[0-9]{20}$' AND left(code, 12) = lpad(sequence::text, 12, '0')),
  terminal_id text NOT NULL REFERENCES terminal,
  invoice_id uuid NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  taxpayer_id text NOT NULL,
  premises_id text NOT NULL,
  journal_id uuid NOT NULL,
  counter bigint NOT NULL CHECK (counter > 0),
  type text NOT NULL,
  kind text NOT NULL,
  number text NOT NULL,
  issued_at timestamptz(0) NOT NULL,
  business_day date NOT NULL,
  currency text NOT NULL,
  total bigint NOT NULL,
  door text NOT NULL CHECK (door IN ('issue', 'reissue')),
  registered_at timestamptz(3) NOT NULL,
  reference_terminal_id text,
  reference_invoice_id uuid,
  receipt_key text NOT NULL,
  receipt_signature bytea NOT NULL CHECK (octet_length(receipt_signature) = 64),
  CONSTRAINT ledger_identity UNIQUE (terminal_id, invoice_id)
);
-- Last counter of a journal, forks and gaps. A journal's id is the till's word, so it counts together with its terminal only.
CREATE INDEX ledger_journal ON ledger (journal_id, terminal_id, counter);
-- Refunds and voids of one original.
CREATE INDEX ledger_reference ON ledger (reference_terminal_id, reference_invoice_id) WHERE reference_invoice_id IS NOT NULL;

-- What was signed, byte for byte, partitioned by month of arrival so that retention can detach it.
-- `header` is null where the protected header is the usual one: {"alg":"ES256","typ":"invoice+jws","x5t#S256":"<signer>"}.
CREATE TABLE content (
  sequence bigint NOT NULL,
  registered_at timestamptz(3) NOT NULL,
  payload bytea NOT NULL,
  signature bytea NOT NULL CHECK (octet_length(signature) = 64),
  signer text NOT NULL,
  header text,
  previous_digest bytea CHECK (octet_length(previous_digest) = 32),
  attempt_id uuid,
  PRIMARY KEY (sequence, registered_at)
) PARTITION BY RANGE (registered_at);
CREATE TABLE content_default PARTITION OF content DEFAULT;

-- lz4 compresses several times faster than Postgres's own method; not every build has it.
DO $$
BEGIN
  ALTER TABLE content ALTER COLUMN payload SET COMPRESSION lz4;
EXCEPTION
  WHEN feature_not_supported THEN NULL;
END
$$;

-- Makes the partition of a month (UTC) if it is missing; tells whether it made one. The server's role may not make tables,
-- so it calls this at start and once a day; rows of a month without partition go to content_default and are not lost.
CREATE FUNCTION ensure_content_partition(in_month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  first_day date := date_trunc('month', in_month);
  next_month date := first_day + interval '1 month';
  partition_name text := 'content_' || to_char(first_day, 'YYYY_MM');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ensure_content_partition'));
  IF to_regclass(partition_name) IS NOT NULL THEN
    RETURN false;
  END IF;
  IF EXISTS (
    SELECT FROM content_default
    WHERE registered_at >= first_day::timestamp AT TIME ZONE 'UTC' AND registered_at < next_month::timestamp AT TIME ZONE 'UTC'
  ) THEN
    RETURN false;
  END IF;
  EXECUTE format(
    'CREATE TABLE %I PARTITION OF content FOR VALUES FROM (%L) TO (%L)',
    partition_name, first_day::timestamp AT TIME ZONE 'UTC', next_month::timestamp AT TIME ZONE 'UTC'
  );
  EXECUTE format('GRANT SELECT ON %I TO tax_control_auditor', partition_name);
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION ensure_content_partition(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_content_partition(date) TO tax_control_server, tax_control_operator;

CREATE TABLE invoice_warning (
  sequence bigint NOT NULL REFERENCES ledger,
  warning text NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (sequence, warning)
);

-- What was refused is kept with its bytes: its counter is no gap. `digest` is the SHA-256 of the bytes as sent.
CREATE TABLE refused_invoice (
  refused_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  terminal_id text NOT NULL REFERENCES terminal,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  body bytea NOT NULL,
  cause text NOT NULL,
  detail text NOT NULL,
  invoice_id uuid,
  journal_id uuid,
  counter bigint,
  door text NOT NULL CHECK (door IN ('issue', 'reissue')),
  attempt_id uuid,
  refused_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT refused_invoice_identity UNIQUE (terminal_id, digest)
);
CREATE INDEX refused_invoice_journal ON refused_invoice (journal_id, terminal_id, counter) WHERE journal_id IS NOT NULL;

GRANT USAGE ON SEQUENCE tax_control_number, tax_control_number_test TO tax_control_server;
GRANT SELECT, INSERT ON ledger, content, invoice_warning, refused_invoice TO tax_control_server;
GRANT SELECT ON ledger, content, invoice_warning, refused_invoice TO tax_control_operator, tax_control_auditor;
GRANT SELECT ON SEQUENCE tax_control_number, tax_control_number_test TO tax_control_operator, tax_control_auditor;

SELECT ensure_content_partition(current_date), ensure_content_partition((current_date + interval '1 month')::date);

-- migrate:down
DROP TABLE refused_invoice, invoice_warning, content, ledger;
DROP FUNCTION ensure_content_partition(date);
DROP SEQUENCE tax_control_number, tax_control_number_test;
