import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { EXIT_STATUSES } from './exit-status.js';
import { library } from './library.js';
import { runCommand } from './program.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  stopRequested: async () => {
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  },
};

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(
    `tax-terminal: the result could not be written (${error.code ?? error.message}). Make room, and ask again: a sale ` +
      'that was signed is kept, and the same --sale-id gives its answer.\n',
  );
  process.exit(EXIT_STATUSES.failed);
});
process.stderr.on('error', () => {});

process.exitCode = await runCommand(process.argv.slice(2), io, library, version);
