import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ of every Linux that Node.js runs on: ticks of /proc a second. */
const TICKS_PER_SECOND = 100;
/** Fields of /proc/PID/stat behind the name of the program, counted from 0: parent, user time, system time. */
const PARENT = 1;
const USER = 11;
const SYSTEM = 12;
/** Of children that have ended and were waited for. */
const CHILDREN_USER = 13;
const CHILDREN_SYSTEM = 14;

/**
 * Processor time in seconds that a process and its children have used so far; null where there is no /proc. Unlike a rate it does not depend
 * on what else the machine does.
 */
export function cpuSeconds(pid: number): number | null {
  try {
    const family = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), stat: statOf(name) }))
      .filter((process) => process.stat !== null && (process.pid === pid || Number(process.stat[PARENT]) === pid));
    const fields = [USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM];
    const ticks = family.flatMap(({ stat }) => fields.map((field) => Number(stat?.[field])));
    return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}

/** The fields behind the program's name, which may itself contain spaces; null when the process has gone. */
function statOf(pid: string): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** Processor time by process; the unit is the function's. */
export interface CpuUse {
  readonly server: number;
  readonly database: number;
}

/** Seconds used so far; null where that cannot be measured. */
export type CpuMeter = () => CpuUse | null;

/** A meter of two processes and their children. */
export function cpuMeter(pids: Readonly<Record<keyof CpuUse, number>>): CpuMeter {
  return () => {
    const [server, database] = [cpuSeconds(pids.server), cpuSeconds(pids.database)];
    return server === null || database === null ? null : { server, database };
  };
}

const MICROSECONDS_PER_SECOND = 1_000_000;

/** Microseconds of one invoice between two readings. */
export function microsecondsEach(before: CpuUse, after: CpuUse, invoices: number): CpuUse {
  const each = (part: keyof CpuUse): number => ((after[part] - before[part]) * MICROSECONDS_PER_SECOND) / invoices;
  return { server: each('server'), database: each('database') };
}
