import type { Fault } from './fault.js';
import type { Reads } from './reads.js';

/** What the settings and the state of a PostgreSQL server say about its fitness, by PostgreSQL's names. */
export interface ServerState {
  /** `server_version_num`: 180004 is 18.4. */
  readonly version: number;
  /** `server_encoding`: in which a database keeps text. */
  readonly encoding: string;
  readonly in_recovery: boolean;
  readonly read_only: string;
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly synchronous_commit: string;
  readonly synchronous_standby_names: string;
}

/**
 * The major versions that were tried: CI runs the integration tests on the newest, and migrations, roles, issuing, recovery and doctor on the oldest.
 * An older one is rejected: a server that found out at the first odd statement would have confirmed invoices before.
 */
export const POSTGRES_MAJOR_MIN = 15;
export const POSTGRES_MAJOR_MAX = 18;

/** `server_version_num` counts the major version in ten thousands since PostgreSQL 10. */
const MAJOR_UNIT = 10_000;

/** Gives one row, of {@link serverStateOf}. Ask in a session of the server's own: settings can differ by role and database. */
export const SERVER_STATE = `
  SELECT current_setting('server_version_num')::integer AS version,
         current_setting('server_encoding') AS encoding,
         pg_is_in_recovery() AS in_recovery,
         current_setting('transaction_read_only') AS read_only,
         current_setting('fsync') AS fsync,
         current_setting('full_page_writes') AS full_page_writes,
         current_setting('synchronous_commit') AS synchronous_commit,
         current_setting('synchronous_standby_names') AS synchronous_standby_names`;

export function serverStateOf(rows: readonly ServerState[]): ServerState {
  const [state] = rows;
  if (state === undefined) throw new Error('PostgreSQL told nothing of its settings');
  return state;
}

export async function readServerState(database: Reads): Promise<ServerState> {
  return serverStateOf((await database.query<ServerState>(SERVER_STATE)).rows);
}

/** Like 18, of 180004. */
export function majorVersion({ version }: Pick<ServerState, 'version'>): number {
  return Math.floor(version / MAJOR_UNIT);
}

/** Too old to be used. A later version than was tried is no fault: PostgreSQL keeps what it once understood. */
export function judgeVersion(state: Pick<ServerState, 'version'>): Fault[] {
  const major = majorVersion(state);
  if (major >= POSTGRES_MAJOR_MIN) return [];
  return [
    {
      seen: `The database is PostgreSQL ${major}; this program needs ${POSTGRES_MAJOR_MIN} or later.`,
      advice: `Upgrade it (pg_upgrade, or dump and restore into PostgreSQL ${POSTGRES_MAJOR_MAX}), or name another in DATABASE_URL.`,
    },
  ];
}

/** A database that cannot keep every letter: an invoice with one that it lacks would be refused, or kept without being looked at. */
export function judgeEncoding({ encoding }: Pick<ServerState, 'encoding'>): Fault[] {
  if (encoding === 'UTF8') return [];
  return [
    {
      seen: `The database keeps text as ${encoding}, which does not hold the letters of every language.`,
      advice:
        "Make another one with ENCODING 'UTF8' TEMPLATE template0 (tax-control database roles prints the SQL), and restore a dump into it.",
    },
  ];
}

/** A database that takes no writing: nothing could be issued. */
export function judgeWritable(state: Pick<ServerState, 'in_recovery' | 'read_only'>): Fault[] {
  if (state.in_recovery)
    return [
      {
        seen: 'The database is in recovery: a standby, or a restore that has not ended. It takes no invoices.',
        advice: 'Name the primary in DATABASE_URL; or, if this one is to take over, promote it: SELECT pg_promote().',
      },
    ];
  if (state.read_only === 'on')
    return [
      {
        seen: 'The database is read-only for this log-in (default_transaction_read_only).',
        advice:
          'Find out who set it so and why (a full disk, maintenance); then ALTER DATABASE … RESET default_transaction_read_only, ' +
          'the same for the role, or mend postgresql.conf.',
      },
    ];
  return [];
}

/** One fault for each setting with which a confirmed invoice could be lost (I3). */
export function judgeDurability(
  state: Pick<ServerState, 'fsync' | 'full_page_writes' | 'synchronous_commit' | 'synchronous_standby_names'>,
): Fault[] {
  const faults: Fault[] = [];
  for (const name of ['fsync', 'full_page_writes'] as const) {
    if (state[name] === 'off')
      faults.push({
        seen: `The database has ${name} off: a power cut can destroy it.`,
        advice: `Set ${name} = on in postgresql.conf, reload, and start again.`,
      });
  }
  const commit = state.synchronous_commit;
  if (commit === 'off')
    faults.push({
      seen: 'The database has synchronous_commit off: it confirms what it may lose.',
      advice:
        'Set synchronous_commit = on (in postgresql.conf, or ALTER ROLE … SET for the login of the server) and start again.',
    });
  else if (commit === 'local' && state.synchronous_standby_names !== '')
    faults.push({
      seen: 'The database has synchronous standbys, but synchronous_commit is local: a failover loses what was confirmed.',
      advice:
        'Set synchronous_commit = on, or take synchronous_standby_names away if the standbys are not meant to take over.',
    });
  return faults;
}
