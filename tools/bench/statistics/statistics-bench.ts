import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { offerConsole } from '../../fleet/offer-console.js';
import { type LocalInstallation, startLocal } from '../../local/start-local.js';
import { Things } from '../../screen/things.js';
import { DAY_MS } from '../../simulator/calendar.js';
import { simulate } from '../../simulator/simulate.js';
import { ConsoleClient } from './console-client.js';
import type { AskedFor } from './console-requests.js';
import { measureRequests, measureYear, type RequestFigures, type YearFigures } from './measure.js';
import { multiplyEntries } from './multiply-entries.js';

export interface StatisticsBenchOptions {
  readonly entries: number;
  readonly times: number;
  readonly onProgress: (stage: string, done: number, total: number, note?: string) => void;
  readonly signal: AbortSignal;
}

export interface StatisticsBenchResult {
  readonly entries: number;
  readonly terminals: number;
  readonly requests: readonly RequestFigures[];
  /** Requests that the server does not know. */
  readonly absent: readonly string[];
  readonly year: YearFigures;
}

/** The week that everything is made of. */
const WEEK = { days: 7, tills: 30, salesPerDay: 20, seed: 1 } as const;
const YEAR_ROUNDS = 5;

/** Simulates a week, makes a year of millions of entries of it, and measures what the console asks for. */
export async function benchStatistics(options: StatisticsBenchOptions): Promise<StatisticsBenchResult> {
  const { onProgress, signal } = options;
  const directory = await mkdtemp(join(tmpdir(), 'tax-control-bench-'));
  // As root, Postgres runs as a user of its own, who must be able to pass through.
  await chmod(directory, 0o711);
  const things = new Things();
  signal.addEventListener('abort', () => things.interrupt('Interrupted.'));
  try {
    const endMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const state = join(directory, 'local');
    await simulate({ ...WEEK, directory: state, fresh: false, endMs, things, onProgress });
    const local = await startLocal({ directory: state, signal: things.signal });
    things.add(() => local.stop());
    void local.broken.then((what) => things.fail(what));
    return await things.unlessInterrupted(measure(local, endMs, things, options));
  } finally {
    await things.end();
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(
  local: LocalInstallation,
  endMs: number,
  things: Things,
  { entries, times, onProgress, signal }: StatisticsBenchOptions,
): Promise<StatisticsBenchResult> {
  const superuser = new Client({ connectionString: local.databaseUrls.superuser });
  superuser.on('error', () => undefined);
  await superuser.connect();
  things.add(() => superuser.end());
  const made = await multiplyEntries(superuser, { entries, onProgress, signal });
  onProgress('the product’s own rebuild', 0, 1);
  // What tax-control statistics rebuild does for attempts. Incidents stay those of the week: made anew of millions of entries in
  // the background, they would be busy for an hour of the measurement.
  await superuser.query('SELECT rebuild_attempt_counts()');
  await superuser.query('VACUUM (ANALYZE)');
  const of = await whatThereIs(superuser, endMs);
  const client = await ConsoleClient.open(await offerConsole(local));
  things.add(() => Promise.resolve(client.close()));
  const { figures: requests, absent } = await measureRequests(
    client,
    of,
    times,
    (done, total) => onProgress('requests', done, total),
    signal,
  );
  const year = await measureYear(client, superuser, of, YEAR_ROUNDS, (done, total) =>
    onProgress('a year', done, total),
  );
  return { entries: made, terminals: of.terminalIds.length, requests, absent, year };
}

async function whatThereIs(superuser: Client, endMs: number): Promise<AskedFor> {
  const ids = async (sql: string): Promise<string[]> =>
    (await superuser.query<{ id: string }>(sql)).rows.map(({ id }) => id);
  return {
    endMs,
    terminalIds: await ids('SELECT terminal_id AS id FROM terminal ORDER BY id'),
    premisesIds: await ids('SELECT premises_id AS id FROM premises ORDER BY id'),
    taxpayerIds: await ids('SELECT taxpayer_id AS id FROM taxpayer ORDER BY id'),
    regions: await ids('SELECT DISTINCT region AS id FROM premises ORDER BY id'),
  };
}
