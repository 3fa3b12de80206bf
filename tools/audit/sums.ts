import type { Snapshot } from './snapshot.js';
import type { Tally } from './verdict.js';

/** Differences come sorted by the database; a page of them is small. */
export const SUMS_PER_PAGE = 500;

/** Steps of UTC by which sums are kept; weeks are seven days from 1970-01-01 on. */
const GRAIN_SECONDS = { quarter: 900, hour: 3_600, day: 86_400, week: 604_800 } as const;

/** A sum that is kept of every unit of a level, for every step. */
export interface KeptSum {
  readonly level: 'all' | 'region' | 'taxpayer' | 'premises' | 'terminal';
  readonly grain: keyof typeof GRAIN_SECONDS;
}

/** Rows of a VALUES list: level, grain, its length in seconds, and what `extra` says, if anything. */
export function keptValues<Sum extends KeptSum>(sums: readonly Sum[], extra?: (sum: Sum) => string): string {
  return sums
    .map((sum) => {
      const { level, grain } = sum;
      const members = [`'${level}'`, `'${grain}'`, `${GRAIN_SECONDS[grain]}::numeric`];
      return `(${[...members, ...(extra === undefined ? [] : [extra(sum)])].join(', ')})`;
    })
    .join(', ');
}

/** Where a sum that is kept and the recount disagree. */
interface Difference {
  readonly unit: string;
  readonly step: string;
  readonly what: string;
  readonly kept: string;
  readonly counted: string;
}

/** Finds every row of a query of {@link Difference}s. @param figure what the sums are of */
export async function differencesOf(snapshot: Snapshot, sql: string, figure: string, tally: Tally): Promise<void> {
  for await (const page of snapshot.pages<Difference>(sql, SUMS_PER_PAGE))
    for (const { unit, step, what, kept, counted } of page)
      tally.find(`${figure} of ${unit}, ${step}, ${what}: ${kept} are kept, ${counted} are counted.`);
}
