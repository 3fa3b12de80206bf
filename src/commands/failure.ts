import { SettingsError } from '../configuration/settings-error.js';
import { DatabaseNotRecovered } from '../database/session-guard.js';
import { connectionFault } from '../database/connection-fault.js';
import { faultText } from '../database/fault.js';
import { MigrationFailed } from '../database/migrations.js';
import { sqlFailure } from '../database/sql-failure.js';
import { OutcomeUnknown } from '../database/transaction.js';
import { KeyFilesError } from '../keys/key-files-error.js';
import { RecoveryLogUnavailable } from '../recovery-log/recovery-log.js';
import { misused, type NotDone, refused, unavailable } from './outcome.js';

/** SQLSTATEs that mean that the schema is not there (PostgreSQL, appendix A: undefined table, undefined column). */
const NOT_MIGRATED = new Set(['42P01', '42703']);

/** What the operating system says when a file finds no room. */
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT']);

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
  if (error instanceof MigrationFailed) return migrationFailure(error);
  return fileFailureOf(error) ?? sqlFailureOf(error) ?? unexpected(error);
}

function migrationFailure({ migration, message, cause }: MigrationFailed): NotDone {
  const { kind } = sqlFailure(cause);
  const rolledBack = `The migration ${migration} was rolled back.`;
  if (kind === 'permission')
    return refused(
      `${message}. The log-in in DATABASE_URL may not do that: name the migrator, who owns the database and its tables ` +
        '(tax-control database roles prints the SQL for an administrator).',
    );
  const known = sqlFailureOf(cause);
  return known === null ? unexpected(new Error(message)) : { ...known, message: `${rolledBack} ${known.message}` };
}

/** What the operating system says of a file, by its code: what to do. */
const FILE_ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'is not there. Compare its name',
  EACCES: 'cannot be used by this user. Run the command as who may, or change owner or mode',
  EPERM: 'cannot be used by this user. Run the command as who may, or change owner or mode',
  EROFS: 'is on a disk that takes no writing. Name another, or mount it for writing',
  EISDIR: 'is a folder. Name a file',
  ENOTDIR: 'has a file in its path where a folder must be. Compare its name',
  EEXIST: 'is there already. Name another, or move it away',
  EMFILE: 'cannot be opened, because this process has too many files open. Raise the limit (ulimit -n)',
};

function fileFailureOf(error: unknown): NotDone | null {
  if (!(error instanceof Error && 'code' in error)) return null;
  const code = String(error.code);
  if (DISK_FULL.has(code))
    return refused('A file cannot be written, because the disk or quota is full. Make room, then try the same again.');
  const path = 'path' in error && typeof error.path === 'string' ? error.path : null;
  const advice = FILE_ADVICE[code];
  return path === null || advice === undefined ? null : refused(`${path} ${advice}.`);
}

function sqlFailureOf(error: unknown): NotDone | null {
  const { kind, sqlState = '' } = sqlFailure(error);
  if (kind === 'permission')
    return refused(
      'The log-in in DATABASE_URL may not do that. Use one that is a member of the role tax_control_operator ' +
        '(for migrate and retention apply --confirm: the migrator, who owns the tables).',
    );
  if (NOT_MIGRATED.has(sqlState))
    return refused('The database does not have the tables that this version needs. Run: tax-control migrate');
  const fault = connectionFault(error);
  if (fault === null) return null;
  return kind === 'unavailable' ? unavailable(`${faultText(fault)} Then try again.`) : refused(faultText(fault));
}

function unexpected(error: unknown): NotDone {
  const message = error instanceof Error ? error.message : String(error);
  return {
    done: false,
    kind: 'failed',
    message: `failed unexpectedly: ${message}. Please report it with the command line.`,
  };
}
