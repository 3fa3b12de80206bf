import { EventEmitter, once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent } from './agent.js';
import { type AgentFixture, sampleDraft, startFixture, TOKEN } from '../testing/agent-fixture.js';
import { bearsToken, readOrMakeToken, readToken } from './agent-token.js';
import { hostCheck, isLoopback, parseListenAddress } from './listen-address.js';
import { parseOrigin } from './origins.js';

let fixture: AgentFixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.end());

/** A request with headers that fetch does not let through. */
function raw(headers: Record<string, string>, path = '/v1/terminals'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(fixture.agent.url);
    request(
      { hostname, port, path, headers: { authorization: `Bearer ${TOKEN}`, ...headers }, agent: false },
      (answer) => {
        text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
      },
    )
      .on('error', reject)
      .end();
  });
}

/** Sends bytes and reads until the agent closes the connection. */
function sendBytes(bytes: string): Promise<string> {
  const { hostname, port } = new URL(fixture.agent.url);
  const socket = connect(Number(port), hostname, () => socket.write(bytes));
  return text(socket);
}

describe('every answer', () => {
  const get = (path: string, headers = ''): string =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ${TOKEN}\r\n${headers}\r\n`;

  it.each([
    [200, get('/v1/terminals')],
    [401, get('/v1/terminals').replace(TOKEN, 'wrong')],
    [421, get('/v1/health').replace('localhost', 'evil.example')],
    [404, get('/v1/nobody')],
    [400, get('/%zz')],
    [400, get(`/v1/terminals/${'x'.repeat(3000)}`)],
    [400, 'hello\r\n\r\n'],
  ])('(%d) forbids sniffing and keeping: %j', async (status, bytes) => {
    const head = (await sendBytes(bytes)).split('\r\n\r\n')[0]!;
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head.match(/^x-content-type-options: nosniff\r?$/gim)).toHaveLength(1);
    expect(head.match(/^cache-control: no-store\r?$/gim)).toHaveLength(1);
  });
});

describe('who may call', () => {
  it.each([
    [undefined, 401],
    ['Bearer', 401],
    ['Bearer wrong', 401],
    [`Basic ${TOKEN}`, 401],
    [`bearer ${TOKEN}`, 200],
  ])('token %s: %d', async (authorization, status) => {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await fixture.call('/v1/terminals', { headers });
    expect(answer.status).toBe(status);
    expect((await fixture.call('/v1/no-such-address', { headers })).status).toBe(status === 200 ? 404 : 401);
  });

  it('health and the OpenAPI document are open', async () => {
    expect((await fixture.call('/v1/health', { headers: {} })).status).toBe(200);
    expect((await fixture.call('/v1/openapi.json', { headers: {} })).status).toBe(200);
  });

  it.each([
    ['127.0.0.1:8744', 200],
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['[::1]:8744', 200],
    ['evil.example', 421],
    ['127.0.0.1.evil.example:8744', 421],
    ['localhost@evil.example', 421],
    ['192.168.1.4', 421],
  ])('Host %s: %d', async (host, status) => {
    expect((await raw({ host })).status).toBe(status);
    expect((await raw({ host }, '/v1/health')).status).toBe(status);
  });

  it('no web page may call, not even from this machine', async () => {
    const answer = await raw({ origin: 'http://localhost:3000' });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin_not_allowed' });
  });
});

describe('a web page that is allowed by name', () => {
  const origin = 'https://pos.example';
  let shell: AgentFixture;
  beforeAll(async () => {
    shell = await startFixture({ origins: [origin, 'app://till', 'null'] });
  });
  afterAll(() => shell.end());

  const ask = (from: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
    shell.call('/v1/terminals', { method, headers: { origin: from, ...headers } });
  const preflight = (from: string): Promise<Response> =>
    ask(
      from,
      {
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
        'access-control-request-private-network': 'true',
      },
      'OPTIONS',
    );

  it.each([origin, 'app://till', 'null'])('has its preflight answered without the token: %s', async (from) => {
    const answer = await preflight(from);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': from,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'Authorization, Content-Type, Accept',
      'access-control-allow-private-network': 'true',
      vary: expect.stringContaining('Origin') as string,
    });
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
  });

  it('may read answers and problems, and needs the token all the same', async () => {
    const authorization = `Bearer ${TOKEN}`;
    for (const [headers, status] of [
      [{ authorization }, 200],
      [{}, 401],
    ] as const) {
      const answer = await ask(origin, headers);
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, origin]);
      expect(answer.headers.get('vary')).toBe('Origin');
    }
    // OPTIONS that is no preflight.
    expect((await ask(origin, {}, 'OPTIONS')).status).toBe(401);
  });

  it.each(['https://pos.example.evil', 'http://pos.example', 'https://pos.example:8443', 'https://evil', 'file://'])(
    'is no other one: %s',
    async (from) => {
      for (const answer of [await preflight(from), await ask(from, { authorization: `Bearer ${TOKEN}` })]) {
        expect(answer.status).toBe(403);
        expect(answer.headers.has('access-control-allow-origin')).toBe(false);
      }
    },
  );

  it.each<[string, string | null]>([
    ['https://POS.example:443', 'https://pos.example'],
    ['http://localhost:5173', 'http://localhost:5173'],
    ['App://Till', 'app://till'],
    ['file://', 'file://'],
    ['null', 'null'],
    ['*', null],
    ['https://*.example', null],
    ['https://pos.example/', null],
    ['pos.example', null],
    ['https://a@b', null],
    ['', null],
  ])('is named like browsers name it: %s', (text, parsed) => expect(parseOrigin(text)).toBe(parsed));
});

describe('bad input', () => {
  it('gets a problem, and the agent goes on', async () => {
    const answers = await Promise.all([
      sendBytes('this is no HTTP\r\n\r\n'),
      sendBytes('GET /v1/health HTTP/1.1\r\nConnection: close\r\n\r\n'),
      sendBytes(`GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    ]);
    expect(answers.map((answer) => answer.split(' ')[1])).toEqual(['400', '421', '400']);
    for (const answer of answers) expect(answer).toContain('application/problem+json');
    const badUrl = await raw({}, '/v1/terminals/%zz/status');
    expect([badUrl.status, JSON.parse(badUrl.body)]).toMatchObject([400, { code: 'malformed_request' }]);
    const form = await fixture.call('/v1/terminals/till-1/sales/a', {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=b',
    });
    expect([form.status, await form.json()]).toMatchObject([415, { code: 'media_type_not_supported' }]);
    const large = await fixture.post('/v1/terminals/till-1/sales/a', ' '.repeat(6_000_001));
    expect([large.status, await large.json()]).toMatchObject([413, { code: 'request_too_large' }]);
    const long = await fixture.post(`/v1/terminals/till-1/sales/${'x'.repeat(129)}`, sampleDraft);
    expect([long.status, await long.json()]).toMatchObject([400, { code: 'invalid_request' }]);
    const longer = await fixture.post(`/v1/terminals/till-1/sales/${'x'.repeat(5_000)}`, sampleDraft);
    expect([longer.status, await longer.json()]).toMatchObject([400, { code: 'invalid_request' }]);
    const control = await fixture.post('/v1/terminals/till-1/sales/a%00b', sampleDraft);
    expect(control.status).toBe(400);
    expect((await fixture.call('/v1/terminals/till-1/status')).status).toBe(200);
  });

  it('after a whole sale does not take the place of its answer', async () => {
    const body = JSON.stringify(sampleDraft);
    const answer = await sendBytes(
      `POST /v1/terminals/till-1/sales/stray HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n` +
        `${'a:1\r\n'.repeat(2_100)}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}}rubbish`,
    );
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    expect(answer).toMatch(/connection: close/i);
  });

  it('a till that fails unexpectedly is an internal error without details, and logged', async () => {
    fixture.tills.get('till-1')!.answers.set('bug', () => {
      throw new TypeError('secret inside');
    });
    const answer = await fixture.post('/v1/terminals/till-1/sales/bug', sampleDraft);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
    // Where it happened, and not the message, which may quote what was sold.
    expect(fixture.logged.join()).toMatch(/TypeError\n +at .*agent-guard\.spec/);
    expect(fixture.logged.join()).not.toContain('secret inside');
  });

  it('a sender that is too slow is told so', async () => {
    const slow = await startFixture({ requestTimeoutMs: 100 });
    try {
      const { hostname, port } = new URL(slow.agent.url);
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `POST /v1/terminals/till-1/sales/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n` +
            'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
        ),
      );
      const answer = await text(socket);
      expect(answer).toMatch(/^HTTP\/1.1 408 /);
      expect(answer).toContain('"code":"request_timeout"');
    } finally {
      await slow.end();
    }
  });
});

describe('stopping', () => {
  it('ends what waits for the feed, lets a sale end, and closes the tills', async () => {
    const own = await startFixture();
    const till = own.tills.get('till-1')!;
    const steps = new EventEmitter();
    const begun = once(steps, 'begun');
    till.answers.set('slow', async (saleId) => {
      const finished = once(steps, 'finished');
      steps.emit('begun');
      await finished;
      return till.issued(saleId);
    });
    const feed = own.call('/v1/terminals/till-2/feed?waitMs=50000');
    const sale = own.post('/v1/terminals/till-1/sales/slow', sampleDraft);
    await begun;
    await expect.poll(() => own.tills.get('till-2')!.waiters).toBe(1);
    const ended = own.end();
    expect(await (await feed).json()).toEqual({ events: [], cursor: 0 });
    expect(till.closed).toBe(false);
    steps.emit('finished');
    expect((await sale).status).toBe(200);
    await ended;
    expect(till.closed).toBe(true);
  });
});

describe('the token', () => {
  const directory = mkdtempSync(join(tmpdir(), 'agent-token-'));
  const path = join(directory, 'agent-token');
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is made once, readable by its owner only', () => {
    const token = readOrMakeToken(path);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readOrMakeToken(path)).toBe(token);
    expect(readToken(path)).toBe(token);
    expect(readFileSync(path, 'utf8')).toBe(`${token}\n`);
    expect(bearsToken(`Bearer ${token}`, token)).toBe(true);
  });

  it('is not believed when others can read it, or when it is none', () => {
    chmodSync(path, 0o640);
    expect(() => readToken(path)).toThrow('can be read by others');
    chmodSync(path, 0o600);
    writeFileSync(path, 'short\n');
    expect(() => readToken(path)).toThrow('holds no token');
  });
});

describe('addresses', () => {
  it.each([
    ['127.0.0.1:8744', { host: '127.0.0.1', port: 8744 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['till.local:80', { host: 'till.local', port: 80 }],
    ['127.0.0.1', null],
    ['127.0.0.1:70000', null],
    [':8744', null],
    ['::1:8744', null],
  ])('%s', (given, expected) => {
    expect(parseListenAddress(given)).toEqual(expected);
  });

  it.each([
    ['127.9.9.9', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.1.4', false],
    ['till.local', false],
  ])('only this machine can reach %s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });

  it('others than loopback take TLS', async () => {
    const options = {
      directories: [],
      openTill: () => Promise.reject(new Error()),
      tls: null,
      token: TOKEN,
      version: '0',
      log: () => undefined,
    };
    await expect(startAgent({ ...options, address: { host: '0.0.0.0', port: 0 } })).rejects.toThrow('takes TLS');
  });

  it('no Host header is no host of ours', () => {
    const isOurs = hostCheck({ host: '127.0.0.1', port: 1 }, null);
    expect(isOurs(undefined)).toBe(false);
    expect(isOurs('')).toBe(false);
  });
});

describe('a request that two programs could read differently', () => {
  const post = (head: string, body: string): string =>
    `POST /v1/terminals/till-1/parameters HTTP/1.1\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n${head}` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

  it.each([
    ['two Hosts', post('Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n', '{}'), 400],
    ['an expectation that nobody knows', post('Host: 127.0.0.1\r\nExpect: x\r\n', '{}'), 417],
    ['a member named twice', post('Host: 127.0.0.1\r\n', '{"parameters":"a","parameters":"b"}'), 400],
    [
      'a member named twice by an escape',
      post('Host: 127.0.0.1\r\n', '{"parameters":"a","\\u0070arameters":"b"}'),
      400,
    ],
  ])('is refused with a problem: %s', async (_, bytes, status) => {
    const answer = await sendBytes(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('"code":"malformed_request"');
  });

  it('is answered soundly, whatever stands in its address', async () => {
    const logged = [...fixture.logged];
    for (const piece of ['%00', '%ED%A0%80', '%FF', '%', '%0D%0A', 'A'.repeat(3_000), '%F0%9F%98%80'])
      for (const path of [
        `/v1/terminals/${piece}`,
        `/v1/terminals/till-1/sales/${piece}`,
        `/v1/terminals/till-1/feed?cursor=${piece}`,
        `/v1/terminals/till-1/sales/${piece}/receipt?width=${piece}`,
        `/v1/${piece}`,
      ]) {
        const { status, body } = await raw({ host: '127.0.0.1' }, path);
        expect.soft([path, status < 500]).toEqual([path, true]);
        expect.soft((JSON.parse(body) as { type?: string }).type, path).toMatch(/^urn:tax-control:(agent-)?problem:/);
      }
    expect(fixture.logged).toEqual(logged);
  });
});
