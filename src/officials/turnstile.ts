/** Lets a few in at once and a bounded number wait, in order; who comes when the queue is full is `busy`. */
export class Turnstile {
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(
    private readonly insideMax: number,
    private readonly waitingMax: number,
  ) {}

  async pass<Result>(work: () => Promise<Result>): Promise<Result | 'busy'> {
    if (this.#inside >= this.insideMax) {
      if (this.#waiting.length >= this.waitingMax) return 'busy';
      // Whoever leaves hands his place on, so nobody can overtake.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#inside += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
