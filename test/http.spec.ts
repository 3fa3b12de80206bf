import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './support/client.js';
import { startTestServer, type TestServer } from './support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('health', () => {
  it('is told on the operator port', async () => {
    const live = await call(server, '/health/live', { listener: 'operator' });
    expect([live.status, live.json()]).toEqual([200, { status: 'live' }]);
    const ready = await call(server, '/health/ready', { listener: 'operator' });
    expect([ready.status, ready.json()]).toEqual([200, expect.objectContaining({ status: 'ready' })]);
  });

  it.each(['terminals', 'public'] as const)('is not told on the %s listener', async (listener) => {
    const answer = await call(server, '/health/live', { listener });
    expect([answer.status, answer.json()]).toEqual([404, expect.objectContaining({ code: 'not_found' })]);
  });
});
