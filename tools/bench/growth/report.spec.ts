import { describe, expect, it } from 'vitest';
import { type GrowthBenchResult, growthLines, growthSummary } from './report.js';

const RESULT: GrowthBenchResult = {
  filled: 5_000_000,
  terminals: 2_016,
  bytes: 13_500_000_000,
  issue: {
    what: 'issue, 32 connections',
    empty: { median: 2_000, lowest: 1_900, highest: 2_100 },
    full: { median: 1_900, lowest: 1_800, highest: 2_000 },
    ratio: { median: 0.95, lowest: 0.9, highest: 1 },
  },
  reissue: {
    what: 'reissue, lists of 50',
    empty: { median: 4_000, lowest: 4_000, highest: 4_000 },
    full: { median: 2_000, lowest: 2_000, highest: 2_000 },
    ratio: { median: 0.5, lowest: 0.5, highest: 0.5 },
  },
  lookUps: { page: { emptyMs: 3, fullMs: 4 } },
  faults: [],
  audited: 60_000,
};

describe('growthSummary', () => {
  it('divides the rate of the full database by that of the empty one, and times the other way round', () => {
    expect(growthSummary(RESULT)).toMatchObject({
      filled: 5_000_000,
      issue: { ratio: 0.95 },
      reissue: { ratio: 0.5 },
      lookUps: { page: { ratio: 0.75, emptyMs: 3, fullMs: 4 } },
      held: true,
    });
  });

  it('says that something did not hold', () => {
    expect(growthSummary({ ...RESULT, faults: ['I1 does not hold where it was full'] })).toMatchObject({ held: false });
  });
});

describe('growthLines', () => {
  it('says how many invoices are on file', () => {
    expect(growthLines(RESULT)[0]).toContain('5 000 000 invoices of 2 016 terminals');
  });

  it('has a line for each door and each look-up', () => {
    const text = growthLines(RESULT).join('\n');
    expect(text).toMatch(/issue, 32 connections +1900\/s +2000\/s +0\.95 \(0\.90 to 1\.00\) +≥ 0\.9/);
    expect(text).toMatch(/page +4\.0 ms +3\.0 ms +0\.75 +≥ 0\.9/);
  });

  it('says in capitals what did not hold', () => {
    const faults = ['I1 does not hold where it was full'];
    expect(growthLines({ ...RESULT, faults }).at(-1)).toContain('I1 DOES NOT HOLD');
  });
});
