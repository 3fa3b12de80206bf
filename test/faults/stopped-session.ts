import { readFileSync } from 'node:fs';
import type { Pool } from 'pg';
import { expect } from 'vitest';

/** A process of the database that does nothing any more, and holds what it held. */
export interface StoppedSession {
  readonly pid: number;
  /** Lets it go on where it was; idempotent. Resolves to how long it was stopped, in milliseconds. */
  goOn(): number;
}

/** Stops (SIGSTOP) the process behind a session, as a debugger, a dying disk or a machine without memory does. Proves that it stands. */
export async function stopSession(pid: number): Promise<StoppedSession> {
  process.kill(pid, 'SIGSTOP');
  await expect.poll(() => stateOf(pid)).toBe('T');
  const sinceMs = performance.now();
  let stoppedMs: number | undefined;
  return {
    pid,
    goOn: () => {
      if (stoppedMs !== undefined) return stoppedMs;
      expect(stateOf(pid)).toBe('T');
      process.kill(pid, 'SIGCONT');
      stoppedMs = performance.now() - sinceMs;
      return stoppedMs;
    },
  };
}

/** Sessions of the server, by their place in `pg_stat_activity`. */
export async function serverSessions(superuser: Pool, condition: string): Promise<number[]> {
  const { rows } = await superuser.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'tax-control server' AND ${condition}`,
  );
  return rows.map(({ pid }) => pid);
}

/** As `ps` tells it: T is stopped by a signal. */
function stateOf(pid: number): string {
  return /^State:\s*(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
}
