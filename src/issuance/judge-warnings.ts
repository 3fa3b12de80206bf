import {
  type CashRoundingRules,
  cashRoundingMax,
  dateAt,
  type FactsOf,
  hasWrongSign,
  type InvoiceHead,
  isBusinessDayFar,
  isClockOff,
  type JudgedWarning,
  judgedWarning,
  LIMITS,
  momentOfSale,
  nameOfOriginal,
  numberKey,
  type OfflineLimits,
  rateDayOf,
  type RowSide,
  type TaxRate,
  type TaxTerms,
} from '@tax-control/protocol';
import type { AuthenticInvoice } from './authentic-invoice.js';
import { backwardsMs, writtenAt } from './believed-time.js';
import { countsInTurnover, isSameTax, type OriginalFacts, plainTerms } from '../ledger/originals.js';
import type { NumberUse } from '../ledger/reserve-numbers.js';
import type { Taking } from './taken-back.js';
import type { WaitingFacts } from './waiting.js';

/** What the ledger knows that an invoice is judged by, at the moment when its code is made. */
export interface InvoiceFacts {
  /** Another invoice used this counter of this journal before. */
  readonly counterUsed: boolean;
  /** Another invoice among which the shop's number must be alone, on file or before it in the list. */
  readonly numberUsed: NumberUse | null;
  /** Of a refund or void that counts in turnover: the original of each of its parts, or `unknown`. */
  readonly originals: readonly (OriginalFacts | 'unknown')[];
  /** What a refund or void takes back, from its original and from those above it. */
  readonly takings: readonly Taking[];
  /** Time of sale of the journal's last invoice with a lower counter that is believed, milliseconds; none: none is on file. */
  readonly beforeSoldAt?: number | null;
  /** Of an invoice of the late door: what else waited at its time of sale. */
  readonly waiting: WaitingFacts | null;
}

export interface Rules {
  readonly taxRates: readonly TaxRate[];
  readonly offlineLimits: OfflineLimits;
  readonly cashRoundingMax?: CashRoundingRules | undefined;
}

const HOUR_MS = 3_600_000;

/**
 * What is odd about an invoice that is issued all the same, in the catalogue's order; at most one warning of a kind. A pure function:
 * the same facts give the same warnings.
 */
export function judgeWarnings(authentic: AuthenticInvoice, facts: InvoiceFacts, rules: Rules): JudgedWarning[] {
  return [
    ...judgeOriginal(authentic.invoice, facts),
    ...judgeRates(authentic, facts.originals, rules.taxRates),
    ...judgeWaiting(authentic, facts, rules.offlineLimits),
    ...judgeCounter(authentic.invoice, facts.counterUsed),
    ...judgeClock(authentic, facts.beforeSoldAt ?? null),
    ...judgeTotal(authentic.invoice),
    ...judgeSigner(authentic),
    ...judgeCurrency(authentic.invoice, knownOf(facts.originals)),
    ...judgeSign(authentic.invoice, facts.originals),
    ...judgeRounding(authentic.invoice, rules.cashRoundingMax),
    ...judgeDay(authentic.invoice),
    ...judgeEntry(authentic.invoice),
    ...judgeNumber(authentic.invoice, facts.numberUsed),
  ];
}

type Originals = InvoiceFacts['originals'];

function knownOf(originals: Originals): OriginalFacts[] {
  return originals.filter((original) => original !== 'unknown');
}

function judgeOriginal(invoice: InvoiceHead, { originals, takings }: InvoiceFacts): JudgedWarning[] {
  const found: JudgedWarning[] = [];
  const unknown = invoice.parts.filter((_, position) => originals[position] === 'unknown');
  const names = unknown.map(({ original }) => nameOfOriginal(original)).join(', ');
  const sentence = invoice.parts.length > 1 ? 'original_unknown.as_sale' : 'original_unknown';
  if (names !== '') found.push(judgedWarning(sentence, { originals: names }));
  const known = knownOf(originals);
  if (known.length === 0) return found;
  // A refund with the wrong sign takes nothing back of what it names; `refund_sign_wrong` says so, once.
  const above = isWrongSign(invoice, originals) ? [] : takings.map(takenAbove);
  const most = above.find((one) => one !== null);
  if (most !== undefined) found.push(judgedWarning('refunds_above_original', most));
  if (known.some(({ voids }) => voids > 0)) found.push(judgedWarning('original_already_voided', {}));
  const otherDay = known.find(({ businessDay }) => businessDay !== invoice.businessDay);
  if (invoice.kind === 'void' && otherDay !== undefined)
    found.push(
      judgedWarning('void_on_other_business_day', {
        businessDay: invoice.businessDay,
        originalDay: otherDay.businessDay,
      }),
    );
  return found;
}

/**
 * What is taken and what there is, where an invoice takes more back of an original than there is; null where it does not. A refund that gives
 * money back is compared with what was sold, one that gets money with what came back. Parts of what was divided or rounded may be off by
 * one unit for each line, of the original and of its refunds.
 */
function takenAbove({ total, before, after }: Taking): FactsOf<'refunds_above_original'> | null {
  const side = total > 0 ? 'returned' : 'sold';
  const { goods, takenBack, currency } = after;
  const tolerance = goods.isExact ? 0 : goods.lines + takenBack.lines;
  const isMore = takenBack[side] > before.takenBack[side];
  return isMore && takenBack[side] > BigInt(goods[side] + tolerance)
    ? { taken: money(takenBack[side], currency), available: money(goods[side], currency) }
    : null;
}

/** A row of the taxes, as it is compared. */
type Row = TaxTerms & { readonly side: RowSide };

/**
 * Each row by the rule of those who have it. Of a part whose original can be seen: goods that come back have the original's rate, and what a
 * refund gives in their place has that or one of today. All else has a rate of today; goods that come back of a sale or of an original that can't
 * be seen have one that was in force on that day or on some day before.
 */
function judgeRates(authentic: AuthenticInvoice, originals: Originals, taxRates: readonly TaxRate[]): JudgedWarning[] {
  const { invoice } = authentic;
  const days = rateDays(authentic);
  const isInForce = (row: Row, isFormer: boolean): boolean =>
    days.every((day) =>
      taxRates.some(
        (rate) =>
          isSameTax(plainTerms(rate), row) &&
          rate.from <= day &&
          (isFormer || rate.until === null || rate.until >= day),
      ),
    );
  const isOfOriginal = (row: Row, { rates }: OriginalFacts): boolean =>
    rates === null ||
    rates.some((rate) => isSameTax(rate, row)) ||
    (invoice.kind === 'refund' && row.side === 'given' && isInForce(row, false));
  const isRight = (row: Row, original: OriginalFacts | 'unknown'): boolean =>
    original === 'unknown'
      ? isInForce(row, invoice.kind !== 'sale' || row.side === 'returned')
      : isOfOriginal(row, original);

  const rows = invoice.taxes.map((tax, row): Row => ({ ...plainTerms(tax), side: invoice.rowSides[row] ?? 'both' }));
  const wrong = { rate_not_of_original: new Set<Row>(), rate_not_in_force: new Set<Row>() };
  const judge = (positions: Iterable<number>, original: OriginalFacts | 'unknown'): void => {
    const code = original === 'unknown' ? 'rate_not_in_force' : 'rate_not_of_original';
    for (const position of positions) {
      const row = rows[position];
      if (row !== undefined && !isRight(row, original)) wrong[code].add(row);
    }
  };
  if (originals.length === 0) judge(rows.keys(), 'unknown');
  else for (const [part, original] of originals.entries()) judge(invoice.parts[part]?.rows ?? [], original);
  return [
    ...rateWarning('rate_not_in_force', [...wrong.rate_not_in_force]),
    ...rateWarning('rate_not_of_original', [...wrong.rate_not_of_original]),
  ];
}

/**
 * Days on which a rate must be in force. Who names a business day far from the sale, or tells of a clock by which the sale was before its
 * certificate or after its arrival, gets neither those rates nor the others unjudged.
 */
function rateDays({ invoice, signer, arrival }: AuthenticInvoice): string[] {
  const days = [rateDayOf(invoice), ...(isBusinessDayFar(invoice) ? [invoice.businessDay] : [])];
  const moment = momentOfSale(invoice);
  const earliest = invoice.enteredLater === undefined ? signer.notBefore - LIMITS.clockOffsetMsMax : moment;
  const possible = Math.min(Math.max(moment, earliest), arrival.at + LIMITS.clockOffsetMsMax);
  return possible === moment ? days : [...days, dateAt(possible, invoice.issuedAt)];
}

function rateWarning(code: 'rate_not_in_force' | 'rate_not_of_original', taxes: readonly TaxTerms[]): JudgedWarning[] {
  if (taxes.length === 0) return [];
  return [judgedWarning(code, { taxes: taxes.map(({ category, rate }) => `${category} ${rate} %`).join(', ') })];
}

/**
 * It waited since it was written, as far as that can be believed: no longer than its certificate has lived, and not since before the previous
 * invoice of its journal.
 */
function judgeWaiting(
  authentic: AuthenticInvoice,
  { waiting, beforeSoldAt }: InvoiceFacts,
  limits: OfflineLimits,
): JudgedWarning[] {
  if (waiting === null) return [];
  const found: JudgedWarning[] = [];
  const { invoice, signer, arrival } = authentic;
  const since = Math.max(momentOfSale(invoice), writtenAt(authentic), signer.notBefore, beforeSoldAt ?? 0);
  const hours = (arrival.at - since) / HOUR_MS;
  if (hours > limits.hoursMax)
    // Upwards: what waited longer is never said to have waited as long as the limit.
    found.push(
      judgedWarning('offline_hours_exceeded', { hours: Math.ceil(hours * 10) / 10, hoursMax: limits.hoursMax }),
    );
  if (waiting.invoices > limits.invoicesMax)
    found.push(
      judgedWarning('offline_invoices_exceeded', { invoices: waiting.invoices, invoicesMax: limits.invoicesMax }),
    );
  if (waiting.sales > BigInt(limits.salesMax))
    found.push(
      judgedWarning('offline_sales_exceeded', {
        sales: money(waiting.sales, invoice.currency),
        salesMax: money(limits.salesMax, invoice.currency),
      }),
    );
  return found;
}

function judgeCounter({ counter, journalId }: InvoiceHead, counterUsed: boolean): JudgedWarning[] {
  if (!counterUsed) return [];
  return [judgedWarning('counter_fork', { counter: String(counter), journalId })];
}

/**
 * Online the time of sale is the time of arrival; an offline invoice, or one that the till resumed, may be of any time but the future.
 * What the till measured itself counts at either door: a clock that was found right is not wrong because a bill was paid later.
 */
function judgeClock(authentic: AuthenticInvoice, beforeSoldAt: number | null): JudgedWarning[] {
  const { invoice, soldAt, arrival } = authentic;
  const written = writtenAt(authentic);
  const aheadMs = Math.max(soldAt, written) - arrival.at;
  if (aheadMs > LIMITS.clockOffsetMsMax) return [judgedWarning('clock_off.after_arrival', { offMs: aheadMs })];
  const isMeasuredRight = invoice.clockOffsetMs !== null && !isClockOff(invoice);
  const behindMax =
    isMeasuredRight && invoice.enteredLater === undefined ? LIMITS.entryDelayMsMax : LIMITS.clockOffsetMsMax;
  const behindMs = arrival.at - written;
  if (arrival.door === 'issue' && !arrival.isResumed && behindMs > behindMax)
    return [judgedWarning('clock_off.before_arrival', { offMs: behindMs })];
  const backMs = backwardsMs(authentic, beforeSoldAt);
  if (backMs !== null) return [judgedWarning('clock_off.before_previous', { offMs: backMs })];
  if (!isClockOff(invoice)) return [];
  const measuredMs = invoice.clockOffsetMs ?? 0;
  const sentence = measuredMs < 0 ? 'clock_off.measured_behind' : 'clock_off.measured_ahead';
  return [judgedWarning(sentence, { offMs: Math.abs(measuredMs) })];
}

/** Money for bottles alone is no sale gone wrong; deposit lines do not count, nor does rounding. */
function judgeTotal({ kind, total, exceptDeposits, currency }: InvoiceHead): JudgedWarning[] {
  if (kind !== 'sale' || total >= 0 || exceptDeposits >= 0) return [];
  return [judgedWarning('negative_sale', { total: money(total, currency) })];
}

/** A sale that was entered later was signed then: its certificate may be younger than the sale. */
function judgeSigner(authentic: AuthenticInvoice): JudgedWarning[] {
  const { signer } = authentic;
  const signedAt = writtenAt(authentic);
  const found: JudgedWarning[] = [];
  if (signer.revokedAt !== null)
    found.push(judgedWarning('signing_certificate_revoked', { revokedAt: instant(signer.revokedAt) }));
  if (signedAt < signer.notBefore || signedAt > signer.notAfter)
    found.push(
      judgedWarning('signed_outside_validity', {
        notBefore: instant(signer.notBefore),
        notAfter: instant(signer.notAfter),
      }),
    );
  return found;
}

function judgeCurrency({ currency }: InvoiceHead, known: readonly OriginalFacts[]): JudgedWarning[] {
  const other = known.find((original) => original.currency !== currency);
  if (other === undefined) return [];
  return [judgedWarning('original_of_other_currency', { currency, originalCurrency: other.currency })];
}

/** Of several originals, which are sales, the whole is judged: goods may be given in place of those of one of them. */
function isWrongSign(invoice: InvoiceHead, originals: Originals): boolean {
  const [only = 'unknown', more] = originals;
  return hasWrongSign(invoice, only === 'unknown' || more !== undefined ? null : only);
}

function judgeSign(invoice: InvoiceHead, originals: Originals): JudgedWarning[] {
  if (!countsInTurnover(invoice.type) || !isWrongSign(invoice, originals)) return [];
  const [only, more] = knownOf(originals);
  const total = money(invoice.total, invoice.currency);
  if (only === undefined || more !== undefined) return [judgedWarning('refund_sign_wrong', { total })];
  const originalTotal = money(only.total, only.currency);
  return [judgedWarning('refund_sign_wrong.of_original', { total, originalTotal })];
}

function judgeRounding({ rounding, currency }: InvoiceHead, rules?: CashRoundingRules): JudgedWarning[] {
  const max = cashRoundingMax(currency, rules);
  if (rounding <= max) return [];
  return [
    judgedWarning('rounding_too_large', { rounding: money(rounding, currency), roundingMax: money(max, currency) }),
  ];
}

function judgeDay(invoice: InvoiceHead): JudgedWarning[] {
  const { clockBehind, issuedAt, businessDay } = invoice;
  const found: JudgedWarning[] = [];
  if (clockBehind !== undefined) found.push(judgedWarning('clock_behind', { issuedAt, clockBehind }));
  if (isBusinessDayFar(invoice)) found.push(judgedWarning('business_day_far', { businessDay, issuedAt }));
  return found;
}

function judgeEntry({ enteredLater, issuedAt }: InvoiceHead): JudgedWarning[] {
  if (enteredLater === undefined) return [];
  const { at: enteredAt, reason: explanation } = enteredLater;
  return explanation === undefined
    ? [judgedWarning('entered_later.unexplained', { issuedAt, enteredAt })]
    : [judgedWarning('entered_later', { issuedAt, enteredAt, explanation })];
}

/** Spaces count here, and only whether there are any: `1 11` and `11 1` are found alike, and are two numbers. */
function judgeNumber({ number, businessDay }: InvoiceHead, used: NumberUse | null): JudgedWarning[] {
  if (used === null || words(used.number) !== words(number)) return [];
  const year = businessDay.slice(0, 'yyyy'.length);
  return [judgedWarning('number_used_before', { number, otherCode: used.code, year })];
}

function words(number: string): string {
  return number.trim().split(/\s+/).map(numberKey).join(' ');
}

function money(smallest: number | bigint, currency: string): string {
  return `${smallest} ${currency}`;
}

function instant(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
