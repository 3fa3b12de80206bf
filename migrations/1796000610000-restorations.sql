-- What a restored database had forgotten comes back from the tills, which hold it with the server's signature (docs/decisions/0045).
-- migrate:up

-- When a row came back that had been forgotten; null: it was never missing. Everything else in such a row is as it was before.
ALTER TABLE ledger ADD COLUMN restored_at timestamptz(3);
CREATE INDEX ledger_restored ON ledger (sequence) WHERE restored_at IS NOT NULL;

-- Up to which jump of the numbers a terminal found all that it holds on file.
CREATE TABLE terminal_holdings (
  terminal_id text PRIMARY KEY REFERENCES terminal,
  kept_since bigint NOT NULL,
  confirmed_at timestamptz(3) NOT NULL
);

-- A genuine receipt that contradicts what is on file: the invoice has another code there, or the number another invoice. It must not happen;
-- if it does, both are kept, and nothing on file is changed.
CREATE TABLE code_dispute (
  dispute_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  terminal_id text NOT NULL REFERENCES terminal,
  invoice_id uuid NOT NULL,
  code text NOT NULL,
  sequence_on_file bigint NOT NULL REFERENCES ledger,
  receipt text NOT NULL,
  invoice text NOT NULL,
  found_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT code_dispute_once UNIQUE (terminal_id, invoice_id, code)
);

GRANT SELECT, INSERT ON code_dispute TO tax_control_server;
GRANT SELECT, INSERT, UPDATE ON terminal_holdings TO tax_control_server;
GRANT SELECT ON code_dispute, terminal_holdings TO tax_control_operator, tax_control_auditor;

-- migrate:down
-- Receipts that contradict what is on file, and which rows came back, can't be found out again.
DO $$
BEGIN
  IF EXISTS (SELECT FROM code_dispute) OR EXISTS (SELECT FROM ledger WHERE restored_at IS NOT NULL) THEN
    RAISE EXCEPTION 'invoices were restored: restore a backup from before this migration instead'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
END
$$;
DROP TABLE code_dispute, terminal_holdings;
DROP INDEX ledger_restored;
ALTER TABLE ledger DROP COLUMN restored_at;
