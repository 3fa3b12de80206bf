import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OWNER_ONLY } from '../../screen/throw-away-folder.js';
import { readThreshold, registerShop } from '../../fleet/register-shop.js';
import { type Bench, type BenchContext, type Row } from '../bench.js';
import { type Child, startChild } from '../child.js';
import { contest, type Standing } from '../contest.js';
import { judgeTill, type TillFigures } from '../till/judge-till.js';
import type { TillCommand, TillReport } from '../till/messages.js';

/** In the journal: by itself what the goal is about, and among all benches what there is time for. */
const INVOICES = { alone: 100_000, amongAll: 6_000 };
/** The last of them are measured, in blocks that alternate with as many inserts. */
const MEASURED = 5_000;
const BLOCK = 250;
/** Sales between two lines of progress. */
const PROGRESS = 5_000;
/** What the server takes over one connection, and as the bench `reissue` has it. */
const LISTS = { one: { connections: 1, invoices: 3_000 }, sixteen: { connections: 16, invoices: 6_400 } };
const GOALS = { ratio: 3, drainedRatio: 0.5 } as const;

type Till = Child<TillCommand, TillReport>;

export const till: Bench = {
  name: 'till',
  what: 'sales of a real till with the line down and a full journal, beside one synced insert; then its backlog over the line',
  run: async (context) => {
    const { extent, report, signal } = context;
    const count = extent.invoices ?? (extent.isAmongAll ? INVOICES.amongAll : INVOICES.alone);
    const child: Till = startChild<TillCommand, TillReport>('bench/till/till-process.js');
    signal.addEventListener('abort', () => void child.end(), { once: true });
    try {
      await enrol(context, child);
      const measured = Math.min(MEASURED, count);
      for (let sold = 0; sold < count - measured;) {
        signal.throwIfAborted();
        const sales = Math.min(PROGRESS, count - measured - sold);
        await ask(child, { command: 'sell', sales });
        sold += sales;
        report(`till: ${sold} of ${count} sales are in the journal`);
      }
      const sales: number[] = [];
      const inserts: number[] = [];
      while (sales.length < measured) {
        const block = Math.min(BLOCK, measured - sales.length);
        sales.push(...(await timesOf(child, { command: 'sell', sales: block })));
        inserts.push(...(await timesOf(child, { command: 'insert', rows: block })));
      }

      const before = await lists(context, LISTS.one, 1);
      report(`till: ${count} invoices go to the server`);
      const drained = await ask(child, { command: 'drain' });
      if (drained.report !== 'drained') throw new Error('the till did not drain');
      const after = await lists(context, LISTS.one, 0);
      const sixteen = await lists(context, LISTS.sixteen, 1);
      const finished = await ask(child, { command: 'finish', folder: context.place.folder });
      if (finished.report === 'finished') context.place.tillExports.push(finished.exportFile);

      const oneConnection = [before.rate.median, after.rate.median];
      const figures = judgeTill({ sales, inserts, drained, oneConnection, reissue: sixteen.rate.median });
      return { standings: [before, after, sixteen], rows: rowsOf(figures), figures };
    } finally {
      await child.end();
    }
  },
};

/** Registers a till, and lets it enrol and lose its line. The server has a name in the parameters, so that it can be not found. */
async function enrol({ place: { local, folder } }: BenchContext, child: Till): Promise<void> {
  const address = new URL(local.addresses.terminals);
  address.hostname = 'localhost';
  await local.control('parameters', 'set', '--address', address.origin);
  const [invited] = await registerShop(local, {
    taxpayerId: 'bench-till-taxpayer',
    taxpayerName: 'Bench',
    premisesId: 'bench-till-premises',
    premisesName: 'Bench',
    region: 'North',
    activity: 'retail',
    address: 'Road 1',
    terminalIds: ['bench-real-till'],
  });
  const directory = join(folder, 'real-till');
  await mkdir(directory, { mode: OWNER_ONLY });
  await ask(child, { command: 'enrol', invitation: invited?.invitation ?? '', directory });
}

async function ask(child: Till, command: TillCommand): Promise<TillReport> {
  const report = await child.ask(command);
  if (report.report === 'failed') throw new Error(`till: ${report.message}`);
  return report;
}

async function timesOf(child: Till, command: TillCommand): Promise<readonly number[]> {
  const report = await ask(child, command);
  return report.report === 'times' ? report.times : [];
}

/** One round of lists as long as the threshold. */
async function lists(
  { place, report }: BenchContext,
  extent: { readonly connections: number; readonly invoices: number },
  warmUpRounds: number,
): Promise<Standing> {
  const load = { shape: 'lists', ...extent, listInvoices: await readThreshold(place.local) } as const;
  const contestants = { ours: { targets: ['ours'], load, meter: place.meters.ours } } as const;
  return (await contest(place.generator, contestants, { rounds: 1, warmUpRounds, report })).ours;
}

function rowsOf(figures: TillFigures): Row[] {
  const { p50, p99, insertP50, insertP99, ratio, invoices } = figures;
  return [
    [
      `till, line down, ${invoices} in the journal`,
      `p50 ${p50}, p99 ${p99} ms`,
      `p50 ${insertP50}, p99 ${insertP99} ms (one synced insert)`,
      `${ratio} of p99`,
      `≤ ${GOALS.ratio}`,
    ],
    [
      `till, ${invoices} drained`,
      `${figures.drained}/s`,
      `${figures.serverTakes}/s over one connection, ${figures.reissue}/s over 16`,
      String(figures.drainedRatio),
      `≥ ${GOALS.drainedRatio}`,
    ],
  ];
}
