import { statfsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { readThreshold } from '../../fleet/register-shop.js';
import { Things } from '../../screen/things.js';
import { Random } from '../../simulator/random.js';
import { AUDITED } from '../all-benches.js';
import { contest, resendsOf, type Standing } from '../contest.js';
import { spreadOf } from '../figures.js';
import type { Load } from '../load-messages.js';
import { type Place, setPlace } from '../place.js';
import { fillLedger, takeAway } from './fill-ledger.js';
import { LOOK_UPS, measureLookUps, startAsking } from './look-ups.js';
import type { DoorFigures, GrowthBenchResult } from './report.js';
import { roomShort } from './room.js';
import { uploadLogs } from './upload-logs.js';

export interface GrowthBenchOptions {
  /** Invoices that are on file before anything is measured. */
  readonly filled: number;
  readonly rounds: number;
  /** Invoices of one round; null: as many as there are by themselves. */
  readonly invoices: number | null;
  /** How often each look-up is made. */
  readonly times: number;
  /** Settings of our servers other than the defaults, by the names in .env.example. */
  readonly serverSettings: Readonly<Record<string, string>>;
  readonly onProgress: (stage: string, done: number, total: number) => void;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

const CONNECTIONS = { issue: 32, reissue: 16 } as const;
const TILLS = Math.max(CONNECTIONS.issue, CONNECTIONS.reissue);
const INVOICES = { issue: 6_000, reissue: 6_400 } as const;

/** Why this machine cannot hold so many invoices; null: it can. */
export function growthUnfit(filled: number): string | null {
  const folder = tmpdir();
  const { bavail, bsize } = statfsSync(folder);
  return roomShort(filled, bavail * bsize, folder);
}

/**
 * Issuing, reissuing and looking up with millions of invoices on file, beside the same with none: two installations of their own, whose rounds
 * take turns, so that what else the machine does meets both. What is filled in are copies of the invoices of the first round (see `fillLedger`).
 *
 * The audit cannot tell copies, which have no genuine signature, from what was issued. So they are taken away in the end, and all that was issued
 * before and after them is audited, of both installations.
 */
export async function benchGrowth(options: GrowthBenchOptions): Promise<GrowthBenchResult> {
  const directory = await mkdtemp(join(tmpdir(), 'tax-control-bench-'));
  // As root, Postgres runs as a user of its own, who must be able to pass through.
  await chmod(directory, 0o711);
  const things = new Things();
  options.signal.addEventListener('abort', () => things.interrupt('Interrupted.'));
  try {
    return await things.unlessInterrupted(measure(directory, things, options));
  } finally {
    await things.end();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Measured {
  readonly place: Place;
  readonly superuser: Client;
}
type Both = Readonly<Record<'empty' | 'full', Measured>>;

async function measure(directory: string, things: Things, options: GrowthBenchOptions): Promise<GrowthBenchResult> {
  const { filled: count, rounds, invoices, times, onProgress, report, signal } = options;
  const both: Both = {
    empty: await open('empty', directory, things, options),
    full: await open('full', directory, things, options),
  };
  const loads = {
    issue: { shape: 'kept', connections: CONNECTIONS.issue, invoices: invoices ?? INVOICES.issue },
    reissue: {
      shape: 'lists',
      connections: CONNECTIONS.reissue,
      invoices: invoices ?? INVOICES.reissue,
      listInvoices: await readThreshold(both.full.place.local),
    },
  } as const;
  report('growth: issuing what is multiplied');
  const rehearsal = [];
  for (const load of Object.values(loads)) rehearsal.push(await runRounds(both, load, { from: 1, to: 1, report }));
  await uploadLogs(both.full.place, both.full.superuser);
  report(`growth: filling ${count} invoices in`);
  const filled = await fillLedger(both.full.superuser, { filled: count, onProgress, signal });
  const bytes = await sizeOf(both.full);
  // Both begin with all pages written, so that what the next checkpoint costs comes to both.
  for (const { superuser } of Object.values(both)) await superuser.query('CHECKPOINT');
  // The first round of each warms up: plans are made anew after what was filled in.
  report('growth: issue');
  const issue = await runRounds(both, loads.issue, { from: 0, to: rounds, report });
  report('growth: reissue');
  const reissue = await runRounds(both, loads.reissue, { from: 0, to: rounds, report });
  report('growth: look-ups');
  const lookUps = await lookUp(both, times, things, onProgress);
  report('growth: taking away what was filled in, and auditing the rest');
  await takeAway(both.full.superuser, filled);
  const standings = [...rehearsal, issue, reissue].flatMap(({ empty, full }) => [...empty, ...full]);
  return {
    filled: count,
    terminals: filled.terminals,
    bytes,
    issue: figuresOf(`issue, ${CONNECTIONS.issue} connections`, counted(issue)),
    reissue: figuresOf(`reissue, lists of ${loads.reissue.listInvoices}`, counted(reissue)),
    lookUps,
    ...(await audit(both, standings)),
  };
}

async function open(
  name: keyof Both,
  directory: string,
  things: Things,
  { serverSettings, report }: GrowthBenchOptions,
): Promise<Measured> {
  report(`growth: starting the installation that is ${name}`);
  const folder = join(directory, name);
  await mkdir(folder, { mode: 0o711 });
  const place = await setPlace({ folder, tills: TILLS, serverSettings, report: () => undefined, things });
  void place.local.broken.then((what) => things.fail(what));
  const superuser = new Client({ connectionString: place.local.databaseUrls.superuser });
  superuser.on('error', () => undefined);
  await superuser.connect();
  things.add(() => superuser.end());
  return { place, superuser };
}

type Rounds = Readonly<Record<keyof Both, Standing[]>>;

interface RoundsToRun {
  /** 0: a round that does not count goes before. */
  readonly from: number;
  readonly to: number;
  readonly report: (line: string) => void;
}

/** In turn, so that what else the machine does meets both. */
async function runRounds(both: Both, load: Load, { from, to, report }: RoundsToRun): Promise<Rounds> {
  const measured: Rounds = { empty: [], full: [] };
  for (let round = from; round <= to; round += 1) {
    const said: string[] = [];
    for (const where of ['empty', 'full'] as const) {
      const { generator, meters } = both[where].place;
      const { ours } = await contest(
        generator,
        { ours: { targets: ['ours'], load, meter: meters.ours } },
        { rounds: 1, warmUpRounds: 0, report: () => undefined },
      );
      measured[where].push(ours);
      said.push(`${where} ${ours.rate.median.toFixed(0)}/s`);
    }
    report(`${(round === 0 ? 'warm-up' : `round ${round}`).padEnd(8)}  ${said.join(', ')}`);
  }
  return measured;
}

/** Without the one that warmed up. */
function counted({ empty, full }: Rounds): Rounds {
  return { empty: empty.slice(1), full: full.slice(1) };
}

function figuresOf(what: string, { empty, full }: Rounds): DoorFigures {
  const [rates, fullRates] = [empty, full].map((standings) => standings.map(({ rate }) => rate.median)) as [
    number[],
    number[],
  ];
  const ratios = fullRates.map((rate, index) => rate / (rates[index] ?? Number.NaN));
  return { what, empty: spreadOf(rates), full: spreadOf(fullRates), ratio: spreadOf(ratios) };
}

async function sizeOf({ superuser }: Measured): Promise<number> {
  const { rows } = await superuser.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes');
  return Number(rows[0]?.bytes);
}

async function lookUp(
  both: Both,
  times: number,
  things: Things,
  onProgress: GrowthBenchOptions['onProgress'],
): Promise<GrowthBenchResult['lookUps']> {
  const asking = {
    empty: await startAsking(both.empty.place, both.empty.superuser),
    full: await startAsking(both.full.place, both.full.superuser),
  };
  for (const one of Object.values(asking)) things.add(() => Promise.resolve(one.close()));
  const total = Object.keys(LOOK_UPS).length;
  let done = 0;
  return measureLookUps(asking, {
    times,
    random: new Random('growth'),
    onDone: () => onProgress('look-ups', (done += 1), total),
  });
}

/** Of both installations; and what was sent again must have got the same receipt. */
async function audit(
  both: Both,
  standings: readonly Standing[],
): Promise<Pick<GrowthBenchResult, 'faults' | 'audited'>> {
  const faults: string[] = [];
  let audited = 0;
  for (const where of ['empty', 'full'] as const) {
    const { invoices, verdicts } = await both[where].place.audit();
    audited += invoices;
    for (const id of AUDITED)
      if (verdicts.find((verdict) => verdict.id === id)?.held !== true)
        faults.push(`${id} does not hold where it was ${where}`);
  }
  const { resent, resentSame } = resendsOf(standings);
  if (resent !== resentSame) faults.push(`${resent - resentSame} of ${resent} resent invoices got another receipt`);
  return { faults, audited };
}
