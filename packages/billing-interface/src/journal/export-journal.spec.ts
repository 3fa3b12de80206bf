import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { JournalExportTally, parseCompactJws } from '@tax-control/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRaw } from '../testing/journal-fixture.js';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';
import { exportJournal } from './export-journal.js';
import { openCopyOf } from './journal-on-disk.js';
import { verifyJournal } from './verify-journal.js';

let bench: TillBench;
beforeEach(async () => {
  bench = await TillBench.set();
});
afterEach(() => bench.end());

type Line = Record<string, unknown>;
const exported = (): Line[] => [...exportJournal(bench.directory)].map((line) => JSON.parse(line) as Line);
const invoicesOf = (lines: readonly Line[]): Line[] => lines.filter(({ kind }) => kind === 'invoice');

/** Of SQLite's file. */
const PAGE_BYTES = 4096;

/** The end of a signed invoice, as it lies in the file. */
function signatureAt(file: string, position: number): string {
  const database = openRaw(file);
  try {
    return String(database.value(`SELECT jws FROM invoices WHERE position = ${position}`)).slice(-40);
  } finally {
    database.close();
  }
}

/** Sells so many, the first one online, the rest while the server is gone; then closes the till. */
async function sell(count: number): Promise<void> {
  const till = await bench.openTill();
  await till.issue('sale 1', draft('R-1'));
  bench.server.fault = () => ({ kind: 'reset' });
  for (let number = 2; number <= count; number += 1) await till.issue(`sale ${number}`, draft(`R-${number}`));
  await till.close();
}

describe('an export', () => {
  it('holds invoices, receipts, states, log and feed, a line each', async () => {
    await sell(3);
    const lines = exported();
    expect(lines[0]).toEqual({ kind: 'till', exportVersion: 2, terminalId: 'till-1' });
    const kinds = new Set(lines.map(({ kind }) => kind));
    expect([...kinds]).toEqual(['till', 'journal', 'certificate', 'setting', 'invoice', 'log', 'feed', 'end']);
    const [issued, waiting] = invoicesOf(lines);
    expect(issued).toMatchObject({ saleId: 'sale 1', terminalId: 'till-1', counter: 1, state: 'issued', cause: null });
    expect(parseCompactJws(issued!['receipt'] as string)).not.toBeNull();
    expect(waiting).toMatchObject({ saleId: 'sale 2', state: 'waiting', cause: 'connection_reset', receipt: null });
    expect(parseCompactJws(waiting!['invoice'] as string)).not.toBeNull();
    const logs = lines.filter(({ kind }) => kind === 'log');
    expect(logs).toMatchObject([{ outcome: 'issued' }, { cause: 'connection_reset' }, { outcome: 'not_tried' }]);
  });

  it('ends with a line that says what stands before it', async () => {
    await sell(3);
    const texts = [...exportJournal(bench.directory)];
    const tally = new JournalExportTally();
    for (const text of texts.slice(0, -1)) tally.add(text, (JSON.parse(text) as Line)['kind']);
    expect(JSON.parse(texts.at(-1)!)).toEqual(tally.end());
    expect(tally.end()).toMatchObject({ lines: texts.length - 1, invoices: 3, unreadable: 0 });
  });

  it('needs neither the till’s key nor its enrolment', async () => {
    await sell(2);
    for (const name of readdirSync(bench.directory))
      if (!name.startsWith('journal.sqlite')) rmSync(join(bench.directory, name));
    const lines = exported();
    expect(lines[0]).toEqual({ kind: 'till', exportVersion: 2, terminalId: null });
    expect(invoicesOf(lines)).toMatchObject([{ terminalId: 'till-1' }, { terminalId: 'till-1' }]);
    expect(lines.filter(({ kind }) => kind === 'certificate')).toHaveLength(1);
  });

  it('reads a copy, WAL included, where the folder takes no writing, and leaves nothing behind', async () => {
    const till = await bench.openTill();
    await till.issue('sale 1', draft('R-1'));
    // The till still runs, so what it sold is in the WAL alone.
    const before = readdirSync(bench.directory).toSorted();
    const { database, close } = openCopyOf(bench.files.journal);
    expect(database.value('SELECT count(*) FROM invoices')).toBe(1);
    close();
    expect(readdirSync(bench.directory).toSorted()).toEqual(before);
  });

  it('is refused while a till holds the journal', async () => {
    await bench.openTill();
    expect(() => exported()).toThrow(/Another program has the journal open.*Example till 1.0.0, process/);
  });

  it('saves what can be read of a damaged journal, says what cannot, and changes nothing', async () => {
    await sell(60);
    const file = bench.files.journal;
    const { size } = statSync(file);
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, Buffer.alloc(8192, 0xa5), 0, 8192, Math.floor(size / 8192 / 2) * 8192);
    closeSync(descriptor);
    const before = readFileSync(file);
    await expect(bench.openTill()).rejects.toMatchObject({ code: 'journal_unavailable' });
    const lines = exported();
    expect(lines.some(({ kind }) => kind === 'unreadable')).toBe(true);
    expect(invoicesOf(lines).length).toBeGreaterThan(10);
    expect(new Set(invoicesOf(lines).map(({ counter }) => counter)).size).toBe(invoicesOf(lines).length);
    expect(lines.at(-1)).toMatchObject({
      kind: 'end',
      unreadable: lines.filter(({ kind }) => kind === 'unreadable').length,
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('saves what lies between two damaged places', async () => {
    await sell(60);
    const file = bench.files.journal;
    const bytes = readFileSync(file);
    const pageOf = (position: number): number => Math.floor(bytes.indexOf(signatureAt(file, position)) / PAGE_BYTES);
    const damaged = [pageOf(15), pageOf(45)];
    expect(damaged).not.toContain(pageOf(30));
    const descriptor = openSync(file, 'r+');
    for (const page of damaged) writeSync(descriptor, Buffer.alloc(PAGE_BYTES, 0xa5), 0, PAGE_BYTES, page * PAGE_BYTES);
    closeSync(descriptor);
    const lines = exported();
    const counters = invoicesOf(lines).map(({ counter }) => counter);
    expect(counters).toEqual(expect.arrayContaining([1, 30, 60]));
    expect(counters).not.toContain(15);
    const told = lines.filter(({ kind, table }) => kind === 'unreadable' && table === 'invoices');
    expect(told.map(({ where }) => where)).toEqual([
      expect.stringMatching(/^after \d+$/),
      expect.stringMatching(/^before \d+$/),
      expect.stringMatching(/of them$/),
    ]);
  });

  it('names a row whose values are damaged, and saves the others', async () => {
    await sell(3);
    const database = openRaw(bench.files.journal);
    database.exec('DROP TRIGGER invoices_states');
    database.exec(`UPDATE invoices SET warnings = '[{' WHERE counter = 1`);
    database.close();
    const lines = exported();
    expect(invoicesOf(lines).map(({ counter }) => counter)).toEqual([2, 3]);
    expect(lines.filter(({ kind }) => kind === 'unreadable')).toMatchObject([{ table: 'invoices', where: '1' }]);
  });
});

describe('verifying', () => {
  it('finds a journal in order', async () => {
    await sell(3);
    const steps: number[] = [];
    const found = verifyJournal(bench.directory, { onProgress: (done, total) => steps.push(done, total) });
    expect(found).toEqual({
      ok: true,
      journals: 1,
      invoices: 3,
      waiting: 2,
      issued: 1,
      refused: 0,
      fetched: 0,
      faults: [],
      notes: [],
    });
    expect(steps).toEqual([3, 3]);
  });

  it.each([
    [
      'a changed signature',
      `UPDATE invoices SET jws = substr(jws, 1, length(jws) - 4) || 'AAAA' WHERE counter = 2`,
      /counter 2 .*signature does not fit/,
    ],
    ['a missing invoice', 'DELETE FROM invoices WHERE counter = 2', /counter 3 .*does not follow 1/],
    [
      'another code',
      `UPDATE invoices SET code = '12345678901234567890' WHERE counter = 1`,
      /counter 1 .*code is not the receipt’s/,
    ],
    [
      'a forged receipt',
      `UPDATE invoices SET receipt = substr(receipt, 1, length(receipt) - 4) || 'AAAA' WHERE counter = 1`,
      /counter 1 .*signature that does not fit/,
    ],
    ['a certificate that is gone', 'DELETE FROM certificates', /no certificate of this authority/],
  ])('finds %s', async (_, sql, fault) => {
    await sell(3);
    const database = openRaw(bench.files.journal);
    database.exec('DROP TRIGGER invoices_are_signed; DROP TRIGGER invoices_stay; DROP TRIGGER invoices_states');
    database.exec(sql);
    database.close();
    const found = verifyJournal(bench.directory);
    expect(found.ok).toBe(false);
    expect(found.faults.join('\n')).toMatch(fault);
  });
});
