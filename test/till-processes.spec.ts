import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { exportJournal, type SaleIssued, verifyJournal } from '@tax-control/billing-interface';
import { type ChildOrder, draft, TillBench } from '@tax-control/billing-interface/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const CHILD = fileURLToPath(new URL('../packages/billing-interface/dist/testing/child-till.js', import.meta.url));

let bench: TillBench;
const children: ChildProcess[] = [];
beforeEach(async () => {
  bench = await TillBench.set();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await bench.end();
});

interface Child {
  readonly process: ChildProcess;
  /** What it has said so far, each line parsed. */
  readonly said: Record<string, unknown>[];
  /** Resolves when it has said so many lines, or has ended. */
  until(lines: number): Promise<void>;
  /** The signal that ended it; null: it ended by itself. */
  readonly ended: Promise<NodeJS.Signals | null>;
}

function startTill(order: Omit<ChildOrder, 'directory'>): Child {
  const whole: ChildOrder = { directory: bench.directory, ...order };
  const child = spawn(process.execPath, [CHILD, JSON.stringify(whole)], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const said: Record<string, unknown>[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => said.push(JSON.parse(line) as Record<string, unknown>));
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  const until = async (count: number): Promise<void> => {
    while (said.length < count && child.exitCode === null && child.signalCode === null)
      await Promise.race([once(lines, 'line'), ended]);
  };
  return { process: child, said, until, ended };
}

const filed = () => [...bench.server.office.filed.values()];

describe('a till that is killed between signing and answering', () => {
  it.each([
    ['signed', 0],
    ['answered', 1],
    ['sealed', 1],
  ] as const)('at “%s”: the same saleId gets the answer of the same invoice', async (dieAt, filedBefore) => {
    expect(await startTill({ dieAt, sales: ['sale 1'] }).ended).toBe('SIGKILL');
    expect(filed()).toHaveLength(filedBefore);
    const [line] = [...exportJournal(bench.directory)]
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .filter(({ kind }) => kind === 'invoice');

    const till = await bench.openTill();
    const sale = (await till.issue('sale 1', draft('sale 1'))) as SaleIssued;
    expect(sale).toMatchObject({ result: 'issued', counter: 1, invoiceId: line!['invoiceId'] });
    expect(filed()).toMatchObject([{ code: sale.code, invoice: { id: sale.invoiceId } }]);
    expect(await till.issue('sale 1', draft('sale 1'))).toMatchObject({ ...sale, repeated: true });
    expect(await till.issue('sale 1', draft('other'))).toMatchObject({ result: 'sale_id_conflict' });
    expect(await till.issue('sale 2', draft('sale 2'))).toMatchObject({ result: 'issued', counter: 2 });
    await till.close();
    expect(verifyJournal(bench.directory)).toMatchObject({ ok: true, invoices: 2, issued: 2 });
  });

  it.each(['signed', 'answered', 'sealed'] as const)(
    'at “%s”: no loss is told, but one is when the -wal file is removed then',
    async (dieAt) => {
      await startTill({ sales: ['sale 1'] }).ended;
      await startTill({ dieAt, sales: ['sale 2'] }).ended;
      const journal = join(bench.directory, 'journal.sqlite');
      const [mark, wal] = [readFileSync(join(bench.directory, 'journal.mark')), readFileSync(`${journal}-wal`)];
      const file = readFileSync(journal);
      const whole = await bench.openTill();
      expect(whole.status()).toMatchObject({ lastCounter: 2, losses: [], mark: { state: 'kept' } });
      await whole.close();
      writeFileSync(join(bench.directory, 'journal.mark'), mark);
      writeFileSync(journal, file);
      expect(wal.length).toBeGreaterThan(0);
      const robbed = await bench.openTill();
      expect(robbed.status().losses).toMatchObject([{ found: 1, written: 2 }]);
    },
  );

  it('the attempt that was under way is in the log as interrupted', async () => {
    await startTill({ dieAt: 'answered', sales: ['sale 1'] }).ended;
    const till = await bench.openTill();
    expect(till.lookUp('sale 1')).toMatchObject({ result: 'stored_offline', cause: 'till_restarted' });
    expect(till.log()).toMatchObject([{ outcome: 'failed', cause: 'till_restarted', door: 'issue' }]);
    const [attempt] = till.log();
    expect(bench.server.requests[0]!.headers['attempt-id']).toBe(attempt!.id);
  });

  it('tells the server that the sale was resumed: its age says nothing about the clock', async () => {
    await startTill({ dieAt: 'answered', sales: ['sale 1'] }).ended;
    const till = await bench.openTill();
    await till.issue('sale 1', draft('sale 1'));
    await till.issue('sale 2', draft('sale 2'));
    const sent = bench.server.requests.filter(({ path }) => path === '/v1/invoices');
    expect(sent.map(({ body }) => (JSON.parse(body) as { resumed?: boolean }).resumed)).toEqual([
      undefined,
      true,
      undefined,
    ]);
  });

  it.each(['chunk_written', 'chunk_answered'] as const)(
    'at “%s” of the late door: nothing is lost, nothing twice',
    async (dieAt) => {
      bench.server.fault = () => ({ kind: 'reset' });
      await startTill({ sales: ['sale 1', 'sale 2', 'sale 3'] }).ended;
      bench.server.fault = () => null;
      expect(await startTill({ dieAt, drain: true }).ended).toBe('SIGKILL');
      const till = await bench.openTill();
      expect(till.status()).toMatchObject({ waiting: 3 });
      expect(await till.drain()).toMatchObject({ stillWaiting: 0, cause: null });
      const codes = ['sale 1', 'sale 2', 'sale 3'].map((saleId) => (till.lookUp(saleId) as SaleIssued).code);
      expect(codes).toEqual(filed().map(({ code }) => code));
      expect(new Set(codes).size).toBe(3);
    },
  );

  it('at any moment, again and again: every accepted sale has its code in the end', async () => {
    const accepted = new Set<string>();
    const rounds = 5;
    for (let round = 1; round <= rounds; round += 1) {
      const sales = Array.from({ length: 200 }, (_, index) => `sale ${round}.${index}`);
      const child = startTill({ sales });
      // Some sales into the round, wherever the process is just then.
      await child.until(1 + round * 3);
      child.process.kill('SIGKILL');
      expect(await child.ended).toBe('SIGKILL');
      for (const { result, saleId } of child.said) if (result === 'issued') accepted.add(String(saleId));
      expect(verifyJournal(bench.directory)).toMatchObject({ ok: true });
    }
    const till = await bench.openTill();
    await till.drain();
    expect(till.status()).toMatchObject({ waiting: 0, refused: 0 });
    expect(accepted.size).toBeGreaterThanOrEqual(rounds * 3);
    for (const saleId of accepted) expect(till.lookUp(saleId)).toMatchObject({ result: 'issued' });
    expect(till.status().issued).toBe(filed().length);
    expect(new Set(filed().map(({ invoice }) => invoice.counter)).size).toBe(till.status().lastCounter);
  });
});

describe('two programs on one journal', () => {
  it('the second one is told who has it, and the first goes on', async () => {
    const child = startTill({ stay: true });
    await child.until(1);
    await expect(bench.openTill()).rejects.toMatchObject({
      code: 'journal_unavailable',
      message: expect.stringContaining(`Child till 1.0.0, process ${child.process.pid}`) as string,
    });
    expect(child.process.exitCode).toBeNull();
    child.process.kill('SIGKILL');
    await child.ended;
    expect((await bench.openTill()).status().lastCounter).toBe(0);
  });
});
