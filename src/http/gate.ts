import { FairQueue } from './fair-queue.js';

/** Bounds of a gate. */
export interface GateLimits {
  /** Works that go on at once. */
  readonly insideMax: number;
  /** Holders whose work waits for its turn; further works of theirs wait behind it, and take nobody's place. */
  readonly waitingMax: number;
  /** Works of one holder, inside and waiting. */
  readonly holderMax: number;
  /** Longest wait in milliseconds; who waits longer is turned away. */
  readonly waitMsMax?: number;
}

interface Waiter {
  readonly holder: string;
  readonly enter: (isLetIn: boolean) => void;
}

/** Ends a work that passed a gate; calling it again does nothing. */
export type Leave = () => void;

/** Lets a few works in at a time, at most one of each holder and the holders in turn, and turns away who finds too many waiting. */
export class Gate {
  readonly #waiting: FairQueue<Waiter>;
  /** Of each holder with a work that is inside or waits for its turn: its further works, which wait for that one first. */
  readonly #lines = new Map<string, (() => void)[]>();
  #inside = 0;
  #inLines = 0;

  /** @param quantum weight of a usual work, as for {@link FairQueue} */
  constructor(
    private readonly limits: GateLimits,
    quantum = 1,
  ) {
    this.#waiting = new FairQueue(quantum);
  }

  /** How many works wait, further ones of the same holder too. */
  get waiting(): number {
    return this.#waiting.length + this.#inLines;
  }

  /**
   * Runs work when it is its turn.
   *
   * @param holder for whom; holders take turns
   * @returns what the work returned; null when it was turned away and never begun
   */
  async pass<T>(holder: string, weight: number, work: () => Promise<T>): Promise<T | null> {
    const leave = await this.enter(holder, weight);
    if (leave === null) return null;
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Waits for its turn. @returns null when it was turned away */
  async enter(holder: string, weight: number): Promise<Leave | null> {
    const line = this.#lines.get(holder);
    if (line !== undefined && line.length + 1 >= this.limits.holderMax) return null;
    const mustWait = line === undefined && this.#inside >= this.limits.insideMax;
    if (mustWait && this.#waiting.length >= this.limits.waitingMax) return null;
    if (line === undefined) this.#lines.set(holder, []);
    else await this.#standIn(line);
    // Who leaves hands the place over, so nobody can overtake.
    if (this.#inside < this.limits.insideMax) this.#inside += 1;
    else if (!(await this.#wait(holder, weight))) return this.#callNextOf(holder);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      const next = this.#waiting.take();
      if (next === undefined) this.#inside -= 1;
      else next.enter(true);
      this.#callNextOf(holder);
    };
  }

  async #standIn(line: (() => void)[]): Promise<void> {
    this.#inLines += 1;
    await new Promise<void>((resolve) => line.push(resolve));
    this.#inLines -= 1;
  }

  #wait(holder: string, weight: number): Promise<boolean> {
    return new Promise((resolve) => {
      const { waitMsMax } = this.limits;
      let timer: NodeJS.Timeout | undefined;
      const waiter: Waiter = {
        holder,
        enter: (isLetIn) => {
          clearTimeout(timer);
          resolve(isLetIn);
        },
      };
      this.#waiting.push(holder, weight, waiter);
      if (waitMsMax === undefined) return;
      timer = setTimeout(() => {
        if (this.#waiting.remove(holder, waiter)) waiter.enter(false);
      }, waitMsMax);
    });
  }

  #callNextOf(holder: string): null {
    const next = this.#lines.get(holder)?.shift();
    if (next === undefined) this.#lines.delete(holder);
    else next();
    return null;
  }
}
