import { setTimeout as delay } from 'node:timers/promises';
import { problem } from '@tax-control/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { BillingInterface, SaleIssued, SaleResult } from '../api.js';
import { verifyJournal } from '../journal/verify-journal.js';
import type { Fault } from '../testing/stand-in-server.js';
import { TillBench } from '../testing/till-bench.js';
import { draft, takeParameters } from '../testing/till-folder.js';

const DEADLINE_MS = 150;
const SALES = 80;

let bench: TillBench;
afterEach(() => bench.end());

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Half of the requests go well; to the others happens whatever can. */
function badWeather(random: () => number): () => Fault | null {
  const faults: (() => Fault)[] = [
    () => ({ kind: 'hang' }),
    () => ({ kind: 'reset' }),
    () => ({ kind: 'lose' }),
    () => ({ kind: 'cut' }),
    () => ({ kind: 'hold', until: delay(random() * 2 * DEADLINE_MS) }),
    () => ({ kind: 'flood', bytes: 5_000_000 }),
    () => ({ kind: 'answer', status: 503, body: problem('outcome_unknown') }),
    () => ({ kind: 'answer', status: 500, body: problem('internal_error') }),
    () => ({ kind: 'answer', status: 502, body: 'Bad Gateway' }),
    () => ({ kind: 'answer', status: 200, body: {} }),
  ];
  return () => (random() < 0.5 ? null : faults[Math.floor(random() * faults.length)]!());
}

async function sellThrough(till: BillingInterface, random: () => number): Promise<Map<string, SaleResult>> {
  const answers = new Map<string, SaleResult>();
  const sales: Promise<unknown>[] = [];
  for (let number = 1; number <= SALES; number += 1) {
    const saleId = `sale ${number}`;
    sales.push(till.issue(saleId, draft(saleId)).then((answer) => answers.set(saleId, answer)));
    // Nobody waits for it: a chunk that hangs may take longer than the spec.
    if (random() < 0.1) void till.drain();
    await delay(random() * 20);
  }
  await Promise.all(sales);
  return answers;
}

describe('in a storm', () => {
  it.each([1, 2, 3])('no sale is lost, none has two codes, every answer holds (seed %i)', async (seed) => {
    bench = await TillBench.set();
    const { office } = bench.server;
    office.publish({ deadlineMs: DEADLINE_MS, threshold: 7 });
    takeParameters(bench.files, bench.authority, bench.server);
    const random = randomOf(seed);
    bench.server.fault = badWeather(random);
    const till = await bench.openTill({ pace: { probeMs: 10, probeMsMax: 40, drainMs: 20, idleMs: 50 } });
    const answers = await sellThrough(till, random);
    const given = [...answers.values()].map(({ result }) => result);
    expect(given).toContain('stored_offline');
    expect(given.filter((result) => result !== 'issued' && result !== 'stored_offline')).toEqual([]);

    bench.server.fault = () => null;
    // What hangs would be waited for; after the storm nothing does.
    bench.server.cutAll();
    await till.drain();
    await till.drain();
    expect(till.status()).toMatchObject({ waiting: 0, issued: SALES });
    await till.close();
    const reopened = await bench.openTill();
    expect(office.filed.size).toBe(SALES);
    for (const [saleId, answer] of answers) {
      const now = reopened.lookUp(saleId) as SaleIssued;
      const filed = office.filed.get(now.invoiceId);
      expect(now).toMatchObject({ result: 'issued', code: filed?.code, receiptJws: filed?.receipt });
      // What the MIS was told with a code never changes.
      expect([undefined, now.code]).toContain((answer as Partial<SaleIssued>).code);
    }
    expect(Math.max(...office.chunks)).toBeLessThanOrEqual(7);
    await reopened.close();
    expect(verifyJournal(bench.directory)).toMatchObject({ ok: true, invoices: SALES, issued: SALES });
  });
});
