import { Command, InvalidArgumentError } from 'commander';
import { startStageBars } from '../screen/stage-bars.js';
import { watchOutput } from '../screen/watch-output.js';
import { benchIssue, type IssueBenchResult } from './issue-bench.js';
import type { CpuShares } from './rounds.js';
import { sizeLines, sizeSummary } from './size/report.js';
import { benchSize } from './size/size-bench.js';
import { statisticsLines, statisticsSummary } from './statistics/report.js';
import { benchStatistics } from './statistics/statistics-bench.js';

const EXIT_BROKEN = 1;
const EXIT_USAGE = 2;

interface Flags {
  readonly rounds: number;
  readonly invoices: number;
  readonly connections: number;
  readonly profile?: string;
  readonly serverSetting: readonly string[];
  readonly json: boolean;
}

/** What must have held at the end of a measurement, or it measured something else. */
const AUDITED = ['I1', 'I2', 'I3', 'I4'] as const;

/** `NAME=value` */
function settingOf(text: string): [string, string] {
  const end = text.indexOf('=');
  return [text.slice(0, end), text.slice(end + 1)];
}

/** Ctrl-C ends everything that was started, in order. */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => interruption.abort(new Error('Interrupted.')));

function count(text: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 9999999.');
  return Number(text);
}

function entryCount(text: string): number {
  if (!/^[1-9][0-9]{3,7}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number from 1000 to 99999999.');
  return Number(text);
}

watchOutput();

const program = new Command('npm run bench --')
  .description('Measures speed. Everything it starts is fresh, on loopback, and ended.')
  // Before its commands are added: they take it over.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE));

program
  .command('issue')
  .description(
    'Invoices a second through the online door, against a baseline that is part of the bench (docs/performance.md).',
  )
  .option('--rounds <n>', 'rounds that count; one more of each goes before', count, 5)
  .option('--invoices <n>', 'invoices of one round', count, 6000)
  .option('--connections <n>', 'kept-alive connections, each of a till of its own', count, 32)
  .option(
    '--profile <file>',
    'write a CPU profile of the server there (slows it down: look at shares, not at the ratio)',
  )
  .option('--server-setting <name=value...>', 'settings of the server other than the defaults (.env.example)', [])
  .option('--json', 'one JSON object as the last line', false)
  .addHelpText(
    'after',
    '\nExit status: 0 measured, and I1 to I4 held; 1 something failed; 2 wrong usage.\n\nExample:\n  npm run bench -- issue --json',
  )
  .action(async ({ profile, serverSetting, ...flags }: Flags) => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const result = await benchIssue({
      ...flags,
      profileFile: profile ?? null,
      serverSettings: Object.fromEntries(serverSetting.map(settingOf)),
      report: say,
      signal: interruption.signal,
    });
    process.stdout.write(`${lines(result).join('\n')}\n`);
    if (flags.json) process.stdout.write(`${JSON.stringify({ issue: summary(result) })}\n`);
    process.exitCode = held(result) ? 0 : EXIT_BROKEN;
  });

program
  .command('statistics')
  .description(
    'What the officials’ console asks for, with millions of log entries, and a year’s statistics against counting the rows.',
  )
  .option('--entries <n>', 'log entries, about; a year of them', entryCount, 10_000_000)
  .option('--times <n>', 'how often each request is made', count, 20)
  .option('--json', 'one JSON object as the last line', false)
  .addHelpText(
    'after',
    `
p95 is that of the slowest kind of request, in milliseconds; ratio is the time of a year's statistics over the console divided by the
time of the direct GROUP BY, both medians of one run: at most 0.01 is the goal.

Exit status: 0 measured; 1 something failed; 2 wrong usage.

Example:
  npm run bench -- statistics --entries 500000 --json`,
  )
  .action(async ({ entries, times, json }: { entries: number; times: number; json: boolean }) => {
    const bars = startStageBars(process.stderr);
    const result = await benchStatistics({
      entries,
      times,
      onProgress: (...progress) => bars.show(...progress),
      signal: interruption.signal,
    }).finally(() => bars.end());
    process.stdout.write(`${statisticsLines(result).join('\n')}\n`);
    if (json) process.stdout.write(`${JSON.stringify({ statistics: statisticsSummary(result) })}\n`);
    if (result.absent.length > 0) process.exitCode = EXIT_BROKEN;
  });

program
  .command('size')
  .description('Bytes that invoices, log entries and sums take on the disk (docs/operating/sizing.md).')
  .option('--invoices <n>', 'invoices of 21 lines on average', count, 24_000)
  .option('--tills <n>', 'tills that sell for three simulated days', count, 20)
  .option('--json', 'one JSON object as the last line', false)
  .addHelpText(
    'after',
    '\nExit status: 0 measured; 1 something failed; 2 wrong usage.\n\nExample:\n  npm run bench -- size --json',
  )
  .action(async ({ invoices, tills, json }: { invoices: number; tills: number; json: boolean }) => {
    const bars = startStageBars(process.stderr);
    const result = await benchSize({
      invoices,
      tills,
      onProgress: (...progress) => bars.show(...progress),
      signal: interruption.signal,
    }).finally(() => bars.end());
    process.stdout.write(`${sizeLines(result).join('\n')}\n`);
    if (json) process.stdout.write(`${JSON.stringify({ size: sizeSummary(result) })}\n`);
  });

function lines({ ratio, ours, baseline, p50, p99, cpu, resent, resentSame, audit }: IssueBenchResult): string[] {
  const rate = (value: number): string => value.toFixed(0);
  return [
    `ours      ${rate(ours.median)} invoices/s (${rate(ours.lowest)} to ${rate(ours.highest)}), p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    `baseline  ${rate(baseline.median)} invoices/s (${rate(baseline.lowest)} to ${rate(baseline.highest)})`,
    `ratio     ${ratio.median.toFixed(2)} (${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`,
    ...(cpu === null ? [] : [`cpu       ours ${use(cpu.ours)}; baseline ${use(cpu.baseline)}`]),
    `resent    ${resent}, of which ${resentSame} got the very same receipt`,
    `audit     ${audit.invoices} invoices: ${audit.verdicts.map(({ id, held }) => `${id} ${held === true ? 'holds' : 'DOES NOT HOLD'}`).join(', ')}`,
  ];
}

/** Microseconds of one invoice. */
function use({ server, database, generator }: CpuShares): string {
  return `server ${server.toFixed(0)} + Postgres ${database.toFixed(0)} + load generator ${generator.toFixed(0)} µs`;
}

function summary({ ratio, ours, baseline, p50, p99, audit }: IssueBenchResult): object {
  const round = (value: number): number => Number(value.toFixed(2));
  return {
    ratio: round(ratio.median),
    ours: round(ours.median),
    baseline: round(baseline.median),
    p50: round(p50),
    p99: round(p99),
    ratioLowest: round(ratio.lowest),
    ratioHighest: round(ratio.highest),
    audit: Object.fromEntries(audit.verdicts.map(({ id, held }) => [id, held])),
  };
}

function held({ resent, resentSame, audit }: IssueBenchResult): boolean {
  return (
    resent === resentSame && AUDITED.every((id) => audit.verdicts.find((verdict) => verdict.id === id)?.held === true)
  );
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = EXIT_BROKEN;
}
