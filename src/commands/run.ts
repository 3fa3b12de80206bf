import { Command, CommanderError } from 'commander';
import type { Clock } from '@tax-control/protocol';
import { projectVersion } from '../configuration/project-version.js';
import type { CommandGroup, Perform, Terminal } from './command-group.js';
import { databaseCommands } from './database-commands.js';
import { disputeCommands } from './dispute-commands.js';
import { doctorCommand } from './doctor-command.js';
import { failureOf } from './failure.js';
import { journalCommands } from './journal-commands.js';
import { keysCommands } from './keys-commands.js';
import { migrateCommands } from './migrate-commands.js';
import { EXIT_STATUS, type NotDone } from './outcome.js';
import { officialCommands } from './official-commands.js';
import { parametersCommands } from './parameters-commands.js';
import { premisesCommands } from './premises-commands.js';
import { receiptCommands } from './receipt-commands.js';
import { retentionCommands } from './retention-commands.js';
import { statisticsCommands } from './statistics-commands.js';
import { taxRateCommands } from './tax-rate-commands.js';
import { taxpayerCommands } from './taxpayer-commands.js';
import { terminalCommands } from './terminal-commands.js';

const GROUPS: readonly CommandGroup[] = [
  doctorCommand,
  migrateCommands,
  databaseCommands,
  keysCommands,
  taxpayerCommands,
  premisesCommands,
  terminalCommands,
  journalCommands,
  receiptCommands,
  disputeCommands,
  parametersCommands,
  taxRateCommands,
  statisticsCommands,
  retentionCommands,
  officialCommands,
];

const EPILOGUE = `
Results go to standard output, everything else to standard error. With --json the result is one JSON document on one
line, and a failure is {"error": {"kind", "message"}} on standard error.

Settings: DATABASE_URL or DATABASE_URL_FILE (a log-in of the role tax_control_operator; for migrate and retention apply
--confirm of the migrator), KEYS_DIRECTORY where keys are needed, and RECOVERY_LOG_DIRECTORY, the folder that the servers have there.

Exit status: 0 done, 1 refused (the same again changes nothing), 2 wrong usage, 3 database unavailable (try again
later), 4 failed unexpectedly.`;

/** A value that would fill the screen, and what is shown of it. */
const LONG_VALUE = /'([^']{80})[^']+'/gu;

/** Runs one command line (without `node` and script) and returns the exit status. Never throws. */
export async function run(commandLine: readonly string[], terminal: Terminal, clock: Clock): Promise<number> {
  const program = new Command('tax-control');
  let exitStatus: number = EXIT_STATUS.done;
  const fail = (failure: NotDone): void => {
    exitStatus = EXIT_STATUS[failure.kind];
    const { kind, message, details } = failure;
    terminal.error(
      wantsJson() ? `${JSON.stringify({ error: { kind, message, ...details } })}\n` : `tax-control: ${message}\n`,
    );
  };
  const wantsJson = (): boolean => commandLine.includes('--json');

  const perform: Perform =
    (work) =>
    async (...given) => {
      const outcome = await work(...given).catch(failureOf);
      if (!outcome.done) return fail(outcome);
      terminal.out(wantsJson() ? `${JSON.stringify(outcome.json)}\n` : `${outcome.text}\n`);
      if (outcome.bad !== null) exitStatus = EXIT_STATUS[outcome.bad];
    };

  program
    .description(
      'Administers a tax control server: its database, keys, taxpayers, terminals, parameters and officials.',
    )
    .version(projectVersion())
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EPILOGUE);
  for (const add of GROUPS) add(program, perform, clock);
  prepare(program, terminal, wantsJson());

  try {
    await program.parseAsync(withThumbprintsLast(commandLine), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are "errors" of commander too, with status 0.
    if (error.exitCode === 0) return EXIT_STATUS.done;
    fail({ done: false, kind: 'usage', message: usageMessage(error) });
  }
  return exitStatus;
}

/** Gives every command the common behaviour: usage errors are thrown and told by us, --json stands anywhere. */
function prepare(command: Command, terminal: Terminal, json: boolean): void {
  command
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => void (json || terminal.error(text)),
      outputError: () => {},
    });
  for (const child of command.commands) {
    if (child.options.every((option) => option.long !== '--json')) child.option('--json', 'print the result as JSON');
    prepare(child, terminal, json);
  }
}

function usageMessage({ code, message }: CommanderError): string {
  if (code === 'commander.help') return 'Name a command; the list is above, and --help after a command explains it.';
  // What was typed is repeated in the message: on one line, and cut where it is long.
  const sentence = message
    .replace(/^error: /, '')
    .replace(/\p{Cc}+/gu, ' ')
    .replace(LONG_VALUE, "'$1…'")
    .replace(/\.$/, '');
  return `${sentence}. See --help.`;
}

/** A thumbprint as `terminal show` prints it (base64url of SHA-256): one of 64 begins with a hyphen, and would be taken for an option. */
const HYPHENED_THUMBPRINT = /^-[A-Za-z0-9_-]{42}$/;

/** What comes behind two hyphens is no option. */
function withThumbprintsLast(commandLine: readonly string[]): string[] {
  const thumbprints = commandLine.filter((word) => HYPHENED_THUMBPRINT.test(word));
  if (thumbprints.length === 0 || commandLine.includes('--')) return [...commandLine];
  return [...commandLine.filter((word) => !thumbprints.includes(word)), '--', ...thumbprints];
}
