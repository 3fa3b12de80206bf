-- Which database this is, and how numbers went on after it was another one (docs/decisions/0025).
-- migrate:up

-- The database on which codes were last given. A copy of it brings this row along, and differs from it.
CREATE TABLE database_identity (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  system_identifier text NOT NULL,
  timeline integer NOT NULL,
  database_oid bigint NOT NULL,
  table_oid bigint NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT now()
);

-- What the session is in. `timeline` is null on a standby, which has none of its own. The timeline is asked of the place where WAL is
-- written, because the control file learns of a promotion some time later. pg_restore --clean makes the tables anew in the same
-- database: then the table's own number differs.
CREATE VIEW present_identity AS
SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
       CASE WHEN pg_is_in_recovery() THEN NULL
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END AS timeline,
       (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database_oid,
       'database_identity'::regclass::oid::bigint AS table_oid;

-- Every jump of the numbers, for ever. `newest_on_file_at`: what the copy still knew was from then.
CREATE TABLE database_recovery (
  recovery_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recovered_at timestamptz(3) NOT NULL DEFAULT now(),
  why text NOT NULL CHECK (why IN ('other_cluster', 'other_timeline', 'other_database', 'other_tables', 'older_copy', 'operator')),
  environment text NOT NULL CHECK (environment IN ('production', 'test')),
  newest_on_file_at timestamptz(3) NOT NULL,
  highest_number bigint NOT NULL,
  next_number bigint NOT NULL CHECK (next_number > highest_number),
  system_identifier text NOT NULL,
  timeline integer NOT NULL,
  database_oid bigint NOT NULL,
  -- Sums by transaction number must be made anew, and when they were.
  statistics_due boolean NOT NULL,
  statistics_rebuilt_at timestamptz(3)
);

-- Moves the numbers of the environment behind everything that can have been given, records it, and takes the present database for the
-- right one. The arithmetic is in docs/decisions/0025: a fixed 100,000,000, and 1,000 for each second since the newest thing on file.
-- It only ever goes forward. `known_number`: the highest number known from elsewhere, or null.
CREATE FUNCTION move_numbers_on(reason text, known_number bigint) RETURNS database_recovery
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  fixed_margin CONSTANT bigint := 100000000;
  numbers_a_second CONSTANT bigint := 1000;
  serves text := (SELECT installation.environment FROM installation);
  number_sequence regclass := CASE serves WHEN 'production' THEN 'tax_control_number' WHEN 'test' THEN 'tax_control_number_test' END;
  lowest bigint;
  largest bigint;
  highest bigint;
  target bigint;
  newest timestamptz;
  recovery database_recovery;
BEGIN
  IF number_sequence IS NULL THEN
    RAISE EXCEPTION 'no server has ever started on this database' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('database_recovery'));
  SELECT seqmin, seqmax INTO lowest, largest FROM pg_sequence WHERE seqrelid = number_sequence;
  IF known_number NOT BETWEEN lowest AND largest THEN
    RAISE EXCEPTION 'not a number of the % environment', serves USING ERRCODE = 'invalid_parameter_value';
  END IF;
  EXECUTE format('SELECT last_value FROM %s', number_sequence) INTO highest;
  SELECT GREATEST(highest, known_number,
           (SELECT sequence FROM ledger WHERE sequence BETWEEN lowest AND largest ORDER BY sequence DESC LIMIT 1),
           (SELECT max(next_number) - 1 FROM database_recovery WHERE environment = serves))
    INTO highest;
  SELECT GREATEST((SELECT registered_at FROM ledger ORDER BY sequence DESC LIMIT 1),
                  (SELECT max(recorded_at) FROM database_identity), (SELECT installed_at FROM installation))
    INTO newest;
  target := highest + fixed_margin
    + ceil(numbers_a_second * GREATEST(0, extract(epoch FROM clock_timestamp() - newest)))::bigint;
  IF target >= largest THEN
    RAISE EXCEPTION 'the numbers of the % environment are used up: the next would be %', serves, target + 1
      USING ERRCODE = 'sequence_generator_limit_exceeded';
  END IF;
  PERFORM setval(number_sequence, target);
  INSERT INTO database_recovery
    (why, environment, newest_on_file_at, highest_number, next_number, system_identifier, timeline, database_oid, statistics_due)
  SELECT reason, serves, newest, highest, target + 1, present.system_identifier, present.timeline, present.database_oid,
         present.system_identifier IS DISTINCT FROM (SELECT system_identifier FROM database_identity)
  FROM present_identity AS present
  RETURNING * INTO recovery;
  INSERT INTO database_identity (system_identifier, timeline, database_oid, table_oid)
  SELECT * FROM present_identity
  ON CONFLICT (only_row) DO UPDATE
    SET system_identifier = EXCLUDED.system_identifier, timeline = EXCLUDED.timeline,
        database_oid = EXCLUDED.database_oid, table_oid = EXCLUDED.table_oid, recorded_at = now();
  RETURN recovery;
END
$$;
REVOKE ALL ON FUNCTION move_numbers_on(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION move_numbers_on(text, bigint) TO tax_control_server, tax_control_operator;

GRANT SELECT ON database_identity, present_identity, database_recovery TO tax_control_server, tax_control_operator, tax_control_auditor;
GRANT INSERT ON database_identity TO tax_control_server;
GRANT UPDATE (statistics_rebuilt_at) ON database_recovery TO tax_control_server, tax_control_operator;
-- To see that a copy is older than what was seen or written down before.
GRANT SELECT ON SEQUENCE tax_control_number, tax_control_number_test TO tax_control_server;

-- The server makes the sums anew by itself after a dump was restored into another cluster.
GRANT EXECUTE ON FUNCTION adopt_restored_rows(integer), collect_waiting_invoices(), forget_invoice_statistics(),
  rebuild_attempt_counts(), forget_incident_tables() TO tax_control_server;

-- What the recovery log brings back: see src/recovery. Who may make invitations may have certificates of terminals on file anyhow.
GRANT INSERT ON terminal_certificate TO tax_control_operator;
GRANT UPDATE (used_at, key_digest, thumbprint) ON invitation TO tax_control_operator;

-- migrate:down
REVOKE UPDATE (used_at, key_digest, thumbprint) ON invitation FROM tax_control_operator;
REVOKE INSERT ON terminal_certificate FROM tax_control_operator;
REVOKE EXECUTE ON FUNCTION adopt_restored_rows(integer), collect_waiting_invoices(), forget_invoice_statistics(),
  rebuild_attempt_counts(), forget_incident_tables() FROM tax_control_server;
REVOKE SELECT ON SEQUENCE tax_control_number, tax_control_number_test FROM tax_control_server;
DROP FUNCTION move_numbers_on(text, bigint);
DROP TABLE database_recovery;
DROP VIEW present_identity;
DROP TABLE database_identity;
