import type { KeyRing } from '../keys/key-ring.js';
import { identityKey } from '../ledger/identity.js';
import type { NewInvoice } from '../ledger/insert-invoices.js';
import type { LedgerFacts } from '../ledger/ledger-row.js';
import { signReceipt, wholeSeconds } from '../ledger/receipt-of-row.js';
import type { Reservation } from '../ledger/reserve-numbers.js';
import { type AuthenticInvoice, identityOf, journalKey } from './authentic-invoice.js';
import { judgeWarnings, type Rules } from './judge-warnings.js';
import { makeCode } from './make-code.js';
import type { OriginalsOfList } from './originals-of-list.js';
import type { WaitingFacts } from './waiting.js';

/** What is known of a list when its codes are made. `reservations`: one for each invoice, in order. */
export interface ListFacts {
  readonly list: readonly AuthenticInvoice[];
  readonly reservations: readonly Reservation[];
  readonly originals: OriginalsOfList;
  /** By identity, of those that came by the late door. */
  readonly waiting: ReadonlyMap<string, WaitingFacts>;
  readonly rules: Rules;
  readonly keys: Pick<KeyRing, 'receiptSigner' | 'macKeyFor'>;
}

/** `invoices`: those that have a number; `lastCounters`: highest counter of each journal, with this list in it. */
export interface Drafts {
  readonly invoices: NewInvoice[];
  readonly lastCounters: Map<string, number>;
}

/**
 * Judges, codes and signs what has a number, in the order of the list: what comes first is on file for what comes behind it.
 * The whole list gets one time.
 */
export function draftInvoices({ list, reservations, originals, waiting, rules, keys }: ListFacts): Drafts {
  const registeredAt = Date.now();
  const signer = keys.receiptSigner();
  const counters = new CountersOfList();
  const invoices: NewInvoice[] = [];
  for (const [index, authentic] of list.entries()) {
    const reservation = reservations[index];
    if (reservation === undefined) throw new Error('every invoice of a list has a reservation');
    counters.onFile(authentic, reservation);
    const { sequence } = reservation;
    if (sequence === null) continue;
    const warnings = judgeWarnings(
      authentic,
      {
        counterUsed: counters.take(authentic) || reservation.counterUsed,
        original: originals.factsFor(authentic.invoice),
        waiting: waiting.get(identityKey(identityOf(authentic))) ?? null,
      },
      rules,
    );
    originals.add(authentic.invoice);
    const facts = ledgerFacts(authentic, sequence, registeredAt, signer.kid, keys.macKeyFor(sequence));
    invoices.push({
      ...facts,
      receiptSignature: signReceipt(facts, signer.key),
      businessDay: authentic.invoice.businessDay,
      reference: originals.identityOf(authentic.invoice),
      supersedes: authentic.invoice.supersedes ?? null,
      payload: authentic.payload,
      signature: authentic.signature,
      signer: authentic.signer.thumbprint,
      header: authentic.header,
      previousDigest: authentic.invoice.previousDigest,
      attemptId: authentic.arrival.attemptId,
      warnings,
    });
  }
  return { invoices, lastCounters: counters.last };
}

function ledgerFacts(
  { invoice, digest, soldAt, arrival }: AuthenticInvoice,
  sequence: number,
  registeredAt: number,
  receiptKey: string,
  macKey: Buffer,
): LedgerFacts {
  const { taxpayerId, premisesId, terminalId, journalId, counter, type, kind, number, currency, total } = invoice;
  const issuedAt = wholeSeconds(soldAt);
  const printed = { taxpayerId, terminalId, counter, issuedAt, type, kind, currency, total };
  return {
    ...printed,
    sequence,
    code: makeCode(sequence, printed, macKey),
    digest,
    premisesId,
    invoiceId: invoice.id,
    journalId,
    number,
    door: arrival.door,
    registeredAt,
    receiptKey,
  };
}

/** Counters that a list uses, beside those on file. */
class CountersOfList {
  readonly last = new Map<string, number>();
  private readonly used = new Set<string>();

  onFile(authentic: AuthenticInvoice, { lastCounter }: Reservation): void {
    if (lastCounter !== null) this.raise(journalKey(authentic), lastCounter);
  }

  /** Whether another invoice of the list used this counter before. */
  take(authentic: AuthenticInvoice): boolean {
    const journal = journalKey(authentic);
    const { counter } = authentic.invoice;
    const key = `${journal}/${counter}`;
    const isUsed = this.used.has(key);
    this.used.add(key);
    this.raise(journal, counter);
    return isUsed;
  }

  private raise(journal: string, counter: number): void {
    this.last.set(journal, Math.max(this.last.get(journal) ?? 0, counter));
  }
}
