import { Client, type QueryResultRow } from 'pg';

/** One consistent, read-only view of a live database: what is committed later is not seen, and nothing is locked out. */
export interface Snapshot {
  /** Rows of a query with a small answer. */
  query<Row extends QueryResultRow>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Rows of a query of any size, fetched `pageRows` at a time through a cursor. */
  pages<Row extends QueryResultRow>(sql: string, pageRows: number): AsyncGenerator<Row[]>;
  close(): Promise<void>;
}

/** A server that does not answer in this time is down for the audit: people wait at the terminal. */
const CONNECT_TIMEOUT_MS = 10_000;

/** @throws an error of the driver when the database cannot be reached */
export async function openSnapshot(databaseUrl: string): Promise<Snapshot> {
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'tax-control-audit',
  });
  // Without a listener a lost connection would end the process; the query that is under way reports it as well.
  client.on('error', () => {});
  await client.connect();
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  // The tables themselves are read, not the indexes: an index is what made the promise that is being checked.
  await client.query('SET LOCAL enable_indexonlyscan = off');
  // A long read of a large ledger is meant, whatever the role's usual limits say.
  await client.query('SET LOCAL statement_timeout = 0');
  await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  let cursors = 0;
  return {
    query: async (sql, parameters = []) => (await client.query(sql, [...parameters])).rows,
    async *pages<Row extends QueryResultRow>(sql: string, pageRows: number) {
      cursors += 1;
      const cursor = `audit_${cursors}`;
      await client.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${sql}`);
      for (;;) {
        const { rows } = await client.query<Row>(`FETCH ${pageRows} FROM ${cursor}`);
        if (rows.length === 0) break;
        yield rows;
      }
      await client.query(`CLOSE ${cursor}`);
    },
    close: () => client.end(),
  };
}
