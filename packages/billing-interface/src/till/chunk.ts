import { LIMITS } from '@tax-control/protocol';
import type { JournalEntry } from '../journal/entries.js';

/** Failures for no outage's sake after which an entry lets the others pass. */
const FAILURES_MAX = 3;
/** After this time it is tried again all the same: what a server could not take may have been mended by then. */
const PASSED_BY_MS = 3_600_000;

export interface ChunkBounds {
  /** Invoices that may still be carried. */
  readonly invoices: number;
  /** Till's clock, milliseconds. */
  readonly now: number;
  /** Whether to try those, too, that failed often: a person asked for it. */
  readonly everything: boolean;
  readonly isUnderWay: (invoiceId: string) => boolean;
}

/** A chunk, and how far the journal has been gone through. */
export interface Chunk {
  readonly entries: readonly JournalEntry[];
  /** Position of the last entry that was taken or left out on purpose; null when the page was empty. */
  readonly position: number | null;
}

/** Takes of a page of waiting entries, oldest first, as many as number and bytes of a chunk allow. Pure. */
export function chooseChunk(page: readonly JournalEntry[], bounds: ChunkBounds): Chunk {
  const entries: JournalEntry[] = [];
  let bytes = 0;
  let position: number | null = null;
  const most = Math.min(bounds.invoices, LIMITS.reissueChunkInvoicesMax);
  for (const entry of page) {
    if (isTried(entry, bounds)) {
      const isFull =
        entries.length >= most || (entries.length > 0 && bytes + entry.jws.length > LIMITS.reissueChunkBytesMax);
      if (isFull) break;
      entries.push(entry);
      bytes += entry.jws.length;
    }
    ({ position } = entry);
  }
  return { entries, position };
}

function isTried(entry: JournalEntry, { now, everything, isUnderWay }: ChunkBounds): boolean {
  if (isUnderWay(entry.invoiceId)) return false;
  if (everything || entry.failures < FAILURES_MAX) return true;
  // A clock that was set back must not lock the entry in.
  const since = now - (entry.failedAt ?? 0);
  return since < 0 || since > PASSED_BY_MS;
}
