import { appendFile, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openShop, type Shop } from './agent/shop.js';
import { type AgentProcess, startAgentProcess, taxTerminal } from './agent/till-process.js';

interface Sale {
  readonly result: string;
  readonly saleId: string;
  readonly invoiceId: string;
  readonly counter: number;
  readonly code?: string;
  readonly cause?: string;
  readonly detail?: string;
  readonly receiptText?: string;
}

let shop: Shop;
let agent: AgentProcess;

beforeAll(async () => {
  shop = await openShop();
  await shop.addTill('till-1');
  await shop.addTill('till-2');
  agent = await startAgentProcess(shop.directory);
});
afterAll(async () => {
  await agent.end();
  await shop.close();
});

// A test that failed must not leave a bad line to the next.
afterEach(() => shop.line.mend());

function draft(amount: number): object {
  return {
    kind: 'sale',
    number: `R-${amount}`,
    currency: 'GBP',
    priceBasis: 'gross',
    lines: [{ type: 'goods', description: 'Tea', quantity: '1', unitPrice: String(amount), taxCategory: 'standard' }],
    payments: [{ method: 'cash', amount }],
  };
}

async function sell(saleId: string, amount: number, terminalId = 'till-1'): Promise<[number, Sale]> {
  const answer = await agent.post(`/v1/terminals/${terminalId}/sales/${saleId}?receipt=42`, draft(amount));
  return [answer.status, (await answer.json()) as Sale];
}

async function onFile(invoiceId: string): Promise<string[]> {
  const { rows } = await shop.ground.superuser.query<{ code: string }>(
    'SELECT code FROM ledger WHERE invoice_id = $1',
    [invoiceId],
  );
  return rows.map(({ code }) => code);
}

describe('an agent with the real till and the real server', () => {
  it('sells with a code, and gives the same answer again', async () => {
    const [status, sale] = await sell('online', 255);
    expect([status, sale.result]).toEqual([200, 'issued']);
    expect(sale.code).toMatch(/^9[0-9]{19}$/);
    expect(await onFile(sale.invoiceId)).toEqual([sale.code]);
    expect(sale.receiptText).toContain('TEST - NOT A REAL RECEIPT');
    const again = { ...sale, repeated: true, firstAt: expect.any(String) as string };
    expect(await sell('online', 255)).toEqual([200, again]);
    expect((await sell('online', 256))[0]).toBe(409);
  });

  it('goes on selling when the line is cut, and tells late codes in the feed', async () => {
    shop.line.cut();
    const [status, sale] = await sell('offline', 300);
    expect([status, sale.result]).toEqual([202, 'stored_offline']);
    expect(sale.receiptText).toContain('TAX CONTROL CODE PENDING');
    const [secondStatus, second] = await sell('offline-2', 301);
    expect([secondStatus, second.counter]).toEqual([202, sale.counter + 1]);
    const feed = (await (await agent.get('/v1/terminals/till-1/feed')).json()) as { cursor: number };
    const waiting = agent.get(`/v1/terminals/till-1/feed?cursor=${feed.cursor}&waitMs=20000`);
    shop.line.mend();
    const drained = await agent.post('/v1/terminals/till-1/drain');
    expect(await drained.json()).toMatchObject({ stillWaiting: 0, cause: null });
    const { events } = (await (await waiting).json()) as { events: Sale[] };
    expect(events[0]).toMatchObject({ kind: 'issued', saleId: 'offline' });
    const found = (await (await agent.get('/v1/terminals/till-1/sales/offline')).json()) as Sale;
    expect(found).toMatchObject({ result: 'issued', invoiceId: sale.invoiceId, code: events[0]?.code });
    expect(await onFile(sale.invoiceId)).toEqual([found.code]);
    const receipt = await (await agent.get('/v1/terminals/till-1/sales/offline/receipt?columns=32')).text();
    expect(receipt).toContain(found.code?.slice(0, 5));
  });

  it('is killed between signing and answering: the same saleId gives one invoice, one code', async () => {
    const [, before] = await sell('before', 400);
    shop.line.loseAnswers();
    const lost = sell('lost', 401).then(
      () => 'answered',
      () => 'cut off',
    );
    const committed = async (): Promise<string[]> => {
      const { rows } = await shop.ground.superuser.query<{ code: string }>(
        `SELECT code FROM ledger WHERE terminal_id = 'till-1' AND counter = $1`,
        [before.counter + 1],
      );
      return rows.map(({ code }) => code);
    };
    await expect.poll(committed, { interval: 10 }).toHaveLength(1);
    await agent.end('SIGKILL');
    expect(await lost).toBe('cut off');
    expect(shop.line.lostBytes).toBeGreaterThan(0);
    shop.line.mend();
    agent = await startAgentProcess(shop.directory);
    const [, again] = await sell('lost', 401);
    expect(again.counter).toBe(before.counter + 1);
    await agent.post('/v1/terminals/till-1/drain');
    const [status, now] = await sell('lost', 401);
    expect(status).toBe(200);
    expect(now).toMatchObject({ result: 'issued', invoiceId: again.invoiceId, counter: again.counter });
    expect(await committed()).toEqual([now.code]);
    expect((await sell('after', 402))[1].counter).toBe(before.counter + 2);
  });

  it('tells a suspended till why, before it signs, and lets it sell again', async () => {
    await shop.control('terminal', 'suspend', 'till-2');
    // It takes effect within a second; sales before that are issued. Either a sale hears of it first, and waits, or an errand of the till.
    const sold: Sale[] = [];
    const sellNext = async (): Promise<string> => {
      const [, sale] = await sell(`suspended-${sold.length}`, 500, 'till-2');
      sold.push(sale);
      return sale.result;
    };
    await expect.poll(sellNext, { timeout: 60_000 }).toBe('not_permitted');
    const last = sold.at(-1)!;
    const waiting = sold.filter(({ cause }) => cause === 'terminal_suspended');
    expect(waiting.length).toBeLessThanOrEqual(1);
    const [status, refused] = await sell('suspended', 501, 'till-2');
    expect([status, refused.result]).toEqual([403, 'not_permitted']);
    expect(refused.detail).toContain('suspended');
    await shop.control('terminal', 'resume', 'till-2');
    const now = async (): Promise<string> => {
      await agent.post('/v1/terminals/till-2/drain');
      return (await sell(last.saleId, 500, 'till-2'))[1].result;
    };
    await expect.poll(now, { timeout: 60_000 }).toBe('issued');
    for (const { saleId } of waiting)
      await expect.poll(async () => (await sell(saleId, 500, 'till-2'))[1].result, { timeout: 60_000 }).toBe('issued');
  });

  it('holds its journals against a second agent, whose other tills go on', async () => {
    const other = join(shop.directory, 'other');
    const folder = await shop.addTill('till-3');
    const second = await startAgentProcess(shop.directory, '--token-file', `${other}-token`);
    try {
      const state = Object.fromEntries(second.terminals.map(({ terminalId, state: at }) => [terminalId, at]));
      expect(state).toEqual({ 'till-1': 'unavailable', 'till-2': 'unavailable', 'till-3': 'open' });
      const refused = await second.post('/v1/terminals/till-1/sales/x', draft(1));
      expect(refused.status).toBe(503);
      expect(await refused.json()).toMatchObject({
        result: 'journal_unavailable',
        detail: expect.stringContaining('held') as string,
      });
      expect((await second.post('/v1/terminals/till-3/sales/x', draft(100))).status).toBe(200);
    } finally {
      expect(await second.end('SIGTERM')).toBe(0);
    }
    const status = await taxTerminal(['status', '--directory', folder, '--json']);
    expect(JSON.parse(status.out)).toMatchObject({ terminalId: 'till-3', issued: 1 });
    const held = await taxTerminal(['status', '--directory', join(shop.directory, 'till-1')]);
    expect([held.status, held.err]).toEqual([3, expect.stringContaining('--agent URL')]);
    const asked = ['--agent', agent.url, '--terminal', 'till-1', '--token-file', agent.tokenFile];
    expect((await taxTerminal(['status', ...asked])).out).toContain('till-1');
  });

  it('leaves a damaged journal as it is, and serves the other tills', async () => {
    const root = join(shop.directory, 'copied', 'tills');
    const folder = await shop.addTill('till-4');
    await mkdir(join(root, 'till-4'), { recursive: true });
    for (const name of ['terminal.json', 'key.pem', 'certificate.pem', 'ca.pem'])
      await copyFile(join(folder, name), join(root, 'till-4', name));
    const journal = join(root, 'till-4', 'journal.sqlite');
    const garbage = 'this is no database '.repeat(1000);
    await writeFile(journal, garbage);
    const till5 = await shop.addTill('till-5');
    const third = await startAgentProcess(root, '--directory', till5);
    try {
      expect(third.terminals).toMatchObject([
        { terminalId: 'till-4', state: 'unavailable', detail: expect.stringContaining('damaged') as string },
        { terminalId: 'till-5', state: 'open' },
      ]);
      expect((await third.post('/v1/terminals/till-5/sales/x', draft(100))).status).toBe(200);
      expect(await readFile(journal, 'utf8')).toBe(garbage);
    } finally {
      await third.end();
    }
    await appendFile(journal, '');
  });

  it('exports and verifies a journal, and prints receipts by command', async () => {
    const folder = await shop.addTill('till-6');
    const issued = await taxTerminal(['issue', '-d', folder, '-s', 'a', '--json'], JSON.stringify(draft(500)));
    expect([issued.status, issued.err]).toEqual([0, '']);
    const { code } = JSON.parse(issued.out) as Sale;
    const printed = await taxTerminal(['receipt', 'a', '-d', folder, '--columns', '42']);
    expect(printed.out).toContain(code?.slice(0, 5));
    expect(await taxTerminal(['verify', '-d', folder])).toMatchObject({ status: 0 });
    const exported = await taxTerminal(['export', '-d', folder]);
    expect(
      exported.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object).length,
    ).toBeGreaterThan(1);
    const log = await taxTerminal(['log', '-d', folder, '--json']);
    expect(JSON.parse(log.out)).toMatchObject({ entries: [{ outcome: 'issued' }] });
  });
});
