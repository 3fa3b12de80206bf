import { connectionFault } from '../database/connection-fault.js';
import { faultText } from '../database/fault.js';
import { OutcomeUnknown } from '../database/transaction.js';
import type { CommitFailure } from './commit-failure.js';
import type { CommitMeasure } from './commit-measure.js';
import type { GroupCommit } from './group-commit.js';

/** Milliseconds without a commit while an invoice waits. A sale waits 1,500; a commit on a slow disk takes 100. */
const STALLED_MS = 2_000;
/**
 * Milliseconds for which the last failure counts. If sales go to another server meanwhile, none can show that it is over: then the next
 * one that comes finds out.
 */
const FAILURE_MS = 15_000;
const MILLISECONDS_PER_SECOND = 1_000;
/** Failures that the next list would meet, too; the others are about single invoices. */
const OF_DATABASE: ReadonlySet<CommitFailure> = new Set<CommitFailure>(['outage', 'silent', 'held']);

/**
 * Why this server gives no codes now, as the last sales showed it; null: it gives them, or nobody asked.
 *
 * @param nowMs by `performance.now()`
 */
export function issuingFault(
  { waitingSinceMs }: Pick<GroupCommit, 'waitingSinceMs'>,
  { lastCommitMs, lastFailure }: Pick<CommitMeasure, 'lastCommitMs' | 'lastFailure'>,
  nowMs: number,
): string | null {
  if (waitingSinceMs !== null) {
    const stalledMs = nowMs - Math.max(waitingSinceMs, lastCommitMs);
    if (stalledMs >= STALLED_MS) return stalled(stalledMs);
  }
  if (lastFailure === null || nowMs - lastFailure.atMs > FAILURE_MS || !OF_DATABASE.has(lastFailure.failure))
    return null;
  return `Sales get no code. ${reason(lastFailure.error)}`;
}

function stalled(milliseconds: number): string {
  const seconds = Math.round(milliseconds / MILLISECONDS_PER_SECOND);
  return (
    `Sales get no code: for ${seconds} s no invoice was committed, and some wait. The database hangs, or somebody holds its tables. ` +
    'Look which of its sessions wait, and for what (pg_stat_activity; docs/operating/alerts.md, TaxControlIssuingStopped).'
  );
}

function reason(error: unknown): string {
  const fault = connectionFault(error instanceof OutcomeUnknown ? error.cause : error);
  return fault === null ? 'The database did not take the last list; the log says why.' : faultText(fault);
}
