import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../support/officials.js';
import { startTestServer, type TestServer } from '../support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('signing in', () => {
  it('opens a session in a cookie', async () => {
    const browser = await signIn(server, { roles: ['operator'] });
    expect(browser.session).toMatchObject({ name: browser.name, roles: ['operator'], view: { kind: 'all' } });
    const answer = await browser.get('/v1/console/session');
    expect([answer.status, answer.json()]).toEqual([200, browser.session]);
  });
});
