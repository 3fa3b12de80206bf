import { setTimeout as wait } from 'node:timers/promises';

/** How often it is looked: far below what a person notices, far above what a processor does. */
const LOOK_MS = 5;

/** Resolves when the condition holds. @throws when it does not within the limit; the message says what was waited for */
export async function waitUntil(what: string, limitMs: number, holds: () => boolean): Promise<void> {
  const end = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Waited ${limitMs / 1_000} s in vain until ${what}.`);
    await wait(LOOK_MS);
  }
}
