import { LIMITS } from '@tax-control/protocol';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../journal/entries.js';
import { chooseChunk } from './chunk.js';

const HOUR_MS = 3_600_000;
const bounds = { invoices: 100, now: 10 * HOUR_MS, everything: false, isUnderWay: () => false };

function entry(position: number, change: Partial<JournalEntry> = {}): JournalEntry {
  return {
    position,
    invoiceId: `i${position}`,
    jws: 'x'.repeat(1000),
    failures: 0,
    failedAt: null,
    ...change,
  } as JournalEntry;
}

const positions = (page: readonly JournalEntry[], change = {}) => {
  const chunk = chooseChunk(page, { ...bounds, ...change });
  return [chunk.entries.map(({ position }) => position), chunk.position];
};

describe('a chunk', () => {
  it('takes as many as the allowance has left', () => {
    expect(positions([entry(1), entry(2), entry(3)], { invoices: 2 })).toEqual([[1, 2], 2]);
  });

  it('takes no more than a sale can wait for, by number', () => {
    const page = Array.from({ length: LIMITS.reissueChunkInvoicesMax + 5 }, (_, index) => entry(index + 1));
    expect(chooseChunk(page, bounds).entries).toHaveLength(LIMITS.reissueChunkInvoicesMax);
  });

  it('takes no more by bytes, but one at least', () => {
    const large = { jws: 'x'.repeat(LIMITS.reissueChunkBytesMax - 500) };
    expect(positions([entry(1, large), entry(2)])).toEqual([[1], 1]);
    expect(positions([entry(1), entry(2, large), entry(3)])).toEqual([[1], 1]);
    expect(positions([entry(1, { jws: 'x'.repeat(LIMITS.reissueChunkBytesMax * 2) }), entry(2)])).toEqual([[1], 1]);
  });

  it('leaves out what is on the wire, and goes past it', () => {
    expect(positions([entry(1), entry(2), entry(3)], { isUnderWay: (id: string) => id === 'i2' })).toEqual([[1, 3], 3]);
    expect(positions([entry(1)], { isUnderWay: () => true })).toEqual([[], 1]);
    expect(positions([])).toEqual([[], null]);
  });

  it('passes by what failed three times, until a person asks or an hour has gone', () => {
    const failed = entry(1, { failures: 3, failedAt: 10 * HOUR_MS - 1 });
    expect(positions([failed, entry(2)])).toEqual([[2], 2]);
    expect(positions([failed, entry(2)], { everything: true })).toEqual([[1, 2], 2]);
    expect(positions([failed, entry(2)], { now: 12 * HOUR_MS })).toEqual([[1, 2], 2]);
    expect(positions([entry(1, { failures: 2, failedAt: 10 * HOUR_MS - 1 })])).toEqual([[1], 1]);
  });

  it('does not pass by for ever because the clock was set back', () => {
    expect(positions([entry(1, { failures: 5, failedAt: 99 * HOUR_MS })])).toEqual([[1], 1]);
  });
});
