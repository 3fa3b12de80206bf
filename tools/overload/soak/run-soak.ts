import { setTimeout as delay } from 'node:timers/promises';
import { startChild } from '../../bench/child.js';
import type { Random } from '../../simulator/random.js';
import { isAlive, planOf } from '../context.js';
import type { Sample, TillsCommand, TillsReport } from '../messages.js';
import type { Stage } from '../stage.js';
import { asSuperuser } from './database-faults.js';
import { boundsOf, type SoakBound, WARM_UP_ROUNDS } from './bounds.js';
import { type DiskReading, readDisk, type Reading, readServer } from './readings.js';
import type { SoakFault, SoakScene } from './soak-fault.js';

/** How a soak goes. Times in milliseconds. */
export interface SoakPlan {
  /** The round that goes on then is the last. Three rounds are made in any case: warm-up, start and end. */
  readonly totalMs: number;
  readonly faults: readonly SoakFault[];
  readonly random: Random;
  /** How long the tills sell as fast as they can: first unmeasured, then measured. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly faultMs: number;
  /** From the first code after a fault until the server is looked at. */
  readonly restMs: number;
  readonly saleDeadlineMs: number;
}

/** What became of the faults of a kind. */
export interface FaultCount {
  tookEffect: number;
  /** Why it did not, each time. */
  readonly without: string[];
  /** The longest time from its end until an honest till had a code, milliseconds. */
  slowestCodeMs: number;
}

export interface SoakResult {
  readonly rounds: number;
  readonly elapsedMs: number;
  /** Invoices a second that the honest tills had codes for, as fast as they could. */
  readonly mostPerSecond: number;
  /** The same for the load that they were to make, and for what they had codes for while the soak went on, faults included. */
  readonly plannedPerSecond: number;
  readonly issuedPerSecond: number;
  readonly issued: number;
  /** Invoices of the honest tills: those of whose codes the answer was lost, too. */
  readonly onFile: number;
  /** What tills had in place of a code, and how often. */
  readonly instead: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, FaultCount>>;
  readonly bounds: readonly SoakBound[];
  readonly readings: readonly Reading[];
  readonly disk: readonly DiskReading[];
  /** What must not happen and did, each a sentence; bounds that were passed are not among them. */
  readonly broken: readonly string[];
}

const LEAST_ROUNDS = WARM_UP_ROUNDS + 2;
const LIST_INVOICES = 5;
const HALF = 0.5;
const MS_PER_SECOND = 1_000;
/** A server that gives no code for so long after a fault has not outlived it, on whatever machine. */
const CODE_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Lets tills sell at half of what they can, and a fault come every few seconds; judges what the server holds in the end. */
export async function runSoak(
  stage: Stage,
  plan: SoakPlan,
  onRound: (round: number, reading: Reading, disk: DiskReading) => void,
  signal: AbortSignal,
): Promise<SoakResult> {
  const { pid } = await stage.restart();
  const mostPerSecond = await measureMost(stage, plan, signal);
  const tills = startChild<TillsCommand, TillsReport>('overload/honest-tills.js');
  try {
    const perRound = stage.sellers.length + LIST_INVOICES * stage.latecomers.length;
    const intervalMs = Math.ceil((perRound / (mostPerSecond * HALF)) * MS_PER_SECOND);
    const soak = new Soak({ stage, serverPid: pid, tills }, plan, await onFile(stage), signal);
    await tills.ask({
      command: 'start',
      plan: planOf(stage, { intervalMs, saleDeadlineMs: plan.saleDeadlineMs }),
    });
    const beganMs = performance.now();
    for (let round = 0; round < LEAST_ROUNDS || performance.now() - beganMs < plan.totalMs; round += 1) {
      await soak.makeRound(round);
      if (soak.broken.length > 0) break;
      const [reading, disk] = [soak.readings.at(-1), soak.disk.at(-1)];
      if (reading !== undefined && disk !== undefined) onRound(round, reading, disk);
    }
    const elapsedMs = performance.now() - beganMs;
    await soak.take('stop');
    return await soak.result(mostPerSecond, elapsedMs);
  } finally {
    await tills.end();
  }
}

/** @returns invoices a second that have their codes when each till sells as soon as the sale before is done */
async function measureMost(stage: Stage, plan: SoakPlan, signal: AbortSignal): Promise<number> {
  const tills = startChild<TillsCommand, TillsReport>('overload/honest-tills.js');
  try {
    const { saleDeadlineMs } = plan;
    await tills.ask({ command: 'start', plan: planOf(stage, { intervalMs: 0, saleDeadlineMs }) });
    await delay(plan.warmUpMs, undefined, { signal });
    const { nowMs: fromMs } = await tills.ask({ command: 'take' });
    await delay(plan.measureMs, undefined, { signal });
    const { samples, nowMs } = await tills.ask({ command: 'take' });
    await tills.ask({ command: 'stop' });
    const issued = codesIn(samples);
    if (issued === 0) throw new Error('the honest tills had no code while it was measured what they can');
    return issued / ((nowMs - fromMs) / MS_PER_SECOND);
  } finally {
    await tills.end();
  }
}

function codesIn(samples: readonly Sample[]): number {
  return samples.reduce((sum, { kind, hasCode }) => sum + (hasCode ? (kind === 'list' ? LIST_INVOICES : 1) : 0), 0);
}

class Soak {
  readonly readings: Reading[] = [];
  readonly disk: DiskReading[] = [];
  readonly broken: string[] = [];
  readonly #counts: Record<string, FaultCount> = {};
  readonly #instead: Record<string, number> = {};
  #issued = 0;
  #faults = 0;

  constructor(
    private readonly scene: SoakScene,
    private readonly plan: SoakPlan,
    /** Invoices of the honest tills before they began. */
    private readonly onFileBefore: number,
    private readonly signal: AbortSignal,
  ) {}

  /** Each fault once, in an order that the seed draws. */
  async makeRound(round: number): Promise<void> {
    const left = [...this.plan.faults];
    const random = this.plan.random.fork(round);
    while (left.length > 0) {
      const [fault] = left.splice(random.whole(0, left.length - 1), 1);
      if (fault !== undefined) await this.#make(fault, round);
      if (this.broken.length > 0) return;
    }
    this.disk.push(await readDisk(this.scene.stage, round, this.#faults));
  }

  /** @returns how many invoices had their codes since it was last asked */
  async take(command: 'take' | 'stop' = 'take'): Promise<number> {
    const { samples } = await this.scene.tills.ask({ command });
    for (const { instead } of samples) if (instead !== null) this.#instead[instead] = (this.#instead[instead] ?? 0) + 1;
    const issued = codesIn(samples);
    this.#issued += issued;
    return issued;
  }

  async result(mostPerSecond: number, elapsedMs: number): Promise<SoakResult> {
    const { stage } = this.scene;
    const bounds = boundsOf(this.readings, this.disk);
    const stored = (await onFile(stage)) - this.onFileBefore;
    const never = Object.entries(this.#counts).filter(([, { tookEffect }]) => tookEffect === 0);
    return {
      rounds: this.disk.length,
      elapsedMs,
      mostPerSecond,
      plannedPerSecond: mostPerSecond * HALF,
      issuedPerSecond: this.#issued / (elapsedMs / MS_PER_SECOND),
      issued: this.#issued,
      onFile: stored,
      instead: this.#instead,
      faults: this.#counts,
      bounds,
      readings: this.readings,
      disk: this.disk,
      broken: [
        ...this.broken,
        ...never.map(([name, { without }]) => `The fault ${name} never took effect: ${without.at(-1)}`),
        ...(stored < this.#issued
          ? [`The tills had ${this.#issued} codes, and ${stored} of their invoices are on file.`]
          : []),
      ],
    };
  }

  async #make(fault: SoakFault, round: number): Promise<void> {
    this.signal.throwIfAborted();
    const count = (this.#counts[fault.name] ??= { tookEffect: 0, without: [], slowestCodeMs: 0 });
    this.#faults += 1;
    try {
      const end = await fault.begin(this.scene);
      try {
        await delay(this.plan.faultMs, undefined, { signal: this.signal });
      } finally {
        await end();
      }
      count.tookEffect += 1;
    } catch (error) {
      this.signal.throwIfAborted();
      count.without.push(error instanceof Error ? error.message : String(error));
    }
    const tookMs = await this.#nextCode();
    if (tookMs === null || !isAlive(this.scene.serverPid)) {
      this.broken.push(
        isAlive(this.scene.serverPid)
          ? `After ${fault.name} (round ${round}) no till had a code within ${CODE_LIMIT_MS / MS_PER_SECOND} s.`
          : `The server ended at ${fault.name} (round ${round}).`,
      );
      return;
    }
    count.slowestCodeMs = Math.max(count.slowestCodeMs, Math.round(tookMs));
    await delay(this.plan.restMs, undefined, { signal: this.signal });
    await this.take();
    this.readings.push(await readServer(this.scene.stage, this.scene.serverPid, round, fault.name));
  }

  /** Waits for the next code of an honest till. @returns milliseconds, or null if none comes in time or the server has ended */
  async #nextCode(): Promise<number | null> {
    await this.take();
    const beganMs = performance.now();
    while (performance.now() - beganMs < CODE_LIMIT_MS && isAlive(this.scene.serverPid)) {
      await delay(LOOK_EVERY_MS, undefined, { signal: this.signal });
      if ((await this.take()) > 0) return performance.now() - beganMs;
    }
    return null;
  }
}

/** Invoices of the honest tills. */
async function onFile({ local, sellers, latecomers }: Stage): Promise<number> {
  const terminals = [...sellers, ...latecomers].map(({ terminalId }) => terminalId);
  return asSuperuser(local.databaseUrls.superuser, async (superuser) => {
    const { rows } = await superuser.query<{ count: number }>(
      'SELECT count(*)::float8 AS count FROM ledger WHERE terminal_id = ANY ($1)',
      [terminals],
    );
    return rows[0]?.count ?? 0;
  });
}
