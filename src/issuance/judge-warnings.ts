import {
  type CashRoundingRules,
  cashRoundingMax,
  dateAt,
  hasWrongSign,
  type InvoiceHead,
  isBusinessDayFar,
  isClockOff,
  LIMITS,
  momentOfSale,
  numberKey,
  type OfflineLimits,
  rateDayOf,
  type RowSide,
  type TaxRate,
  type TaxTerms,
  type Warning,
  type WarningCode,
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
const SECOND_MS = 1000;

/**
 * What is odd about an invoice that is issued all the same, in the catalogue's order; at most one warning of a kind. A pure function:
 * the same facts give the same warnings.
 */
export function judgeWarnings(authentic: AuthenticInvoice, facts: InvoiceFacts, rules: Rules): Warning[] {
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

function judgeOriginal(invoice: InvoiceHead, { originals, takings }: InvoiceFacts): Warning[] {
  const found: Warning[] = [];
  const unknown = invoice.parts.filter((_, position) => originals[position] === 'unknown');
  const names = unknown.map(({ original }) => JSON.stringify(original)).join(', ');
  const asWhat = invoice.parts.length > 1 ? 'Not on file as a sale' : 'Not on file';
  if (names !== '') found.push(warning('original_unknown', `${asWhat}: ${names}.`));
  const known = knownOf(originals);
  if (known.length === 0) return found;
  // A refund with the wrong sign takes nothing back of what it names; `refund_sign_wrong` says so, once.
  const above = isWrongSign(invoice, originals) ? [] : takings.map(takenAbove);
  const most = above.find((one) => one !== null);
  if (most !== undefined) found.push(warning('refunds_above_original', `${most}, in the smallest unit.`));
  if (known.some(({ voids }) => voids > 0))
    found.push(warning('original_already_voided', 'A void of the same original is on file.'));
  const otherDay = known.find(({ businessDay }) => businessDay !== invoice.businessDay);
  if (invoice.kind === 'void' && otherDay !== undefined)
    found.push(
      warning('void_on_other_business_day', `Voided on ${invoice.businessDay}, sold on ${otherDay.businessDay}.`),
    );
  return found;
}

/**
 * "1201 of 1200 GBP" where an invoice takes more back of an original than there is; null where it does not. A refund that gives
 * money back is compared with what was sold, one that gets money with what came back. Parts of what was divided or rounded may be off by
 * one unit for each line, of the original and of its refunds.
 */
function takenAbove({ total, before, after }: Taking): string | null {
  const side = total > 0 ? 'returned' : 'sold';
  const { goods, takenBack, currency } = after;
  const tolerance = goods.isExact ? 0 : goods.lines + takenBack.lines;
  const isMore = takenBack[side] > before.takenBack[side];
  return isMore && takenBack[side] > BigInt(goods[side] + tolerance)
    ? `${takenBack[side]} of ${goods[side]} ${currency}`
    : null;
}

/** A row of the taxes, as it is compared. */
type Row = TaxTerms & { readonly side: RowSide };

/**
 * Each row by the rule of those who have it. Of a part whose original can be seen: goods that come back have the original's rate, and what a
 * refund gives in their place has that or one of today. All else has a rate of today; goods that come back of a sale or of an original that can't
 * be seen have one that was in force on that day or on some day before.
 */
function judgeRates(authentic: AuthenticInvoice, originals: Originals, taxRates: readonly TaxRate[]): Warning[] {
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

function rateWarning(code: WarningCode, taxes: readonly TaxTerms[]): Warning[] {
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

function judgeCurrency({ currency }: InvoiceHead, known: readonly OriginalFacts[]): Warning[] {
  const other = known.find((original) => original.currency !== currency);
  if (other === undefined) return [];
  return [warning('original_of_other_currency', `In ${currency}; the original is in ${other.currency}.`)];
}

/** Of several originals, which are sales, the whole is judged: goods may be given in place of those of one of them. */
function isWrongSign(invoice: InvoiceHead, originals: Originals): boolean {
  const [only = 'unknown', more] = originals;
  return hasWrongSign(invoice, only === 'unknown' || more !== undefined ? null : only);
}

function judgeSign(invoice: InvoiceHead, originals: Originals): Warning[] {
  if (!countsInTurnover(invoice.type) || !isWrongSign(invoice, originals)) return [];
  const [only, more] = knownOf(originals);
  const ofOriginal =
    only === undefined || more !== undefined ? '' : `; its original has ${only.total} ${only.currency}`;
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
