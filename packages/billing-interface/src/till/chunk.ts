import { LIMITS } from '@tax-control/protocol';
import type { JournalEntry } from '../journal/entries.js';

/** When an entry goes: `now`; `later`, after those that go now; `never` in this passage. */
export type Turn = 'now' | 'later' | 'never';

export interface ChunkBounds {
  /** Invoices that may still be carried. */
  readonly invoices: number;
  /** Bytes of signed text; one invoice goes whatever its length. */
  readonly bytes: number;
  readonly turnOf: (entry: JournalEntry) => Turn;
}

/** A chunk, and how far the journal has been gone through. */
export interface Chunk {
  readonly entries: readonly JournalEntry[];
  /** Position of the last entry that was taken or left out on purpose; null when the page was empty. */
  readonly position: number | null;
  /** Whether one of those left out goes later. */
  readonly isSomeLeft: boolean;
}

/** Takes of a page of waiting entries, oldest first, as many as number and bytes of a chunk allow. Pure. */
export function chooseChunk(page: readonly JournalEntry[], bounds: ChunkBounds): Chunk {
  const entries: JournalEntry[] = [];
  let bytes = 0;
  let position: number | null = null;
  let isSomeLeft = false;
  const most = Math.min(bounds.invoices, LIMITS.reissueChunkInvoicesMax);
  for (const entry of page) {
    const turn = bounds.turnOf(entry);
    if (turn === 'now') {
      const isFull = entries.length >= most || (entries.length > 0 && bytes + entry.jws.length > bounds.bytes);
      if (isFull) break;
      entries.push(entry);
      bytes += entry.jws.length;
    }
    isSomeLeft ||= turn === 'later';
    ({ position } = entry);
  }
  return { entries, position, isSomeLeft };
}
