import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { signInvoice, systemClock } from '@tax-control/protocol';
import { makeInvoice, makeSigner } from '@tax-control/protocol/testing';
import type { JournalEntry } from '../journal/entries.js';
import type { Journal } from '../journal/journal.js';
import { type JournalOptions, openJournal } from '../journal/open-journal.js';
import { betterSqlite3Driver } from '../journal/sqlite/better-sqlite3.js';
import { builtInDriver } from '../journal/sqlite/built-in.js';
import { Database } from '../journal/sqlite/database.js';
import type { Driver } from '../journal/sqlite/driver.js';

const signer = makeSigner();

/** Every driver that this Node.js has: one, or both where both are installed (.github/workflows/ci.yml does that on Node.js 22). */
export const DRIVERS: readonly Driver[] = [builtInDriver(), betterSqlite3Driver()].filter((driver) => driver !== null);

/** The driver that the till takes here. */
export const DRIVER = firstOf(DRIVERS);

export const AT = '2026-11-22T18:05:00.000Z';

export function journalFile(directory: string): string {
  return join(directory, 'journal.sqlite');
}

export function openSpecJournal(directory: string, options: Partial<JournalOptions> = {}): Journal {
  return openJournal({ file: journalFile(directory), program: 'spec 1.0', clock: systemClock, ...options });
}

/** The journal's file as anybody could open it, with its rules but without its code. */
export function openRaw(file: string, driver = DRIVER): Database {
  return new Database(driver, file, { readOnly: false, lockWaitMs: 0 });
}

/** Signs a sale into the journal. */
export function appendSale(journal: Journal, saleId: string, amount = 100): JournalEntry {
  const invoiceId = makeInvoice().id;
  const times = { signedAt: Date.now(), notices: [] };
  const sale = { saleId, saleDigest: `digest of ${saleId}`, invoiceId, saleAmount: amount, ...times };
  const attempt = { id: randomUUID(), at: AT, door: 'issue', invoiceId } as const;
  const entry = journal.append(sale, attempt, (place) => ({
    ...signInvoice(makeInvoice({ id: invoiceId, ...place }), signer.privateKey, signer.thumbprint),
    proof: null,
  }));
  if (entry === null) throw new Error('the signer of a spec never refuses');
  return entry;
}

function firstOf(drivers: readonly Driver[]): Driver {
  const [first] = drivers;
  if (first === undefined) throw new Error('This Node.js has no SQLite: see packages/sqlite-for-node-20.');
  return first;
}
