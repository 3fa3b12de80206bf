import type { Environment } from '@tax-control/protocol';
import { TerminalCertificates } from './certificates.js';
import { checkAttemptSums } from './check-attempt-sums.js';
import { checkReferences } from './check-references.js';
import { checkCountedTimes } from './check-counted-time.js';
import { checkCounters } from './check-counters.js';
import { checkInvoiceSums } from './check-invoice-sums.js';
import { checkKnownReceipts } from './check-known-receipts.js';
import { checkStrayContent } from './check-pairs.js';
import { checkRestorations } from './check-restorations.js';
import { checkStoredInvoice } from './check-stored-invoice.js';
import { checkTillExport } from './check-till-exports.js';
import { checkUniqueness } from './check-uniqueness.js';
import { readObject, sha256 } from './compact-jws.js';
import { type AuditKeys, readKeys } from './keys.js';
import { readRemovedContent } from './removed-content.js';
import { openSnapshot, type Snapshot } from './snapshot.js';
import { STORED_INVOICES_SQL, type StoredInvoice } from './stored-invoice.js';
import { newTallies, type Tallies, type Verdict } from './verdict.js';

export interface AuditOptions {
  /** A role that may read all tables; `tax_control_auditor` is made for it. */
  readonly databaseUrl: string;
  readonly keysDirectory: string;
  /** Exported journals (JSON Lines). They must have been written before the audit begins. */
  readonly tillExports?: readonly string[];
  readonly allowWaiting?: boolean;
  readonly onProgress?: (progress: AuditProgress) => void;
}

/** Where the audit is: `done` of `total` things of this stage. */
export interface AuditProgress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

export interface AuditReport {
  /** No check found anything. Checks that could not be made do not count. */
  readonly held: boolean;
  readonly environment: Environment;
  readonly invoices: number;
  readonly refused: number;
  readonly tillInvoices: number;
  readonly verdicts: readonly Verdict[];
}

/** A page may hold this many invoices of the largest size (3.7 MB) and memory still is bounded to some 250 MB. */
const INVOICES_PER_PAGE = 64;

/**
 * Checks I1 to I9 (I5 as far as tells the database) on a live database, in one consistent read-only view of it.
 * @throws KeysError, AuditError, or the driver's error when something cannot be read
 */
export async function runAudit(options: AuditOptions): Promise<AuditReport> {
  const keys = await readKeys(options.keysDirectory);
  const snapshot = await openSnapshot(options.databaseUrl);
  try {
    return await auditSnapshot(snapshot, keys, options);
  } finally {
    await snapshot.close();
  }
}

/** What is asked for cannot be audited; the message says why. */
export class AuditError extends Error {}

async function auditSnapshot(snapshot: Snapshot, keys: AuditKeys, options: AuditOptions): Promise<AuditReport> {
  const { tillExports = [], allowWaiting = false, onProgress = () => {} } = options;
  const environment = await readEnvironment(snapshot);
  const tallies = newTallies();
  const invoices = await countRows(snapshot, 'ledger');
  const refused = await countRows(snapshot, 'refused_invoice');

  onProgress({ stage: 'numbers and identities', done: 0, total: invoices });
  await checkUniqueness(snapshot, environment, tallies);
  const certificates = new TerminalCertificates(snapshot, keys.authorities);
  const removedContent = await readRemovedContent(snapshot);
  let done = 0;
  let readable = 0;
  for await (const page of snapshot.pages<StoredInvoice>(STORED_INVOICES_SQL, INVOICES_PER_PAGE)) {
    await certificates.load(page.flatMap((row) => row.signer ?? []));
    for (const row of page) checkStoredInvoice(row, { environment, keys, certificates, removedContent, tallies });
    readable += page.filter((row) =>
      row.payload === null ? removedContent.isRemoved(row) : readObject(row.payload) !== null,
    ).length;
    await checkReferences(snapshot, page, tallies.columns);
    done += page.length;
    onProgress({ stage: 'invoices', done, total: invoices });
  }
  tallies.I1.expect(
    done === invoices,
    () => `The ledger has ${invoices} rows, but only ${done} were found in order of number.`,
  );
  removedContent.note(tallies.pairs);
  await checkStrayContent(snapshot, tallies.pairs);
  onProgress({ stage: 'counters', done: 0, total: invoices });
  await checkCounters(snapshot, tallies.I5);
  await checkRefusals(snapshot, tallies);
  if (readable === done && tallies.I6.isUnbroken) await checkCountedTimes(snapshot, tallies.columns);
  onProgress({ stage: 'statistics', done: 0, total: invoices });
  await checkAttemptSums(snapshot, tallies.I8);
  await checkInvoiceSums(snapshot, readable === done && tallies.I6.isUnbroken, tallies.I8);
  await checkRestorations(snapshot, tallies.I9);
  await checkKnownReceipts(snapshot, environment, keys, tallies.I9);

  let tillInvoices = 0;
  for (const [index, file] of tillExports.entries()) {
    onProgress({ stage: 'tills', done: index, total: tillExports.length });
    tillInvoices += await checkTillExport(snapshot, file, { environment, keys, tallies, allowWaiting });
  }
  const verdicts = Object.values(tallies).map((tally) =>
    tally.verdict(tillExports.length > 0 || (tally.id !== 'I3' && tally.id !== 'I4')),
  );
  const held = verdicts.every((verdict) => verdict.held !== false);
  return { held, environment, invoices, refused, tillInvoices, verdicts };
}

async function readEnvironment(snapshot: Snapshot): Promise<Environment> {
  const [row] = await snapshot.query<{ environment: Environment }>('SELECT environment FROM installation');
  if (row === undefined)
    throw new AuditError('The database does not say which environment it serves: no server was ever started on it.');
  return row.environment;
}

async function countRows(snapshot: Snapshot, table: 'ledger' | 'refused_invoice'): Promise<number> {
  const [row] = await snapshot.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
  return Number(row?.count);
}

const REFUSALS_PER_PAGE = 64;

/** I4 from the server's side: what was refused is kept as it was sent, with a cause. */
async function checkRefusals(snapshot: Snapshot, { I4 }: Tallies): Promise<void> {
  const sql = 'SELECT refused_id, digest, body, body_removed_at, cause FROM refused_invoice ORDER BY refused_id';
  type Refusal = { refused_id: string; digest: Buffer; body: Buffer; body_removed_at: Date | null; cause: string };
  for await (const page of snapshot.pages<Refusal>(sql, REFUSALS_PER_PAGE))
    for (const { refused_id: id, digest, body, body_removed_at: removedAt, cause } of page) {
      I4.expect(
        removedAt !== null || sha256(body).equals(digest),
        () => `Refused invoice ${id}: the stored bytes are not those of the digest.`,
      );
      I4.expect(cause !== '', () => `Refused invoice ${id} has no cause.`);
    }
}
