import { randomUUID } from 'node:crypto';
import {
  type Invoice,
  invoiceSchema,
  type InvoiceAnswer,
  logEntrySchema,
  type LogUploadAnswer,
} from '@tax-control/protocol';
import { makeLine } from '@tax-control/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listPremises, listTaxpayers } from '../../src/registry/taxpayers.js';
import { addPremises, addTaxpayer } from '../../src/registry/shop-changes.js';
import { addTerminals } from '../../src/registry/terminal-changes.js';
import { findTerminal } from '../../src/registry/terminals.js';
import { changeStatus } from '../../src/registry/terminal-changes.js';
import { receiptOf, type Till, turned } from '../issuance/office.js';
import { call } from '../support/client.js';
import { testPool } from '../support/pool.js';
import { type BadInputGround, Counter, NOTHING_STORED, signBytes, startBadInputGround } from './ground.js';

/** What ends a statement, a list of an array, a JSON text, a line of a log or a page, where somebody glues texts together. */
const ATTACKS = [
  `'); DROP TABLE ledger; --`,
  `' OR '1'='1`,
  `"; DELETE FROM content; SELECT "`,
  String.raw`\'; TRUNCATE ledger; --`,
  `$$; DROP SCHEMA public CASCADE; $$`,
  `{"x","NULL",NULL}`,
  `E'\\x41' || pg_sleep(9) --`,
  `$1 $2 :name ? %s {0}`,
  `<script>alert(1)</script>`,
  '${jndi:ldap://192.0.2.7/x}',
  '\u{202E}\u{2066}\u{200B}\u{FFFF}😀',
] as const;

let ground: BadInputGround;
let till: Till;
let counter: Counter;
let tablesAtFirst: string;
beforeAll(async () => {
  ground = await startBadInputGround();
  till = await ground.newTill();
  counter = new Counter(ground.server, till);
  tablesAtFirst = await tables();
});
afterAll(async () => {
  counter.close();
  await ground.stop();
});

/** Every table, function and role with its rights: what an attack would have changed. */
async function tables(): Promise<string> {
  const { rows } = await ground.ground.superuser.query(
    `SELECT relname, relkind, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
     UNION ALL SELECT proname, prokind, proacl::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
     UNION ALL SELECT rolname, 'r', rolsuper::text FROM pg_roles ORDER BY 1`,
  );
  return JSON.stringify(rows);
}

interface SchemaNode {
  readonly const?: unknown;
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
}

/** Pointers of the members of a schema that are strings: free texts, or those that a pattern holds. An item of a list is `0`. */
function stringsOf(node: SchemaNode, kind: 'free' | 'held', pointer = ''): string[] {
  const below = [
    ...Object.entries(node.properties ?? {}).map(([name, member]) => [`${pointer}/${name}`, member] as const),
    ...(node.items === undefined ? [] : [[`${pointer}/0`, node.items] as const]),
    ...(node.oneOf ?? []).map((member) => [pointer, member] as const),
  ];
  const own =
    [node.type].flat().includes('string') && (node.pattern === undefined ? 'free' : 'held') === kind ? [pointer] : [];
  return [...own, ...below.flatMap(([place, member]) => stringsOf(member, kind, place))];
}

/** Sets the member at a pointer, making what is missing on the way. */
function setAt(value: object, pointer: string, to: unknown): void {
  const steps = pointer.split('/').slice(1);
  const last = steps.pop() ?? '';
  let parent = value as Record<string, unknown>;
  for (const step of steps) parent = (parent[step] ??= {}) as Record<string, unknown>;
  parent[last] = to;
}

/** A refund, so that it may give a reason, with all its optional members. */
function fullInvoice(): Partial<Invoice> {
  return {
    kind: 'refund',
    lines: turned([{ ...makeLine(), code: 'x', discount: 0 }]),
    buyer: { name: 'x', taxId: 'x', address: 'x' },
    cashier: 'x',
    enteredLater: { at: new Date().toISOString(), reason: 'x' },
  };
}

describe.each(ATTACKS)('the text %s', (attack) => {
  it('is stored as it is in every text of an invoice, and comes back as it was', async () => {
    const invoice = till.sign(fullInvoice()).invoice;
    for (const pointer of stringsOf(invoiceSchema, 'free')) setAt(invoice, pointer, attack);
    expect(JSON.stringify(invoice).split(JSON.stringify(attack)).length - 1).toBe(11);
    const jws = signBytes(till, JSON.stringify(invoice));
    const { answer, stored } = await ground.storing(() => counter.issue(jws));
    expect(answer.json()).toMatchObject({ result: 'issued', warnings: [{ code: 'entered_later' }] });
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: 1, content: 1, warnings: 1 });
    expect(receiptOf(answer.json()).number).toBe(attack);
    const found = await counter.call<InvoiceAnswer>(`/v1/invoices/${invoice.id}`);
    const { receipt, warnings } = answer.json();
    expect(found.json()).toEqual({ receipt, warnings });
    const { rows } = await ground.ground.superuser.query(
      'SELECT number, payload FROM ledger JOIN content USING (sequence) WHERE invoice_id = $1',
      [invoice.id],
    );
    expect(rows).toEqual([{ number: attack, payload: Buffer.from(JSON.stringify(invoice)) }]);
  });

  it('is refused in every member that is no text, and as a name', async () => {
    const held = stringsOf(invoiceSchema, 'held');
    expect(held).toContain('/reference/invoiceId');
    const spoiled = held.map((pointer) => {
      const { invoice } = till.sign({ ...fullInvoice(), reference: undefined as never });
      setAt(invoice, pointer, attack);
      return signBytes(till, JSON.stringify(invoice));
    });
    spoiled.push(signBytes(till, JSON.stringify({ ...till.sign().invoice, [attack]: attack })));
    const { answer, stored } = await ground.storing(async () => (await counter.reissue(spoiled)).json().results);
    expect(answer.map((result) => 'problem' in result && result.problem.code)).toEqual(
      spoiled.map(() => 'schema_violation'),
    );
    expect(stored).toEqual({ ...NOTHING_STORED, refused: spoiled.length });
  });

  it('is stored as it is in the texts of a log entry, and refused elsewhere in it', async () => {
    const entry = () => ({
      id: randomUUID(),
      at: '2026-11-22T18:05:00Z',
      door: 'issue',
      invoiceId: randomUUID(),
      outcome: 'failed',
      cause: null,
      detail: null,
      address: null,
      connectMs: null,
      tlsMs: null,
      answerMs: null,
      totalMs: 1,
    });
    const good = entry();
    for (const pointer of stringsOf(logEntrySchema, 'free')) setAt(good, pointer, attack);
    const bad = [...stringsOf(logEntrySchema, 'held'), '/door', '/outcome', `/${attack.replaceAll('/', '')}`].map(
      (pointer) => {
        const spoiled = entry();
        setAt(spoiled, pointer, attack);
        return spoiled;
      },
    );
    const entries = [...bad, good];
    const { answer, stored } = await ground.storing(async () =>
      (await counter.call<LogUploadAnswer>('/v1/transaction-logs', { body: { entries } })).json(),
    );
    expect([answer.new, answer.invalid.length]).toEqual([1, bad.length]);
    expect(stored).toEqual({ ...NOTHING_STORED, logEntries: 1 });
    const { rows } = await ground.ground.superuser.query(
      'SELECT cause, detail, address FROM transaction_log_entry WHERE entry_id = $1',
      [good.id],
    );
    expect(rows).toEqual([{ cause: attack, detail: attack, address: attack }]);
  });

  it('does nothing in an address, a header, a nonce or an enrolment', async () => {
    const ascii = /^[ -~]+$/.test(attack) ? attack : 'x';
    const encoded = encodeURIComponent(attack);
    const { answer, stored } = await ground.storing(() =>
      Promise.all([
        counter.call(`/v1/invoices/${encoded}`),
        counter.call(`/v1/originals/${encoded}`),
        counter.call(`/v1/originals/${encoded}/${randomUUID()}`),
        counter.call(`/v1/parameters?version=${encoded}`, { headers: { 'if-none-match': ascii } }),
        counter.call('/v1/echo', { body: { nonce: attack.padEnd(20, '.') } }),
        counter.call('/v1/echo', { body: { nonce: 'n'.repeat(16), [attack]: attack } }),
        call(ground.server, '/.well-known/est/simpleenroll', {
          body: ascii,
          headers: {
            'content-type': 'application/pkcs10',
            authorization: `Basic ${Buffer.from(`${attack}:${attack}`).toString('base64')}`,
          },
        }),
        call(ground.server, `/schemas/${encoded}`, { listener: 'public' }),
      ]),
    );
    expect(answer.map(({ status }) => status)).toEqual([404, 404, 404, 200, 200, 400, 401, 404]);
    expect(stored).toEqual(NOTHING_STORED);
    const issued = await call(ground.server, '/v1/invoices', {
      terminal: till.terminal,
      body: { invoice: till.sign().jws },
      headers: { 'attempt-id': ascii, 'user-agent': ascii },
    });
    expect(issued.json()).toMatchObject({ result: 'issued' });
  });

  it('is stored as it is in what the operator registers', async () => {
    const operator = testPool(ground.ground.database.operatorUrl);
    const id = `t-${randomUUID()}`;
    const texts = { name: attack, region: attack, activity: attack, address: attack };
    await addTaxpayer(operator, { taxpayerId: id, name: attack });
    await addPremises(operator, { premisesId: id, taxpayerId: id, ...texts });
    await addTerminals(operator, [{ terminalId: id, premisesId: id }]);
    await changeStatus(operator, id, 'suspended', attack);
    expect(await listTaxpayers(operator)).toContainEqual({ taxpayerId: id, name: attack });
    expect(await listPremises(operator, id)).toEqual([{ premisesId: id, taxpayerId: id, ...texts }]);
    expect(await findTerminal(operator, id)).toMatchObject({ status: 'suspended', statusReason: attack });
    await expect(addTaxpayer(operator, { taxpayerId: attack, name: 'x' })).rejects.toThrow(/identifier/);
    await operator.end();
  });
});

it('nothing was changed that is no row, and no bug was met', async () => {
  expect(await tables()).toBe(tablesAtFirst);
  expect(ground.server.logLines.filter(({ level }) => level === 'error')).toEqual([]);
});
