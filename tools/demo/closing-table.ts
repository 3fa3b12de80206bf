import { groupDigits, tableLines } from '../screen/table.js';
import type { DemoResult } from './play.js';

/** What the demo came to, for people. */
export function closingLines(result: DemoResult): string[] {
  const rows: readonly (readonly [string, number])[] = [
    ['sales with their code in the answer', result.issuedOnline],
    ['sales that went on without one', result.storedOffline],
    ['  of these: code by reissue', result.reissued],
    ['  of these: had been issued, answer lost', result.alreadyIssued],
    ['refused', result.refused],
    ['different codes', result.distinctCodes],
    ['codes given twice', result.duplicateCodes],
    ['sales lost', result.lost],
    ['most invoices in one reissue', result.largestReissue],
    ['allowed (threshold)', result.threshold],
  ];
  return tableLines(rows.map(([name, count]) => [name, groupDigits(count)]));
}

/** What did not hold, in words; empty when the demo shows what it claims. */
export function faultsOf(result: DemoResult): string[] {
  const broken = Object.entries(result.audit).filter(([, held]) => !held);
  const demands: readonly (readonly [boolean, string])[] = [
    [result.duplicateCodes === 0, 'a code was given twice'],
    [result.lost === 0, 'a sale was lost'],
    [result.largestReissue <= result.threshold, 'a reissue was larger than the threshold'],
    [result.issuedOnline > 0, 'nothing was sold online'],
    [result.storedOffline > 0, 'nothing was sold offline'],
    [result.reissued > 0, 'nothing was reissued'],
    [result.alreadyIssued > 0, 'no lost answer was given again'],
    [result.largestReissue > 0, 'no reissue was seen'],
    ...broken.map(([id]) => [false, `${id} does not hold`] as const),
    [Object.keys(result.audit).length > 0, 'nothing was audited'],
  ];
  return demands.filter(([holds]) => !holds).map(([, fault]) => fault);
}
