import { mkdirSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillingInterface, SaleResult } from '../api.js';
import { describeStatus } from '../cli/print.js';
import { markFileOf } from '../journal/mark-file.js';
import { verifyJournal } from '../journal/verify-journal.js';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';

let bench: TillBench;
beforeEach(async () => {
  bench = await TillBench.set();
});
afterEach(() => bench.end());

/** Pages that leave room for some sales, online and offline. */
const PAGES = 50;

async function sellUntilFull(till: BillingInterface, prefix: string): Promise<Map<string, SaleResult>> {
  const answers = new Map<string, SaleResult>();
  for (let number = 1; ; number += 1) {
    const saleId = `${prefix} ${number}`;
    const answer = await till.issue(saleId, draft(saleId));
    answers.set(saleId, answer);
    if (answer.result === 'journal_unavailable') return answers;
  }
}

describe('a full disk', () => {
  it.each(['online', 'offline'])(
    'is told before the sale, and every sale before it keeps its answer (%s)',
    async (line) => {
      if (line === 'offline') bench.server.fault = () => ({ kind: 'reset' });
      const till = await bench.openTill({ journalPagesMax: PAGES });
      const answers = await sellUntilFull(till, line);
      const [lastId, last] = [...answers].at(-1)!;
      answers.delete(lastId);
      expect(last).toMatchObject({
        result: 'journal_unavailable',
        detail: expect.stringMatching(/disk is full.*nothing was signed/s) as string,
      });
      expect(answers.size).toBeGreaterThan(3);
      expect(till.lookUp(lastId)).toBeNull();
      expect(till.status().lastCounter).toBe(answers.size);
      await till.close();

      // There is room again.
      bench.server.fault = () => null;
      const enlarged = await bench.openTill();
      expect(await enlarged.drain()).toMatchObject({ stillWaiting: 0, cause: null });
      for (const saleId of answers.keys()) expect(enlarged.lookUp(saleId)).toMatchObject({ result: 'issued' });
      expect(await enlarged.issue(lastId, draft(lastId))).toMatchObject({
        result: 'issued',
        counter: answers.size + 1,
      });
      expect(bench.server.office.filed.size).toBe(answers.size + 1);
      await enlarged.close();
      expect(verifyJournal(bench.directory)).toMatchObject({ ok: true });
    },
  );

  it('that fills between signing and sealing costs nobody his code', async () => {
    const codes = new Map<string, string>();
    const till = await bench.openTill({ journalPagesMax: PAGES });
    for (const [saleId, answer] of await sellUntilFull(till, 'sale'))
      if (answer.result === 'issued') codes.set(saleId, answer.code);
    await till.close();
    const enlarged = await bench.openTill();
    await enlarged.drain();
    for (const [saleId, code] of codes) expect(enlarged.lookUp(saleId)).toMatchObject({ result: 'issued', code });
  });

  it('that does not take the mark stops no sale, and the status says so until it does', async () => {
    const mark = markFileOf(bench.files.journal);
    rmSync(mark, { force: true });
    mkdirSync(mark);
    const till = await bench.openTill();
    for (const saleId of ['a', 'b'])
      expect(await till.issue(saleId, draft(saleId))).toMatchObject({ result: 'issued' });
    const { mark: kept } = till.status();
    expect(kept).toMatchObject({ state: 'not_written', detail: expect.stringContaining('EISDIR') as string });
    expect(describeStatus(till.status())).toMatch(/mark of the journal\s+not written \(.*Check the disk/);
    rmSync(mark, { recursive: true });
    await till.issue('c', draft('c'));
    expect(describeStatus(till.status())).not.toContain('mark');
  });
});
