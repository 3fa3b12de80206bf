import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Attack } from '../../tools/overload/attack.js';
import { heldBodies } from '../../tools/overload/attacks/held-bodies.js';
import { lateLists } from '../../tools/overload/attacks/late-lists.js';
import { logUploads } from '../../tools/overload/attacks/log-uploads.js';
import { unreadAnswers } from '../../tools/overload/attacks/unread-answers.js';
import { makeBoundedMemory } from '../../tools/overload/bounded-memory.js';
import { runAttack } from '../../tools/overload/run-attack.js';
import { setStage, type Stage } from '../../tools/overload/stage.js';
import { makeThrowAwayFolder } from '../../tools/screen/throw-away-folder.js';

/** What compose gives a server. */
const MEMORY_BYTES = 512 * 1_048_576;
/** Each of them ended a server of 512 MB within three seconds, before bodies in flight and answers were bounded. */
const ATTACKS: readonly Attack[] = [heldBodies, logUploads, lateLists, unreadAnswers];
/** How fast sales are is for `npm run overload` on a quiet machine; here others may work beside it, and a sale has a minute. */
const DURATIONS = {
  warmUpMs: 1_500,
  quietMs: 1_500,
  attackMs: 4_000,
  afterwardsMs: 1_000,
  saleDeadlineMs: 60_000,
};
const LIMIT_MS = 240_000;

const tried = makeBoundedMemory(MEMORY_BYTES);
if ('reason' in tried) process.stdout.write(`skipped: overload in bounded memory, because ${tried.reason}\n`);
else tried.remove();

let stage: Stage;
let folder: string;
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  if ('reason' in tried) return;
  folder = await makeThrowAwayFolder('overload-test');
  const onStarted = (end: () => Promise<void>): void => void ends.push(end);
  stage = await setStage(folder, ATTACKS, MEMORY_BYTES, () => undefined, onStarted, new AbortController().signal);
}, LIMIT_MS);
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}, LIMIT_MS);

it.skipIf('reason' in tried).each(ATTACKS.map((attack) => [attack.name, attack] as const))(
  'a server of 512 MB lives through %s, and the others’ sales go on',
  async (_name, attack) => {
    const result = await runAttack(attack, stage, DURATIONS);
    expect(result.fault).toBeNull();
    expect(result.hasServerEnded).toBe(false);
    expect(result.groupBytes).toBeLessThan(MEMORY_BYTES);
    expect(result.attacked.requests).toBeGreaterThan(0);
    expect(result.attacked.withoutCode).toBeLessThan(0.5);
  },
  LIMIT_MS,
);
