import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../journal/entries.js';
import { beginPassing, turnOf } from './passing.js';

const HOUR_MS = 3_600_000;
const NOW = 10 * HOUR_MS;
const facts = { now: NOW, isUnderWay: () => false, takesLong: (bytes: number) => bytes > 1_000 };

function turn(change: Partial<JournalEntry>, passing = {}, other = {}): string {
  const entry = { invoiceId: 'i', jws: 'x', failures: 0, failedAt: null, ...change } as JournalEntry;
  return turnOf(entry, { ...beginPassing(false), ...passing }, { ...facts, ...other });
}

describe('the turn of an entry', () => {
  it('is in the first round', () => {
    expect(turn({})).toBe('now');
  });

  it('is in the second round for what takes long on this line, and for what failed before', () => {
    expect(turn({ jws: 'x'.repeat(1_001) })).toBe('later');
    expect(turn({ failures: 1, failedAt: NOW })).toBe('later');
    expect(turn({ jws: 'x'.repeat(1_001) }, { round: 'second' })).toBe('now');
    expect(turn({ failures: 1, failedAt: NOW }, { round: 'second' })).toBe('now');
  });

  it('never comes in this passage for what is on the wire, and for what was tried', () => {
    expect(turn({}, {}, { isUnderWay: () => true })).toBe('never');
    expect(turn({}, { tried: new Set(['i']) })).toBe('never');
  });

  it('never comes for what failed three times, until a person asks or an hour has gone', () => {
    const failed = { failures: 3, failedAt: NOW - 1 };
    expect(turn(failed)).toBe('never');
    expect(turn(failed, { everything: true })).toBe('later');
    expect(turn(failed, {}, { now: NOW + 2 * HOUR_MS })).toBe('later');
    expect(turn({ ...failed, failures: 2 })).toBe('later');
  });

  it('is not lost for ever because the clock was set back', () => {
    expect(turn({ failures: 5, failedAt: NOW + 90 * HOUR_MS })).toBe('later');
  });
});
