import { groupDigits, tableLines } from '../../screen/table.js';
import { AUDITED } from '../all-benches.js';
import { rounded, type Row } from '../bench.js';
import type { Spread } from '../figures.js';
import type { LookUpFigures } from './look-ups.js';

/** Invoices a second of one door in both places, and the one rate divided by the other, round by round. */
export interface DoorFigures {
  readonly what: string;
  readonly empty: Spread;
  readonly full: Spread;
  readonly ratio: Spread;
}

export interface GrowthBenchResult {
  readonly filled: number;
  readonly terminals: number;
  /** Bytes of the full database on the disk. */
  readonly bytes: number;
  readonly issue: DoorFigures;
  readonly reissue: DoorFigures;
  readonly lookUps: Readonly<Record<string, LookUpFigures>>;
  /** What did not hold at the end, one sentence each. */
  readonly faults: readonly string[];
  /** Invoices that the audit looked at, in both installations. */
  readonly audited: number;
}

const GOAL = '≥ 0.9';
const HEAD: Row = ['', 'full', 'empty', 'compared', 'goal'];
const BYTES_PER_GB = 1_000_000_000;

export function growthLines(result: GrowthBenchResult): string[] {
  const { filled, terminals, bytes, audited, faults } = result;
  return [
    `growth: ${groupDigits(filled)} invoices of ${groupDigits(terminals)} terminals with their log entries on file (${(bytes / BYTES_PER_GB).toFixed(1)} GB), beside an empty database`,
    ...tableLines(rowsOf(result)),
    `audit     ${audited} invoices: ${faults.length === 0 ? `${AUDITED.join(', ')} hold` : faults.join('; ').toUpperCase()}`,
  ];
}

function rowsOf({ issue, reissue, lookUps }: GrowthBenchResult): Row[] {
  const doors = [issue, reissue].map(({ what, full, empty, ratio }): Row => [
    what,
    `${full.median.toFixed(0)}/s`,
    `${empty.median.toFixed(0)}/s`,
    `${ratio.median.toFixed(2)} (${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`,
    GOAL,
  ]);
  const found = Object.entries(lookUps).map(([name, { fullMs, emptyMs }]): Row => [
    name,
    `${fullMs.toFixed(1)} ms`,
    `${emptyMs.toFixed(1)} ms`,
    (emptyMs / fullMs).toFixed(2),
    GOAL,
  ]);
  return [HEAD, ...doors, ...found];
}

/** What a program reads. */
export function growthSummary({ filled, bytes, issue, reissue, lookUps, faults }: GrowthBenchResult): object {
  const door = ({ ratio, full, empty }: DoorFigures): object => ({
    ratio: rounded(ratio.median),
    ratioLowest: rounded(ratio.lowest),
    ratioHighest: rounded(ratio.highest),
    full: rounded(full.median),
    empty: rounded(empty.median),
  });
  return {
    filled,
    bytes,
    issue: door(issue),
    reissue: door(reissue),
    lookUps: Object.fromEntries(
      Object.entries(lookUps).map(([name, { emptyMs, fullMs }]) => [
        name,
        { ratio: rounded(emptyMs / fullMs), emptyMs: rounded(emptyMs), fullMs: rounded(fullMs) },
      ]),
    ),
    held: faults.length === 0,
  };
}
