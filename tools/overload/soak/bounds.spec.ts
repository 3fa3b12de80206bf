import { describe, expect, it } from 'vitest';
import { boundsOf, passedSoakBounds } from './bounds.js';
import type { DiskReading, Reading } from './readings.js';

const ROUNDS = 9;
const FAULTS = 3;
const MIB = 1_048_576;

/** A run in which nothing grows but invoices, the database and the log with them; the warm-up is lower. */
function run(
  change: (reading: Reading) => Partial<Reading> = () => ({}),
  changeDisk: (disk: DiskReading) => Partial<DiskReading> = () => ({}),
): string[] {
  const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
  const readings = rounds.flatMap((round) =>
    Array.from({ length: FAULTS }, (_, index): Reading => {
      const even: Reading = {
        round,
        after: `fault-${index}`,
        residentBytes: (round === 0 ? 100 : 250) * MIB,
        openFiles: 120 + index,
        threads: 20,
        activeResources: 90,
        sessions: 24,
        oldTransactions: 0,
      };
      return { ...even, ...change(even) };
    }),
  );
  const disk = rounds.map((round): DiskReading => {
    const even: DiskReading = {
      round,
      faults: (round + 1) * FAULTS,
      invoices: 1_000 * (round + 1),
      databaseBytes: 40 * MIB + 4_000_000 * (round + 1),
      fileBytes: 30_000,
      logBytes: 50_000 * (round + 1),
    };
    return { ...even, ...changeDisk(even) };
  });
  return passedSoakBounds(boundsOf(readings, disk)).map((sentence) => sentence.slice(0, sentence.indexOf(':')));
}

describe('the bounds of a soak', () => {
  it('hold where nothing grows behind the warm-up', () => {
    expect(run()).toEqual([]);
  });

  it.each<[string, (reading: Reading) => Partial<Reading>]>([
    ['resident memory', ({ round }) => ({ residentBytes: (250 + 10 * round) * MIB })],
    ['open files and sockets', ({ round }) => ({ openFiles: 120 + 2 * FAULTS * round })],
    ['threads', ({ round }) => ({ threads: 20 + round })],
    ['active resources', ({ round }) => ({ activeResources: 90 + 10 * round })],
    ['database sessions', ({ round }) => ({ sessions: 24 + 2 * round })],
    ['transactions of 10 s', ({ round }) => ({ oldTransactions: round > ROUNDS / 2 ? 1 : 0 })],
    ['transactions of 10 s', () => ({ oldTransactions: 1 })],
  ])('find %s that grow or stay', (name, change) => {
    expect(run(change)).toEqual([name]);
  });

  it.each<[string, (disk: DiskReading) => Partial<DiskReading>]>([
    ['files beside database and log', ({ round }) => ({ fileBytes: 30_000 + 10_000 * round })],
    ['log, for each fault', ({ round }) => ({ logBytes: 50_000 * round ** 2 })],
    ['database, for each invoice', ({ round }) => ({ databaseBytes: 40 * MIB + 500_000 * round ** 2 })],
  ])('find that %s grow', (name, change) => {
    expect(run(undefined, change)).toEqual([name]);
  });

  it('let one odd reading pass, and those of the warm-up', () => {
    expect(run(({ round, after }) => (after === 'fault-0' ? { openFiles: 900, sessions: 60 + round } : {}))).toEqual(
      [],
    );
    expect(run(({ round }) => (round === 0 ? { residentBytes: MIB, threads: 1 } : {}))).toEqual([]);
  });

  it('judge nothing that the system does not tell', () => {
    expect(run(() => ({ residentBytes: null, openFiles: null, threads: null }))).toEqual([]);
  });
});
