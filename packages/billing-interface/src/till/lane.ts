/** Who goes first: a sale has a customer waiting, the rest has not. */
export type LanePriority = 'sale' | 'background';

type Job = () => Promise<void>;

/**
 * How long a sale waits for a chunk that is on the wire. Then it goes beside it, over a connection of its own: most chunks
 * are answered by then, and one that hangs must not cost a customer his code.
 */
const OVERTAKE_MS = 300;

/**
 * The one lane to the server: one job at a time, sales before everything else. A job that is running is
 * never interrupted; chunks are small so that a sale does not wait long, and what takes long gives way by itself.
 */
export class Lane {
  readonly #waiting: Readonly<Record<LanePriority, Job[]>> = { sale: [], background: [] };
  readonly #running = { sale: 0, background: 0 };
  /** Whoever waited for the job that just ended is hearing of it. */
  #isPassing = false;
  #overtaking: NodeJS.Timeout | null = null;
  /** Those that gave way, and go on when no sale is left. */
  #givingWay: (() => void)[] = [];
  #idleCallbacks: (() => void)[] = [];

  /** Runs the job when its turn comes; settles as the job does. */
  run<T>(priority: LanePriority, job: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting[priority].push(() => job().then(resolve, reject));
      this.#next();
    });
  }

  /** For what takes long and no customer waits for, between two pieces of it: a sale that waits begins now. Resolves when none is left. */
  giveWay(): Promise<void> {
    if (this.#waiting.sale.length + this.#running.sale === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#givingWay.push(resolve);
      this.#next();
    });
  }

  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void> {
    if (this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#idleCallbacks.push(resolve));
  }

  get #isIdle(): boolean {
    const { sale, background } = this.#waiting;
    const isBusy = this.#isPassing || this.#running.sale + this.#running.background > 0;
    return !isBusy && sale.length + background.length === 0;
  }

  #next(): void {
    if (this.#isPassing || this.#running.sale > 0) return;
    if (this.#waiting.sale.length === 0) for (const goOn of this.#givingWay.splice(0)) goOn();
    if (this.#running.background > 0) return this.#startBeside();
    const priority = this.#waiting.sale.length > 0 ? 'sale' : 'background';
    this.#start(priority);
    if (this.#isIdle) for (const callback of this.#idleCallbacks.splice(0)) callback();
  }

  /** A background job is running: a sale goes beside it at once where it gives way, and after a while where it does not. */
  #startBeside(): void {
    if (this.#waiting.sale.length === 0) return;
    if (this.#givingWay.length > 0) this.#start('sale');
    else this.#overtakeLater();
  }

  #overtakeLater(): void {
    this.#overtaking ??= setTimeout(() => {
      this.#overtaking = null;
      if (this.#running.sale === 0) this.#start('sale');
    }, OVERTAKE_MS);
  }

  #start(priority: LanePriority): void {
    const job = this.#waiting[priority].shift();
    if (job === undefined) return;
    if (priority === 'sale') this.#stopOvertaking();
    this.#running[priority] += 1;
    void job().then(() => this.#pass(priority));
  }

  /** Whoever waits for the job that ended hears of it before anything else begins; the next sale does not wait for that. */
  #pass(priority: LanePriority): void {
    this.#running[priority] -= 1;
    if (this.#waiting.sale.length > 0) return this.#next();
    this.#isPassing = true;
    setImmediate(() => {
      this.#isPassing = false;
      this.#next();
    });
  }

  #stopOvertaking(): void {
    if (this.#overtaking !== null) clearTimeout(this.#overtaking);
    this.#overtaking = null;
  }
}
