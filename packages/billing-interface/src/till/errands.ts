import type { OriginalAnswer, OriginalName } from '@tax-control/protocol';
import type { JournalEntry } from '../journal/entries.js';
import type { Housekeeper } from './housekeeper.js';
import type { DeskErrands } from './issue-sale.js';
import type { LostJournals } from './lost-journals.js';
import type { ServerWatch } from './server-watch.js';
import type { TillParts } from './till-parts.js';

export interface ErrandRunners {
  readonly serverWatch: ServerWatch;
  readonly fetchParameters: (until: number) => Promise<void>;
  readonly housekeeper: Housekeeper;
  readonly lostJournals: LostJournals;
  /** Sends one waiting invoice now, on the lane that the caller has. */
  readonly reissueOne: (entry: JournalEntry, until: number) => Promise<void>;
}

/** Lost invoices for which a sale waits: some pages. More take longer than a sale has, and every sale would wait in vain. */
const LOST_MAX = 500;

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

  async askOriginals(
    names: readonly OriginalName[],
    until: number,
  ): Promise<ReadonlyMap<OriginalName, OriginalAnswer>> {
    const found = new Map<OriginalName, OriginalAnswer>();
    if (this.parts.circuit.isClosed) await this.#noLongerThan(until, () => this.#askEach(names, until, found));
    return found;
  }

  /** What fails here is no failure of the sale, which finds out itself how the line is: nothing is told to the circuit. */
  async #askEach(
    names: readonly OriginalName[],
    until: number,
    found: Map<OriginalName, OriginalAnswer>,
  ): Promise<void> {
    const { calls, clock } = this.parts;
    for (const name of names) {
      if (clock.monotonicMs() >= until) return;
      const result = await calls.original(name, { connectBy: until, answerBy: until });
      if (result.ok) found.set(name, result.value);
      else if (result.failure.class !== 'own') return;
    }
  }

  async fetchLost(until: number): Promise<void> {
    const { circuit, journal } = this.parts;
    const count = journal.read(() => journal.losses.open()).reduce((sum, loss) => sum + loss.count, 0);
    if (circuit.isClosed && count <= LOST_MAX) await this.#race(this.runners.lostJournals.fetch(), until);
  }

  async relieve(isReached: () => boolean, until: number): Promise<void> {
    const { circuit } = this.parts;
    if (!circuit.isClosed) await this.#race(circuit.probeNow(), until);
    if (circuit.isClosed) await this.#noLongerThan(until, () => this.#sendOldest(isReached, until));
  }

  /** One by one, so that no more time of the sale is taken than there is need of. What the server deferred counts in no limit. */
  async #sendOldest(isReached: () => boolean, until: number): Promise<void> {
    const { circuit, clock, journal, underWay } = this.parts;
    let position = 0;
    while (isReached() && circuit.isClosed && clock.monotonicMs() < until) {
      const [entry] = journal.read(() => journal.invoices.waitingAfter(position, 1));
      if (entry === undefined) return;
      ({ position } = entry);
      if (underWay.has(entry.invoiceId)) await underWay.settled(entry.invoiceId);
      else if (!entry.deferred) await this.runners.reissueOne(entry, until);
    }
  }

  hurry(): void {
    void this.parts.circuit.probeNow();
    this.runners.housekeeper.soon();
  }

  /** The lane is free at that point, too, whatever becomes of the errand. */
  #noLongerThan(until: number, errand: () => Promise<unknown>): Promise<void> {
    return this.#race(
      this.parts.lane.run('sale', () => this.#race(errand(), until)),
      until,
    );
  }

  async #race(errand: Promise<unknown>, until: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, until - this.parts.clock.monotonicMs()));
    });
    await Promise.race([errand, over]);
    clearTimeout(timer);
  }
}
