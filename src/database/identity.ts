import type { ClientBase, Pool } from 'pg';

/** Which database a session is in; texts and numbers of PostgreSQL's own, of which nothing is a secret. */
export interface DatabaseIdentity {
  /** Given to a cluster by initdb: a dump that was restored elsewhere is in another one. */
  readonly systemIdentifier: string;
  /** Counts promotions and restores to a point in time. */
  readonly timeline: number;
  readonly databaseOid: string;
  /** Of the table that holds the identity: pg_restore --clean makes it anew in the same database. */
  readonly tableOid: string;
  /** When its PostgreSQL was started, microseconds since 1970: an older copy of the data that is put in place is started anew. */
  readonly startedAtUs: string;
}

/** What the present database has that the recorded one had not. */
export type Divergence = 'other_cluster' | 'other_timeline' | 'other_database' | 'other_tables' | 'restarted';

/** `present`: null on a standby. `recorded`: null while no server has ever started on it. */
export interface Identities {
  readonly present: DatabaseIdentity | null;
  readonly recorded: DatabaseIdentity | null;
  /** First number behind the last jump (docs/decisions/0025); null: the numbers never jumped. */
  readonly lastJump: number | null;
}

type Row = Readonly<
  Record<
    `${'present' | 'recorded'}_${'system' | 'timeline' | 'database' | 'table' | 'started'}` | 'last_jump',
    string | null
  >
>;

const READ = `
SELECT present.system_identifier AS present_system, present.timeline::text AS present_timeline,
       present.database_oid::text AS present_database, present.table_oid::text AS present_table,
       (extract(epoch FROM present.started_at) * 1000000)::bigint::text AS present_started,
       recorded.system_identifier AS recorded_system, recorded.timeline::text AS recorded_timeline,
       recorded.database_oid::text AS recorded_database, recorded.table_oid::text AS recorded_table,
       COALESCE((extract(epoch FROM recorded.started_at) * 1000000)::bigint, 0)::text AS recorded_started,
       (SELECT max(next_number)::text FROM database_recovery) AS last_jump
FROM present_identity AS present LEFT JOIN database_identity AS recorded ON true`;

/** Reads both in one statement: a tenth of a millisecond, once for each new session. */
export async function readIdentities(client: ClientBase | Pool): Promise<Identities> {
  const { rows } = await client.query<Row>(READ);
  const [row] = rows;
  if (row === undefined) throw new Error('the view present_identity gave no row');
  return {
    present: identityOf(row, 'present'),
    recorded: identityOf(row, 'recorded'),
    lastJump: row.last_jump === null ? null : Number(row.last_jump),
  };
}

/** How the present database differs from the recorded one, the widest difference first; null: it is the same. */
export function divergenceOf(present: DatabaseIdentity, recorded: DatabaseIdentity): Divergence | null {
  if (present.systemIdentifier !== recorded.systemIdentifier) return 'other_cluster';
  if (present.timeline !== recorded.timeline) return 'other_timeline';
  if (present.databaseOid !== recorded.databaseOid) return 'other_database';
  if (present.tableOid !== recorded.tableOid) return 'other_tables';
  if (present.startedAtUs !== recorded.startedAtUs) return 'restarted';
  return null;
}

/** Takes the database for the one that codes are given on, if none is recorded yet. Idempotent; of two at once the first does it. */
export async function claimIdentity(client: ClientBase | Pool): Promise<void> {
  await client.query(
    `INSERT INTO database_identity (system_identifier, timeline, database_oid, table_oid, started_at)
     SELECT system_identifier, timeline, database_oid, table_oid, started_at FROM present_identity ON CONFLICT DO NOTHING`,
  );
}

/**
 * Lifts the numbers to the floor that grows with time (`number_floor` in the migrations), where they are below it. For each new session, before
 * anybody may use it: so a copy of any age starts above what its successor gave. Idempotent.
 */
export async function keepNumbersAboveFloor(client: ClientBase | Pool): Promise<void> {
  await client.query('SELECT keep_numbers_above_floor()');
}

function identityOf(row: Row, which: 'present' | 'recorded'): DatabaseIdentity | null {
  const systemIdentifier = row[`${which}_system`];
  const timeline = row[`${which}_timeline`];
  const databaseOid = row[`${which}_database`];
  const tableOid = row[`${which}_table`];
  const startedAtUs = row[`${which}_started`];
  // Of a left join: all of them or, but for the timeline of a standby, none.
  if (
    systemIdentifier === null ||
    timeline === null ||
    databaseOid === null ||
    tableOid === null ||
    startedAtUs === null
  )
    return null;
  return { systemIdentifier, timeline: Number(timeline), databaseOid, tableOid, startedAtUs };
}
