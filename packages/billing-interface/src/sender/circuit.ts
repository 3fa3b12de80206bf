/** Times of the circuit breaker, in milliseconds. */
export interface CircuitPace {
  /** Wait before the first probe: a server that only restarts costs no more than a sale or two. */
  readonly probeMs: number;
  /** Longest wait between two probes: how long a till may take to notice that the line is back. */
  readonly probeMsMax: number;
}

export const CIRCUIT_PACE: CircuitPace = { probeMs: 1_000, probeMsMax: 60_000 };

export interface CircuitOptions {
  /** Finds out whether the line is there; must end by itself. */
  readonly probe: () => Promise<boolean>;
  /** The line is there again. */
  readonly onClosed: () => void;
  readonly pace?: Partial<CircuitPace>;
  /** 0 to 1; spreads the probes of a fleet that lost its server at the same moment. */
  readonly random?: () => number;
}

export type CircuitState = 'closed' | 'open' | 'probing';

/** Doublings after which the wait has long reached its bound. */
const LEVEL_MAX = 16;
/**
 * Longest wish of a server that is kept: one that errs must not hold a shop offline for a day. Far below 2^31 ms, too, beyond
 * which a timer of Node.js fires at once.
 */
export const RETRY_AFTER_MS_MAX = 3_600_000;
/** Jitter: a wait is between this part of itself and all of it. */
const JITTER_FLOOR = 0.5;

/**
 * Once the line is known to be down, nobody waits for it again: one probe at a time finds out.
 * A probe that succeeds closes the circuit, but only a real success resets the wait: a line over which probes pass and
 * invoices do not is tried less and less often.
 */
export class Circuit {
  #state: CircuitState = 'closed';
  #level = 0;
  #timer: NodeJS.Timeout | null = null;
  #probing: Promise<boolean> | null = null;
  #ended = false;
  readonly #pace: CircuitPace;

  constructor(private readonly options: CircuitOptions) {
    this.#pace = { ...CIRCUIT_PACE, ...options.pace };
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Whether to try the line at all. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** What was sent came through. */
  succeeded(): void {
    this.#level = 0;
    if (this.#state === 'open') this.#close();
  }

  /** @param retryAfterMs the server's own wish; it is kept even where it is longer than ours, up to an hour */
  failed(retryAfterMs = 0): void {
    if (this.#ended || this.#state !== 'closed') return;
    this.#open(retryAfterMs);
  }

  /** Asks now instead of waiting; resolves to whether the line is there. Several callers share one probe. */
  async probeNow(): Promise<boolean> {
    if (this.#state === 'closed' || this.#ended) return this.#state === 'closed';
    this.#stopTimer();
    this.#probing ??= this.#probe();
    return this.#probing;
  }

  end(): void {
    this.#ended = true;
    this.#stopTimer();
  }

  #open(retryAfterMs: number): void {
    this.#state = 'open';
    const bound = Math.min(this.#pace.probeMs * 2 ** this.#level, this.#pace.probeMsMax);
    this.#level = Math.min(this.#level + 1, LEVEL_MAX);
    const random = this.options.random ?? Math.random;
    const wait = Math.max(
      bound * (JITTER_FLOOR + (1 - JITTER_FLOOR) * random()),
      Math.min(retryAfterMs, RETRY_AFTER_MS_MAX),
    );
    this.#timer = setTimeout(() => void this.probeNow(), wait).unref();
  }

  async #probe(): Promise<boolean> {
    this.#state = 'probing';
    const isThere = await this.options.probe().catch(() => false);
    this.#probing = null;
    if (this.#ended) return isThere;
    if (isThere) this.#close();
    else this.#open(0);
    return isThere;
  }

  #close(): void {
    this.#stopTimer();
    this.#state = 'closed';
    this.options.onClosed();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
