import { SettingsError } from '../configuration/settings-error.js';
import { DatabaseNotRecovered } from '../database/session-guard.js';
import { sqlFailure } from '../database/sql-failure.js';
import { OutcomeUnknown } from '../database/transaction.js';
import { KeyFilesError } from '../keys/key-files-error.js';
import { RecoveryLogUnavailable } from '../recovery-log/recovery-log.js';
import { misused, type NotDone, refused, unavailable } from './outcome.js';

/** SQLSTATEs that mean that the schema is not there (PostgreSQL, appendix A: undefined table, undefined column). */
const NOT_MIGRATED = new Set(['42P01', '42703']);

/** SQLSTATEs that mean that the log-in itself was refused: wrong password, no such role, no such database. */
const LOG_IN_REFUSED = new Set(['28P01', '28000', '3D000']);

/** Turns what a command threw into what a person can act on. Never a stack trace, never a secret. */
export function failureOf(error: unknown): NotDone {
  if (error instanceof SettingsError) return misused(error.message);
  if (error instanceof KeyFilesError) return refused(error.message);
  if (error instanceof RecoveryLogUnavailable) return refused(error.message);
  if (error instanceof DatabaseNotRecovered) return unavailable(error.message);
  if (error instanceof OutcomeUnknown)
    return unavailable(
      'The database did not confirm the change. Look whether it is there (list or show), then try again.',
    );
  return sqlFailureOf(error) ?? unexpected(error);
}

function sqlFailureOf(error: unknown): NotDone | null {
  const { kind, sqlState = '' } = sqlFailure(error);
  if (kind === 'unavailable')
    return unavailable('The database that DATABASE_URL names cannot be reached. See that it runs, and try again.');
  if (LOG_IN_REFUSED.has(sqlState))
    return refused('The database refused the log-in or the database name in DATABASE_URL. Correct it, and try again.');
  if (kind === 'permission')
    return refused(
      'The log-in in DATABASE_URL may not do that. Use one that is a member of the role tax_control_operator ' +
        '(for migrate and retention apply: the migrator, who owns the tables).',
    );
  if (NOT_MIGRATED.has(sqlState))
    return refused('The database does not have the tables that this version needs. Run: tax-control migrate');
  return null;
}

function unexpected(error: unknown): NotDone {
  const message = error instanceof Error ? error.message : String(error);
  return {
    done: false,
    kind: 'failed',
    message: `failed unexpectedly: ${message}. Please report it with the command line.`,
  };
}
