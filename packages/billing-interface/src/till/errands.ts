import type { Housekeeper } from './housekeeper.js';
import type { DeskErrands } from './issue-sale.js';
import type { ServerWatch } from './server-watch.js';
import type { TillParts } from './till-parts.js';

export interface ErrandRunners {
  readonly serverWatch: ServerWatch;
  readonly fetchParameters: (until: number) => Promise<void>;
  readonly housekeeper: Housekeeper;
}

/** What a sale may need before it is signed. None of it keeps the sale beyond its deadline. */
export class Errands implements DeskErrands {
  #standingAskedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly parts: TillParts,
    private readonly runners: ErrandRunners,
    private readonly standingMs: number,
  ) {}

  async fetchParameters(until: number): Promise<void> {
    if (!this.parts.circuit.isClosed) return;
    await this.#noLongerThan(until, () => this.runners.fetchParameters(until));
  }

  async recheckStanding(until: number): Promise<void> {
    const now = this.parts.clock.monotonicMs();
    if (!this.parts.circuit.isClosed || now - this.#standingAskedAt < this.standingMs) return;
    this.#standingAskedAt = now;
    await this.#noLongerThan(until, () => this.runners.serverWatch.ask(until));
  }

  hurry(): void {
    void this.parts.circuit.probeNow();
    this.runners.housekeeper.soon();
  }

  async #noLongerThan(until: number, errand: () => Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, until - this.parts.clock.monotonicMs()));
    });
    // The lane is free at that point, too, whatever becomes of the errand.
    await Promise.race([this.parts.lane.run('sale', () => Promise.race([errand(), over])), over]);
    clearTimeout(timer);
  }
}
