-- What anybody may ask and tell: which invoice superseded a refused one, customers' reports, and the limits of tries.
-- migrate:up

-- The old QR leads to the corrected invoice. Null nearly always; rows from before this step are filled from what was signed.
ALTER TABLE ledger ADD COLUMN supersedes_terminal_id text, ADD COLUMN supersedes_invoice_id uuid;
UPDATE ledger SET supersedes_terminal_id = named.supersedes ->> 'terminalId',
                  supersedes_invoice_id = (named.supersedes ->> 'invoiceId')::uuid
FROM (
  SELECT sequence, registered_at, convert_from(payload, 'UTF8')::jsonb -> 'supersedes' AS supersedes
  FROM content WHERE position('"supersedes"'::bytea IN payload) > 0
) AS named
WHERE ledger.sequence = named.sequence AND named.supersedes IS NOT NULL;
CREATE INDEX ledger_supersedes ON ledger (supersedes_terminal_id, supersedes_invoice_id) WHERE supersedes_invoice_id IS NOT NULL;

-- A customer's word about a receipt: kept as it came, never changed. `premises_id`: where the receipt is of, as far as the
-- server knows; null where it knows none, and then only officials who see everything see the report.
CREATE TABLE receipt_report (
  report_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reported_at timestamptz(3) NOT NULL DEFAULT now(),
  code text CHECK (length(code) BETWEEN 1 AND 64),
  terminal_id text CHECK (length(terminal_id) BETWEEN 1 AND 64),
  invoice_id text CHECK (length(invoice_id) BETWEEN 1 AND 64),
  premises_id identifier REFERENCES premises,
  standing text NOT NULL,
  reason text NOT NULL,
  message text NOT NULL CHECK (length(message) <= 1000),
  language text NOT NULL,
  CHECK (code IS NOT NULL OR (terminal_id IS NOT NULL AND invoice_id IS NOT NULL))
);
-- Pages of officials go by the number, which grows with the time.
CREATE INDEX receipt_report_premises ON receipt_report (premises_id, report_id);

-- What officials made of a report; the newest one counts, none is overwritten.
CREATE TABLE receipt_report_mark (
  mark_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  report_id bigint NOT NULL REFERENCES receipt_report,
  state text NOT NULL CHECK (state IN ('new', 'harmless', 'to_follow')),
  note text NOT NULL CHECK (length(note) <= 2000),
  official text NOT NULL,
  marked_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX receipt_report_mark_report ON receipt_report_mark (report_id, mark_id DESC);

-- Tries within a window, by what is limited and by whom (shape of the library rate-limiter-flexible). Not logged: what a crash
-- forgets is a window of an hour, and every look-up writes here.
CREATE UNLOGGED TABLE rate_limit (
  key varchar(255) PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  expire bigint
) WITH (fillfactor = 70);

GRANT SELECT, INSERT ON receipt_report, receipt_report_mark TO tax_control_server;
GRANT SELECT ON receipt_report, receipt_report_mark TO tax_control_operator, tax_control_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limit TO tax_control_server;

-- migrate:down
DROP TABLE rate_limit, receipt_report_mark, receipt_report;
DROP INDEX ledger_supersedes;
ALTER TABLE ledger DROP COLUMN supersedes_terminal_id, DROP COLUMN supersedes_invoice_id;
