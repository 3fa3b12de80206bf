import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { LIMITS } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Till } from '../issuance/office.js';
import { tlsOptions } from '../support/client.js';
import { aProblem, type BadInputGround, Counter, NOTHING_STORED, outcomeOf, startBadInputGround } from './ground.js';

/** Half requests are let go after this; long enough for a busy machine to send a whole one. */
const REQUEST_TIMEOUT_MS = 2_000;
const SILENT_CONNECTIONS = 200;

let ground: BadInputGround;
let till: Till;
let counter: Counter;
beforeAll(async () => {
  const timeoutMs = String(REQUEST_TIMEOUT_MS);
  const environment = { REQUEST_HEADERS_TIMEOUT_MS: timeoutMs, REQUEST_TIMEOUT_MS: timeoutMs };
  ground = await startBadInputGround({}, environment);
  till = await ground.newTill();
  counter = new Counter(ground.server, till);
});
afterAll(async () => {
  counter.close();
  await ground.stop();
});

async function open(terminal: Till['terminal'] | undefined = till.terminal): Promise<TLSSocket> {
  const { port } = ground.server.addresses.terminals;
  const socket = connect({
    port,
    host: '127.0.0.1',
    ...tlsOptions(ground.server, 'terminals', terminal),
  } as ConnectionOptions);
  socket.setEncoding('utf8');
  // A reset is an end like any other; what matters is what had been said before.
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** Sends bytes of our own over a connection of the till; what came back until the server closed it. */
async function converse(bytes: string, terminal?: Till['terminal']): Promise<string> {
  const socket = await open(terminal);
  let received = '';
  socket.on('data', (text: string) => {
    received += text;
  });
  socket.write(bytes);
  await once(socket, 'close');
  return received;
}

/** Status lines and problem codes of what came back. */
function said(received: string): string[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3})|"code":"([a-z_]+)"|"result":"([a-z_]+)"/g)].map(
    ([, status, code, result]) => String(status ?? code ?? result),
  );
}

interface RequestParts {
  readonly path?: string;
  readonly method?: string;
  readonly version?: string;
  /** Header lines beside host, type and length. */
  readonly headers?: string;
  readonly host?: string;
  readonly body?: string;
}

const CLOSE = 'connection: close\r\n';

function request({
  path = '/v1/invoices',
  method = 'POST',
  version = '1.1',
  headers = '',
  host = 'host: localhost\r\n',
  body,
}: RequestParts): string {
  const content = body ?? JSON.stringify({ invoice: till.sign().jws });
  const length =
    method === 'GET' ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(content)}\r\n`;
  return `${method} ${path} HTTP/${version}\r\n${host}${headers}${length}\r\n${method === 'GET' ? '' : content}`;
}

describe('an HTTP request that is unusual', () => {
  it.each<[string, () => RequestParts]>([
    ['is of HTTP/1.0', () => ({ version: '1.0', host: '' })],
    ['names another host', () => ({ host: 'host: 192.0.2.7\r\n', headers: CLOSE })],
    ['has an absolute address', () => ({ path: 'https://localhost/v1/invoices', headers: CLOSE })],
    ['expects 100-continue', () => ({ headers: `expect: 100-continue\r\n${CLOSE}` })],
    ['wants to upgrade', () => ({ headers: 'connection: upgrade, close\r\nupgrade: websocket\r\n' })],
    ['has 2,500 headers', () => ({ headers: `${'a:1\r\n'.repeat(2_500)}${CLOSE}` })],
    ['says that it is not encoded', () => ({ headers: `content-encoding: identity\r\n${CLOSE}` })],
  ])('because it %s, is served', async (_what, parts) => {
    const { answer, stored } = await ground.storing(() => converse(request(parts())));
    expect(said(answer).slice(-2)).toEqual(['200', 'issued']);
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: 1, content: 1 });
  });

  it.each<[string, () => RequestParts, string, string]>([
    ['names no host', () => ({ host: '', headers: CLOSE }), '400', 'malformed_request'],
    ['expects something else', () => ({ headers: 'expect: payment\r\n' }), '417', 'malformed_request'],
    [
      'says that it is compressed',
      () => ({ headers: `content-encoding: gzip\r\n${CLOSE}` }),
      '415',
      'media_type_not_supported',
    ],
    ['is of HTTP/1.2', () => ({ version: '1.2' }), '400', 'malformed_request'],
    ['has a length that is none', () => ({ headers: 'content-length: +5\r\n' }), '400', 'malformed_request'],
    ['has chunks and a length', () => ({ headers: 'transfer-encoding: chunked\r\n' }), '400', 'malformed_request'],
    ['folds a header', () => ({ headers: 'x: a\r\n b\r\n' }), '400', 'malformed_request'],
    ['has a NUL in a header', () => ({ headers: 'x: a\u0000b\r\n' }), '400', 'malformed_request'],
    ['has a method of its own', () => ({ method: 'STEAL' }), '400', 'malformed_request'],
    ['patches', () => ({ method: 'PATCH', headers: CLOSE }), '405', 'method_not_allowed'],
    ['goes up in the address', () => ({ path: '/v1/../v1/invoices', headers: CLOSE }), '404', 'not_found'],
    ['asks for all addresses', () => ({ method: 'OPTIONS', path: '*', headers: CLOSE }), '404', 'not_found'],
  ])('because it %s, is refused by name, and nothing is stored', async (_what, parts, status, code) => {
    const { answer, stored } = await ground.storing(() => converse(request(parts())));
    expect(said(answer)).toEqual([status, code]);
    expect(answer).toContain('content-type: application/problem+json');
    expect(stored).toEqual(NOTHING_STORED);
  });

  it('by a stranger has no larger body for more headers', async () => {
    const { answer, stored } = await ground.storing(async () => {
      const socket = await open(undefined);
      socket.write(
        `POST /v1/echo HTTP/1.1\r\nhost: x\r\n${'a:1\r\n'.repeat(2_500)}content-type: application/json\r\ncontent-length: 5000000\r\n\r\n`,
      );
      const [received] = (await once(socket, 'data')) as [string];
      socket.destroy();
      return received;
    });
    expect(said(answer)).toEqual(['413', 'request_too_large']);
    expect(stored).toEqual(NOTHING_STORED);
  });
});

describe('more bytes than a request has', () => {
  it('do not take the place of its answer', async () => {
    const { answer, stored } = await ground.storing(() => converse(`${request({})}}{"invoice":`));
    expect(said(answer)).toEqual(['200', 'issued']);
    expect(answer).toMatch(/connection: close/i);
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: 1, content: 1 });
  });

  it('are answered when no request came before them, or its answer is out', async () => {
    const socket = await open();
    let received = '';
    socket.on('data', (text: string) => {
      received += text;
    });
    socket.write(request({}));
    await expect.poll(() => said(received)).toEqual(['200', 'issued']);
    socket.write('rubbish\r\n\r\n');
    await once(socket, 'close');
    expect(said(received)).toEqual(['200', 'issued', '400', 'malformed_request']);
  });

  it('that are requests are answered in their order, good and bad', async () => {
    const bad = request({ body: '{"invoice":' });
    const all = [
      request({}),
      bad,
      request({}),
      request({ method: 'GET', path: '/v1/nowhere' }),
      request({ headers: CLOSE }),
    ];
    const { answer, stored } = await ground.storing(() => converse(all.join('')));
    expect(said(answer)).toEqual([
      '200',
      'issued',
      '400',
      'malformed_request',
      '200',
      'issued',
      '404',
      'not_found',
      '200',
      'issued',
    ]);
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: 3, content: 3 });
  });
});

// They wait for the clock alone, five seconds each.
describe.concurrent('a long body that comes slowly', () => {
  const PIECE = ' '.repeat(4_000);
  const head = (bytes: number): string =>
    `POST /v1/transaction-logs HTTP/1.1\r\nhost: x\r\n${CLOSE}content-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`;

  /** Sends so many pieces, four a second, and then nothing. */
  async function sendSlowly(bytes: number, pieces: number): Promise<{ received: string; ms: number }> {
    const socket = await open();
    let received = '';
    socket.on('data', (text: string) => {
      received += text;
    });
    const began = performance.now();
    socket.write(head(bytes));
    for (let piece = 0; piece < pieces && !socket.destroyed; piece += 1) {
      socket.write(piece === 0 ? '{"entries":[]}'.padEnd(PIECE.length) : PIECE);
      await delay(250);
    }
    if (!socket.closed) await once(socket, 'close');
    return { received, ms: performance.now() - began };
  }

  it('is waited for beyond the time of a request while it comes at the slowest rate of a line', async () => {
    const pieces = 20;
    const { received, ms } = await sendSlowly(pieces * PIECE.length, pieces);
    expect(said(received)[0]).toBe('200');
    expect(ms).toBeGreaterThan(2 * REQUEST_TIMEOUT_MS);
  });

  it('is given up when it stops coming, after the time that its bytes have earned', async () => {
    const { received, ms } = await sendSlowly(80_000, 3);
    expect(said(received)).toEqual(['408', 'request_timeout']);
    expect(ms).toBeGreaterThan(REQUEST_TIMEOUT_MS + (3 * PIECE.length * 1_000) / LIMITS.slowestBytesPerSecond);
  });
});

describe('a JSON body that is unusual', () => {
  const names = (count: number): string => Array.from({ length: count }, (_, index) => `"k${index}":1`).join();

  it.each<[string, string, string, number, string, string?]>([
    ['names a constructor', '/v1/invoices', '{"invoice":"x","constructor":1}', 400, 'invalid_request', '/constructor'],
    ['names __proto__', '/v1/invoices', '{"__proto__":{"invoice":"x"}}', 400, 'invalid_request', '/__proto__'],
    ['names toString', '/v1/reissues', '{"invoices":["x"],"toString":1}', 400, 'invalid_request', '/toString'],
    [
      'has a member of a long name',
      '/v1/invoices',
      `{"invoice":"x","${'k'.repeat(100_000)}":1}`,
      400,
      'invalid_request',
      `/${'k'.repeat(80)}…`,
    ],
    [
      'has control characters in a name',
      '/v1/invoices',
      String.raw`{"invoice":"x","a\u0000\u001b/~":1}`,
      400,
      'invalid_request',
      '/a\u{FFFD}\u{FFFD}~1~0',
    ],
    ['has 10,000 members', '/v1/invoices', `{"invoice":"x",${names(10_000)}}`, 400, 'invalid_request', '/k0'],
    ['has 400,000 members', '/v1/invoices', `{"invoice":"x",${names(400_000)}}`, 413, 'request_too_large'],
    [
      'has a million lists in it',
      '/v1/reissues',
      `{"invoices":[${'[],'.repeat(1_000_000)}[]]}`,
      413,
      'request_too_large',
    ],
    [
      'has lists in lists without end',
      '/v1/reissues',
      `{"invoices":[${`${'['.repeat(5_000)}${']'.repeat(5_000)},`.repeat(500)}1]}`,
      413,
      'request_too_large',
    ],
    [
      'has an invoice nested 10,000 times',
      '/v1/invoices',
      `{"invoice":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      400,
      'malformed_request',
    ],
    ['has two million texts', '/v1/reissues', `{"invoices":[${'"",'.repeat(1_900_000)}""]}`, 413, 'request_too_large'],
  ])(
    'because it %s, is refused in few words, and the connection goes on',
    async (_what, path, body, status, code, pointer) => {
      let bytes = 0;
      const outcome = await outcomeOf(ground, counter, async () => {
        const answer = await counter.call<never>(path, { body });
        bytes = answer.text.length;
        return answer;
      });
      const problem = aProblem(code as 'invalid_request', { retry: 'never' });
      expect(outcome).toEqual({
        status,
        problem,
        pointer,
        stored: NOTHING_STORED,
        next: 'issued',
        isSameConnection: true,
      });
      expect(bytes).toBeLessThan(2_000);
    },
  );
});

describe('many connections that say nothing', () => {
  it('or only half of something keep nobody from selling, and are let go', async () => {
    const silent = await Promise.all(
      Array.from({ length: SILENT_CONNECTIONS }, (_, index) => open(index % 2 === 0 ? till.terminal : undefined)),
    );
    const closed = silent.map(async (socket, index) => {
      socket.resume();
      if (index % 3 === 0) socket.write('POST /v1/invoices HTTP/1.1\r\nhost: localhost\r\n');
      if (index % 3 === 1)
        socket.write(
          'POST /v1/invoices HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"invoice":"',
        );
      await once(socket, 'close');
    });
    const { stored } = await ground.storing(async () => {
      expect(await counter.sell()).toBe('issued');
      await Promise.all(closed);
      expect(await counter.sell()).toBe('issued');
    });
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: 2, content: 2 });
  });
});

it('no bug was met on the way, and no session of the database was left in a transaction', async () => {
  expect(ground.server.logLines.filter(({ level }) => level === 'error')).toEqual([]);
  // What reads the new rows now and then has a short transaction of its own.
  const busy = async (): Promise<unknown[]> => {
    const { rows } = await ground.ground.superuser.query(
      `SELECT state, query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`,
    );
    return rows;
  };
  await expect.poll(busy, { timeout: 30_000 }).toEqual([]);
});
