import { Client } from 'pg';
import type { SoakFault } from './soak-fault.js';

/** Of all pools of the server; the tool's own session is none of them. */
export const SERVER_SESSIONS = `datname = current_database() AND application_name LIKE 'tax-control %'`;

export const sessionsKilled: SoakFault = {
  name: 'sessions-killed',
  description: 'all of the server’s database sessions are terminated',
  terminals: 0,
  async begin({ stage }) {
    const ended = await asSuperuser(stage.local.databaseUrls.superuser, async (superuser) => {
      const { rowCount } = await superuser.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${SERVER_SESSIONS}`,
      );
      return rowCount;
    });
    if (ended === 0) throw new Error('the server had no session to terminate');
    return () => Promise.resolve();
  },
};

export const databaseFrozen: SoakFault = {
  name: 'database-frozen',
  description: 'the processes of all of the server’s database sessions are stopped (SIGSTOP), and go on later',
  terminals: 0,
  async begin({ stage }) {
    const pids = await asSuperuser(stage.local.databaseUrls.superuser, async (superuser) => {
      const { rows } = await superuser.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE ${SERVER_SESSIONS}`,
      );
      return rows.map(({ pid }) => pid);
    });
    const stopped = pids.filter((pid) => signal(pid, 'SIGSTOP'));
    if (stopped.length === 0) throw new Error('the server had no session to stop');
    return () => {
      for (const pid of stopped) signal(pid, 'SIGCONT');
      return Promise.resolve();
    };
  },
};

export const databaseCrashed: SoakFault = {
  name: 'database-crashed',
  description: 'PostgreSQL is killed (SIGKILL), and started again later',
  terminals: 0,
  async begin({ stage: { local } }) {
    await local.postgres.kill();
    return async () => void (await local.postgres.start());
  },
};

/** One session for one act: those of the tool end with the database, too. */
export async function asSuperuser<Result>(url: string, act: (superuser: Client) => Promise<Result>): Promise<Result> {
  const superuser = new Client({ connectionString: url, application_name: 'soak' });
  superuser.on('error', () => undefined);
  await superuser.connect();
  try {
    return await act(superuser);
  } finally {
    await superuser.end().catch(() => undefined);
  }
}

/** @returns false if there is no such process any more */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
