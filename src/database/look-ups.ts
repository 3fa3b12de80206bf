import type { Pool, QueryResult, QueryResultRow } from 'pg';
import type { Reads } from './reads.js';
import { isReadTimeout } from './sql-failure.js';

/**
 * Milliseconds until a question is asked again in another session, and how long the next ones may take. A look-up takes less than one; a sale
 * waits 1,500 in all, of which the second session and the commit need a tenth. A database that is slow, and not dead, answers the last.
 */
const ANSWER_MS = [700, 700, 1_500, 3_000] as const;

/**
 * Asks short questions, of which many sales may wait for one answer (who a terminal is, which parameters are in force). If the session
 * hangs that a question went to, another one is asked. For reading only: a question may run several times.
 */
export class LookUps implements Reads {
  constructor(private readonly pool: Pool) {}

  /** @throws the driver's errors */
  async query<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<QueryResult<Row>> {
    let silence: unknown;
    for (const answerMs of ANSWER_MS) {
      try {
        return await this.pool.query<Row>(bounded(text, values, answerMs));
      } catch (error) {
        // The pool has dropped that session.
        if (!isReadTimeout(error)) throw error;
        silence = error;
      }
    }
    throw silence;
  }
}

/** The driver takes a time-out for one statement; its types do not know of it. */
function bounded(
  text: string,
  values: unknown[],
  answerMs: number,
): { readonly text: string; readonly values: unknown[] } {
  const statement = { text, values, query_timeout: answerMs };
  return statement;
}
