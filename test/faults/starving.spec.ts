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
const REQUESTS_PER_SECOND = 2;
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
  const lastAttempt = randomUUID();
  const answers = await Promise.all(Array.from({ length: BURST + 5 }, () => sell(wild)));
  const late = await sell(wild, lastAttempt);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(BURST);
  expect(late.status).toBe(503);
  expect(late.json()).toMatchObject({ code: 'server_busy', retry: 'later' });
  expect(late.headers['retry-after']).toBe('1');
  expect((await sell(calm)).json()).toMatchObject({ result: 'issued' });
  await server.running.application.get(ServerEventRecorder).flush();
  const { rows } = await ground.superuser.query('SELECT outcome, cause FROM server_event WHERE attempt_id = $1', [
    lastAttempt,
  ]);
  expect(rows).toEqual([{ outcome: 'failed', cause: 'server_busy' }]);
});
