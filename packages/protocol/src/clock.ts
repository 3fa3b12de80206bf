/**
 * Where the time comes from, at the till and at the server. It is an abstract class and no interface, because the server injects it
 * by its class.
 */
export abstract class Clock {
  /**
   * Milliseconds since 1970-01-01T00:00:00Z by the computer's clock, which may be wrong or set back. Everything that is written down or
   * compared with a date uses it.
   */
  abstract now(): number;
  /** Milliseconds of a clock that never goes back and that nobody can set. Deadlines and durations use it. */
  abstract monotonicMs(): number;
}

/** The computer's own clock. It is made here and nowhere else: lint rejects `Date.now()` and `new Date()` in other files. */
export const systemClock = { now: () => Date.now(), monotonicMs: () => performance.now() } satisfies Clock;
