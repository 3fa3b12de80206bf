-- What failed when, what is missing, what is odd: kept so that a year can be looked at, and what officials declare and mark (docs/decisions/0018).
-- migrate:up

-- Attempts that the tables below do not hold yet. Written with the attempts, in their transaction, whoever stores them; read by a
-- job. Without times where none of the attempts has a real one: a sign of the till all the same.
CREATE TABLE unread_attempts (
  unread_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  terminal_id text NOT NULL,
  arrived_at timestamptz(3) NOT NULL,
  from_at timestamptz(3),
  to_at timestamptz(3)
);
CREATE FUNCTION note_unread_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO unread_attempts (terminal_id, arrived_at, from_at, to_at)
  SELECT terminal_id, max(received_at), min(at) FILTER (WHERE is_placed), max(at) FILTER (WHERE is_placed)
  FROM new_entry GROUP BY terminal_id;
  RETURN NULL;
END
$$;
CREATE FUNCTION note_unread_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO unread_attempts (terminal_id, arrived_at, from_at, to_at)
  SELECT terminal_id, max(at), min(at), max(at) FROM new_event GROUP BY terminal_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER note_unread_entries AFTER INSERT ON transaction_log_entry
  REFERENCING NEW TABLE AS new_entry FOR EACH STATEMENT EXECUTE FUNCTION note_unread_entries();
CREATE TRIGGER note_unread_events AFTER INSERT ON server_event
  REFERENCING NEW TABLE AS new_event FOR EACH STATEMENT EXECUTE FUNCTION note_unread_events();
INSERT INTO unread_attempts (terminal_id, arrived_at, from_at, to_at)
  SELECT terminal_id, max(received_at), min(at) FILTER (WHERE is_placed), max(at) FILTER (WHERE is_placed)
  FROM transaction_log_entry GROUP BY terminal_id;

-- A terminal could not get through: from its first failure to the next answered attempt (null: none yet).
CREATE TABLE failure_interval (
  terminal_id text NOT NULL REFERENCES terminal,
  started_at timestamptz(3) NOT NULL,
  success_before timestamptz(3),
  last_failure_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3) CHECK (ended_at >= last_failure_at),
  failures integer NOT NULL CHECK (failures > 0),
  invoices integer NOT NULL,
  cause text NOT NULL,
  PRIMARY KEY (terminal_id, started_at)
);
CREATE INDEX failure_interval_started ON failure_interval (started_at);
CREATE INDEX failure_interval_span ON failure_interval USING gist (tstzrange(started_at, ended_at, '[]'));

-- In which quarter-hours of a day of UTC a terminal tried anything; the first bit is midnight.
CREATE TABLE terminal_activity (
  day date NOT NULL,
  terminal_id text NOT NULL REFERENCES terminal,
  quarters bit(96) NOT NULL,
  PRIMARY KEY (day, terminal_id)
);
CREATE INDEX terminal_activity_terminal ON terminal_activity (terminal_id, day);

-- Up to here the tables below hold every row of the source, in the order of recorded_in and number.
CREATE TABLE journal_mark (
  source text PRIMARY KEY CHECK (source IN ('ledger', 'refused_invoice')),
  recorded_in xid8 NOT NULL,
  number bigint NOT NULL
);
INSERT INTO journal_mark VALUES ('ledger', '0', 0), ('refused_invoice', '0', 0);

-- What is known of a journal: a till that is honest has one range from 1. Times of sale are the till's, the others the server's.
CREATE TABLE journal_summary (
  terminal_id text NOT NULL REFERENCES terminal,
  journal_id uuid NOT NULL,
  counters int8multirange NOT NULL,
  first_sold_at timestamptz(0) NOT NULL,
  last_sold_at timestamptz(0) NOT NULL,
  first_registered_at timestamptz(3) NOT NULL,
  last_registered_at timestamptz(3) NOT NULL,
  has_gap boolean NOT NULL GENERATED ALWAYS AS (counters <> int8multirange(int8range(1, upper(counters)))) STORED,
  PRIMARY KEY (terminal_id, journal_id)
);
CREATE INDEX journal_summary_gap ON journal_summary (terminal_id) WHERE has_gap;

-- A counter used twice, and an invoice that does not name the one before it. Found once, never taken back.
CREATE TABLE journal_fault (
  kind text NOT NULL CHECK (kind IN ('fork', 'broken_chain')),
  terminal_id text NOT NULL REFERENCES terminal,
  journal_id uuid NOT NULL,
  counter bigint NOT NULL,
  invoice_id uuid NOT NULL,
  sold_at timestamptz(0) NOT NULL,
  found_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (kind, terminal_id, journal_id, counter, invoice_id)
);

-- Counts of invoices by terminal and month of the business day: what tills are compared by.
CREATE TABLE terminal_month (
  month date NOT NULL CHECK (extract(day FROM month) = 1),
  terminal_id text NOT NULL REFERENCES terminal,
  sales integer NOT NULL,
  refunds integer NOT NULL,
  voids integer NOT NULL,
  trainings integer NOT NULL,
  without_original integer NOT NULL,
  backwards integer NOT NULL,
  backwards_seconds_max bigint NOT NULL,
  PRIMARY KEY (month, terminal_id)
) WITH (fillfactor = 80);

-- When a terminal last sold something on a business day, and how much it took back after that.
CREATE TABLE terminal_closing (
  business_day date NOT NULL,
  terminal_id text NOT NULL REFERENCES terminal,
  last_sale_at timestamptz(0) NOT NULL,
  taken_back_after integer NOT NULL,
  PRIMARY KEY (business_day, terminal_id)
) WITH (fillfactor = 80);
CREATE INDEX terminal_closing_taken_back ON terminal_closing (business_day) WHERE taken_back_after > 0;

-- When anything of a terminal last arrived, and the newest invoice whose clock was wrong.
CREATE TABLE terminal_sign (
  terminal_id text PRIMARY KEY REFERENCES terminal,
  last_sign_at timestamptz(3) NOT NULL,
  clock_off_sequence bigint,
  clock_off_at timestamptz(3),
  last_registered_at timestamptz(3)
) WITH (fillfactor = 80);

-- Few rows of the ledger each, so that issuing online pays for none of the first.
CREATE INDEX ledger_late ON ledger (terminal_id, issued_at) INCLUDE (registered_at, type, kind, currency, total) WHERE door = 'reissue';
CREATE INDEX ledger_taken_back ON ledger (terminal_id, business_day, issued_at) WHERE kind <> 'sale';

-- What officials declare beforehand, so that it is told from what nobody wanted. Withdrawn, never changed.
CREATE TABLE planned_outage (
  planned_outage_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL CHECK (ends_at > starts_at),
  scope text NOT NULL CHECK (scope IN ('all', 'region', 'taxpayer', 'premises', 'terminal')),
  scope_id text CHECK ((scope = 'all') = (scope_id IS NULL)),
  reason text NOT NULL CHECK (reason <> ''),
  declared_by text NOT NULL,
  declared_at timestamptz(3) NOT NULL DEFAULT now(),
  withdrawn_at timestamptz(3),
  withdrawn_by text,
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
);
CREATE INDEX planned_outage_starts ON planned_outage (starts_at);

CREATE TABLE seasonal_closing (
  closing_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  premises_id text NOT NULL REFERENCES premises,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL CHECK (ends_at > starts_at),
  reason text NOT NULL CHECK (reason <> ''),
  declared_by text NOT NULL,
  declared_at timestamptz(3) NOT NULL DEFAULT now(),
  withdrawn_at timestamptz(3),
  withdrawn_by text,
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
);
CREATE INDEX seasonal_closing_premises ON seasonal_closing (premises_id, starts_at);

-- Who looked at a signal, when, and what they thought of it: the newest counts, none is changed.
CREATE TABLE signal_mark (
  mark_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  signal_id text NOT NULL,
  mark text NOT NULL CHECK (mark IN ('open', 'harmless', 'to_follow')),
  note text NOT NULL,
  marked_by text NOT NULL,
  marked_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX signal_mark_signal ON signal_mark (signal_id, mark_id DESC);

-- A further look: what was found and kept is made anew from the rows. What officials declared and marked stays.
CREATE FUNCTION forget_incident_tables() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT pg_advisory_xact_lock(hashtext('incident_tables'));
  TRUNCATE unread_attempts, failure_interval, terminal_activity, journal_summary, journal_fault, terminal_month, terminal_closing, terminal_sign;
  UPDATE journal_mark SET recorded_in = '0', number = 0;
  INSERT INTO unread_attempts (terminal_id, arrived_at, from_at, to_at)
    SELECT terminal_id, max(received_at), min(at) FILTER (WHERE is_placed), max(at) FILTER (WHERE is_placed)
    FROM transaction_log_entry GROUP BY terminal_id;
$$;
REVOKE ALL ON FUNCTION forget_incident_tables() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_incident_tables() TO tax_control_operator;

GRANT SELECT, INSERT, DELETE ON unread_attempts, failure_interval TO tax_control_server;
GRANT SELECT, INSERT, UPDATE ON terminal_activity, journal_summary, terminal_month, terminal_closing, terminal_sign TO tax_control_server;
GRANT SELECT, INSERT ON journal_fault TO tax_control_server;
GRANT SELECT, UPDATE ON journal_mark TO tax_control_server;
GRANT SELECT, INSERT ON planned_outage, seasonal_closing TO tax_control_server;
GRANT UPDATE (withdrawn_at, withdrawn_by) ON planned_outage, seasonal_closing TO tax_control_server;
-- Not `marked_at`: no mark can be dated back.
GRANT SELECT, INSERT (signal_id, mark, note, marked_by) ON signal_mark TO tax_control_server;
GRANT SELECT ON unread_attempts, failure_interval, terminal_activity, journal_mark, journal_summary, journal_fault, terminal_month,
  terminal_closing, terminal_sign, planned_outage, seasonal_closing, signal_mark TO tax_control_operator, tax_control_auditor;

-- migrate:down
DROP FUNCTION forget_incident_tables();
DROP TABLE signal_mark, seasonal_closing, planned_outage, terminal_sign, terminal_closing, terminal_month, journal_fault, journal_summary,
  journal_mark, terminal_activity, failure_interval;
DROP INDEX ledger_taken_back, ledger_late;
DROP TRIGGER note_unread_events ON server_event;
DROP TRIGGER note_unread_entries ON transaction_log_entry;
DROP FUNCTION note_unread_entries(), note_unread_events();
DROP TABLE unread_attempts;
