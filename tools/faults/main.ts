import { join } from 'node:path';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { EXIT_USAGE, runTool } from '../screen/run-tool.js';
import { Things } from '../screen/things.js';
import { Random } from '../simulator/random.js';
import type { PlannedFault } from './fault.js';
import { FAULT_KINDS, kindNamed } from './kinds.js';
import { countKinds, resultLines, scheduleLines, withoutEffect } from './report.js';
import { type RunResult, runSchedule } from './run.js';
import { drawSchedule } from './schedule.js';
import { sizeOf } from './scene.js';
import { shrink } from './shrink.js';

const MS_PER_MINUTE = 60_000;
const TILLS = 6;

interface Flags {
  readonly seed: string;
  readonly minutes: number;
  readonly tills: number;
  readonly only?: readonly string[];
  readonly plan: boolean;
  readonly shrink: boolean;
  readonly json: boolean;
}

function positive(text: string): number {
  if (!/^[0-9]{1,4}(\.[0-9]{1,3})?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('It must be a number above 0 and below 10000, like 0.5 or 3.');
  return Number(text);
}

function tillCount(text: string): number {
  if (!/^([2-9]|[1-3][0-9]|40)$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 2 to 40.');
  return Number(text);
}

function kindOf(name: string, before: readonly string[] = []): readonly string[] {
  if (!FAULT_KINDS.some((kind) => kind.name === name))
    throw new InvalidArgumentError(
      `There is no such fault. There are: ${FAULT_KINDS.map((kind) => kind.name).join(', ')}`,
    );
  return [...before, name];
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

await new Command('npm run faults --')
  .description(
    'Sells at tills while servers, database, lines, tills and office break by a seed; then heals, drains, audits, and compares what was printed with what is on file.',
  )
  .option('--seed <text>', 'the same seed draws the same sales and faults', '1')
  .option('--minutes <n>', 'how long tills sell', positive, 1)
  .option('--tills <n>', 'how many, two in each agent', tillCount, TILLS)
  .option('--only <kind...>', 'draw these faults alone', kindOf)
  .option('--plan', 'print the schedule, and do nothing', false)
  .option('--shrink', 'on failure, look for a smaller schedule that still fails', false)
  .option('--json', 'one JSON object as the last line', false)
  .addHelpText(
    'after',
    `
Faults:
${FAULT_KINDS.map(({ name, what }) => `  ${name.padEnd(26)}${what}`).join('\n')}

The folder of a run that failed is kept, and named with how to look at it. Signals of POSIX are needed; a full disk of the database takes
root on Linux.

Exit status: 0 all held; 1 something did not, or could not be tried; 2 wrong usage; 130 interrupted.

Examples:
  npm run faults -- --seed 7 --minutes 3
  npm run faults -- --seed 7 --only server_killed --only answer_dropped --json`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .action(async (flags: Flags) => {
    const { seed, tills, minutes, only, plan, json } = flags;
    const lastsMs = minutes * MS_PER_MINUTE;
    const kinds = only === undefined ? FAULT_KINDS : only.map(kindNamed);
    const schedule = drawSchedule(new Random(seed).fork('schedule'), kinds, sizeOf(tills), lastsMs);
    if (plan) {
      process.stdout.write(`${(json ? [JSON.stringify({ seed, schedule })] : scheduleLines(schedule)).join('\n')}\n`);
      return;
    }
    say(`Seed ${seed}: ${schedule.length} faults\n${scheduleLines(schedule).join('\n')}`);
    const things = new Things();
    await runTool({
      name: 'faults',
      things,
      say,
      run: async (folder) => {
        const attempt = (faults: readonly PlannedFault[], name: string, attemptThings: Things): Promise<RunResult> => {
          const own = join(folder, name);
          mkdirSync(own, { mode: 0o711 });
          const report = (step: string): void => say(`${step} …`);
          return runSchedule({ seed, tills, schedule: faults, lastsMs, folder: own, things: attemptThings, report });
        };
        const result = await attempt(schedule, 'run', things);
        process.stdout.write(`${resultLines(result).join('\n')}\n`);
        if (!result.isWell) {
          writeFileSync(
            join(folder, 'result.json'),
            JSON.stringify({ seed, minutes, tills, schedule, ...result }, null, 2),
          );
          say(sceneLines(folder).join('\n'));
        }
        const smallest = !result.isWell && flags.shrink ? await shrink(schedule, attempt, things, say) : null;
        if (smallest !== null) say(`Still fails with:\n${scheduleLines(smallest).join('\n')}`);
        const { effects, auditLines: _, faults, ...figures } = result;
        const summary = {
          seed,
          minutes,
          tills,
          ...figures,
          kinds: countKinds(effects),
          withoutEffect: withoutEffect(effects).map(({ fault, effect }) => ({
            id: fault.id,
            kind: fault.kind,
            ...effect,
          })),
          faults,
          ...(smallest !== null && { smallest }),
          ...(!result.isWell && { folder }),
        };
        return { isWell: result.isWell, lastLine: json ? JSON.stringify(summary) : null, keepsFolder: !result.isWell };
      },
    });
  })
  .parseAsync();

/** How to look at what a failed run has left. */
function sceneLines(folder: string): string[] {
  const run = join(folder, 'run');
  return [
    `The scene stays in ${folder}:`,
    '  result.json                 schedule, effects, and what does not hold',
    '  run/server-0.log, server-1.log, agent-*.log',
    '  run/agents/*/till-*         the tills, for tax-terminal verify, log and receipt',
    '  run/till-*.jsonl            their exported journals',
    `  npm start -- --directory ${join(run, 'local')}   starts the database and a server on it`,
  ];
}
