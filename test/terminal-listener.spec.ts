import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './support/server.js';

/** More than the day after which a server makes another certificate. */
const NEXT_DAY_MS = 26 * 60 * 60 * 1000;
/** The server looks every five seconds whether it is time; a machine that is busy takes longer. */
const NOTICED_MS = 20_000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** Fingerprint of what the terminals' listener shows to a till that trusts the authority. */
async function shown(): Promise<string> {
  const { port } = server.addresses.terminals;
  const socket = connect({ host: '127.0.0.1', port, ca: server.ca });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

it('shows another certificate on the next day, by itself, and cuts no connection', async () => {
  const { port } = server.addresses.terminals;
  const open = connect({ host: '127.0.0.1', port, ca: server.ca });
  await once(open, 'secureConnect');
  const before = await shown();
  server.clock.advance(NEXT_DAY_MS);
  await expect.poll(shown, { timeout: NOTICED_MS, interval: 100 }).not.toBe(before);
  expect(open.getPeerCertificate().fingerprint256).toBe(before);
  open.write('GET /nobody HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  expect(await text(open)).toMatch(/^HTTP\/1.1 404 /);
});
