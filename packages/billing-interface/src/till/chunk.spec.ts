import { LIMITS } from '@tax-control/protocol';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../journal/entries.js';
import { chooseChunk, type Turn } from './chunk.js';

const bounds = { invoices: 100, bytes: 500_000, turnOf: (): Turn => 'now' };

function entry(position: number, change: Partial<JournalEntry> = {}): JournalEntry {
  return {
    position,
    invoiceId: `i${position}`,
    jws: 'x'.repeat(1000),
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
    const large = { jws: 'x'.repeat(bounds.bytes - 500) };
    expect(positions([entry(1, large), entry(2)])).toEqual([[1], 1]);
    expect(positions([entry(1), entry(2, large), entry(3)])).toEqual([[1], 1]);
    expect(positions([entry(1, { jws: 'x'.repeat(bounds.bytes * 2) }), entry(2)])).toEqual([[1], 1]);
  });

  it('goes past what is left out, and says whether some of it goes later', () => {
    const turns: Record<number, Turn> = { 2: 'never', 4: 'later' };
    const turnOf = ({ position }: JournalEntry): Turn => turns[position] ?? 'now';
    expect(chooseChunk([entry(1), entry(2), entry(3)], { ...bounds, turnOf })).toMatchObject({
      entries: [{ position: 1 }, { position: 3 }],
      position: 3,
      isSomeLeft: false,
    });
    expect(chooseChunk([entry(4), entry(5)], { ...bounds, turnOf })).toMatchObject({ position: 5, isSomeLeft: true });
    expect(chooseChunk([entry(1), entry(4)], { ...bounds, turnOf, invoices: 1 })).toMatchObject({
      entries: [{ position: 1 }],
      position: 4,
    });
    expect(positions([])).toEqual([[], null]);
  });
});
