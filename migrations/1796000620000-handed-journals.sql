-- Journals of tills that can send no more, handed in by an operator and taken in by the servers (docs/decisions/0047).
-- migrate:up

-- One file that was handed in. certificates: those in the file, DER, not judged yet. signers: thumbprints that its invoices name.
-- findings: what the file or the journal behind it lacks, the first ones; findings_count: all of them.
CREATE TABLE handed_journal (
  handed_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  terminal_id text NOT NULL REFERENCES terminal,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  -- A dry run: what would become of each invoice is said, and nothing is taken in.
  is_check boolean NOT NULL,
  handed_by text NOT NULL,
  reason text NOT NULL,
  handed_at timestamptz(3) NOT NULL DEFAULT now(),
  invoices integer NOT NULL,
  certificates bytea[] NOT NULL,
  signers text[] NOT NULL,
  findings jsonb NOT NULL DEFAULT '[]',
  findings_count integer NOT NULL DEFAULT 0,
  -- waiting: the servers take it in. deferred: some of it is tried again when due. done: nothing is left to do. refused: none of it was taken.
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'deferred', 'done', 'refused')),
  refused_because text CHECK (refused_because IN ('signed_elsewhere')),
  due_at timestamptz(3) DEFAULT now(),
  passes integer NOT NULL DEFAULT 0,
  ended_at timestamptz(3),
  -- Which server works on it, and until when the others leave it alone.
  worker uuid,
  worker_until timestamptz(3),
  CHECK ((state IN ('waiting', 'deferred')) = (due_at IS NOT NULL)),
  CHECK ((state = 'refused') = (refused_because IS NOT NULL))
);
-- The same file again is the same hand-in; what was refused whole may come again.
CREATE UNIQUE INDEX handed_journal_file ON handed_journal (digest) WHERE NOT is_check AND state <> 'refused';
CREATE INDEX handed_journal_due ON handed_journal (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX handed_journal_terminal ON handed_journal (terminal_id);

-- One invoice of such a file. invoice, receipt: compact JWS; taken away where the ledger has them. line: its place in the file.
-- invoice_id, journal_id, counter, digests: as the invoice says, not judged; null where that cannot be read.
CREATE TABLE handed_invoice (
  handed_id integer NOT NULL REFERENCES handed_journal ON DELETE CASCADE,
  line integer NOT NULL,
  invoice_id uuid,
  journal_id uuid,
  counter bigint,
  digest bytea,
  previous_digest bytea,
  invoice text,
  receipt text,
  has_receipt boolean NOT NULL,
  result text CHECK (result IN ('restored', 'on_file', 'issued', 'already_issued', 'refused', 'deferred')),
  code text,
  warnings text[],
  -- A problem of the catalogue, as the till would have been told.
  problem jsonb,
  ended_at timestamptz(3),
  PRIMARY KEY (handed_id, line),
  CHECK (problem IS NULL OR result IS NULL OR result IN ('refused', 'deferred'))
);
CREATE INDEX handed_invoice_result ON handed_invoice (handed_id, result, line);
-- What is left to do, without what is done before it.
CREATE INDEX handed_invoice_open ON handed_invoice (handed_id, line) WHERE result IS NULL;

-- A file on its way from an official's browser, part by part, until it is handed in. It is nobody else's, and goes after a day.
CREATE TABLE handed_upload_part (
  upload_id uuid NOT NULL,
  official_name text NOT NULL,
  part integer NOT NULL CHECK (part BETWEEN 0 AND 19999),
  bytes bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 65536),
  arrived_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (upload_id, official_name, part)
);
CREATE INDEX handed_upload_part_arrival ON handed_upload_part (arrived_at);
GRANT SELECT, INSERT, DELETE ON handed_upload_part TO tax_control_server;
GRANT SELECT ON handed_upload_part TO tax_control_auditor;

-- A dry run is looked at once; an hour later it goes.
CREATE FUNCTION forget_checked_journals() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM handed_journal WHERE is_check AND handed_at < now() - interval '1 hour'
$$;
REVOKE ALL ON FUNCTION forget_checked_journals() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_checked_journals() TO tax_control_server;

GRANT SELECT ON handed_journal, handed_invoice TO tax_control_server, tax_control_operator, tax_control_auditor;
GRANT INSERT (terminal_id, digest, is_check, handed_by, reason, invoices, certificates, signers),
      UPDATE (findings, findings_count, due_at, state) ON handed_journal TO tax_control_server, tax_control_operator;
GRANT INSERT (handed_id, line, invoice_id, journal_id, counter, digest, previous_digest, invoice, receipt, has_receipt)
      ON handed_invoice TO tax_control_server, tax_control_operator;
GRANT UPDATE (refused_because, passes, ended_at, worker, worker_until) ON handed_journal TO tax_control_server;
GRANT UPDATE (invoice, receipt, result, code, warnings, problem, ended_at) ON handed_invoice TO tax_control_server;

-- migrate:down
-- Who handed in what, and what became of it, can't be found out again.
DO $$
BEGIN
  IF EXISTS (SELECT FROM handed_journal WHERE NOT is_check) THEN
    RAISE EXCEPTION 'journals were handed in: restore a backup from before this migration instead'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
END
$$;
DROP FUNCTION forget_checked_journals();
DROP TABLE handed_upload_part, handed_invoice, handed_journal;
