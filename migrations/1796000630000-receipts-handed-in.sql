-- Receipts that only a customer has, after a restore, because their till is gone for good (docs/decisions/0048).
-- migrate:up

-- One receipt that was handed in, without content. known_by: receipt: the server's own signature proves every column; print: the code's MAC
-- proves the printed fields, and no others are known. It is no row of the ledger, counts in no sums, and steps back where the ledger has its number.
CREATE TABLE known_receipt (
  known_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sequence bigint NOT NULL,
  code text NOT NULL CHECK (code ~ '^[0-9]{20}$' AND left(code, 12) = lpad(sequence::text, 12, '0')),
  known_by text NOT NULL CHECK (known_by IN ('receipt', 'print')),
  terminal_id text NOT NULL REFERENCES terminal,
  taxpayer_id text NOT NULL,
  premises_id text NOT NULL,
  counter bigint NOT NULL CHECK (counter > 0),
  type text NOT NULL,
  kind text NOT NULL,
  issued_at timestamptz(0) NOT NULL,
  currency text NOT NULL,
  total bigint NOT NULL,
  invoice_id uuid,
  journal_id uuid,
  number text,
  digest bytea CHECK (octet_length(digest) = 32),
  registered_at timestamptz(3),
  -- Compact JWS, as it was handed in.
  receipt text,
  taken_by text NOT NULL,
  reason text NOT NULL,
  taken_at timestamptz(3) NOT NULL DEFAULT now(),
  CHECK (num_nulls(invoice_id, journal_id, number, digest, registered_at, receipt) = CASE known_by WHEN 'receipt' THEN 0 ELSE 6 END)
);
-- The same receipt again is the same.
CREATE UNIQUE INDEX known_receipt_once ON known_receipt (code, known_by, (COALESCE(invoice_id::text, '')));
CREATE INDEX known_receipt_number ON known_receipt (sequence);
CREATE INDEX known_receipt_identity ON known_receipt (terminal_id, invoice_id);

-- Receipts that are all that is known of their numbers; of a signed one and a print of the same code the signed one.
CREATE VIEW receipt_alone AS
SELECT DISTINCT ON (code) known.*
FROM known_receipt AS known
WHERE NOT EXISTS (SELECT FROM ledger WHERE ledger.sequence = known.sequence)
  AND NOT EXISTS (SELECT FROM ledger WHERE ledger.terminal_id = known.terminal_id AND ledger.invoice_id = known.invoice_id)
ORDER BY code, known_by = 'receipt' DESC, known_id;

-- Genuine receipts that contradict what is on file, whoever holds them: those that tills presented (code_dispute), and those of customers; one row
-- for two codes. sequence_on_file is null where two receipts contradict each other and neither is on file: the later one is against the earlier one.
CREATE VIEW contradicting_receipt AS
SELECT DISTINCT ON (code, code_on_file) * FROM (
  SELECT dispute.terminal_id, dispute.invoice_id, dispute.code, dispute.sequence_on_file, ledger.code AS code_on_file, dispute.found_at
  FROM code_dispute AS dispute JOIN ledger ON ledger.sequence = dispute.sequence_on_file
  UNION ALL
  SELECT known.terminal_id, known.invoice_id, known.code, ledger.sequence, ledger.code,
         GREATEST(known.taken_at, COALESCE(ledger.restored_at, ledger.registered_at))
  FROM known_receipt AS known JOIN ledger ON ledger.sequence = known.sequence
  WHERE (ledger.code, ledger.terminal_id, ledger.counter, ledger.total) <> (known.code, known.terminal_id, known.counter, known.total)
     OR ledger.digest <> known.digest
  UNION ALL
  SELECT known.terminal_id, known.invoice_id, known.code, ledger.sequence, ledger.code,
         GREATEST(known.taken_at, COALESCE(ledger.restored_at, ledger.registered_at))
  FROM known_receipt AS known JOIN ledger ON ledger.terminal_id = known.terminal_id AND ledger.invoice_id = known.invoice_id
  WHERE ledger.sequence <> known.sequence
  UNION ALL
  (SELECT DISTINCT ON (LEAST(later.code, known.code), GREATEST(later.code, known.code))
          later.terminal_id, later.invoice_id, later.code, NULL, known.code, later.taken_at
   FROM known_receipt AS known JOIN known_receipt AS later ON later.known_id > known.known_id AND later.code <> known.code
    AND (later.sequence = known.sequence OR (later.terminal_id = known.terminal_id AND later.invoice_id = known.invoice_id))
   WHERE NOT EXISTS (
     SELECT FROM ledger WHERE ledger.sequence IN (known.sequence, later.sequence) AND ledger.code IN (known.code, later.code)
   )
   ORDER BY LEAST(later.code, known.code), GREATEST(later.code, known.code), later.known_id, known.known_id)
) AS found
ORDER BY code, code_on_file, invoice_id IS NULL, found_at;

GRANT INSERT (sequence, code, known_by, terminal_id, taxpayer_id, premises_id, counter, type, kind, issued_at, currency, total, invoice_id,
              journal_id, number, digest, registered_at, receipt, taken_by, reason) ON known_receipt TO tax_control_server, tax_control_operator;
GRANT SELECT ON known_receipt, receipt_alone, contradicting_receipt TO tax_control_server, tax_control_operator, tax_control_auditor;

-- migrate:down
-- What only customers' receipts tell can't be found out again.
DO $$
BEGIN
  IF EXISTS (SELECT FROM known_receipt) THEN
    RAISE EXCEPTION 'receipts were handed in: restore a backup from before this migration instead'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
END
$$;
DROP VIEW contradicting_receipt, receipt_alone;
DROP TABLE known_receipt;
