/** A process that runs for us. */
export interface RunningPart {
  /** Settles when it has ended, by whomever. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** One of the processes of an installation: it can be killed and started again, and tells when it ended by itself. */
export class Part<Running extends RunningPart> {
  /** Settles the first time it ends without having been told to by us. */
  readonly broken: Promise<void>;
  #tellBroken: () => void = () => undefined;
  #running: Running | undefined;
  #launching: Promise<Running> | undefined;

  constructor(private readonly launch: () => Promise<Running>) {
    this.broken = new Promise((resolve) => {
      this.#tellBroken = resolve;
    });
  }

  /** Nothing happens if it runs. */
  async start(): Promise<Running> {
    if (this.#running !== undefined) return this.#running;
    this.#launching ??= this.#launch();
    try {
      return await this.#launching;
    } finally {
      this.#launching = undefined;
    }
  }

  /** In order; what is just being started is stopped when it runs. Nothing happens if it does not run. */
  async stop(): Promise<void> {
    await this.#launching?.catch(() => undefined);
    await this.#take()?.stop();
  }

  /** SIGKILL, as a crash would; returns when it is gone. */
  async kill(): Promise<void> {
    await this.#launching?.catch(() => undefined);
    await this.#take()?.kill();
  }

  async #launch(): Promise<Running> {
    const running = await this.launch();
    this.#running = running;
    void this.#watch(running);
    return running;
  }

  async #watch(running: Running): Promise<void> {
    await running.ended;
    if (this.#running === running) this.#tellBroken();
  }

  #take(): Running | undefined {
    const running = this.#running;
    this.#running = undefined;
    return running;
  }
}
