import { FairQueue } from './fair-queue.js';

/** Bounds of a gate. */
export interface GateLimits {
  /** Works that go on at once. */
  readonly insideMax: number;
  /** Works that wait, of all holders. */
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

/** Lets a few works in at a time, its holders in turn, and turns away who finds too many waiting. */
export class Gate {
  readonly #waiting: FairQueue<Waiter>;
  /** Works of each holder, inside and waiting. */
  readonly #worksOf = new Map<string, number>();
  #inside = 0;

  /** @param quantum weight of a usual work, as for {@link FairQueue} */
  constructor(
    private readonly limits: GateLimits,
    quantum = 1,
  ) {
    this.#waiting = new FairQueue(quantum);
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
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
    const works = this.#worksOf.get(holder) ?? 0;
    if (works >= this.limits.holderMax) return null;
    const mustWait = this.#inside >= this.limits.insideMax;
    if (mustWait && this.#waiting.length >= this.limits.waitingMax) return null;
    this.#worksOf.set(holder, works + 1);
    // Who leaves hands the place over, so nobody can overtake.
    if (!mustWait) this.#inside += 1;
    else if (!(await this.#wait(holder, weight))) return this.#forget(holder);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#forget(holder);
      const next = this.#waiting.take();
      if (next === undefined) this.#inside -= 1;
      else next.enter(true);
    };
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

  #forget(holder: string): null {
    const works = (this.#worksOf.get(holder) ?? 1) - 1;
    if (works === 0) this.#worksOf.delete(holder);
    else this.#worksOf.set(holder, works);
    return null;
  }
}
