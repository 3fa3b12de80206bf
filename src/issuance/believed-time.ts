import { LIMITS } from '@tax-control/protocol';
import type { AuthenticInvoice } from './authentic-invoice.js';

/** When an invoice was written by its till's clock, milliseconds since 1970: at the sale, unless it says that it was entered later. */
export function writtenAt({ invoice, soldAt }: Pick<AuthenticInvoice, 'invoice' | 'soldAt'>): number {
  return invoice.enteredLater === undefined ? soldAt : Date.parse(invoice.enteredLater.at);
}

/**
 * By how many milliseconds an invoice was written before the one in front of it in its journal, beyond what its till measured of its clock
 * and what a bill that is paid later explains; null: it was not.
 * @param beforeSoldAt time of sale of the journal's last one with a lower counter that is believed, milliseconds; null: none is on file
 */
export function backwardsMs(authentic: AuthenticInvoice, beforeSoldAt: number | null): number | null {
  if (beforeSoldAt === null) return null;
  const byMs = beforeSoldAt - writtenAt(authentic);
  const explainedMs = LIMITS.entryDelayMsMax + Math.abs(authentic.invoice.clockOffsetMs ?? 0);
  return byMs > explainedMs ? byMs : null;
}

/**
 * Whether the time of sale can be believed. It cannot where the till itself knew better, before the life of the certificate that signed, in
 * the future, before the journal's previous invoice, and online, where nothing waits, long before its arrival. Such an invoice
 * counts in reports when it is registered: else the till would choose the month in which its sales are seen.
 * @param beforeSoldAt as in {@link backwardsMs}
 */
export function isTimeBelieved(authentic: AuthenticInvoice, beforeSoldAt: number | null): boolean {
  const { invoice, signer, soldAt, arrival } = authentic;
  if (invoice.clockBehind !== undefined || soldAt < signer.notBefore) return false;
  if (soldAt - arrival.at > LIMITS.clockOffsetMsMax || backwardsMs(authentic, beforeSoldAt) !== null) return false;
  const mayHaveWaited = arrival.door === 'reissue' || arrival.isResumed === true || invoice.enteredLater !== undefined;
  return mayHaveWaited || arrival.at - soldAt <= LIMITS.entryDelayMsMax;
}
