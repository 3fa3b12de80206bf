import { type CpuMeter, type CpuUse, microsecondsEach } from './cpu-time.js';
import { quantile, type Spread, spreadOf } from './figures.js';
import type { Load, RoundResult, Target } from './load-messages.js';
import { ask, type Generator } from './place.js';

/** Who takes part: which server, and how requests come to it. */
export interface Contestant {
  readonly targets: readonly Target[];
  readonly load: Load;
  /** Null where the processor time of several processes would be needed. */
  readonly meter: CpuMeter | null;
}

/** What the rounds of one contestant came to. */
export interface Standing {
  /** Invoices a second. */
  readonly rate: Spread;
  /** Milliseconds, over all rounds. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of an invoice in microseconds, medians of the rounds; null where it cannot be measured. */
  readonly cpu: (CpuUse & { readonly generator: number }) | null;
  readonly rounds: readonly MeasuredRound[];
}

export interface MeasuredRound extends RoundResult {
  readonly cpu: CpuUse | null;
}

export interface ContestOptions {
  readonly rounds: number;
  /** Rounds that do not count: until then compilers, caches and PostgreSQL are cold. */
  readonly warmUpRounds: number;
  /** Told before the first round that counts, and after the last. */
  readonly onCounting?: (isBegin: boolean) => void;
  readonly report: (line: string) => void;
}

/** Lets all contestants run in turn, so that what else the machine does meets each of them. */
export async function contest<Name extends string>(
  generator: Generator,
  contestants: Readonly<Record<Name, Contestant>>,
  { rounds, warmUpRounds, onCounting = () => undefined, report }: ContestOptions,
): Promise<Record<Name, Standing>> {
  const names = Object.keys(contestants) as Name[];
  const measured = new Map<Name, MeasuredRound[]>(names.map((name) => [name, []]));
  for (let index = 1 - warmUpRounds; index <= rounds; index += 1) {
    if (index === 1) onCounting(true);
    const said: string[] = [];
    for (const name of names) {
      const result = await runRound(generator, contestants[name]);
      if (index > 0) measured.get(name)?.push(result);
      said.push(`${name} ${rateOf(result).toFixed(0)}/s`);
    }
    report(`${(index < 1 ? 'warm-up' : `round ${index}`).padEnd(8)}  ${said.join(', ')}`);
  }
  onCounting(false);
  const standings = names.map((name) => [name, standingOf(measured.get(name) ?? [])]);
  return Object.fromEntries(standings) as Record<Name, Standing>;
}

/** The rate of one contestant divided by another's, round by round. */
export function ratioOf(one: Standing, other: Standing): Spread {
  return spreadOf(
    one.rounds.map((round, index) => {
      const beside = other.rounds[index];
      if (beside === undefined) throw new RangeError('a round has nothing beside it');
      return rateOf(round) / rateOf(beside);
    }),
  );
}

/** Resends, and how many of them got the very same receipt. */
export function resendsOf(standings: readonly Standing[]): { readonly resent: number; readonly resentSame: number } {
  const rounds = standings.flatMap((standing) => standing.rounds);
  return {
    resent: rounds.reduce((sum, round) => sum + round.resent, 0),
    resentSame: rounds.reduce((sum, round) => sum + round.resentSame, 0),
  };
}

async function runRound(generator: Generator, { targets, load, meter }: Contestant): Promise<MeasuredRound> {
  await ask(generator, { command: 'prepare', targets, load });
  const before = meter?.() ?? null;
  const report = await ask(generator, { command: 'run' });
  const after = meter?.() ?? null;
  if (report.report !== 'round') throw new Error('the load generator did not run a round');
  return { ...report, cpu: before && after && microsecondsEach(before, after, report.invoices) };
}

function standingOf(rounds: readonly MeasuredRound[]): Standing {
  const latencies = rounds.flatMap((round) => round.latencies).toSorted((one, other) => one - other);
  return {
    rate: spreadOf(rounds.map(rateOf)),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpu: cpuOf(rounds),
    rounds,
  };
}

function cpuOf(rounds: readonly MeasuredRound[]): Standing['cpu'] {
  const uses = rounds.flatMap(({ cpu }) => (cpu === null ? [] : [cpu]));
  if (uses.length === 0) return null;
  const median = (part: keyof CpuUse): number => spreadOf(uses.map((use) => use[part])).median;
  const generators = rounds.map(({ generatorSeconds, invoices }) => (generatorSeconds * 1_000_000) / invoices);
  return { server: median('server'), database: median('database'), generator: spreadOf(generators).median };
}

function rateOf({ invoices, seconds }: RoundResult): number {
  return invoices / seconds;
}
