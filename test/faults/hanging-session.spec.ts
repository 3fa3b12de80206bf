import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BadInputGround, Counter, startBadInputGround } from '../bad-input/ground.js';
import { call } from '../support/client.js';
import { serverSessions, type StoppedSession, stopSession } from './stopped-session.js';

const BYSTANDERS = 4;
/** Sales of each bystander that show that codes are given again. */
const SALES = 5;
/** The goal is 2 s; a machine that is busy with other specs needs more. What this replaced took 12 s at least. */
const AGAIN_MS = 8_000;
/** Seconds that a marked sale sleeps where it is to be stopped: longer than a busy machine takes to find it. */
const SLEEP_S = 5;

/** Where the victim's session stands when it is stopped, by the sleep that the database is told to do there. */
const POINTS = {
  insert: 'CREATE TRIGGER sleeper BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION sleep_at_victim()',
  commit: `CREATE CONSTRAINT TRIGGER sleeper AFTER INSERT ON ledger DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION sleep_at_victim()`,
} as const;

let ground: BadInputGround;
let bystanders: Counter[];
let victim: Counter;
let stopped: StoppedSession | undefined;

beforeAll(async () => {
  ground = await startBadInputGround();
  bystanders = [];
  for (let till = 0; till < BYSTANDERS; till += 1) bystanders.push(new Counter(ground.server, await ground.newTill()));
  victim = new Counter(ground.server, await ground.newTill());
  for (const counter of [...bystanders, victim]) await counter.connection();
});

afterEach(async () => {
  stopped?.goOn();
  stopped = undefined;
  await ground.ground.superuser.query('DROP TRIGGER IF EXISTS sleeper ON ledger');
});

afterAll(async () => {
  for (const counter of [...bystanders, victim]) counter.close();
  await ground.stop();
});

/** Each bystander sells until it has some more codes; resolves to the slowest. */
async function sellOn(): Promise<void> {
  await Promise.all(
    bystanders.map(async (counter) => {
      let codes = 0;
      const sell = async (): Promise<number> => (codes += (await counter.sell()) === 'issued' ? 1 : 0);
      await expect.poll(sell, { timeout: AGAIN_MS, interval: 20 }).toBeGreaterThanOrEqual(SALES);
    }),
  );
}

async function ready(): Promise<unknown> {
  return (await call(ground.server, '/health/ready', { listener: 'operator' })).json();
}

/** Makes the victim's next sale sleep at a point, and stops its session there. */
async function stopVictimAt(point: keyof typeof POINTS, jws: string): Promise<Promise<unknown>> {
  const { superuser } = ground.ground;
  await superuser.query(`CREATE OR REPLACE FUNCTION sleep_at_victim() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.terminal_id = '${victim.till.terminalId}' THEN PERFORM pg_sleep(${SLEEP_S}); END IF;
      RETURN NEW;
    END $$`);
  await superuser.query(POINTS[point]);
  const answer = victim.issue(jws).then((given) => given.json());
  const asleep = () => serverSessions(superuser, `wait_event = 'PgSleep'`);
  await expect.poll(asleep).toHaveLength(1);
  stopped = await stopSession((await asleep())[0]!);
  return answer;
}

describe('one session of the database that stops for good', () => {
  it('costs a sale that finds it idle some hundred milliseconds and no code', async () => {
    // The pool gives the session out first that it got back last: any one that is idle is met sooner or later, so all but one stop.
    await sellOn();
    const idle = await serverSessions(ground.ground.superuser, `state = 'idle'`);
    expect(idle.length).toBeGreaterThan(0);
    const all = await Promise.all(idle.map(stopSession));
    await sellOn();
    expect(await ready()).toMatchObject({ status: 'ready' });
    expect(Math.max(...all.map((session) => session.goOn()))).toBeGreaterThan(0);
    expect(await victim.sell()).toBe('issued');
  });

  it('holds up the till alone whose journal it locked, until that one lets go', async () => {
    const { superuser } = ground.ground;
    const journal = Number.parseInt(victim.till.journalId.slice(-12), 16);
    const holder = await superuser.connect();
    await holder.query('SELECT pg_advisory_lock($1)', [journal]);
    const { jws } = victim.till.sign();
    // A list waits for the lock for 300 ms, within which it is to be stopped: on a busy machine not at the first try.
    let first: ReturnType<Counter['issue']> | undefined;
    let waiting: number[] = [];
    while (waiting.length === 0) {
      const course = { isOver: false };
      first = victim.issue(jws).finally(() => (course.isOver = true));
      while (waiting.length === 0 && !course.isOver)
        waiting = await serverSessions(superuser, `wait_event = 'advisory'`);
    }
    stopped = await stopSession(waiting[0]!);
    await sellOn();
    expect((await first)?.json()).toMatchObject({ code: 'server_busy', retry: 'later' });
    expect((await victim.issue(jws)).json()).toMatchObject({ code: 'server_busy' });
    await sellOn();
    stopped.goOn();
    await holder.query('SELECT pg_advisory_unlock($1)', [journal]);
    holder.release();
    await expect.poll(async () => (await victim.issue(jws)).json().result, { timeout: AGAIN_MS }).toBe('issued');
  });

  it.each(['insert', 'commit'] as const)(
    'at %s holds up the till alone whose invoice it writes; what it commits at last has one code',
    async (point) => {
      const { invoice, jws } = victim.till.sign();
      const first = await stopVictimAt(point, jws);
      await sellOn();
      expect(await first).toMatchObject({ code: 'outcome_unknown', retry: 'same' });
      // Sent again by any door, and the next sale of the same till: all of one journal.
      expect((await victim.issue(jws)).json()).toMatchObject({ code: 'server_busy' });
      expect((await victim.reissue([jws])).json()).toMatchObject({ results: [{ result: 'deferred' }] });
      expect((await victim.issue(victim.till.sign().jws)).json()).toMatchObject({ code: 'server_busy' });
      expect(await ready()).toMatchObject({ status: 'ready' });
      await sellOn();
      stopped!.goOn();
      const again = async () => (await victim.issue(jws)).json();
      const issued = expect.stringContaining('issued') as string;
      await expect.poll(again).toMatchObject({ result: issued });
      const receipts = [(await again()).receipt, (await again()).receipt];
      expect(new Set(receipts).size).toBe(1);
      const { rows } = await ground.ground.superuser.query('SELECT code FROM ledger WHERE invoice_id = $1', [
        invoice.id,
      ]);
      expect(rows).toHaveLength(1);
    },
    40_000,
  );
});

it('says in its readiness that it gives no codes while somebody holds the ledger, and recovers by itself', async () => {
  const holder = await ground.ground.superuser.connect();
  await holder.query('BEGIN');
  await holder.query('LOCK TABLE ledger IN SHARE MODE');
  const held = victim.till.sign().jws;
  const sale = victim.issue(held);
  const issuing = async () => {
    const answer = await call<{ checks: object[] }>(ground.server, '/health/ready', { listener: 'operator' });
    return { status: answer.status, ...answer.json() };
  };
  await expect.poll(issuing, { timeout: AGAIN_MS, interval: 200 }).toMatchObject({
    status: 'not_ready',
    checks: expect.arrayContaining([
      { name: 'database', fault: null },
      { name: 'issuing', fault: expect.stringContaining('Sales get no code') as string },
    ]) as object[],
  });
  expect(['database_unavailable', 'outcome_unknown']).toContain((await sale).json().code);
  const after = await issuing();
  expect(JSON.stringify(after.checks)).toContain('Somebody else holds the tables');
  // Customers' pages need no more than the database: a balancer leaves them where they are.
  expect((await call(ground.server, '/health/pages', { listener: 'operator' })).status).toBe(200);
  await holder.query('ROLLBACK');
  holder.release();
  await expect.poll(async () => (await victim.issue(held)).json(), { timeout: AGAIN_MS }).toHaveProperty('receipt');
  expect(await ready()).toMatchObject({ status: 'ready' });
});
