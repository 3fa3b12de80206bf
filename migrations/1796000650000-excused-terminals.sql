-- A till that cannot say that all it holds is on file is excused, with a reason (docs/decisions/0049).
-- migrate:up

-- The last jump of the numbers at which anything may have been forgotten: all but mere starts of PostgreSQL, and those too at which something was,
-- because an older copy was put back. A till or a customer proves that, with a number that was given between the jump before and this one: lower
-- numbers were forgotten earlier.
CREATE VIEW forgetting_jump AS
SELECT next_number, recovered_at, newest_on_file_at
FROM database_recovery AS jump
CROSS JOIN LATERAL (
  SELECT COALESCE(max(next_number), 0) AS first_number FROM database_recovery AS one WHERE one.next_number < jump.next_number
) AS earlier
WHERE why <> 'restarted'
   OR EXISTS (SELECT FROM ledger
              WHERE restored_at >= jump.recovered_at AND sequence >= earlier.first_number AND sequence < jump.next_number)
   OR EXISTS (SELECT FROM known_receipt
              WHERE known_by = 'receipt' AND sequence >= earlier.first_number AND sequence < jump.next_number)
ORDER BY next_number DESC LIMIT 1;

-- Terminals that nobody waits for since the jump that begins at next_number, the forgetting one. Another one asks for all of them again.
CREATE TABLE terminal_excuse (
  terminal_id text NOT NULL REFERENCES terminal,
  next_number bigint NOT NULL,
  excused_by text NOT NULL,
  reason text NOT NULL,
  excused_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (terminal_id, next_number)
);

GRANT INSERT (terminal_id, next_number, excused_by, reason) ON terminal_excuse TO tax_control_server, tax_control_operator;
GRANT SELECT ON terminal_excuse, forgetting_jump TO tax_control_server, tax_control_operator, tax_control_auditor;

-- migrate:down
-- Who was excused, and why, can't be found out again.
DO $$
BEGIN
  IF EXISTS (SELECT FROM terminal_excuse) THEN
    RAISE EXCEPTION 'terminals were excused: restore a backup from before this migration instead'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
END
$$;
DROP TABLE terminal_excuse;
DROP VIEW forgetting_jump;
