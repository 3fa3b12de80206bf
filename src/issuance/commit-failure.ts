import { SessionSilent } from '../database/session-silent.js';
import { OutcomeUnknown } from '../database/transaction.js';
import { sqlFailure, type SqlFailureKind } from '../database/sql-failure.js';

/**
 * What a list that was not committed failed of.
 *
 * - `outage`: the database is away or does not say what became of the commit; nobody's fault in the list
 * - `silent`: a session hung before it committed anything; the same may work in another one
 * - `held`: another transaction held what one of the list needs for longer than a commit takes
 * - `collision`: two transactions got in each other's way; the same again in a new one may work
 * - `one_of_them`: the database, or a bug of ours, did not take one of the list; its neighbours can do without it
 */
export type CommitFailure = 'outage' | 'silent' | 'held' | 'collision' | 'one_of_them';

/** SQLSTATE of a lock that was not had within `lock_timeout`. */
const LOCK_NOT_AVAILABLE = '55P03';

const BY_KIND: Readonly<Record<SqlFailureKind, CommitFailure>> = {
  unavailable: 'outage',
  no_session: 'outage',
  serialization: 'collision',
  conflict: 'one_of_them',
  refused_row: 'one_of_them',
  permission: 'one_of_them',
  unknown: 'one_of_them',
};

export function commitFailure(error: unknown): CommitFailure {
  if (error instanceof OutcomeUnknown) return 'outage';
  if (error instanceof SessionSilent) return 'silent';
  const { kind, sqlState } = sqlFailure(error);
  return sqlState === LOCK_NOT_AVAILABLE ? 'held' : BY_KIND[kind];
}

/** Whether the database spoke, and not a bug of ours. */
export function isOfDatabase(error: unknown): boolean {
  return sqlFailure(error).sqlState !== undefined;
}
