import { Things } from '../screen/things.js';
import type { PlannedFault } from './fault.js';
import type { RunResult } from './run.js';

/** Each trial is a whole run: with a schedule of sixty faults this finds a dozen or fewer. */
const TRIALS_MAX = 16;

type Attempt = (schedule: readonly PlannedFault[], name: string, things: Things) => Promise<RunResult>;

/**
 * Looks for fewer faults that still fail, by leaving out one part after the other, half at first and ever smaller ones (Zeller and
 * Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002). Time is not the same in two runs: what fails in one may hold in
 * the next, so the smallest that was seen to fail is given.
 */
export async function shrink(
  schedule: readonly PlannedFault[],
  attempt: Attempt,
  things: Things,
  say: (line: string) => void,
): Promise<readonly PlannedFault[]> {
  let smallest = schedule;
  let parts = 2;
  for (let trial = 1; trial <= TRIALS_MAX && smallest.length > 0 && parts <= smallest.length;) {
    const size = Math.ceil(smallest.length / parts);
    let found: readonly PlannedFault[] | null = null;
    for (let from = 0; from < smallest.length && found === null && trial <= TRIALS_MAX; from += size, trial += 1) {
      things.signal.throwIfAborted();
      const tried = smallest.filter((_, index) => index < from || index >= from + size);
      say(`Trial ${trial} of at most ${TRIALS_MAX}: ${tried.length} faults of ${smallest.length}`);
      if (await fails(tried, attempt, things, trial)) found = tried;
    }
    if (found === null) parts *= 2;
    else [smallest, parts] = [found, Math.max(2, parts - 1)];
  }
  return smallest;
}

async function fails(
  schedule: readonly PlannedFault[],
  attempt: Attempt,
  things: Things,
  trial: number,
): Promise<boolean> {
  const own = new Things();
  const pass = (): void => own.interrupt('the whole run');
  things.signal.addEventListener('abort', pass, { once: true });
  try {
    return !(await attempt(schedule, `trial-${trial}`, own)).isWell;
  } finally {
    things.signal.removeEventListener('abort', pass);
    await own.end();
  }
}
