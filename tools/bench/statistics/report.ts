import type { StatisticsBenchResult } from './statistics-bench.js';

const NAME_COLUMNS = 44;
const FIGURE_COLUMNS = 9;

/** Every kind of request, slowest last, and the year. */
export function statisticsLines({ entries, terminals, requests, absent, year }: StatisticsBenchResult): string[] {
  const ms = (value: number): string => value.toFixed(1).padStart(FIGURE_COLUMNS);
  return [
    `${entries} log entries of ${terminals} terminals`,
    '',
    `${'request'.padEnd(NAME_COLUMNS)}${'median'.padStart(FIGURE_COLUMNS)}${'p95 ms'.padStart(FIGURE_COLUMNS)}${'KB'.padStart(FIGURE_COLUMNS)}`,
    ...requests
      .toSorted((one, other) => one.p95Ms - other.p95Ms)
      .map(
        ({ name, medianMs, p95Ms, bytes }) =>
          `${name.padEnd(NAME_COLUMNS)}${ms(medianMs)}${ms(p95Ms)}${ms(bytes / 1_024)}`,
      ),
    ...absent.map((name) => `${name.padEnd(NAME_COLUMNS)}  THE SERVER DOES NOT KNOW IT`),
    '',
    `a year over the console   ${year.oursMs.median.toFixed(1)} ms (${year.oursMs.lowest.toFixed(1)} to ${year.oursMs.highest.toFixed(1)})`,
    `a year by GROUP BY        ${year.directMs.median.toFixed(0)} ms (${year.directMs.lowest.toFixed(0)} to ${year.directMs.highest.toFixed(0)})`,
    `ratio                     ${year.ratio.toFixed(4)}`,
    `the same with medians     ${year.sameFiguresMs.toFixed(0)} ms: ${(year.oursMs.median / year.sameFiguresMs).toFixed(4)}`,
  ];
}

/** What a program reads. `p95`: of the slowest kind of request, milliseconds. */
export function statisticsSummary({ entries, terminals, requests, year }: StatisticsBenchResult): object {
  const slowest = requests.reduce((one, other) => (other.p95Ms > one.p95Ms ? other : one));
  return {
    ratio: Number(year.ratio.toFixed(5)),
    p95: Number(slowest.p95Ms.toFixed(1)),
    slowest: slowest.name,
    entries,
    terminals,
    yearMs: Number(year.oursMs.median.toFixed(1)),
    sameFiguresMs: Number(year.sameFiguresMs.toFixed(0)),
    directMs: Number(year.directMs.median.toFixed(0)),
  };
}
