import { groupDigits, tableLines } from '../../screen/table.js';
import type { SoakBound } from './bounds.js';
import type { DiskReading, Reading } from './readings.js';
import type { SoakResult } from './run-soak.js';

const BYTES_PER_MIB = 1_048_576;

/** One line of what is held at the end of a round. */
export function roundLine(round: number, reading: Reading, disk: DiskReading): string {
  const { residentBytes, openFiles, threads, activeResources, sessions } = reading;
  return [
    `round ${round}`,
    `memory ${residentBytes === null ? '–' : (residentBytes / BYTES_PER_MIB).toFixed(0)} MiB`,
    `open files ${openFiles ?? '–'}`,
    `threads ${threads ?? '–'}`,
    `resources ${activeResources}`,
    `sessions ${sessions}`,
    `invoices ${groupDigits(disk.invoices)}`,
    `database ${(disk.databaseBytes / BYTES_PER_MIB).toFixed(0)} MiB`,
    `log ${(disk.logBytes / BYTES_PER_MIB).toFixed(1)} MiB`,
  ].join(', ');
}

export function soakLines({ faults, bounds, ...result }: SoakResult): string[] {
  return [
    ...tableLines([
      ['fault', 'took effect', 'not', 'slowest code after it'],
      ...Object.entries(faults).map(([name, { tookEffect, without, slowestCodeMs }]) => [
        name,
        String(tookEffect),
        String(without.length),
        `${slowestCodeMs} ms`,
      ]),
    ]),
    '',
    ...tableLines([['held at rest', 'unit', 'start', 'end', 'growth allowed', 'because'], ...bounds.map(boundCells)]),
    '',
    `  ${result.rounds} rounds; the tills can ${result.mostPerSecond.toFixed(0)} invoices a second at most, were to sell ${result.plannedPerSecond.toFixed(0)}` +
      ` and had codes for ${result.issuedPerSecond.toFixed(0)}: ${groupDigits(result.issued)} in all, ${groupDigits(result.onFile)} on file.`,
  ];
}

function boundCells({ name, unit, start, end, growthMax, reason }: SoakBound): string[] {
  return [name, unit, cell(start), cell(end), String(growthMax), reason];
}

function cell(value: number | null): string {
  return value === null ? '–' : String(Math.round(value));
}
