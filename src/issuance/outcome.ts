import { type InvoiceResult, type Issued, problem, type Problem } from '@tax-control/protocol';
import { type FiledInvoice, toldWarnings } from '../ledger/find-rows.js';
import { identityKey } from '../ledger/identity.js';
import type { LedgerFacts } from '../ledger/ledger-row.js';
import type { NewInvoice } from '../ledger/insert-invoices.js';
import { receiptOfRow } from '../ledger/receipt-of-row.js';
import { type AuthenticInvoice, identityOf, journalKey } from './authentic-invoice.js';

/**
 * What became of one invoice. `lastCounter`: highest counter on file for its journal; null when nothing of it was committed. `newestKnown`: see
 * `Reservation`.
 */
export interface IssueOutcome {
  readonly result: InvoiceResult;
  readonly lastCounter: number | null;
  readonly newestKnown: boolean;
}

/**
 * What became of a list in the database, by identity: newly on file, on file before, or not committed and why. `lastCounters`: by
 * `journalKey`.
 */
export interface Settled {
  readonly issued: ReadonlyMap<string, NewInvoice>;
  readonly onFile: ReadonlyMap<string, FiledInvoice>;
  readonly deferred: ReadonlyMap<string, Problem>;
  readonly lastCounters: ReadonlyMap<string, number>;
  /** By identity, those whose terminal holds a newer receipt than is on file. */
  readonly forgotten: ReadonlySet<string>;
}

/**
 * An outcome for each invoice of a list, in its order.
 *
 * @param distinct the one of each identity that went into the database
 */
export function outcomesOf(
  list: readonly AuthenticInvoice[],
  distinct: ReadonlyMap<string, AuthenticInvoice>,
  settled: Settled,
): IssueOutcome[] {
  return list.map((authentic) => {
    const isTwin = distinct.get(identityKey(identityOf(authentic))) !== authentic;
    return {
      result: resultOf(authentic, isTwin, settled),
      lastCounter: settled.lastCounters.get(journalKey(authentic)) ?? null,
      newestKnown: !settled.forgotten.has(identityKey(identityOf(authentic))),
    };
  });
}

/** The result of an invoice that got no code: refused where asking again changes nothing, else deferred. */
export function turnedAwayWith(why: Problem): Extract<InvoiceResult, { readonly problem: Problem }> {
  return { result: why.retry === 'never' ? 'refused' : 'deferred', problem: why };
}

function resultOf(authentic: AuthenticInvoice, isTwin: boolean, { issued, onFile, deferred }: Settled): InvoiceResult {
  const key = identityKey(identityOf(authentic));
  const cause = deferred.get(key);
  if (cause) return { result: 'deferred', problem: cause };
  const fresh = issued.get(key);
  const kept = fresh
    ? { digest: fresh.facts.digest, receipt: fresh.receipt, warnings: toldWarnings(fresh.warnings) }
    : receiptOnFile(onFile.get(key));
  if (!kept.digest.equals(authentic.digest)) return { result: 'refused', problem: problem('identity_conflict') };
  const { receipt, warnings } = kept;
  return { result: fresh && !isTwin ? 'issued' : 'already_issued', receipt, warnings };
}

function receiptOnFile(
  filed: FiledInvoice | undefined,
): Pick<LedgerFacts, 'digest'> & Pick<Issued, 'receipt' | 'warnings'> {
  if (!filed) throw new Error('an invoice that was committed is not on file');
  return { digest: filed.row.digest, receipt: receiptOfRow(filed.row), warnings: toldWarnings(filed.warnings) };
}
