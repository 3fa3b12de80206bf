-- What tills say of every attempt, and what the server saw of those that it could not admit.
-- migrate:up

-- Uploaded entries; a repeated one is ignored by its identity. `cause` may be one that only a newer version knows.
CREATE TABLE transaction_log_entry (
  terminal_id text NOT NULL REFERENCES terminal,
  entry_id uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  received_at timestamptz(3) NOT NULL DEFAULT now(),
  door text NOT NULL,
  invoice_id uuid NOT NULL,
  outcome text NOT NULL,
  cause text,
  detail text,
  address text,
  connect_ms bigint,
  tls_ms bigint,
  answer_ms bigint,
  total_ms bigint,
  PRIMARY KEY (terminal_id, entry_id)
);

-- A till that cannot authenticate cannot upload, so the server counts for it: one row a minute, cause and certificate,
-- so that a till that knocks all night fills no table. `thumbprint` is empty where no certificate was presented.
CREATE TABLE refused_authentication (
  minute timestamptz(0) NOT NULL,
  cause text NOT NULL,
  thumbprint text NOT NULL,
  terminal_id text,
  remote_address text,
  attempts integer NOT NULL CHECK (attempts > 0),
  PRIMARY KEY (minute, cause, thumbprint)
);

GRANT SELECT, INSERT ON transaction_log_entry TO tax_control_server;
GRANT SELECT, INSERT ON refused_authentication TO tax_control_server;
GRANT UPDATE (attempts) ON refused_authentication TO tax_control_server;
GRANT SELECT ON transaction_log_entry, refused_authentication TO tax_control_operator, tax_control_auditor;

-- migrate:down
DROP TABLE refused_authentication, transaction_log_entry;
