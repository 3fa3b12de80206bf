import type { QueryResult, QueryResultRow } from 'pg';

/** What a reader needs of a pool, or of a session inside a transaction. */
export interface Reads {
  query<Row extends QueryResultRow>(statement: string, values?: unknown[]): Promise<QueryResult<Row>>;
}
