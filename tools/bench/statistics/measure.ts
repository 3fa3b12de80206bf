import type { Client } from 'pg';
import { Random } from '../../simulator/random.js';
import { quantile, spreadOf, type Spread } from '../figures.js';
import type { ConsoleClient, TimedAnswer } from './console-client.js';
import { type AskedFor, CONSOLE_REQUESTS, yearRequest } from './console-requests.js';

/** One kind of request, measured. */
export interface RequestFigures {
  readonly name: string;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly bytes: number;
}

export interface YearFigures {
  readonly oursMs: Spread;
  readonly directMs: Spread;
  readonly ratio: number;
  /** Once, beside it: the same figures from the rows, medians and all. */
  readonly sameFiguresMs: number;
}

/** Not counted: the first ones find cold caches and plans. */
const WARM_UPS = 2;

/**
 * Asks for everything that the console asks for, one after the other, `times` each.
 * @throws when something is answered with anything but 200; what the server does not know at all is left out and named in `absent`
 */
export async function measureRequests(
  client: ConsoleClient,
  of: AskedFor,
  times: number,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<{ readonly figures: RequestFigures[]; readonly absent: string[] }> {
  const absent: string[] = [];
  const figures: RequestFigures[] = [];
  for (const { name, path, body } of CONSOLE_REQUESTS) {
    const random = new Random(name);
    const took: number[] = [];
    let bytes = 0;
    for (let time = 0; time < times + WARM_UPS; time += 1) {
      signal.throwIfAborted();
      const asked = path(random, of);
      const answer = body === undefined ? await client.get(asked) : await client.post(asked, body(random, of));
      if (isUnknown(answer)) {
        absent.push(name);
        break;
      }
      if (answer.status !== 200)
        throw new Error(`${name}: ${asked} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      if (time >= WARM_UPS) took.push(answer.tookMs);
      bytes = Math.max(bytes, answer.bytes);
    }
    if (took.length === 0) continue;
    took.sort((one, other) => one - other);
    figures.push({ name, medianMs: quantile(took, 0.5), p95Ms: quantile(took, 0.95), bytes });
    onProgress(figures.length, CONSOLE_REQUESTS.length);
  }
  return { figures, absent };
}

function isUnknown({ status, body }: TimedAnswer): boolean {
  return status === 404 && (body as { readonly code?: string }).code === 'not_found';
}

/**
 * The same months of the same year, counted from the rows: the plainest statement that tells what the console's chart of a year
 * tells. What else the statistics say (durations, comparisons, money) is not asked of it.
 */
const DIRECT = `
SELECT date_trunc('month', at, 'UTC') AS month, door, outcome, cause, count(*)
FROM transaction_log_entry WHERE at >= $1 AND at < $2
GROUP BY month, door, outcome, cause`;

/** The figures of attempts and durations that the statistics really tell of the period, without their comparisons. */
const DIRECT_SAME_FIGURES = `
SELECT date_trunc('month', at, 'UTC') AS month, door, outcome, cause, count(*), ${[
  'connect_ms',
  'tls_ms',
  'answer_ms',
  'total_ms',
]
  .map((column) => `percentile_disc(ARRAY[0.5, 0.95, 1]) WITHIN GROUP (ORDER BY ${column})`)
  .join(', ')}
FROM transaction_log_entry WHERE at >= $1 AND at < $2
GROUP BY month, door, outcome, cause`;

const YEAR_DAYS = 365;
const DAY_MS = 86_400_000;

/** A year's statistics against counting the rows, in turn. */
export async function measureYear(
  client: ConsoleClient,
  database: Client,
  of: AskedFor,
  rounds: number,
  onProgress: (done: number, total: number) => void,
): Promise<YearFigures> {
  const random = new Random('year');
  const span = [new Date(of.endMs - YEAR_DAYS * DAY_MS), new Date(of.endMs)];
  const ours: number[] = [];
  const direct: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const answer = await client.get(yearRequest(of, random));
    if (answer.status !== 200) throw new Error(`the statistics of a year: ${JSON.stringify(answer.body)}`);
    const began = performance.now();
    await database.query(DIRECT, span);
    // The first round warms up.
    if (round > 0) {
      ours.push(answer.tookMs);
      direct.push(performance.now() - began);
    }
    onProgress(round, rounds);
  }
  const began = performance.now();
  await database.query(DIRECT_SAME_FIGURES, span);
  const sameFiguresMs = performance.now() - began;
  const [oursMs, directMs] = [spreadOf(ours), spreadOf(direct)];
  return { oursMs, directMs, ratio: oursMs.median / directMs.median, sameFiguresMs };
}
