import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { signIn, type TestBrowser } from '../support/officials.js';
import { startTestServer, type TestServer } from '../support/server.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

const administrator = () => signIn(server, { roles: ['administrator'] });

/** Sends requests that meet at accounts which somebody else holds, and lets them go on together. */
async function atOnce<Answer>(names: readonly string[], send: () => readonly Promise<Answer>[]): Promise<Answer[]> {
  const other = await server.superuser.connect();
  onTestFinished(() => other.release(true));
  await other.query('BEGIN');
  await other.query('SELECT FROM official WHERE name = ANY ($1) FOR UPDATE', [names]);
  const sent = send();
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await expect.poll(async () => (await server.superuser.query(waiting)).rowCount).toBe(sent.length);
  await other.query('COMMIT');
  return Promise.all(sent);
}

const disable = (by: TestBrowser, name: string) =>
  by.post(`/v1/console/officials/${name}/changes`, { disabled: true }).then(({ status }) => status);

it('leaves an administrator when two disable each other at once', async () => {
  const [one, other] = [await administrator(), await administrator()];
  const statuses = await atOnce([one.name, other.name], () => [disable(one, other.name), disable(other, one.name)]);
  expect(statuses.toSorted((first, second) => first - second)).toEqual([200, 401]);
  const { rowCount } = await server.superuser.query(
    'SELECT FROM official WHERE name = ANY ($1) AND disabled_at IS NULL',
    [[one.name, other.name]],
  );
  expect(rowCount).toBe(1);
});

it('records once what two administrators do at once', async () => {
  const [one, other, third] = [await administrator(), await administrator(), await signIn(server)];
  const statuses = await atOnce([third.name], () => [disable(one, third.name), disable(other, third.name)]);
  expect(statuses).toEqual([200, 200]);
  const { rows } = await server.superuser.query('SELECT facts FROM audit_trail WHERE action = $1 AND subject = $2', [
    'official.disabled',
    third.name,
  ]);
  expect(rows).toEqual([{ facts: { sessions: 1 } }]);
});
