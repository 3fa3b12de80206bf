import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Attack } from '../../tools/overload/attack.js';
import { heldBodies } from '../../tools/overload/attacks/held-bodies.js';
import { lateLists } from '../../tools/overload/attacks/late-lists.js';
import { logUploads } from '../../tools/overload/attacks/log-uploads.js';
import { unreadAnswers } from '../../tools/overload/attacks/unread-answers.js';
import { makeBoundedMemory } from '../../tools/overload/bounded-memory.js';
import { runAttack } from '../../tools/overload/run-attack.js';
import { databaseFrozen, sessionsKilled } from '../../tools/overload/soak/database-faults.js';
import { linesCut } from '../../tools/overload/soak/faults.js';
import { runSoak } from '../../tools/overload/soak/run-soak.js';
import { setStage, type Stage } from '../../tools/overload/stage.js';
import { makeThrowAwayFolder } from '../../tools/screen/throw-away-folder.js';
import { Random } from '../../tools/simulator/random.js';

/** What compose gives a server. */
const MEMORY_BYTES = 512 * 1_048_576;
/** Each of them ended a server of 512 MB within three seconds, before bodies in flight and answers were bounded. */
const ATTACKS: readonly Attack[] = [heldBodies, logUploads, lateLists, unreadAnswers];
/** How fast sales are is for `npm run overload` on a quiet machine; here others may work beside it, and a sale has a minute. */
const DURATIONS = {
  warmUpMs: 500,
  quietMs: 500,
  attackMs: 4_000,
  afterwardsMs: 200,
  saleDeadlineMs: 60_000,
};
/** What grows is for `npm run overload -- soak` to find, in an hour; here the soak itself is tried, in the three rounds that it makes at least. */
const SOAK = { totalMs: 0, warmUpMs: 300, measureMs: 700, faultMs: 300, restMs: 200, saleDeadlineMs: 60_000 };
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

it.skipIf('reason' in tried)(
  'a soak lets tills sell at half of what they can, makes each fault in each round, and reads what the server holds',
  async () => {
    const faults = [sessionsKilled, databaseFrozen, linesCut];
    const rounds: number[] = [];
    const result = await runSoak(
      stage,
      { ...SOAK, faults, random: new Random('1') },
      (round) => rounds.push(round),
      new AbortController().signal,
    );
    expect(result.broken).toEqual([]);
    expect(rounds).toEqual([0, 1, 2]);
    for (const { name } of faults) expect(result.faults[name]).toMatchObject({ tookEffect: 3, without: [] });
    expect(result.readings.map(({ round }) => round)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    const orders = rounds.map((round) =>
      result.readings.filter((one) => one.round === round).map(({ after }) => after),
    );
    for (const order of orders) expect(order.toSorted()).toEqual(faults.map(({ name }) => name).toSorted());
    expect(result.plannedPerSecond).toBe(result.mostPerSecond / 2);
    expect(result.issued).toBeGreaterThan(0);
    expect(result.onFile).toBeGreaterThanOrEqual(result.issued);
    expect(result.bounds).toHaveLength(9);
    for (const { start, end } of result.bounds) expect([start, end]).not.toContain(NaN);
  },
  LIMIT_MS,
);
