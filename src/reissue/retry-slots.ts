/** Milliseconds of a list before the first was measured. */
const FIRST_LIST_MS = 20;
/** Weight of the last list in the mean: a server that became faster or slower is known after some ten. */
const LAST_WEIGHT = 1 / 8;
/** A till that is turned away comes no sooner, in milliseconds: coming costs both sides a body of 100 KB. */
const SOONEST_MS = 1_000;
/** And no later: so long a till looks after nothing else by itself. */
const LATEST_MS = 60_000;

/**
 * When tills that the late door turned away shall come again: one behind the other, as fast as lists are worked off, so that the door is neither
 * idle nor meets them all at once. Each terminal has one slot until it is over, however often it asks (decision 0030).
 */
export class RetrySlots {
  /** By terminal, in the order of time; as of `performance.now()`. */
  readonly #slots = new Map<string, number>();
  #lastSlot = 0;
  #listMs = FIRST_LIST_MS;

  /** Terminals that have a slot. */
  get size(): number {
    return this.#slots.size;
  }

  /** The door worked off a list: so long after the one before it, in milliseconds, where lists are always waiting. */
  took(ms: number): void {
    this.#listMs += (ms - this.#listMs) * LAST_WEIGHT;
  }

  /**
   * @param listsWaiting lists that are worked off before
   * @param nowMs by `performance.now()`
   * @returns whole milliseconds until the terminal shall come again
   */
  afterMs(terminalId: string, listsWaiting: number, nowMs: number): number {
    this.#forgetBefore(nowMs);
    let slot = this.#slots.get(terminalId);
    if (slot === undefined) {
      const free = Math.max(this.#lastSlot + this.#listMs, nowMs + listsWaiting * this.#listMs, nowMs + SOONEST_MS);
      slot = Math.min(free, nowMs + LATEST_MS);
      this.#lastSlot = slot;
      this.#slots.set(terminalId, slot);
    }
    return Math.ceil(slot - nowMs);
  }

  #forgetBefore(nowMs: number): void {
    for (const [terminalId, slot] of this.#slots) {
      if (slot > nowMs) return;
      this.#slots.delete(terminalId);
    }
  }
}
