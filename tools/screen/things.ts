/** What a tool has started and must end, last first, however it ends itself. */
export class Things {
  readonly #ends: (() => Promise<unknown>)[] = [];
  readonly #interruption = new AbortController();
  #isOver = false;

  /** Aborted when the tool is to stop before its end. */
  get signal(): AbortSignal {
    return this.#interruption.signal;
  }

  /** Something was started; this ends it. What was still being started when everything ended is ended at once. */
  add(end: () => Promise<unknown>): void {
    if (this.#isOver) void end().catch(() => {});
    else this.#ends.push(end);
  }

  /** A person or the system asks the tool to stop. */
  interrupt(reason: string): void {
    this.#interruption.abort(new Interrupted(reason));
  }

  /** Something that everything stands on is gone. */
  fail(what: string): void {
    this.#interruption.abort(new Error(what));
  }

  /** Settles as the work does, or rejects at once when the tool is to stop. */
  async unlessInterrupted<Result>(work: Promise<Result>): Promise<Result> {
    const { signal } = this;
    const interrupted = new Promise<never>((_resolve, reject) => {
      const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Interrupted('stopped'));
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    return Promise.race([work, interrupted]);
  }

  /** Resolves when the tool is to stop: null when it was asked to, else what is gone. */
  async interrupted(): Promise<string | null> {
    const { signal } = this;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    const reason: unknown = signal.reason;
    if (reason instanceof Interrupted) return null;
    return reason instanceof Error ? reason.message : String(reason);
  }

  /** Ends all, also when the end of one fails. @returns what went wrong, one sentence each */
  async end(): Promise<string[]> {
    this.#isOver = true;
    const faults: string[] = [];
    for (const end of this.#ends.splice(0).toReversed()) {
      try {
        await end();
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error));
      }
    }
    return faults;
  }
}

/** The tool was asked to stop. */
export class Interrupted extends Error {}
