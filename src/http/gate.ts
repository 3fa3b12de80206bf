import { FairQueue } from './fair-queue.js';

/** Bounds of a gate. */
export interface GateLimits {
  /** Works that go on at once. */
  readonly insideMax: number;
  /** Holders whose work waits for its turn; further works of theirs wait behind it, and take nobody's place. */
  readonly waitingMax: number;
  /** Works of one holder, inside and waiting. */
  readonly holderMax: number;
  /** Longest wait in milliseconds, behind further works of the same holder too; who waits longer is turned away. */
  readonly waitMsMax?: number;
}

/** A work that waits. `settle` ends its waiting: whether it was let in. */
interface Waiter {
  readonly holder: string;
  readonly weight: number;
  readonly settle: (isLetIn: boolean) => void;
}

/** Ends a work that passed a gate; calling it again does nothing. */
export type Leave = () => void;

/** Lets a few works in at a time, at most one of each holder and the holders in turn, and turns away who finds too many waiting. */
export class Gate {
  readonly #waiting: FairQueue<Waiter>;
  /** Of each holder with a work that is inside or waits for its turn: its further works, which wait for that one first. */
  readonly #lines = new Map<string, Waiter[]>();
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
    const isLetIn = await this.#wait(holder, weight, line);
    return isLetIn ? this.#leaveOf(holder) : null;
  }

  /** One deadline for both waits, in the line of its holder and for its turn. */
  #wait(holder: string, weight: number, line: Waiter[] | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const waiter: Waiter = {
        holder,
        weight,
        settle: (isLetIn) => {
          clearTimeout(timer);
          resolve(isLetIn);
        },
      };
      const { waitMsMax } = this.limits;
      if (waitMsMax !== undefined) timer = setTimeout(() => this.#turnAway(waiter), waitMsMax);
      if (line === undefined) {
        this.#lines.set(holder, []);
        this.#begin(waiter);
      } else {
        line.push(waiter);
        this.#inLines += 1;
      }
    });
  }

  /** Takes a place for the one of a holder whose turn it may be. Who leaves hands the place over, so nobody can overtake. */
  #begin(waiter: Waiter): void {
    if (this.#inside >= this.limits.insideMax) return this.#waiting.push(waiter.holder, waiter.weight, waiter);
    this.#inside += 1;
    waiter.settle(true);
  }

  #leaveOf(holder: string): Leave {
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      const next = this.#waiting.take();
      if (next === undefined) this.#inside -= 1;
      else next.settle(true);
      this.#beginNextOf(holder);
    };
  }

  #beginNextOf(holder: string): void {
    const next = this.#lines.get(holder)?.shift();
    if (next === undefined) {
      this.#lines.delete(holder);
      return;
    }
    this.#inLines -= 1;
    this.#begin(next);
  }

  #turnAway(waiter: Waiter): void {
    const { holder } = waiter;
    waiter.settle(false);
    if (this.#waiting.remove(holder, waiter)) return this.#beginNextOf(holder);
    const line = this.#lines.get(holder);
    line?.splice(line.indexOf(waiter), 1);
    this.#inLines -= 1;
  }
}
