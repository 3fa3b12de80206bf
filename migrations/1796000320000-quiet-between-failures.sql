-- How long a till that failed tried nothing between two failures: what the line was like meanwhile, nobody knows.
-- migrate:up
ALTER TABLE failure_interval ADD COLUMN quiet_ms bigint NOT NULL DEFAULT 0 CHECK (quiet_ms >= 0);
ALTER TABLE failure_interval ALTER COLUMN quiet_ms DROP DEFAULT;
-- The failures are made anew in the background, with it, and with only those invoices that had to wait.
SELECT pg_advisory_xact_lock(hashtext('incident_tables'));
INSERT INTO unread_attempts (terminal_id, arrived_at, from_at, to_at)
  SELECT terminal_id, '-infinity', min(started_at), max(last_failure_at) FROM failure_interval GROUP BY terminal_id;

-- migrate:down
ALTER TABLE failure_interval DROP COLUMN quiet_ms;
