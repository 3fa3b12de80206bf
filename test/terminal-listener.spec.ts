import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { call, keepAliveAgent } from './support/client.js';
import { startTestServer, type TestServer } from './support/server.js';
import { makeTerminal } from './support/terminals.js';

/** More than the day after which a server makes another certificate. */
const NEXT_DAY_MS = 26 * 60 * 60 * 1000;
/** The server looks every five seconds whether it is time; a machine that is busy takes longer. */
const NOTICED_MS = 20_000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterEach(() => vi.useRealTimers());
afterAll(() => server.stop());

/** Fingerprint of what the terminals' listener shows to a till that trusts the authority. */
async function shown(): Promise<string> {
  const { port } = server.addresses.terminals;
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca: server.ca });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerX509Certificate()!;
  socket.destroy();
  return fingerprint256;
}

it('shows another certificate on the next day, by itself, and cuts no connection', async () => {
  const till = await makeTerminal(server);
  const agent = keepAliveAgent(server, till);
  const echo = () => call(server, '/v1/echo', { body: { nonce: 'A'.repeat(22) }, tls: { agent } });
  const before = await shown();
  expect((await echo()).status).toBe(200);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + NEXT_DAY_MS });
  await expect.poll(shown, { timeout: NOTICED_MS, interval: 100 }).not.toBe(before);
  expect((await echo()).status).toBe(200);
  agent.destroy();
});
