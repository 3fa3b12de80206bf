#!/usr/bin/env node
import { systemClock } from '@tax-control/protocol';
import { failureOf } from './failure.js';
import { EXIT_STATUS } from './outcome.js';
import { run } from './run.js';

// A reader that has seen enough (`| head`) is no failure; a full disk is one, because the result is lost.
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') return;
  process.stderr.write(
    `tax-control: the result could not be written (${code ?? message}). What was asked for may be done: look with list ` +
      'or show. An invitation that was lost is replaced by: tax-control terminal invite\n',
  );
  process.exit(EXIT_STATUS.failed);
});
process.stderr.on('error', () => {});
// The driver throws what it does not understand (a log-in by Kerberos) where nobody can catch it.
process.on('uncaughtException', (error) => {
  const { kind, message } = failureOf(error);
  process.stderr.write(`tax-control: ${message}\n`);
  process.exit(EXIT_STATUS[kind]);
});

process.exitCode = await run(
  process.argv.slice(2),
  {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
  },
  systemClock,
);
