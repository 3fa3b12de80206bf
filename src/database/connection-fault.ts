import type { Fault } from './fault.js';
import { sqlFailure } from './sql-failure.js';

/** What PostgreSQL says when it lets nobody in or ends a statement, by SQLSTATE (appendix A): what was seen, and what to do. */
const REFUSALS: Readonly<Record<string, Fault>> = {
  '2200H': {
    seen: 'The numbers of this environment are used up, or would be with the jump after a restore.',
    advice:
      'See how many are left: tax-control database status. If it was a jump, restore a newer copy: it is shorter then (docs/decisions/0025).',
  },
  '55P03': {
    seen: 'Somebody else holds the tables for too long: a backup, a long report, another command.',
    advice: 'Wait until that has ended (pg_stat_activity tells what runs).',
  },
  '57014': {
    seen: 'The database cancelled a statement that took too long, or somebody did.',
    advice: 'Wait until less is going on, or raise DATABASE_STATEMENT_TIMEOUT_MS.',
  },
  '28P01': {
    seen: 'The database refused the log-in.',
    advice: 'Correct user and password in DATABASE_URL.',
  },
  '28000': {
    seen: 'The database refused the log-in.',
    advice: 'Correct the user in DATABASE_URL, or pg_hba.conf of the database.',
  },
  '25006': {
    seen: 'The database takes no writing: it is a standby, or was made read-only.',
    advice:
      'Name the primary in DATABASE_URL, or find out who made it read-only and why; tax-control doctor tells which it is.',
  },
  '3D000': {
    seen: 'There is no database of that name.',
    advice: 'Correct the name in DATABASE_URL, or make the database.',
  },
  '42501': {
    seen: 'The log-in in DATABASE_URL may not do what a server must.',
    advice:
      'Make it a member of tax_control_server, and grant CONNECT on the database to that role (docker/roles.sql shows how).',
  },
  '53100': {
    seen: 'The disk of the database is full.',
    advice: 'Make room on it, or make it larger; tills keep their invoices until then.',
  },
  '53300': {
    seen: 'The database has no connection left.',
    advice: 'Raise max_connections, or lower DATABASE_POOL_SIZE: instances × pool size must fit in it.',
  },
  '57P03': {
    seen: 'The database is starting up or shutting down.',
    advice: 'Wait, and look at the log of the database if it stays so.',
  },
};

const UNREACHABLE: Fault = {
  seen: 'The database cannot be reached.',
  advice: 'See that it runs, that host and port in DATABASE_URL are right, and that no firewall stands between.',
};

/** What went wrong with a connection or statement, in words for the operator; null where it needs other words. */
export function connectionFault(error: unknown): Fault | null {
  const { kind, sqlState = '' } = sqlFailure(error);
  return REFUSALS[sqlState] ?? (kind === 'unavailable' ? UNREACHABLE : null);
}
