import { Command, CommanderError } from 'commander';
import { addAgentCommand } from './commands/agent-command.js';
import { addEnrolCommand } from './commands/enrol-command.js';
import { addIssueCommand } from './commands/issue-command.js';
import { addJournalCommands } from './commands/journal-commands.js';
import { addReceiptCommand } from './commands/receipt-command.js';
import { addStateCommands } from './commands/state-commands.js';
import type { CommandContext } from './context.js';
import { CommandFailure, EXIT_STATUS_HELP, EXIT_STATUSES, type ExitStatus } from './exit-status.js';
import { journalFault, type Library } from './library.js';
import { type TerminalIo, writeJson, writeLine } from './terminal-io.js';

const HELD_BY_AGENT_HINT = 'If an agent has this till open, ask it: add --agent URL --terminal ID --token-file FILE.';

/** Runs one command line (without the program’s name). Never rejects: what fails is told, and its status returned. */
export async function runCommand(
  args: readonly string[],
  io: TerminalIo,
  library: Library,
  version: string,
): Promise<ExitStatus> {
  const context: CommandContext = { io, library, version, status: EXIT_STATUSES.ok };
  const program = makeProgram(context);
  try {
    await program.parseAsync(args, { from: 'user' });
    return context.status;
  } catch (error) {
    // Commander has told what was wrong already, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_STATUSES.ok : EXIT_STATUSES.usage;
    return tell(error, context, args.includes('--json'));
  }
}

function makeProgram(context: CommandContext): Command {
  const { io, version } = context;
  const program = new Command('tax-terminal')
    .description('The billing interface at a till: sells with tax control codes, online and through an outage.')
    .version(version)
    .showHelpAfterError('(add --help for how to call it)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'tax-terminal: ')),
    });
  addEnrolCommand(program, context);
  addIssueCommand(program, context);
  addReceiptCommand(program, context);
  addStateCommands(program, context);
  addJournalCommands(program, context);
  addAgentCommand(program, context);
  addStatusHelp(program);
  return program;
}

/** Every command tells its statuses. */
function addStatusHelp(program: Command): void {
  program.addHelpText('after', EXIT_STATUS_HELP);
  program.commands.forEach(addStatusHelp);
}

function tell(error: unknown, { io }: CommandContext, json: boolean): ExitStatus {
  const detail = error instanceof Error ? error.message : String(error);
  const fault = journalFault(error);
  writeLine(io.stderr, `tax-terminal: ${detail}`);
  if (fault === 'held') writeLine(io.stderr, HELD_BY_AGENT_HINT);
  const facts = error instanceof CommandFailure ? error.facts : {};
  if (json) writeJson(io, { result: fault === null ? 'failed' : 'journal_unavailable', detail, ...facts });
  if (error instanceof CommandFailure) return error.status;
  return fault === null ? EXIT_STATUSES.failed : EXIT_STATUSES.journalUnavailable;
}
