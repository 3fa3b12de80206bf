import { createReadStream } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BillingInterface, enrol, exportJournal, openTill, type SaleIssued } from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import { JournalExportTally, systemClock } from '@tax-control/protocol';
import type { HandedInvoice, HandedJournal } from '@tax-control/protocol/console';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run as tellCommand } from '../../src/commands/run.js';
import { handIn } from '../../src/handed-journals/hand-in.js';
import { JournalIntake } from '../../src/reissue/journal-intake.js';
import { runAudit } from '../../tools/audit/audit.js';
import { openShop, type Shop } from '../agent/shop.js';
import { testPool } from '../support/pool.js';
import { makeGround, startTestServer, type TestServer } from '../support/server.js';
import { startServerProcess } from '../support/server-process.js';

/** A journal is taken in within a second or two; a busy machine may take longer. */
vi.setConfig({ testTimeout: 60_000 });

interface Imported extends HandedJournal {
  readonly result: 'handed_in' | 'known';
  readonly odd: readonly HandedInvoice[];
}

let shop: Shop;
let server: TestServer;

beforeAll(async () => {
  shop = await openShop();
  server = shop.server;
  looksOften(server);
  vi.stubEnv('DATABASE_URL', shop.ground.database.operatorUrl);
  vi.stubEnv('KEYS_DIRECTORY', shop.ground.keysDirectory);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await shop.close();
});

/** Milliseconds; with the second of production this file would wait for half a minute in all. */
const LOOK_MS = 20;

function looksOften({ running }: TestServer): void {
  running.application.get(JournalIntake).lookMs = LOOK_MS;
}

/** Runs a command in this process. */
async function command(...commandLine: string[]): Promise<{ status: number; out: string; error: string }> {
  let [out, error] = ['', ''];
  const terminal = { out: (text: string) => (out += text), error: (text: string) => (error += text) };
  const status = await tellCommand(commandLine, terminal, systemClock);
  return { status, out, error };
}

/** Hands a file in and waits for the servers. */
async function bring(file: string, ...options: string[]): Promise<Imported & { readonly status: number }> {
  const { status, out, error } = await command('journal', 'import', file, '--reason', 'a spec', ...options, '--json');
  if (out === '') throw new Error(error);
  return { ...(JSON.parse(out) as Imported), status };
}

/** Why a file is not taken. */
async function refusalOf(file: string, ...options: string[]): Promise<string> {
  const { status, error } = await command('journal', 'import', file, '--reason', 'a spec', ...options);
  expect(status).toBe(1);
  return error;
}

let tills = 0;

/** A till that sold, some online, some while the line was down, and that will send no more. */
class DeadTill {
  private constructor(
    readonly terminalId: string,
    readonly directory: string,
    readonly online: readonly SaleIssued[],
    readonly offline: readonly string[],
  ) {}

  static async sold({ online = 0, offline = 0 }: { online?: number; offline?: number }): Promise<DeadTill> {
    tills += 1;
    const terminalId = `dead-${tills}`;
    const directory = join(shop.directory, terminalId);
    const address = `https://127.0.0.1:${shop.line.port}`;
    const register = ['terminal', 'register', terminalId, '--premises', 'main-street', '--address', address, '--json'];
    const registered = await command(...register);
    const { invitation } = JSON.parse(registered.out) as { invitation: string };
    const enrolled = await enrol({ invitation, directory });
    if (enrolled.result !== 'enrolled') throw new Error(enrolled.detail);
    const till: BillingInterface = await openTill({ directory, software: { name: 'Till', version: '1' }, pace: STILL });
    const issued: SaleIssued[] = [];
    const stored: string[] = [];
    for (let number = 1; number <= online; number += 1)
      issued.push((await till.issue(`online ${number}`, draft(`ON-${number}`))) as SaleIssued);
    shop.line.cut();
    for (let number = 1; number <= offline; number += 1) {
      const sale = await till.issue(`offline ${number}`, draft(`OFF-${number}`));
      if (sale.result !== 'stored_offline') throw new Error(`not stored offline: ${JSON.stringify(sale)}`);
      stored.push(sale.invoiceId);
    }
    shop.line.mend();
    await till.close();
    if (issued.some(({ result }) => result !== 'issued')) throw new Error('a sale was not issued online');
    return new DeadTill(terminalId, directory, issued, stored);
  }

  get lines(): string[] {
    return [...exportJournal(this.directory)];
  }

  /** Writes an export, as it is or changed. */
  async exported(change: (lines: string[]) => readonly string[] = (lines) => lines): Promise<string> {
    const file = join(shop.directory, `${this.terminalId}-${Math.random().toString(36).slice(2)}.jsonl`);
    await writeFile(
      file,
      change(this.lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
    return file;
  }

  revoke(): Promise<unknown> {
    return shop.control('terminal', 'revoke', this.terminalId, '--reason', 'a spec');
  }

  /** Invoices on file: sequence, code, digest, door and when they were registered. */
  async onFile(): Promise<{ code: string; door: string }[]> {
    const { rows } = await shop.ground.superuser.query<{ code: string; door: string }>(
      `SELECT code, door, encode(digest, 'hex') AS digest, registered_at FROM ledger WHERE terminal_id = $1 ORDER BY counter`,
      [this.terminalId],
    );
    return rows;
  }

  /** As a restored backup has it. */
  async forgotten(...sales: readonly SaleIssued[]): Promise<void> {
    const sequences = sales.map(({ code }) => Number(code.slice(0, 12)));
    for (const table of ['ledger_original', 'invoice_warning', 'ledger_tax', 'content', 'ledger'])
      await shop.ground.superuser.query(`DELETE FROM ${table} WHERE sequence = ANY ($1)`, [sequences]);
  }
}

/** As a restored backup has it; references from sums and signs, which are made anew after a restore, are not looked at. */
async function forgetRows({ terminalId }: DeadTill, ...tables: readonly string[]): Promise<void> {
  const client = await shop.ground.superuser.connect();
  await client.query('BEGIN; SET LOCAL session_replication_role = replica');
  for (const table of ['invitation', ...tables])
    await client.query(`DELETE FROM ${table} WHERE terminal_id = $1`, [terminalId]);
  await client.query('COMMIT');
  client.release();
}

/** A whole export of these lines: with the end that belongs behind them. */
function ended(lines: readonly string[]): string[] {
  const tally = new JournalExportTally();
  const before = lines.filter((line) => kindOf(line) !== 'end');
  for (const line of before) tally.add(line, kindOf(line));
  return [...before, JSON.stringify(tally.end())];
}

const kindOf = (line: string): string => (JSON.parse(line) as { kind: string }).kind;

/** Changes the lines of one kind. */
const withEach =
  (kind: string, change: (entry: Record<string, unknown>, index: number) => object) =>
  (lines: readonly string[]): string[] => {
    let index = 0;
    return ended(
      lines.map((line) =>
        kindOf(line) === kind
          ? JSON.stringify(change(JSON.parse(line) as Record<string, unknown>, (index += 1) - 1))
          : line,
      ),
    );
  };

/** What the audit finds, but for tills of other tests; after the sums were made anew, as after a restore. */
async function audited(till: DeadTill, ...files: string[]): Promise<string[]> {
  expect(await command('statistics', 'rebuild')).toMatchObject({ status: 0 });
  const report = await runAudit({
    databaseUrl: shop.ground.database.auditorUrl,
    keysDirectory: shop.ground.keysDirectory,
    tillExports: files,
  });
  const isOfOther = (text: string): boolean =>
    /^Till dead-\d+ /.test(text) && !text.startsWith(`Till ${till.terminalId} `);
  return report.verdicts.flatMap(({ findings, notes }) => [...findings, ...notes]).filter((text) => !isOfOther(text));
}

describe('the journal of a revoked till', () => {
  it('is taken in: on file stays, forgotten comes back as it was, waiting gets its code; the audit holds', async () => {
    const till = await DeadTill.sold({ online: 3, offline: 4 });
    const [, second] = till.online;
    const before = await till.onFile();
    await till.revoke();
    await till.forgotten(second!);
    const file = await till.exported();
    const imported = await bring(file);
    expect(imported).toMatchObject({
      status: 0,
      result: 'handed_in',
      terminalId: till.terminalId,
      state: 'done',
      reason: 'a spec',
      invoices: 7,
      findings: [],
      results: { on_file: 2, restored: 1, issued: 4, already_issued: 0, refused: 0, deferred: 0, waiting: 0 },
    });
    const after = await till.onFile();
    expect(after.slice(0, 3)).toEqual(before);
    expect(after.slice(3).map(({ door }) => door)).toEqual(['reissue', 'reissue', 'reissue', 'reissue']);
    const shown = await command('journal', 'show', String(imported.handedId), '--json');
    const { list } = JSON.parse(shown.out) as { list: HandedInvoice[] };
    expect(list.map(({ code }) => code)).toEqual(after.map(({ code }) => code));
    const { rows } = await shop.ground.superuser.query(
      `SELECT subject, reason, facts->'invoices' AS invoices FROM audit_trail WHERE action = 'journal.handed_in' AND subject = $1`,
      [till.terminalId],
    );
    expect(rows).toEqual([{ subject: till.terminalId, reason: 'a spec', invoices: 7 }]);
    // What is on file is not kept twice.
    const kept = await shop.ground.superuser.query(
      'SELECT FROM handed_invoice WHERE handed_id = $1 AND invoice IS NOT NULL',
      [imported.handedId],
    );
    expect(kept.rowCount).toBe(0);
    expect((await audited(till, file)).filter((finding) => !finding.includes('still waits'))).toEqual([]);
  });

  it('changes nothing when it is handed in again, also twice at once, and the trail has one entry', async () => {
    const till = await DeadTill.sold({ online: 1, offline: 2 });
    const file = await till.exported();
    const both = await Promise.all([bring(file), bring(file)]);
    expect(both.map(({ result }) => result).toSorted()).toEqual(['handed_in', 'known']);
    expect(new Set(both.map(({ handedId }) => handedId)).size).toBe(1);
    const before = await till.onFile();
    expect(await bring(file)).toMatchObject({ status: 0, result: 'known', results: { on_file: 1, issued: 2 } });
    // Another export of the same journal is another file.
    expect(await bring(await till.exported((lines) => ended([...lines, '{"kind":"note"}'])))).toMatchObject({
      result: 'handed_in',
      results: { on_file: 1, already_issued: 2, issued: 0 },
    });
    expect(await till.onFile()).toEqual(before);
    const { rowCount } = await shop.ground.superuser.query(
      `SELECT FROM audit_trail WHERE action = 'journal.handed_in' AND subject = $1`,
      [till.terminalId],
    );
    expect(rowCount).toBe(2);
  });

  it('says in a dry run what would become of each, and takes nothing in', async () => {
    const till = await DeadTill.sold({ online: 2, offline: 2 });
    await till.forgotten(till.online[0]!);
    const before = await till.onFile();
    const file = await till.exported();
    await forgetRows(till, 'terminal_certificate');
    const expected = { on_file: 1, restored: 1, issued: 2, refused: 0, deferred: 0, waiting: 0 };
    expect(await bring(file, '--dry-run')).toMatchObject({
      status: 0,
      isCheck: true,
      state: 'done',
      results: expected,
    });
    expect(await till.onFile()).toEqual(before);
    const { rowCount } = await shop.ground.superuser.query(
      `SELECT FROM audit_trail WHERE action IN ('journal.handed_in', 'certificate.shown_again') AND subject = $1`,
      [till.terminalId],
    );
    expect(rowCount).toBe(0);
    expect((await command('journal', 'list', '--terminal', till.terminalId, '--json')).out).toBe('{"journals":[]}\n');
    // And so it happens, with the certificate that the database had forgotten.
    expect(await bring(file)).toMatchObject({ status: 0, result: 'handed_in', isCheck: false, results: expected });
    const shown = await shop.ground.superuser.query(
      `SELECT FROM audit_trail WHERE action = 'certificate.shown_again' AND subject = $1`,
      [till.terminalId],
    );
    expect(shown.rowCount).toBe(1);
  });

  it('with what it has reissued itself meanwhile', async () => {
    const till = await DeadTill.sold({ offline: 3 });
    const file = await till.exported();
    const revived = await openTill({
      directory: till.directory,
      software: { name: 'Till', version: '1' },
      pace: STILL,
    });
    expect(await revived.drain()).toMatchObject({ issued: 3 });
    await revived.close();
    expect(await bring(file)).toMatchObject({ status: 0, results: { already_issued: 3, issued: 0 } });
    await till.revoke();
    expect(await bring(file)).toMatchObject({ status: 0, result: 'known', state: 'done' });
    expect(await audited(till, await till.exported())).toEqual([]);
  });
});

describe('a server that was restored', () => {
  it('says what to register where it does not know the terminal, and takes the journal in then', async () => {
    const till = await DeadTill.sold({ online: 2, offline: 1 });
    const file = await till.exported();
    const receipts = till.online.map(({ code }) => code);
    await till.forgotten(...till.online);
    await forgetRows(till, 'terminal_certificate', 'fetched_parameters', 'terminal');
    const told = await refusalOf(file);
    expect(told).toContain(`tax-control premises add main-street --taxpayer corner-shop`);
    const advised = /tax-control (terminal register .*)/.exec(told)![1]!.split(' ');
    expect(await command(...advised, '--ca', join(shop.ground.keysDirectory, 'ca', 'certificate.pem'))).toMatchObject({
      status: 0,
    });
    expect(await bring(file)).toMatchObject({ status: 0, results: { restored: 2, issued: 1 } });
    expect((await till.onFile()).map(({ code }) => code).slice(0, 2)).toEqual(receipts);
  });

  it('warns of a certificate that was revoked since, and takes the invoice in', async () => {
    const till = await DeadTill.sold({ offline: 1 });
    const { rows } = await shop.ground.superuser.query<{ thumbprint: string }>(
      'SELECT thumbprint FROM terminal_certificate WHERE terminal_id = $1',
      [till.terminalId],
    );
    await shop.control('terminal', 'revoke-certificate', till.terminalId, rows[0]!.thumbprint, '--reason', 'a spec');
    const { handedId, status } = await bring(await till.exported());
    expect(status).toBe(0);
    const { list } = JSON.parse((await command('journal', 'show', String(handedId), '--json')).out) as {
      list: HandedInvoice[];
    };
    expect(list).toMatchObject([{ result: 'issued', warnings: ['signing_certificate_revoked'] }]);
  });
});

describe('what is wrong with a file or with a line', () => {
  it('a file that is cut or changed is refused, and taken in as far as it goes where there is no better one', async () => {
    const till = await DeadTill.sold({ online: 1, offline: 3 });
    const whole = await readFile(await till.exported());
    const file = join(shop.directory, 'cut.jsonl');
    await writeFile(file, whole.subarray(0, whole.indexOf('"kind":"invoice"', whole.indexOf('"counter":3')) + 40));
    expect(await refusalOf(file)).toContain('is cut');
    expect(await till.onFile()).toHaveLength(1);
    const cut = await bring(file, '--incomplete');
    expect(cut.results).toMatchObject({ on_file: 1, issued: 2 });
    expect(cut.findings).toMatchObject([{ kind: 'cut' }, { kind: 'unreadable' }]);
    const changed = await till.exported((lines) => lines.filter((line) => kindOf(line) !== 'log'));
    expect(await refusalOf(changed)).toContain('is not as it was exported');
    expect((await bring(changed, '--incomplete')).findings).toEqual([{ kind: 'changed' }]);
    await appendFile(file, '\n');
    await writeFile(file, 'what,is,this\n');
    expect(await refusalOf(file)).toContain('is no exported journal');
    await writeFile(file, '');
    expect(await refusalOf(file)).toContain('is cut');
    expect(await refusalOf(join(shop.directory, 'nowhere.jsonl'))).toContain('is not there');
  });

  it('an invoice that was changed and a forged receipt are refused alone, with their problem and their bytes', async () => {
    const till = await DeadTill.sold({ online: 2, offline: 2 });
    await till.forgotten(...till.online);
    const file = await till.exported(
      withEach('invoice', (entry, index) => {
        if (index === 0) return { ...entry, receipt: otherSignature(entry['receipt'] as string) };
        return index === 2 ? { ...entry, invoice: otherSignature(entry['invoice'] as string) } : entry;
      }),
    );
    const imported = await bring(file);
    expect(imported).toMatchObject({ status: 1, state: 'done', results: { refused: 2, restored: 1, issued: 1 } });
    expect(imported.odd.map((one) => [one.counter, one.problem?.code])).toEqual([
      [1, 'receipt_not_genuine'],
      [3, 'signature_invalid'],
    ]);
    const { out, status } = await command('journal', 'show', String(imported.handedId), '--result', 'refused');
    expect(status).toBe(0);
    expect(out).toMatch(/receipt_not_genuine.*\n.*signature_invalid/);
    const kept = await shop.ground.superuser.query(
      'SELECT FROM handed_invoice WHERE handed_id = $1 AND invoice IS NOT NULL',
      [imported.handedId],
    );
    expect(kept.rowCount).toBe(2);
  });

  it('missing counters, a broken chain and damage are told, and keep nothing from being taken in', async () => {
    const till = await DeadTill.sold({ offline: 4 });
    const file = await till.exported((lines) => {
      const [gone] = lines.filter((line) => line.includes('"counter":2,'));
      return ended([
        ...lines.filter((line) => line !== gone && kindOf(line) !== 'end'),
        '{"kind":"unreadable","table":"invoices","where":"2","detail":"disk"}',
      ]);
    });
    const imported = await bring(file);
    expect(imported).toMatchObject({ status: 0, results: { issued: 3 }, findingsCount: 2 });
    expect(imported.findings).toMatchObject([
      { kind: 'unreadable', what: 'invoices, 2, disk' },
      { kind: 'counters_missing', from: 2, to: 2 },
    ]);
  });

  it('the journal of another installation is refused whole', async () => {
    const till = await DeadTill.sold({ offline: 2 });
    const other = await makeGround('production');
    const file = await till.exported();
    const elsewhere = await startTestServer({ ground: other });
    try {
      vi.stubEnv('DATABASE_URL', other.database.operatorUrl);
      await command('taxpayer', 'add', 'corner-shop', '--name', 'Corner Shop Ltd');
      const shopOf = ['--name', 'A', '--region', 'A', '--activity', 'A', '--address', 'A'];
      await command('premises', 'add', 'main-street', '--taxpayer', 'corner-shop', ...shopOf);
      await other.superuser.query(
        `INSERT INTO terminal (terminal_id, premises_id, taxpayer_id) VALUES ($1, 'main-street', 'corner-shop')`,
        [till.terminalId],
      );
      expect(await bring(file)).toMatchObject({ status: 1, state: 'refused', refusedBecause: 'signed_elsewhere' });
      expect((await other.superuser.query('SELECT FROM ledger')).rowCount).toBe(0);
      expect((await other.superuser.query('SELECT FROM terminal_certificate')).rowCount).toBe(0);
      // It may come again: perhaps the authority was not known yet.
      expect(await bring(file)).toMatchObject({ status: 1, result: 'handed_in', state: 'refused' });
    } finally {
      vi.stubEnv('DATABASE_URL', shop.ground.database.operatorUrl);
      await elsewhere.stop();
      await other.clear();
    }
  });

  it('what is deferred is tried again, by itself and when the file comes again', async () => {
    const till = await DeadTill.sold({ offline: 2 });
    const { superuser } = shop.ground;
    // The registry has the terminal elsewhere than its certificate says: it may become so again.
    const move = (premises: string): Promise<unknown> =>
      superuser.query('UPDATE terminal SET premises_id = $2 WHERE terminal_id = $1', [till.terminalId, premises]);
    await superuser.query(
      `INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
       VALUES ('side-street', 'corner-shop', 'A', 'A', 'A', 'A')`,
    );
    await move('side-street');
    const file = await till.exported();
    // The server remembers terminals for half a second: until it has heard of the move, it would issue them.
    await expect
      .poll(async () => (await bring(file, '--dry-run')).results, { timeout: 20_000 })
      .toMatchObject({ deferred: 2 });
    const first = await bring(file);
    expect(first).toMatchObject({ status: 3, state: 'deferred', results: { deferred: 2 } });
    expect(first.odd.map((one) => one.problem?.code)).toEqual([
      'terminal_filed_differently',
      'terminal_filed_differently',
    ]);
    expect(Date.parse(first.dueAt!)).toBeGreaterThan(Date.now());
    await move('main-street');
    await expect
      .poll(() => bring(file), { timeout: 20_000 })
      .toMatchObject({ status: 0, result: 'known', results: { issued: 2 } });
  });
});

describe('a break in the middle', () => {
  /** Several lists of the late door. */
  const ALL = 120;

  it('the next server goes on behind the last line that has its result, also where the one before was killed', async () => {
    const till = await DeadTill.sold({ online: 1, offline: ALL - 1 });
    await server.stop();
    const operator = testPool({ connectionString: shop.ground.database.operatorUrl, max: 1 });
    const file = await till.exported();
    const outcome = await handIn(operator, {
      open: () => createReadStream(file),
      handedBy: 'spec',
      reason: 'a spec',
      isCheck: false,
      takesBroken: false,
      sees: () => true,
      record: () => Promise.resolve(),
    });
    if (outcome.result === 'refused') throw new Error(outcome.because);
    const { handedId } = outcome.journal;
    const left = async (): Promise<number> => {
      const { rows } = await shop.ground.superuser.query<{ left: number }>(
        'SELECT count(*)::integer AS left FROM handed_invoice WHERE handed_id = $1 AND result IS NULL',
        [handedId],
      );
      return rows[0]!.left;
    };
    const broken = await startServerProcess(shop.ground);
    await expect.poll(left, { timeout: 30_000, interval: 2 }).toBeLessThan(ALL);
    await broken.end('SIGKILL');
    const afterKill = await left();
    // It left no word. Its ten seconds pass.
    const { rowCount } = await shop.ground.superuser.query(
      `UPDATE handed_journal SET worker_until = now() WHERE worker_until > now() AND handed_id = $1`,
      [handedId],
    );
    expect(rowCount).toBe(1);
    expect(afterKill).toBeGreaterThan(0);
    // Another one ends in good order, and leaves the rest to the next one at once.
    server = await startTestServer({ ground: shop.ground });
    await expect.poll(left, { timeout: 30_000, interval: 2 }).toBeLessThan(afterKill);
    await server.stop();
    const { rows } = await shop.ground.superuser.query<{ worker: string | null }>(
      'SELECT worker FROM handed_journal WHERE handed_id = $1',
      [handedId],
    );
    expect(rows).toEqual([{ worker: null }]);
    server = await startTestServer({ ground: shop.ground });
    await expect.poll(left, { timeout: 30_000 }).toBe(0);
    expect(await till.onFile()).toHaveLength(ALL);
    expect(new Set((await till.onFile()).map(({ code }) => code)).size).toBe(ALL);
    await operator.end();
    await server.stop();
    // What was refused above is written down as refused, and as no attempt of a till: none attempted anything.
    const { superuser } = shop.ground;
    expect((await superuser.query(`SELECT FROM refused_invoice WHERE cause = 'signature_invalid'`)).rowCount).toBe(1);
    expect((await superuser.query(`SELECT FROM server_event WHERE cause = 'signature_invalid'`)).rowCount).toBe(0);
  });
});

function otherSignature(jws: string): string {
  const [header, payload, signature = ''] = jws.split('.');
  return [header, payload, (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)].join('.');
}
