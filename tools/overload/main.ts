import { Command, InvalidArgumentError } from 'commander';
import { EXIT_USAGE, runTool } from '../screen/run-tool.js';
import { Things } from '../screen/things.js';
import type { Attack } from './attack.js';
import { ATTACKS } from './attacks.js';
import { passedBounds, tableOf } from './report.js';
import { type AttackResult, runAttack } from './run-attack.js';
import { soakCommand } from './soak/soak-command.js';
import { setStage } from './stage.js';

const BYTES_PER_MIB = 1_048_576;
const MS_PER_SECOND = 1_000;
/** A sale has the deadline that parameters set where nobody changes it. */
const DURATIONS = { warmUpMs: 4_000, quietMs: 6_000, afterwardsMs: 5_000, saleDeadlineMs: 1_500 };

interface Flags {
  readonly memory: number;
  readonly seconds: number;
  readonly json: boolean;
}

function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 999999.');
  return Number(text);
}

function attackNamed(name: string): Attack {
  const found = ATTACKS.find((attack) => attack.name === name);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(
    `There is no such attack. There are: ${ATTACKS.map((attack) => attack.name).join(', ')}`,
  );
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

await new Command('npm run overload --')
  .description('Overloads a server of its own in bounded memory, and says what the tills beside it notice.')
  .argument(
    '[names...]',
    'attacks; without any, all of them',
    (name: string, before: Attack[]) => [...before, attackNamed(name)],
    [],
  )
  .option('--memory <mib>', 'memory of the server in MiB', wholeNumber, 512)
  .option('--seconds <n>', 'how long each attack goes on', wholeNumber, 12)
  .option('--json', 'one JSON object as the last line', false)
  .addHelpText(
    'after',
    `
Attacks:
${ATTACKS.map(({ name, description }) => `  ${name.padEnd(16)} ${description}`).join('\n')}

Endurance:
  soak [options]   tills sell at half of what they can, with a fault every few seconds; soak --help tells more

Exit status: 0 every bound held; 1 one was passed, or something failed; 2 wrong usage; 130 interrupted.

Example:
  npm run overload -- held-bodies --json`,
  )
  // What stands behind `soak` is its own.
  .enablePositionalOptions()
  .addCommand(soakCommand(wholeNumber, say))
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .action(async (named: Attack[], { memory, seconds, json }: Flags) => {
    const attacks = named.length === 0 ? ATTACKS : named;
    const things = new Things();
    await runTool({
      name: 'overload',
      things,
      say,
      run: async (folder) => {
        const report = (step: string): void => say(`${step} …`);
        const onStarted = (end: () => Promise<void>): void => things.add(end);
        const stage = await setStage(folder, attacks, memory * BYTES_PER_MIB, report, onStarted, things.signal);
        if (stage.unbounded !== null) say(`The server's memory has no bound here: ${stage.unbounded}.`);
        const results: AttackResult[] = [];
        const faults: string[] = [];
        for (const attack of attacks) {
          things.signal.throwIfAborted();
          report(`${attack.name}: ${attack.description}`);
          const durations = { ...DURATIONS, attackMs: seconds * MS_PER_SECOND };
          const result = await runAttack(attack, stage, durations);
          results.push(result);
          for (const fault of passedBounds(attack, result)) {
            faults.push(`${attack.name}: ${fault}`);
            say(`✗ ${fault}`);
          }
        }
        process.stdout.write(`${tableOf(results).join('\n')}\n`);
        const summary = { memoryMib: memory, unbounded: stage.unbounded, attacks: results, faults };
        return { isWell: faults.length === 0, lastLine: json ? JSON.stringify(summary) : null };
      },
    });
  })
  .parseAsync();
