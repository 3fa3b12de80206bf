import { once } from 'node:events';
import { connect as connectPlainly, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LISTENER_NAMES, type ListenerName } from '../src/http/listener.js';
import { startTestServer, type TestServer } from './support/server.js';

/** A busy machine reads a whole request within it. */
const SERVER_TIMEOUT_MS = 3_000;

let server: TestServer;
beforeAll(async () => {
  const environment = {
    REQUEST_HEADERS_TIMEOUT_MS: String(SERVER_TIMEOUT_MS),
    REQUEST_TIMEOUT_MS: String(SERVER_TIMEOUT_MS),
    TERMINALS_TLS_MINIMUM: 'TLSv1.2',
  };
  server = await startTestServer({ environment });
});
afterAll(() => server.stop());

const ROOT = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const get = (path: string, headers = ''): string =>
  ROOT.replace('/', path).replace('\r\n\r\n', `\r\n${headers}\r\n\r\n`);

/** One request for each way in which an answer comes to be, with the status that proves it. */
const REQUESTS: readonly (readonly [string, Partial<Record<ListenerName, string>> | string, number])[] = [
  ['a page that there is', { public: get('/docs'), operator: get('/health/live') }, 200],
  ['a file', { public: get('/console') }, 200],
  ['a customer’s page', { public: get('/v/90000000000087622664') }, 404],
  ['an address that nobody has', get('/nobody/has/this'), 404],
  ['a method that the address does not take', { public: get('/docs').replace('GET', 'DELETE') }, 405],
  ['who is not signed in', { public: get('/v1/console/session') }, 401],
  ['who shows no certificate', { terminals: get('/v1/parameters') }, 401],
  ['an address that is not percent-encoded', get('/%zz'), 404],
  ['a part of an address that is too long', { public: get(`/v/${'x'.repeat(200)}`) }, 404],
  ['a header that is refused', ROOT.replace('Host: x\r\n', ''), 400],
  ['an expectation', get('/', 'Expect: x'), 417],
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['headers that are too large', get('/', `x: ${'x'.repeat(40_000)}`), 431],
  ['what does not arrive in time', 'GET / HT', 408],
];

async function open(listener: ListenerName): Promise<Socket> {
  const { port } = server.addresses[listener];
  const at = { host: '127.0.0.1', port };
  const socket = listener === 'operator' ? connectPlainly(at) : connect({ ...at, rejectUnauthorized: false });
  await once(socket, listener === 'operator' ? 'connect' : 'secureConnect');
  return socket;
}

async function headOf(listener: ListenerName, bytes: string): Promise<string> {
  const socket = await open(listener);
  socket.write(bytes);
  return (await text(socket)).split('\r\n\r\n')[0] ?? '';
}

describe.each(LISTENER_NAMES)('every answer of the %s listener', (listener) => {
  const cases = REQUESTS.flatMap(([name, bytes, status]) => {
    const own = typeof bytes === 'string' ? bytes : bytes[listener];
    return own === undefined ? [] : [[name, own, status] as const];
  });

  it.each(cases)(
    'to %s forbids sniffing, and tells browsers to speak TLS alone where they are served',
    async (...args) => {
      const [, bytes, status] = args;
      const head = await headOf(listener, bytes);
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(head.match(/^x-content-type-options: nosniff\r?$/gim)).toHaveLength(1);
      const isPublic = listener === 'public';
      expect(head.match(/^strict-transport-security: max-age=31536000\r?$/gim) ?? []).toHaveLength(isPublic ? 1 : 0);
    },
  );
});

it('tells a till, and nobody else, for how long the server had its request', async () => {
  const timing = /^server-timing: app;dur=\d+\r?$/gim;
  expect((await headOf('terminals', get('/v1/parameters'))).match(timing)).toHaveLength(1);
  expect((await headOf('public', get('/docs'))).match(timing)).toBeNull();
});

describe('cipher suites', () => {
  const suite = (listener: ListenerName, ciphers: string): Promise<string> =>
    new Promise((resolve) => {
      const { port } = server.addresses[listener];
      const socket = connect({
        host: '127.0.0.1',
        port,
        rejectUnauthorized: false,
        maxVersion: 'TLSv1.2',
        ciphers: `${ciphers}:@SECLEVEL=0`,
      });
      socket.once('secureConnect', () => {
        resolve(socket.getCipher().name);
        socket.destroy();
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });

  it.each([
    'ECDHE-ECDSA-AES128-SHA256',
    'ECDHE-ECDSA-AES256-SHA384',
    'ECDHE-ECDSA-AES128-SHA',
    'ECDHE-ECDSA-AES256-CCM',
    'ECDHE-ECDSA-AES128-CCM8',
    'ECDHE-ECDSA-AES256-CCM8',
    'ECDHE-ECDSA-ARIA128-GCM-SHA256',
    'ECDHE-ARIA256-GCM-SHA384',
    'ECDHE-ECDSA-CAMELLIA128-SHA256',
    'AES256-GCM-SHA384',
  ])('%s is not spoken', async (name) => {
    for (const listener of ['terminals', 'public'] as const)
      expect(await suite(listener, name)).toMatch(/HANDSHAKE_FAILURE|NO_CIPHERS_AVAILABLE|NO_CIPHER_MATCH/);
  });

  it.each(['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'])(
    '%s is spoken',
    async (name) => {
      expect([await suite('terminals', name), await suite('public', name)]).toContain(name);
    },
  );
});
