import { setTimeout as delay } from 'node:timers/promises';
import type { Listeners } from '../http/listeners.js';

/**
 * Longest wait of a late list for clients whose handshake has not begun, in milliseconds: 300 are through by then. Whoever opens
 * connections without end holds up late lists for no longer.
 */
const CROWD_MS_MAX = 1_000;
/** Between two looks, in milliseconds. */
const LOOK_MS = 20;

/**
 * Waits while many clients connect. The tills of a region come back together, each with a customer's sale first: what waited for hours lets
 * these sales go before it.
 */
export async function crowdPassed(listeners: Pick<Listeners, 'handshakesWaiting'>): Promise<void> {
  const untilMs = performance.now() + CROWD_MS_MAX;
  while (listeners.handshakesWaiting > 0 && performance.now() < untilMs) await delay(LOOK_MS);
}
