import { createHash } from 'node:crypto';

const WORD = 2 ** 32;

/**
 * Chances that come out the same for the same seed. Each thing that happens has a stream of its own (`fork`), so that one
 * more draw in one place changes nothing elsewhere. Not for keys.
 */
export class Random {
  readonly #seed: string;
  #state: number;

  constructor(seed: string) {
    this.#seed = seed;
    this.#state = createHash('sha256').update(seed).digest().readUInt32LE(0);
  }

  /** A stream of its own. */
  fork(...labels: readonly (string | number)[]): Random {
    return new Random([this.#seed, ...labels].join('/'));
  }

  /** 0 to 1, 1 excluded (mulberry32, public domain). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / WORD;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** @param list at least one */
  pick<Item>(list: readonly Item[]): Item {
    const item = list[Math.floor(this.next() * list.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** An index, by weights of which at least one is positive. */
  weighted(weights: readonly number[]): number {
    let left = this.next() * weights.reduce((sum, weight) => sum + weight, 0);
    const index = weights.findIndex((weight) => (left -= weight) < 0);
    return index === -1 ? weights.findLastIndex((weight) => weight > 0) : index;
  }

  /** Normal distribution (Box and Muller). */
  normal(mean: number, deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.next());
  }

  /** How many of many rare things happen; near enough to Poisson's for counts of a day. */
  count(mean: number): number {
    return Math.max(0, Math.round(this.normal(mean, Math.sqrt(mean))));
  }

  /** A duration with a long tail, in whole milliseconds: half of them below the median. */
  durationMs(medianMs: number): number {
    return Math.round(medianMs * Math.exp(this.normal(0, 0.45)));
  }

  /** A UUID of version 7 (RFC 9562, 5.7) at a time, the same for the same stream. */
  uuid(timeMs: number): string {
    const time = Math.floor(timeMs).toString(16).padStart(12, '0');
    const hex = (digits: number): string =>
      Array.from({ length: digits }, () => Math.floor(this.next() * 16).toString(16)).join('');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${this.pick(['8', '9', 'a', 'b'])}${hex(3)}-${hex(12)}`;
  }
}
