import type { Invoice } from '@tax-control/protocol';
import { SEQUENCE_DIGITS } from './code.js';
import { readObject } from './compact-jws.js';
import type { Snapshot } from './snapshot.js';
import { nameOf, type StoredInvoice } from './stored-invoice.js';
import type { Tally } from './verdict.js';

/**
 * A refund may name its original by code alone; the server then writes the identity that it found. That must be the identity
 * of that code. None at all is right, too: the original may not have been on file yet.
 */
export async function checkCodeReferences(
  snapshot: Snapshot,
  page: readonly StoredInvoice[],
  tally: Tally,
): Promise<void> {
  const resolved = page.flatMap((row) => {
    const code = row.reference_invoice_id === null ? null : referredCode(row);
    return code === null ? [] : [{ row, code }];
  });
  if (resolved.length === 0) return;
  const originals = new Map<string, string>();
  for (const original of await snapshot.query<{ code: string; terminal_id: string; invoice_id: string }>(
    'SELECT code, terminal_id, invoice_id FROM ledger WHERE sequence = ANY ($1::bigint[])',
    [resolved.map(({ code }) => code.slice(0, SEQUENCE_DIGITS))],
  ))
    originals.set(original.code, `${original.terminal_id}/${original.invoice_id}`);
  for (const { row, code } of resolved)
    tally.expect(
      originals.get(code) === `${row.reference_terminal_id}/${row.reference_invoice_id}`,
      () => `${nameOf(row)} refers to code ${code}, but its columns name another invoice.`,
    );
}

function referredCode(row: StoredInvoice): string | null {
  const reference = row.payload && (readObject(row.payload) as Partial<Invoice> | null)?.reference;
  return reference && 'code' in reference ? reference.code : null;
}
