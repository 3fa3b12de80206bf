import type { JournalEntry } from '../journal/entries.js';
import type { Turn } from './chunk.js';
import { emptyTally, type Tally } from './send-chunk.js';

/** Failures for no outage's sake after which an entry lets the others pass. */
const FAILURES_MAX = 3;
/** After this time it is tried again all the same: what a server could not take may have been mended by then. */
const PASSED_BY_MS = 3_600_000;

/**
 * One passage through the waiting entries, oldest first. It has two rounds, so that nothing keeps the others waiting: what takes
 * long on this line, and what failed before, goes in the second.
 */
export interface Passing {
  /** Whether to try those, too, that failed often: a person asked for it. */
  readonly everything: boolean;
  readonly tally: Tally;
  /** Invoices that this transaction may still carry. */
  budget: number;
  /** Entries up to this position were tried or left out. */
  position: number;
  round: 'first' | 'second';
  /** Whether something was left for the second round. */
  isSomeLeft: boolean;
  /** Up to this position one at a time: a chunk failed as a whole, and one of them is why. */
  singlyUntil: number;
  failuresInARow: number;
  readonly tried: Set<string>;
}

export function beginPassing(everything: boolean): Passing {
  return {
    everything,
    tally: emptyTally(),
    budget: 0,
    position: 0,
    round: 'first',
    isSomeLeft: false,
    singlyUntil: 0,
    failuresInARow: 0,
    tried: new Set(),
  };
}

export interface TurnFacts {
  /** Till's clock, milliseconds. */
  readonly now: number;
  readonly isUnderWay: (invoiceId: string) => boolean;
  readonly takesLong: (bytes: number) => boolean;
}

/** When an entry goes in this passage. Pure. */
export function turnOf(
  entry: JournalEntry,
  passing: Pick<Passing, 'everything' | 'round' | 'tried'>,
  facts: TurnFacts,
): Turn {
  const { everything, round, tried } = passing;
  if (tried.has(entry.invoiceId) || facts.isUnderWay(entry.invoiceId)) return 'never';
  if (!everything && isPassedBy(entry, facts.now)) return 'never';
  const isLate = entry.failures > 0 || facts.takesLong(entry.jws.length);
  return round === 'first' && isLate ? 'later' : 'now';
}

function isPassedBy({ failures, failedAt }: JournalEntry, now: number): boolean {
  if (failures < FAILURES_MAX) return false;
  // A clock that was set back must not lock the entry in.
  const since = now - (failedAt ?? 0);
  return since >= 0 && since <= PASSED_BY_MS;
}
