import type { Clock } from '@tax-control/protocol';
import type { Backlog } from '../journal/backlog-sums.js';
import type { Journal } from '../journal/journal.js';
import type { ClockWatch } from './clock-watch.js';

/** Signatures that are remembered before those of invoices that wait no longer are forgotten. */
const SIGNATURES_MAX = 1_000;

/**
 * How long what waits has waited. A clock that is set makes nobody wait: what was signed in this process waits by the monotonic clock; of
 * what was signed before, the time until the start is by what the till's clock said then, and the rest is monotonic.
 */
export class WaitingTime {
  readonly #openedAt: number;
  readonly #openedMs: number;
  /** When invoices of this process were signed, by the clock that nobody can set: by position, in the order of signing. */
  readonly #signatures = new Map<number, number>();

  constructor(
    private readonly journal: Pick<Journal, 'invoices' | 'tryRead'>,
    private readonly clock: Clock,
    private readonly clockWatch: Pick<ClockWatch, 'moment'>,
  ) {
    this.#openedAt = clockWatch.moment;
    this.#openedMs = clock.monotonicMs();
  }

  /** An invoice was signed just now. */
  signed(position: number): void {
    this.#signatures.set(position, this.clock.monotonicMs());
    if (this.#signatures.size % SIGNATURES_MAX !== 0) return;
    const backlog = this.journal.tryRead(() => this.journal.invoices.backlog());
    if (backlog === null) return;
    const oldest = backlog.oldestCountedPosition ?? Number.POSITIVE_INFINITY;
    for (const at of this.#signatures.keys()) if (at < oldest) this.#signatures.delete(at);
  }

  /** The present moment as the time of the oldest invoice of the backlog has it: that time, and how long it has waited. */
  nowFor({ oldestCountedAt, oldestCountedPosition }: Backlog): number {
    if (oldestCountedAt === null || oldestCountedPosition === null) return this.clockWatch.moment;
    const now = this.clock.monotonicMs();
    const signedMs = this.#signatures.get(oldestCountedPosition);
    if (signedMs !== undefined) return oldestCountedAt + now - signedMs;
    const sinceStartMs = now - this.#openedMs;
    // A clock that was found wrong since the start was wrong then.
    const openedAt = Math.min(this.#openedAt, this.clockWatch.moment - sinceStartMs);
    return Math.max(oldestCountedAt, openedAt) + sinceStartMs;
  }
}
