import type { Fault } from './fault.js';
import { sqlFailure } from './sql-failure.js';
import { tlsFault } from './tls-fault.js';

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
    advice:
      'Correct the user in DATABASE_URL. If the database lets nobody in without TLS, add ?sslmode=verify-full to it; if it asks for a ' +
      'client certificate, &sslcert=…&sslkey=… too. Otherwise add this user, database and address to its pg_hba.conf (or allowed addresses).',
  },
  '25006': {
    seen: 'The database takes no writing: it is a standby, or was made read-only.',
    advice:
      'Name the primary in DATABASE_URL, or find out who made it read-only and why; tax-control doctor tells which it is.',
  },
  '3D000': {
    seen: 'There is no database of that name.',
    advice: 'Correct the name in DATABASE_URL, or make the database: tax-control database roles prints the SQL.',
  },
  '42501': {
    seen: 'The log-in in DATABASE_URL may not do what a server must.',
    advice:
      'Make it a member of tax_control_server, and grant CONNECT on the database to that role (tax-control database roles prints the SQL).',
  },
  '53100': {
    seen: 'The disk of the database is full.',
    advice: 'Make room on it, or make it larger; tills keep their invoices until then.',
  },
  '53300': {
    seen: 'The database has no connection left.',
    advice:
      'Raise max_connections (or the limit of this log-in), or lower DATABASE_POOL_SIZE and DATABASE_REPORTS_POOL_SIZE: ' +
      'instances × both must fit in it.',
  },
  '57P03': {
    seen: 'The database is starting up or shutting down.',
    advice: 'Wait, and look at the log of the database if it stays so.',
  },
};

/** What a pooler says that shares sessions (PgBouncer with pool_mode = transaction or statement), or that knows no start parameters. */
const POOLER: Fault = {
  seen: 'A pooler before the database (PgBouncer or the like) does not pass sessions through as they are.',
  advice: 'Name PostgreSQL itself in DATABASE_URL: each server has a pool of its own (docs/operating/database.md).',
};
const POOLER_STATES: Readonly<Record<string, Fault>> = {
  // protocol_violation: "unsupported startup parameter"
  '08P01': POOLER,
  // A prepared statement that is unknown, or there already: another session's.
  '26000': POOLER,
  '42P05': POOLER,
};

/** The driver has no codes for these, but words only; test/database/connection-faults.spec.ts brings them about in the real driver. */
const DRIVER_FAULTS: readonly (readonly [start: string, fault: Fault])[] = [
  [
    'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password',
    {
      seen: 'The database asks for a password, and DATABASE_URL has none.',
      advice: 'Write it into DATABASE_URL: postgresql://user:password@host:port/database, special characters as %…',
    },
  ],
  [
    'SASL: Only mechanism',
    {
      seen: 'The database asks for a kind of log-in that this program does not know.',
      advice: 'Let its pg_hba.conf ask this user for scram-sha-256, or for a client certificate (cert).',
    },
  ],
  [
    'Unknown authenticationOk message type',
    {
      seen: 'The database asks for a kind of log-in that this program does not know (Kerberos, SSPI or the like).',
      advice: 'Let its pg_hba.conf ask this user for scram-sha-256, or for a client certificate (cert).',
    },
  ],
  [
    'SASL:',
    {
      seen: 'What answers at the address in DATABASE_URL does not know the password itself, though it asks for it.',
      advice:
        'See that host and port are those of the database, that nobody stands between, and use ?sslmode=verify-full.',
    },
  ],
];

const UNREACHABLE: Fault = {
  seen: 'The database cannot be reached.',
  advice: 'See that it runs, that host and port in DATABASE_URL are right, and that no firewall stands between.',
};

const UNKNOWN_HOST: Fault = {
  seen: 'The host in DATABASE_URL has no address: its name is unknown here.',
  advice: 'Correct the name in DATABASE_URL, or the name service (DNS) of this machine.',
};
const UNKNOWN_HOST_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN']);

/** What went wrong with a connection or statement, in words for the operator; null where it needs other words. */
export function connectionFault(error: unknown): Fault | null {
  const { kind, sqlState = '' } = sqlFailure(error);
  const known = REFUSALS[sqlState] ?? POOLER_STATES[sqlState] ?? tlsFault(error) ?? driverFault(error);
  if (known !== null) return known;
  if (kind !== 'unavailable') return null;
  return error instanceof Error && 'code' in error && UNKNOWN_HOST_CODES.has(String(error.code))
    ? UNKNOWN_HOST
    : UNREACHABLE;
}

function driverFault(error: unknown): Fault | null {
  if (!(error instanceof Error)) return null;
  return DRIVER_FAULTS.find(([start]) => error.message.startsWith(start))?.[1] ?? null;
}
