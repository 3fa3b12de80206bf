import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RefusedAuthentications } from '../src/authentication/refused-authentications.js';
import type { ListenerName } from '../src/http/listener.js';
import { tlsOptions } from './support/client.js';
import { haproxyPath, startHaproxy } from './support/haproxy.js';
import { startTestServer, type TestServer } from './support/server.js';
import { makeTerminal } from './support/terminals.js';

/** Where balancers are, and where everybody else is. */
const BALANCER = '127.0.0.1';
const ELSEWHERE = '127.0.0.2';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ environment: { PROXY_PROTOCOL_FROM: BALANCER } });
});
afterAll(() => server.stop());

interface Way {
  readonly from?: string;
  /** What is sent before TLS, each part in a packet of its own; the last one goes together with TLS's first bytes. */
  readonly header?: readonly (string | Buffer)[];
  readonly listener?: ListenerName;
  /** Of a balancer before the listener. */
  readonly port?: number;
}

async function connection({ from = BALANCER, listener = 'public', port }: Way): Promise<Socket> {
  const target = port ?? server.addresses[listener].port;
  const socket = connectTcp({ host: '127.0.0.1', port: target, localAddress: from });
  socket.setNoDelay(true);
  await once(socket, 'connect');
  return socket;
}

/** One request over a connection that begins as told; its answer's text, empty where the connection was closed. */
async function ask(way: Way, request: string, terminal?: Parameters<typeof tlsOptions>[2]): Promise<string> {
  const socket = await connection(way);
  for (const part of way.header ?? []) {
    socket.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const secure: TLSSocket = connectTls({
    ...tlsOptions(server, way.listener ?? 'public', terminal),
    socket,
    host: '127.0.0.1',
  });
  secure.on('error', () => undefined);
  secure.write(request);
  return text(secure).catch(() => '');
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
}

/** Tries to sign in as nobody; from where it came, by the audit trail. */
async function signInFrom(way: Way): Promise<string | undefined> {
  await server.superuser.query('DELETE FROM sign_in_delay');
  const body = JSON.stringify({ name: 'nobody', password: 'a-wrong-password' });
  const answer = await ask(
    way,
    'POST /v1/console/session HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\n' +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  const requestId = /^request-id: (\S+)/im.exec(answer)?.[1];
  const { rows } = await server.superuser.query<{ address: string }>(
    'SELECT remote_address AS address FROM audit_trail WHERE request_id = $1',
    [requestId],
  );
  return rows[0]?.address;
}

const V1 = 'PROXY TCP4 203.0.113.9 127.0.0.1 49153 8443\r\n';
const V2_IPV6 = Buffer.concat([
  Buffer.from('0d0a0d0a000d0a515549540a21210024', 'hex'),
  Buffer.from('20010db8000000000000000000000007', 'hex'),
  Buffer.from('20010db8000000000000000000000001', 'hex'),
  Buffer.from('c00120fb', 'hex'),
]);

describe('a connection of a balancer', () => {
  it.each<readonly [string, readonly (string | Buffer)[], string]>([
    ['version 1', [V1], '203.0.113.9'],
    ['version 1 in pieces', [V1.slice(0, 3), V1.slice(3, 20), V1.slice(20)], '203.0.113.9'],
    ['version 2', [V2_IPV6], '2001:db8::7'],
    ['version 2 in pieces', [V2_IPV6.subarray(0, 1), V2_IPV6.subarray(1, 40), V2_IPV6.subarray(40)], '2001:db8::7'],
    ['a balancer that speaks for itself', ['PROXY UNKNOWN\r\n'], BALANCER],
  ])('is taken for its client’s: %s', async (_name, header, address) => {
    expect(await signInFrom({ header })).toBe(address);
  });

  it('is the till’s own at the terminals’ listener, and its certificate is asked for all the same', async () => {
    const till = await makeTerminal(server);
    const stranger = await makeTerminal(server, { unregistered: true });
    const way = { header: [V1], listener: 'terminals' } as const;
    expect(await ask(way, get('/v1/parameters'), till)).toContain('parameters_missing');
    expect(await ask(way, get('/v1/parameters'), stranger)).toContain('terminal_unknown');
    await server.running.application.get(RefusedAuthentications).flush();
    const { rows } = await server.superuser.query('SELECT remote_address AS address FROM refused_authentication');
    expect(rows).toEqual([{ address: '203.0.113.9' }]);
  });

  it('is closed without a header, and the log says why', async () => {
    expect(await ask({}, get('/docs'))).toBe('');
    expect(server.logLines).toContainEqual(
      expect.objectContaining({
        msg: 'a connection of a balancer was closed',
        why: 'it does not begin with a PROXY protocol header',
        from: BALANCER,
      }),
    );
  });

  it('may end before it began, as health checks do, without a line in the log', async () => {
    const lines = server.logLines.length;
    const socket = await connection({});
    socket.end().resume();
    await once(socket, 'close');
    expect(server.logLines.slice(lines)).toEqual([]);
  });
});

describe('a connection of anybody else', () => {
  it('is not asked for a header', async () => {
    expect(await signInFrom({ from: ELSEWHERE })).toBe(ELSEWHERE);
  });

  it('cannot make up an address', async () => {
    expect(await ask({ from: ELSEWHERE, header: [V1] }, get('/docs'))).toBe('');
  });
});

describe.skipIf(haproxyPath === null)('behind HAProxy (skipped where there is no such command)', () => {
  it.each(['send-proxy', 'send-proxy-v2'] as const)('customers are told apart with %s', async (send) => {
    const { operator, public: publicAddress } = server.addresses;
    const health = send === 'send-proxy' ? {} : { operatorPort: operator.port };
    const balancer = await startHaproxy(publicAddress.port, { send, ...health });
    const lines = server.logLines.length;
    expect(await signInFrom({ from: ELSEWHERE, port: balancer.port })).toBe(ELSEWHERE);
    expect(await signInFrom({ from: '127.0.0.3', port: balancer.port })).toBe('127.0.0.3');
    await balancer.stop();
    // Its health checks neither.
    expect(server.logLines.slice(lines)).toEqual([]);
  });
});
