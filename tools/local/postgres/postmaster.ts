import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { endProcess, identifyProcess, type ProcessIdentity } from '../process-identity.js';
import type { ClusterDirectory } from './cluster-directory.js';
import { runAs, type SystemUser } from './system-user.js';

/** A running PostgreSQL server that we started ourselves. */
export interface Postmaster {
  readonly process: ChildProcess & { readonly pid: number };
  /** Settles when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/** Why a server did not come up. `in_use`: something that an earlier one holds; may pass. */
export interface StartFailure {
  readonly kind: 'in_use' | 'failed';
  readonly log: string;
}

/** Replaying the log after a crash may take this long on a slow disk; nobody waits longer without looking. */
const START_LIMIT_MS = 120_000;
/** PostgreSQL tells of its readiness in a file only. */
const POLL_MS = 20;
/** A fast shutdown writes a checkpoint; after this long a crash and recovery is the quicker way. */
const FAST_SHUTDOWN_MS = 30_000;
/** Backends of a killed server notice by themselves at their next wait; the rest is left to SIGKILL. */
const ORPHAN_GENTLE_MS = 2_000;

/** Starts the server and waits until it takes connections. Its own session: Ctrl-C at the terminal is for us alone. */
export async function startPostmaster(
  program: string,
  cluster: ClusterDirectory,
  user: SystemUser | undefined,
): Promise<Postmaster | StartFailure> {
  const logStart = statSync(cluster.logFile).size;
  const log = openSync(cluster.logFile, 'a');
  const child = spawn(program, ['-D', cluster.data], {
    ...runAs(user),
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const ended = once(child, 'exit').then(
    () => undefined,
    () => undefined,
  );
  const pid = child.pid;
  if (pid === undefined) return { kind: 'failed', log: `${program} could not be run` };
  const until = Date.now() + START_LIMIT_MS;
  while (child.exitCode === null && child.signalCode === null) {
    const file = readPidFile(cluster.data);
    if (file?.pid === pid && file.ready) {
      // Whoever started it must stop it, but forgetting to must not keep a finished program from ending.
      child.unref();
      return { process: Object.assign(child, { pid }), ended };
    }
    if (Date.now() > until) {
      child.kill('SIGQUIT');
      await ended;
      return { kind: 'failed', log: `not ready after ${START_LIMIT_MS / 1000} s` };
    }
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, POLL_MS))]);
  }
  const said = readFileSync(cluster.logFile).subarray(logStart).toString('utf8').trim();
  // The words of PostgreSQL for a port or a shared memory block that is taken; it has no codes for what happens so early.
  return { kind: / in use/.test(said) ? 'in_use' : 'failed', log: said };
}

/** Fast shutdown: connections are cut, what was committed is written out. */
export async function stopPostmaster(postmaster: Postmaster): Promise<void> {
  postmaster.process.ref();
  postmaster.process.kill('SIGINT');
  const timer = setTimeout(() => postmaster.process.kill('SIGQUIT'), FAST_SHUTDOWN_MS);
  await postmaster.ended;
  clearTimeout(timer);
}

/** As a crash would: SIGKILL, nothing is written out. Returns when the process is gone. */
export async function killPostmaster(postmaster: Postmaster): Promise<void> {
  postmaster.process.ref();
  postmaster.process.kill('SIGKILL');
  await postmaster.ended;
}

/**
 * Ends whatever an earlier run left behind for this data folder: a server whose starter was killed, backends whose
 * server was killed, a stale pid file whose number another process has by now.
 *
 * @returns true if there was something to end
 */
export async function clearRemains(data: string): Promise<boolean> {
  const file = readPidFile(data);
  const postmaster = file === undefined ? undefined : identifyProcess(file.pid);
  const lives = postmaster !== undefined && worksIn(postmaster.pid, data);
  if (lives) await endProcess(postmaster, 'SIGINT', FAST_SHUTDOWN_MS);
  const orphans = findWorkersIn(data);
  // SIGQUIT is PostgreSQL's own way to tell a backend to leave at once.
  await Promise.all(orphans.map((orphan) => endProcess(orphan, 'SIGQUIT', ORPHAN_GENTLE_MS)));
  // Its number may belong to somebody else now, and then PostgreSQL would refuse to start.
  // What really keeps two servers apart is the shared memory block, which PostgreSQL looks at besides.
  rmSync(join(data, 'postmaster.pid'), { force: true });
  return lives || orphans.length > 0;
}

interface PidFile {
  readonly pid: number;
  readonly ready: boolean;
}

/** postmaster.pid: pid, folder, start, port, sockets, address, shared memory, state; one a line, the last ones come later. */
function readPidFile(data: string): PidFile | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  return Number.isSafeInteger(pid) && pid > 1 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
}

/** Whether that process is a PostgreSQL working in this folder. */
function worksIn(pid: number, data: string): boolean {
  if (process.platform === 'linux') {
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      return name === 'postgres' && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
    } catch {
      return false;
    }
  }
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).includes(`-D ${data}`);
  } catch {
    return false;
  }
}

/** Linux only: elsewhere a process's folder can't be seen, and the start waits for the backends instead. */
function findWorkersIn(data: string): ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => worksIn(pid, data))
    .flatMap((pid) => identifyProcess(pid) ?? []);
}
