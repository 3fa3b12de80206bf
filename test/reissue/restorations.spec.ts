import {
  type Holding,
  type HoldingsAnswer,
  type Invoice,
  type IssueAnswer,
  parseCompactJws,
  type Problem,
  type ReissueAnswer,
  type RestorationAnswer,
  signReceipt,
  uuidV7,
} from '@tax-control/protocol';
import { makeSigner } from '@tax-control/protocol/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { publishParameters, receiptOf, Till, turned } from '../issuance/office.js';
import { type Answer, call } from '../support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal } from '../support/terminals.js';

const THRESHOLD = 5;
const TABLES = ['ledger', 'content', 'ledger_tax', 'invoice_warning', 'ledger_original'] as const;

let ground: TestGround;
let server: TestServer;
let till: Till;

beforeAll(async () => {
  ground = await makeGround();
  await publishParameters(ground, { threshold: THRESHOLD });
  server = await startTestServer({ ground });
});
afterAll(async () => {
  await server.stop();
  await ground.clear();
});
beforeEach(async () => {
  till = await newTill();
});

async function newTill(): Promise<Till> {
  return new Till(await makeTerminal(server), new TerminalDirectory(server.superuser));
}

/** An invoice that was issued, with its receipt, as a till's archive has it. */
interface Held extends Holding {
  readonly code: string;
  readonly sequence: number;
  readonly invoiceId: string;
}

async function sell(change: Parameters<Till['sign']>[0] = {}, by = till): Promise<Held> {
  const { jws, invoice } = by.sign(change);
  const answer = await call<IssueAnswer>(server, '/v1/invoices', { terminal: by.terminal, body: { invoice: jws } });
  const receipt = receiptOf(answer.json());
  const { code } = receipt;
  return {
    invoice: jws,
    receipt: answer.json().receipt,
    code,
    sequence: Number(code.slice(0, 12)),
    invoiceId: invoice.id,
  };
}

function present(items: unknown, by = till): Promise<Answer<RestorationAnswer & Problem>> {
  return call(server, '/v1/restorations', { terminal: by.terminal, body: { items } as object });
}

async function presentOne({ invoice, receipt }: Holding, by = till): Promise<string> {
  const [result] = (await present([{ invoice, receipt }], by)).json().results;
  return result === undefined ? 'none' : 'problem' in result ? result.problem.code : result.result;
}

function ask(
  codes: readonly string[],
  lastJump: number | null = null,
  by = till,
): Promise<Answer<HoldingsAnswer & Problem>> {
  return call(server, '/v1/holdings', { terminal: by.terminal, body: { codes, lastJump } as object });
}

/** All that is on file of an invoice but when it was written down. */
async function rowsOf({ sequence }: Held): Promise<unknown[]> {
  const tables = await Promise.all(
    TABLES.map(async (table) => {
      const { rows } = await server.superuser.query<{ row: Record<string, unknown> }>(
        `SELECT to_jsonb(t) - 'recorded_in' - 'restored_at' - 'attempt_id' AS row FROM ${table} AS t WHERE sequence = $1 ORDER BY 1`,
        [sequence],
      );
      return rows.map(({ row }) => row);
    }),
  );
  return tables;
}

/** What a restore of an older copy does to these. */
async function forget(...held: readonly Held[]): Promise<void> {
  for (const table of TABLES.toReversed())
    await server.superuser.query(`DELETE FROM ${table} WHERE sequence = ANY ($1)`, [
      held.map(({ sequence }) => sequence),
    ]);
}

async function jumps(): Promise<{ why: string; next: number }[]> {
  const { rows } = await server.superuser.query<{ why: string; next: number }>(
    'SELECT why, next_number::float8 AS next FROM database_recovery ORDER BY recovery_id',
  );
  return rows;
}

describe('what was forgotten', () => {
  it('comes back byte for byte: number, code, receipt, time, tax and warnings', async () => {
    const sold = await sell();
    const { lines } = JSON.parse(Buffer.from(sold.invoice.split('.')[1]!, 'base64url').toString()) as Invoice;
    // Of a sale that nobody knows, so that it has a warning.
    const reference = { terminalId: till.terminalId, invoiceId: uuidV7(Date.now()) };
    const refund = await sell({ kind: 'refund', lines: turned(lines), reference });
    const before = [await rowsOf(sold), await rowsOf(refund)];
    await forget(sold, refund);
    expect(
      (await present([sold, refund].map(({ invoice, receipt }) => ({ invoice, receipt })))).json().results,
    ).toEqual([{ result: 'restored' }, { result: 'restored' }]);
    expect([await rowsOf(sold), await rowsOf(refund)]).toEqual(before);
    const { rows } = await server.superuser.query(
      'SELECT FROM ledger WHERE sequence = $1 AND restored_at IS NOT NULL',
      [sold.sequence],
    );
    expect(rows).toHaveLength(1);
    const again = await call<IssueAnswer>(server, '/v1/invoices', {
      terminal: till.terminal,
      body: { invoice: sold.invoice },
    });
    expect(again.json()).toMatchObject({ result: 'already_issued', receipt: sold.receipt });
    expect((await call(server, `/v1/verifications/${sold.code}`, { listener: 'public' })).json()).toMatchObject({
      onFile: true,
    });
  });

  it('is noticed by the newest code of a request, before the invoice is issued, and by the till’s question', async () => {
    const [one, two] = [await sell(), await sell()];
    const next = (newestCode: string) =>
      call<IssueAnswer>(server, '/v1/invoices', {
        terminal: till.terminal,
        body: { invoice: till.sign().jws, newestCode },
      });
    expect((await next(two.code)).json()).toMatchObject({ result: 'issued', newestKnown: true });
    await forget(two);
    expect((await next(two.code)).json()).toMatchObject({ result: 'issued', newestKnown: false });
    const late = await call(server, '/v1/reissues', {
      terminal: till.terminal,
      body: { invoices: [till.sign().jws], newestCode: two.code },
    });
    expect(late.json()).toMatchObject({ newestKnown: false });
    expect((await ask([two.code, one.code])).json()).toMatchObject({ missing: [two.code] });
    expect(await presentOne(two)).toBe('restored');
    expect((await ask([two.code, one.code])).json()).toMatchObject({ missing: [] });
    expect((await next(two.code)).json()).toMatchObject({ newestKnown: true });
  });

  it('makes the numbers jump, once, where nothing else told that the copy is an older one', async () => {
    const [one, two] = [await sell(), await sell()];
    const known = await jumps();
    await forget(one, two);
    // All that comes now has numbers behind it, so they would not have been noticed by their order.
    const after = await sell();
    expect(await Promise.all([presentOne(one), presentOne(two)])).toEqual(['restored', 'restored']);
    const made = (await jumps()).slice(known.length).map(({ why }) => why);
    expect(made).toEqual(known.some(({ next }) => next > two.sequence) ? [] : ['older_copy']);
    const [jump] = (await jumps()).slice(-1);
    expect(jump!.next).toBeGreaterThan(two.sequence);
    const next = await sell();
    expect(next.sequence).toBeGreaterThan(after.sequence);
    expect((await ask([])).json()).toMatchObject({ lastJump: jump!.next });
  });

  it('tells up to which number nothing was forgotten, and hears when a till found all on file', async () => {
    const one = await sell();
    await forget(one);
    await presentOne(one);
    const { lastJump, keptUpTo } = (await ask([one.code])).json();
    expect(keptUpTo).toBeLessThan(one.sequence);
    await ask([], lastJump);
    const { rows } = await server.superuser.query<{ kept: number }>(
      'SELECT kept_since::float8 AS kept FROM terminal_holdings WHERE terminal_id = $1',
      [till.terminalId],
    );
    expect(rows).toEqual([{ kept: lastJump }]);
    expect((await ask([], lastJump)).json()).toMatchObject({ keptUpTo: null });
    // A number at which no jump was made says nothing, however high.
    await ask([], Number.MAX_SAFE_INTEGER);
    const { rows: again } = await server.superuser.query<{ kept: number }>(
      'SELECT kept_since::float8 AS kept FROM terminal_holdings WHERE terminal_id = $1',
      [till.terminalId],
    );
    expect(again).toEqual([{ kept: lastJump }]);
    // What it confirmed may have been forgotten with the database: then no more is believed than that knows.
    await server.superuser.query('DELETE FROM terminal_holdings');
    expect((await ask([one.code], lastJump)).json().keptUpTo).not.toBeNull();
  });

  it('keeps a number from being given again where the sequence was set back unnoticed: the till proves it first', async () => {
    const [one, two] = [await sell(), await sell()];
    await forget(one, two);
    await server.superuser.query('DELETE FROM database_recovery');
    await server.superuser.query(`SELECT setval('tax_control_number_test', $1, false)`, [one.sequence - 10]);
    const invoice = till.sign().jws;
    const send = (newestCode: string) =>
      call<IssueAnswer & Problem>(server, '/v1/invoices', { terminal: till.terminal, body: { invoice, newestCode } });
    expect((await send(two.code)).json()).toMatchObject({ code: 'server_behind', retry: 'later' });
    const late = await call<ReissueAnswer>(server, '/v1/reissues', {
      terminal: till.terminal,
      body: { invoices: [invoice], newestCode: two.code },
    });
    expect(late.json().results).toMatchObject([{ result: 'deferred', problem: { code: 'server_behind' } }]);
    expect([await presentOne(one), await presentOne(two)]).toEqual(['restored', 'restored']);
    const answer = (await send(two.code)).json();
    expect(Number(receiptOf(answer).code.slice(0, 12))).toBeGreaterThan(two.sequence);
  });

  it('comes back once: the same again, and from two connections at once, is on file', async () => {
    const one = await sell();
    await forget(one);
    expect((await Promise.all([presentOne(one), presentOne(one), presentOne(one)])).sort()).toEqual([
      'on_file',
      'on_file',
      'restored',
    ]);
    expect(await presentOne(one)).toBe('on_file');
    expect(await presentOne(await sell())).toBe('on_file');
  });
});

describe('what is not taken back, and leaves nothing behind', () => {
  let held: Held;
  beforeEach(async () => {
    held = await sell();
    await forget(held);
  });

  async function expectNothingStored(): Promise<void> {
    const { rows } = await server.superuser.query('SELECT FROM ledger WHERE sequence = $1', [held.sequence]);
    expect(rows).toHaveLength(0);
  }

  it.each<[string, string, () => Holding | Promise<Holding>]>([
    ['a receipt that somebody else signed', 'receipt_not_genuine', () => forged({})],
    ['one of the other environment', 'receipt_of_other_environment', () => forged({ environment: 'production' })],
    [
      'one that was changed',
      'receipt_not_genuine',
      () => ({ ...held, receipt: held.receipt.replace(/\.[^.]+\./, (part) => part.replace(/[A-Z]/, 'x')) }),
    ],
    ['what is no receipt', 'receipt_not_genuine', () => ({ ...held, receipt: 'a.b.c' })],
    ['a receipt with another invoice', 'receipt_of_other_invoice', () => ({ ...held, invoice: till.sign().jws })],
    ['an invoice that was changed', 'signature_invalid', () => ({ ...held, invoice: spoilt(held.invoice) })],
    ['what is no invoice', 'jws_malformed', () => ({ ...held, invoice: 'x' })],
  ])('%s: %s', async (_what, code, make) => {
    const { invoice, receipt } = await make();
    expect(await presentOne({ invoice, receipt })).toBe(code);
    await expectNothingStored();
  });

  it('the receipts of another till', async () => {
    expect(await presentOne(held, await newTill())).toMatch(/signer_unknown|wrong_terminal/);
    await expectNothingStored();
  });

  it('anything of a revoked till', async () => {
    await server.superuser.query(`UPDATE terminal SET status = 'revoked' WHERE terminal_id = $1`, [till.terminalId]);
    const { invoice, receipt } = held;
    await expect.poll(async () => (await ask([])).json()).toMatchObject({ code: 'terminal_revoked' });
    expect((await present([{ invoice, receipt }])).json()).toMatchObject({ code: 'terminal_revoked' });
    await expectNothingStored();
  });

  it('a list that is empty, too long, or none', async () => {
    const { invoice, receipt } = held;
    expect((await present([])).json()).toMatchObject({ code: 'batch_empty' });
    expect((await present(Array.from({ length: THRESHOLD + 1 }, () => ({ invoice, receipt })))).json()).toMatchObject({
      code: 'over_threshold',
      allowed: THRESHOLD,
    });
    for (const items of [undefined, 'x', [1], [{ invoice }], [{ invoice, receipt, more: 1 }]])
      expect((await present(items)).json()).toMatchObject({ code: 'invalid_request' });
    for (const codes of [undefined, ['1'], [1], Array(501).fill(held.code)])
      expect((await ask(codes as string[])).json()).toMatchObject({ code: 'invalid_request' });
    await expectNothingStored();
  });

  function forged(change: object): Holding {
    const { privateKey, thumbprint } = makeSigner();
    const receipt = { ...receiptOf({ result: 'issued', receipt: held.receipt, warnings: [] }), ...change };
    return { invoice: held.invoice, receipt: signReceipt(receipt, privateKey, thumbprint) };
  }
});

describe('a receipt that contradicts what is on file', () => {
  const disputes = async (code: string): Promise<unknown[]> =>
    (
      await server.superuser.query(
        'SELECT sequence_on_file::float8 AS on_file, receipt, invoice FROM code_dispute WHERE code = $1',
        [code],
      )
    ).rows;

  it('is kept beside it, loudly: the invoice got another code meanwhile', async () => {
    const first = await sell();
    await forget(first);
    const second = (
      await call<IssueAnswer>(server, '/v1/invoices', { terminal: till.terminal, body: { invoice: first.invoice } })
    ).json();
    const before = await rowsOf({ ...first, sequence: Number(receiptOf(second).code.slice(0, 12)) });
    for (let time = 0; time < 2; time += 1) expect(await presentOne(first)).toBe('code_in_dispute');
    expect(await disputes(first.code)).toEqual([
      { on_file: Number(receiptOf(second).code.slice(0, 12)), receipt: first.receipt, invoice: first.invoice },
    ]);
    expect(await rowsOf({ ...first, sequence: Number(receiptOf(second).code.slice(0, 12)) })).toEqual(before);
    expect(server.logLines.some(({ msg }) => String(msg).includes('contradicts what is on file'))).toBe(true);
  });

  it('is kept beside it, loudly: its number was given to another invoice', async () => {
    const first = await sell();
    await forget(first);
    await server.superuser.query(`SELECT setval('tax_control_number_test', $1, false)`, [first.sequence]);
    const other = await sell();
    expect(other.sequence).toBe(first.sequence);
    const before = await rowsOf(other);
    expect(await presentOne(first)).toBe('code_in_dispute');
    expect(await disputes(first.code)).toHaveLength(1);
    expect(await rowsOf(other)).toEqual(before);
  });
});

function spoilt(jws: string): string {
  const signature = parseCompactJws(jws)!.signature;
  signature[10]! ^= 1;
  return [...jws.split('.').slice(0, 2), signature.toString('base64url')].join('.');
}
