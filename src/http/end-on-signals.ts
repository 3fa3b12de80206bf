import type { Log } from '../observability/log.js';
import type { RunningServer } from './serve.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/**
 * Above the listeners' own bound of seven seconds: the rest (a pool that cannot say goodbye) must not keep the process.
 * Below the ten after which Docker kills: the log shall have the reason.
 */
const END_TIMEOUT_MS = 9_500;

/** Ends the process in order at the first signal; a second one finds the server stopping already and changes nothing. */
export function endOnSignals(server: RunningServer, log: Log): void {
  for (const signal of SIGNALS) process.on(signal, () => void end(server, log, signal));
}

let isEnding = false;

async function end(server: RunningServer, log: Log, signal: string): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  log.info('stopping', { signal });
  setTimeout(() => {
    log.error('the server did not stop in time', { timeoutMs: END_TIMEOUT_MS });
    process.exit(1);
  }, END_TIMEOUT_MS).unref();
  try {
    await server.stop();
    log.info('stopped');
  } catch (error) {
    log.error('the server did not stop in order', {}, error);
    process.exitCode = 1;
  }
}
