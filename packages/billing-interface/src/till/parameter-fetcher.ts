import type { TillParts } from './till-parts.js';
import { unhurried } from './unhurried.js';

/** Keeps the parameters fresh: after enrolment, regularly, and where an answer shows that they changed. */
export class ParameterFetcher {
  #running: Promise<boolean> | null = null;

  constructor(private readonly parts: Pick<TillParts, 'calls' | 'clock' | 'lane' | 'lineState' | 'rate' | 'shelf'>) {}

  /** Asks the server now, over whatever connection there is; several callers share one question. False: it did not answer. */
  fetch(until: number): Promise<boolean> {
    this.#running ??= this.#fetch(until).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  isDue(ageMsMax: number): boolean {
    const { clock, shelf } = this.parts;
    const age = clock.now() - (shelf.checkedAt ?? Number.NEGATIVE_INFINITY);
    // An age below zero: the clock was set back.
    return shelf.current === null || age > ageMsMax || age < 0;
  }

  async #fetch(until: number): Promise<boolean> {
    const { calls, clock, lineState, shelf } = this.parts;
    const began = clock.monotonicMs();
    // An answer that comes slowly is waited for: whoever needs it sooner does not wait.
    const result = await calls.parameters(shelf.etag, { ...unhurried(this.parts, 0), connectBy: until });
    if (!result.ok) {
      // No parameters published yet is no reason to hold the line to be down.
      if (result.failure.cause !== 'parameters_missing') lineState.failed(result.failure, began);
      return false;
    }
    const { jws, etag } = result.value;
    if (jws === null) shelf.markChecked();
    else shelf.takeFromServer(jws, etag);
    return true;
  }
}
