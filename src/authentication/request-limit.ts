import { BoundedMap } from '../registry/bounded-map.js';

const SECOND_MS = 1_000;
/** What a till may save up while it is quiet: a backlog and its log are sent in bursts, and no till works for ten seconds so. */
const BURST_SECONDS = 10;
/** Bytes of a body that count as one request: what costs more to read and to store is fewer of them a second. */
export const REQUEST_BYTES = 16_384;
/** Terminals remembered, 100 bytes each: twice a fleet of 20,000. One that is forgotten begins with a full bucket. */
const TERMINALS_MAX = 40_000;

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * How often one terminal may ask, so that one that runs wild takes nothing from the others: a bucket for each, filled
 * evenly. In this instance's memory alone (docs/decisions/0022): an issued invoice pays a look into a map for it, and
 * nothing goes to the database.
 */
export class RequestLimit {
  readonly #buckets = new BoundedMap<string, Bucket>(TERMINALS_MAX);
  readonly #capacity: number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#capacity = perSecond * BURST_SECONDS;
  }

  /**
   * Takes one request, or as many as the bytes of its body count for.
   *
   * @returns milliseconds to wait before it is allowed; 0: it is taken
   */
  take(terminalId: string, bytes = 0): number {
    const at = this.now();
    // Less than a full bucket: where the limit is low, the largest body must be allowed too, and its request takes one more.
    const tokens = Math.min(this.#capacity - 1, Math.max(1, Math.ceil(bytes / REQUEST_BYTES)));
    let bucket = this.#buckets.get(terminalId);
    if (bucket === undefined) {
      bucket = { tokens: this.#capacity, at };
      this.#buckets.set(terminalId, bucket);
    }
    const saved = ((at - bucket.at) * this.perSecond) / SECOND_MS;
    bucket.tokens = Math.min(this.#capacity, bucket.tokens + saved);
    bucket.at = at;
    if (bucket.tokens < tokens) return Math.ceil(((tokens - bucket.tokens) * SECOND_MS) / this.perSecond);
    bucket.tokens -= tokens;
    return 0;
  }
}
