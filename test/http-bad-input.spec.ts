import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Agent } from 'node:https';
import { connect as connectPlainly } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '@tax-control/protocol';
import { type Answer, call, keepAliveAgent, tlsOptions } from './support/client.js';
import { startTestServer, type TestServer } from './support/server.js';
import { makeTerminal, type TestTerminal } from './support/terminals.js';

/** Short, so that the tests of slow senders are not; a busy machine reads all others' megabytes within it. */
const TIMEOUT_MS = 3_000;
const PATH = '/v1/transaction-logs';

let server: TestServer;
let till: TestTerminal;
beforeAll(async () => {
  server = await startTestServer({
    environment: { REQUEST_HEADERS_TIMEOUT_MS: String(TIMEOUT_MS), REQUEST_TIMEOUT_MS: String(TIMEOUT_MS) },
  });
  till = await makeTerminal(server);
});
afterAll(() => server.stop());

const json = { 'content-type': 'application/json' };

describe('a body that cannot be read', () => {
  let agent: Agent;
  beforeEach(() => {
    agent = keepAliveAgent(server, till);
  });
  afterEach(() => agent.destroy());

  const send = (body: string | object, headers: Record<string, string> = {}): Promise<Answer> =>
    call(server, PATH, { body, headers, tls: { agent } });

  it.each<[string, string | Buffer, Record<string, string>, number, string]>([
    ['is half of JSON', '{"entries": [', json, 400, 'malformed_request'],
    ['is empty', '', json, 400, 'malformed_request'],
    ['is no UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]), json, 400, 'malformed_request'],
    ['has a byte order mark', '\uFEFF{"entries": []}', json, 400, 'malformed_request'],
    ['is nested a million times', '['.repeat(1_000_000), json, 413, 'request_too_large'],
    ['has half a million values', `[${'{},'.repeat(500_000)}1]`, json, 413, 'request_too_large'],
    ['is a list', '[]', json, 400, 'invalid_request'],
    ['has a member too many', '{"entries": [], "more": 1}', json, 400, 'invalid_request'],
    ['has a __proto__', '{"entries": [], "__proto__": {"x": 1}}', json, 400, 'invalid_request'],
    ['is XML', '<entries/>', { 'content-type': 'application/xml' }, 415, 'media_type_not_supported'],
    ['is plain text', '{"entries": []}', { 'content-type': 'text/plain' }, 415, 'media_type_not_supported'],
    [
      'is a form',
      'entries=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'media_type_not_supported',
    ],
    ['says nonsense of its type', '{}', { 'content-type': 'json' }, 415, 'media_type_not_supported'],
    [
      'is compressed',
      Buffer.from([0x1f, 0x8b, 0x08]),
      { ...json, 'content-encoding': 'gzip' },
      415,
      'media_type_not_supported',
    ],
  ])('because it %s is refused, and the connection goes on', async (_what, body, headers, status, code) => {
    const answer = await send(body, headers);
    expect([answer.status, answer.json()]).toEqual([status, expect.objectContaining({ code })]);
    // A body that is refused early is still being sent when the answer is there.
    const idleSocket = () => Object.values(agent.freeSockets).flat()[0];
    await expect.poll(() => idleSocket() === undefined, { interval: 5, timeout: 10_000 }).toBe(false);
    const socket = idleSocket();
    const next = await send({ entries: [] });
    expect([next.status, next.json()]).toEqual([200, { new: 0, repeated: 0, invalid: [] }]);
    expect(idleSocket() === socket).toBe(true);
  });

  // Much of it may still come when the answer is there: then the server ends the connection and does not read on.
  it.each<[string, Record<string, string>]>([
    ['is over the limit', json],
    ['is over the limit without a length', { ...json, 'transfer-encoding': 'chunked' }],
  ])('because it %s is refused, and the next request is answered', async (_what, headers) => {
    const answer = await send(' '.repeat(LIMITS.requestBytesMax + 1), headers);
    expect([answer.status, answer.json()]).toEqual([413, expect.objectContaining({ code: 'request_too_large' })]);
    expect((await send({ entries: [] })).json()).toEqual({ new: 0, repeated: 0, invalid: [] });
  });
});

describe('a stranger', () => {
  it.each<[string, Record<string, string>]>([
    ['a large body', {}],
    ['a body without length', { 'transfer-encoding': 'chunked' }],
  ])('may not send %s', async (_what, headers) => {
    const body = JSON.stringify({ nonce: randomUUID(), more: 'x'.repeat(40_000) });
    const answer = await call(server, '/v1/echo', { body, headers: { ...json, ...headers } });
    expect([answer.status, answer.json()]).toEqual([
      401,
      expect.objectContaining({ code: 'certificate_missing', retry: 'later' }),
    ]);
  });
});

/** A TLS connection of the till for bytes of our own; what came back until the server closed. */
async function open(): Promise<{ socket: TLSSocket; closed: Promise<string> }> {
  const socket = connect({
    port: server.addresses.terminals.port,
    host: '127.0.0.1',
    ...tlsOptions(server, 'terminals', till),
  } as object);
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
  });
  // A reset is an end like any other; what matters is what had been said before.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(() => received);
  await once(socket, 'secureConnect');
  return { socket, closed };
}

async function stillServes(): Promise<void> {
  expect((await call(server, '/v1/echo', { terminal: till, body: { nonce: randomUUID() } })).status).toBe(200);
}

describe('a slow sender', () => {
  it.each([
    ['of headers', 'POST /v1/transaction-logs HTTP/1.1\r\nhost: localhost\r\n'],
    [
      'of a body',
      'POST /v1/transaction-logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"ent',
    ],
  ])('%s is told 408 and let go', async (_what, bytes) => {
    const { socket, closed } = await open();
    const beganMs = performance.now();
    socket.write(bytes);
    const answer = await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"request_timeout"');
    expect(answer).toContain('connection: close');
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(TIMEOUT_MS);
    await stillServes();
  });

  it('of nothing at all holds no connection', async () => {
    const { closed } = await open();
    expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
    const plain = connectPlainly({ port: server.addresses.terminals.port, host: '127.0.0.1' });
    await once(plain, 'close');
    await stillServes();
  });

  it('who gives up in the middle is no error of the server', async () => {
    const { socket, closed } = await open();
    socket.write(
      'POST /v1/transaction-logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"ent',
    );
    await once(server.running.application.getHttpServer(), 'request');
    socket.destroy();
    await closed;
    await stillServes();
    expect(server.logLines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('what is no HTTP', () => {
  it.each([
    ['garbage', 'EHLO shop\r\n\r\n', 400, 'malformed_request'],
    [
      'a header of 40 KB',
      `GET /v1/echo HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(40_000)}\r\n\r\n`,
      431,
      'request_too_large',
    ],
    [
      'two lengths',
      'POST /v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'a length and chunks',
      'POST /v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'malformed_request',
    ],
  ])('(%s) gets a clean answer, and the server goes on', async (_what, bytes, status, code) => {
    const { socket, closed } = await open();
    socket.write(bytes);
    const answer = await closed;
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
    await stillServes();
  });

  it('on a TLS port (plain text) is cut, and the server goes on', async () => {
    const socket = connectPlainly({ port: server.addresses.terminals.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const [hadError] = (await once(socket, 'close')) as [boolean];
    expect([hadError, socket.bytesRead]).toEqual([false, expect.any(Number)]);
    await stillServes();
  });
});
