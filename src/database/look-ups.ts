import type { Pool, QueryResult, QueryResultRow } from 'pg';
import { isReadTimeout } from './sql-failure.js';

/** What a reader needs of a pool, or of a session inside a transaction. */
export interface Reads {
  query<Row extends QueryResultRow>(statement: string, values?: unknown[]): Promise<QueryResult<Row>>;
}

/**
 * Milliseconds until a question is asked again in another session. A look-up takes less than one; a sale waits 1,500 in all, of which
 * the second session and the commit need a tenth.
 */
const ANSWER_MS = 700;

/**
 * Asks short questions, of which many sales may wait for one answer (who a terminal is, which parameters are in force). If the session
 * hangs that a question went to, another one is asked. For reading only: a question may run twice.
 */
export class LookUps implements Reads {
  constructor(private readonly pool: Pool) {}

  /** @throws the driver's errors */
  async query<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<QueryResult<Row>> {
    try {
      return await this.pool.query<Row>(bounded(text, values));
    } catch (error) {
      // The pool has dropped that session.
      if (!isReadTimeout(error)) throw error;
      return this.pool.query<Row>(text, values);
    }
  }
}

/** The driver takes a time-out for one statement; its types do not know of it. */
function bounded(text: string, values: unknown[]): { readonly text: string; readonly values: unknown[] } {
  const statement = { text, values, query_timeout: ANSWER_MS };
  return statement;
}
