import { DatabaseNotRecovered } from './session-guard.js';
import { SessionSilent } from './session-silent.js';
import { tlsFault } from './tls-fault.js';

/**
 * Why a statement failed, as far as the program can do something about it.
 *
 * - `unavailable`: the database can't be reached, is going down, is overloaded or took too long: later it may work
 * - `no_session`: the database lets this program not in (TLS, log-in, name of the database): somebody must correct a setting first
 * - `conflict`: a row with this identity is there already
 * - `refused_row`: the data break a type or a rule; trying again changes nothing
 * - `serialization`: two transactions got into each other's way; the whole transaction again may work
 * - `permission`: the role may not do that: set up wrongly, or a bug
 * - `unknown`: a bug, most likely
 */
export type SqlFailureKind =
  'unavailable' | 'no_session' | 'conflict' | 'refused_row' | 'serialization' | 'permission' | 'unknown';

export interface SqlFailure {
  readonly kind: SqlFailureKind;
  /** Five characters, PostgreSQL's appendix A; absent where the connection itself failed. */
  readonly sqlState?: string;
  /** Name of the constraint that refused the row, where there is one. */
  readonly constraint?: string;
}

const BY_STATE: Readonly<Record<string, SqlFailureKind>> = {
  '23505': 'conflict',
  '40001': 'serialization',
  '40P01': 'serialization',
  '42501': 'permission',
  // No database of that name. What a pooler that shares sessions says: connection-fault.ts.
  '3D000': 'no_session',
  '08P01': 'no_session',
  '26000': 'no_session',
  '42P05': 'no_session',
  // Cancelled by statement_timeout, lock not had within lock_timeout, idle too long in a transaction.
  '57014': 'unavailable',
  '55P03': 'unavailable',
  '25P03': 'unavailable',
  // Read only: this is a standby now, after a failover that we have not followed yet.
  '25006': 'unavailable',
};

const BY_CLASS: Readonly<Record<string, SqlFailureKind>> = {
  // Log-in and password.
  '28': 'no_session',
  // Connection, resources, operator (57P), system (disks).
  '08': 'unavailable',
  '53': 'unavailable',
  '57': 'unavailable',
  '58': 'unavailable',
  '22': 'refused_row',
  '23': 'refused_row',
  // Limits of the program: a value too long for its index, for one.
  '54': 'refused_row',
};

/** Of the operating system, when no answer of PostgreSQL came at all. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** What pg says of a statement that was not answered within its `query_timeout`. */
const READ_TIMEOUT = 'Query read timeout';

/**
 * The driver says these in words only. They are what pg 8 and pg-pool 3 write when a connection was lost, was not
 * there in time, or gave no answer in time; test/database/sql-failure.spec.ts provokes them in the real driver.
 */
const DRIVER_MESSAGES = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  READ_TIMEOUT,
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
];

/** The driver's words for a log-in that it cannot make: no password given, a method that it does not know. */
const LOG_IN_MESSAGES = ['SASL:', 'Unknown authenticationOk message type'];

/** Classifies what the driver, its pool or TypeORM threw. Never throws itself. */
export function sqlFailure(error: unknown): SqlFailure {
  const inner = innermost(error);
  if (inner === undefined) return { kind: 'unknown' };
  if (inner instanceof DatabaseNotRecovered || inner instanceof SessionSilent) return { kind: 'unavailable' };
  const code = textProperty(inner, 'code');
  if (isConnectionError(inner, code)) return { kind: 'unavailable' };
  if (tlsFault(inner) !== null || LOG_IN_MESSAGES.some((start) => inner.message.startsWith(start)))
    return { kind: 'no_session' };
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) return { kind: 'unknown' };
  const constraint = textProperty(inner, 'constraint');
  return {
    kind: BY_STATE[code] ?? BY_CLASS[code.slice(0, 2)] ?? 'unknown',
    sqlState: code,
    ...(constraint === undefined ? {} : { constraint }),
  };
}

/** Whether the driver gave up waiting for an answer: the statement may have run, or may run yet. */
export function isReadTimeout(error: unknown): boolean {
  return innermost(error)?.message === READ_TIMEOUT;
}

/** Whether the database is out of reach, for whatever reason: asking again later may work, when somebody has corrected what is wrong. */
export function isOutage(error: unknown): boolean {
  const { kind } = sqlFailure(error);
  return kind === 'unavailable' || kind === 'no_session';
}

/** TypeORM wraps what the driver threw. */
function innermost(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'driverError' in error && error.driverError instanceof Error ? error.driverError : error;
}

function isConnectionError(error: Error, code: string | undefined): boolean {
  // Of a socket's file that is not there; any other file is none of the database's.
  if (code === 'ENOENT') return 'syscall' in error && error.syscall === 'connect';
  if (code !== undefined) return NETWORK_CODES.has(code);
  return DRIVER_MESSAGES.some((message) => error.message.startsWith(message));
}

function textProperty(error: Error, name: 'code' | 'constraint'): string | undefined {
  const value: unknown = name in error ? error[name as keyof Error] : undefined;
  return typeof value === 'string' ? value : undefined;
}
