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
}

/** What the present database has that the recorded one had not. */
export type Divergence = 'other_cluster' | 'other_timeline' | 'other_database' | 'other_tables';

/** `present`: null on a standby. `recorded`: null while no server has ever started on it. */
export interface Identities {
  readonly present: DatabaseIdentity | null;
  readonly recorded: DatabaseIdentity | null;
}

type Row = Readonly<Record<`${'present' | 'recorded'}_${'system' | 'timeline' | 'database' | 'table'}`, string | null>>;

const READ = `
SELECT present.system_identifier AS present_system, present.timeline::text AS present_timeline,
       present.database_oid::text AS present_database, present.table_oid::text AS present_table,
       recorded.system_identifier AS recorded_system, recorded.timeline::text AS recorded_timeline,
       recorded.database_oid::text AS recorded_database, recorded.table_oid::text AS recorded_table
FROM present_identity AS present LEFT JOIN database_identity AS recorded ON true`;

/** Reads both in one statement: a tenth of a millisecond, once for each new session. */
export async function readIdentities(client: ClientBase | Pool): Promise<Identities> {
  const { rows } = await client.query<Row>(READ);
  const [row] = rows;
  if (row === undefined) throw new Error('the view present_identity gave no row');
  return {
    present: identityOf(row.present_system, row.present_timeline, row.present_database, row.present_table),
    recorded: identityOf(row.recorded_system, row.recorded_timeline, row.recorded_database, row.recorded_table),
  };
}

/** How the present database differs from the recorded one, the widest difference first; null: it is the same. */
export function divergenceOf(present: DatabaseIdentity, recorded: DatabaseIdentity): Divergence | null {
  if (present.systemIdentifier !== recorded.systemIdentifier) return 'other_cluster';
  if (present.timeline !== recorded.timeline) return 'other_timeline';
  if (present.databaseOid !== recorded.databaseOid) return 'other_database';
  if (present.tableOid !== recorded.tableOid) return 'other_tables';
  return null;
}

/** Takes the database for the one that codes are given on, if none is recorded yet. Idempotent; of two at once the first does it. */
export async function claimIdentity(client: ClientBase | Pool): Promise<void> {
  await client.query(
    `INSERT INTO database_identity (system_identifier, timeline, database_oid, table_oid)
     SELECT * FROM present_identity ON CONFLICT DO NOTHING`,
  );
}

function identityOf(
  systemIdentifier: string | null,
  timeline: string | null,
  databaseOid: string | null,
  tableOid: string | null,
): DatabaseIdentity | null {
  if (systemIdentifier === null || timeline === null || databaseOid === null || tableOid === null) return null;
  return { systemIdentifier, timeline: Number(timeline), databaseOid, tableOid };
}
