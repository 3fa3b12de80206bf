-- An official decides a dispute of codes; both receipts stay kept (docs/decisions/0049).
-- migrate:up

-- One decision of one contradiction: code, that of the receipt, against code_on_file. The newest counts; earlier ones stay. stands: which of the
-- two is the right one, or that both were given.
CREATE TABLE settled_dispute (
  settlement_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL,
  code_on_file text NOT NULL,
  stands text NOT NULL CHECK (stands IN ('on_file', 'receipt', 'both')),
  settled_by text NOT NULL,
  reason text NOT NULL,
  settled_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX settled_dispute_codes ON settled_dispute (code, code_on_file, settlement_id);

CREATE VIEW open_dispute AS
SELECT dispute.* FROM contradicting_receipt AS dispute
WHERE NOT EXISTS (SELECT FROM settled_dispute AS settled WHERE settled.code = dispute.code AND settled.code_on_file = dispute.code_on_file);

GRANT INSERT (code, code_on_file, stands, settled_by, reason) ON settled_dispute TO tax_control_server, tax_control_operator;
GRANT SELECT ON settled_dispute, open_dispute TO tax_control_server, tax_control_operator, tax_control_auditor;

-- migrate:down
-- What officials decided can't be found out again.
DO $$
BEGIN
  IF EXISTS (SELECT FROM settled_dispute) THEN
    RAISE EXCEPTION 'disputes were settled: restore a backup from before this migration instead'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
END
$$;
DROP VIEW open_dispute;
DROP TABLE settled_dispute;
