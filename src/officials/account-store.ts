import type { OfficialRole, OfficialView } from '@tax-control/protocol/console';
import type { Sql } from '../registry/sql.js';

/** An account, as everybody but sign-in needs it. A temporary password has an end. */
export interface Account {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly OfficialRole[];
  readonly view: OfficialView;
  readonly passwordExpiresAt: Date | null;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
  readonly disabledAt: Date | null;
}

/** @property expiresAt null: the holder has chosen it, so it is no temporary one */
export interface NewPassword {
  readonly hash: string;
  readonly expiresAt: Date | null;
}

/** One account, or null. */
export async function findAccount(sql: Sql, name: string): Promise<Account | null> {
  const { rows } = await sql.query<AccountRow>(`SELECT ${ACCOUNT_COLUMNS} FROM official WHERE name = $1`, [name]);
  return rows[0] === undefined ? null : accountOf(rows[0]);
}

/** The hash of an account's password; null where there is no account. The operators' role may not ask. */
export async function findPasswordHash(sql: Sql, name: string): Promise<string | null> {
  const { rows } = await sql.query<{ password_hash: string }>('SELECT password_hash FROM official WHERE name = $1', [
    name,
  ]);
  return rows[0]?.password_hash ?? null;
}

/**
 * Sets a password. `onlyIf`: the hash that was checked; with another one on file by now nothing is changed.
 * @returns whether it was set
 */
export async function setPassword(sql: Sql, name: string, password: NewPassword, onlyIf?: string): Promise<boolean> {
  const condition = onlyIf === undefined ? '' : 'AND password_hash = $4';
  const { rowCount } = await sql.query(
    `UPDATE official SET password_hash = $2, password_expires_at = $3, password_changed_at = now() WHERE name = $1 ${condition}`,
    [name, password.hash, password.expiresAt, ...(onlyIf === undefined ? [] : [onlyIf])],
  );
  return rowCount === 1;
}

/**
 * Notes a sign-in and holds the account's row until the transaction ends, so that neither disabling nor a new password slips
 * between the check and the session. Null: the account is disabled, or its password is another one by now.
 */
export async function noteSignIn(sql: Sql, name: string, checkedHash: string): Promise<Account | null> {
  const { rows } = await sql.query<AccountRow>(
    `UPDATE official SET last_sign_in_at = now() WHERE name = $1 AND password_hash = $2 AND disabled_at IS NULL
     RETURNING ${ACCOUNT_COLUMNS}`,
    [name, checkedHash],
  );
  return rows[0] === undefined ? null : accountOf(rows[0]);
}

/** For other stores that join the table `official`. */
export const ACCOUNT_COLUMNS =
  'name, full_name, roles, view_kind, view_members, password_expires_at, created_at, last_sign_in_at, disabled_at';

export interface AccountRow {
  readonly name: string;
  readonly full_name: string;
  readonly roles: OfficialRole[];
  readonly view_kind: OfficialView['kind'];
  readonly view_members: string[];
  readonly password_expires_at: Date | null;
  readonly created_at: Date;
  readonly last_sign_in_at: Date | null;
  readonly disabled_at: Date | null;
}

export function accountOf(row: AccountRow): Account {
  return {
    name: row.name,
    fullName: row.full_name,
    roles: row.roles,
    view: viewOf(row.view_kind, row.view_members),
    passwordExpiresAt: row.password_expires_at,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at,
    disabledAt: row.disabled_at,
  };
}

function viewOf(kind: OfficialView['kind'], members: readonly string[]): OfficialView {
  if (kind === 'all') return { kind };
  return kind === 'regions' ? { kind, regions: members } : { kind, taxpayerIds: members };
}

export function membersOf(view: OfficialView): readonly string[] {
  if (view.kind === 'all') return [];
  return view.kind === 'regions' ? view.regions : view.taxpayerIds;
}
