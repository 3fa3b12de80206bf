import { Command } from 'commander';
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { startStageBars } from '../screen/stage-bars.js';
import { paintFor } from '../screen/style.js';
import { watchOutput } from '../screen/watch-output.js';
import { AuditError, runAudit } from './audit.js';
import { KeysError } from './keys.js';
import { reportLines, reportObject } from './report-lines.js';

const EXIT_BROKEN = 1;
const EXIT_USAGE = 2;
const EXIT_UNAVAILABLE = 3;

interface Flags {
  readonly keys: string;
  readonly tillExport: readonly string[];
  readonly allowWaiting: boolean;
  readonly json: boolean;
}

const command = new Command('audit')
  .description('Checks on a live database, with code of its own, what must always hold (I1 to I9).')
  .requiredOption('--keys <directory>', 'keys directory: mac/, receipt-signing/ (public halves will do), ca/')
  .option('--till-export <file...>', 'exported journals (tax-terminal export), written before the audit begins', [])
  .option('--allow-waiting', 'invoices that still wait in a till are noted, not found', false)
  .option('--json', 'one line of JSON on standard output', false)
  .addHelpText(
    'after',
    `
DATABASE_URL_FILE (or DATABASE_URL) in the environment names the database, with a log-in of tax_control_auditor: on a command
line every process of the machine could read its password.

Exit status: 0 all that was checked holds, 1 something does not, 2 wrong usage, 3 database or files cannot be read.

Example:
  DATABASE_URL_FILE=.local/secrets/auditor-database-url npm run audit -- --keys .local/keys --till-export till-1.jsonl`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .action(async (flags: Flags) => {
    process.exitCode = await audit(flags);
  });

async function audit(flags: Flags): Promise<number> {
  watchOutput();
  const databaseUrl = await urlOfEnvironment();
  if (databaseUrl === undefined || !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    process.stderr.write(
      'Name the database in the environment: DATABASE_URL_FILE, a file that this user can read, or DATABASE_URL, like ' +
        'postgresql://user:password@host:port/database.\n',
    );
    return EXIT_USAGE;
  }
  const unreadable = await unreadableOf(flags.tillExport);
  if (unreadable !== undefined) {
    process.stderr.write(`The till export ${unreadable} is no file that can be read. Compare its name.\n`);
    return EXIT_UNAVAILABLE;
  }
  const progress = startStageBars(process.stderr);
  try {
    const { keys: keysDirectory, tillExport: tillExports, allowWaiting } = flags;
    const report = await runAudit({
      databaseUrl,
      keysDirectory,
      tillExports,
      allowWaiting,
      onProgress: ({ stage, done, total }) => progress.show(`auditing ${stage}`, done, total),
    });
    progress.end();
    const lines = flags.json
      ? [JSON.stringify(reportObject(report))]
      : reportLines(report, paintFor(process.stdout, process.env));
    process.stdout.write(`${lines.join('\n')}\n`);
    return report.held ? 0 : EXIT_BROKEN;
  } catch (error) {
    progress.end();
    process.stderr.write(`The audit could not be made: ${sentenceOf(error)}\n`);
    return error instanceof KeysError ? EXIT_USAGE : EXIT_UNAVAILABLE;
  }
}

async function urlOfEnvironment(): Promise<string | undefined> {
  const { DATABASE_URL: url, DATABASE_URL_FILE: file } = process.env;
  return url ?? (file === undefined ? undefined : (await readFile(file, 'utf8').catch(() => '')).trim());
}

/** The first of the files that cannot be read. */
async function unreadableOf(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const isReadable = await access(file, constants.R_OK)
      .then(() => stat(file))
      .then(
        (found) => !found.isDirectory(),
        () => false,
      );
    if (!isReadable) return file;
  }
  return undefined;
}

function sentenceOf(error: unknown): string {
  if (error instanceof KeysError || error instanceof AuditError) return error.message;
  if (error instanceof AggregateError) return error.errors.map(sentenceOf).join('; ');
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ETIMEDOUT')
    return `the database cannot be reached (${message}). See that it runs, and try again.`;
  if (message === undefined) return String(error);
  return `${message}. What to do about a database that lets nobody in, tax-control doctor says with the same DATABASE_URL.`;
}

await command.parseAsync();
