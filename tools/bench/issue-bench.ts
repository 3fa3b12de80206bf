import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { type AuditReport, runAudit } from '../audit/audit.js';
import { type LocalInstallation, startLocal } from '../local/start-local.js';
import { type Child, startChild } from './child.js';
import { cpuMeter } from './cpu-time.js';
import type { Contestant, LoadCommand, LoadReport } from './load-messages.js';
import { publishParameters } from './publish-parameters.js';
import { ask, type RoundsSummary, runRounds } from './rounds.js';
import { makeTerminals } from './terminals.js';

export interface IssueBenchOptions {
  readonly rounds: number;
  /** Invoices of one round of one contestant. */
  readonly invoices: number;
  readonly connections: number;
  /** Where to write a CPU profile of our server; null: none is made. */
  readonly profileFile: string | null;
  /** Settings of our server other than the defaults, by the names in .env.example. */
  readonly serverSettings: Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
  /** Ends the measurement; what was started is stopped then. */
  readonly signal: AbortSignal;
}

export interface IssueBenchResult extends RoundsSummary {
  readonly audit: AuditReport;
}

const BASELINE_DATABASE = 'bench_baseline';

type Generator = Child<LoadCommand, LoadReport>;
type Baseline = Child<never, { port: number }>;

/** Measures our online door against the baseline, in turn in one run, on one fresh Postgres with its default durability. */
export async function benchIssue(options: IssueBenchOptions): Promise<IssueBenchResult> {
  const directory = await mkdtemp(join(tmpdir(), 'tax-control-bench-'));
  // As root, Postgres runs as a user of its own, who must be able to pass through.
  await chmod(directory, 0o711);
  const ends: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    const local = await startLocal({
      directory: join(directory, 'local'),
      report: (step) => options.report(`${step} …`),
      signal: options.signal,
      serverSettings: {
        ...options.serverSettings,
        ...(options.profileFile === null ? {} : profiled(options.profileFile)),
      },
    });
    ends.push(() => local.stop());
    await publishParameters(local);
    const baseline = startChild<never, { port: number }>('bench/baseline-server.js', {
      DATABASE_URL: await makeBaselineDatabase(local),
      KEYS_DIRECTORY: local.paths.keys,
    });
    ends.push(() => baseline.end());
    const generator = startChild<LoadCommand, LoadReport>('bench/load-generator.js');
    ends.push(() => generator.end());
    options.signal.addEventListener('abort', () => void generator.end());
    const exportFile = join(directory, 'till-export.jsonl');
    return await measure(local, { baseline, generator }, exportFile, options);
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

async function measure(
  local: LocalInstallation,
  { baseline, generator }: { readonly baseline: Baseline; readonly generator: Generator },
  exportFile: string,
  options: IssueBenchOptions,
): Promise<IssueBenchResult> {
  options.report(`Registering ${options.connections} tills …`);
  const { port: baselinePort } = await baseline.ask(null);
  // Ours shows a certificate of the authority; the baseline the public listener's, which signs itself.
  const trusted = ['ca', 'public-listener'].map((folder) => join(local.paths.keys, folder, 'certificate.pem'));
  await ask(generator, {
    command: 'set-up',
    terminals: await makeTerminals(options.connections, local.paths.keys, local.databaseUrls.superuser),
    authorityPem: (await Promise.all(trusted.map((path) => readFile(path, 'utf8')))).join(''),
    ports: { ours: Number(new URL(local.addresses.terminals).port), baseline: baselinePort },
    exportFile,
  });
  const server = await local.server.start();
  const database = await postmasterPid(local);
  const meterOf = (pid: number) => cpuMeter({ server: pid, database });
  const summary = await runRounds(generator, {
    ...options,
    meters: { ours: meterOf(server.pid), baseline: meterOf(baseline.pid) } satisfies Record<Contestant, unknown>,
    onCounting: () => {
      if (options.profileFile !== null) process.kill(server.pid, 'SIGUSR2');
    },
  });
  options.report('Auditing what was issued …');
  const audit = await runAudit({
    databaseUrl: local.databaseUrls.auditor,
    keysDirectory: local.paths.keys,
    tillExports: [exportFile],
  });
  return { ...summary, audit };
}

/** Settings of a server that can be profiled (profile-hook.ts). */
function profiled(profileFile: string): Record<string, string> {
  return {
    NODE_OPTIONS: `--import ${new URL('profile-hook.js', import.meta.url).href}`,
    PROFILE_FILE: resolve(profileFile),
  };
}

async function makeBaselineDatabase({ databaseUrls }: LocalInstallation): Promise<string> {
  const client = new Client({ connectionString: databaseUrls.superuser });
  await client.connect();
  await client.query(`CREATE DATABASE ${BASELINE_DATABASE}`);
  await client.end();
  const url = new URL(databaseUrls.superuser);
  url.pathname = `/${BASELINE_DATABASE}`;
  return url.href;
}

/** The first line of postmaster.pid (Postgres manual, 19.3). */
async function postmasterPid({ paths }: LocalInstallation): Promise<number> {
  const text = await readFile(join(paths.postgres, 'data', 'postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}
