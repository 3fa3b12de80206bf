import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BillingInterface, enrol, openTill, type SaleIssued } from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import { certificateThumbprint, encodeInvitation } from '@tax-control/protocol';
import { choosePort } from '@tax-control/protocol/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { inTransaction } from '../../src/database/transaction.js';
import { createInvitation } from '../support/invitations.js';
import { findRows } from '../../src/ledger/find-rows.js';
import { receiptOfRow } from '../../src/ledger/receipt-of-row.js';
import { runAudit } from '../../tools/audit/audit.js';
import { exportJournals } from '../../tools/fleet/export-journals.js';
import { publishParameters } from '../issuance/office.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { testPool } from '../support/pool.js';
import { makeGround, type TestGround } from '../support/server.js';
import { startServerProcess } from '../support/server-process.js';
import { makeTerminal } from '../support/terminals.js';
import { type ArchivedCluster, startArchivedCluster } from './copies.js';
import { dump, load } from './dump.js';

/**
 * Tills and sales of each. `DRILL=12x250` is the drill of docs/reliability.md. Without it one way is tried, in what every run has time for;
 * `.ci/run` tries all of them (`DRILL=6x40`).
 */
const [TILLS = 6, SALES = 40] = (process.env['DRILL'] ?? '6x40').split('x').map(Number);
const WAYS_TRIED = process.env['DRILL'] === undefined ? 1 : Infinity;
/** Shares of all sales: before the copy is made, while it is made, after it, from the loss of the database on, and when it is back. */
const PHASES = { before: 0.3, during: 0.1, after: 0.35, lost: 0.15, restored: 1 } as const;
const LIMIT_MS = 600_000;
/** For what the tills do by themselves. */
const WAIT_MS = 120_000;
/** As a till does by itself, only sooner. */
const PACE = { ...STILL, probeMs: 100, probeMsMax: 500, idleMs: 500, drainMs: 50, holdingsMs: 2_000 };

interface Drill {
  readonly site: ArchivedCluster;
  readonly ground: TestGround;
  readonly recoveryLog: string;
}

/** How the database comes back. @returns the copy that servers and auditors find in its place */
type Restore = (
  drill: Drill,
) => Promise<{ readonly copy: () => Promise<void>; readonly restore: () => Promise<TestDatabase> }>;

const WAYS: readonly [what: string, hasLog: boolean, way: Restore][] = [
  [
    'from a base backup, with the recovery log gone too',
    false,
    async ({ site, ground }) => ({
      copy: () => site.baseBackUp('backup'),
      restore: async () => {
        const settings = { recovery_target: 'immediate', recovery_target_action: 'promote' };
        return movedTo(ground.database, (await site.startCopy('backup', 'recovery', settings)).superuserUrl);
      },
    }),
  ],
  [
    'from a plain dump',
    true,
    async ({ site, ground }) => {
      let dumped: Awaited<ReturnType<typeof dump>> | undefined;
      return {
        copy: async () => void (dumped = await dump(ground.superuser, site.folder)),
        restore: async () => {
          const database = await createTestDatabase();
          const superuser = testPool({ connectionString: database.superuserUrl, max: 1 });
          await load(superuser, dumped!);
          await superuser.end();
          return database;
        },
      };
    },
  ],
  [
    'by a failover to a standby that lags behind',
    true,
    async ({ site, ground }) => ({
      copy: async () => {
        await site.baseBackUp('standby');
        // It gets what was archived until now, and nothing that comes after.
        await ground.superuser.query('SELECT pg_switch_wal()');
      },
      restore: async () => {
        const copy = await site.startCopy('standby', 'standby');
        const superuser = testPool({
          connectionString: movedTo(ground.database, copy.superuserUrl).superuserUrl,
          max: 1,
        });
        await superuser.query('SELECT pg_promote()');
        await superuser.end();
        return movedTo(ground.database, copy.superuserUrl);
      },
    }),
  ],
];

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

it.each(WAYS.slice(0, WAYS_TRIED))('loses nothing %s', { timeout: LIMIT_MS }, async (_what, hasLog, way) => {
  const site = await startArchivedCluster();
  endings.push(() => site.delete());
  const plain = await makeGround('test', await createTestDatabase(site.cluster.address));
  const folder = await mkdtemp(join(tmpdir(), 'drill-'));
  endings.push(() => rm(folder, { recursive: true, force: true }));
  const recoveryLog = join(folder, 'recovery-log');
  const port = String(await choosePort());
  const settings = { TERMINALS_PORT: port, ...(hasLog && { RECOVERY_LOG_DIRECTORY: recoveryLog }) };
  const ground = { ...plain, environment: { ...plain.environment, ...settings } };
  const { copy, restore } = await way({ site, ground, recoveryLog });
  const address = `https://127.0.0.1:${port}`;
  await publishParameters(ground, { addresses: [address] });
  let server = await startServerProcess(ground);
  endings.push(() => server.end('SIGKILL'));
  const tills = await openTills(ground, address, folder);

  // Everybody sells at once and as fast as it goes; each phase has its share of the sales.
  const customers = new Customers();
  const selling = Promise.all(
    tills.map(async ({ till, terminalId }) => {
      for (let sale = 0; sale < SALES; sale += 1) {
        await customers.next();
        const { result } = await till.issue(`${terminalId}/${sale}`, draft(`${sale}`));
        expect(['issued', 'stored_offline']).toContain(result);
        customers.served += 1;
      }
    }),
  );
  const come = (share: number) => customers.come(Math.round(share * TILLS * SALES));
  await come(PHASES.before);
  const during = come(PHASES.during);
  await copy();
  await during;
  await come(PHASES.after);
  const meanwhile = come(PHASES.lost);
  const before = receiptsOf(tills);
  await site.cluster.kill();
  await server.end('SIGKILL');
  const database = await restore();
  const superuser = testPool({ connectionString: database.superuserUrl, max: 2 });
  endings.push(() => superuser.end());
  const { rows: kept } = await superuser.query<{ code: string }>('SELECT code FROM ledger');
  const lost = before.size - kept.filter(({ code }) => before.has(code)).length;
  // What this is all about: receipts are in customers' hands that the copy does not know.
  expect(lost).toBeGreaterThan(TILLS);
  server = await startServerProcess({
    ...ground,
    database,
    environment: { ...ground.environment, DATABASE_URL: database.serverUrl },
  });
  await meanwhile;
  await Promise.all([come(PHASES.restored), selling]);
  for (const { till } of tills) await till.drain();

  const all = receiptsOf(tills);
  expect(all.size).toBe(TILLS * SALES);
  for (const [code, sale] of before) expect(all.get(code)).toEqual(sale);
  const identities = [...all.values()].map(({ invoice }) => ({
    terminalId: invoice.terminalId,
    invoiceId: invoice.id,
  }));
  const onFile = async (): Promise<string[]> => {
    const rows = await findRows(superuser, identities);
    return [...rows.values()].map(({ row }) => receiptOfRow(row)).sort();
  };
  await expect.poll(onFile, { timeout: WAIT_MS }).toEqual([...all.values()].map(({ receiptJws }) => receiptJws).sort());
  const { rows: back } = await superuser.query('SELECT FROM ledger WHERE restored_at IS NOT NULL');
  // With those that were given between the last look and the end.
  expect(back.length).toBeGreaterThanOrEqual(lost);
  // Nothing beside what the tills hold, and the sums of a run without loss.
  const { rows: sums } = await superuser.query(
    'SELECT count(*)::integer AS count, sum(total)::integer AS total FROM ledger',
  );
  const total = [...all.values()].reduce((sum, { invoice }) => sum + invoice.total, 0);
  expect(sums).toEqual([{ count: TILLS * SALES, total }]);

  // Each till has said that all it holds is on file; then the audit says that all holds, with every journal before it.
  const confirmed = async (): Promise<number> =>
    (
      await superuser.query(
        'SELECT FROM terminal_holdings WHERE kept_since = (SELECT max(next_number) FROM database_recovery)',
      )
    ).rowCount ?? 0;
  await expect.poll(confirmed, { timeout: WAIT_MS }).toBe(TILLS);
  for (const { till } of tills) await till.close();
  const tillExports = await exportJournals(
    tills.map(({ directory }) => directory),
    folder,
  );
  const report = await runAudit({ databaseUrl: database.auditorUrl, keysDirectory: ground.keysDirectory, tillExports });
  expect(report.verdicts.filter(({ held }) => held !== true)).toEqual([]);
  expect(report.tillInvoices).toBe(TILLS * SALES);
  if (process.env['DRILL'] !== undefined)
    process.stdout.write(
      `${JSON.stringify({
        invoices: all.size,
        beforeLoss: before.size,
        lost,
        restored: back.length,
        checks: report.verdicts.map(({ id, checked }) => `${id} ${checked}`),
      })}\n`,
    );
});

/** Whoever wants to buy: so many, and no more until others come. */
class Customers {
  served = 0;
  #waiting = 0;
  #tills: (() => void)[] = [];

  /** Resolves when so many more were served. */
  async come(count: number): Promise<void> {
    const until = this.served + this.#waiting + count;
    this.#waiting += count;
    for (const serve of this.#tills.splice(0)) serve();
    await vi.waitUntil(() => this.served >= Math.min(until, TILLS * SALES), { timeout: WAIT_MS });
  }

  async next(): Promise<void> {
    while (this.#waiting === 0) await new Promise<void>((resolve) => this.#tills.push(resolve));
    this.#waiting -= 1;
  }
}

interface OpenTill {
  readonly till: BillingInterface;
  readonly terminalId: string;
  readonly directory: string;
}

async function openTills(ground: TestGround, address: string, folder: string): Promise<OpenTill[]> {
  const operator = testPool({ connectionString: ground.database.operatorUrl, max: 1 });
  const caDigest = certificateThumbprint(new X509Certificate(ground.ca));
  const tills: OpenTill[] = [];
  for (let index = 0; index < TILLS; index += 1) {
    const terminalId = `till-${index}`;
    const directory = join(folder, terminalId);
    await makeTerminal(ground, { terminalId, taxpayerId: 'corner-shop', premisesId: 'main-street' });
    const { secret } = await inTransaction(operator, (client) => createInvitation(client, terminalId, 1));
    const invitation = encodeInvitation({ addresses: [address], caDigest, terminalId, secret });
    const enrolled = await enrol({ invitation, directory });
    if (enrolled.result !== 'enrolled') throw new Error(enrolled.detail);
    const till = await openTill({ directory, software: { name: 'Drill', version: '1' }, pace: PACE });
    endings.push(() => till.close());
    tills.push({ till, terminalId, directory });
  }
  await operator.end();
  return tills;
}

/** Every receipt that a till holds, by its code; a code that two have is an error. */
function receiptsOf(tills: readonly OpenTill[]): Map<string, SaleIssued> {
  const receipts = new Map<string, SaleIssued>();
  for (const { till, terminalId } of tills) {
    for (let sale = 0; sale < SALES; sale += 1) {
      const found = till.lookUp(`${terminalId}/${sale}`);
      if (found?.result !== 'issued') continue;
      if (receipts.has(found.code)) throw new Error(`${found.code} was given twice`);
      receipts.set(found.code, found);
    }
  }
  return receipts;
}

/** The same database on a copy of its cluster: the same logins on another port. */
function movedTo(database: TestDatabase, copyUrl: string): TestDatabase {
  const { port } = new URL(copyUrl);
  const moved = (url: string): string => Object.assign(new URL(url), { port }).href;
  return {
    ...database,
    serverUrl: moved(database.serverUrl),
    operatorUrl: moved(database.operatorUrl),
    auditorUrl: moved(database.auditorUrl),
    superuserUrl: moved(database.superuserUrl),
  };
}
