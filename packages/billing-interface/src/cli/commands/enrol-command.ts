import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { CommandFailure, EXIT_STATUSES } from '../exit-status.js';
import { readStandardInput, writeJson, writeLine } from '../terminal-io.js';
import { directoryOption, jsonOption, requireDirectory, usage } from '../till-options.js';

interface EnrolOptions {
  readonly directory?: string;
  readonly json?: true;
}

export function addEnrolCommand(program: Command, context: CommandContext): void {
  program
    .command('enrol')
    .summary('make this till known to the tax control server, with an invitation')
    .description(
      'Makes the till’s key, checks that the server is the one of the invitation, and fetches certificate and parameters. ' +
        'May be called again after a lost answer. The invitation is read from standard input: on a command line, ' +
        'every process of the machine could read its secret.',
    )
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  tax-terminal enrol --directory /var/lib/till/till-7 < invitation.txt`,
    )
    .action((options: EnrolOptions) => enrol(context, options));
}

async function enrol({ io, library }: CommandContext, options: EnrolOptions): Promise<void> {
  const directory = requireDirectory(options);
  const invitation = await askInvitation(io);
  if (invitation === '') throw usage('The invitation is empty. Paste the whole string that the operator handed over.');
  const result = await library.enrol({ invitation, directory });
  if (result.result !== 'enrolled')
    throw new CommandFailure(EXIT_STATUSES.failed, `${result.detail} (${result.cause})`, result);
  if (options.json) {
    writeJson(io, { ...result, directory });
    return;
  }
  writeLine(
    io.stdout,
    `Terminal ${result.terminalId} is enrolled in ${directory}${result.repeated ? ', as it was before' : ''}.`,
  );
  writeLine(io.stdout, `Its certificate is valid until ${result.certificateNotAfter}. ${result.detail}`);
}

async function askInvitation(io: CommandContext['io']): Promise<string> {
  if (io.stdin.isTTY) io.stderr.write('Paste the invitation, then Enter and Ctrl-D: ');
  return (await readStandardInput(io)).toString('utf8').trim();
}
