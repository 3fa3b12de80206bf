import { createPrivateKey, randomUUID } from 'node:crypto';
import { type Invoice, signInvoice, uuidV7 } from '@tax-control/protocol';
import { makeInvoiceOfLines } from '@tax-control/protocol/testing';
import type { BenchTerminal } from '../../bench/terminals.js';

/**
 * Signed invoices of one terminal, of so many lines each, chained in a journal of their own.
 *
 * @param change what is wrong with them
 */
export function signedInvoices(
  terminal: BenchTerminal,
  count: number,
  lines: number,
  change: Partial<Invoice> = {},
): string[] {
  const { terminalId, taxpayerId, premisesId, thumbprint } = terminal;
  const key = createPrivateKey(terminal.keyPem);
  const journalId = randomUUID();
  const issuedAt = new Date().toISOString();
  const businessDay = issuedAt.slice(0, 'YYYY-MM-DD'.length);
  const names = { terminalId, taxpayerId, premisesId, journalId, issuedAt, businessDay };
  // Adding up thousands of lines takes longer than signing: one of them serves for all.
  const sample = makeInvoiceOfLines(lines, names);
  let previousDigest: string | null = null;
  return Array.from({ length: count }, (_, index) => {
    const counter = index + 1;
    const signed = signInvoice(
      { ...sample, ...change, id: uuidV7(Date.now()), counter, previousDigest, number: `R-${counter}` },
      key,
      thumbprint,
    );
    previousDigest = signed.digest;
    return signed.jws;
  });
}
