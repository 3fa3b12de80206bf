import { quantile } from '../../bench/figures.js';
import type { DiskReading, Reading } from './readings.js';

/** How much something may be more at the end than at the start. */
export interface SoakBound {
  readonly name: string;
  readonly unit: 'MiB' | 'KiB' | 'number' | 'bytes';
  readonly start: number | null;
  readonly end: number | null;
  readonly growthMax: number;
  readonly reason: string;
}

/** The first round fills caches and pools, and has everything compiled. */
export const WARM_UP_ROUNDS = 1;
/** Of the rounds behind the warm-up: those at the start, and as many at the end. */
const SHARE_COMPARED = 0.25;
const BYTES_PER_MIB = 1_048_576;
const BYTES_PER_KIB = 1_024;

const REASONS = {
  memory:
    'a heap differs by so much from one collection to the next; 300 bytes kept for each of 180,000 invoices would be more',
  files: 'connections that are being closed or opened when somebody looks; one kept for each fault would be hundreds',
  threads: 'one thread that has ended may not be replaced yet',
  resources: 'timers and requests of the honest tills that are under way when somebody looks',
  sessions: 'a pool opens sessions when it needs them; all pools together have a fixed most',
  transactions: 'no statement of a server may take so long',
  diskFiles: 'beside the database a server writes nothing as it goes: only acts of operators are written down',
  log: 'what is said of a fault is bounded, however many requests it meets',
  database: 'an index has more levels and free pages with more rows; a table that is never emptied would double it',
} as const;

/** How much a later figure of bytes for each invoice may be above the first, as a share of it. */
const DATABASE_GROWTH_SHARE = 0.25;

/** Compares the end with the start; both are medians over rounds of the same faults. */
export function boundsOf(readings: readonly Reading[], disk: readonly DiskReading[]): SoakBound[] {
  const [first, last] = endsOf(readings);
  const medianOf = (some: readonly Reading[], value: (reading: Reading) => number | null): number | null => {
    const values = some.map(value).filter((one) => one !== null);
    return values.length === 0
      ? null
      : quantile(
          values.toSorted((one, other) => one - other),
          0.5,
        );
  };
  const held = (
    name: string,
    unit: SoakBound['unit'],
    growthMax: number,
    reason: string,
    value: (reading: Reading) => number | null,
  ): SoakBound => ({ name, unit, start: medianOf(first, value), end: medianOf(last, value), growthMax, reason });
  const mib = (bytes: number | null): number | null => (bytes === null ? null : bytes / BYTES_PER_MIB);
  return [
    held('resident memory', 'MiB', 48, REASONS.memory, ({ residentBytes }) => mib(residentBytes)),
    held('open files and sockets', 'number', 20, REASONS.files, ({ openFiles }) => openFiles),
    held('threads', 'number', 1, REASONS.threads, ({ threads }) => threads),
    held('active resources', 'number', 30, REASONS.resources, ({ activeResources }) => activeResources),
    held('database sessions', 'number', 6, REASONS.sessions, ({ sessions }) => sessions),
    {
      name: 'transactions of 10 s',
      unit: 'number',
      // One that hangs since the warm-up is no growth.
      start: 0,
      end: medianOf(last, ({ oldTransactions }) => oldTransactions),
      growthMax: 0,
      reason: REASONS.transactions,
    },
    ...diskBounds(disk.filter(({ round }) => round >= WARM_UP_ROUNDS - 1)),
  ];
}

/** The bounds that were passed, each a sentence. */
export function passedSoakBounds(bounds: readonly SoakBound[]): string[] {
  return bounds
    .filter(({ start, end, growthMax }) => start !== null && end !== null && !(end - start <= growthMax))
    .map(
      ({ name, unit, start, end, growthMax }) =>
        `${name}: ${rounded(start)} at the start, ${rounded(end)} at the end (${unit}), more than ${growthMax} above it.`,
    );
}

/** The readings of the first and of the last rounds behind the warm-up. */
function endsOf(readings: readonly Reading[]): [Reading[], Reading[]] {
  const rounds = Math.max(0, ...readings.map(({ round }) => round)) + 1 - WARM_UP_ROUNDS;
  const compared = Math.max(1, Math.floor(rounds * SHARE_COMPARED));
  return [
    readings.filter(({ round }) => round >= WARM_UP_ROUNDS && round < WARM_UP_ROUNDS + compared),
    readings.filter(({ round }) => round >= WARM_UP_ROUNDS + rounds - compared),
  ];
}

/** @param disk one at the end of the warm-up, and one for each round behind it */
function diskBounds(disk: readonly DiskReading[]): SoakBound[] {
  const [start, end] = [disk[0], disk.at(-1)];
  const middle = disk[Math.floor(disk.length / 2)];
  if (start === undefined || middle === undefined || end === undefined) return [];
  const perInvoice = (from: DiskReading, to: DiskReading): number =>
    (to.databaseBytes - from.databaseBytes) / (to.invoices - from.invoices);
  const perFault = (from: DiskReading, to: DiskReading): number =>
    (to.logBytes - from.logBytes) / (to.faults - from.faults) / BYTES_PER_KIB;
  const each = perInvoice(start, middle);
  return [
    {
      name: 'files beside database and log',
      unit: 'KiB',
      start: start.fileBytes / BYTES_PER_KIB,
      end: end.fileBytes / BYTES_PER_KIB,
      growthMax: 64,
      reason: REASONS.diskFiles,
    },
    {
      name: 'log, for each fault',
      unit: 'KiB',
      start: perFault(start, middle),
      end: perFault(middle, end),
      growthMax: 64,
      reason: REASONS.log,
    },
    {
      name: 'database, for each invoice',
      unit: 'bytes',
      start: each,
      end: perInvoice(middle, end),
      growthMax: Math.round(each * DATABASE_GROWTH_SHARE),
      reason: REASONS.database,
    },
  ];
}

function rounded(value: number | null): string {
  return value === null ? '–' : String(Math.round(value * 10) / 10);
}
