import { setTimeout as wait } from 'node:timers/promises';

/** How often it is looked: far below what a person notices, far above what a processor does. */
const LOOK_MS = 5;

/** How long to wait, and what ends the waiting before. */
export interface Patience {
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves when the condition holds.
 * @param what for the message
 * @throws when it does not hold within the limit, or when the demo is interrupted
 */
export async function waitUntil(what: string, { limitMs, signal }: Patience, holds: () => boolean): Promise<void> {
  const end = performance.now() + limitMs;
  while (!holds()) {
    signal.throwIfAborted();
    if (performance.now() > end) throw new Error(`Waited ${limitMs / 1_000} s in vain until ${what}.`);
    await wait(LOOK_MS);
  }
}
