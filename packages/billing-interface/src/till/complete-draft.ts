import {
  completeArithmetic,
  INVOICE_SCHEMA_VERSION,
  type Invoice,
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
  readonly parameters: Parameters;
  /** Till's clock, milliseconds. */
  readonly now: number;
  readonly clock: ClockFacts;
  /** A time of the till's clock as RFC 3339, with the shop's offset. */
  readonly local: (time: number) => string;
  /** The shop's date at an RFC 3339 time. */
  readonly dayOf: (dateTime: string) => string;
  /** Of each original that a refund or void names, its rates, which it carries too; null: those in force. */
  readonly originalRates: readonly (readonly TaxTerms[] | null)[];
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
  const lines = draft.lines.map((line) => withOriginalRates(line, facts.originalRates));
  const completed = completeArithmetic({ ...draft, lines }, ratesOf(draft, rateDayOf(times), facts));
  if (!completed.ok) return completed;
  const enteredLater = laterEntryOf(draft, facts);
  const { cashier, buyer, reference, supersedes } = draft;
  const invoice: PlacelessInvoice = {
    schemaVersion: INVOICE_SCHEMA_VERSION,
    id: uuidV7(facts.now),
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

/** A refund carries its originals' rates; what they did not have, and every sale, those in force that day. */
function ratesOf(draft: InvoiceDraft, day: string, { originalRates, parameters }: TillFacts): readonly TaxTerms[] {
  const inForce = ratesOnDay(parameters.taxRates, day);
  if (draft.kind === 'sale') return inForce;
  const ofOriginals = [
    ...new Map(originalRates.flatMap((rates) => rates ?? []).map((terms) => [keyOf(terms), terms])).values(),
  ];
  return [
    ...ofOriginals,
    ...inForce.filter(({ category }) => !ofOriginals.some((terms) => terms.category === category)),
  ];
}

function keyOf({ category, rate, levy }: TaxTerms): string {
  return `${category} ${Number(rate)} ${levy ?? ''}`;
}

/** Of several originals each line takes one back, and so bears its rate, unless it states another. */
function withOriginalRates(line: DraftLine, originalRates: TillFacts['originalRates']): DraftLine {
  const rates = line.original === undefined ? null : originalRates[line.original];
  if (rates === null || rates === undefined) return line;
  const rateOf = (category: string | undefined, isLevy: boolean): string | undefined => {
    const fitting = rates.filter((terms) => terms.category === category && (terms.levy !== undefined) === isLevy);
    return fitting.length === 1 ? fitting[0]?.rate : undefined;
  };
  const rate = line.taxRate ?? rateOf(line.taxCategory, false);
  const levies = line.levies?.map((levy) => {
    const rateOfLevy = levy.rate ?? rateOf(levy.category, true);
    return rateOfLevy === undefined ? levy : { ...levy, rate: rateOfLevy };
  });
  return { ...line, ...(rate !== undefined && { taxRate: rate }), ...(levies !== undefined && { levies }) };
}

/** What a sale adds to the sum of waiting sales: nothing for refunds, voids and what counts in no turnover. */
export function saleAmount({ kind, type, total }: Pick<Invoice, 'kind' | 'type' | 'total'>): number {
  return kind === 'sale' && (type === 'normal' || type === 'advance') ? Math.max(total, 0) : 0;
}
