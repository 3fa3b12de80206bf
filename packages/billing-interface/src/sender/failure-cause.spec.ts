import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type FailureCause, systemClock } from '@tax-control/protocol';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keyPair, pemOf, TestAuthority } from '../testing/authority.js';
import { StandInServer, TERMINAL } from '../testing/stand-in-server.js';
import { type Credentials, Line } from './line.js';
import { classOfCause, type FailureClass, failureOfError } from './failure-cause.js';
import { ServerCalls } from './server-calls.js';

const DAY_MS = 86_400_000;
/** Within it a busy machine connects and sends: only what the spec holds back is missing then. */
const PATIENCE_MS = 3_000;

let authority: TestAuthority;
let credentials: Credentials;
const endings: (() => unknown)[] = [];
beforeAll(async () => {
  authority = await TestAuthority.make();
  const { privateKey, publicKey } = keyPair();
  const certificate = await authority.terminalPem(TERMINAL, publicKey);
  credentials = { identity: { key: pemOf(privateKey), certificate }, authority: authority.pem };
});
afterEach(async () => {
  for (const ending of endings.splice(0)) await ending();
});

/** What an issue attempt at the address fails with. */
async function failureAt(
  address: string,
): Promise<{ cause: FailureCause; class: FailureClass; detail: string | null }> {
  const line = new Line({ credentials: () => credentials, addresses: () => [address], clock: systemClock });
  const until = systemClock.monotonicMs() + PATIENCE_MS;
  const result = await new ServerCalls(line).issue('a.b.c', 'attempt', { connectBy: until, answerBy: until });
  line.close();
  if (result.ok) throw new Error('it did not fail');
  const { cause, class: failureClass, detail } = result.failure;
  return { cause, class: failureClass, detail };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function standIn(options: Partial<Parameters<typeof StandInServer.start>[0]> = {}): Promise<StandInServer> {
  const server = await StandInServer.start({ authority, ...options });
  endings.push(() => server.stop());
  return server;
}

describe('over real sockets', () => {
  it('a name that does not resolve', async () => {
    // An empty label: the resolver refuses it without asking anybody.
    expect(await failureAt('https://a..b')).toMatchObject({ cause: 'name_not_resolved', class: 'outage' });
  });

  it('no route', async () => {
    // The broadcast address cannot be connected to, on any machine.
    expect(await failureAt('https://255.255.255.255')).toMatchObject({ cause: 'no_route', class: 'outage' });
  });

  it('nothing listens', async () => {
    const server = createTcpServer();
    const address = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const failure = await failureAt(address);
    expect(failure).toMatchObject({ cause: 'connection_refused', class: 'outage' });
    expect(failure.detail).toContain('ECONNREFUSED');
  });

  it('a connection that is cut before the answer', async () => {
    const server = await standIn();
    server.fault = () => ({ kind: 'reset' });
    expect(await failureAt(server.address)).toMatchObject({ cause: 'connection_reset', class: 'outage' });
    expect(server.requests).toHaveLength(1);
  });

  it('a handshake that is never answered', async () => {
    const sockets: { destroy(): void }[] = [];
    const address = await listen(createTcpServer((socket) => sockets.push(socket)));
    expect(await failureAt(address)).toMatchObject({ cause: 'connect_timeout', class: 'outage' });
    expect(sockets).toHaveLength(1);
    for (const socket of sockets) socket.destroy();
  });

  it('an answer that does not come', async () => {
    const server = await standIn();
    server.fault = () => ({ kind: 'hang' });
    expect(await failureAt(server.address)).toMatchObject({ cause: 'answer_timeout', class: 'outage' });
    expect(server.requests).toHaveLength(1);
  });

  it('an impostor with another authority’s certificate hears nothing', async () => {
    const impostor = await standIn({ authority: await TestAuthority.make() });
    expect(await failureAt(impostor.address)).toMatchObject({ cause: 'tls_untrusted', class: 'outage' });
    expect(impostor.connections).toBe(1);
    expect(impostor.requests).toEqual([]);
  });

  it('a certificate for another name', async () => {
    const material = await authority.server({}, [{ type: 'dns', value: 'elsewhere.example' }]);
    const server = await standIn({ material });
    expect(await failureAt(server.address)).toMatchObject({ cause: 'tls_untrusted' });
    expect(server.requests).toEqual([]);
  });

  it('a till’s certificate that plays the server', async () => {
    const { privateKey, publicKey } = keyPair();
    const material = { key: pemOf(privateKey), certificate: await authority.terminalPem(TERMINAL, publicKey) };
    expect(await failureAt((await standIn({ material })).address)).toMatchObject({ cause: 'tls_untrusted' });
  });

  it.each([
    ['expired', -2 * DAY_MS, -DAY_MS],
    ['not yet valid', DAY_MS, 2 * DAY_MS],
  ])('a certificate that is %s', async (_, from, until) => {
    const serverLife = { notBefore: new Date(Date.now() + from), notAfter: new Date(Date.now() + until) };
    const server = await standIn({ serverLife });
    expect(await failureAt(server.address)).toMatchObject({ cause: 'tls_certificate_dates', class: 'outage' });
    expect(server.requests).toEqual([]);
  });

  it('a server that speaks no TLS', async () => {
    const address = await listen(createTcpServer((socket) => socket.on('error', () => undefined).end('no TLS here\n')));
    expect(await failureAt(address)).toMatchObject({ cause: 'tls_failed', class: 'outage' });
  });

  it('a server that speaks only TLS 1.1', async () => {
    const { key, certificate } = await authority.server();
    const options = {
      key,
      cert: certificate,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL@SECLEVEL=0',
    } as const;
    const server = createTlsServer(options).on('tlsClientError', () => undefined);
    expect(await failureAt(await listen(server))).toMatchObject({ cause: 'tls_failed', class: 'outage' });
  });

  it('an answer cut in half', async () => {
    const server = await standIn();
    server.fault = () => ({ kind: 'cut' });
    expect(await failureAt(server.address)).toMatchObject({ cause: 'answer_unreadable', class: 'outage' });
  });

  it('an answer of 100 MB is not read beyond its bound', async () => {
    const server = await standIn();
    const bytes = 100_000_000;
    server.fault = () => ({ kind: 'flood', bytes });
    expect(await failureAt(server.address)).toMatchObject({ cause: 'answer_unreadable', class: 'own' });
    expect(server.flooded).toBeLessThan(bytes / 4);
  });

  it('an answer that is no HTTP', async () => {
    const { key, certificate } = await authority.server();
    const server = createTlsServer({ key, cert: certificate }, (socket) => {
      socket.on('error', () => undefined).once('data', () => socket.end('HELLO\r\n\r\n'));
    });
    expect(await failureAt(await listen(server))).toMatchObject({ cause: 'answer_unreadable', class: 'own' });
  });

  it.each([
    ['200 without the agreed members', 200, { result: 'issued' }, 'answer_unreadable', 'own'],
    ['200 with text', 200, 'It works!', 'answer_unreadable', 'own'],
    ['502 of a proxy', 502, '<html>Bad Gateway</html>', 'server_error', 'outage'],
    ['404 without a problem', 404, 'Not Found', 'answer_unreadable', 'own'],
    ['a problem of a newer catalogue', 422, { code: 'not_invented_yet' }, 'unknown', 'own'],
    ['server_busy', 503, { code: 'server_busy', retryAfterMs: 2000 }, 'server_busy', 'outage'],
    ['outcome_unknown', 503, { code: 'outcome_unknown' }, 'outcome_unknown', 'outage'],
    ['internal_error', 500, { code: 'internal_error' }, 'internal_error', 'own'],
    ['terminal_suspended', 403, { code: 'terminal_suspended' }, 'terminal_suspended', 'authentication'],
    ['total_arithmetic', 422, { code: 'total_arithmetic' }, 'total_arithmetic', 'own'],
  ] as const)('%s', async (_, status, body, cause, failureClass) => {
    const server = await standIn();
    server.fault = () => ({ kind: 'answer', status, body });
    expect(await failureAt(server.address)).toMatchObject({ cause, class: failureClass });
  });
});

describe('the table', () => {
  it.each([
    ['EAI_AGAIN', 'connect', 'name_not_resolved'],
    ['EHOSTUNREACH', 'connect', 'no_route'],
    ['ETIMEDOUT', 'connect', 'connect_timeout'],
    ['ETIMEDOUT', 'answer', 'answer_timeout'],
    ['ECONNRESET', 'tls', 'connection_reset'],
    ['ECONNRESET', 'body', 'answer_unreadable'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'tls_failed'],
    ['HPE_INVALID_CONSTANT', 'answer', 'answer_unreadable'],
    ['EWHATEVER', 'connect', 'unknown'],
    ['EWHATEVER', 'tls', 'tls_failed'],
  ] as const)('calls %s in phase %s %s', (code, phase, cause) => {
    expect(failureOfError(Object.assign(new Error('x'), { code }), phase).cause).toBe(cause);
  });

  it('holds no cause of the office for an outage', () => {
    expect(classOfCause('terminal_revoked')).toBe('authentication');
    expect(classOfCause('certificate_expired')).toBe('authentication');
    expect(classOfCause('row_refused')).toBe('own');
  });
});
