/**
 * Lets a few in at a time, in the order of their coming, and turns away whoever finds the queue full.
 */
export class Gate {
  private inside = 0;
  private readonly queue: (() => void)[] = [];

  constructor(
    private readonly insideMax: number,
    private readonly queueMax: number,
  ) {}

  /** How many wait for their turn. */
  get waiting(): number {
    return this.queue.length;
  }

  /**
   * Runs work when it is its turn.
   *
   * @returns what the work returned; null when it was turned away and never begun
   */
  async pass<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.inside >= this.insideMax) {
      if (this.queue.length >= this.queueMax) return null;
      // Whoever leaves hands its place over, so `inside` stays as it is.
      await new Promise<void>((enter) => this.queue.push(enter));
    } else {
      this.inside += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.queue.shift();
      if (next) next();
      else this.inside -= 1;
    }
  }
}
