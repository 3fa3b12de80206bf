import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A place with bounded memory for a process, and all that it starts. */
export interface BoundedMemory {
  /** Command that starts another one in it, with the same process id. */
  readonly launcher: readonly string[];
  /** Most bytes that were taken in it since it was made; null where nobody can tell. */
  peakBytes(): number | null;
  /** Gives it back, once the process has ended. */
  remove(): void;
}

/** Why there is no bounded memory on this machine. */
export interface NoBoundedMemory {
  readonly reason: string;
}

const ROOT = '/sys/fs/cgroup';

/** The files of the two versions of control groups (kernel's admin-guide/cgroup-v2 and cgroup-v1/memory). */
const VERSIONS = [
  { parent: ROOT, isThere: hasMemoryV2, limit: 'memory.max', swap: 'memory.swap.max', peak: 'memory.peak' },
  {
    parent: join(ROOT, 'memory'),
    isThere: () => existsSync(join(ROOT, 'memory', 'memory.limit_in_bytes')),
    limit: 'memory.limit_in_bytes',
    swap: 'memory.memsw.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
  },
] as const;

let made = 0;

/** Makes a control group of its own, by hand where its tree is writable, by systemd where there is one. */
export function makeBoundedMemory(bytes: number): BoundedMemory | NoBoundedMemory {
  const reasons: string[] = [];
  for (const { parent, isThere, limit, swap, peak } of VERSIONS) {
    if (!isThere()) continue;
    made += 1;
    const group = join(parent, `tax-control-overload-${process.pid}-${made}`);
    try {
      mkdirSync(group);
      writeFileSync(join(group, limit), String(bytes));
      // Memory that is swapped out would be no bound. Where swap is not counted, there is none or it is not ours to set.
      if (existsSync(join(group, swap))) writeFileSync(join(group, swap), limit === 'memory.max' ? '0' : String(bytes));
      return {
        launcher: ['/bin/sh', '-c', 'echo $$ > "$0" && exec "$@"', join(group, 'cgroup.procs')],
        peakBytes: () => numberIn(join(group, peak)),
        remove: () => rmdirSync(group),
      };
    } catch (error) {
      reasons.push(`${parent} can't be used (${error instanceof Error ? error.message : String(error)})`);
      if (existsSync(group)) rmdirSync(group);
    }
  }
  const scope = ['systemd-run', '--scope', '--quiet', '-p', `MemoryMax=${bytes}`, '-p', 'MemorySwapMax=0', '--'];
  try {
    execFileSync(scope[0] ?? '', [...scope.slice(1), 'true'], { stdio: 'ignore' });
    return { launcher: scope, peakBytes: () => null, remove: () => undefined };
  } catch {
    reasons.push('systemd-run makes no scope');
  }
  return { reason: `no control group with bounded memory can be made: ${reasons.join('; ')}` };
}

function hasMemoryV2(): boolean {
  const file = join(ROOT, 'cgroup.subtree_control');
  return existsSync(file) && readFileSync(file, 'utf8').split(/\s+/).includes('memory');
}

function numberIn(file: string): number | null {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
}
