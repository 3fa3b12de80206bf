import { setTimeout as wait } from 'node:timers/promises';

/** Which share of the sales happens before, during and after the outage: a third each. */
const PARTS = 3;

/** What an outage needs of the server. */
export interface Interruptible {
  killServer(): Promise<unknown>;
  startServer(): Promise<unknown>;
}

/**
 * One outage in the middle of a list of sales. The middle third is spread evenly over it, so that tills really sell without
 * a server however fast they are; the others go as fast as they can.
 */
export class Outage {
  readonly #first: number;
  readonly #end: number;
  #running: Promise<void> | null = null;
  #beganAtMs = 0;
  #isOver = false;

  constructor(
    private readonly server: Interruptible,
    sales: number,
    private readonly durationMs: number,
    private readonly signal: AbortSignal,
  ) {
    this.#first = Math.floor(sales / PARTS);
    this.#end = Math.floor((sales * 2) / PARTS);
  }

  /**
   * Before the sale of this index (0 …): waits where the outage asks for it. The first one inside it takes the server away,
   * those after it wait until the server is back. @throws what kept it from coming back
   */
  async before(index: number): Promise<void> {
    if (this.durationMs === 0 || index < this.#first) return;
    if (index >= this.#end) return this.over();
    if (this.#running === null) {
      this.#beganAtMs = Date.now();
      this.#running = this.#interrupt();
      // Whoever waits for over() hears of a failure; until then nobody needs to.
      this.#running.catch(() => {});
    }
    const share = (index - this.#first) / (this.#end - this.#first);
    await this.#waitUntil(this.#beganAtMs + share * this.durationMs);
  }

  /** The server is away. */
  get isRunning(): boolean {
    return this.#running !== null && !this.#isOver;
  }

  /** The server was away and is back. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when the server is back. @throws what kept it from coming back */
  async over(): Promise<void> {
    await this.#running;
  }

  async #interrupt(): Promise<void> {
    await this.server.killServer();
    await this.#waitUntil(this.#beganAtMs + this.durationMs);
    await this.server.startServer();
    this.#isOver = true;
  }

  async #waitUntil(timeMs: number): Promise<void> {
    await wait(Math.max(0, timeMs - Date.now()), undefined, { signal: this.signal });
  }
}
