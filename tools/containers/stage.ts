import { setTimeout as wait } from 'node:timers/promises';
import type { Narrator } from '../demo/narrator.js';
import type { SalesBook } from '../demo/sales-book.js';
import type { Installation, ServerName } from './installation.js';
import { isReady } from './ask.js';

/** What every scene plays with. */
export interface Stage {
  readonly installation: Installation;
  readonly narrator: Narrator;
  readonly book: SalesBook;
  /** Aborted when the tool is to stop before its end. */
  readonly signal: AbortSignal;
}

const MS_PER_TENTH = 100;

/** Seconds with one decimal: more would be the machine's mood. @param began by performance.now() */
export function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / MS_PER_TENTH) / 10;
}

/** How often something in a container is looked at: each look costs a process or a request. */
const LOOK_MS = 100;

/** Resolves when it holds. @param what for the message @throws when it does not hold within the limit */
export async function waitFor(
  what: string,
  limitMs: number,
  signal: AbortSignal,
  holds: () => Promise<boolean>,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Waited ${limitMs / 1_000} s in vain until ${what}.`);
    await wait(LOOK_MS, undefined, { signal });
  }
}

/** A server starts in a few seconds, on a busy machine in more; a restart by the engine waits a little before. */
const READY_LIMIT_MS = 60_000;

export function waitUntilReady({ installation, signal }: Stage, server: ServerName): Promise<void> {
  const port = installation.ports[server].operator;
  return waitFor(`${server} is ready`, READY_LIMIT_MS, signal, () => isReady(port));
}
