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

export interface NewAccount {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly OfficialRole[];
  readonly view: OfficialView;
  readonly password: NewPassword;
}

/** @property expiresAt null: the holder has chosen it, so it is no temporary one */
export interface NewPassword {
  readonly hash: string;
  readonly expiresAt: Date | null;
}

/** Adds an account. Relies on the primary key; adding one that is there changes nothing. */
export async function addAccount(sql: Sql, account: NewAccount): Promise<'added' | 'exists'> {
  const { name, fullName, roles, view, password } = account;
  const { rowCount } = await sql.query(
    `INSERT INTO official (name, full_name, roles, view_kind, view_members, password_hash, password_expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [name, fullName, roles, view.kind, membersOf(view), password.hash, password.expiresAt],
  );
  return rowCount === 1 ? 'added' : 'exists';
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

/** What may change of an account; absent members stay. */
export interface AccountChange {
  readonly fullName?: string;
  readonly roles?: readonly OfficialRole[];
  readonly view?: OfficialView;
  readonly disabled?: boolean;
}

/** Changes an account in one statement, so that two administrators at once lose nothing; null where there is none. */
export async function changeAccount(sql: Sql, name: string, change: AccountChange): Promise<Account | null> {
  const { fullName = null, roles = null, view, disabled = null } = change;
  const { rows } = await sql.query<AccountRow>(
    `UPDATE official SET
       full_name = coalesce($2, full_name),
       roles = coalesce($3, roles),
       view_kind = coalesce($4, view_kind),
       view_members = coalesce($5, view_members),
       disabled_at = CASE $6::boolean WHEN true THEN coalesce(disabled_at, now()) WHEN false THEN NULL ELSE disabled_at END
     WHERE name = $1 RETURNING ${ACCOUNT_COLUMNS}`,
    [name, fullName, roles, view?.kind ?? null, view === undefined ? null : membersOf(view), disabled],
  );
  return rows[0] === undefined ? null : accountOf(rows[0]);
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

function membersOf(view: OfficialView): readonly string[] {
  if (view.kind === 'all') return [];
  return view.kind === 'regions' ? view.regions : view.taxpayerIds;
}
