import { OutcomeUnknown } from '../database/transaction.js';
import { sqlFailure } from '../database/sql-failure.js';

/**
 * What a list that was not committed failed of.
 *
 * - `outage`: the database is away or does not say what became of the commit; nobody's fault in the list
 * - `collision`: two transactions got in each other's way; the same again in a new one may work
 * - `one_of_them`: the database, or a bug of ours, did not take one of the list; its neighbours can do without it
 */
export type CommitFailure = 'outage' | 'collision' | 'one_of_them';

export function commitFailure(error: unknown): CommitFailure {
  if (error instanceof OutcomeUnknown) return 'outage';
  switch (sqlFailure(error).kind) {
    case 'unavailable':
      return 'outage';
    case 'serialization':
      return 'collision';
    case 'conflict':
    case 'refused_row':
    case 'permission':
    case 'unknown':
      return 'one_of_them';
  }
}

/** Whether the database spoke, and not a bug of ours. */
export function isOfDatabase(error: unknown): boolean {
  return sqlFailure(error).sqlState !== undefined;
}
