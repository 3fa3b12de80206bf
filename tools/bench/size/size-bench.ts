import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type LocalInstallation, startLocal } from '../../local/start-local.js';
import { Things } from '../../screen/things.js';
import { DAY_MS } from '../../simulator/calendar.js';
import { simulate } from '../../simulator/simulate.js';
import { startChild } from '../child.js';
import type { LoadCommand, LoadReport } from '../load-messages.js';
import { publishParameters } from '../publish-parameters.js';
import { ask } from '../place.js';
import { makeTerminals } from '../terminals.js';
import { peakMemoryBytes } from './peak-memory.js';
import { readTableSizes, type TableSize } from './table-sizes.js';

export interface SizeBenchOptions {
  /** Invoices of 21 lines on average that are issued as fast as it goes. */
  readonly invoices: number;
  /** Tills of the simulated days, which sell as shops do. */
  readonly tills: number;
  readonly onProgress: (stage: string, done: number, total: number, note?: string) => void;
  readonly signal: AbortSignal;
}

/** What issuing alone takes. `payloadBytes`: of an invoice, before compression. */
export interface IssuedSize {
  readonly invoices: number;
  readonly payloadBytes: number;
  readonly walBytes: number;
  /** Where the log of a fresh installation stands before anything is issued. */
  readonly walStart: string;
  readonly serverPeakBytes: number | null;
  readonly tables: readonly TableSize[];
}

/** What simulated days take: log entries and sums beside the invoices. */
export interface DaysSize {
  readonly days: number;
  readonly tills: number;
  readonly invoices: number;
  readonly entries: number;
  /** Of everything together: invoices, entries, sums, and whole pages after checkpoints. */
  readonly walBytes: number;
  /** Share of the rows of the sums that belong to tills, premises and taxpayers; the others are the country's and its regions'. */
  readonly placeShares: Readonly<Record<SumsTable, number>>;
  readonly tables: readonly TableSize[];
}

export interface SizeBenchResult {
  readonly issued: IssuedSize;
  readonly simulated: DaysSize;
}

/** The two tables of sums by level. */
export type SumsTable = 'invoice_statistics' | 'attempt_count';

const CONNECTIONS = 32;
/** Invoices made in memory at once. */
const ROUND_INVOICES = 8_000;
/** As the fleet that DESIGN §8 reckons with sells. */
const SALES_PER_DAY = 200;
const DAYS = 3;

/** Measures what invoices, log entries and sums take on the disk: on fresh installations of the very same server. */
export async function benchSize(options: SizeBenchOptions): Promise<SizeBenchResult> {
  const issued = await within(options, issue);
  const simulated = await within(options, (...given) => simulateDays(issued.walStart, ...given));
  return { issued, simulated };
}

async function within<Result>(
  options: SizeBenchOptions,
  work: (directory: string, things: Things, options: SizeBenchOptions) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'tax-control-bench-'));
  // As root, Postgres runs as a user of its own, who must be able to pass through.
  await chmod(directory, 0o711);
  const things = new Things();
  options.signal.addEventListener('abort', () => things.interrupt('Interrupted.'));
  try {
    return await things.unlessInterrupted(work(directory, things, options));
  } finally {
    await things.end();
    await rm(directory, { recursive: true, force: true });
  }
}

async function issue(directory: string, things: Things, options: SizeBenchOptions): Promise<IssuedSize> {
  const { invoices, onProgress } = options;
  onProgress('starting everything', 0, 1);
  const local = await open(join(directory, 'local'), things);
  await publishParameters(local);
  const generator = startChild<LoadCommand, LoadReport>('bench/load-generator.js');
  things.add(() => generator.end());
  const port = Number(new URL(local.addresses.terminals).port);
  await ask(generator, {
    command: 'set-up',
    terminals: await makeTerminals(CONNECTIONS, local.paths.keys, local.databaseUrls.superuser),
    authorityPem: await readFile(join(local.paths.keys, 'ca', 'certificate.pem'), 'utf8'),
    ports: { ours: port, baseline: port, second: port },
    exportFile: join(directory, 'export.jsonl'),
  });
  const server = await local.server.start();
  const client = await connect(local, things);
  await client.query('CHECKPOINT');
  const start = await walPosition(client);
  for (let done = 0; done < invoices; done += ROUND_INVOICES) {
    onProgress('issuing', done, invoices);
    const count = Math.min(ROUND_INVOICES, invoices - done);
    await ask(generator, {
      command: 'prepare',
      targets: ['ours'],
      load: { shape: 'kept', connections: CONNECTIONS, invoices: count },
    });
    await ask(generator, { command: 'run' });
  }
  const walBytes = await bytesSince(client, start);
  const { rows } = await client.query<{ bytes: string }>('SELECT avg(length(payload)) AS bytes FROM content');
  const serverPeakBytes = await peakMemoryBytes(server.pid);
  const tables = await readTableSizes(client);
  const payloadBytes = Number(rows[0]?.bytes);
  return { invoices, payloadBytes, walBytes, walStart: start, serverPeakBytes, tables };
}

async function simulateDays(
  walStart: string,
  directory: string,
  things: Things,
  options: SizeBenchOptions,
): Promise<DaysSize> {
  const { tills, onProgress } = options;
  const state = join(directory, 'local');
  const endMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const plan = { days: DAYS, tills, salesPerDay: SALES_PER_DAY, seed: 1 };
  await simulate({ ...plan, directory: state, fresh: false, endMs, things, onProgress });
  const local = await open(state, things);
  const client = await connect(local, things);
  const count = async (table: string): Promise<number> =>
    Number((await client.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]?.count);
  return {
    days: DAYS,
    tills,
    invoices: await count('ledger'),
    entries: await count('transaction_log_entry'),
    // Read first: looking at sizes writes too.
    walBytes: await bytesSince(client, walStart),
    placeShares: {
      invoice_statistics: await placeShare(client, 'invoice_statistics'),
      attempt_count: await placeShare(client, 'attempt_count'),
    },
    tables: await readTableSizes(client),
  };
}

async function open(directory: string, things: Things): Promise<LocalInstallation> {
  const local = await startLocal({ directory, signal: things.signal });
  things.add(() => local.stop());
  void local.broken.then((what) => things.fail(what));
  return local;
}

async function connect(local: LocalInstallation, things: Things): Promise<Client> {
  const client = new Client({ connectionString: local.databaseUrls.superuser });
  client.on('error', () => undefined);
  await client.connect();
  things.add(() => client.end());
  return client;
}

async function placeShare(client: Client, table: SumsTable): Promise<number> {
  const { rows } = await client.query<{ share: string }>(
    `SELECT avg((level NOT IN ('all', 'region'))::int) AS share FROM ${table}`,
  );
  return Number(rows[0]?.share);
}

async function walPosition(client: Client): Promise<string> {
  const { rows } = await client.query<{ position: string }>('SELECT pg_current_wal_insert_lsn()::text AS position');
  return rows[0]?.position ?? '0/0';
}

async function bytesSince(client: Client, position: string): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    'SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1) AS bytes',
    [position],
  );
  return Number(rows[0]?.bytes);
}
