import type { Clock, FailureCause } from '@tax-control/protocol';
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
const BUSY: ReadonlySet<FailureCause> = new Set<FailureCause>(['server_busy', 'too_many_requests', 'server_behind']);

/** A failure that opened the circuit; `detail`: the operating system's or the server's own words. */
export interface Opener {
  readonly cause: FailureCause;
  readonly detail: string | null;
}

/** What every call's end means for the line: whether it is there, and whether this till is admitted. */
export class LineState {
  #workedAt = Number.NEGATIVE_INFINITY;
  /** The last failure that opened the circuit; what worked since does not forget it, because a probe under way may open it again. */
  #opener: Opener | null = null;

  constructor(
    private readonly circuit: Circuit,
    private readonly standing: Standing,
    private readonly clockWatch: ClockWatch,
    private readonly clock: Clock,
  ) {}

  /** An invoice or a log came through. */
  worked(): void {
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
    if (this.circuit.isClosed) this.#opener = { cause, detail };
    this.circuit.failed(problem?.retryAfterMs);
  }

  /** What nobody waits for failed: the same, but that a busy server is left alone without holding the line to be down. */
  failedInBackground(failure: CallFailure, began: number): void {
    if (!BUSY.has(failure.cause)) this.failed(failure, began);
  }

  /** The failure because of which attempts are not even made while the circuit is open: what the log counts them under. */
  get opener(): Opener {
    return this.#opener ?? { cause: 'circuit_open', detail: null };
  }

  /** What the MIS is told of a sale that is not even tried while the circuit is open. */
  get whyOpen(): { readonly cause: FailureCause; readonly detail: string | null } {
    if (this.#opener === null) return this.opener;
    const { cause, detail } = this.#opener;
    if (cause === 'tls_certificate_dates' && this.clockWatch.isWrong) return { cause: 'clock_wrong', detail };
    if (ACTIONABLE.has(cause)) return { cause, detail };
    return { cause: 'circuit_open', detail: titleOf(cause) };
  }
}
