import { Command, InvalidArgumentError } from 'commander';
import { offerConsole, offerLines } from '../fleet/offer-console.js';
import { startLocal } from '../local/start-local.js';
import { defaultStateDirectory } from '../local/state-directory.js';
import { EXIT_USAGE, runTool } from '../screen/run-tool.js';
import { startStageBars } from '../screen/stage-bars.js';
import { Things } from '../screen/things.js';
import { DAY_MS } from './calendar.js';
import { reportLines } from './report-lines.js';
import { simulate } from './simulate.js';

interface Flags {
  readonly days: number;
  readonly tills: number;
  readonly seed: number;
  readonly sales: number;
  readonly until?: number;
  readonly directory?: string;
  readonly fresh: boolean;
  readonly keep: boolean;
  readonly json: boolean;
}

function countUpTo(max: number): (text: string) => number {
  return (text) => {
    if (!/^[0-9]{1,7}$/.test(text) || Number(text) < 1 || Number(text) > max)
      throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
    return Number(text);
  };
}

function day(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, text.length) !== text)
    throw new InvalidArgumentError('It must be a day, like 2026-11-22.');
  return time + DAY_MS;
}

/** The same installation, with the calendar of the day again. */
async function openConsole(directory: string, things: Things): Promise<string[]> {
  const local = await startLocal({ directory, signal: things.signal });
  things.add(() => local.stop());
  void local.broken.then((what) => things.fail(what));
  return offerLines(await offerConsole(local));
}

await new Command('npm run simulate --')
  .description('Fills the installation of npm start with a believable month: shops, sales, outages, odd tills.')
  .option('--days <n>', 'how many days, the last one being yesterday', countUpTo(120), 30)
  .option('--tills <n>', 'how many tills', countUpTo(2_000), 200)
  .option('--seed <n>', 'the same number makes the same month', countUpTo(1_000_000), 1)
  .option('--sales <n>', 'sales of an average till on an average day', countUpTo(1_000), 30)
  .option('--until <day>', 'the last day, in place of yesterday', day)
  .option('--directory <directory>', 'where everything is kept (default: as npm start)')
  .option('--fresh', 'forget what is there: new keys, empty database', false)
  .option('--keep', 'start it afterwards, print a sign-in for the officials’ console, and stay up', false)
  .option('--json', 'the last line of standard output is one JSON object', false)
  .addHelpText(
    'after',
    `
Times are UTC. A month of 200 tills (190,000 sales) takes ten to twenty minutes on two cores; --days 7 --tills 20 about one.
Afterwards npm start shows it (with the same --directory), and tax-control official add makes a sign-in.

Exit status: 0 filled (with --keep: and ended by Ctrl-C when it was up), 1 something failed, 2 wrong usage, 130 interrupted before.`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .action(async ({ sales, until, directory = defaultStateDirectory(), keep, json, ...flags }: Flags) => {
    const things = new Things();
    const bars = startStageBars(process.stderr);
    const began = performance.now();
    await runTool({
      name: 'simulate',
      things,
      say: (sentence) => {
        bars.end();
        process.stderr.write(`${sentence}\n`);
      },
      run: async () => {
        const endMs = until ?? Math.floor(Date.now() / DAY_MS) * DAY_MS;
        const result = await simulate({
          ...flags,
          directory,
          salesPerDay: sales,
          endMs,
          things,
          onProgress: (...progress) => bars.show(...progress),
        });
        bars.end();
        const seconds = Math.round((performance.now() - began) / 1_000);
        process.stdout.write(`${reportLines(result, seconds, directory).join('\n')}\n`);
        if (keep) process.stdout.write(`\n${(await openConsole(directory, things)).join('\n')}\n`);
        return {
          isWell: true,
          staysUp: keep,
          lastLine: json ? JSON.stringify({ simulate: { ...result, seconds } }) : null,
        };
      },
    });
  })
  .parseAsync();
