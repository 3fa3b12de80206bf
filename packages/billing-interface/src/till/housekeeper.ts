import { JournalUnavailable } from '../journal/journal-unavailable.js';
import { RETRY_AFTER_MS_MAX } from '../sender/circuit.js';
import type { Drainer } from './drainer.js';
import type { LostJournals } from './lost-journals.js';
import { spread, type TillPace } from './pace.js';
import type { ParameterFetcher } from './parameter-fetcher.js';
import type { Renewer } from './renewer.js';
import type { ServerWatch } from './server-watch.js';
import type { TillParts } from './till-parts.js';

export interface HousekeeperTasks {
  readonly drainer: Drainer;
  readonly lostJournals: LostJournals;
  readonly parameters: ParameterFetcher;
  readonly renewer: Renewer;
  readonly serverWatch: ServerWatch;
}

const PARAMETERS_MS = 5_000;
/** Part of the time that a busy server asks for, by which tills spread when they come again. */
const RETRY_SPREAD = 0.5;

/** What an idle till does by itself, with jitter: certificate, parameters, clock, standing, backlog, log. */
export class Housekeeper {
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #ended = false;
  #dueAt = Number.POSITIVE_INFINITY;
  #isWanted = false;
  /** Nothing that waits is carried before this point of the monotonic clock. */
  #drainFrom = 0;

  constructor(
    private readonly parts: TillParts,
    private readonly tasks: HousekeeperTasks,
    private readonly pace: TillPace,
    private readonly random: () => number = Math.random,
  ) {}

  /** Looks after what there is within the pause of a drain. */
  soon(): void {
    if (this.#running === null) this.#schedule(this.pace.drainMs);
    else this.#isWanted = true;
  }

  /** The line is there, and so it may be for all tills of a region: what waits is not carried by all of them at once. */
  returned(): void {
    this.#drainFrom = this.parts.clock.monotonicMs() + this.pace.returnMs * this.random();
    this.soon();
  }

  /** A busy server says when to come again. Each till adds up to half of that time at random, so that they do not come together. */
  busy(retryAfterMs: number): void {
    const wait = Math.min(retryAfterMs, RETRY_AFTER_MS_MAX) * (1 + RETRY_SPREAD * this.random());
    this.#drainFrom = Math.max(this.#drainFrom, this.parts.clock.monotonicMs() + wait);
    // While a round is running, its end looks at the time.
    if (this.#running === null) this.#scheduleIn(wait);
  }

  async end(): Promise<void> {
    this.#ended = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(milliseconds: number): void {
    this.#scheduleIn(spread(milliseconds, this.random));
  }

  /** A look that is due earlier stays as it is. */
  #scheduleIn(wait: number): void {
    const dueAt = this.parts.clock.monotonicMs() + wait;
    if (this.#ended || dueAt >= this.#dueAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#isWanted = false;
      this.#running = this.#run();
    }, wait).unref();
  }

  async #run(): Promise<void> {
    const isLeft = await this.#round().catch((error: unknown) => {
      // A disk that fails is told by the next sale's answer.
      if (!(error instanceof JournalUnavailable)) this.parts.onError(error);
      return false;
    });
    this.#running = null;
    const untilDrain = this.#drainFrom - this.parts.clock.monotonicMs();
    if (untilDrain > 0) this.#scheduleIn(untilDrain);
    else this.#schedule(isLeft || this.#isWanted ? this.pace.drainMs : this.pace.idleMs);
  }

  /** Resolves to whether something is left that should not wait for the next idle look. */
  async #round(): Promise<boolean> {
    const { circuit, clock, clockWatch, lane, standing } = this.parts;
    const { drainer, lostJournals, parameters, renewer, serverWatch } = this.tasks;
    // While the circuit is open its probe is all that is tried; when it closes, `soon` is called.
    if (!circuit.isClosed) return false;
    // The parameters first: a new certificate may come from an authority that they make known.
    if (parameters.isDue(this.pace.parametersMs))
      await lane.run('background', () => parameters.fetch(clock.monotonicMs() + PARAMETERS_MS));
    if (circuit.isClosed) await renewer.renewIfDue(this.pace.renewalMs);
    if (circuit.isClosed && (standing.cause !== null || clockWatch.isDue(this.pace.clockMs)))
      await lane.run('background', () => serverWatch.ask());
    if (clock.monotonicMs() < this.#drainFrom) return false;
    // Beside sales and before the backlog: a sale that is asked again should find the invoice of the first time.
    await lostJournals.fetch();
    return circuit.isClosed && drainer.idleTransaction();
  }
}
