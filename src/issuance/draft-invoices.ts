import { type InvoiceHead, type InvoiceTax, plainRate, utcSeconds } from '@tax-control/protocol';
import type { KeyRing } from '../keys/key-ring.js';
import { identityKey } from '../ledger/identity.js';
import type { NewInvoice } from '../ledger/insert-invoices.js';
import type { LedgerFacts } from '../ledger/ledger-row.js';
import { countsInTurnover } from '../ledger/originals.js';
import { sealReceipt } from '../ledger/receipt-of-row.js';
import type { Reservation } from '../ledger/reserve-numbers.js';
import { type AuthenticInvoice, identityOf, journalKey } from './authentic-invoice.js';
import { isTimeBelieved } from './believed-time.js';
import { judgeWarnings, type Rules } from './judge-warnings.js';
import { makeCode, SEQUENCE_DIGITS } from './make-code.js';
import { NumbersOfList } from './numbers-of-list.js';
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
  /** Milliseconds since 1970: when the whole list is registered. */
  readonly nowMs: number;
}

/**
 * `invoices`: those that get a code; `lastCounters`: highest counter of each journal, with this list in it; `forgotten`: by identity, those whose
 * terminal holds a newer receipt than is on file.
 */
export interface Drafts {
  readonly invoices: NewInvoice[];
  readonly lastCounters: Map<string, number>;
  readonly forgotten: ReadonlySet<string>;
  /** Got none: their terminal holds a receipt with a number that is not on file and not below theirs, so theirs may have been given before. */
  readonly behind: readonly AuthenticInvoice[];
}

/**
 * Judges, codes and signs what has a number, in the order of the list: what comes first is on file for what comes behind it.
 */
export function draftInvoices({ list, reservations, originals, waiting, rules, keys, nowMs }: ListFacts): Drafts {
  const signer = keys.receiptSigner();
  const now = new Date(nowMs).toISOString();
  // One that was given before comes alone.
  const given = list[0]?.given;
  const common: Common = given ?? { registeredAt: now, receiptKey: signer.kid };
  const counters = new CountersOfList();
  const numbers = new NumbersOfList();
  const invoices: NewInvoice[] = [];
  const behind: AuthenticInvoice[] = [];
  for (const [index, authentic] of list.entries()) {
    const reservation = reservations[index];
    if (reservation === undefined) throw new Error('every invoice of a list has a reservation');
    counters.onFile(authentic, reservation);
    if (reservation.sequence === null) continue;
    const sequence = given?.sequence ?? reservation.sequence;
    if (!reservation.newestKnown && isBehind(authentic, sequence)) {
      behind.push(authentic);
      continue;
    }
    const isCounterUsed = counters.take(authentic) || reservation.counterUsed;
    const ofOriginals = originals.factsFor(authentic.invoice);
    const waited = waiting.size === 0 ? null : (waiting.get(identityKey(identityOf(authentic))) ?? null);
    const takings = originals.takingsOf(authentic.invoice);
    const numberUsed = reservation.numberUsed ?? numbers.before(authentic.invoice);
    const beforeSoldAt = counters.soldBefore(authentic, reservation);
    const known = {
      counterUsed: isCounterUsed,
      numberUsed,
      originals: ofOriginals,
      takings,
      beforeSoldAt,
      waiting: waited,
    };
    const warnings = judgeWarnings(authentic, known, rules);
    originals.add(authentic.invoice, takings);
    const isBelieved = isTimeBelieved(authentic, beforeSoldAt);
    if (isBelieved) counters.believe(authentic);
    const facts = ledgerFacts(authentic, sequence, keys.macKeyFor(sequence), common);
    numbers.add(authentic.invoice, facts.code);
    const { receipt, receiptSignature } = given ?? sealReceipt(facts, signer.key);
    invoices.push({
      facts,
      receipt,
      receiptSignature,
      restoredAt: given === undefined ? null : now,
      businessDay: authentic.invoice.businessDay,
      countedAt: isBelieved ? null : utcSeconds(common.registeredAt),
      reference: originals.referenceOf(authentic.invoice),
      originals: authentic.invoice.parts.length > 1 ? originals.partsOf(authentic.invoice) : [],
      supersedes: authentic.invoice.supersedes ?? null,
      payload: authentic.payload,
      signature: authentic.signature,
      signer: authentic.signer.thumbprint,
      header: authentic.header,
      previousDigest: authentic.invoice.previousDigest,
      attemptId: authentic.arrival.attemptId,
      goods: authentic.invoice.goods,
      taxes: fiscalTaxes(authentic.invoice),
      warnings,
    });
  }
  const forgotten = list.filter((_, index) => reservations[index]?.newestKnown === false);
  return {
    invoices,
    lastCounters: counters.last,
    forgotten: new Set(forgotten.map((authentic) => identityKey(identityOf(authentic)))),
    behind,
  };
}

/** Whether its terminal says that it holds a number from here on. What it says is not proven; it keeps nobody but itself waiting. */
function isBehind({ arrival: { newestCode } }: AuthenticInvoice, sequence: number): boolean {
  return newestCode !== undefined && Number(newestCode.slice(0, SEQUENCE_DIGITS)) >= sequence;
}

function fiscalTaxes({ type, taxes }: InvoiceHead): InvoiceTax[] {
  return countsInTurnover(type) ? taxes.map((tax) => ({ ...tax, rate: plainRate(tax.rate) })) : [];
}

/** What the rows of a list have in common. */
type Common = Pick<LedgerFacts, 'registeredAt' | 'receiptKey'>;

/** What the ledger keeps of an invoice, and its receipt bears. */
export function ledgerFacts(
  { invoice, digest, arrival }: AuthenticInvoice,
  sequence: number,
  macKey: Buffer,
  { registeredAt, receiptKey }: Common,
): LedgerFacts {
  const { taxpayerId, premisesId, terminalId, journalId, counter, type, kind, number, currency, total } = invoice;
  const issuedAt = utcSeconds(invoice.issuedAt);
  const code = makeCode(sequence, { taxpayerId, terminalId, counter, issuedAt, type, kind, currency, total }, macKey);
  return {
    sequence,
    code,
    digest,
    taxpayerId,
    premisesId,
    terminalId,
    invoiceId: invoice.id,
    journalId,
    counter,
    type,
    kind,
    number,
    issuedAt,
    currency,
    total,
    door: arrival.door,
    registeredAt,
    receiptKey,
  };
}

/** Counters that a list uses, beside those on file. */
class CountersOfList {
  readonly last = new Map<string, number>();
  private readonly used = new Set<string>();
  /** Of each journal, the last of the list whose time of sale is believed; milliseconds since 1970. */
  private readonly believed = new Map<string, { readonly counter: number; readonly soldAt: number }>();

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

  /** Time of sale of the last one with a lower counter, in the list or on file, that is believed; null: there is none. */
  soldBefore(authentic: AuthenticInvoice, { beforeSoldAt }: Reservation): number | null {
    const inList = this.believed.get(journalKey(authentic));
    return inList !== undefined && inList.counter < authentic.invoice.counter ? inList.soldAt : beforeSoldAt;
  }

  believe(authentic: AuthenticInvoice): void {
    this.believed.set(journalKey(authentic), { counter: authentic.invoice.counter, soldAt: authentic.soldAt });
  }

  private raise(journal: string, counter: number): void {
    this.last.set(journal, Math.max(this.last.get(journal) ?? 0, counter));
  }
}
