import type { FailureCause } from '@tax-control/protocol';
import type { Clock } from '../clock.js';
import type { Circuit } from '../sender/circuit.js';
import type { CallFailure } from '../sender/read-answer.js';
import { titleOf } from './advice.js';
import type { ClockWatch } from './clock-watch.js';
import type { Standing } from './standing.js';

/** Causes for which somebody has to act: the MIS is told these, and not merely that the line is down. */
const ACTIONABLE: ReadonlySet<FailureCause> = new Set<FailureCause>([
  'tls_untrusted',
  'tls_certificate_dates',
  'clock_wrong',
]);

/** The late door and the log take less in a rush hour, so that new sales find their way: no reason to stop selling online. */
const BUSY: ReadonlySet<FailureCause> = new Set<FailureCause>(['server_busy', 'too_many_requests']);

/** What every call's end means for the line: whether it is there, and whether this till is admitted. */
export class LineState {
  #workedAt = Number.NEGATIVE_INFINITY;
  #because: { readonly cause: FailureCause; readonly detail: string | null } | null = null;

  constructor(
    private readonly circuit: Circuit,
    private readonly standing: Standing,
    private readonly clockWatch: ClockWatch,
    private readonly clock: Clock,
  ) {}

  /** An invoice or a log came through. */
  worked(): void {
    this.#because = null;
    this.#workedAt = this.clock.monotonicMs();
    this.circuit.succeeded();
  }

  /** Whether something came through after that point of the monotonic clock. */
  workedSince(began: number): boolean {
    return this.#workedAt > began;
  }

  /** @param began point of the monotonic clock at which the call began that failed */
  failed({ cause, detail, class: failureClass, problem }: CallFailure, began: number): void {
    if (failureClass === 'authentication') this.standing.take(cause);
    if (failureClass !== 'outage') return;
    // A call that had no answer in time says nothing of a line over which something else got through meanwhile.
    if (cause === 'answer_timeout' && this.workedSince(began)) return;
    this.#because = { cause, detail };
    this.circuit.failed(problem?.retryAfterMs);
  }

  /** What nobody waits for failed: the same, but that a busy server is left alone without holding the line to be down. */
  failedInBackground(failure: CallFailure, began: number): void {
    if (!BUSY.has(failure.cause)) this.failed(failure, began);
  }

  /** Why a sale is not even tried while the circuit is open. */
  get whyOpen(): { readonly cause: FailureCause; readonly detail: string | null } {
    if (this.#because === null) return { cause: 'circuit_open', detail: null };
    const { cause, detail } = this.#because;
    if (cause === 'tls_certificate_dates' && this.clockWatch.isWrong) return { cause: 'clock_wrong', detail };
    if (ACTIONABLE.has(cause)) return { cause, detail };
    return { cause: 'circuit_open', detail: titleOf(cause) };
  }
}
