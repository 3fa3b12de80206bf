import type { Clock } from '@tax-control/protocol';
import type { Backlog } from '../journal/invoice-store.js';
import type { Journal } from '../journal/journal.js';
import type { ClockWatch } from './clock-watch.js';

/** When an invoice of this process was signed, by the clock that nobody can set. */
interface Signature {
  readonly position: number;
  readonly monotonicMs: number;
}

/** Signatures that are remembered before those of invoices that wait no longer are forgotten. */
const SIGNATURES_MAX = 1_000;

/**
 * How long what waits has waited. A clock that is set makes nobody wait: what was signed in this process waits by the monotonic clock; of
 * what was signed before, the time until the start is by what the till's clock said then, and the rest is monotonic.
 */
export class WaitingTime {
  readonly #openedAt: number;
  readonly #openedMs: number;
  #signatures: Signature[] = [];

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
    this.#signatures.push({ position, monotonicMs: this.clock.monotonicMs() });
    if (this.#signatures.length % SIGNATURES_MAX !== 0) return;
    const backlog = this.journal.tryRead(() => this.journal.invoices.backlog());
    const oldest = backlog?.oldestCountedPosition ?? Number.POSITIVE_INFINITY;
    if (backlog !== null) this.#signatures = this.#signatures.filter(({ position: at }) => at >= oldest);
  }

  /** The present moment as the time of the oldest invoice of the backlog has it: that time, and how long it has waited. */
  nowFor({ oldestCountedAt, oldestCountedPosition }: Backlog): number {
    if (oldestCountedAt === null || oldestCountedPosition === null) return this.clockWatch.moment;
    const now = this.clock.monotonicMs();
    const signature = this.#signatures.find(({ position }) => position === oldestCountedPosition);
    if (signature !== undefined) return oldestCountedAt + now - signature.monotonicMs;
    const sinceStartMs = now - this.#openedMs;
    // A clock that was found wrong since the start was wrong then.
    const openedAt = Math.min(this.#openedAt, this.clockWatch.moment - sinceStartMs);
    return Math.max(oldestCountedAt, openedAt) + sinceStartMs;
  }
}
