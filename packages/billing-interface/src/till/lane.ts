/** Who goes first: a sale has a customer waiting, the rest has not. */
export type LanePriority = 'sale' | 'background';

interface Waiting {
  readonly run: () => Promise<void>;
}

/**
 * The one lane to the server: one job at a time, sales before everything else (DESIGN §3, 301). A job that is running is
 * never interrupted; chunks are small so that a sale does not wait long.
 */
export class Lane {
  readonly #waiting: Readonly<Record<LanePriority, Waiting[]>> = { sale: [], background: [] };
  #busy = false;
  #idleCallbacks: (() => void)[] = [];

  /** Runs the job when its turn comes; settles as the job does. */
  run<T>(priority: LanePriority, job: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting[priority].push({ run: () => job().then(resolve, reject) });
      this.#next();
    });
  }

  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void> {
    if (!this.#busy) return Promise.resolve();
    return new Promise((resolve) => this.#idleCallbacks.push(resolve));
  }

  #next(): void {
    if (this.#busy) return;
    const job = this.#waiting.sale.shift() ?? this.#waiting.background.shift();
    if (job === undefined) {
      for (const callback of this.#idleCallbacks.splice(0)) callback();
      return;
    }
    this.#busy = true;
    void job.run().then(() => this.#pass());
  }

  /** Whoever waits for the job that ended hears of it before anything else begins; the next sale does not wait for that. */
  #pass(): void {
    const proceed = () => {
      this.#busy = false;
      this.#next();
    };
    if (this.#waiting.sale.length > 0) proceed();
    else setImmediate(proceed);
  }
}
