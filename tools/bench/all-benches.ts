import type { AuditReport } from '../audit/audit.js';
import { choosePort } from '@tax-control/protocol/testing';
import { databaseUrlFile } from '../local/state.js';
import { makeFurtherServer } from '../local/further-server.js';
import type { LocalInstallation } from '../local/start-local.js';
import type { Things } from '../screen/things.js';
import { resolve } from 'node:path';
import type { Bench, Extent, Row } from './bench.js';
import { ISSUE_CONNECTIONS_MAX } from './benches/issue.js';
import { contest, resendsOf, type Standing } from './contest.js';
import { type Place, setPlace } from './place.js';

export interface BenchesOptions {
  readonly folder: string;
  readonly extent: Extent;
  /** Where to write a CPU profile of our server; null: none is made. */
  readonly profileFile: string | null;
  /** Settings of our server other than the defaults, by the names in .env.example. */
  readonly serverSettings: Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
  readonly things: Things;
}

export interface BenchesResult {
  readonly rows: readonly Row[];
  /** By the name of the bench. */
  readonly figures: Readonly<Record<string, object>>;
  /** Benches that this machine is not fit for, with the reason. */
  readonly skipped: Readonly<Record<string, string>>;
  readonly resent: number;
  readonly resentSame: number;
  readonly audit: AuditReport;
}

/** Before anything is measured: V8 compiles what runs often, and 2,000 sales at one connection were not enough for that. */
const WARM_UP = { shape: 'kept', connections: 64, invoices: 12_000 } as const;

/** What must have held at the end of a measurement, or it measured something else. */
export const AUDITED = ['I1', 'I2', 'I3', 'I4'] as const;

export function held({ resent, resentSame, audit, skipped }: BenchesResult): boolean {
  const isSame = resent === resentSame;
  const verdicts = AUDITED.map((id) => audit.verdicts.find((verdict) => verdict.id === id)?.held);
  return isSame && verdicts.every((verdict) => verdict === true) && Object.keys(skipped).length === 0;
}

/** Runs benches one after the other in one place, and audits what was issued. */
export async function runBenches(benches: readonly Bench[], options: BenchesOptions): Promise<BenchesResult> {
  const { folder, extent, profileFile, serverSettings, report, things } = options;
  const hasSecond = benches.some(({ name }) => name === 'instances');
  const place = await setPlace(
    {
      folder,
      tills: Math.max(ISSUE_CONNECTIONS_MAX, extent.connections ?? 0, ...benches.map(({ tills = 0 }) => tills)),
      serverSettings: { ...serverSettings, ...(profileFile !== null && profiled(profileFile)) },
      report,
      things,
    },
    hasSecond ? (local) => startSecond(local, folder, things) : undefined,
  );
  const rows: Row[] = [];
  const standings: Standing[] = [];
  const figures: Record<string, object> = {};
  const skipped: Record<string, string> = {};
  const onCounting = (): void => {
    if (profileFile !== null) process.kill(place.pids.ours, 'SIGUSR2');
  };
  for (const bench of benches) {
    things.signal.throwIfAborted();
    const reason = bench.unfit?.() ?? null;
    if (reason !== null) {
      skipped[bench.name] = reason;
      continue;
    }
    if (standings.length === 0 && bench.isCold !== true) standings.push(await warmUp(place, report));
    report(`${bench.name}: ${bench.what}`);
    const beganMs = performance.now();
    const result = await bench.run({ place, extent, report, onCounting, signal: things.signal });
    report(`${bench.name}: took ${secondsSince(beganMs)} s`);
    rows.push(...result.rows);
    standings.push(...result.standings);
    figures[bench.name] = result.figures;
  }
  report('Auditing what was issued …');
  const beganMs = performance.now();
  const audit = await place.audit();
  report(`The audit took ${secondsSince(beganMs)} s`);
  return { rows, figures, skipped, ...resendsOf(standings), audit };
}

/** @returns what ours issued meanwhile, for the audit */
async function warmUp({ generator }: Place, report: (line: string) => void): Promise<Standing> {
  report('Warming up …');
  const contestants = {
    baseline: { targets: ['baseline'], load: WARM_UP, meter: null },
    ours: { targets: ['ours'], load: WARM_UP, meter: null },
  } as const;
  return (await contest(generator, contestants, { rounds: 1, warmUpRounds: 0, report })).ours;
}

function secondsSince(beganMs: number): string {
  return ((performance.now() - beganMs) / 1_000).toFixed(0);
}

/** Another server of ours on the same database, with the same keys. @returns the port of its tills */
async function startSecond({ paths }: LocalInstallation, folder: string, things: Things): Promise<number> {
  const port = await choosePort();
  const databaseUrl = databaseUrlFile(paths, 'server');
  const server = await makeFurtherServer({ paths, databaseUrlFile: databaseUrl, folder, name: 'second', port });
  await server.start();
  things.add(() => server.stop());
  return port;
}

/** Settings of a server that can be profiled (profile-hook.ts). */
function profiled(profileFile: string): Record<string, string> {
  return {
    NODE_OPTIONS: `--import ${new URL('profile-hook.js', import.meta.url).href}`,
    PROFILE_FILE: resolve(profileFile),
  };
}
