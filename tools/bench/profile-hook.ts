import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

/*
 * Loaded into the server by `--import` when a profile is asked for (Node.js 20 does not take --cpu-prof from NODE_OPTIONS). The first SIGUSR2
 * starts it, so that neither the start nor the warm-up is in it; the second writes it to PROFILE_FILE.
 */

/** Microseconds between samples: 50 a millisecond-long request of ours would be too few at the usual 1,000. */
const SAMPLING_INTERVAL_US = 200;

const session = new Session();
let isRunning = false;

process.on('SIGUSR2', () => {
  if (isRunning) {
    session.post('Profiler.stop', (_error, { profile }) =>
      writeFileSync(process.env['PROFILE_FILE'] ?? '', JSON.stringify(profile)),
    );
    return;
  }
  isRunning = true;
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
  session.post('Profiler.start');
});
