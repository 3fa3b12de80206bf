import { once } from 'node:events';
import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import type { JournalExportEnd } from '@tax-control/protocol';
import type { Command } from 'commander';
import { moveDurably } from '../../enrolment/durable-file.js';
import type { CommandContext } from '../context.js';
import { CommandFailure, EXIT_STATUSES } from '../exit-status.js';
import { writeJson, writeLine } from '../terminal-io.js';
import { directoryOption, jsonOption, requireDirectory } from '../till-options.js';

interface JournalOptions {
  readonly directory?: string;
  readonly json?: true;
}

/** Lines after which progress is told and the other work of the process gets its turn. */
const LINES_PER_STEP = 2000;
/** The file holds what the shop sold. */
const OWNER_ONLY_MODE = 0o600;
const FAULTS_SHOWN_MAX = 20;

export function addJournalCommands(program: Command, context: CommandContext): void {
  program
    .command('export')
    .summary('write the whole journal to a file: for the operator, when this till can send no more')
    .addOption(directoryOption())
    .option('-o, --output <file>', 'write there instead of to standard output; an existing file is not touched')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The folder may be one from a disk that was taken out of a till: neither its key nor a certificate is needed, and nothing is written there. Of a
damaged journal it writes what can be read and names what cannot. The operator takes the file in: tax-control journal import till-7.jsonl

Example:
  tax-terminal export --directory /var/lib/till/till-7 --output till-7.jsonl`,
    )
    .action((options: JournalOptions & { output?: string }) => exportJournal(context, options));
  program
    .command('verify')
    .summary('check the journal: chain, signatures, receipts')
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  tax-terminal verify --directory /var/lib/till/till-7')
    .action((options: JournalOptions) => verify(context, options));
}

async function exportJournal(context: CommandContext, options: JournalOptions & { output?: string }): Promise<void> {
  const { io, library } = context;
  const lines = library.exportJournal(requireDirectory(options));
  const { output } = options;
  if (output === undefined) {
    for (const line of lines) if (!io.stdout.write(`${line}\n`)) await once(io.stdout, 'drain');
    return;
  }
  const { count, last } = await writeNewFile(context, output, lines);
  const { unreadable = 0 } = JSON.parse(last) as Partial<JournalExportEnd>;
  if (options.json) writeJson(io, { output, lines: count, unreadable });
  else writeLine(io.stdout, `${count} lines written to ${output}.`);
  if (unreadable > 0 && !options.json)
    writeLine(
      io.stderr,
      `The journal is damaged: ${unreadable} lines of the file name what could not be read. Keep the disk.`,
    );
}

/** Whole and synced under its name, or not there: half an export would look like a whole one. */
async function writeNewFile(
  { io }: CommandContext,
  path: string,
  lines: Iterable<string>,
): Promise<{ readonly count: number; readonly last: string }> {
  if (existsSync(path)) throw cannotBeMade(path, 'it is there already');
  let count = 0;
  let last = '{}';
  let isWhole = false;
  const part = `${path}.part`;
  const file = openPart(part, path);
  try {
    for (const line of lines) {
      // Not writeSync, which may write a part of the line and say so in its result only.
      writeFileSync(file, `${line}\n`);
      last = line;
      count += 1;
      if (count % LINES_PER_STEP !== 0) continue;
      if (io.stderr.isTTY) io.stderr.write(`\r${count} lines`);
      await new Promise(setImmediate);
    }
    fsyncSync(file);
    isWhole = true;
  } finally {
    closeSync(file);
    if (io.stderr.isTTY) io.stderr.write('\r\u001B[K');
    // What is left of a failed export would be in the way of the next one.
    if (!isWhole) rmSync(part, { force: true });
  }
  moveDurably(part, path);
  return { count, last };
}

function openPart(part: string, path: string): number {
  try {
    return openSync(part, 'w', OWNER_ONLY_MODE);
  } catch (error) {
    throw cannotBeMade(path, error instanceof Error ? error.message : String(error));
  }
}

function cannotBeMade(path: string, reason: string): CommandFailure {
  return new CommandFailure(EXIT_STATUSES.usage, `The file ${path} cannot be made (${reason}). Name another one.`);
}

function verify(context: CommandContext, options: JournalOptions): void {
  const { io, library } = context;
  const onProgress = (done: number, total: number): void => {
    if (io.stderr.isTTY) io.stderr.write(`\r${done} of ${total} invoices`);
  };
  const found = library.verifyJournal(requireDirectory(options), { onProgress });
  if (io.stderr.isTTY) io.stderr.write('\r\u001B[K');
  if (!found.ok) context.status = EXIT_STATUSES.failed;
  if (options.json) {
    writeJson(io, found);
    return;
  }
  const counts = `${found.invoices} invoices: ${found.issued} issued, ${found.waiting} waiting, ${found.refused} refused`;
  if (found.ok) {
    writeLine(io.stdout, `The journal is whole: chain, signatures and receipts fit. ${counts}.`);
    for (const note of found.notes) writeLine(io.stdout, `  ${note}`);
    return;
  }
  writeLine(
    io.stderr,
    `The journal is not whole. Export it (tax-terminal export) and hand the file to the operator. ${counts}.`,
  );
  for (const fault of found.faults.slice(0, FAULTS_SHOWN_MAX)) writeLine(io.stderr, `  ${fault}`);
  const more = found.faults.length - FAULTS_SHOWN_MAX;
  if (more > 0) writeLine(io.stderr, `  and ${more} more; --json lists them`);
  for (const note of found.notes) writeLine(io.stderr, `  ${note}`);
}
