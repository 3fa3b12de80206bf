import 'reflect-metadata';
import { systemClock } from '@tax-control/protocol';
import { AppModule } from './app.module.js';
import { readSettings } from './configuration/read-settings.js';
import { endOnSignals } from './http/end-on-signals.js';
import { serve } from './http/serve.js';
import { PinoLog } from './observability/pino-log.js';
import { startFailure } from './start-failure.js';
import { startWarnings } from './start-warnings.js';

/** Exit status of a server that does not start: sysexits' EX_CONFIG, since what must be mended is outside of it. */
const EXIT_NOT_STARTED = 78;

const EXIT_FAILED = 1;

const startLog = new PinoLog('info');
process.on('uncaughtException', (error) => {
  // Nobody knows what state we are in. What was not answered is sent again by the tills; whoever supervises starts us anew.
  startLog.error(startFailure(error) ?? 'The server ends because of an error that nobody caught.', {}, error);
  process.exit(EXIT_FAILED);
});
try {
  const settings = readSettings();
  const log = new PinoLog(settings.log.level);
  const clock = systemClock;
  const server = await serve((listeners) => AppModule.of(settings, log, listeners, clock), settings, log, clock);
  endOnSignals(server, log);
  process.on('SIGHUP', () => server.reloadKeys());
  log.info('listening', { listening: server.addresses });
  for (const warning of await startWarnings(server.application)) log.error(warning);
} catch (error) {
  const message = startFailure(error);
  if (message === null) startLog.error('The server does not start.', {}, error);
  else startLog.error(message);
  process.exit(EXIT_NOT_STARTED);
}
