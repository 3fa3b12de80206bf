import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { LogEntry, Problem, ProblemCode } from '@tax-control/protocol';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RefusedAuthentications } from '../../src/authentication/refused-authentications.js';
import { revokeCertificate } from '../../src/registry/terminal-changes.js';
import { changeStatus } from '../../src/registry/terminal-changes.js';
import type { Till } from '../issuance/office.js';
import { type Answer, call, type CallOptions, tlsOptions } from '../support/client.js';
import { makeTestKeys, type TestKeys } from '../support/keys.js';
import { testPool } from '../support/pool.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { makeTerminal, type TestTerminal } from '../support/terminals.js';
import { aProblem, type BadInputGround, Counter, NOTHING_STORED, signBytes, startBadInputGround } from './ground.js';

const HOUR_MS = 3_600_000;
const PAST = { notBefore: new Date(Date.now() - 2 * HOUR_MS), notAfter: new Date(Date.now() - HOUR_MS) };
const FUTURE = { notBefore: new Date(Date.now() + HOUR_MS), notAfter: new Date(Date.now() + 2 * HOUR_MS) };

/** What terminals send when they are in order; it would be taken. */
const REQUESTS = {
  issue: (till: Till) => ['/v1/invoices', { body: { invoice: till.sign().jws } }],
  reissue: (till: Till) => ['/v1/reissues', { body: { invoices: [till.sign().jws] } }],
  'look-up': (till: Till) => [`/v1/invoices/${till.sign().invoice.id}`, {}],
  original: (till: Till) => [`/v1/originals/${till.terminalId}/${till.sign().invoice.id}`, {}],
  journal: (till: Till) => [`/v1/journals/${till.journalId}/invoices`, {}],
  log: () => ['/v1/transaction-logs', { body: { entries: [logEntry()] } }],
  parameters: () => ['/v1/parameters', {}],
  renewal: () => [
    '/.well-known/est/simplereenroll',
    { body: 'AAAA', headers: { 'content-type': 'application/pkcs10' } },
  ],
} as const satisfies Record<string, (till: Till) => readonly [string, CallOptions]>;
type RequestName = keyof typeof REQUESTS;

function logEntry(): LogEntry {
  const nothing = {
    cause: null,
    detail: null,
    address: null,
    connectMs: null,
    tlsMs: null,
    answerMs: null,
    totalMs: null,
  };
  const ids = { id: randomUUID(), invoiceId: randomUUID() };
  return { ...ids, at: '2026-11-22T18:05:00Z', door: 'issue', outcome: 'failed', ...nothing };
}

let ground: BadInputGround;
let operator: Pool;
let impostor: TestKeys;
beforeAll(async () => {
  ground = await startBadInputGround();
  operator = testPool(ground.ground.database.operatorUrl);
  impostor = await makeTestKeys();
});
afterAll(async () => {
  await operator.end();
  await impostor.remove();
  await ground.stop();
});

/** One request of whoever shows this certificate; the invoice is signed by the till, as it would be. */
function send(name: RequestName, till: Till, terminal: TestTerminal | undefined, tls = {}): Promise<Answer<Problem>> {
  const [path, options] = REQUESTS[name](till);
  return call(ground.server, path, { ...options, terminal, tls });
}

describe('whoever shows', () => {
  const ALL = Object.keys(REQUESTS) as RequestName[];
  const lateDoors: readonly RequestName[] = [
    'reissue',
    'look-up',
    'original',
    'journal',
    'log',
    'parameters',
    'renewal',
  ];

  it.each<[string, ProblemCode, readonly RequestName[], () => Promise<[Till, TestTerminal | undefined]>]>([
    ['no certificate', 'certificate_missing', [], async () => [await ground.newTill(), undefined]],
    [
      'one of another authority',
      'certificate_untrusted',
      [],
      async () => {
        const till = await ground.newTill();
        return [
          till,
          await makeTerminal(
            { ...ground.server, keysDirectory: impostor.directory },
            { terminalId: till.terminalId, unregistered: true },
          ),
        ];
      },
    ],
    ['one that is not valid yet', 'certificate_not_yet_valid', [], () => shown(ground.newTill(FUTURE))],
    ['one that has expired', 'certificate_expired', lateDoors, () => shown(ground.newTill(PAST))],
    [
      'one of nobody',
      'terminal_unknown',
      [],
      async () => {
        const till = await ground.newTill();
        return [till, await makeTerminal(ground.server, { terminalId: till.terminalId, unregistered: true })];
      },
    ],
    ['one that was revoked', 'certificate_revoked', [], () => shown(ground.newTill({ certificateRevoked: true }))],
    ['one of a revoked terminal', 'terminal_revoked', [], () => shown(ground.newTill({ status: 'revoked' }))],
    [
      'one of a suspended terminal',
      'terminal_suspended',
      lateDoors,
      () => shown(ground.newTill({ status: 'suspended' })),
    ],
  ])(
    '%s is told %s at every door but those that are open to it, and nothing is stored',
    async (_what, code, open, make) => {
      const [till, terminal] = await make();
      const closed = ALL.filter((name) => !open.includes(name));
      const { answer, stored } = await ground.storing(async () => {
        const answers: [RequestName, number, Problem][] = [];
        for (const name of closed) {
          const told = await send(name, till, terminal);
          answers.push([name, told.status, told.json()]);
        }
        return answers;
      });
      const status = ['certificate_revoked', 'terminal_revoked', 'terminal_suspended'].includes(code) ? 403 : 401;
      expect(answer).toEqual(closed.map((name) => [name, status, aProblem(code, { retry: 'later' })]));
      expect(stored).toEqual(NOTHING_STORED);
      for (const name of open) expect((await send(name, till, terminal)).text).not.toContain(code);
    },
  );

  async function shown(made: Promise<Till>): Promise<[Till, TestTerminal]> {
    const till = await made;
    return [till, till.terminal];
  }

  it('is counted for the officials, by cause', async () => {
    const refused = ground.server.running.application.get(RefusedAuthentications);
    await refused.flush();
    const { rows } = await ground.ground.superuser.query<{ cause: string }>(
      'SELECT DISTINCT cause FROM refused_authentication ORDER BY cause',
    );
    expect(rows.map(({ cause }) => cause)).toEqual([
      'certificate_expired',
      'certificate_missing',
      'certificate_not_yet_valid',
      'certificate_revoked',
      'certificate_untrusted',
      'terminal_revoked',
      'terminal_suspended',
      'terminal_unknown',
    ]);
  });
});

describe('a resumed TLS session', () => {
  /** Connects, takes the ticket, and connects with it alone; proven to be resumed. */
  async function resume(terminal: TestTerminal | undefined): Promise<TLSSocket> {
    const { port } = ground.server.addresses.terminals;
    const options = { port, host: '127.0.0.1', ca: ground.server.ca };
    const first = connect({ ...options, ...tlsOptions(ground.server, 'terminals', terminal) } as ConnectionOptions);
    const [session] = (await once(first, 'session')) as [Buffer];
    first.destroy();
    const second = connect({ ...options, session });
    await once(second, 'secureConnect');
    expect(second.isSessionReused()).toBe(true);
    return second;
  }

  it('without certificate issues nothing, though Node calls it authorised', async () => {
    const till = await ground.newTill();
    const socket = await resume(undefined);
    const { answer, stored } = await ground.storing(() =>
      send('issue', till, undefined, { createConnection: () => socket, agent: undefined }),
    );
    expect([answer.status, answer.json()]).toEqual([401, aProblem('certificate_missing')]);
    expect(stored).toEqual(NOTHING_STORED);
  });

  it('of a till issues for that till, and no more once it is revoked', async () => {
    const till = await ground.newTill();
    const issue = async () => {
      const socket = await resume(till.terminal);
      return (await send('issue', till, undefined, { createConnection: () => socket, agent: undefined })).json();
    };
    expect(await issue()).toMatchObject({ result: 'issued' });
    await changeStatus(operator, till.terminalId, 'revoked', 'stolen');
    await expect.poll(async () => (await issue()).code, { interval: 20 }).toBe('terminal_revoked');
  });
});

describe('an invoice of somebody else', () => {
  it.each<[string, ProblemCode, (own: Till, other: Till) => string]>([
    ['signed by another till', 'wrong_terminal', (_own, other) => other.sign().jws],
    ['signed by another till in this one’s name', 'wrong_terminal', (own, other) => other.sign(own.names()).jws],
    [
      'signed by this till under another one’s certificate',
      'signature_invalid',
      (own, other) => {
        const [, payload = ''] = own.sign().jws.split('.');
        const header = { typ: 'invoice+jws', 'x5t#S256': own.terminal.thumbprint };
        return signBytes(other, Buffer.from(payload, 'base64url'), header);
      },
    ],
    ['signed by this till in another one’s name', 'wrong_terminal', (own, other) => own.sign(other.names()).jws],
  ])('(%s) is refused, and the other’s journal knows nothing of it', async (_what, code, make) => {
    const [own, other] = [await ground.newTill(), await ground.newTill({ taxpayerId: 'taxpayer-2' })];
    const counter = new Counter(ground.server, own);
    const { answer, stored } = await ground.storing(() => counter.issue(make(own, other)));
    expect(answer.json()).toMatchObject({ code });
    expect(stored).toEqual({ ...NOTHING_STORED, refused: 1 });
    const { rows } = await ground.ground.superuser.query('SELECT FROM refused_invoice WHERE terminal_id = $1', [
      other.terminalId,
    ]);
    expect(rows).toEqual([]);
    expect(await counter.sell()).toBe('issued');
    counter.close();
  });
});

describe('a decision of the office', () => {
  let second: TestServer;
  beforeAll(async () => {
    second = await startTestServer({ ground: ground.ground });
  });
  afterAll(() => second.stop());

  const decisions: [string, ProblemCode, (till: Till) => Promise<unknown>][] = [
    ['suspended', 'terminal_suspended', (till) => changeStatus(operator, till.terminalId, 'suspended', 'unpaid')],
    ['revoked', 'terminal_revoked', (till) => changeStatus(operator, till.terminalId, 'revoked', 'stolen')],
    [
      'certificate revoked',
      'certificate_revoked',
      (till) =>
        revokeCertificate(operator, till.terminalId, till.terminal.thumbprint, {
          reason: 'key lost',
          descendants: false,
        }),
    ],
  ];

  it.each(decisions)(
    '(%s) comes into force on every instance, on connections that stay open',
    async (_what, code, decide) => {
      const till = await ground.newTill();
      const counters = [new Counter(ground.server, till), new Counter(second, till)];
      // Both have just asked the database who this is, so both remember it for as long as they may.
      const connections = await Promise.all(counters.map((counter) => counter.connection()));
      await decide(till);
      await Promise.all(
        counters.map(async (counter) => {
          const told = async () => (await counter.issue(till.sign().jws)).json().code;
          await expect.poll(told, { interval: 10 }).toBe(code);
        }),
      );
      const { stored } = await ground.storing(() =>
        Promise.all(counters.map((counter) => counter.issue(till.sign().jws))),
      );
      expect(stored).toEqual(NOTHING_STORED);
      expect(await Promise.all(counters.map((counter) => counter.connection()))).toEqual(connections);
      for (const counter of counters) counter.close();
    },
  );

  it('to let it sell again comes into force as well', async () => {
    const till = await ground.newTill({ status: 'suspended' });
    const counters = [new Counter(ground.server, till), new Counter(second, till)];
    for (const counter of counters)
      expect((await counter.issue(till.sign().jws)).json()).toMatchObject({ code: 'terminal_suspended' });
    await changeStatus(operator, till.terminalId, 'active', null);
    const told = async () =>
      (await Promise.all(counters.map((counter) => counter.issue(till.sign().jws)))).map(
        (answer) => answer.json().result,
      );
    await expect.poll(told, { interval: 10 }).toEqual(['issued', 'issued']);
    for (const counter of counters) counter.close();
  });
});

it('no bug was met on the way', () => {
  expect(ground.server.logLines.filter(({ level }) => level === 'error')).toEqual([]);
});
