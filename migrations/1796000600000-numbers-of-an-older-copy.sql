-- An older copy of the database gives no number twice, also where nothing but its age tells it from the right one, and needs no file
-- outside the database for that (docs/decisions/0025).
-- migrate:up

-- When its PostgreSQL was started: whoever puts an older copy of the data in place has to start it anew.
ALTER TABLE database_identity ADD COLUMN started_at timestamptz;
CREATE OR REPLACE VIEW present_identity AS
SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
       CASE WHEN pg_is_in_recovery() THEN NULL
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END AS timeline,
       (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database_oid,
       'database_identity'::regclass::oid::bigint AS table_oid,
       pg_postmaster_start_time() AS started_at;

ALTER TABLE database_recovery DROP CONSTRAINT database_recovery_why_check;
ALTER TABLE database_recovery ADD CONSTRAINT database_recovery_why_check
  CHECK (why IN ('other_cluster', 'other_timeline', 'other_database', 'other_tables', 'restarted', 'older_copy', 'operator'));
-- What the copy had on file; numbers above it, up to the jump, may have been given and forgotten.
ALTER TABLE database_recovery ADD COLUMN highest_on_file bigint NOT NULL DEFAULT 0;
ALTER TABLE database_recovery ALTER COLUMN highest_on_file DROP DEFAULT;

-- Numbers grow at least so fast since the installation, given or not: 250 a second (21.6 million a day) last for 114 years, and test's 25
-- for 126. A copy of any age, put back at any moment, starts above all that its successor gave at no more than that.
CREATE FUNCTION number_floor() RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT LEAST(seqmax, seqmin + (CASE environment WHEN 'test' THEN 25 ELSE 250 END
                                 * GREATEST(0, extract(epoch FROM clock_timestamp() - installed_at)))::bigint)
  FROM installation
  JOIN pg_sequence ON seqrelid = CASE environment WHEN 'production' THEN 'tax_control_number' WHEN 'test' THEN 'tax_control_number_test' END::regclass
$$;

-- For each new session, before anybody may use it. Where the floor is more than a year ahead the clock is wrong, or the database slept:
-- then nothing is wasted, and a copy is noticed by the other signs. Read and set in one statement: where it is behind a
-- thousand numbers cannot be given in between, and a lower number that was given would be refused by the ledger's key.
CREATE FUNCTION keep_numbers_above_floor() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  number_sequence text := (
    SELECT CASE environment WHEN 'production' THEN 'tax_control_number' WHEN 'test' THEN 'tax_control_number_test' END FROM installation
  );
  lowest_rise CONSTANT bigint := 1000;
  largest_rise CONSTANT bigint := CASE number_sequence WHEN 'tax_control_number_test' THEN 25 ELSE 250 END * 366 * 86400::bigint;
  raised_to bigint;
BEGIN
  IF number_sequence IS NULL THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT setval(%L, number_floor()) FROM %I WHERE number_floor() - last_value BETWEEN %s AND %s',
                 number_sequence, number_sequence, lowest_rise, largest_rise) INTO raised_to;
  RETURN raised_to;
END
$$;
REVOKE ALL ON FUNCTION keep_numbers_above_floor(), number_floor() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_numbers_above_floor() TO tax_control_server, tax_control_operator;

-- Moves the numbers of the environment behind everything that can have been given, records it, and takes the present database for the
-- right one. It only ever goes forward. The arithmetic, and why it adds up over any number of jumps, is in docs/decisions/0025. `known_number`:
-- the highest number known from elsewhere, or null. `forgotten_number`: one that was given and is not on file, or null.
DROP FUNCTION move_numbers_on(text, bigint);
CREATE FUNCTION move_numbers_on(reason text, known_number bigint, forgotten_number bigint) RETURNS database_recovery
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  serves text := (SELECT installation.environment FROM installation);
  number_sequence regclass := CASE serves WHEN 'production' THEN 'tax_control_number' WHEN 'test' THEN 'tax_control_number_test' END;
  -- The test environment has a ninth of the numbers.
  numbers_a_second CONSTANT bigint := CASE serves WHEN 'test' THEN 1000 ELSE 2000 END;
  margin_max CONSTANT bigint := CASE reason WHEN 'restarted' THEN 1000000 ELSE 100000000 END;
  lowest bigint;
  largest bigint;
  given bigint;
  on_file bigint;
  highest bigint;
  target bigint;
  newest timestamptz;
  jumped timestamptz;
  elsewhere bigint;
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
  EXECUTE format('SELECT last_value FROM %s', number_sequence) INTO given;
  on_file := COALESCE((SELECT sequence FROM ledger WHERE sequence BETWEEN lowest AND LEAST(largest, forgotten_number) ORDER BY sequence DESC LIMIT 1), lowest - 1);
  highest := GREATEST(given, on_file, number_floor(), (SELECT max(next_number) - 1 FROM database_recovery WHERE environment = serves));
  SELECT GREATEST((SELECT max(recorded_at) FROM database_identity), installed_at) INTO jumped FROM installation;
  newest := GREATEST((SELECT registered_at FROM ledger ORDER BY sequence DESC LIMIT 1), jumped);
  target := highest + ceil(numbers_a_second * GREATEST(0, extract(epoch FROM clock_timestamp() - newest),
    LEAST(margin_max::numeric / numbers_a_second, extract(epoch FROM clock_timestamp() - jumped) / 2)))::bigint;
  -- Another copy lived on above this one, or more was given than the rate allows. The recovery log is a minute behind at most.
  elsewhere := GREATEST(known_number, forgotten_number);
  IF elsewhere >= target THEN
    target := elsewhere + 60 * numbers_a_second;
  END IF;
  highest := GREATEST(highest, elsewhere);
  IF target >= largest THEN
    RAISE EXCEPTION 'the numbers of the % environment are used up: the next would be %', serves, target + 1
      USING ERRCODE = 'sequence_generator_limit_exceeded';
  END IF;
  PERFORM setval(number_sequence, target);
  INSERT INTO database_recovery
    (why, environment, newest_on_file_at, highest_on_file, highest_number, next_number, system_identifier, timeline, database_oid,
     statistics_due)
  SELECT reason, serves, newest, on_file, highest, target + 1, present.system_identifier, present.timeline, present.database_oid,
         present.system_identifier IS DISTINCT FROM (SELECT system_identifier FROM database_identity)
  FROM present_identity AS present
  RETURNING * INTO recovery;
  INSERT INTO database_identity (system_identifier, timeline, database_oid, table_oid, started_at)
  SELECT system_identifier, timeline, database_oid, table_oid, started_at FROM present_identity
  ON CONFLICT (only_row) DO UPDATE
    SET system_identifier = EXCLUDED.system_identifier, timeline = EXCLUDED.timeline, database_oid = EXCLUDED.database_oid,
        table_oid = EXCLUDED.table_oid, started_at = EXCLUDED.started_at, recorded_at = clock_timestamp();
  RETURN recovery;
END
$$;
REVOKE ALL ON FUNCTION move_numbers_on(text, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION move_numbers_on(text, bigint, bigint) TO tax_control_server, tax_control_operator;

-- migrate:down
UPDATE database_recovery SET why = 'operator' WHERE why = 'restarted';
DROP FUNCTION keep_numbers_above_floor();
DROP FUNCTION move_numbers_on(text, bigint, bigint);
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
DROP FUNCTION number_floor();
ALTER TABLE database_recovery DROP COLUMN highest_on_file;
ALTER TABLE database_recovery DROP CONSTRAINT database_recovery_why_check;
ALTER TABLE database_recovery ADD CONSTRAINT database_recovery_why_check
  CHECK (why IN ('other_cluster', 'other_timeline', 'other_database', 'other_tables', 'older_copy', 'operator'));
DROP VIEW present_identity;
CREATE VIEW present_identity AS
SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
       CASE WHEN pg_is_in_recovery() THEN NULL
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END AS timeline,
       (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database_oid,
       'database_identity'::regclass::oid::bigint AS table_oid;
GRANT SELECT ON present_identity TO tax_control_server, tax_control_operator, tax_control_auditor;
ALTER TABLE database_identity DROP COLUMN started_at;
