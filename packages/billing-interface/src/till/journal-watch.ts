import type { Standing as AnswerStanding, Warning } from '@tax-control/protocol';
import type { JournalEntry } from '../journal/entries.js';
import type { Journal } from '../journal/journal.js';

/**
 * Looks at what the server says of this journal's counters. A counter that it has and this till has not, or one that was
 * used twice, means that an older copy of the folder was put back, its mark included, or the till was cloned: a new journal is opened, so that
 * the two chains part, what waits goes on waiting, and what the server has of the old one is fetched back.
 */
export function noticeFork(
  journal: Journal,
  entry: Pick<JournalEntry, 'journalId'>,
  standing: Pick<AnswerStanding, 'lastCounter'>,
  warnings: readonly Warning[],
): void {
  const current = journal.tryRead(() => journal.current);
  if (current === null || entry.journalId !== current.journalId) return;
  const onFile = standing.lastCounter ?? 0;
  const isUsedTwice = warnings.some(({ code }) => code === 'counter_fork');
  if (onFile <= current.lastCounter && !isUsedTwice) return;
  const { journalId, lastCounter } = current;
  const found = isUsedTwice
    ? `A counter of the journal ${journalId} was used twice`
    : `The journal ${journalId} ends at counter ${lastCounter}, and the server has its counter ${onFile}`;
  const written = Math.max(onFile, lastCounter);
  journal.openNext(`${found}: an older copy of the till’s folder was put back, or this till was cloned.`, written);
}
