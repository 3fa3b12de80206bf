import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { CommandFailure, EXIT_STATUSES } from '../exit-status.js';
import { describeDrain, describeLog, describeStatus } from '../print.js';
import { withProgress } from '../progress.js';
import { writeJson, writeLine } from '../terminal-io.js';
import { readNamedFile } from '../till-access.js';
import { type TillOptions, usage, withTill, withTillOptions } from '../till-options.js';

const LOG_ENTRIES_DEFAULT = '20';
const LOG_ENTRIES_MAX = 500;

export function addStateCommands(program: Command, context: CommandContext): void {
  withTillOptions(program.command('status').summary('what waits, since when, and why'))
    .addHelpText('after', '\nExample:\n  tax-terminal status --directory /var/lib/till/till-7')
    .action((options: TillOptions) => showStatus(context, options));
  withTillOptions(program.command('drain').summary('fetch the codes of what waits, now'))
    .addHelpText('after', '\nExample:\n  tax-terminal drain --directory /var/lib/till/till-7')
    .action((options: TillOptions) => drain(context, options));
  withTillOptions(program.command('log').summary('the newest attempts and why they failed'))
    .option('-n, --limit <count>', 'attempts at the most', LOG_ENTRIES_DEFAULT)
    .addHelpText('after', '\nExample:\n  tax-terminal log --directory /var/lib/till/till-7 --limit 50')
    .action((options: TillOptions & { limit: string }) => showLog(context, options));
  const parameters = program.command('parameters').summary('the parameters that the server’s operator publishes');
  withTillOptions(parameters.command('import').summary('take a signed parameters document that came by any way'))
    .argument('<file>', 'the document')
    .addHelpText(
      'after',
      '\nExample:\n  tax-terminal parameters import /media/stick/parameters.jws -d /var/lib/till/till-7',
    )
    .action((file: string, options: TillOptions) => importParameters(context, file, options));
}

async function showStatus(context: CommandContext, options: TillOptions): Promise<void> {
  const status = await withTill(context, options, (till) => till.status());
  if (options.json) writeJson(context.io, status);
  else writeLine(context.io.stdout, describeStatus(status));
}

async function drain(context: CommandContext, options: TillOptions): Promise<void> {
  const { io } = context;
  const report = await withTill(context, options, async (till) => {
    const { waiting } = await till.status();
    const left = async (): Promise<string> => `${waiting - (await till.status()).waiting} of ${waiting} sent`;
    return withProgress(io, left, till.drain());
  });
  if (report.cause !== null) context.status = EXIT_STATUSES.failed;
  if (options.json) writeJson(io, report);
  else writeLine(io.stdout, describeDrain(report));
}

async function showLog(context: CommandContext, options: TillOptions & { limit: string }): Promise<void> {
  const limit = Number(options.limit);
  if (!/^[0-9]{1,3}$/.test(options.limit) || limit < 1 || limit > LOG_ENTRIES_MAX)
    throw usage(`--limit takes a number from 1 to ${LOG_ENTRIES_MAX}.`);
  const entries = await withTill(context, options, (till) => till.log(limit));
  if (options.json) writeJson(context.io, { entries });
  else writeLine(context.io.stdout, describeLog(entries));
}

async function importParameters(context: CommandContext, file: string, options: TillOptions): Promise<void> {
  const jws = readNamedFile(file).toString('utf8').trim();
  const taken = await withTill(context, options, (till) => till.importParameters(jws));
  if (taken.result === 'refused') throw new CommandFailure(EXIT_STATUSES.failed, taken.detail, taken);
  if (options.json) writeJson(context.io, taken);
  else writeLine(context.io.stdout, taken.detail);
}
