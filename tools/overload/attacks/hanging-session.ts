import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { Client } from 'pg';
import type { Attack } from '../attack.js';

/**
 * The server's sessions that have written something and not committed it yet. A session that is writing the log to the disk holds
 * a lock of PostgreSQL itself. While that one is stopped nobody commits, and no client can do anything about it (decision 0029).
 */
const WRITING = `
SELECT pid FROM pg_stat_activity
WHERE application_name = 'tax-control server' AND backend_xid IS NOT NULL
  AND coalesce(wait_event_type, 'none') NOT IN ('IO', 'LWLock')`;
/** Between the question and the signal most transactions end. */
const TRIES_MAX = 20_000;

/** A process of the database stops in the middle of a commit, with all that it holds. */
export const hangingSession: Attack = {
  name: 'hanging-session',
  description: 'one of the server’s sessions at the database is stopped (SIGSTOP) while it commits',
  terminals: 0,
  // Sales of the list that it has wait until they are given up, and their tills until it goes on.
  bounds: { p99RatioMax: Infinity, withoutCodeMax: 0.05, recoveryMsMax: 2_000 },
  async prepare({ superuserUrl }) {
    const superuser = new Client({ connectionString: superuserUrl });
    await superuser.connect();
    return async (signal) => {
      const pid = await stopWriting(superuser, signal);
      try {
        if (!signal.aborted) await once(signal, 'abort');
        if (stateOf(pid) !== 'T')
          throw new Error(`the session was not stopped: its process is in state ${stateOf(pid)}`);
      } finally {
        process.kill(pid, 'SIGCONT');
        await superuser.end();
      }
    };
  },
};

/** Stops a session that has written and not committed; one that was faster goes on. */
async function stopWriting(superuser: Client, signal: AbortSignal): Promise<number> {
  for (let attempt = 0; attempt < TRIES_MAX && !signal.aborted; attempt += 1) {
    const [pid] = await writing(superuser);
    if (pid === undefined) continue;
    process.kill(pid, 'SIGSTOP');
    if ((await writing(superuser)).includes(pid)) return pid;
    process.kill(pid, 'SIGCONT');
  }
  throw new Error('no session of the server was found in the middle of a commit');
}

async function writing(superuser: Client): Promise<number[]> {
  const { rows } = await superuser.query<{ pid: number }>(WRITING);
  return rows.map(({ pid }) => pid);
}

/** As `ps` tells it: T is stopped by a signal. */
function stateOf(pid: number): string {
  return /^State:\s*(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
}
