import type { Child } from './child.js';
import { type CpuMeter, type CpuUse, microsecondsEach } from './cpu-time.js';
import { quantile, type Spread, spreadOf } from './figures.js';
import type { Contestant, LoadCommand, LoadReport, RoundResult } from './load-messages.js';

/** Processor time of one invoice in microseconds. */
export interface CpuShares extends CpuUse {
  readonly generator: number;
}

/** What the rounds of a measurement came to. Rates in invoices a second, latencies in milliseconds. */
export interface RoundsSummary {
  /** Ours divided by the baseline's, round by round. */
  readonly ratio: Spread;
  readonly ours: Spread;
  readonly baseline: Spread;
  /** Of ours, over all rounds. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of one invoice in microseconds, by process; null where it cannot be measured. */
  readonly cpu: Readonly<Record<Contestant, CpuShares>> | null;
  readonly resent: number;
  readonly resentSame: number;
}

interface MeasuredRound extends RoundResult {
  readonly cpu: CpuUse | null;
}

/** Rounds that do not count: until then compilers, caches and Postgres are cold. */
const WARM_UP_ROUNDS = 2;

/** One round: the baseline and ours, each with invoices of its own. */
type Round = Record<Contestant, MeasuredRound>;

export interface RoundsOptions {
  readonly rounds: number;
  /** Invoices of one round of one contestant. */
  readonly invoices: number;
  readonly meters: Readonly<Record<Contestant, CpuMeter>>;
  /** Told before the first round that counts, and after the last. */
  readonly onCounting: (isBegin: boolean) => void;
  readonly report: (line: string) => void;
}

/**
 * Lets both contestants run in turn, so that what else the machine does meets both.
 */
export async function runRounds(
  generator: Child<LoadCommand, LoadReport>,
  options: RoundsOptions,
): Promise<RoundsSummary> {
  const rounds: Round[] = [];
  for (let index = 1 - WARM_UP_ROUNDS; index <= options.rounds; index += 1) {
    if (index === 1) options.onCounting(true);
    const baseline = await runRound(generator, 'baseline', options);
    const ours = await runRound(generator, 'ours', options);
    const name = index < 1 ? 'warm-up' : `round ${index}`;
    const rates = `ours ${rateOf(ours).toFixed(0)}/s, baseline ${rateOf(baseline).toFixed(0)}/s`;
    options.report(`${name.padEnd(8)}  ${rates}, ratio ${(rateOf(ours) / rateOf(baseline)).toFixed(2)}`);
    if (index > 0) rounds.push({ ours, baseline });
  }
  options.onCounting(false);
  return summarize(rounds);
}

async function runRound(
  generator: Child<LoadCommand, LoadReport>,
  contestant: Contestant,
  { invoices, meters }: RoundsOptions,
): Promise<MeasuredRound> {
  await ask(generator, { command: 'prepare', contestant, invoices });
  const before = meters[contestant]();
  const report = await ask(generator, { command: 'run' });
  const after = meters[contestant]();
  if (report.report !== 'round') throw new Error('the load generator did not run a round');
  return { ...report, cpu: before && after && microsecondsEach(before, after, report.invoices) };
}

/** Commands the load generator; what fails there fails here. */
export async function ask(generator: Child<LoadCommand, LoadReport>, command: LoadCommand): Promise<LoadReport> {
  const report = await generator.ask(command);
  if (report.report === 'failed') throw new Error(report.message);
  return report;
}

function summarize(rounds: readonly Round[]): RoundsSummary {
  const latencies = rounds.flatMap(({ ours }) => ours.latencies).toSorted((one, other) => one - other);
  const ours = cpuOf(rounds.map((round) => round.ours));
  const baseline = cpuOf(rounds.map((round) => round.baseline));
  return {
    ratio: spreadOf(rounds.map((round) => rateOf(round.ours) / rateOf(round.baseline))),
    ours: spreadOf(rounds.map((round) => rateOf(round.ours))),
    baseline: spreadOf(rounds.map((round) => rateOf(round.baseline))),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpu: ours && baseline && { ours, baseline },
    resent: rounds.reduce((sum, round) => sum + round.ours.resent, 0),
    resentSame: rounds.reduce((sum, round) => sum + round.ours.resentSame, 0),
  };
}

/** Medians of the rounds. */
function cpuOf(rounds: readonly MeasuredRound[]): CpuShares | null {
  const uses = rounds.flatMap(({ cpu }) => (cpu === null ? [] : [cpu]));
  if (uses.length === 0) return null;
  const median = (part: keyof CpuUse): number => spreadOf(uses.map((use) => use[part])).median;
  const generators = rounds.map(({ generatorSeconds, invoices }) => (generatorSeconds * 1_000_000) / invoices);
  return { server: median('server'), database: median('database'), generator: spreadOf(generators).median };
}

function rateOf({ invoices, seconds }: RoundResult): number {
  return invoices / seconds;
}
