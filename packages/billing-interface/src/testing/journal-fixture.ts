import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { signInvoice } from '@tax-control/protocol';
import { makeInvoice, makeSigner } from '@tax-control/protocol/testing';
import { systemClock } from '../clock.js';
import type { JournalEntry } from '../journal/entries.js';
import type { Journal } from '../journal/journal.js';
import { type JournalOptions, openJournal } from '../journal/open-journal.js';

const signer = makeSigner();

export const AT = '2026-11-22T18:05:00.000Z';

export function journalFile(directory: string): string {
  return join(directory, 'journal.sqlite');
}

export function openSpecJournal(directory: string, options: Partial<JournalOptions> = {}): Journal {
  return openJournal({ file: journalFile(directory), program: 'spec 1.0', clock: systemClock, ...options });
}

/** Signs a sale into the journal. */
export function appendSale(journal: Journal, saleId: string, amount = 100): JournalEntry {
  const invoiceId = makeInvoice().id;
  const sale = { saleId, saleDigest: `digest of ${saleId}`, invoiceId, saleAmount: amount, signedAt: Date.now() };
  const attempt = { id: randomUUID(), at: AT, door: 'issue', invoiceId } as const;
  const entry = journal.append(sale, attempt, (place) =>
    signInvoice(makeInvoice({ id: invoiceId, ...place }), signer.privateKey, signer.thumbprint),
  );
  if (entry === null) throw new Error('the signer of a spec never refuses');
  return entry;
}
