import type { InvoiceHead } from '@tax-control/protocol';
import { countsInTurnover } from '../ledger/originals.js';
import { identityKey } from '../ledger/identity.js';
import type { Queryable } from '../ledger/queryable.js';
import type { Reservation } from '../ledger/reserve-numbers.js';
import { findJournalRows, type JournalRow, type JournalStretch } from '../ledger/waiting-rows.js';
import { type AuthenticInvoice, identityOf, journalKey } from './authentic-invoice.js';

/** What waited in the journal at an invoice's time of sale, the invoice itself counted. Sales in the smallest unit. */
export interface WaitingFacts {
  /** Exact up to one above the limit; more are not counted. */
  readonly invoices: number;
  readonly sales: bigint;
}

/**
 * How far back a journal is read. A till that kept more than this waiting has passed every limit anybody sets long before, and one
 * chunk of the late door must not read a whole year.
 */
const STRETCH_COUNTERS_MAX = 10_000;

/** Of each invoice that came by the late door and has a number: what waited when it was sold, by identity. */
export async function findWaiting(
  client: Queryable,
  list: readonly AuthenticInvoice[],
  reservations: readonly Reservation[],
  invoicesMax: number,
): Promise<Map<string, WaitingFacts>> {
  const late = list.filter(
    ({ arrival }, index) => arrival.door === 'reissue' && reservations[index]?.sequence !== null,
  );
  const waiting = new Map<string, WaitingFacts>();
  for (const ofJournal of groupByJournal(late)) {
    const onFile = await findJournalRows(client, stretchOf(ofJournal, invoicesMax));
    for (const authentic of ofJournal)
      waiting.set(identityKey(identityOf(authentic)), waitingAt(authentic, onFile, ofJournal, invoicesMax));
  }
  return waiting;
}

/**
 * The stretch of their journal that decides how much waited when these invoices were sold. A till reports oldest first and counts
 * without gaps, so what waited at a sale are the counters below it that were registered after it.
 */
export function stretchOf(ofJournal: AtLeastOne<AuthenticInvoice>, invoicesMax: number): JournalStretch {
  const counters = ofJournal.map(({ invoice }) => invoice.counter);
  const [{ invoice }] = ofJournal;
  return {
    terminalId: invoice.terminalId,
    journalId: invoice.journalId,
    fromCounter: counters.reduce(smaller) - Math.min(invoicesMax, STRETCH_COUNTERS_MAX),
    beforeCounter: counters.reduce(greater),
    registeredAfter: ofJournal.map(({ soldAt }) => soldAt).reduce(smaller),
  };
}

/**
 * What waited when `authentic` was sold.
 *
 * @param onFile rows of its journal's stretch
 * @param inList invoices of its journal that came in the same list and had no code either
 */
export function waitingAt(
  authentic: AuthenticInvoice,
  onFile: readonly JournalRow[],
  inList: readonly AuthenticInvoice[],
  invoicesMax: number,
): WaitingFacts {
  const { counter } = authentic.invoice;
  const from = counter - Math.min(invoicesMax, STRETCH_COUNTERS_MAX);
  const isWaiting = (other: { counter: number }): boolean => other.counter >= from && other.counter < counter;
  const before = [
    ...onFile.filter((row) => row.registeredAt > authentic.soldAt),
    ...inList.map(({ invoice }) => rowOf(invoice)),
  ].filter(isWaiting);
  const sales = [...before, rowOf(authentic.invoice)].reduce((sum, { sale }) => sum + BigInt(sale), 0n);
  return { invoices: before.length + 1, sales };
}

function rowOf({ counter, kind, type, total }: InvoiceHead): Pick<JournalRow, 'counter' | 'sale'> {
  return { counter, sale: kind === 'sale' && countsInTurnover(type) ? Math.max(total, 0) : 0 };
}

type AtLeastOne<T> = [T, ...T[]];

function groupByJournal(list: readonly AuthenticInvoice[]): AtLeastOne<AuthenticInvoice>[] {
  const groups = new Map<string, AtLeastOne<AuthenticInvoice>>();
  for (const authentic of list) {
    const group = groups.get(journalKey(authentic));
    if (group) group.push(authentic);
    else groups.set(journalKey(authentic), [authentic]);
  }
  return [...groups.values()];
}

function smaller(one: number, other: number): number {
  return Math.min(one, other);
}

function greater(one: number, other: number): number {
  return Math.max(one, other);
}
