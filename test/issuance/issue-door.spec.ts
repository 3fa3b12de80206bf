import { randomUUID } from 'node:crypto';
import { type InvoiceAnswer, type IssueAnswer, type Problem, uuidV7 } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { type Answer, call } from '../support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal, type TestTerminalOptions } from '../support/terminals.js';
import { publishParameters, receiptOf, Till } from './office.js';

let ground: TestGround;
let server: TestServer;
let till: Till;

beforeAll(async () => {
  ground = await makeGround();
  await publishParameters(ground, { threshold: 7 });
  server = await startTestServer({ ground });
  till = await newTill();
});

afterAll(async () => {
  await server.stop();
  await ground.clear();
});

async function newTill(options: TestTerminalOptions = {}): Promise<Till> {
  return new Till(await makeTerminal(server, options), new TerminalDirectory(server.superuser));
}

function issue(
  invoice: unknown,
  by = till,
  headers: Record<string, string> = {},
): Promise<Answer<IssueAnswer & Problem>> {
  return call(server, '/v1/invoices', { terminal: by.terminal, body: { invoice } as object, headers });
}

async function refusedOf({ terminalId }: Till): Promise<Record<string, unknown>[]> {
  const { rows } = await server.superuser.query<Record<string, unknown>>(
    'SELECT * FROM refused_invoice WHERE terminal_id = $1 ORDER BY refused_id',
    [terminalId],
  );
  return rows;
}

describe('POST /v1/invoices', () => {
  it('answers with receipt, warnings, allowance and last counter; a resend with the same receipt', async () => {
    const { invoice, jws } = till.sign();
    const answer = await issue(jws);
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({
      result: 'issued',
      receipt: expect.any(String) as string,
      warnings: [],
      allowance: 7,
      lastCounter: 1,
      lastJump: null,
      newestKnown: true,
    });
    expect(receiptOf(answer.json())).toMatchObject({ invoiceId: invoice.id, door: 'issue' });
    expect((await issue(jws)).json()).toEqual({ ...answer.json(), result: 'already_issued' });
  });

  it('does not take the age of a sale that was resumed for a wrong clock', async () => {
    const issuedAt = new Date(Date.now() - 75_000).toISOString();
    const send = async (more: object) => {
      const { jws } = till.sign({ issuedAt, clockOffsetMs: null, clockOffsetAgeSeconds: null });
      const body = { invoice: jws, ...more };
      const { warnings } = (await call<IssueAnswer>(server, '/v1/invoices', { terminal: till.terminal, body })).json();
      return warnings.map(({ code }) => code);
    };
    expect(await send({ resumed: true })).toEqual([]);
    expect(await send({ resumed: false })).toEqual(['clock_off']);
    expect(await send({})).toEqual(['clock_off']);
  });

  it('keeps the attempt’s id beside what it stored or refused, if it is a UUID', async () => {
    const [stored, refused] = [randomUUID(), randomUUID()];
    const other = await newTill();
    await issue(other.sign().jws, other, { 'attempt-id': stored });
    await issue(other.sign().jws, other, { 'attempt-id': `'; --` });
    await issue('rubbish', other, { 'attempt-id': refused });
    const { rows } = await server.superuser.query(
      'SELECT attempt_id FROM content JOIN ledger USING (sequence) WHERE terminal_id = $1 ORDER BY sequence',
      [other.terminalId],
    );
    expect(rows).toEqual([{ attempt_id: stored }, { attempt_id: null }]);
    expect(await refusedOf(other)).toMatchObject([{ attempt_id: refused }]);
  });

  it('refuses once, keeps the bytes once, and the counter of what was refused is no gap', async () => {
    const other = await newTill();
    await issue(other.sign().jws, other);
    const bad = other.sign({ total: 1 });
    for (const _time of [1, 2]) {
      const answer = await issue(bad.jws, other);
      expect(answer.status).toBe(422);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.json()).toMatchObject({ code: 'total_arithmetic', retry: 'never' });
    }
    expect(await refusedOf(other)).toMatchObject([
      {
        cause: 'total_arithmetic',
        body: Buffer.from(bad.jws),
        invoice_id: bad.invoice.id,
        journal_id: other.journalId,
        counter: '2',
        door: 'issue',
      },
    ]);
    const next = await issue(other.sign({ counter: 1, id: uuidV7(Date.now()) }).jws, other);
    expect(next.json()).toMatchObject({ result: 'issued', lastCounter: 2 });
  });

  it('flags a counter that a refused invoice used', async () => {
    const other = await newTill();
    await issue(other.sign({ total: 1 }).jws, other);
    const reused = await issue(other.sign({ counter: 1 }).jws, other);
    expect(reused.json().result).toBe('issued');
    // Code and sentence: what the server keeps beside them is for officials.
    const detail = expect.stringMatching(/^Counter 1 of journal /) as string;
    expect(reused.json().warnings).toEqual([{ code: 'counter_fork', detail }]);
  });

  it('keeps what cannot even be read, with whatever it contains', async () => {
    const other = await newTill();
    for (const text of ['rubbish', '', 'a\u0000b', '\uD800', 'x'.repeat(100_000)])
      expect((await issue(text, other)).json()).toMatchObject({ code: 'jws_malformed' });
    expect(await refusedOf(other)).toHaveLength(5);
    const named = other.sign({ ['\u0000evil\uDC00' as 'cashier']: 'x' });
    expect((await issue(named.jws, other)).json().status).toBe(422);
    expect(await refusedOf(other)).toHaveLength(6);
  });

  it('takes no invoice of another till, nor of its own premises elsewhere', async () => {
    const stranger = await newTill();
    expect((await issue(stranger.sign().jws)).json()).toMatchObject({ code: 'wrong_terminal' });
    expect((await issue(till.sign({ terminalId: stranger.terminalId }).jws)).json()).toMatchObject({
      code: 'wrong_terminal',
    });
    expect((await issue(till.sign({ taxpayerId: 'somebody' }).jws)).json()).toMatchObject({ code: 'wrong_taxpayer' });
    expect((await issue(till.sign({ premisesId: 'elsewhere' }).jws)).json()).toMatchObject({ code: 'wrong_premises' });
  });

  it('refuses an identity that was used before with other content, with 409', async () => {
    const { invoice, jws } = till.sign();
    await issue(jws);
    const answer = await issue(till.sign({ id: invoice.id, number: 'other' }).jws);
    expect(answer.status).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'identity_conflict' });
  });

  it('gives one code to the same invoice in two requests at once', async () => {
    const { jws } = till.sign();
    const answers = await Promise.all(Array.from({ length: 6 }, () => issue(jws)));
    const results = answers.map((answer) => answer.json());
    expect(results.map(({ result }) => result).toSorted()).toEqual([
      ...Array<string>(5).fill('already_issued'),
      'issued',
    ]);
    expect(new Set(results.map(({ receipt }) => receipt)).size).toBe(1);
  });

  it.each([{}, { invoice: 1 }, { invoice: null }, { invoice: 'x', other: 1 }, [], { invoice: ['x'] }])(
    'answers %j with what is wrong about it',
    async (body) => {
      const answer = await call<Problem>(server, '/v1/invoices', { terminal: till.terminal, body });
      expect(answer.status).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'invalid_request' });
    },
  );

  it('takes the longest invoices there are, and says so of longer ones', async () => {
    const [line] = till.sign().invoice.lines;
    const lines = (count: number) => ({
      lines: Array.from({ length: count }, () => ({ ...line!, quantity: '1', unitPrice: '0', amount: 0 })),
      taxes: [{ category: 'standard', rate: '20', base: 0, amount: 0 }],
      total: 0,
      payments: [],
    });
    expect((await issue(till.sign(lines(10_000)).jws)).json()).toMatchObject({ result: 'issued' });
    expect((await issue(till.sign(lines(10_001)).jws)).json()).toMatchObject({ code: 'too_many_lines' });
  });
});

describe('GET /v1/invoices/{id}', () => {
  it('gives the same receipt and warnings, to its own terminal alone', async () => {
    const { invoice, jws } = till.sign({ counter: 1 });
    const issued = (await issue(jws)).json();
    const path = `/v1/invoices/${invoice.id}`;
    const found = await call<InvoiceAnswer>(server, path, { terminal: till.terminal });
    expect(found.json()).toEqual({ receipt: issued.receipt, warnings: issued.warnings });
    const detail = expect.any(String) as string;
    expect(found.json().warnings).toEqual([
      { code: 'counter_fork', detail },
      { code: 'number_used_before', detail },
    ]);
    const stranger = await newTill();
    for (const [by, address] of [
      [stranger, path],
      [till, `/v1/invoices/${uuidV7(Date.now())}`],
      [till, '/v1/invoices/not-a-uuid'],
    ] as const) {
      const answer = await call<Problem>(server, address, { terminal: by.terminal });
      expect(answer.status).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'invoice_unknown' });
    }
  });
});

describe('a suspended terminal', () => {
  it('is told so, and may look up, but not issue', async () => {
    const other = await newTill({ status: 'suspended' });
    const { invoice, jws } = other.sign();
    expect((await issue(jws, other)).json()).toMatchObject({ code: 'terminal_suspended' });
    const look = await call<Problem>(server, `/v1/invoices/${invoice.id}`, { terminal: other.terminal });
    expect(look.json()).toMatchObject({ code: 'invoice_unknown' });
  });
});
