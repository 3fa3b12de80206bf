import type { Mark, MarkedEnd } from './mark-file.js';

/** A chain of which invoices are gone that were written. */
export interface FoundLoss {
  readonly journalId: string;
  /** Last counter that is there, and the same; 0: none. */
  readonly found: number;
  /** Last counter that is known to have been written. */
  readonly written: number;
  /** Digest of that one's payload; null: not known. */
  readonly digest: string | null;
  /** One sentence: what is gone, and how that happens. */
  readonly detail: string;
}

/** What a journal's file says of its chains. */
export interface ChainsOnFile {
  /** Last counter of a chain; 0: the chain is empty or not there. */
  lastCounter(journalId: string): number;
  digestAt(journalId: string, counter: number): string | null;
  /** Whether the loss of invoices up to the counter is on file already. */
  isLossKnown(journalId: string, counter: number): boolean;
}

/** Compares a mark with the file that it stands beside: what it names and the file does not have is lost. Pure. */
export function findLosses(mark: Mark, file: ChainsOnFile): FoundLoss[] {
  return mark.flatMap((end) => lossOf(end, file) ?? []);
}

function lossOf({ journalId, counter, digest }: MarkedEnd, file: ChainsOnFile): FoundLoss | null {
  if (counter === 0 || file.isLossKnown(journalId, counter)) return null;
  const there = file.digestAt(journalId, counter);
  if (there !== null && there === digest) return null;
  const last = file.lastCounter(journalId);
  // Another invoice at the marked counter: how far the two chains are the same is not known.
  const found = there === null ? last : 0;
  return { journalId, found, written: counter, digest, detail: sentenceOf(journalId, last, counter, there !== null) };
}

function sentenceOf(journalId: string, last: number, written: number, isOther: boolean): string {
  if (isOther)
    return `The journal ${journalId} has another invoice at counter ${written} than the one it had written: an older copy was put back and went on.`;
  if (last === 0)
    return `The journal ${journalId} has no invoices, and it had written ${written}: journal.sqlite or its -wal file was removed, or an older copy was put back.`;
  return `The journal ${journalId} ends at counter ${last}, and it had written ${written}: its -wal file was removed, or an older copy was put back.`;
}
