import { verdictLines } from '../audit/report-lines.js';
import type { Paint } from '../screen/style.js';
import { groupDigits, tableLines } from '../screen/table.js';
import { type DayTotals, sumOfDays } from './day-totals.js';
import type { ReplayResult } from './run-replay.js';

/** Rows of what was not accepted that are shown; the rest is counted. */
const NOT_ACCEPTED_SHOWN = 20;
const HEADER = ['day', 'invoices', 'refunds', 'lines', 'sold (p)', 'refunded (p)', 'total (p)'];

/** What must be true of a replay: all that the shop sold is on file, to the penny, under codes of its own. Empty when it is. */
export function faultsOf(result: ReplayResult): string[] {
  const { handedOver, onFile, notAccepted, codes, audit } = result;
  return [
    ...(notAccepted.length > 0 ? [`${notAccepted.length} invoices were not accepted`] : []),
    ...(JSON.stringify(handedOver) === JSON.stringify(onFile) ? [] : ['the ledger has other totals than the shop']),
    ...(codes.given === codes.different ? [] : ['a code was given twice']),
    ...audit.verdicts.filter(({ held }) => held !== true).map(({ id }) => `audit: ${id} does not hold`),
  ];
}

/** The report for people. @param vatRate per cent; prices include it */
export function reportLines(result: ReplayResult, vatRate: string, paint: Paint): string[] {
  const { onFile, codes, warnings, notAccepted, audit, issuedOnline, storedOffline } = result;
  const faults = faultsOf(result);
  const counted: readonly (readonly [string, string])[] = [
    ['codes given', groupDigits(codes.given)],
    ['different codes', groupDigits(codes.different)],
    ['code at the sale', groupDigits(issuedOnline)],
    ['code after the outage', groupDigits(storedOffline)],
    ...Object.entries(warnings).map(([warning, count]) => [`warning ${warning}`, groupDigits(count)] as const),
    ['not accepted', groupDigits(notAccepted.length)],
  ];
  return [
    paint('bold', 'What is on file, by business day; money in pence'),
    ...tableLines([HEADER, ...onFile.map(dayRow), dayRow({ day: 'all', ...sumOfDays(onFile) })]),
    `  Prices are taken to include ${vatRate} % VAT; the data do not tell.`,
    '  Invoices bear the shop’s own times, certificates and clocks are of today: the warnings that',
    '  speak of clock, validity, late entry and offline hours say just that.',
    '',
    ...tableLines(counted),
    ...notAccepted.slice(0, NOT_ACCEPTED_SHOWN).map(({ saleId, result: end, why }) => `  ${saleId}: ${end}: ${why}`),
    '',
    ...audit.verdicts.flatMap((verdict) => verdictLines(verdict, paint)).map((line) => `  ${line}`),
    '',
    ...(faults.length === 0
      ? [paint('green', '✓ All that the shop sold is on file, to the penny.')]
      : faults.map((fault) => paint('red', `✗ ${fault}`))),
  ];
}

/** The report for programs. */
export function reportObject(result: ReplayResult, vatRate: string): object {
  const { onFile, codes, warnings, notAccepted, audit, issuedOnline, storedOffline } = result;
  return {
    ...sumOfDays(onFile),
    vatRate,
    days: onFile,
    issuedOnline,
    storedOffline,
    codes: codes.given,
    duplicateCodes: codes.given - codes.different,
    warnings,
    notAccepted,
    faults: faultsOf(result),
    audit: Object.fromEntries(audit.verdicts.map(({ id, held }) => [id, held])),
  };
}

function dayRow(day: DayTotals): string[] {
  const { invoices, refunds, lines, sold, refunded, total } = day;
  return [day.day, ...[invoices, refunds, lines, sold, refunded, total].map(groupDigits)];
}
