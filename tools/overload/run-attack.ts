import { setTimeout as delay } from 'node:timers/promises';
import { type Child, startChild } from '../bench/child.js';
import type { Attack } from './attack.js';
import { contextOf, isAlive, memoryOf, planOf } from './context.js';
import { type Figures, figuresOf, recoveryMs } from './figures.js';
import type { AttackCommand, AttackReport, Sample, TillsCommand, TillsReport } from './messages.js';
import type { Stage } from './stage.js';

/** How long each part is measured, in milliseconds. */
export interface Durations {
  /** What follows the start of a server (compilers, caches, handshakes) says nothing about an attack. */
  readonly warmUpMs: number;
  readonly quietMs: number;
  readonly attackMs: number;
  /** A server that has not recovered by then has not recovered. */
  readonly afterwardsMs: number;
  /** Within it a till has its code, or sells without. */
  readonly saleDeadlineMs: number;
}

/** Sales of one till; longer than its deadline, so that the next is never due before the one before is settled. */
const INTERVAL_MS = 2_000;

/** What one attack did. */
export interface AttackResult {
  readonly name: string;
  readonly quiet: Figures;
  readonly attacked: Figures;
  /** Late lists of honest tills. */
  readonly quietLists: Figures;
  readonly attackedLists: Figures;
  /** Null: it did not recover while anybody looked. */
  readonly recoveryMs: number | null;
  readonly residentBytes: number | null;
  readonly groupBytes: number | null;
  readonly hasServerEnded: boolean;
  readonly fault: string | null;
}

/** Starts the server anew, lets the honest tills sell, attacks, and looks on until they sell as before. */
export async function runAttack(attack: Attack, stage: Stage, durations: Durations): Promise<AttackResult> {
  const { pid, memory } = await stage.restart();
  const tills = startChild<TillsCommand, TillsReport>('overload/honest-tills.js');
  const attacker = startChild<AttackCommand, AttackReport>('overload/attack-process.js', {}, true);
  const samples: Sample[] = [];
  const take = async (command: 'take' | 'stop' = 'take'): Promise<number> => {
    const { samples: more, nowMs } = await tills.ask({ command });
    samples.push(...more);
    return nowMs;
  };
  try {
    const context = contextOf(stage, attack, pid);
    const faults = [await told(attacker, { command: 'prepare', name: attack.name, context })];
    await tills.ask({
      command: 'start',
      plan: planOf(stage, { intervalMs: INTERVAL_MS, saleDeadlineMs: durations.saleDeadlineMs }),
    });
    await delay(durations.warmUpMs + durations.quietMs);
    const attackBegan = await take();
    faults.push(await told(attacker, { command: 'run' }));
    await delay(durations.attackMs);
    const attackEnded = await take();
    const resident = await memoryOf(pid, 'VmHWM');
    const group = memory?.peakBytes() ?? null;
    faults.push(await told(attacker, { command: 'end' }));
    await delay(durations.afterwardsMs);
    await take('stop');
    const of = (kind: Sample['kind'], fromMs: number, toMs: number): Figures =>
      figuresOf(samples.filter((sample) => sample.kind === kind && sample.dueMs >= fromMs && sample.dueMs < toMs));
    return {
      name: attack.name,
      quiet: of('sale', durations.warmUpMs, attackBegan),
      attacked: of('sale', attackBegan, attackEnded),
      quietLists: of('list', durations.warmUpMs, attackBegan),
      attackedLists: of('list', attackBegan, attackEnded),
      recoveryMs: recoveryMs(
        samples.filter(({ kind }) => kind === 'sale'),
        attackEnded,
      ),
      residentBytes: resident,
      groupBytes: group,
      hasServerEnded: !isAlive(pid),
      fault: faults.find((fault) => fault !== null) ?? null,
    };
  } finally {
    await attacker.end();
    await tills.end();
  }
}

async function told(attacker: Child<AttackCommand, AttackReport>, command: AttackCommand): Promise<string | null> {
  return (await attacker.ask(command)).fault;
}
