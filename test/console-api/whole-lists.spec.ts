import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CustomerReports } from '../../src/public-check/customer-reports.js';
import { listCountedPremises, listCountedTaxpayers, listRegions } from '../../src/registry/registry-lists.js';
import { listPlacedTerminals } from '../../src/registry/terminal-list.js';
import { sliceOf } from '../../src/console-api/page-of.js';
import type { Till } from '../issuance/office.js';
import { signIn, type TestBrowser } from '../support/officials.js';
import { testPool } from '../support/pool.js';
import { aroundNow, type ConsoleGround, openConsoleGround } from './ground.js';

/** More than two pages of a thousand, and more bytes than both ends of a connection hold. */
const COPIES = 6_500;
const TILLS = 7;
const ANY = { text: null, status: null, regions: null, taxpayerIds: null, premisesIds: null, terminalIds: null };
const REPORT = {
  code: '00000000000000000000',
  terminalId: null,
  invoiceId: null,
  premisesId: null,
  standing: 'not_on_file',
  reason: 'other',
  message: 'm',
  language: 'en',
} as const;

let ground: ConsoleGround;
let pool: Pool;
let till: Till;
let browser: TestBrowser;
let agent: Agent;

beforeAll(async () => {
  ground = await openConsoleGround();
  pool = testPool({ connectionString: ground.ground.database.serverUrl, max: 2 });
  agent = new Agent({ rejectUnauthorized: false });
  for (let count = 0; count < TILLS; count += 1)
    till = await ground.till({ taxpayerId: `shop-${count}`, region: `region-${count}` });
  browser = await signIn(ground.server);
});
afterAll(async () => {
  agent.destroy();
  await pool.end();
  await ground.close();
});

/** A whole list in pages of two, each from behind the last row of the one before. */
async function walk<Row>(
  read: (slice: ReturnType<typeof sliceOf>) => Promise<readonly Row[]>,
  idOf: (row: Row) => string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let page = 1; ; page += 1) {
    const last = rows.at(-1);
    const found = await read(sliceOf({ page, pageSize: 2 }, last && idOf(last)));
    rows.push(...found.slice(0, 2));
    if (found.length < 3) return rows;
  }
}

/** An answer of which nothing is read yet. */
function ask(method: 'GET' | 'POST', path: string, body?: object): Promise<IncomingMessage> {
  const { port } = ground.server.addresses.public;
  const headers = { ...browser.headers, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    request({ agent, host: '127.0.0.1', port, path, method, headers }, resolve)
      .on('error', reject)
      .end(body && JSON.stringify(body));
  });
}

async function linesOf(answer: IncomingMessage): Promise<string[]> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
  return text.trimEnd().split('\r\n').slice(1);
}

describe('a list read from behind its last row', () => {
  const limit = 100;

  it.each([
    ['terminals', listPlacedTerminals, ({ terminalId }: { terminalId: string }) => terminalId, ANY],
    ['premises', listCountedPremises, ({ premisesId }: { premisesId: string }) => premisesId, ANY],
    ['taxpayers', listCountedTaxpayers, ({ taxpayerId }: { taxpayerId: string }) => taxpayerId, null],
  ] as const)('has the same %s as the list read at once', async (_name, list, idOf, criteria) => {
    const read = (slice: ReturnType<typeof sliceOf>) => list(pool, 'all', criteria as never, slice);
    const whole = await read({ offset: 0, limit });
    expect(whole.length).toBeGreaterThanOrEqual(TILLS);
    expect(await walk<unknown>(read, idOf as never)).toEqual(whole);
  });

  it('has the same regions', async () => {
    const whole = await listRegions(pool, 'all', { offset: 0, limit });
    expect(whole.length).toBeGreaterThanOrEqual(TILLS);
    expect(
      await walk(
        (slice) => listRegions(pool, 'all', slice),
        ({ region }) => region,
      ),
    ).toEqual(whole);
  });

  it('has each report once, also when others come meanwhile', async () => {
    const reports = new CustomerReports(pool);
    for (let count = 0; count < TILLS; count += 1) await reports.add(REPORT);
    const whole = (await reports.list({ page: 1, pageSize: limit }, null, 'all')).items;
    const read: string[] = [];
    for (let page = 1, more = true; more; page += 1) {
      const found = await reports.list({ page, pageSize: 2 }, null, 'all', read.at(-1));
      read.push(...found.items.map(({ reportId }) => reportId));
      ({ more } = found);
      await reports.add(REPORT);
    }
    expect(read).toEqual(whole.map(({ reportId }) => reportId));
  });
});

describe('a CSV of many rows', () => {
  it('has each invoice once, also when others are issued meanwhile', async () => {
    await ground.sell(till);
    await ground.ground.superuser.query(
      `INSERT INTO ledger SELECT (jsonb_populate_record(ledger, jsonb_build_object(
         'sequence', ledger.sequence + 1000000 + n, 'invoice_id', gen_random_uuid(), 'counter', n + 100000,
         'code', lpad((ledger.sequence + 1000000 + n)::text, 12, '0') || substr(ledger.code, 13),
         'issued_at', ledger.issued_at - make_interval(secs => n % 100)))).*
       FROM ledger, generate_series(1, ${COPIES}) AS n`,
    );
    const answer = await ask('POST', '/v1/console/invoices/searches?format=csv', {
      ...aroundNow(),
      terminalId: till.terminal.terminalId,
      premisesId: till.terminal.premisesId,
      reason: 'audit of a shop',
    });
    expect(answer.statusCode).toBe(200);
    await ground.sell(till);
    const lines = await linesOf(answer);
    expect([lines.length, new Set(lines).size]).toEqual([COPIES + 1, COPIES + 1]);
    const times = lines.map((line) => line.split(',')[6] ?? '');
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it('has each refused invoice once, also when others are refused meanwhile', async () => {
    const refuse = async (): Promise<void> => {
      const [header, payload] = till.sign().jws.split('.');
      expect(await ground.send(till, `${header}.${payload}.${'A'.repeat(86)}`)).toBe(422);
    };
    await refuse();
    await ground.ground.superuser.query(
      `INSERT INTO refused_invoice OVERRIDING SYSTEM VALUE
       SELECT (jsonb_populate_record(refused, jsonb_build_object('refused_id', refused.refused_id + 1000000 + n,
         'refused_at', refused.refused_at - make_interval(secs => n % 100), 'digest', sha256(n::text::bytea)))).*
       FROM refused_invoice AS refused, generate_series(1, ${COPIES}) AS n`,
    );
    const { from, to } = aroundNow();
    const answer = await ask('GET', `/v1/console/refused-invoices?from=${from}&to=${to}&zone=UTC&step=day&format=csv`);
    expect(answer.statusCode).toBe(200);
    await refuse();
    const lines = await linesOf(answer);
    expect([lines.length, new Set(lines).size]).toEqual([COPIES + 1, COPIES + 1]);
  });
});
