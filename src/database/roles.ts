import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** Groups that hold the rights, granted in the migrations; nobody logs in as one of them. */
export const GROUPS = ['tax_control_server', 'tax_control_operator', 'tax_control_auditor'] as const;

/** Who logs in, each with the rights of its work. The migrator needs no group: it owns the database. */
export const LOGINS = [
  { work: 'migrator', group: null },
  { work: 'server', group: 'tax_control_server' },
  { work: 'operator', group: 'tax_control_operator' },
  { work: 'auditor', group: 'tax_control_auditor' },
] as const;

export type LoginWork = (typeof LOGINS)[number]['work'];

/** Log-ins belong to the cluster: with the name of the database in theirs, several installations have their own there. */
export function loginName(database: string, work: LoginWork): string {
  return `${database}_${work}_login`;
}

/** A name of a database that can begin the name of a log-in, and needs no quotes. */
export const DATABASE_NAME = /^[a-z][a-z0-9_]{0,39}$/;

/**
 * The SQL with which an administrator makes groups, log-ins and the database; once, before the first migration. It needs CREATEROLE and
 * CREATEDB and no superuser, on PostgreSQL 15 to 18. It fails, with nothing changed for others, where a log-in or the database is there.
 *
 * @param database by the rule of {@link DATABASE_NAME}
 * @param verifiers what PostgreSQL stores in place of a password ({@link scramVerifier}); without one a log-in has no password yet
 */
export function rolesSql(database: string, verifiers: Readonly<Partial<Record<LoginWork, string>>>): string {
  const migrator = loginName(database, 'migrator');
  const others = LOGINS.flatMap(({ work, group }) =>
    group === null ? [] : [{ login: loginName(database, work), group }],
  );
  const lines = [
    '-- Groups that hold the rights (the migrations say which); one set for all installations in a cluster.',
    ...GROUPS.map(
      (group) => `DO $$ BEGIN CREATE ROLE ${group} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;`,
    ),
    '',
    '-- Log-ins: who migrates and owns the tables; the servers; the operators’ commands; who only reads.',
    ...LOGINS.map(({ work }) => `CREATE ROLE ${loginName(database, work)} LOGIN${passwordClause(verifiers[work])};`),
    ...others.map(({ login, group }) => `GRANT ${group} TO ${login};`),
    '',
    '-- An administrator who is no superuser can give a database only to a role that he is a member of.',
    `GRANT ${migrator} TO CURRENT_USER;`,
    `CREATE DATABASE ${database} OWNER ${migrator} ENCODING 'UTF8' TEMPLATE template0;`,
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC;`,
    `GRANT CONNECT ON DATABASE ${database} TO ${others.map(({ login }) => login).join(', ')};`,
    `REVOKE ${migrator} FROM CURRENT_USER;`,
  ];
  return lines.join('\n');
}

function passwordClause(verifier: string | undefined): string {
  return verifier === undefined ? '' : ` PASSWORD '${verifier}'`;
}

/** PostgreSQL's own number of rounds (scram_iterations). */
const ITERATIONS = 4_096;
const SALT_BYTES = 16;
const DIGEST_BYTES = 32;

/**
 * What PostgreSQL keeps of a password (RFC 5803), so that the SQL can be sent to somebody without the password in it.
 *
 * @param password of ASCII letters and digits: others would have to be normalised first
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(SALT_BYTES)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, DIGEST_BYTES, 'sha256');
  const keyOf = (use: string): Buffer => createHmac('sha256', salted).update(use).digest();
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest();
  const [saltText, stored, server] = [salt, storedKey, keyOf('Server Key')].map((bytes) => bytes.toString('base64'));
  return `SCRAM-SHA-256$${ITERATIONS}:${saltText}$${stored}:${server}`;
}
