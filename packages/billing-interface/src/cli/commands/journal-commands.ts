import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
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
    .summary('write the whole journal as JSON Lines: for the operator, when this till can send no more')
    .addOption(directoryOption())
    .option('-o, --output <file>', 'write there instead of to standard output; an existing file is not touched')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  tax-terminal export --directory /var/lib/till/till-7 --output till-7.jsonl')
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
  const count = await writeNewFile(context, output, lines);
  if (options.json) writeJson(io, { output, lines: count });
  else writeLine(io.stdout, `${count} lines written to ${output}.`);
}

/** Whole and synced under its name, or not there: half an export would look like a whole one. */
async function writeNewFile({ io }: CommandContext, path: string, lines: Iterable<string>): Promise<number> {
  let count = 0;
  let isWhole = false;
  const part = `${path}.part`;
  const reserved = openNew(path);
  const file = openSync(part, 'w', OWNER_ONLY_MODE);
  try {
    for (const line of lines) {
      // Not writeSync, which may write a part of the line and say so in its result only.
      writeFileSync(file, `${line}\n`);
      count += 1;
      if (count % LINES_PER_STEP !== 0) continue;
      if (io.stderr.isTTY) io.stderr.write(`\r${count} lines`);
      await new Promise(setImmediate);
    }
    fsyncSync(file);
    isWhole = true;
  } finally {
    closeSync(file);
    closeSync(reserved);
    if (io.stderr.isTTY) io.stderr.write('\r\u001B[K');
    // What is left of a failed export would be in the way of the next one.
    if (!isWhole) for (const made of [part, path]) rmSync(made, { force: true });
  }
  renameSync(part, path);
  return count;
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx', OWNER_ONLY_MODE);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(EXIT_STATUSES.usage, `The file ${path} cannot be made (${reason}). Name another one.`);
  }
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
  writeLine(io.stderr, `The journal is not whole. Export it and hand it to the operator. ${counts}.`);
  for (const fault of found.faults.slice(0, FAULTS_SHOWN_MAX)) writeLine(io.stderr, `  ${fault}`);
  const more = found.faults.length - FAULTS_SHOWN_MAX;
  if (more > 0) writeLine(io.stderr, `  and ${more} more; --json lists them`);
  for (const note of found.notes) writeLine(io.stderr, `  ${note}`);
}
