import { LIMITS } from '@tax-control/protocol';

/** Exchanges of each kind that are remembered: a line that has changed is known anew after as many. */
const REMEMBERED = 8;
/** Bytes from which the time of an exchange is that of its bytes, and not only of the way to and fro. */
const LONG_BYTES_MIN = 8_192;
const MS_PER_SECOND = 1_000;

/**
 * What the line to the server carries, in bytes a second: the best of the last exchanges, as BBR takes the bandwidth of a path
 * (draft-ietf-ccwg-bbr, 5.5). Each of them shows what the line carries at least, because its time is also that of the way. The time
 * that the server says it had the request is no part of it: behind a thousand other tills a fast line would look slow.
 */
export class LineRate {
  #ofLong: readonly number[] = [];
  #ofShort: readonly number[] = [];

  /** What is known since a long body went over this line; null: none did, and what short ones show may be far too little. */
  get proven(): number | null {
    return this.#ofLong.length === 0 ? null : this.known;
  }

  /** What is known at all; null: nothing. Never below what a server waits for. */
  get known(): number | null {
    const rates = [...this.#ofLong, ...this.#ofShort];
    return rates.length === 0 ? null : Math.max(LIMITS.slowestBytesPerSecond, ...rates);
  }

  /** Milliseconds that so many bytes take at most: by what is known, and by what a server waits for where nothing is. */
  msAtMost(bytes: number): number {
    return milliseconds(bytes, this.known ?? LIMITS.slowestBytesPerSecond);
  }

  /** Whether so many bytes may take longer: then nobody should wait behind them. On an unknown line they may. */
  mayTakeLonger(bytes: number, ms: number): boolean {
    return this.msAtMost(bytes) > ms;
  }

  /** Whether so many bytes take longer by what a long body has shown: then no time-out is a sign of an outage. On an unknown line nothing says so. */
  takesLonger(bytes: number, ms: number): boolean {
    return this.proven !== null && milliseconds(bytes, this.proven) > ms;
  }

  /** A body of so many bytes was answered, so many milliseconds after its first one. */
  took(bytes: number, ms: number): void {
    const rate = quotient(bytes, ms);
    if (bytes >= LONG_BYTES_MIN) this.#ofLong = remember(this.#ofLong, rate);
    else this.#ofShort = remember(this.#ofShort, rate);
  }

  /** A long body was not answered in time: what was known does not hold any more. */
  overran(bytes: number, ms: number): void {
    if (bytes < LONG_BYTES_MIN) return;
    this.#ofLong = [quotient(bytes, ms)];
    this.#ofShort = [];
  }
}

function milliseconds(bytes: number, bytesPerSecond: number): number {
  return (bytes * MS_PER_SECOND) / bytesPerSecond;
}

function quotient(bytes: number, ms: number): number {
  return (bytes * MS_PER_SECOND) / Math.max(ms, 1);
}

function remember(rates: readonly number[], last: number): number[] {
  return [...rates.slice(1 - REMEMBERED), last];
}
