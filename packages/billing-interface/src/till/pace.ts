import type { CircuitPace } from '../sender/circuit.js';

/** How often a till does what nobody waits for. Milliseconds; each wait is spread, so that a fleet does not act at once. */
export interface TillPace extends CircuitPace {
  /** Between two looks at what waits, when nothing happens. */
  readonly idleMs: number;
  /** Between two transactions of a backlog that an idle till drains. */
  readonly drainMs: number;
  /** Longest wait before the first transaction of an idle till, once it was opened or its line is back. */
  readonly returnMs: number;
  /** Age of the parameters at which the server is asked for newer ones. */
  readonly parametersMs: number;
  /** Age of the clock's measurement at which it is measured again. */
  readonly clockMs: number;
  /** Between two tries to renew a certificate. */
  readonly renewalMs: number;
  /** After which the server is asked whether it has all receipts of this till on file, though nothing says that it has not. */
  readonly holdingsMs: number;
  /** Between two questions whether the office still bars this till, when sales ask for it. */
  readonly standingMs: number;
}

/**
 * idleMs: statistics are half a minute behind at most. drainMs: 20,000 tills that drain 20 invoices every three seconds are
 * what one server takes. returnMs: the tills of a region come back within a moment, and what each of 300 kept waiting takes one server ten
 * seconds; a sale takes its share along all the same. parametersMs: a new rate is published days ahead, a threshold may be lowered in a rush hour.
 * clockMs: an hour's drift of a bad clock is a tenth of a second. renewalMs: months are left. holdingsMs: a till that sells hears of a restored database with its next sale. standingMs: a shop that was
 * let sell again should not have to wait, and a server not be asked with every sale.
 */
export const TILL_PACE: Omit<TillPace, keyof CircuitPace> = {
  idleMs: 30_000,
  drainMs: 3_000,
  returnMs: 10_000,
  parametersMs: 900_000,
  clockMs: 3_600_000,
  renewalMs: 600_000,
  holdingsMs: 3_600_000,
  standingMs: 3_000,
};

/** Waits are between this part of themselves and all of it. */
const JITTER_FLOOR = 0.5;

export function spread(milliseconds: number, random: () => number): number {
  return milliseconds * (JITTER_FLOOR + (1 - JITTER_FLOOR) * random());
}
