import { Agent } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import * as fc from 'fast-check';
import { isProblemCode } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListenerName } from '../../src/http/listener.js';
import { openConsoleGround, type ConsoleGround } from '../console-api/ground.js';
import { type Answer, call } from '../support/client.js';
import { signIn, type TestBrowser } from '../support/officials.js';
import type { TestTerminal } from '../support/terminals.js';

/**
 * What no route may stumble over, at every route of every listener: the answer is one of the catalogue, and never the server's
 * own fault.
 */

interface Operation {
  readonly listener: ListenerName;
  readonly method: string;
  readonly path: string;
  /** Members of its query and of its JSON body, as the documentation names them. */
  readonly query: readonly string[];
  readonly members: readonly string[];
}

interface Described {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: {
    readonly content?: Record<string, { readonly schema?: { readonly properties?: Record<string, unknown> } }>;
  };
}

/** Percent-encoded pieces of an address. */
const PIECES = [
  '%00',
  'T1%00',
  '%ED%A0%80',
  '%FF',
  '%C0%80',
  '%',
  '%zz',
  '%u0000',
  '%0D%0A',
  '%E2%80%AE',
  '%F0%9F%98%80',
  '..%2F..%2Fetc',
  "'%3B--",
  'A'.repeat(129),
  '9'.repeat(40),
  '-1',
  '1e400',
];
/** JSON texts of one value. */
const VALUES = [
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00x"',
  '"\\u0007"',
  `"${'x'.repeat(5_000)}"`,
  '1e400',
  '-0',
  '9007199254740993',
  'null',
  '[]',
  '{}',
  '["\\u0000"]',
  '{"__proto__":"\\u0000"}',
  'true',
];

let ground: ConsoleGround;
let browser: TestBrowser;
let terminal: TestTerminal;
let operations: readonly Operation[];
const agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false });

beforeAll(async () => {
  ground = await openConsoleGround();
  ({ terminal } = await ground.till());
  browser = await signIn(ground.server, { roles: ['administrator', 'operator', 'supervisor'] });
  const { paths } = (
    await call<{ paths: Record<string, Record<string, Described>> }>(ground.server, '/openapi.json', {
      listener: 'public',
    })
  ).json();
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationOf(path, method.toUpperCase(), operation)),
  );
  const undescribed = [
    ['public', '/v/{code}'],
    ['public', '/v/{terminalId}/{invoiceId}'],
    ['public', '/console/{page}'],
    ['public', '/docs/{file}'],
    ['public', '/schemas/{name}'],
    ['operator', '/health/live'],
    ['operator', '/health/ready'],
    ['operator', '/metrics'],
  ] as const;
  operations = [
    ...described,
    ...undescribed.map(([listener, path]) => ({ listener, method: 'GET', path, query: ['total'], members: [] })),
  ]
    // Whoever ends the own session, or changes its password, has none for the rest.
    .filter(({ path, method }) => !(method === 'DELETE' && path.includes('session')));
});
afterAll(async () => {
  agent.destroy();
  await ground.close();
});

function operationOf(path: string, method: string, { parameters = [], requestBody }: Described): Operation {
  const isOfTills =
    /^\/(v1\/(invoices|originals|journals|certificates|reissues|transaction-logs|parameters|echo)|\.well-known\/est)/.test(
      path,
    );
  return {
    listener: isOfTills ? 'terminals' : 'public',
    method,
    path,
    query: parameters.filter((one) => one.in === 'query').map(({ name }) => name),
    members: Object.keys(requestBody?.content?.['application/json']?.schema?.properties ?? {}),
  };
}

async function ask(operation: Operation, path: string, body?: string | Buffer): Promise<Answer> {
  const { listener, method } = operation;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const content = hasBody ? (body ?? '{}') : undefined;
  return call(ground.server, path, {
    listener,
    method,
    ...(content === undefined ? {} : { body: content }),
    ...(listener === 'public' ? { headers: browser.headers, tls: { agent } } : {}),
    ...(listener === 'terminals' ? { terminal } : {}),
  });
}

/** What is wrong with an answer: a fault of the server's own, or a refusal that is no problem of the catalogue and no page for people. */
function faultOf(what: string, { status, text, headers }: Answer): string[] {
  const type = headers['content-type'] ?? '';
  if (status < 400 || (status < 500 && type.startsWith('text/html'))) return [];
  const code = type.startsWith('application/problem+json') ? (JSON.parse(text) as Coded).code : '';
  return status < 500 && isProblemCode(code) ? [] : [`${what}: ${status} ${text.slice(0, 200)}`];
}

interface Coded {
  readonly code: string;
}

const filled = (path: string, piece: string): string => path.replaceAll(/\{[^}]+\}/g, piece);

describe('every route', () => {
  it('answers soundly to any piece of an address', { timeout: 120_000 }, async () => {
    const faults: string[] = [];
    for (const operation of operations)
      for (const piece of PIECES) {
        const { path, query } = operation;
        const paths = [
          ...(path.includes('{') ? [filled(path, piece)] : []),
          `${filled(path, 'T1')}?${[...query, 'x'].map((name) => `${name}=${piece}`).join('&')}`,
        ];
        for (const one of paths) faults.push(...faultOf(`${operation.method} ${one}`, await ask(operation, one)));
      }
    expect(faults).toEqual([]);
  });

  it('answers soundly to any value in its body', { timeout: 120_000 }, async () => {
    const faults: string[] = [];
    for (const operation of operations.filter(({ method }) => method !== 'GET')) {
      const path = filled(operation.path, 'T1');
      const { members } = operation;
      const bodies = [
        ...VALUES.map((value) => `{${members.map((name) => `"${name}":${value}`).join(',')}}`),
        ...VALUES,
        '[['.repeat(9_000),
        '{"a":'.repeat(3_000),
        Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      ];
      for (const body of bodies) {
        const what = `${operation.method} ${path} ${body.toString().slice(0, 80)}`;
        faults.push(...faultOf(what, await ask(operation, path, body)));
      }
    }
    expect(faults).toEqual([]);
  });

  it('refuses a body in which an object names a member twice, however it is spelled', async () => {
    for (const operation of operations.filter(({ method, members }) => method !== 'GET' && members.length > 0)) {
      const path = filled(operation.path, 'T1');
      for (const body of ['{"a":1,"a":1}', '{"a":1,"\\u0061":1}', '{"x":[{"b":1,"\\u0062":2}]}']) {
        const answer = await ask(operation, path, body);
        expect.soft([path, answer.status, answer.json()['code']]).toEqual([path, 400, 'malformed_request']);
      }
    }
  });

  it('answers soundly to whatever else', { timeout: 120_000 }, async () => {
    const byte = fc.integer({ min: 0, max: 255 }).map((value) => `%${value.toString(16).padStart(2, '0')}`);
    const piece = fc.array(byte, { minLength: 1, maxLength: 12 }).map((bytes) => bytes.join(''));
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    const anything = fc.record({ operation: fc.constantFrom(...operations), piece, json: fc.json(), text });
    await expect(
      fc.assert(
        fc.asyncProperty(anything, async ({ operation, piece: part, json, text: value }) => {
          const { path, query, members } = operation;
          const asked = `${filled(path, part)}?${query.map((name) => `${name}=${part}`).join('&')}`;
          const named = JSON.stringify(Object.fromEntries(members.map((name) => [name, value])));
          const body = members.length === 0 ? json : named;
          expect(faultOf(`${operation.method} ${asked} ${body}`, await ask(operation, asked, body))).toEqual([]);
        }),
        { numRuns: 250 },
      ),
    ).resolves.toBeUndefined();
  });

  it.each(['terminals', 'public', 'operator'] as const)(
    'answers two Hosts, and what it is not to expect, with a problem (%s)',
    async (listener) => {
      for (const header of ['Host: b', 'host: a', 'Expect: x']) {
        const answer = await raw(
          listener,
          `GET /health/live HTTP/1.1\r\nHost: a\r\n${header}\r\nConnection: close\r\n\r\n`,
        );
        const status = header.startsWith('Expect') ? 417 : 400;
        expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
        expect(answer).toContain('"code":"malformed_request"');
      }
    },
  );

  it('met no bug on the way', () => {
    expect(ground.server.logLines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

/** Sends bytes to a listener and reads until it closes. */
async function raw(listener: ListenerName, bytes: string): Promise<string> {
  const { port } = ground.server.addresses[listener];
  const options = { host: '127.0.0.1', port };
  const socket =
    listener === 'operator' ? connectPlain(options) : connectTls({ ...options, rejectUnauthorized: false });
  socket.end(bytes);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

it('names the members of every query of the console in the documentation', () => {
  const named = Object.fromEntries(
    operations
      .filter(({ method, path }) => method === 'GET' && path.startsWith('/v1/console/'))
      .map(({ path, query }) => [path, query]),
  );
  expect(named['/v1/console/terminals']).toEqual(
    expect.arrayContaining(['text', 'status', 'region', 'page', 'pageSize', 'format']),
  );
  expect(named['/v1/console/statistics']).toEqual(expect.arrayContaining(['from', 'to', 'zone', 'step']));
  expect(named['/v1/console/audit-trail']).toEqual(expect.arrayContaining(['official', 'subject', 'before']));
  const without = [
    '/v1/console/session',
    '/v1/console/sessions',
    '/v1/console/officials/{name}',
    '/v1/console/currencies',
  ];
  const silent = Object.entries(named).filter(([path, query]) => query.length === 0 && !without.includes(path));
  // These take no query at all: one invoice, one signer, one file.
  expect(silent.map(([path]) => path).filter((path) => !path.includes('{'))).toEqual([]);
});
