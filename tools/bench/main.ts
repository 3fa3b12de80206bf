import { Command, InvalidArgumentError } from 'commander';
import { EXIT_USAGE, runTool } from '../screen/run-tool.js';
import { startStageBars } from '../screen/stage-bars.js';
import { tableLines } from '../screen/table.js';
import { Things } from '../screen/things.js';
import { type BenchesResult, held, runBenches } from './all-benches.js';
import type { Row } from './bench.js';
import { BENCHES } from './benches.js';
import { benchGrowth, growthUnfit } from './growth/growth-bench.js';
import { growthLines, growthSummary } from './growth/report.js';
import { sizeLines, sizeSummary } from './size/report.js';
import { benchSize } from './size/size-bench.js';
import { statisticsLines, statisticsSummary } from './statistics/report.js';
import { benchStatistics } from './statistics/statistics-bench.js';

interface Flags {
  readonly rounds: number;
  readonly invoices?: number;
  readonly connections?: number;
  readonly entries?: number;
  readonly filled?: number;
  readonly times: number;
  readonly tills: number;
  readonly profile?: string;
  readonly serverSetting: readonly string[];
  readonly json: boolean;
}

/** Those that set a place of their own. `size` is no speed: it is measured when it is asked for. */
const OTHERS = {
  statistics: 'what the officials’ console asks for, and a year’s statistics beside counting the rows',
  growth: 'issue, reissue and looking up with millions of invoices on file, beside an empty database',
  size: 'bytes that invoices, log entries and sums take on the disk (only when it is named)',
} as const;
type Other = keyof typeof OTHERS;

const NAMES = [...BENCHES.map(({ name }) => name), ...Object.keys(OTHERS)];

/** Log entries of a year: by itself as many as the goal is about, and among all the others what there is time for. */
const ENTRIES = { alone: 10_000_000, amongAll: 200_000 };
/** Invoices on file, likewise. */
const FILLED = { alone: 5_000_000, amongAll: 50_000 };
/** Of a round of it among all: half as long, and half as much to audit. */
const GROWTH_INVOICES_AMONG_ALL = 3_200;
const SIZE_INVOICES = 24_000;

/** `NAME=value` */
function settingOf(text: string): [string, string] {
  const end = text.indexOf('=');
  return [text.slice(0, end), text.slice(end + 1)];
}

function count(text: string): number {
  if (!/^[1-9][0-9]{0,7}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 99999999.');
  return Number(text);
}

function nameOf(name: string, before: readonly string[] = []): readonly string[] {
  if (!NAMES.includes(name)) throw new InvalidArgumentError(`There is no such bench. There are: ${NAMES.join(', ')}`);
  return [...before, name];
}

const HEAD: Row = ['', 'ours', 'beside it', 'compared', 'goal'];

const say = (line: string): void => void process.stderr.write(`${line}\n`);

await new Command('npm run bench --')
  .description(
    'Measures speed, as ratios beside something measured in the same run (docs/performance.md). Everything it starts is fresh, on loopback, and ended.',
  )
  .argument('[names...]', 'benches; without any, all but size, in some fourteen minutes', nameOf)
  .option('--rounds <n>', 'rounds that count; one more of each goes before', count, 3)
  .option('--invoices <n>', 'invoices of one round; of storm, till and size: in all', count)
  .option('--connections <n>', 'of issue: this number of kept-alive connections alone', count)
  .option('--entries <n>', 'of statistics: log entries of a year, about', count)
  .option(
    '--filled <n>',
    `of growth: invoices on file; ${FILLED.alone}, and ${FILLED.amongAll} among all benches`,
    count,
  )
  .option('--times <n>', 'of statistics and growth: how often each request is made', count, 20)
  .option('--tills <n>', 'of size: tills that sell for three simulated days', count, 20)
  .option('--profile <file>', 'of issue: write a CPU profile of the server there (look at shares, not at the ratio)')
  .option('--server-setting <name=value...>', 'settings of the server other than the defaults (.env.example)', [])
  .option('--json', 'one JSON object as the last line', false)
  .addHelpText(
    'after',
    `
Benches:
${[...BENCHES.map(({ name, what }) => [name, what] as const), ...Object.entries(OTHERS)].map(([name, what]) => `  ${name.padEnd(12)}${what}`).join('\n')}

Of statistics, p95 is that of the slowest kind of request in milliseconds, and ratio the time of a year's statistics over the console divided by
that of the direct GROUP BY.

Of growth, ratio is the rate with so many invoices on file divided by that of an empty database, and of a look-up the median time of the empty one
divided by that of the full one.

Exit status: 0 measured, and I1 to I4 held; 1 something failed, or a bench does not fit this machine; 2 wrong usage; 130 interrupted.

Examples:
  npm run bench
  npm run bench -- issue connect --json
  npm run bench -- issue --connections 32 --rounds 5
  npm run bench -- statistics --entries 500000
  npm run bench -- growth --filled 500000`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .action(async (names: readonly string[], flags: Flags) => {
    const isNamed = (name: string): boolean => names.includes(name) || (names.length === 0 && name !== 'size');
    const things = new Things();
    await runTool({
      name: 'bench',
      things,
      say,
      run: async (folder) => {
        const benches = BENCHES.filter(({ name }) => isNamed(name));
        const figures: Record<string, object> = {};
        let isWell = true;
        if (benches.length > 0) {
          const result = await runBenches(benches, {
            folder,
            extent: {
              rounds: flags.rounds,
              invoices: flags.invoices ?? null,
              connections: flags.connections ?? null,
              isAmongAll: names.length === 0,
            },
            profileFile: flags.profile ?? null,
            serverSettings: Object.fromEntries(flags.serverSetting.map(settingOf)),
            report: say,
            things,
          });
          process.stdout.write(`${lines(result).join('\n')}\n`);
          Object.assign(figures, result.figures, skippedOf(result));
          figures['audit'] = Object.fromEntries(result.audit.verdicts.map(({ id, held: isHeld }) => [id, isHeld]));
          isWell = held(result);
          // What follows is measured alone.
          for (const fault of await things.end()) say(`Something did not end as it should: ${fault}`);
        }
        for (const other of ['statistics', 'growth', 'size'] as const) {
          if (!isNamed(other)) continue;
          const measured = await measureOther(other, flags, names.length === 0, things.signal);
          process.stdout.write(`${measured.lines.join('\n')}\n`);
          figures[other] = measured.figures;
          isWell &&= measured.isWell;
        }
        return { isWell, lastLine: flags.json ? JSON.stringify(figures) : null };
      },
    });
  })
  .parseAsync();

async function measureOther(
  name: Other,
  { entries, filled, rounds, serverSetting, times, invoices, tills }: Flags,
  isAmongAll: boolean,
  signal: AbortSignal,
): Promise<{ readonly lines: readonly string[]; readonly figures: object; readonly isWell: boolean }> {
  const bars = startStageBars(process.stderr);
  const onProgress = (stage: string, done: number, total: number): void => bars.show(stage, done, total);
  try {
    if (name === 'size') {
      const result = await benchSize({ invoices: invoices ?? SIZE_INVOICES, tills, onProgress, signal });
      return { lines: sizeLines(result), figures: sizeSummary(result), isWell: true };
    }
    if (name === 'growth') {
      const count = filled ?? (isAmongAll ? FILLED.amongAll : FILLED.alone);
      const skipped = growthUnfit(count);
      if (skipped !== null) return { lines: [`growth was skipped: ${skipped}`], figures: { skipped }, isWell: false };
      const serverSettings = Object.fromEntries(serverSetting.map(settingOf));
      const result = await benchGrowth({
        filled: count,
        rounds,
        invoices: invoices ?? (isAmongAll ? GROWTH_INVOICES_AMONG_ALL : null),
        times,
        serverSettings,
        onProgress,
        report: (line) => {
          bars.end();
          say(line);
        },
        signal,
      });
      return { lines: growthLines(result), figures: growthSummary(result), isWell: result.faults.length === 0 };
    }
    const count = entries ?? (isAmongAll ? ENTRIES.amongAll : ENTRIES.alone);
    const result = await benchStatistics({ entries: count, times, onProgress, signal });
    return { lines: statisticsLines(result), figures: statisticsSummary(result), isWell: result.absent.length === 0 };
  } finally {
    bars.end();
  }
}

function lines({ rows, skipped, resent, resentSame, audit }: BenchesResult): string[] {
  return [
    ...tableLines([HEAD, ...rows]),
    ...Object.entries(skipped).map(([name, reason]) => `${name} was skipped: ${reason}`),
    `resent    ${resent}, of which ${resentSame} got the very same receipt`,
    `audit     ${audit.invoices} invoices: ${audit.verdicts.map(({ id, held: isHeld }) => `${id} ${isHeld === true ? 'holds' : 'DOES NOT HOLD'}`).join(', ')}`,
  ];
}

function skippedOf({ skipped }: BenchesResult): Record<string, object> {
  return Object.fromEntries(Object.entries(skipped).map(([name, reason]) => [name, { skipped: reason }]));
}
