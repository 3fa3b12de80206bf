import { JournalExportTally, type InvoiceResult, problem } from '@tax-control/protocol';
import type { HandedJournal } from '@tax-control/protocol/console';
import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { handIn } from '../../src/handed-journals/hand-in.js';
import { listHandedInvoices } from '../../src/handed-journals/handed-invoice-store.js';
import { readHandedJournal } from '../../src/handed-journals/handed-journal-store.js';
import { JournalIntake, type JournalIntakeParts } from '../../src/reissue/journal-intake.js';
import { PinoLog } from '../../src/observability/pino-log.js';
import { Parameters } from '../../src/registry/parameters.js';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { type Office, openOffice, type Till } from '../issuance/office.js';

type Answer = Awaited<ReturnType<JournalIntakeParts['lateDoor']['reissue']>>;

let office: Office;
let pool: Pool;
let intakes: JournalIntake[] = [];

beforeAll(async () => {
  office = await openOffice({ settings: { threshold: 4 } });
  ({ pool } = office);
});
afterAll(() => office.close());
afterEach(async () => {
  await Promise.all(intakes.map((intake) => intake.beforeApplicationShutdown()));
  intakes = [];
});

const issued = (): InvoiceResult => ({ result: 'issued', receipt: 'a.b.c', warnings: [] });

/** A server's job whose late door answers so. */
function begin(answer: (texts: readonly string[]) => Answer | Promise<Answer>): JournalIntake {
  const refused = (): never => {
    throw new Error('no receipt was handed in');
  };
  const intake = new JournalIntake(
    {
      pool,
      lateDoor: { reissue: async (texts) => answer(texts), foresee: refused },
      restorations: { restore: refused, foresee: refused },
      certificates: { show: () => Promise.resolve({ result: 'known' }) },
      directory: new TerminalDirectory(pool),
      parameters: new Parameters(pool, office.keys),
      keys: office.keys,
      jumps: { lastJump: null },
      log: new PinoLog('error', { write: () => undefined }),
    },
    5,
  );
  intake.onApplicationBootstrap();
  intakes.push(intake);
  return intake;
}

async function handedIn(till: Till, jws: readonly string[]): Promise<number> {
  const lines = [
    { kind: 'till', exportVersion: 2, terminalId: till.terminalId },
    ...jws.map((invoice) => ({ kind: 'invoice', invoice, receipt: null })),
  ];
  const tally = new JournalExportTally();
  for (const line of lines) tally.add(JSON.stringify(line), line.kind);
  const file = Buffer.from([...lines, tally.end()].map((line) => `${JSON.stringify(line)}\n`).join(''));
  const outcome = await handIn(pool, {
    async *open() {
      yield await Promise.resolve(file);
    },
    handedBy: 'spec',
    reason: 'a spec',
    isCheck: false,
    takesBroken: false,
    sees: () => true,
    record: () => Promise.resolve(),
  });
  if (outcome.result === 'refused') throw new Error(outcome.because);
  return outcome.journal.handedId;
}

async function until(handedId: number, state: HandedJournal['state']): Promise<HandedJournal> {
  await expect.poll(async () => (await readHandedJournal(pool, handedId))?.state, { timeout: 20_000 }).toBe(state);
  return (await readHandedJournal(pool, handedId))!;
}

describe('a server that takes in a journal', () => {
  it('brings lists no longer than the threshold, in the order of the file, each once', async () => {
    const till = await office.till();
    const texts = Array.from({ length: 10 }, () => till.sign().jws);
    const brought: (readonly string[])[] = [];
    begin((list) => {
      brought.push(list);
      return { results: list.map(issued), allowance: 4, lastCounter: null, lastJump: null, newestKnown: true };
    });
    await until(await handedIn(till, texts), 'done');
    expect(brought.map(({ length }) => length)).toEqual([4, 4, 2]);
    expect(brought.flat()).toEqual(texts);
  });

  it('waits where the door is busy, and says so of no invoice', async () => {
    const till = await office.till();
    let calls = 0;
    begin((list) => {
      calls += 1;
      if (calls < 4) return problem('server_busy', { retryAfterMs: 1 });
      return { results: list.map(issued), allowance: 4, lastCounter: null, lastJump: null, newestKnown: true };
    });
    const { results } = await until(await handedIn(till, [till.sign().jws]), 'done');
    expect([results.issued, calls]).toEqual([1, 4]);
  });

  it('defers an invoice that nobody can judge, and takes its neighbours in', async () => {
    const till = await office.till();
    const texts = Array.from({ length: 4 }, () => till.sign().jws);
    begin((list) => {
      if (list.includes(texts[2]!)) throw new Error('a bug');
      return { results: list.map(issued), allowance: 4, lastCounter: null, lastJump: null, newestKnown: true };
    });
    const handedId = await handedIn(till, texts);
    expect((await until(handedId, 'deferred')).results).toMatchObject({ issued: 3, deferred: 1 });
    const odd = await listHandedInvoices(pool, handedId, { result: 'deferred', after: 0, limit: 10 });
    expect(odd).toMatchObject([{ line: 4, problem: { code: 'internal_error' } }]);
  });

  it('takes every invoice in once where two servers begin together', async () => {
    const till = await office.till();
    const texts = Array.from({ length: 12 }, () => till.sign().jws);
    const brought: string[] = [];
    const handedId = await handedIn(till, texts);
    for (let server = 1; server <= 2; server += 1)
      begin((list) => {
        brought.push(...list);
        return { results: list.map(issued), allowance: 4, lastCounter: null, lastJump: null, newestKnown: true };
      });
    await until(handedId, 'done');
    expect(brought).toEqual(texts);
  });

  it('keeps nothing of a list in an outage, and goes on with it', async () => {
    const till = await office.till();
    let calls = 0;
    begin((list) => {
      calls += 1;
      if (calls === 1) throw Object.assign(new Error('terminating connection'), { code: '57P01' });
      return { results: list.map(issued), allowance: 4, lastCounter: null, lastJump: null, newestKnown: true };
    });
    const { results } = await until(await handedIn(till, [till.sign().jws, till.sign().jws]), 'done');
    expect(results).toMatchObject({ issued: 2, deferred: 0 });
  });
});
