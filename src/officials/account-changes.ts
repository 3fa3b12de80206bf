import type { OfficialChange, OfficialDraft } from '@tax-control/protocol/console';
import type { Sql } from '../registry/sql.js';
import {
  type Account,
  ACCOUNT_COLUMNS,
  accountOf,
  type AccountRow,
  membersOf,
  type NewPassword,
} from './account-store.js';

/** An account to be added; its name is in its normal form. */
export interface NewAccount extends OfficialDraft {
  readonly password: NewPassword;
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

/**
 * Keeps accounts as they are until the transaction ends; in the order of their names, so that two administrators do not wait for each
 * other. Needs a transaction.
 * @returns by name; unknown ones are missing
 */
export async function lockAccounts(sql: Sql, names: readonly string[]): Promise<Map<string, Account>> {
  const { rows } = await sql.query<AccountRow>(
    `SELECT ${ACCOUNT_COLUMNS} FROM official WHERE name = ANY ($1) ORDER BY name FOR NO KEY UPDATE`,
    [names],
  );
  return new Map(rows.map((row) => [row.name, accountOf(row)]));
}

/** Changes an account in one statement, so that two administrators at once lose nothing; null where there is none. */
export async function changeAccount(sql: Sql, name: string, change: OfficialChange): Promise<Account | null> {
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
