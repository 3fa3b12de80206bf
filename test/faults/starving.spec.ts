import { randomUUID } from 'node:crypto';
import type { IssueAnswer, Problem } from '@tax-control/protocol';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServerEventRecorder } from '../../src/log-analytics/attempts/server-event-recorder.js';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { publishParameters, Till } from '../issuance/office.js';
import { type Answer, call } from '../support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal } from '../support/terminals.js';

const REPORTS_CONNECTIONS = 2;
/** More than both pools together have. */
const QUESTIONS = 12;
/** Requests a second of one terminal, of which it may save up ten seconds' worth. */
const REQUESTS_PER_SECOND = 1;
const BURST = 10 * REQUESTS_PER_SECOND;

let ground: TestGround;
let server: TestServer;

beforeAll(async () => {
  ground = await makeGround();
  await publishParameters(ground);
  server = await startTestServer({
    ground,
    environment: {
      DATABASE_POOL_SIZE: '4',
      DATABASE_REPORTS_POOL_SIZE: String(REPORTS_CONNECTIONS),
      TERMINAL_REQUESTS_PER_SECOND_MAX: String(REQUESTS_PER_SECOND),
    },
  });
});

afterAll(async () => {
  await server.stop();
  await ground.clear();
});

async function openTill(): Promise<Till> {
  return new Till(await makeTerminal(server), new TerminalDirectory(server.superuser));
}

function sell(till: Till, attemptId: string = randomUUID()): Promise<Answer<IssueAnswer & Problem>> {
  const body = { invoice: till.sign().jws };
  return call(server, '/v1/invoices', { terminal: till.terminal, body, headers: { 'attempt-id': attemptId } });
}

it('sells on while the console’s questions hang and take every connection that they can have', async () => {
  const till = await openTill();
  const slow = new Client({ connectionString: ground.database.superuserUrl });
  await slow.connect();
  await slow.query('BEGIN');
  await slow.query('LOCK TABLE official_session IN ACCESS EXCLUSIVE MODE');
  const cookie = `__Host-session=${'A'.repeat(43)}`;
  const questions = Array.from({ length: QUESTIONS }, () =>
    call<Problem>(server, '/v1/console/session', { listener: 'public', headers: { cookie } }),
  );
  const hanging = async (): Promise<number> => {
    const { rows } = await ground.superuser.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name = 'tax-control reports'`,
    );
    return rows[0]?.count ?? 0;
  };
  await expect.poll(hanging).toBe(REPORTS_CONNECTIONS);
  for (let sale = 0; sale < 5; sale += 1) expect((await sell(till)).json()).toMatchObject({ result: 'issued' });
  expect((await call(server, '/health/ready', { listener: 'operator' })).status).toBe(200);
  // The questions hung all the while.
  expect(await hanging()).toBe(REPORTS_CONNECTIONS);
  await slow.query('ROLLBACK');
  await slow.end();
  const codes = (await Promise.all(questions)).map((answer) => answer.json().code);
  // On a slow machine some waited for a connection longer than it may take.
  expect(['sign_in_required', 'database_unavailable']).toEqual(expect.arrayContaining([...new Set(codes)]));
});

it('lets one till that runs wild wait, refuses nothing, and serves the others meanwhile', async () => {
  const [wild, calm] = [await openTill(), await openTill()];
  const attempts: { readonly id: string; readonly answer: Answer<IssueAnswer & Problem> }[] = [];
  // However slow the machine is: sooner or later more come than the bucket gets meanwhile.
  while (attempts.every(({ answer }) => answer.status === 200)) {
    const ids = Array.from({ length: BURST }, () => randomUUID());
    attempts.push(...(await Promise.all(ids.map(async (id) => ({ id, answer: await sell(wild, id) })))));
  }
  const turnedAway = attempts.filter(({ answer }) => answer.status !== 200);
  for (const { answer } of turnedAway) {
    expect(answer.status).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'server_busy', retry: 'later' });
    expect(answer.headers['retry-after']).toBe('1');
  }
  expect(attempts.length - turnedAway.length).toBeGreaterThanOrEqual(BURST);
  expect((await sell(calm)).json()).toMatchObject({ result: 'issued' });
  await server.running.application.get(ServerEventRecorder).flush();
  const { rows } = await ground.superuser.query<{ attempt_id: string; outcome: string; cause: string }>(
    'SELECT attempt_id, outcome, cause FROM server_event WHERE terminal_id = $1',
    [wild.terminalId],
  );
  expect(new Set(rows.map((row) => row.attempt_id))).toEqual(new Set(turnedAway.map(({ id }) => id)));
  expect(rows[0]).toMatchObject({ outcome: 'failed', cause: 'server_busy' });
});
