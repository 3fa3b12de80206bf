import { once } from 'node:events';
import { readFileSync } from 'node:fs';
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
  throw error;
});

process.exitCode = await runCommand(process.argv.slice(2), io, library, version);
