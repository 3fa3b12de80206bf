/** Bounds in seconds of how long something took that a customer waits for: a till gives up after 1.5 s by default. */
export const WAIT_BOUNDS_SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 1.5, 3, 10] as const;

/**
 * How often what was observed, in steps, and its sum: a Prometheus histogram. Observing is an addition into a number that is there already, with
 * nothing allocated: it is done on the issuing path.
 */
export class Distribution {
  /** How often each step was observed, and beyond the last bound. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds upper bounds of the steps, ascending, each included in its step */
  constructor(readonly bounds: readonly number[]) {
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let step = 0;
    while (step < this.bounds.length && value > (this.bounds[step] ?? Infinity)) step += 1;
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#sum += value;
  }

  get sum(): number {
    return this.#sum;
  }

  /** For each bound how often at most that much was observed, and how often anything was. */
  cumulative(): { readonly upTo: readonly number[]; readonly count: number } {
    let count = 0;
    const upTo = Array.from(this.#counts, (times) => (count += times));
    upTo.pop();
    return { upTo, count };
  }
}
