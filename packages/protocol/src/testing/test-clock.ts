import { Clock, systemClock } from '../clock.js';

/** A clock that a spec gives to what it tests. It follows the computer's clock until the spec stops or sets it; then it stands still. */
export class TestClock extends Clock {
  #stopped: { readonly nowMs: number; readonly monotonicMs: number } | null = null;

  /** @param time where it stands from the beginning; left out: it follows the computer's clock */
  constructor(time?: Date | number | string) {
    super();
    if (time !== undefined) this.set(time);
  }

  now(): number {
    return this.#stopped?.nowMs ?? systemClock.now();
  }

  monotonicMs(): number {
    return this.#stopped?.monotonicMs ?? systemClock.monotonicMs();
  }

  /** Stops at this moment. */
  stop(): void {
    this.advance(0);
  }

  /** Stops at this time. The monotonic clock does not jump, as when somebody sets the clock of a computer. */
  set(time: Date | number | string): void {
    this.#stopped = { nowMs: new Date(time).getTime(), monotonicMs: this.monotonicMs() };
  }

  /** Lets so much time pass on both clocks, and stops there. */
  advance(milliseconds: number): void {
    this.#stopped = { nowMs: this.now() + milliseconds, monotonicMs: this.monotonicMs() + milliseconds };
  }

  /** Follows the computer's clock again. */
  reset(): void {
    this.#stopped = null;
  }
}
