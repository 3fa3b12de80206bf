import { Command } from 'commander';
import { EXIT_USAGE, runTool } from '../../screen/run-tool.js';
import { Things } from '../../screen/things.js';
import { Random } from '../../simulator/random.js';
import { setStage } from '../stage.js';
import { passedSoakBounds } from './bounds.js';
import { SOAK_FAULTS } from './faults.js';
import { runSoak } from './run-soak.js';
import { roundLine, soakLines } from './soak-lines.js';

const BYTES_PER_MIB = 1_048_576;
const MS_PER_MINUTE = 60_000;
/** A sale has the deadline that parameters set where nobody changes it. */
const TIMES = { warmUpMs: 5_000, measureMs: 10_000, faultMs: 3_000, restMs: 3_000, saleDeadlineMs: 1_500 };

interface Flags {
  readonly minutes: number;
  readonly seed: string;
  readonly memory: number;
  readonly json: boolean;
}

/** @param wholeNumber parses a number on the command line */
export function soakCommand(wholeNumber: (text: string) => number, say: (line: string) => void): Command {
  return new Command('soak')
    .description(
      'Lets honest tills sell at half of what they can, with a fault every few seconds, and fails where the server holds more memory, files, ' +
        'sessions or disk at the end than at the start.',
    )
    .option(
      '--minutes <n>',
      'how long; three rounds of all faults are made in any case, about seven minutes',
      wholeNumber,
      60,
    )
    .option('--seed <text>', 'the same seed draws the same order of faults', '1')
    .option('--memory <mib>', 'memory of the server in MiB', wholeNumber, 512)
    .option('--json', 'one JSON object as the last line', false)
    .addHelpText(
      'after',
      `
Faults, each once in a round, in an order that is drawn:
${SOAK_FAULTS.map(({ name, description }) => `  ${name.padEnd(17)} ${description}`).join('\n')}

Exit status: 0 every bound held; 1 one was passed, or something failed; 2 wrong usage; 130 interrupted.

Example:
  npm run overload -- soak --minutes 60 --seed 7 --json`,
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
    .action(async ({ minutes, seed, memory, json }: Flags) => {
      const things = new Things();
      await runTool({
        name: 'soak',
        things,
        say,
        run: async (folder) => {
          const report = (step: string): void => say(`${step} …`);
          const onStarted = (end: () => Promise<void>): void => things.add(end);
          const stage = await setStage(folder, SOAK_FAULTS, memory * BYTES_PER_MIB, report, onStarted, things.signal);
          if (stage.unbounded !== null) say(`The server's memory has no bound here: ${stage.unbounded}.`);
          report(`Soaking for ${minutes} min with seed ${seed}`);
          const plan = { ...TIMES, totalMs: minutes * MS_PER_MINUTE, faults: SOAK_FAULTS, random: new Random(seed) };
          const result = await runSoak(stage, plan, (...round) => say(roundLine(...round)), things.signal);
          const faults = [...result.broken, ...passedSoakBounds(result.bounds)];
          for (const fault of faults) say(`✗ ${fault}`);
          process.stdout.write(`${soakLines(result).join('\n')}\n`);
          const summary = { minutes, seed, memoryMib: memory, unbounded: stage.unbounded, ...result, broken: faults };
          return { isWell: faults.length === 0, lastLine: json ? JSON.stringify(summary) : null };
        },
      });
    });
}
