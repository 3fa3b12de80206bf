import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { planMemory } from '../../src/configuration/memory-plan.js';
import { Settings } from '../../src/configuration/settings.js';
import { Listeners } from '../../src/http/listeners.js';
import { makePublicServer, secure } from '../../src/http/node-servers.js';
import { call, tlsOptions } from '../support/client.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { makeTerminal, type TestTerminal } from '../support/terminals.js';

/** More than the buffers between two ends take. */
const ANSWER_BYTES = 64 * 1024 * 1024;

let server: TestServer;
let till: TestTerminal;
beforeAll(async () => {
  server = await startTestServer();
  till = await makeTerminal(server);
});
afterAll(() => server.stop());

const sockets: TLSSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Asks for the same a number of times without waiting for an answer. */
async function ask(times: number, isReading: boolean) {
  const { port } = server.addresses.terminals;
  const socket = connect({ port, host: '127.0.0.1', ...tlsOptions(server, 'terminals', till) } as object);
  sockets.push(socket);
  let received = '';
  socket.on('error', () => undefined);
  if (isReading) socket.setEncoding('utf8').on('data', (more: string) => (received += more));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'secureConnect');
  socket.write('GET /v1/parameters HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(times));
  return { socket, closed, answers: () => received.split('HTTP/1.1 ').length - 1 };
}

describe('a client that asks for the next before it has the answer', () => {
  it('gets all answers in turn, while they are a few', async () => {
    const { answers, socket } = await ask(32, true);
    await expect.poll(answers, { timeout: 30_000 }).toBe(32);
    socket.write('GET /v1/parameters HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(answers, { timeout: 30_000 }).toBe(33);
  });

  it('is hung up on when it goes on asking, and others are served', async () => {
    const { closed, socket } = await ask(1_500, false);
    socket.resume();
    await closed;
    expect((await call(server, '/v1/echo', { body: { text: 'x' } })).status).toBeLessThan(500);
  });
});

it('long answers that nobody reads take no more memory than the plan has, and others are served', async () => {
  const { port } = server.addresses.public;
  const { answers } = server.running.application.get(Listeners);
  const { answersBytes } = planMemory(server.running.application.get(Settings));
  const document = await call(server, '/openapi.json', { listener: 'public' });
  const many = Math.ceil((2 * answersBytes) / document.text.length);
  for (let count = 0; count < many; count += 1) {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    // The system's buffers take the first ones.
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    socket.pause();
    socket.write('GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(32));
  }
  // Of some it had to give up the answers: their clients learn of it once they read.
  let givenUp = 0;
  await expect.poll(() => answers.waitingBytes).toBeGreaterThan(0);
  const looks = vi.spyOn(answers, 'sweep');
  await vi.waitUntil(() => looks.mock.calls.length > 2, { timeout: 60_000 });
  looks.mockRestore();
  // On a busy machine some still take a piece now and then: those are given up at a later look.
  await expect.poll(() => answers.waitingBytes, { timeout: 60_000 }).toBeLessThanOrEqual(answersBytes);
  for (const socket of sockets) socket.once('close', () => (givenUp += 1)).resume();
  await expect.poll(() => givenUp).toBeGreaterThan(0);
  expect((await call(server, '/openapi.json', { listener: 'public' })).text).toBe(document.text);
});

it('a client that does not read its answer is hung up on', async () => {
  let isOver = false;
  const limits = { requestHeadersTimeoutMs: 10_000, requestTimeoutMs: 30_000, keepAliveTimeoutMs: 75_000 };
  const slow = makePublicServer(limits, (_request, response) => {
    response.once('close', () => (isOver = true));
    response.end(Buffer.alloc(ANSWER_BYTES));
  });
  // Longer than an idle connection is kept, so that no till is cut between two sales.
  expect(slow.timeout).toBe(75_000);
  slow.timeout = 500;
  const { certificatePem: cert, keyPem: key } = till;
  secure(slow, { cert, key }, 'TLSv1.2');
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const { port } = slow.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  socket.pause();
  await expect.poll(() => isOver, { timeout: 30_000 }).toBe(true);
  let received = 0;
  socket.on('data', (bytes: Buffer) => (received += bytes.length));
  socket.resume();
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  expect(received).toBeLessThan(ANSWER_BYTES);
  slow.close();
});
