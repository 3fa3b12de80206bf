-- One attempt counted once, in its hour: what the server saw beside what tills say, and sums that are kept as entries arrive.
-- migrate:up

-- `counted_cause`: the cause as statistics count it: empty for a success, `unknown` for what the catalogue of this version does
-- not have. `is_placed`: its time is one that a clock can have meant, two years back (longer than any outage) to a day ahead.
ALTER TABLE transaction_log_entry
  ADD COLUMN counted_cause text NOT NULL DEFAULT '',
  ADD COLUMN is_placed boolean NOT NULL
    GENERATED ALWAYS AS (at - received_at BETWEEN interval '-731 days' AND interval '1 day') STORED;

UPDATE transaction_log_entry SET counted_cause = CASE WHEN cause IN (
    'name_not_resolved', 'no_route', 'connection_refused', 'connection_reset', 'connect_timeout', 'answer_timeout',
    'tls_untrusted', 'tls_certificate_dates', 'tls_failed', 'answer_unreadable', 'receipt_invalid', 'server_error',
    'circuit_open', 'certificate_not_enrolled', 'till_restarted', 'clock_wrong', 'unknown', 'server_busy', 'outcome_unknown',
    'database_unavailable', 'internal_error', 'not_found', 'method_not_allowed', 'request_too_large',
    'media_type_not_supported', 'request_timeout', 'malformed_request', 'invalid_request', 'too_many_requests',
    'certificate_missing', 'certificate_untrusted', 'certificate_not_yet_valid', 'certificate_expired', 'terminal_unknown',
    'certificate_revoked', 'terminal_revoked', 'terminal_suspended', 'enrolment_secret_wrong', 'enrolment_secret_used',
    'enrolment_secret_expired', 'enrolment_locked', 'csr_malformed', 'csr_key_not_allowed', 'csr_name_mismatch',
    'batch_empty', 'over_threshold', 'invoice_too_large', 'jws_malformed', 'jws_header_not_allowed', 'signer_unknown',
    'signature_invalid', 'payload_not_json', 'payload_duplicate_key', 'payload_number_not_integer', 'amount_unsafe',
    'text_not_allowed', 'too_many_lines', 'schema_violation', 'wrong_terminal', 'wrong_taxpayer', 'wrong_premises',
    'reference_missing', 'line_arithmetic', 'tax_arithmetic', 'total_arithmetic', 'payment_arithmetic', 'identity_conflict',
    'row_refused', 'invoice_unknown', 'too_many_entries', 'entry_invalid', 'parameters_missing'
  ) THEN cause ELSE 'unknown' END
WHERE outcome NOT IN ('issued', 'already_issued');

-- Edges of a period, and the newest entries; failures alone; one cause; one terminal, and its failures; what has no real time.
CREATE INDEX transaction_log_entry_at ON transaction_log_entry (at);
CREATE INDEX transaction_log_entry_failure ON transaction_log_entry (at) WHERE counted_cause <> '';
CREATE INDEX transaction_log_entry_cause ON transaction_log_entry (counted_cause, at) WHERE counted_cause <> '';
CREATE INDEX transaction_log_entry_terminal ON transaction_log_entry (terminal_id, at);
CREATE INDEX transaction_log_entry_terminal_failure ON transaction_log_entry (terminal_id, at) WHERE counted_cause <> '';
CREATE INDEX transaction_log_entry_unplaced ON transaction_log_entry (received_at) WHERE NOT is_placed;

-- Busy, deferred, refused and not authenticated, as the server saw it. Counted until the till's own entry of the same id
-- arrives; kept for ever. The time is the server's.
CREATE TABLE server_event (
  terminal_id text NOT NULL REFERENCES terminal,
  attempt_id uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  door text NOT NULL CHECK (door IN ('issue', 'reissue')),
  outcome text NOT NULL CHECK (outcome IN ('refused', 'deferred', 'failed', 'not_authenticated')),
  cause text NOT NULL CHECK (cause <> ''),
  PRIMARY KEY (terminal_id, attempt_id)
);
CREATE INDEX server_event_at ON server_event (at);

-- Durations in buckets, each a quarter wider than the one before: place 1 is 0 ms, place n + 1 is 1.25^(n-1) to 1.25^n ms.
-- A day or longer is a day. No count is never an empty array: its first place would be wherever something is put. Same rule: src/log-analytics/statistics/histogram.ts.
CREATE FUNCTION add_duration(counts integer[], duration_ms bigint) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  place integer := CASE WHEN duration_ms < 1 THEN 1
    ELSE 2 + floor(ln(least(duration_ms, 86400000)::float8) / ln(1.25::float8))::integer END;
BEGIN
  counts[place] := coalesce(counts[place], 0) + 1;
  RETURN counts;
END
$$;

CREATE FUNCTION add_counts(counts integer[], more integer[]) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  FOR place IN 1 .. cardinality(more) LOOP
    IF more[place] <> 0 THEN
      counts[place] := coalesce(counts[place], 0) + more[place];
    END IF;
  END LOOP;
  RETURN counts;
END
$$;

CREATE AGGREGATE duration_counts(bigint) (
  sfunc = add_duration, stype = integer[], initcond = '{0}', combinefunc = add_counts, parallel = safe
);
CREATE AGGREGATE sum_counts(integer[]) (
  sfunc = add_counts, stype = integer[], initcond = '{0}', combinefunc = add_counts, parallel = safe
);

-- How many attempts began in a quarter-hour, hour or day of UTC, of everybody, a region, a taxpayer, premises or a terminal. Kept
-- in the transaction that stores the entries. Small scopes have no fine grains: there the rows themselves are as few. Durations are
-- kept by day, and of everybody and the regions by hour. Weeks are seven days of UTC from 1970-01-01 on. Partitioned so that what is read most lies together.
CREATE TABLE attempt_count (
  level text NOT NULL,
  grain text NOT NULL,
  scope_id text NOT NULL,
  start timestamptz(0) NOT NULL,
  door text NOT NULL,
  outcome text NOT NULL,
  cause text NOT NULL,
  attempts integer NOT NULL,
  connect_counts integer[] NOT NULL,
  tls_counts integer[] NOT NULL,
  answer_counts integer[] NOT NULL,
  total_counts integer[] NOT NULL,
  connect_ms_max bigint,
  tls_ms_max bigint,
  answer_ms_max bigint,
  total_ms_max bigint,
  PRIMARY KEY (level, grain, scope_id, start, door, outcome, cause)
) PARTITION BY LIST (level);

DO $$
DECLARE
  of_level text;
  of_grain text;
BEGIN
  FOREACH of_level IN ARRAY ARRAY['all', 'region', 'taxpayer', 'premises', 'terminal'] LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF attempt_count FOR VALUES IN (%L) PARTITION BY LIST (grain)',
      'attempt_count_' || of_level, of_level);
    FOREACH of_grain IN ARRAY CASE
      WHEN of_level IN ('all', 'region') THEN ARRAY['quarter', 'hour', 'day', 'week']
      WHEN of_level = 'terminal' THEN ARRAY['day', 'week']
      ELSE ARRAY['hour', 'day'] END
    LOOP
      -- Room for a new version of a row beside the old one: the sums of the present are updated all the time.
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (%L) WITH (fillfactor = 70)',
        'attempt_count_' || of_level || '_' || of_grain, 'attempt_count_' || of_level, of_grain);
    END LOOP;
  END LOOP;
END
$$;
-- The terminals with the most failures.
CREATE INDEX attempt_count_terminal_failure ON attempt_count_terminal (grain, start) WHERE cause <> '';

-- What is counted: placed entries, and events without an entry of the same id.
CREATE VIEW counted_attempt AS
  SELECT terminal_id, entry_id AS attempt_id, at, door, outcome, counted_cause AS cause, connect_ms, tls_ms, answer_ms, total_ms
  FROM transaction_log_entry
  WHERE is_placed
  UNION ALL
  SELECT terminal_id, attempt_id, at, door, outcome, cause, NULL, NULL, NULL, NULL
  FROM server_event
  WHERE NOT EXISTS (
    SELECT FROM transaction_log_entry entry
    WHERE entry.terminal_id = server_event.terminal_id AND entry.entry_id = server_event.attempt_id
  );

-- Sums of one level added up to those of a wider one: premises to regions and taxpayers, regions to all.
CREATE FUNCTION add_up_attempt_counts(from_level text, to_level text, of_grain text, of_regions text[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO attempt_count
  SELECT to_level, of_grain, unit.id, start, door, outcome, cause, sum(attempts), sum_counts(connect_counts), sum_counts(tls_counts),
    sum_counts(answer_counts), sum_counts(total_counts), max(connect_ms_max), max(tls_ms_max), max(answer_ms_max), max(total_ms_max)
  FROM attempt_count
  LEFT JOIN premises ON from_level = 'premises' AND premises.premises_id = scope_id
  CROSS JOIN LATERAL (SELECT CASE to_level WHEN 'region' THEN region WHEN 'taxpayer' THEN taxpayer_id ELSE '' END AS id) AS unit
  WHERE level = from_level AND grain = of_grain AND (of_regions IS NULL OR region = ANY (of_regions))
  GROUP BY unit.id, start, door, outcome, cause
  ORDER BY unit.id, start, door, outcome, cause
$$;

-- Sums of some regions counted from the rows; of their days, from those of their premises.
CREATE FUNCTION count_attempts_of_regions(of_regions text[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO attempt_count
  SELECT 'region', 'quarter', region, date_bin('15 minutes', at, 'epoch') AS start, door, outcome, cause, count(*),
    '{0}', '{0}', '{0}', '{0}', NULL, NULL, NULL, NULL
  FROM counted_attempt JOIN terminal USING (terminal_id) JOIN premises USING (premises_id)
  WHERE region = ANY (of_regions)
  GROUP BY region, start, door, outcome, cause
  ORDER BY region, start, door, outcome, cause;
  INSERT INTO attempt_count
  SELECT 'region', 'hour', region, date_bin('1 hour', at, 'epoch') AS start, door, outcome, cause, count(*),
    duration_counts(connect_ms), duration_counts(tls_ms), duration_counts(answer_ms), duration_counts(total_ms),
    max(connect_ms), max(tls_ms), max(answer_ms), max(total_ms)
  FROM counted_attempt JOIN terminal USING (terminal_id) JOIN premises USING (premises_id)
  WHERE region = ANY (of_regions)
  GROUP BY region, start, door, outcome, cause
  ORDER BY region, start, door, outcome, cause;
  SELECT add_up_attempt_counts('premises', 'region', 'day', of_regions);
  INSERT INTO attempt_count
  SELECT 'region', 'week', scope_id, date_bin('7 days', attempt_count.start, 'epoch') AS week, door, outcome, cause, sum(attempts),
    sum_counts(connect_counts), sum_counts(tls_counts), sum_counts(answer_counts), sum_counts(total_counts),
    max(connect_ms_max), max(tls_ms_max), max(answer_ms_max), max(total_ms_max)
  FROM attempt_count
  WHERE level = 'region' AND grain = 'day' AND scope_id = ANY (of_regions)
  GROUP BY scope_id, week, door, outcome, cause
  ORDER BY scope_id, week, door, outcome, cause;
$$;

-- Everything counted anew from the rows: after a bulk load, or to be sure. Uploads wait meanwhile.
CREATE FUNCTION rebuild_attempt_counts() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('attempt_count'));
  TRUNCATE attempt_count;
  INSERT INTO attempt_count
  SELECT 'terminal', 'day', terminal_id, date_bin('1 day', at, 'epoch') AS start, door, outcome, cause, count(*),
    duration_counts(connect_ms), duration_counts(tls_ms), duration_counts(answer_ms), duration_counts(total_ms),
    max(connect_ms), max(tls_ms), max(answer_ms), max(total_ms)
  FROM counted_attempt
  GROUP BY terminal_id, start, door, outcome, cause
  ORDER BY terminal_id, start, door, outcome, cause;
  INSERT INTO attempt_count
  SELECT 'terminal', 'week', scope_id, date_bin('7 days', attempt_count.start, 'epoch') AS week, door, outcome, cause, sum(attempts),
    '{0}', '{0}', '{0}', '{0}', NULL, NULL, NULL, NULL
  FROM attempt_count
  WHERE level = 'terminal'
  GROUP BY scope_id, week, door, outcome, cause
  ORDER BY scope_id, week, door, outcome, cause;
  INSERT INTO attempt_count
  SELECT 'premises', 'day', premises_id, start, door, outcome, cause, sum(attempts), sum_counts(connect_counts),
    sum_counts(tls_counts), sum_counts(answer_counts), sum_counts(total_counts),
    max(connect_ms_max), max(tls_ms_max), max(answer_ms_max), max(total_ms_max)
  FROM attempt_count JOIN terminal ON terminal_id = scope_id
  WHERE level = 'terminal' AND grain = 'day'
  GROUP BY premises_id, start, door, outcome, cause
  ORDER BY premises_id, start, door, outcome, cause;
  INSERT INTO attempt_count
  SELECT 'premises', 'hour', premises_id, date_bin('1 hour', at, 'epoch') AS start, door, outcome, cause, count(*),
    '{0}', '{0}', '{0}', '{0}', NULL, NULL, NULL, NULL
  FROM counted_attempt JOIN terminal USING (terminal_id)
  GROUP BY premises_id, start, door, outcome, cause
  ORDER BY premises_id, start, door, outcome, cause;
  PERFORM count_attempts_of_regions(array_agg(DISTINCT region)) FROM premises;
  PERFORM add_up_attempt_counts('premises', 'taxpayer', of_grain, NULL) FROM unnest(ARRAY['hour', 'day']) AS of_grain;
  PERFORM add_up_attempt_counts('region', 'all', of_grain, NULL) FROM unnest(ARRAY['quarter', 'hour', 'day', 'week']) AS of_grain;
END
$$;
REVOKE ALL ON FUNCTION rebuild_attempt_counts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rebuild_attempt_counts() TO tax_control_operator;

-- Premises do not move, but a region may have been written down wrongly: then their past belongs to the right one. Uploads wait.
CREATE FUNCTION move_attempt_counts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('attempt_count'));
  DELETE FROM attempt_count WHERE level = 'region' AND scope_id IN (OLD.region, NEW.region);
  PERFORM count_attempts_of_regions(ARRAY[OLD.region, NEW.region]);
  RETURN NULL;
END
$$;
CREATE TRIGGER move_attempt_counts AFTER UPDATE OF region ON premises
  FOR EACH ROW WHEN (OLD.region <> NEW.region) EXECUTE FUNCTION move_attempt_counts();

SELECT rebuild_attempt_counts();

GRANT SELECT, INSERT ON server_event, attempt_count TO tax_control_server;
GRANT UPDATE (
  attempts, connect_counts, tls_counts, answer_counts, total_counts, connect_ms_max, tls_ms_max, answer_ms_max, total_ms_max
) ON attempt_count TO tax_control_server;
GRANT SELECT ON counted_attempt TO tax_control_server;
GRANT SELECT ON server_event, attempt_count, counted_attempt TO tax_control_operator, tax_control_auditor;

-- migrate:down
DROP TRIGGER move_attempt_counts ON premises;
DROP FUNCTION move_attempt_counts(), rebuild_attempt_counts(), count_attempts_of_regions(text[]),
  add_up_attempt_counts(text, text, text, text[]);
DROP VIEW counted_attempt;
DROP TABLE attempt_count, server_event;
DROP AGGREGATE sum_counts(integer[]), duration_counts(bigint);
DROP FUNCTION add_counts(integer[], integer[]), add_duration(integer[], bigint);
DROP INDEX transaction_log_entry_at, transaction_log_entry_failure, transaction_log_entry_cause, transaction_log_entry_terminal,
  transaction_log_entry_terminal_failure, transaction_log_entry_unplaced;
ALTER TABLE transaction_log_entry DROP COLUMN counted_cause, DROP COLUMN is_placed;
