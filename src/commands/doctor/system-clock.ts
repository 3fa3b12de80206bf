import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What the operating system says of its clock; `untold`: nothing, or nothing that we understand. */
export type SystemClock = 'synchronised' | 'not_synchronised' | 'untold';

/** Both programs answer from memory, unless the daemon behind them hangs. */
const ANSWER_TIMEOUT_MS = 2_000;

interface Source {
  readonly program: string;
  readonly options: readonly string[];
  readonly read: (output: string) => SystemClock;
}

const SOURCES: readonly Source[] = [
  { program: 'timedatectl', options: ['show', '--property=NTPSynchronized', '--value'], read: readTimedatectl },
  { program: 'chronyc', options: ['-c', 'tracking'], read: readChronyc },
];

/** Asks those who know: systemd first, chrony next. */
export async function askSystemClock(): Promise<SystemClock> {
  for (const { program, options, read } of SOURCES) {
    const answer = await promisify(execFile)(program, options, { timeout: ANSWER_TIMEOUT_MS }).then(
      ({ stdout }) => read(stdout),
      () => 'untold' as const,
    );
    if (answer !== 'untold') return answer;
  }
  return 'untold';
}

/** `yes` or `no`. */
export function readTimedatectl(output: string): SystemClock {
  const word = output.trim();
  if (word === 'yes') return 'synchronised';
  return word === 'no' ? 'not_synchronised' : 'untold';
}

/** Comma-separated; the last field is the leap status (chronyc's manual, "tracking"). */
export function readChronyc(output: string): SystemClock {
  const leap = output.trim().split(',').at(-1) ?? '';
  if (leap === '') return 'untold';
  return leap === 'Not synchronised' ? 'not_synchronised' : 'synchronised';
}
