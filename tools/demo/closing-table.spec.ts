import { describe, expect, it } from 'vitest';
import { closingLines, faultsOf } from './closing-table.js';
import type { DemoResult } from './play.js';

const GOOD: DemoResult = {
  issuedOnline: 80,
  storedOffline: 92,
  reissued: 90,
  alreadyIssued: 2,
  refused: 0,
  distinctCodes: 172,
  duplicateCodes: 0,
  lost: 0,
  threshold: 10,
  largestReissue: 10,
  audit: { I1: true, I2: true },
};

describe('the verdict of the demo', () => {
  it('is good when all held', () => {
    expect(faultsOf(GOOD)).toStrictEqual([]);
  });

  it.each<[Partial<DemoResult>, string]>([
    [{ duplicateCodes: 1 }, 'a code was given twice'],
    [{ lost: 1 }, 'a sale was lost'],
    [{ largestReissue: 11 }, 'a reissue was larger than the threshold'],
    [{ largestReissue: 0 }, 'no reissue was seen'],
    [{ issuedOnline: 0 }, 'nothing was sold online'],
    [{ storedOffline: 0 }, 'nothing was sold offline'],
    [{ reissued: 0 }, 'nothing was reissued'],
    [{ alreadyIssued: 0 }, 'no lost answer was given again'],
    [{ audit: { I1: true, I2: false } }, 'I2 does not hold'],
    [{ audit: {} }, 'nothing was audited'],
  ])('%j is a fault', (change, fault) => {
    expect(faultsOf({ ...GOOD, ...change })).toStrictEqual([fault]);
  });

  it('shows every figure in a table', () => {
    expect(closingLines(GOOD).join('\n')).toMatch(/sales lost +0\n/);
  });
});
