import { guarded, journalUnavailable } from './journal-unavailable.js';
import type { Database } from './sqlite/database.js';

/**
 * Version n of the file is what the first n scripts made (`PRAGMA user_version`). A script is never changed once
 * released; the next one is added.
 */
const MIGRATIONS: readonly string[] = [
  `
  -- A chain of invoices inside this file; the last one is written to. A fork opens another.
  CREATE TABLE journals (
    position INTEGER PRIMARY KEY,
    journal_id TEXT NOT NULL UNIQUE,
    opened_at INTEGER NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;

  -- What was signed. position: order of signing over all journals. sale_amount: what it adds to the sum of waiting sales.
  CREATE TABLE invoices (
    position INTEGER PRIMARY KEY,
    journal_id TEXT NOT NULL REFERENCES journals (journal_id),
    counter INTEGER NOT NULL CHECK (counter >= 1),
    sale_id TEXT NOT NULL UNIQUE,
    sale_digest TEXT NOT NULL,
    invoice_id TEXT NOT NULL UNIQUE,
    jws TEXT NOT NULL,
    digest TEXT NOT NULL,
    signed_at INTEGER NOT NULL,
    sale_amount INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'issued', 'refused')),
    cause TEXT,
    detail TEXT,
    deferred INTEGER NOT NULL DEFAULT 0 CHECK (deferred IN (0, 1)),
    failures INTEGER NOT NULL DEFAULT 0,
    failed_at INTEGER,
    receipt TEXT,
    code TEXT,
    warnings TEXT NOT NULL DEFAULT '[]',
    problem TEXT,
    concluded_at INTEGER,
    UNIQUE (journal_id, counter),
    CHECK ((state = 'issued') = (receipt IS NOT NULL)),
    CHECK ((state = 'refused') = (problem IS NOT NULL))
  ) STRICT;
  CREATE INDEX invoices_waiting ON invoices (position) WHERE state = 'waiting';
  CREATE INDEX invoices_state ON invoices (state);

  CREATE TRIGGER invoices_stay BEFORE DELETE ON invoices
  BEGIN SELECT raise(ABORT, 'an invoice is never deleted from the journal'); END;
  CREATE TRIGGER invoices_are_signed
  BEFORE UPDATE OF position, journal_id, counter, sale_id, sale_digest, invoice_id, jws, digest, signed_at, sale_amount ON invoices
  BEGIN SELECT raise(ABORT, 'what was signed never changes'); END;
  CREATE TRIGGER invoices_states BEFORE UPDATE ON invoices WHEN OLD.state <> 'waiting'
  BEGIN SELECT raise(ABORT, 'an issued or refused invoice never changes again'); END;

  -- The transaction log: one row an attempt, written before its first byte goes out; outcome is null until it ended.
  CREATE TABLE attempts (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    door TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    outcome TEXT,
    cause TEXT,
    detail TEXT,
    address TEXT,
    connect_ms INTEGER,
    tls_ms INTEGER,
    answer_ms INTEGER,
    total_ms INTEGER,
    upload TEXT NOT NULL DEFAULT 'waiting' CHECK (upload IN ('waiting', 'taken', 'not_taken'))
  ) STRICT;
  CREATE INDEX attempts_upload ON attempts (position) WHERE upload = 'waiting';
  CREATE INDEX attempts_failed ON attempts (position) WHERE outcome IN ('failed', 'not_authenticated');
  CREATE INDEX attempts_open ON attempts (position) WHERE outcome IS NULL;
  CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts
  BEGIN SELECT raise(ABORT, 'an attempt is never deleted from the log'); END;

  -- What the till's own software did not learn from an answer; the cursor never goes back.
  CREATE TABLE feed (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    sale_id TEXT,
    invoice_id TEXT,
    code TEXT,
    detail TEXT NOT NULL
  ) STRICT;

  -- Every certificate this till ever signed with: an auditor of an export needs them.
  CREATE TABLE certificates (
    thumbprint TEXT PRIMARY KEY,
    pem TEXT NOT NULL,
    added_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- What a receipt without a code bears in its QR: the till's signature over what is printed.
  ALTER TABLE invoices ADD COLUMN proof TEXT;
  CREATE TRIGGER invoices_proofs BEFORE UPDATE OF proof ON invoices
  BEGIN SELECT raise(ABORT, 'what was signed never changes'); END;
  `,
  `
  -- What the till had to say of a sale and the invoice does not show: sentences, a JSON array.
  ALTER TABLE invoices ADD COLUMN notices TEXT NOT NULL DEFAULT '[]';
  -- A refund may name its original by the code on the receipt.
  CREATE INDEX invoices_code ON invoices (code) WHERE code IS NOT NULL;
  `,
  `
  -- Chains of which this file has lost invoices. found: the last counter from which on some may be missing; written: the last
  -- counter that is known to have been written; digest: of that invoice, null where only the server told of it.
  -- signed_after: position of the newest invoice when the loss was noticed.
  CREATE TABLE losses (
    position INTEGER PRIMARY KEY,
    journal_id TEXT NOT NULL,
    found INTEGER NOT NULL,
    written INTEGER NOT NULL,
    digest TEXT,
    noticed_at INTEGER NOT NULL,
    noticed_by TEXT NOT NULL CHECK (noticed_by IN ('mark', 'server')),
    detail TEXT NOT NULL,
    signed_after INTEGER NOT NULL,
    told_at INTEGER,
    cursor TEXT NOT NULL,
    problem TEXT,
    fetched_at INTEGER
  ) STRICT;
  CREATE TRIGGER losses_stay BEFORE DELETE ON losses
  BEGIN SELECT raise(ABORT, 'a loss stays in the journal'); END;

  -- What the server gave back of lost chains. jws: null where the server does not keep the content, or it is no invoice that
  -- this till signed. sale_tag: end of the id,
  -- which the till makes of the saleId.
  CREATE TABLE fetched_invoices (
    position INTEGER PRIMARY KEY,
    journal_id TEXT NOT NULL,
    counter INTEGER NOT NULL,
    invoice_id TEXT NOT NULL,
    sale_tag TEXT NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('issued', 'refused')),
    jws TEXT,
    receipt TEXT,
    code TEXT,
    warnings TEXT NOT NULL DEFAULT '[]',
    problem TEXT,
    fetched_at INTEGER NOT NULL,
    UNIQUE (digest, state),
    CHECK ((state = 'issued') = (receipt IS NOT NULL)),
    CHECK ((state = 'issued') = (code IS NOT NULL)),
    CHECK ((state = 'refused') = (problem IS NOT NULL))
  ) STRICT;
  CREATE INDEX fetched_invoices_place ON fetched_invoices (journal_id, counter);
  CREATE INDEX fetched_invoices_sale ON fetched_invoices (sale_tag);
  CREATE INDEX fetched_invoices_invoice ON fetched_invoices (invoice_id);
  CREATE INDEX fetched_invoices_code ON fetched_invoices (code) WHERE code IS NOT NULL;
  CREATE TRIGGER fetched_invoices_stay BEFORE DELETE ON fetched_invoices
  BEGIN SELECT raise(ABORT, 'an invoice is never deleted from the journal'); END;
  CREATE TRIGGER fetched_invoices_are_signed BEFORE UPDATE ON fetched_invoices
  BEGIN SELECT raise(ABORT, 'what was signed never changes'); END;
  `,
];

/**
 * Brings the file to this version's shape, each step in a transaction of its own; a newer file is refused.
 * @returns whether the file had this version's shape before
 */
export function migrate(database: Database): boolean {
  return guarded(() => {
    const version = Number(database.value('PRAGMA user_version'));
    if (version > MIGRATIONS.length)
      throw journalUnavailable('newer', `its version is ${version}, this program knows ${MIGRATIONS.length}`);
    for (const [index, script] of [...MIGRATIONS.entries()].slice(version)) {
      database.transaction(() => {
        database.exec(script);
        database.exec(`PRAGMA user_version = ${index + 1}`);
      });
    }
    return version === MIGRATIONS.length;
  });
}
