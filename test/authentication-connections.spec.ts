import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Agent } from 'node:https';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Echo, type EchoAnswer, parseCompactJws } from '@tax-control/protocol';
import { RefusedAuthentications } from '../src/authentication/refused-authentications.js';
import { call, type CallOptions, keepAliveAgent, tlsOptions } from './support/client.js';
import { startTestServer, type TestServer } from './support/server.js';
import { makeTerminal, type TestTerminal } from './support/terminals.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
afterEach(() => server.clock.reset());

/** What the server signs of a caller, or the code of the problem. */
async function echoTo(options: CallOptions): Promise<Echo | string> {
  const answer = await call<Partial<EchoAnswer> & { code?: string }>(server, '/v1/echo', {
    body: { nonce: randomUUID() },
    ...options,
  });
  const { echo, code } = answer.json();
  return echo === undefined ? String(code) : (JSON.parse(String(parseCompactJws(echo)?.payload)) as Echo);
}

/** The standing that an echo tells, or the code of the problem. */
async function standingBy(options: CallOptions): Promise<string> {
  const echo = await echoTo(options);
  return typeof echo === 'string' ? echo : echo.standing;
}

function setStatus(terminal: TestTerminal, status: string): Promise<unknown> {
  return server.superuser.query('UPDATE terminal SET status = $2 WHERE terminal_id = $1', [
    terminal.terminalId,
    status,
  ]);
}

it('signs the time of the server’s clock for a caller', async () => {
  const till = await makeTerminal(server);
  server.clock.advance(MINUTE_MS);
  const time = new Date(server.clock.now()).toISOString();
  expect(await echoTo({ terminal: till })).toMatchObject({ standing: 'active', time });
});

describe('a connection that stays open', () => {
  let agent: Agent;
  afterEach(() => agent.destroy());

  it('is told of a suspension, and of its end', async () => {
    const till = await makeTerminal(server);
    agent = keepAliveAgent(server, till);
    const standing = () => standingBy({ tls: { agent } });
    expect(await standing()).toBe('active');
    await setStatus(till, 'suspended');
    await expect.poll(standing, { interval: 50 }).toBe('terminal_suspended');
    await setStatus(till, 'active');
    await expect.poll(standing, { interval: 50 }).toBe('active');
  });

  it('is refused as soon as its certificate has run out', async () => {
    const notAfter = new Date(Date.now() + HOUR_MS);
    const till = await makeTerminal(server, { notAfter });
    agent = keepAliveAgent(server, till);
    expect(await standingBy({ tls: { agent } })).toBe('active');
    server.clock.set(new Date(notAfter.getTime() + 1_000));
    expect(await standingBy({ tls: { agent } })).toBe('certificate_expired');
  });
});

describe('a TLS session that is resumed', () => {
  /** Connects, receives a ticket, and connects again with it; the second connection, proven to be a resumed one. */
  async function resume(terminal?: TestTerminal, version: ConnectionOptions = {}): Promise<TLSSocket> {
    const options = {
      port: server.addresses.terminals.port,
      host: '127.0.0.1',
      ...tlsOptions(server, 'terminals', terminal),
      ...version,
    } as ConnectionOptions;
    const first = connect(options);
    const [session] = (await once(first, 'session')) as [Buffer];
    first.destroy();
    // No key and certificate any more: the ticket alone must carry what it may.
    const { key: _key, cert: _certificate, ...others } = options;
    const second = connect({ ...others, session });
    await once(second, 'secureConnect');
    expect(second.isSessionReused()).toBe(true);
    return second;
  }

  const over = (socket: TLSSocket): CallOptions => ({ tls: { createConnection: () => socket, agent: undefined } });

  it('has no certificate where none was shown, whatever Node calls it', async () => {
    expect(await standingBy(over(await resume()))).toBe('certificate_missing');
  });

  it('keeps its certificate, and what is wrong with it', async () => {
    const till = await makeTerminal(server);
    expect(await standingBy(over(await resume(till)))).toBe('active');
    const expired = await makeTerminal(server, {
      notBefore: new Date(Date.now() - 2 * HOUR_MS),
      notAfter: new Date(Date.now() - HOUR_MS),
    });
    expect(await standingBy(over(await resume(expired)))).toBe('certificate_expired');
  });

  it('is judged by the clock and the registry of now, not of then', async () => {
    const notAfter = new Date(Date.now() + HOUR_MS);
    const till = await makeTerminal(server, { notAfter });
    const socket = await resume(till);
    server.clock.set(new Date(notAfter.getTime() + 1_000));
    expect(await standingBy(over(socket))).toBe('certificate_expired');
    server.clock.reset();
    const revoked = await makeTerminal(server);
    const other = await resume(revoked);
    await setStatus(revoked, 'revoked');
    expect(await standingBy(over(other))).toBe('terminal_revoked');
  });
});

describe('the version of TLS', () => {
  const handshake = async (place: TestServer, version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string> => {
    const socket = connect({
      host: '127.0.0.1',
      port: place.addresses.terminals.port,
      ca: place.ca,
      minVersion: version,
      maxVersion: version,
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    try {
      await once(socket, 'secureConnect');
      return String(socket.getProtocol());
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'none';
    } finally {
      socket.destroy();
    }
  };

  it('is 1.3', async () => {
    expect(await handshake(server, 'TLSv1.3')).toBe('TLSv1.3');
    const refused = 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION';
    expect([await handshake(server, 'TLSv1.2'), await handshake(server, 'TLSv1.1')]).toEqual([refused, refused]);
  });

  it('is 1.2 too where the settings say so, and there as well each request is judged', async () => {
    const older = await startTestServer({ environment: { TERMINALS_TLS_MINIMUM: 'TLSv1.2' } });
    try {
      expect(await handshake(older, 'TLSv1.2')).toBe('TLSv1.2');
      expect(await handshake(older, 'TLSv1.1')).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
      const till = await makeTerminal(older);
      const answer = await call(older, '/v1/echo', {
        terminal: till,
        body: { nonce: randomUUID() },
        tls: { maxVersion: 'TLSv1.2' },
      });
      expect(answer.status).toBe(200);
    } finally {
      await older.stop();
    }
  });
});

describe('refused authentications', () => {
  /** The beginning of this minute: certificates of tests are valid around the day on which they run. */
  const minute = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
  let refused: RefusedAuthentications;
  beforeEach(async () => {
    refused = server.running.application.get(RefusedAuthentications);
    await refused.flush();
    await server.superuser.query('TRUNCATE refused_authentication');
  });

  async function counted(): Promise<unknown[]> {
    const { rows } = await server.superuser.query(
      'SELECT minute, cause, thumbprint, terminal_id, attempts FROM refused_authentication ORDER BY cause',
    );
    return rows;
  }

  it('are counted by minute, cause and certificate', async () => {
    const till = await makeTerminal(server, { status: 'revoked' });
    const unknown = await makeTerminal(server, { unregistered: true });
    server.clock.set(new Date(minute.getTime() + 30_000));
    const knock = (terminals: (TestTerminal | undefined)[]) =>
      Promise.all(
        terminals.map((terminal) => call(server, '/v1/transaction-logs', { terminal, body: { entries: [] } })),
      );
    await knock([till, till]);
    await refused.flush();
    await knock([till, unknown, undefined]);
    await refused.flush();
    expect(await counted()).toEqual([
      { minute, cause: 'certificate_missing', thumbprint: '', terminal_id: null, attempts: 1 },
      { minute, cause: 'terminal_revoked', thumbprint: till.thumbprint, terminal_id: till.terminalId, attempts: 3 },
      { minute, cause: 'terminal_unknown', thumbprint: unknown.thumbprint, terminal_id: null, attempts: 1 },
    ]);
  });

  it('are kept while they cannot be stored, and never delay or fail an answer', async () => {
    server.clock.set(minute);
    await server.superuser.query('ALTER TABLE refused_authentication RENAME TO gone');
    const answer = await call(server, '/v1/transaction-logs', { body: { entries: [] } });
    expect(answer.json()).toMatchObject({ code: 'certificate_missing' });
    await refused.flush();
    expect(server.logLines.at(-1)).toMatchObject({ level: 'warn', rows: 1 });
    await server.superuser.query('ALTER TABLE gone RENAME TO refused_authentication');
    await refused.flush();
    expect(await counted()).toEqual([
      { minute, cause: 'certificate_missing', thumbprint: '', terminal_id: null, attempts: 1 },
    ]);
  });

  it('fill no memory: beyond a bound they are counted without their certificates', async () => {
    server.clock.set(minute);
    const caller = (index: number) => ({ refusals: [], thumbprint: `thumbprint-${index}`, terminal: null });
    for (let index = 0; index < 6_000; index += 1) refused.record('terminal_unknown', caller(index), '192.0.2.7');
    await refused.flush();
    const { rows } = await server.superuser.query(
      "SELECT count(*)::integer AS rows, sum(attempts)::integer AS attempts, max(attempts) FILTER (WHERE thumbprint = '') AS others FROM refused_authentication",
    );
    expect(rows).toEqual([{ rows: 5_001, attempts: 6_000, others: 1_000 }]);
  });

  it('are one row a minute for all certificates of other authorities, however many a stranger makes', async () => {
    server.clock.set(minute);
    const caller = (index: number) => ({ refusals: [], thumbprint: `thumbprint-${index}`, terminal: null });
    for (let index = 0; index < 100; index += 1) refused.record('certificate_untrusted', caller(index), '192.0.2.7');
    await refused.flush();
    expect(await counted()).toEqual([
      { minute, cause: 'certificate_untrusted', thumbprint: '', terminal_id: null, attempts: 100 },
    ]);
  });
});
