import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { readThreshold } from '../../fleet/register-shop.js';
import { type Bench, type BenchContext, type Row } from '../bench.js';
import { type Child, startChild } from '../child.js';
import { contest, type Standing } from '../contest.js';
import { judgeStorm, type StormFigures } from '../storm/judge-storm.js';
import { watchMemory } from '../storm/watch-memory.js';
import type { Return, SaleSample, TillsCommand, TillsReport } from '../storm/messages.js';

const SELLING = 50;
const RETURNING = 500;
const INVOICES = 50_000;
/** A busy till has a customer every second: fifty make enough sales for a 99th percentile. */
const SALE_INTERVAL_MS = 1_000;
const QUIET_MS = 20_000;
/** Sales before the storm, which are in no figure: connections are opened by then. */
const LEAD_MS = 2_000;
/** Until then compilers, caches and PostgreSQL are cold. */
const WARM_UP = { shape: 'kept', connections: 16, invoices: 4_000 } as const;
/** As the bench `reissue` has it. */
const REISSUE = { shape: 'lists', connections: 16, invoices: 6_400 } as const;
/** A storm that lasts longer has failed: at 200 invoices a second everything is drained by then. */
const LIMIT_MS = 250_000;
/** Tills that sign at a time, so that progress can be told. */
const SIGNING = 50;
const GOALS = { ratio: 3, offlineShare: 0.01, drainedRatio: 0.8, memoryRatio: 1.5 } as const;

type Tills = Child<TillsCommand, TillsReport>;

export const storm: Bench = {
  name: 'storm',
  what: `${RETURNING} tills with 100 waiting invoices each come back at once while ${SELLING} sell, beside the same ${SELLING} alone`,
  tills: SELLING + RETURNING,
  run: async (context) => {
    const { place, extent, report, signal } = context;
    const { terminals, authorityPem, local, pids } = place;
    const waiting = Math.ceil((extent.invoices ?? INVOICES) / RETURNING);
    const sellers = startTills(context);
    const returning = startTills(context);
    try {
      const common = { authorityPem, address: local.addresses.terminals } as const;
      await ask(sellers, { command: 'set-up', terminals: terminals.slice(0, SELLING), ...common });
      const others = terminals.slice(SELLING, SELLING + RETURNING);
      await ask(returning, { command: 'set-up', terminals: others, ...common });
      for (let from = 0; from < others.length; from += SIGNING) {
        signal.throwIfAborted();
        report(`storm: ${from * waiting} of ${others.length * waiting} waiting invoices are signed`);
        await ask(returning, { command: 'store', from, tills: SIGNING, invoices: waiting });
      }
      const warm = await one(context, WARM_UP, 1);

      const quietMemory = watchMemory(pids.ours);
      await ask(sellers, { command: 'start-selling', intervalMs: SALE_INTERVAL_MS });
      await wait(LEAD_MS);
      await ask(sellers, { command: 'take-samples' });
      await wait(QUIET_MS, undefined, { signal });
      const quiet = await samplesOf(sellers, 'stop-selling');
      const quietBytes = await quietMemory.stop();

      const lists = { ...REISSUE, listInvoices: await readThreshold(local) };
      const before = await one(context, lists, 1);

      const stormMemory = watchMemory(pids.ours);
      await ask(sellers, { command: 'start-selling', intervalMs: SALE_INTERVAL_MS });
      await wait(LEAD_MS);
      await ask(sellers, { command: 'take-samples' });
      context.onCounting(true);
      const returned = await returnOf(returning);
      context.onCounting(false);
      const stormSamples = await samplesOf(sellers, 'stop-selling');
      const stormBytes = await stormMemory.stop();
      const after = await one(context, lists, 0);

      await finish(context, { sellers, returning });
      const figures = judgeStorm({
        quiet,
        storm: stormSamples,
        returned,
        reissueRate: (before.rate.median + after.rate.median) / 2,
        quietBytes,
        stormBytes,
      });
      return { standings: [warm, before, after], rows: rowsOf(figures, returned), figures };
    } finally {
      await Promise.all([sellers.end(), returning.end()]);
    }
  },
};

function startTills({ signal }: BenchContext): Tills {
  const tills: Tills = startChild<TillsCommand, TillsReport>('bench/storm/tills-process.js');
  signal.addEventListener('abort', () => void tills.end(), { once: true });
  return tills;
}

async function ask(tills: Tills, command: TillsCommand): Promise<TillsReport> {
  const report = await tills.ask(command);
  if (report.report === 'failed') throw new Error(`storm: ${report.message}`);
  return report;
}

async function samplesOf(tills: Tills, command: 'take-samples' | 'stop-selling'): Promise<readonly SaleSample[]> {
  const report = await ask(tills, { command });
  return report.report === 'samples' ? report.samples : [];
}

async function returnOf(tills: Tills): Promise<Return> {
  const report = await ask(tills, { command: 'come-back', limitMs: LIMIT_MS });
  if (report.report !== 'returned') throw new Error('the tills did not come back');
  return report;
}

/** Everything has its code in the end, and the audit sees what the tills hold. */
async function finish({ place }: BenchContext, all: Readonly<Record<string, Tills>>): Promise<void> {
  for (const [name, tills] of Object.entries(all)) {
    const exportFile = join(place.folder, `storm-${name}.jsonl`);
    const report = await ask(tills, { command: 'finish', exportFile });
    place.tillExports.push(exportFile);
    if (report.report !== 'finished' || report.waiting > 0)
      throw new Error(`storm: invoices of the ${name} tills still wait`);
  }
}

/** One round of ours alone. */
async function one(
  { place, report }: BenchContext,
  load: Parameters<typeof contest>[1][string]['load'],
  warmUpRounds: number,
): Promise<Standing> {
  const contestants = { ours: { targets: ['ours'], load, meter: place.meters.ours } } as const;
  return (await contest(place.generator, contestants, { rounds: 1, warmUpRounds, report })).ours;
}

function rowsOf(figures: StormFigures, { invoices, seconds }: Return): Row[] {
  const { p99, quietP99, ratio, offlineShare, returningOfflineShare, sales, memoryRatio } = figures;
  const perCent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  return [
    ['storm, sales', `p99 ${p99} ms`, `p99 ${quietP99} ms (quiet)`, `${ratio} of p99`, `≤ ${GOALS.ratio}`],
    [
      `storm, forced offline of ${sales}`,
      perCent(offlineShare),
      `${perCent(returningOfflineShare)} of the first sales of those that came back`,
      '',
      `≤ ${perCent(GOALS.offlineShare)}`,
    ],
    [
      `storm, ${invoices} drained in ${seconds.toFixed(1)} s`,
      `${figures.drained}/s, nine tenths ${figures.drainedNineTenths}/s`,
      `${figures.reissue}/s (reissue)`,
      String(figures.drainedRatio),
      `≥ ${GOALS.drainedRatio}`,
    ],
    [
      'storm, memory of the server',
      memoryRatio === null ? 'not measured: only Linux tells it' : 'largest while it lasts',
      'largest while it is quiet',
      memoryRatio === null ? '' : String(memoryRatio),
      `≤ ${GOALS.memoryRatio}`,
    ],
  ];
}
