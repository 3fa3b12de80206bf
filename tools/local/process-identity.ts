import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * What tells one process from any other that ever had its number: the number and the moment at which it began.
 * Numbers alone are given again, in a container after each start.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque text; equal for the same process only. */
  readonly startedAt: string;
}

/** The identity of a living process; undefined if there is none, or only a zombie that nobody has collected. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether that very process still lives, not a later one with the same number. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

/** Reads an identity that was written as JSON; undefined if it is not one. */
export function parseProcessIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value)) return undefined;
  const { pid, startedAt } = value;
  return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
}

/**
 * Ends a process that may be no child of ours, and waits until it is gone.
 *
 * @param gentleMs how long it may take over `signal` before it gets SIGKILL
 */
export async function endProcess(identity: ProcessIdentity, signal: NodeJS.Signals, gentleMs: number): Promise<void> {
  sendSignal(identity, signal);
  if (await goneWithin(identity, gentleMs)) return;
  sendSignal(identity, 'SIGKILL');
  if (!(await goneWithin(identity, AFTER_SIGKILL_MS))) {
    throw new Error(
      `Process ${identity.pid} does not end, not even by SIGKILL. Look at it (it may hang in a file system) and start again.`,
    );
  }
}

/** A killed process goes at once unless it hangs in the kernel; then waiting longer does not help. */
const AFTER_SIGKILL_MS = 10_000;
/** No event tells of the end of a process that is not our child; short, because people wait for it. */
const POLL_MS = 20;

function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

async function goneWithin(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  const until = Date.now() + limitMs;
  while (isAlive(identity)) {
    if (Date.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}

/** proc_pid_stat(5): the name, in parentheses, may contain anything; state is the first field after it, start time the twentieth. */
function startFromProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${bootId()}:${fields[19]}`;
}

let knownBootId: string | undefined;

/** Start times count from the boot of the machine, so the boot belongs to the identity. */
function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return knownBootId;
}

function startFromPs(pid: number): string | undefined {
  try {
    const [state, ...start] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    })
      .trim()
      .split(/\s+/);
    return state === undefined || state === '' || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}

/** Whether an error of the operating system has this code, like `ENOENT`. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
