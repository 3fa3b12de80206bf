import {
  type InvoiceResult,
  type Problem,
  PROBLEMS,
  type PublicKey,
  readReceipt,
  receiptDifferences,
  type Warning,
} from '@tax-control/protocol';
import type { JournalEntry } from '../journal/entries.js';
import { classOfCause, type FailureClass } from '../sender/failure-cause.js';
import { invoiceOf } from './sale-answers.js';

/** What the till makes of a result: an answer is believed only when its receipt is signed and of this invoice. */
export type Verdict =
  | {
      readonly kind: 'issued';
      readonly already: boolean;
      readonly receipt: string;
      readonly code: string;
      readonly warnings: readonly Warning[];
    }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'deferred'; readonly problem: Problem; readonly class: FailureClass }
  | { readonly kind: 'unbelievable'; readonly detail: string };

/** Problems of the signed bytes and of what they say (catalogue numbers): only these are about the invoice itself. */
const FIRST_INVOICE_PROBLEM = 50;
const LAST_INVOICE_PROBLEM = 79;

/** Whether a problem says that this invoice will never be issued, whatever the state of line, server and till. */
export function isRefusal(problem: Problem): boolean {
  const { number, retry } = PROBLEMS[problem.code];
  return retry === 'never' && number >= FIRST_INVOICE_PROBLEM && number <= LAST_INVOICE_PROBLEM;
}

/** Judges one result. Pure. */
export function judgeResult(entry: JournalEntry, result: InvoiceResult, trustedKeys: readonly PublicKey[]): Verdict {
  if (result.result === 'refused' && isRefusal(result.problem)) return { kind: 'refused', problem: result.problem };
  if (result.result === 'refused' || result.result === 'deferred')
    return { kind: 'deferred', problem: result.problem, class: classOfCause(result.problem.code) };
  const read = readReceipt(result.receipt, trustedKeys);
  if (!read.ok) return { kind: 'unbelievable', detail: read.detail };
  const differences = receiptDifferences(read.receipt, invoiceOf(entry.jws), entry.digest);
  if (differences.length > 0)
    return { kind: 'unbelievable', detail: `The receipt is of another invoice: ${differences.join(', ')} differ.` };
  const { receipt, warnings } = result;
  return { kind: 'issued', already: result.result === 'already_issued', receipt, code: read.receipt.code, warnings };
}
