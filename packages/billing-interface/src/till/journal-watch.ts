import type { Standing as AnswerStanding, Warning } from '@tax-control/protocol';
import type { JournalEntry } from '../journal/entries.js';
import type { Journal } from '../journal/journal.js';

/**
 * Looks at what the server says of this journal's counters. A counter that it has and this till has not, or one that was
 * used twice, means that an old disk image was put back or the till was cloned: a new journal is opened, so that the two
 * chains part, and what waits goes on waiting.
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
  const found = isUsedTwice
    ? 'a counter of it was used twice'
    : `the server has its counter ${onFile}, this till only ${current.lastCounter}`;
  journal.openNext(
    `A new journal was opened: ${found}. An old copy of the disk was put back, or this till was cloned.`,
  );
}
