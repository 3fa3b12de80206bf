import { judgeClock, measureClock } from '../../database/clock.js';
import { check, failed, ok, warning } from './check.js';
import { askSystemClock } from './system-clock.js';

/** A difference that NTP on both sides never lets come about. */
const CLOCK_DRIFT_MS = 1_000;

/** Whether this machine's clock and the database's agree. */
export const clockCheck = check({
  name: 'clock',
  needs: ['database'],
  look: async ({ database, clock }) => {
    const difference = await measureClock(database, clock);
    const faults = judgeClock(difference);
    if (faults.length > 0) return faults.map(({ seen, advice }) => failed(seen, advice));
    const { aheadMs, uncertainMs } = difference;
    const seen = `The clock of this machine is ${Math.abs(aheadMs)} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} the database’s (± ${uncertainMs} ms).`;
    return Math.abs(aheadMs) - uncertainMs <= CLOCK_DRIFT_MS
      ? [ok(seen)]
      : [warning(seen, 'See that NTP runs on both machines (timedatectl, chronyc tracking).')];
  },
});

/** Whether the operating system says that somebody sets its clock. */
export const clockSynchronisedCheck = check({
  name: 'clock-synchronised',
  needs: [],
  look: async () => {
    const answer = await askSystemClock();
    if (answer === 'untold')
      return [
        {
          status: 'skipped',
          seen: 'The operating system here does not say (a container, or no timedatectl and no chronyc): look on the host.',
        },
      ];
    return answer === 'synchronised'
      ? [ok('The operating system says that its clock is synchronised.')]
      : [
          warning(
            'The operating system says that its clock is not synchronised.',
            'Switch NTP on (timedatectl set-ntp true, or chrony), and see that UDP port 123 gets out.',
          ),
        ];
  },
});
