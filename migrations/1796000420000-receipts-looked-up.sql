-- Receipts without a code that somebody looked up and that were not on file: a signal for officials.
-- migrate:up

-- One row for each receipt, and a second one where the till's signature was on it (`signed`); never changed. `sold_at`: what the till signed.
-- Anybody can look anything up, so the server bounds the rows of one terminal and day (src/public-check/limits.ts).
CREATE TABLE receipt_look_up (
  terminal_id identifier NOT NULL REFERENCES terminal,
  invoice_id uuid NOT NULL,
  signed boolean NOT NULL,
  sold_at timestamptz,
  looked_up_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (terminal_id, invoice_id, signed),
  CHECK (signed = (sold_at IS NOT NULL))
);
CREATE INDEX receipt_look_up_at ON receipt_look_up (looked_up_at);

GRANT SELECT, INSERT ON receipt_look_up TO tax_control_server;
GRANT SELECT ON receipt_look_up TO tax_control_operator, tax_control_auditor;

-- migrate:down
DROP TABLE receipt_look_up;
