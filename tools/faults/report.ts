import { groupDigits, tableLines } from '../screen/table.js';
import type { PlannedFault } from './fault.js';
import type { FaultResult, RunResult } from './run.js';

const MS_PER_SECOND = 1_000;

const seconds = (ms: number): string => (ms / MS_PER_SECOND).toFixed(1);

/** The schedule as a table: when, for how long, what, and how. */
export function scheduleLines(schedule: readonly PlannedFault[]): string[] {
  return tableLines(
    schedule.map(({ id, atMs, forMs, kind, detail }) => [
      String(id),
      `${seconds(atMs)} s`,
      `for ${seconds(forMs)} s`,
      kind,
      Object.entries(detail)
        .map(([name, value]) => `${name} ${String(value)}`)
        .join(', '),
    ]),
  );
}

/** Of each kind: planned, took effect, and what was counted; then what never took effect. */
export function resultLines({
  effects,
  sales,
  invoices,
  restored,
  goneWithDisk,
  auditLines,
  faults,
}: RunResult): string[] {
  return [
    ...tableLines([['fault', 'planned', 'took effect', 'count'], ...kindRows(effects)]),
    '',
    ...withoutEffect(effects).map(
      ({ fault, effect }) =>
        `– ${fault.id} ${fault.kind} at ${seconds(fault.atMs)} s never took effect${effect.impossible === undefined ? '' : `: ${effect.impossible}`}`,
    ),
    `Answers of tills: ${groupDigits(sales.issued)} with a code, ${groupDigits(sales.offline)} without, ` +
      `${groupDigits(sales.refused)} refused; ${groupDigits(sales.notTaken)} sales not taken, ${groupDigits(sales.repeated)} asked for again.`,
    `${groupDigits(invoices)} invoices on file, of which ${groupDigits(restored)} came back from tills after a restore; ` +
      `${groupDigits(goneWithDisk)} without a code gone with a till's disk.`,
    '',
    ...auditLines,
    ...faults.slice(0, FAULTS_SHOWN).map((fault) => `✗ ${fault}`),
    ...(faults.length > FAULTS_SHOWN ? [`✗ … and ${faults.length - FAULTS_SHOWN} more`] : []),
  ];
}

const FAULTS_SHOWN = 20;

export function withoutEffect(effects: readonly FaultResult[]): FaultResult[] {
  return effects.filter(({ effect }) => effect.count === 0);
}

/** Sums of the kinds, in the order of their names. */
export function countKinds(
  effects: readonly FaultResult[],
): Record<string, { planned: number; tookEffect: number; count: number; of: string }> {
  const kinds: Record<string, { planned: number; tookEffect: number; count: number; of: string }> = {};
  for (const { fault, effect } of effects) {
    const kind = (kinds[fault.kind] ??= { planned: 0, tookEffect: 0, count: 0, of: effect.of });
    kind.planned += 1;
    kind.tookEffect += effect.count > 0 ? 1 : 0;
    kind.count += effect.count;
  }
  return Object.fromEntries(Object.entries(kinds).toSorted(([one], [other]) => one.localeCompare(other)));
}

function kindRows(effects: readonly FaultResult[]): string[][] {
  return Object.entries(countKinds(effects)).map(([name, { planned, tookEffect, count, of }]) => [
    name,
    String(planned),
    String(tookEffect),
    `${groupDigits(count)} ${of}`,
  ]);
}
