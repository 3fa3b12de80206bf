import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { type AuditReport, runAudit } from '../audit/audit.js';
import { type LocalInstallation, startLocal } from '../local/start-local.js';
import type { Things } from '../screen/things.js';
import { type Child, startChild } from './child.js';
import { type CpuMeter, cpuMeter } from './cpu-time.js';
import type { LoadCommand, LoadReport, Target } from './load-messages.js';
import { publishParameters } from './publish-parameters.js';
import { type BenchTerminal, makeTerminals } from './terminals.js';

export interface PlaceOptions {
  /** Empty. */
  readonly folder: string;
  /** Tills that are registered: as many as the most connections of a load. */
  readonly tills: number;
  /** Settings of our server other than the defaults, by the names in .env.example. */
  readonly serverSettings: Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
  readonly things: Things;
}

/** Where everything is measured: our server and the baseline on one fresh PostgreSQL with its default durability, and a load generator. */
export interface Place {
  /** For files of the benches. */
  readonly folder: string;
  readonly local: LocalInstallation;
  readonly generator: Generator;
  readonly terminals: readonly BenchTerminal[];
  /** PEM of the certificates that the servers show, for those who trust them. */
  readonly authorityPem: string;
  /** Exports of tills, as lines of JSON; a bench that has tills of its own adds theirs. */
  readonly tillExports: string[];
  /** Process ids of the servers. */
  readonly pids: Readonly<Record<'ours' | 'baseline', number>>;
  readonly meters: Readonly<Record<'ours' | 'baseline', CpuMeter>>;
  /** The audit, with everything that tills hold. */
  audit(): Promise<AuditReport>;
}

export type Generator = Child<LoadCommand, LoadReport>;

const BASELINE_DATABASE = 'bench_baseline';

/** @param second port of another server of ours; none, if left out */
export async function setPlace(
  options: PlaceOptions,
  second?: (local: LocalInstallation) => Promise<number>,
): Promise<Place> {
  const { folder, tills, serverSettings, report, things } = options;
  const local = await startLocal({
    directory: join(folder, 'local'),
    report: (step) => report(`${step} …`),
    signal: things.signal,
    serverSettings,
  });
  things.add(() => local.stop());
  await publishParameters(local);
  const baseline = startChild<never, { port: number }>('bench/baseline-server.js', {
    DATABASE_URL: await makeBaselineDatabase(local),
    KEYS_DIRECTORY: local.paths.keys,
  });
  things.add(() => baseline.end());
  const generator: Generator = startChild<LoadCommand, LoadReport>('bench/load-generator.js');
  things.add(() => generator.end());
  things.signal.addEventListener('abort', () => void generator.end());
  report(`Registering ${tills} tills …`);
  const { port: baselinePort } = await baseline.ask(null);
  const oursPort = Number(new URL(local.addresses.terminals).port);
  const ports: Record<Target, number> = {
    ours: oursPort,
    baseline: baselinePort,
    second: (await second?.(local)) ?? oursPort,
  };
  // Ours shows a certificate of the authority; the baseline the public listener's, which signs itself.
  const trusted = ['ca', 'public-listener'].map((keys) => join(local.paths.keys, keys, 'certificate.pem'));
  const authorityPem = (await Promise.all(trusted.map((path) => readFile(path, 'utf8')))).join('');
  const exportFile = join(folder, 'till-export.jsonl');
  const tillExports = [exportFile];
  const terminals = await makeTerminals(tills, local.paths.keys, local.databaseUrls.superuser);
  await ask(generator, { command: 'set-up', terminals, authorityPem, ports, exportFile });
  const { pid } = await local.server.start();
  const database = await postmasterPid(local);
  const pids = { ours: pid, baseline: baseline.pid };
  return {
    folder,
    local,
    generator,
    terminals,
    authorityPem,
    tillExports,
    pids,
    meters: {
      ours: cpuMeter({ server: pids.ours, database }),
      baseline: cpuMeter({ server: pids.baseline, database }),
    },
    audit: () =>
      runAudit({
        databaseUrl: local.databaseUrls.auditor,
        keysDirectory: local.paths.keys,
        tillExports,
      }),
  };
}

/** Commands the load generator; what fails there fails here. */
export async function ask(generator: Generator, command: LoadCommand): Promise<LoadReport> {
  const report = await generator.ask(command);
  if (report.report === 'failed') throw new Error(report.message);
  return report;
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
