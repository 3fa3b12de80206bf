import type { QueryResult, QueryResultRow } from 'pg';

/** What a store needs of a pool, or of a session inside a transaction. */
export interface Sql {
  query<Row extends QueryResultRow>(statement: string, values?: unknown[]): Promise<QueryResult<Row>>;
}
