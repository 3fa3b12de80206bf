import { Command, InvalidArgumentError } from 'commander';
import { PREFERRED_PORTS } from './preferred-ports.js';
import { defaultStateDirectory } from './state-directory.js';
import { startLocal } from './start-local.js';
import { welcome } from './welcome.js';

const EXIT_USAGE = 2;

interface Flags {
  readonly directory?: string;
  readonly fresh?: boolean;
  readonly json?: boolean;
}

const program = new Command('npm start --')
  .description(
    'Starts everything for trying out on this machine: a PostgreSQL, keys and certificates, the tables, and the server itself.',
  )
  .option('--directory <directory>', 'where to keep everything (default: .local in the project)', folderName)
  .option('--fresh', 'forget what an earlier start left: new keys, empty database')
  .option('--json', 'print one line of JSON with the addresses, once everything runs, in place of the text')
  .addHelpText(
    'after',
    `
Nothing here listens to other machines. Production runs the same server on a PostgreSQL of its own (DATABASE_URL).

Exit status: 0 it was told to end, 1 something went wrong, 2 wrong usage.

Examples:
  npm start
  npm start -- --fresh
  npm start --silent -- --json --directory /tmp/second`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .parse();

process.exitCode = await main(program.opts<Flags>());

/** @returns the exit status: 0 when it was told to end, 1 when something went wrong */
async function main(flags: Flags): Promise<number> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interruption.abort(signal));
  }
  try {
    const local = await startLocal({
      directory: flags.directory ?? defaultStateDirectory(),
      fresh: flags.fresh ?? false,
      ports: PREFERRED_PORTS,
      signal: interruption.signal,
      report: (step) => void process.stderr.write(`${step} …\n`),
    });
    try {
      process.stdout.write(flags.json === true ? `${JSON.stringify(summary(local))}\n` : welcome(local));
      const trouble = await Promise.race([local.broken, interrupted(interruption.signal)]);
      process.stderr.write(trouble === undefined ? '\nStopping …\n' : `\n${trouble}\nStopping the rest …\n`);
      return trouble === undefined ? 0 : 1;
    } finally {
      await local.stop();
    }
  } catch (error) {
    if (interruption.signal.aborted) return 0;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function interrupted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function summary({ addresses, paths }: Awaited<ReturnType<typeof startLocal>>): object {
  return {
    addresses,
    directory: paths.directory,
    keysDirectory: paths.keys,
    secretsDirectory: paths.secrets,
    logFile: paths.serverLog,
  };
}

function folderName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must be the name of a folder.');
  return text;
}
