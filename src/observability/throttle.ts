/** Lets one event of a kind through within a time, and counts the others. */
export class Throttle {
  readonly #kinds = new Map<string, { untilMs: number; suppressed: number }>();

  /** @param now milliseconds that never go back */
  constructor(
    private readonly intervalMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** How many of this kind were held back since the last one that went through; null: hold this one back too. */
  pass(kind: string): number | null {
    const known = this.#kinds.get(kind);
    if (known !== undefined && this.now() < known.untilMs) {
      known.suppressed += 1;
      return null;
    }
    this.#kinds.set(kind, { untilMs: this.now() + this.intervalMs, suppressed: 0 });
    return known?.suppressed ?? 0;
  }
}
