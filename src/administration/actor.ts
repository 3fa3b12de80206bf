import type { TrailSignature } from '../audit-trail/audit-trail-store.js';
import type { SignedInOfficial } from '../officials/signed-in-official.js';
import type { Sql } from '../registry/sql.js';

/**
 * Who gives a command. Nobody is signed in at a command line, which sees the whole country: the trail names the log-in at the
 * database, so each operator needs a log-in of their own.
 */
export interface CommandLine {
  readonly login: string;
  readonly view: { readonly kind: 'all' };
  readonly visiblePremises: 'all';
}

/** Who acts. The rules of an act ask for `view` and `visiblePremises`, which both have. */
export type Actor = SignedInOfficial | CommandLine;

/** The actor of a command: the log-in of its database session. */
export async function commandLine(sql: Sql): Promise<CommandLine> {
  const { rows } = await sql.query<{ login: string }>('SELECT session_user::text AS login');
  return { login: rows[0]?.login ?? '', view: { kind: 'all' }, visiblePremises: 'all' };
}

/** The name that rows keep of who did something: of the official, or of the log-in. */
export function nameOf(actor: Actor): string {
  return 'login' in actor ? actor.login : actor.name;
}

/** What the audit trail says of who acted. */
export function signatureOf(actor: Actor): TrailSignature {
  if ('login' in actor) return { officialName: null, command: actor.login };
  const { name, remoteAddress, requestId } = actor;
  return { officialName: name, remoteAddress, requestId };
}
