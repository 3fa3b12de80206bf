import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type AuditReport, runAudit } from '../audit/audit.js';
import { type LocalInstallation, startLocal } from '../local/start-local.js';
import { type Child, startChild } from './child.js';
import { quantile, type Spread, spreadOf } from './figures.js';
import type { Contestant, LoadCommand, LoadReport, RoundResult } from './load-messages.js';
import { makeTerminals } from './terminals.js';

export interface IssueBenchOptions {
  readonly rounds: number;
  /** Invoices of one round of one contestant. */
  readonly invoices: number;
  readonly connections: number;
  /** Folder for a CPU profile of our server; null: none is made. */
  readonly profileDirectory: string | null;
  readonly report: (line: string) => void;
}

/** Rates in invoices a second, latencies in milliseconds. */
export interface IssueBenchResult {
  /** Ours divided by the baseline's, round by round. */
  readonly ratio: Spread;
  readonly ours: Spread;
  readonly baseline: Spread;
  /** Of ours, over all rounds. */
  readonly p50: number;
  readonly p99: number;
  readonly resent: number;
  readonly resentSame: number;
  readonly audit: AuditReport;
}

const BASELINE_DATABASE = 'bench_baseline';

/**
 * Measures our online door against the baseline, in turn in one run, on one fresh Postgres with its default durability. The first round of
 * each is not counted: both servers and Postgres are cold then.
 */
export async function benchIssue(options: IssueBenchOptions): Promise<IssueBenchResult> {
  const { report } = options;
  const directory = await mkdtemp(join(tmpdir(), 'tax-control-bench-'));
  // As root, Postgres runs as a user of its own, who must be able to pass through.
  await chmod(directory, 0o711);
  const ends: (() => Promise<void>)[] = [];
  try {
    const local = await startLocal({
      directory: join(directory, 'local'),
      report: (step) => report(`${step} …`),
      ...(options.profileDirectory === null ? {} : { serverSettings: profiled(options.profileDirectory) }),
    });
    ends.push(() => local.stop());
    await local.control(
      'parameters',
      'set',
      '--address',
      local.addresses.terminals,
      '--verification-url',
      local.addresses.public,
    );
    for (const [category, rate] of Object.entries({ standard: '20', reduced: '5' }))
      await local.control('tax-rate', 'add', category, '--rate', rate, '--from', '2000-01-01');
    const { baseline, port } = await startBaseline(local);
    ends.push(() => baseline.end());
    const generator = startChild<LoadCommand, LoadReport>('load-generator.js');
    ends.push(() => generator.end());
    const exportFile = join(directory, 'till-export.jsonl');
    report(`Registering ${options.connections} tills …`);
    await ask(generator, {
      command: 'set-up',
      terminals: await makeTerminals(options.connections, local.paths.keys, local.databaseUrls.superuser),
      authorityPem: await readFile(join(local.paths.keys, 'ca', 'certificate.pem'), 'utf8'),
      ports: { ours: Number(new URL(local.addresses.terminals).port), baseline: port },
      exportFile,
    });
    const rounds = await runRounds(generator, options);
    report('Auditing what was issued …');
    const audit = await runAudit({
      databaseUrl: local.databaseUrls.auditor,
      keysDirectory: local.paths.keys,
      tillExports: [exportFile],
    });
    return { ...summarize(rounds), audit };
  } finally {
    for (const end of ends.toReversed()) await end();
    await rm(directory, { recursive: true, force: true });
  }
}

function profiled(profileDirectory: string): Record<string, string> {
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-interval=200 --cpu-prof-dir=${profileDirectory}` };
}

async function startBaseline(
  local: LocalInstallation,
): Promise<{ baseline: Child<never, { port: number }>; port: number }> {
  const client = new Client({ connectionString: local.databaseUrls.superuser });
  await client.connect();
  await client.query(`CREATE DATABASE ${BASELINE_DATABASE}`);
  await client.end();
  const url = new URL(local.databaseUrls.superuser);
  url.pathname = `/${BASELINE_DATABASE}`;
  const baseline = startChild<never, { port: number }>('baseline-server.js', {
    DATABASE_URL: url.href,
    KEYS_DIRECTORY: local.paths.keys,
  });
  const { port } = await baseline.ask(null);
  return { baseline, port };
}

/** One round: the baseline and ours, each with invoices of its own. */
type Round = Record<Contestant, RoundResult>;

async function runRounds(generator: Child<LoadCommand, LoadReport>, options: IssueBenchOptions): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let index = 0; index <= options.rounds; index += 1) {
    const baseline = await runRound(generator, 'baseline', options.invoices);
    const ours = await runRound(generator, 'ours', options.invoices);
    const name = index === 0 ? 'warm-up' : `round ${index}`;
    const rates = `ours ${rateOf(ours).toFixed(0)}/s, baseline ${rateOf(baseline).toFixed(0)}/s`;
    options.report(`${name.padEnd(8)}  ${rates}, ratio ${(rateOf(ours) / rateOf(baseline)).toFixed(2)}`);
    if (index > 0) rounds.push({ ours, baseline });
  }
  return rounds;
}

async function runRound(
  generator: Child<LoadCommand, LoadReport>,
  contestant: Contestant,
  invoices: number,
): Promise<RoundResult> {
  await ask(generator, { command: 'prepare', contestant, invoices });
  const report = await ask(generator, { command: 'run' });
  if (report.report !== 'round') throw new Error('the load generator did not run a round');
  return report;
}

async function ask(generator: Child<LoadCommand, LoadReport>, command: LoadCommand): Promise<LoadReport> {
  const report = await generator.ask(command);
  if (report.report === 'failed') throw new Error(report.message);
  return report;
}

function summarize(rounds: readonly Round[]): Omit<IssueBenchResult, 'audit'> {
  const latencies = rounds.flatMap(({ ours }) => ours.latencies).toSorted((one, other) => one - other);
  return {
    ratio: spreadOf(rounds.map(({ ours, baseline }) => rateOf(ours) / rateOf(baseline))),
    ours: spreadOf(rounds.map(({ ours }) => rateOf(ours))),
    baseline: spreadOf(rounds.map(({ baseline }) => rateOf(baseline))),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    resent: rounds.reduce((sum, { ours }) => sum + ours.resent, 0),
    resentSame: rounds.reduce((sum, { ours }) => sum + ours.resentSame, 0),
  };
}

function rateOf({ invoices, seconds }: RoundResult): number {
  return invoices / seconds;
}
