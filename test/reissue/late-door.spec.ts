import { randomUUID } from 'node:crypto';
import { LIMITS, type Problem, type ReissueAnswer } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { publishParameters, receiptOf, Till, warningsOf } from '../issuance/office.js';
import { type Answer, call } from '../support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal, type TestTerminalOptions } from '../support/terminals.js';

const THRESHOLD = 5;

let ground: TestGround;
let server: TestServer;

beforeAll(async () => {
  ground = await makeGround();
  await publishParameters(ground, { threshold: THRESHOLD });
  server = await startTestServer({ ground });
});

afterAll(async () => {
  await server.stop();
  await ground.clear();
});

async function newTill(options: TestTerminalOptions = {}): Promise<Till> {
  return new Till(await makeTerminal(server, options), new TerminalDirectory(server.superuser));
}

function reissue(by: Till, invoices: unknown, headers = {}): Promise<Answer<ReissueAnswer & Problem>> {
  return call(server, '/v1/reissues', { terminal: by.terminal, body: { invoices } as object, headers });
}

describe('POST /v1/reissues', () => {
  it('has a result for each, in order: a bad one among good ones holds nobody up', async () => {
    const till = await newTill();
    const [one, bad, two] = [till.sign(), till.sign({ total: 1 }), till.sign()];
    const answer = await reissue(till, [one.jws, 'rubbish', bad.jws, two.jws, one.jws]);
    expect(answer.status).toBe(200);
    const { results, allowance, lastCounter } = answer.json();
    expect(results).toMatchObject([
      { result: 'issued', warnings: [] },
      { result: 'refused', problem: { code: 'jws_malformed' } },
      { result: 'refused', problem: { code: 'total_arithmetic' } },
      { result: 'issued', warnings: [] },
      { result: 'already_issued' },
    ]);
    expect(receiptOf(results[0])).toMatchObject({ invoiceId: one.invoice.id, door: 'reissue' });
    expect(receiptOf(results[3])).toMatchObject({ invoiceId: two.invoice.id });
    expect(receiptOf(results[4])).toEqual(receiptOf(results[0]));
    expect({ allowance, lastCounter }).toEqual({ allowance: THRESHOLD, lastCounter: 3 });
    const { rows } = await server.superuser.query(
      'SELECT cause, counter, door FROM refused_invoice WHERE terminal_id = $1 ORDER BY cause',
      [till.terminalId],
    );
    expect(rows).toEqual([
      { cause: 'jws_malformed', counter: null, door: 'reissue' },
      { cause: 'total_arithmetic', counter: '2', door: 'reissue' },
    ]);
  });

  it('gives the same receipts when the same list comes again', async () => {
    const till = await newTill();
    const list = [till.sign().jws, till.sign().jws];
    const first = (await reissue(till, list)).json();
    const again = (await reissue(till, list)).json();
    expect(again.results).toEqual(first.results.map((result) => ({ ...result, result: 'already_issued' })));
  });

  it('takes a list of nothing but bad ones', async () => {
    const till = await newTill();
    const { results, lastCounter } = (await reissue(till, ['x', till.sign({ total: 1 }).jws])).json();
    expect(results.map(({ result }) => result)).toEqual(['refused', 'refused']);
    expect(lastCounter).toBe(1);
    expect((await reissue(till, ['y'])).json()).toMatchObject({ lastCounter: null });
  });

  it('takes as many as the threshold allows, and of one more nothing at all', async () => {
    const till = await newTill();
    const list = Array.from({ length: THRESHOLD + 1 }, () => till.sign().jws);
    const over = await reissue(till, list);
    expect(over.status).toBe(400);
    expect(over.json()).toMatchObject({ code: 'over_threshold', allowed: THRESHOLD });
    const { rows } = await server.superuser.query('SELECT FROM ledger WHERE terminal_id = $1', [till.terminalId]);
    expect(rows).toHaveLength(0);
    const { results } = (await reissue(till, list.slice(0, THRESHOLD))).json();
    expect(results.map(({ result }) => result)).toEqual(Array(THRESHOLD).fill('issued'));
  });

  it('says that a list is empty, or none', async () => {
    const till = await newTill();
    expect((await reissue(till, [])).json()).toMatchObject({ code: 'batch_empty' });
    for (const body of [undefined, 'x', [1], [['x']]])
      expect((await reissue(till, body)).json()).toMatchObject({ code: 'invalid_request' });
  });

  it('is open to suspended terminals and expired certificates, and tells them of it', async () => {
    const suspended = await newTill({ status: 'suspended' });
    const { results } = (await reissue(suspended, [suspended.sign().jws])).json();
    expect(results).toMatchObject([{ result: 'issued' }]);
    const HOUR_MS = 3_600_000;
    const expired = await newTill({
      notBefore: new Date(Date.now() - 48 * HOUR_MS),
      notAfter: new Date(Date.now() - HOUR_MS),
    });
    const issuedAt = (hours: number) => ({ issuedAt: new Date(Date.now() - hours * HOUR_MS).toISOString() });
    const waiting = [expired.sign(issuedAt(2)).jws, expired.sign(issuedAt(0.5)).jws];
    const late = (await reissue(expired, waiting)).json();
    expect(late.results.map(warningsOf)).toEqual([[], ['signed_outside_validity']]);
  });

  it('takes invoices that an older certificate of the terminal signed', async () => {
    const till = await newTill();
    const before = till.sign();
    const renewed = new Till(
      await makeTerminal(server, { terminalId: till.terminalId }),
      new TerminalDirectory(server.superuser),
    );
    renewed.journalId = till.journalId;
    renewed.counter = till.counter;
    const { results } = (await reissue(renewed, [before.jws, renewed.sign().jws])).json();
    expect(results.map(({ result }) => result)).toEqual(['issued', 'issued']);
  });

  it('goes through beside another of the same till with the same list', async () => {
    const till = await newTill();
    const list = [till.sign().jws, till.sign().jws, till.sign().jws];
    const answers = await Promise.all([reissue(till, list), reissue(till, list.toReversed())]);
    const [one, two] = answers.map((answer) => answer.json().results.map(receiptOf));
    expect(two!.toReversed()).toEqual(one);
  });

  it('keeps with each invoice the id of its own attempt, where there is one', async () => {
    const till = await newTill();
    const [first, third] = [randomUUID(), randomUUID()];
    const list = [till.sign().jws, till.sign().jws, till.sign().jws, till.sign().jws];
    await reissue(till, list, { 'attempt-id': `${first},rubbish, ${third}` });
    const { rows } = await server.superuser.query(
      'SELECT attempt_id FROM content JOIN ledger USING (sequence) WHERE terminal_id = $1 ORDER BY counter',
      [till.terminalId],
    );
    expect(rows.map(({ attempt_id }) => attempt_id as unknown)).toEqual([first, null, third, null]);
  });

  it('has room in its headers for the attempts of the longest list that parameters can allow', async () => {
    const till = await newTill();
    const attempts = Array.from({ length: LIMITS.thresholdMax }, () => randomUUID());
    const answer = await reissue(till, [till.sign().jws], { 'attempt-id': attempts.join(', ') });
    expect(answer.json().results.map(({ result }) => result)).toEqual(['issued']);
  });
});
