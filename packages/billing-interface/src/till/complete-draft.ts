import {
  completeArithmetic,
  INVOICE_SCHEMA_VERSION,
  type Invoice,
  isLevy,
  isSameRate,
  type KnownRates,
  LIMITS,
  type Parameters,
  type Problem,
  rateDayOf,
  ratesOnDay,
  type TaxTerms,
  uuidV7,
} from '@tax-control/protocol';
import type { DraftLine, InvoiceDraft } from '../api.js';
import { utcTime } from '../clock.js';
import type { TillIdentity } from '../enrolment/identity.js';
import type { JournalPlace } from '../journal/entries.js';

/** What the till knows itself and adds to a draft. */
export interface TillFacts {
  readonly identity: Pick<TillIdentity, 'terminalId' | 'taxpayerId' | 'premisesId'>;
  readonly software: Invoice['software'];
  readonly parameters: Pick<Parameters, 'taxRates'>;
  /** Till's clock, milliseconds. */
  readonly now: number;
  readonly clock: ClockFacts;
  /** A time of the till's clock as RFC 3339, with the shop's offset. */
  readonly local: (time: number) => string;
  /** The shop's date at an RFC 3339 time. */
  readonly dayOf: (dateTime: string) => string;
  /** Of each original that a refund or void names, its taxes, which it carries too; null: those in force are taken. */
  readonly originals: readonly (OriginalTaxes | null)[];
  /** Last bytes of the invoice's id: see `saleTail`. */
  readonly idTail: Buffer;
}

/** What is known of the taxes of an original. `ofItsDay`: what was in force then, as far as the parameters tell. */
export interface OriginalTaxes {
  readonly taxes: readonly TaxTerms[];
  readonly ofItsDay: readonly TaxTerms[];
}

/** What is known of the till's clock; see `ClockWatch`. */
export interface ClockFacts {
  readonly forInvoice: Pick<Invoice, 'clockOffsetMs' | 'clockOffsetAgeSeconds'>;
  readonly behind: number | null;
  readonly moment: number;
}

/** An invoice but for its place in the journal. */
export type PlacelessInvoice = Omit<Invoice, keyof JournalPlace>;

export type CompletedDraft =
  { readonly ok: true; readonly invoice: PlacelessInvoice } | { readonly ok: false; readonly problem: Problem };

/**
 * Makes an invoice of a draft whose shape was checked: adds what the till knows, and computes amounts, taxes and total where they were left out.
 * What comes out is still to be judged by the rules that the server applies.
 */
export function completeDraft(draft: InvoiceDraft, facts: TillFacts): CompletedDraft {
  const issuedAt = draft.issuedAt ?? facts.local(facts.now);
  const { forInvoice, behind } = facts.clock;
  const times = {
    issuedAt,
    ...forInvoice,
    ...(behind !== null && { clockBehind: utcTime(behind) }),
    businessDay: draft.businessDay ?? facts.dayOf(issuedAt),
  };
  const completed = completeArithmetic(draft, ratesOf(draft, rateDayOf(times), facts));
  if (!completed.ok) return completed;
  const enteredLater = laterEntryOf(draft, facts);
  const { cashier, buyer, reference, supersedes } = draft;
  const invoice: PlacelessInvoice = {
    schemaVersion: INVOICE_SCHEMA_VERSION,
    id: uuidV7(facts.now, facts.idTail),
    taxpayerId: facts.identity.taxpayerId,
    premisesId: facts.identity.premisesId,
    terminalId: facts.identity.terminalId,
    type: draft.type ?? 'normal',
    kind: draft.kind,
    number: draft.number,
    ...times,
    ...(enteredLater !== null && { enteredLater }),
    ...(cashier !== undefined && { cashier }),
    software: facts.software,
    currency: draft.currency,
    priceBasis: draft.priceBasis,
    lines: completed.lines,
    taxes: completed.taxes,
    total: completed.total,
    payments: draft.payments,
    ...(buyer !== undefined && { buyer }),
    ...(reference !== undefined && { reference }),
    ...(supersedes !== undefined && { supersedes }),
  };
  return { ok: true, invoice };
}

/** A sale that the MIS says was entered later; one whose time is long past is so without a word of the MIS, too. */
function laterEntryOf(
  { issuedAt, enteredLater }: InvoiceDraft,
  facts: TillFacts,
): NonNullable<Invoice['enteredLater']> | null {
  if (issuedAt === undefined) return null;
  const isLate = facts.clock.moment - Date.parse(issuedAt) > LIMITS.entryDelayMsMax;
  return isLate || enteredLater !== undefined ? { at: facts.local(facts.now), ...enteredLater } : null;
}

/**
 * A sale has the rates in force that day. What a refund or void takes back has those of its own original, and of no other; what the original did
 * not have, those in force. Goods that a refund gives in place of others are sold now; a bottle that comes along with the goods is not.
 */
function ratesOf(draft: InvoiceDraft, day: string, { originals, parameters }: TillFacts): KnownRates {
  const inForce = ratesOnDay(parameters.taxRates, day);
  const ofOriginals = originals.map((original) => (original === null ? inForce : withOthers(original, inForce)));
  const isBack = (line: DraftLine): boolean => line.quantity.startsWith('-') !== line.unitPrice.startsWith('-');
  const isExchange = draft.kind === 'refund' && draft.lines.some((line) => line.type === 'goods' && isBack(line));
  const of = (line: DraftLine): readonly TaxTerms[] => {
    if (draft.kind === 'sale' || (isExchange && line.type === 'goods' && !isBack(line))) return inForce;
    return ofOriginals[line.original ?? 0] ?? inForce;
  };
  return { of, ever: [...parameters.taxRates, ...originals.flatMap((original) => original?.taxes ?? [])] };
}

/**
 * Of a category that an original has at several rates, as after an exchange, that of its day; which of them it is else, the line must say.
 */
function withOthers({ taxes, ofItsDay }: OriginalTaxes, inForce: readonly TaxTerms[]): TaxTerms[] {
  const isOf = (one: TaxTerms, other: TaxTerms): boolean =>
    one.category === other.category && isLevy(one) === isLevy(other);
  const usual = taxes.filter((tax) => {
    const ofDay = ofItsDay.find((terms) => isOf(terms, tax));
    const several = taxes.filter((other) => isOf(other, tax));
    const hasOfDay = ofDay !== undefined && several.some(({ rate }) => isSameRate(rate, ofDay.rate));
    return several.length === 1 || !hasOfDay || isSameRate(tax.rate, ofDay.rate);
  });
  return [...usual, ...inForce.filter((terms) => !taxes.some((tax) => isOf(tax, terms)))];
}

/** What a sale adds to the sum of waiting sales: nothing for refunds, voids and what counts in no turnover. */
export function saleAmount({ kind, type, total }: Pick<Invoice, 'kind' | 'type' | 'total'>): number {
  return kind === 'sale' && (type === 'normal' || type === 'advance') ? Math.max(total, 0) : 0;
}
