import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Things } from '../screen/things.js';
import { Random } from '../simulator/random.js';
import { Customers } from './customers.js';
import type { Effect, Lasting, PlannedFault } from './fault.js';
import { judge, type Judgement } from './judge.js';
import { kindNamed } from './kinds.js';
import { SalesBook } from './sales-book.js';
import { type Scene, setScene, sizeOf } from './scene.js';
import { settle } from './settle.js';

export interface RunOptions {
  readonly seed: string;
  readonly tills: number;
  readonly schedule: readonly PlannedFault[];
  /** Milliseconds from the first sale to the last fault's end. */
  readonly lastsMs: number;
  /** Empty; everything is kept there. */
  readonly folder: string;
  readonly things: Things;
  readonly report: (step: string) => void;
}

/** A planned fault, and what it came to. */
export interface FaultResult {
  readonly fault: PlannedFault;
  readonly effect: Effect;
}

export interface RunResult extends Omit<Judgement, 'faults'> {
  readonly isWell: boolean;
  /** What does not hold. */
  readonly faults: readonly string[];
  readonly effects: readonly FaultResult[];
  readonly sales: Readonly<Record<'issued' | 'offline' | 'refused' | 'notTaken' | 'repeated', number>>;
}

/** Sells and breaks as it is planned, heals, drains, compares and audits. What does not hold is in the result, and its scene stays. */
export async function runSchedule(options: RunOptions): Promise<RunResult> {
  const { tills, folder, things, report } = options;
  const scene = await setScene(folder, sizeOf(tills), things, report);
  const result = await play(scene, options);
  if (!result.isWell && typeof scene.databaseDisk !== 'string') scene.databaseDisk.keep();
  return result;
}

async function play(scene: Scene, options: RunOptions): Promise<RunResult> {
  const { seed, tills, schedule, lastsMs, things, report } = options;
  for (const agent of scene.agents) await agent.start();
  const random = new Random(seed);
  const book = new SalesBook();
  const customers = new Map(
    [...scene.terminals.keys()].map(
      (id) => [id, new Customers(scene, id, random.fork('customers', id), book)] as const,
    ),
  );
  // Each fault waits for its moments by it.
  setMaxListeners(0, things.signal);
  const faults: string[] = [];
  let isBroken = false;
  for (const [index, server] of scene.servers.entries())
    void server.broken.then(() => faults.push(`Server ${index} ended by itself; server-${index}.log may say why.`));
  report(`Selling at ${tills} tills for ${Math.round(lastsMs / 1_000)} s, with ${schedule.length} faults`);
  const began = performance.now();
  const isOver = (): boolean => isBroken || things.signal.aborted || performance.now() - began > lastsMs;
  const selling = Promise.all([...customers.values()].map((one) => one.come(isOver)));
  const parts = new Parts();
  const effects = await Promise.all(
    schedule.map(async (fault): Promise<FaultResult> => {
      const until = (atMs: number): Promise<void> => waitUntil(began + atMs, things.signal);
      await until(fault.atMs);
      const endMs = fault.atMs + fault.forMs;
      const lasting: Lasting = {
        over: () => until(endMs),
        isOver: () => things.signal.aborted || performance.now() >= began + endMs,
      };
      try {
        const effect = await parts.hold(fault.holds, () => kindNamed(fault.kind).act(scene, fault, lasting));
        return { fault, effect };
      } catch (error) {
        isBroken = true;
        faults.push(`The fault ${fault.id} ${fault.kind} could not be made: ${said(error)}`);
        return { fault, effect: { count: 0, of: 'faults made' } };
      }
    }),
  );
  await selling;
  things.signal.throwIfAborted();
  const judgement = await rest(scene, book, customers, report).catch((error: unknown): Judgement => {
    things.signal.throwIfAborted();
    return {
      faults: [`It did not come to rest: ${said(error)}`],
      invoices: 0,
      restored: 0,
      goneWithDisk: 0,
      auditLines: [],
    };
  });
  const all = [...faults, ...judgement.faults];
  const { issued, offline, refused, notTaken, repeated } = book;
  return {
    ...judgement,
    faults: all,
    isWell: all.length === 0,
    effects,
    sales: { issued, offline, refused, notTaken, repeated },
  };
}

async function rest(
  scene: Scene,
  book: SalesBook,
  customers: ReadonlyMap<string, Customers>,
  report: (step: string) => void,
): Promise<Judgement> {
  const settled = await settle(scene, customers, report);
  report('Comparing what was printed with what is on file, and auditing');
  const judgement = await judge(scene, book, settled.tillExports);
  return { ...judgement, faults: [...settled.faults, ...judgement.faults] };
}

function said(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Waits for a moment of the monotonic clock; a run that is interrupted waits for nothing. */
async function waitUntil(moment: number, signal: AbortSignal): Promise<void> {
  const ms = moment - performance.now();
  if (ms > 0) await wait(ms, undefined, { signal }).catch(() => undefined);
}

/** What is being broken: a fault that took longer than planned keeps the next one of the same part waiting. */
class Parts {
  readonly #last = new Map<string, Promise<unknown>>();

  async hold<Result>(parts: readonly string[], work: () => Promise<Result>): Promise<Result> {
    const before = Promise.all(parts.map((part) => this.#last.get(part) ?? Promise.resolve()));
    const result = before.then(work);
    const settledResult = result.catch(() => undefined);
    for (const part of parts) this.#last.set(part, settledResult);
    return result;
  }
}
