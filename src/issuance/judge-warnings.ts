import {
  type CashRoundingRules,
  cashRoundingMax,
  hasWrongSign,
  type InvoiceHead,
  isBusinessDayFar,
  isClockOff,
  LIMITS,
  momentOfSale,
  numberKey,
  type OfflineLimits,
  rateDayOf,
  type TaxRate,
  type Warning,
  type WarningCode,
} from '@tax-control/protocol';
import type { AuthenticInvoice } from './authentic-invoice.js';
import { backwardsMs, writtenAt } from './believed-time.js';
import { countsInTurnover, type OriginalFacts, plainRate } from '../ledger/originals.js';
import type { NumberUse } from '../ledger/reserve-numbers.js';
import type { Taking } from './taken-back.js';
import type { WaitingFacts } from './waiting.js';

/** What the ledger knows that an invoice is judged by, at the moment when its code is made. */
export interface InvoiceFacts {
  /** Another invoice used this counter of this journal before. */
  readonly counterUsed: boolean;
  /** Another invoice among which the shop's number must be alone, on file or before it in the list. */
  readonly numberUsed: NumberUse | null;
  /** Of a refund or void that names its original: that one, or `unknown`. Null for everything else. */
  readonly original: OriginalFacts | 'unknown' | null;
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
const SECOND_MS = 1000;

/**
 * What is odd about an invoice that is issued all the same, in the catalogue's order; at most one warning of a kind. A pure function:
 * the same facts give the same warnings.
 */
export function judgeWarnings(authentic: AuthenticInvoice, facts: InvoiceFacts, rules: Rules): Warning[] {
  return [
    ...judgeOriginal(authentic.invoice, facts),
    ...judgeRates(authentic.invoice, facts.original, rules.taxRates),
    ...judgeWaiting(authentic, facts, rules.offlineLimits),
    ...judgeCounter(authentic.invoice, facts.counterUsed),
    ...judgeClock(authentic, facts.beforeSoldAt ?? null),
    ...judgeTotal(authentic.invoice),
    ...judgeSigner(authentic),
    ...judgeCurrency(authentic.invoice, facts.original),
    ...judgeSign(authentic.invoice, facts.original),
    ...judgeRounding(authentic.invoice, rules.cashRoundingMax),
    ...judgeDay(authentic.invoice),
    ...judgeEntry(authentic.invoice),
    ...judgeNumber(authentic.invoice, facts.numberUsed),
  ];
}

function judgeOriginal(invoice: InvoiceHead, { original, takings }: InvoiceFacts): Warning[] {
  if (original === null) return [];
  if (original === 'unknown')
    return [warning('original_unknown', `Not on file: ${JSON.stringify(invoice.reference)}.`)];
  const found: Warning[] = [];
  // A refund with the wrong sign takes nothing back of what it names; `refund_sign_wrong` says so, once.
  const above = hasWrongSign(invoice, original) ? undefined : takings.map(takenAbove).find((one) => one !== null);
  if (above !== undefined) found.push(warning('refunds_above_original', `${above}, in the smallest unit.`));
  if (original.voids > 0) found.push(warning('original_already_voided', 'A void of the same original is on file.'));
  if (invoice.kind === 'void' && invoice.businessDay !== original.businessDay)
    found.push(
      warning('void_on_other_business_day', `Voided on ${invoice.businessDay}, sold on ${original.businessDay}.`),
    );
  return found;
}

/**
 * "1201 of 1200 GBP" where an invoice takes more back of an original than there is; null where it does not. A refund that gives
 * money back is compared with what was sold, one that gets money with what came back. Parts of what was divided or rounded may be off by
 * one unit for each line, of the original and of its refunds.
 */
function takenAbove({ taker, before, after }: Taking): string | null {
  const side = taker.total > 0 ? 'returned' : 'sold';
  const { goods, takenBack, currency } = after;
  const tolerance = goods.isExact ? 0 : goods.lines + takenBack.lines;
  const isMore = takenBack[side] > before.takenBack[side];
  return isMore && takenBack[side] > BigInt(goods[side] + tolerance)
    ? `${takenBack[side]} of ${goods[side]} ${currency}`
    : null;
}

function judgeRates(invoice: InvoiceHead, original: InvoiceFacts['original'], taxRates: readonly TaxRate[]): Warning[] {
  const bears = invoice.taxes.map(({ category, rate }) => ({ category, rate: plainRate(rate) }));
  if (invoice.kind !== 'sale' && original !== null && original !== 'unknown') {
    const rates = original.rates;
    if (rates === null) return [];
    const other = bears.filter(({ category, rate }) => rates.get(category) !== rate);
    return rateWarning('rate_not_of_original', other);
  }
  // Who names a business day far from the sale gets neither its rates nor those of the day of sale unjudged.
  const days = [rateDayOf(invoice), ...(isBusinessDayFar(invoice) ? [invoice.businessDay] : [])];
  // A refund whose original cannot be seen bears a rate that was in force on its day or on some day before.
  const isInForce = (rate: TaxRate, day: string): boolean =>
    rate.from <= day && (invoice.kind !== 'sale' || rate.until === null || rate.until >= day);
  const isRight = (tax: { category: string; rate: string }, day: string): boolean =>
    taxRates.some(
      (rate) => rate.category === tax.category && plainRate(rate.rate) === tax.rate && isInForce(rate, day),
    );
  const other = bears.filter((tax) => !days.every((day) => isRight(tax, day)));
  return rateWarning('rate_not_in_force', other);
}

function rateWarning(code: WarningCode, taxes: readonly { category: string; rate: string }[]): Warning[] {
  if (taxes.length === 0) return [];
  return [warning(code, `${taxes.map(({ category, rate }) => `${category} ${rate} %`).join(', ')}.`)];
}

/**
 * It waited since it was written, as far as that can be believed: no longer than its certificate has lived, and not since before the previous
 * invoice of its journal.
 */
function judgeWaiting(
  authentic: AuthenticInvoice,
  { waiting, beforeSoldAt }: InvoiceFacts,
  limits: OfflineLimits,
): Warning[] {
  if (waiting === null) return [];
  const found: Warning[] = [];
  const { invoice, signer, arrival } = authentic;
  const since = Math.max(momentOfSale(invoice), writtenAt(authentic), signer.notBefore, beforeSoldAt ?? 0);
  const hours = (arrival.at - since) / HOUR_MS;
  if (hours > limits.hoursMax)
    found.push(warning('offline_hours_exceeded', `Waited ${hours.toFixed(1)} hours; the limit is ${limits.hoursMax}.`));
  if (waiting.invoices > limits.invoicesMax)
    found.push(
      warning('offline_invoices_exceeded', `At least ${waiting.invoices} waited; the limit is ${limits.invoicesMax}.`),
    );
  if (waiting.sales > BigInt(limits.salesMax))
    found.push(
      warning(
        'offline_sales_exceeded',
        `Sales of ${waiting.sales} waited, in the smallest unit; the limit is ${limits.salesMax}.`,
      ),
    );
  return found;
}

function judgeCounter({ counter, journalId }: InvoiceHead, counterUsed: boolean): Warning[] {
  if (!counterUsed) return [];
  return [warning('counter_fork', `Counter ${counter} of journal ${journalId} was used by another invoice.`)];
}

/**
 * Online the time of sale is the time of arrival; an offline invoice, or one that the till resumed, may be of any time but the future.
 * What the till measured itself counts at either door: a clock that was found right is not wrong because a bill was paid later.
 */
function judgeClock(authentic: AuthenticInvoice, beforeSoldAt: number | null): Warning[] {
  const { invoice, soldAt, arrival } = authentic;
  const written = writtenAt(authentic);
  const aheadMs = Math.max(soldAt, written) - arrival.at;
  if (aheadMs > LIMITS.clockOffsetMsMax)
    return [warning('clock_off', `Time of sale is ${seconds(aheadMs)} s after arrival.`)];
  const isMeasuredRight = invoice.clockOffsetMs !== null && !isClockOff(invoice);
  const behindMax =
    isMeasuredRight && invoice.enteredLater === undefined ? LIMITS.entryDelayMsMax : LIMITS.clockOffsetMsMax;
  const behindMs = arrival.at - written;
  if (arrival.door === 'issue' && !arrival.isResumed && behindMs > behindMax)
    return [warning('clock_off', `Time of sale is ${seconds(behindMs)} s before arrival.`)];
  const backMs = backwardsMs(authentic, beforeSoldAt);
  if (backMs !== null)
    return [
      warning('clock_off', `Time of sale is ${seconds(backMs)} s before that of the journal's previous invoice.`),
    ];
  if (!isClockOff(invoice)) return [];
  const measuredMs = invoice.clockOffsetMs ?? 0;
  return [
    warning('clock_off', `The till measured its own clock to be ${seconds(measuredMs)} s ahead of the server's.`),
  ];
}

/** Money for bottles alone is no sale gone wrong; deposit lines do not count, nor does rounding. */
function judgeTotal({ kind, total, exceptDeposits, currency }: InvoiceHead): Warning[] {
  if (kind !== 'sale' || total >= 0 || exceptDeposits >= 0) return [];
  return [warning('negative_sale', `${total} ${currency}, in the smallest unit.`)];
}

/** A sale that was entered later was signed then: its certificate may be younger than the sale. */
function judgeSigner(authentic: AuthenticInvoice): Warning[] {
  const { signer } = authentic;
  const signedAt = writtenAt(authentic);
  const found: Warning[] = [];
  if (signer.revokedAt !== null)
    found.push(warning('signing_certificate_revoked', `Revoked at ${new Date(signer.revokedAt).toISOString()}.`));
  if (signedAt < signer.notBefore || signedAt > signer.notAfter)
    found.push(
      warning(
        'signed_outside_validity',
        `Valid from ${new Date(signer.notBefore).toISOString()} until ${new Date(signer.notAfter).toISOString()}.`,
      ),
    );
  return found;
}

function judgeCurrency({ currency }: InvoiceHead, original: InvoiceFacts['original']): Warning[] {
  if (original === null || original === 'unknown' || original.currency === currency) return [];
  return [warning('original_of_other_currency', `In ${currency}; the original is in ${original.currency}.`)];
}

function judgeSign(invoice: InvoiceHead, original: InvoiceFacts['original']): Warning[] {
  if (!countsInTurnover(invoice.type)) return [];
  const seen = original === 'unknown' ? null : original;
  if (!hasWrongSign(invoice, seen)) return [];
  const ofOriginal = seen === null ? '' : `; its original has ${seen.total} ${seen.currency}`;
  return [warning('refund_sign_wrong', `${invoice.total} ${invoice.currency}${ofOriginal}, in the smallest unit.`)];
}

function judgeRounding({ rounding, currency }: InvoiceHead, rules?: CashRoundingRules): Warning[] {
  const max = cashRoundingMax(currency, rules);
  if (rounding <= max) return [];
  return [
    warning('rounding_too_large', `By ${rounding} ${currency}, in the smallest unit; cash is by ${max} at most.`),
  ];
}

function judgeDay(invoice: InvoiceHead): Warning[] {
  const { clockBehind, issuedAt, businessDay } = invoice;
  const found: Warning[] = [];
  if (clockBehind !== undefined)
    found.push(warning('clock_behind', `Time of sale by the till's clock: ${issuedAt}; ${clockBehind} had passed.`));
  if (isBusinessDayFar(invoice))
    found.push(warning('business_day_far', `Business day ${businessDay}, time of sale ${issuedAt}.`));
  return found;
}

function judgeEntry({ enteredLater, issuedAt }: InvoiceHead): Warning[] {
  if (enteredLater === undefined) return [];
  const { at, reason = 'No reason was given.' } = enteredLater;
  return [warning('entered_later', `Sold at ${issuedAt}, entered at ${at}: ${reason}`)];
}

/** Spaces count here, and only whether there are any: `1 11` and `11 1` are found alike, and are two numbers. */
function judgeNumber({ number, businessDay }: InvoiceHead, used: NumberUse | null): Warning[] {
  if (used === null || words(used.number) !== words(number)) return [];
  const year = businessDay.slice(0, 'yyyy'.length);
  return [warning('number_used_before', `${JSON.stringify(number)} also stands on code ${used.code}, in ${year}.`)];
}

function words(number: string): string {
  return number.trim().split(/\s+/).map(numberKey).join(' ');
}

function warning(code: WarningCode, detail: string): Warning {
  return { code, detail };
}

function seconds(timeMs: number): string {
  return (timeMs / SECOND_MS).toFixed(0);
}
