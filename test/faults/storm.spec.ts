import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BadInputGround, Counter, startBadInputGround } from '../bad-input/ground.js';

const BYSTANDERS = 4;
const RETURNING = 60;
const WAITING = 10;
/** A till waits longer; this one only lets the others work. */
const RETRY_PAUSE_MS = 200;

let ground: BadInputGround;
const counters: Counter[] = [];

beforeAll(async () => {
  ground = await startBadInputGround();
});

afterAll(async () => {
  for (const counter of counters) counter.close();
  await ground.stop();
});

async function openTills(count: number): Promise<Counter[]> {
  const opened: Counter[] = [];
  for (let till = 0; till < count; till += 1) opened.push(new Counter(ground.server, await ground.newTill()));
  counters.push(...opened);
  return opened;
}

it('lets many tills in at once that come back with a backlog, and gives everybody the code of the sale at hand', async () => {
  const bystanders = await openTills(BYSTANDERS);
  const returning = await openTills(RETURNING);
  for (const counter of bystanders) await counter.connection();
  const backlogs = returning.map(({ till }) => Array.from({ length: WAITING }, () => till.sign().jws));

  let waitedMost = 0;
  const { listeners } = ground.server.running;
  let isLooking = true;
  const look = (): void => {
    waitedMost = Math.max(waitedMost, listeners.handshakesWaiting);
    if (isLooking) setImmediate(look);
  };
  look();
  const isBack = new AbortController();
  const outcomes: string[] = [];
  const selling = bystanders.map(async (counter) => {
    while (!isBack.signal.aborted) outcomes.push(await counter.sell());
  });
  const firstSales = await Promise.all(returning.map((counter) => counter.sell()));
  isLooking = false;
  const lists = await Promise.all(
    returning.map(async (counter, index) => {
      let answer = await counter.reissue(backlogs[index]);
      // More come than may wait at the late door; who is turned away comes again.
      while (answer.status === 503) {
        await pause(RETRY_PAUSE_MS);
        answer = await counter.reissue(backlogs[index]);
      }
      return answer.json().results.map(({ result }) => result);
    }),
  );
  isBack.abort();
  await Promise.all(selling);

  // They did come at once: handshakes waited for each other.
  expect(waitedMost).toBeGreaterThan(0);
  expect(new Set(firstSales)).toEqual(new Set(['issued']));
  expect(new Set(outcomes)).toEqual(new Set(['issued']));
  expect(new Set(lists.flat())).toEqual(new Set(['issued']));
  expect(await ground.counts()).toMatchObject({ refused: 0 });
});
