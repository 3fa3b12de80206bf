import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { Client } from 'pg';
import type { Attack } from '../attack.js';

/** Of the server's sessions the one that committed last: the next list gets it again. */
const LAST_USED = `
SELECT pid FROM pg_stat_activity
WHERE application_name = 'tax-control server' AND query = 'COMMIT' ORDER BY state_change DESC LIMIT 1`;

/** A process of the database stops, with whatever it holds. */
export const hangingSession: Attack = {
  name: 'hanging-session',
  description: 'one of the server’s sessions at the database is stopped (SIGSTOP)',
  terminals: 0,
  // Sales of the list that it has wait until it is given up, and their tills until it goes on.
  bounds: { p99RatioMax: Infinity, withoutCodeMax: 0.05, recoveryMsMax: 2_000 },
  async prepare({ superuserUrl }) {
    const superuser = new Client({ connectionString: superuserUrl });
    await superuser.connect();
    return async (signal) => {
      const { rows } = await superuser.query<{ pid: number }>(LAST_USED);
      await superuser.end();
      const pid = rows[0]?.pid;
      if (pid === undefined) throw new Error('no session of the server has committed anything');
      process.kill(pid, 'SIGSTOP');
      try {
        if (!signal.aborted) await once(signal, 'abort');
        const state = /^State:\s*(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        if (state !== 'T') throw new Error(`the session was not stopped: its process is in state ${state}`);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    };
  },
};
