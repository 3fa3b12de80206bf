import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { Clock, type Problem, problem } from '@tax-control/protocol';
import type {
  AuditAction,
  OfficialChange,
  OfficialDraft,
  OfficialRow,
  OfficialWithPassword,
} from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../database/database.module.js';
import { inTransaction } from '../database/transaction.js';
import { ACCOUNT_NAME_RULE, isAccountName, normalName } from './account-name.js';
import {
  type Account,
  addAccount,
  changeAccount,
  findAccount,
  type NewPassword,
  setPassword,
} from './account-store.js';
import { AuditTrail } from './audit-trail.js';
import { faultsOfView } from './faults-of-view.js';
import { listOfficialRows } from './official-rows.js';
import { HASH_RETRY_AFTER_MS, PasswordHash } from './password-hash.js';
import { endSessions } from './session-store.js';
import { accountSubject, forgetTries } from './sign-in-delay.js';
import type { SignedInOfficial } from './signed-in-official.js';
import { makeTemporaryPassword, TEMPORARY_PASSWORD_MS } from './temporary-password.js';

/** What administrators do with accounts. Nobody changes the own rights, so that an administrator always remains. */
@Injectable()
export class Accounts {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly passwords: PasswordHash,
    private readonly trail: AuditTrail,
    private readonly clock: Clock,
  ) {}

  list(): Promise<OfficialRow[]> {
    return listOfficialRows(this.pool, null);
  }

  async find(name: string): Promise<OfficialRow | Problem> {
    return (isAccountName(name) ? await this.#row(this.pool, name) : null) ?? problem('official_unknown');
  }

  /** Adds an account; its temporary password is told here and nowhere else. */
  async add(administrator: SignedInOfficial, draft: OfficialDraft): Promise<OfficialWithPassword | Problem> {
    const name = normalName(draft.name);
    if (!isAccountName(name))
      return problem('invalid_request', { errors: [{ pointer: '/name', detail: `must be ${ACCOUNT_NAME_RULE}` }] });
    const faults = await faultsOfView(this.pool, draft.view, draft.roles);
    if (faults.length > 0) return problem('view_not_allowed', { errors: faults });
    return this.#withPassword((client, password) =>
      this.#audited(
        client,
        administrator,
        name,
        'official.added',
        { roles: draft.roles, view: draft.view },
        async () => {
          const added = await addAccount(client, { ...draft, name, password });
          return added === 'exists' ? problem('official_exists') : null;
        },
      ),
    );
  }

  /** Changes name, roles, view; disables (and ends all sessions) or enables. */
  async change(administrator: SignedInOfficial, name: string, change: OfficialChange): Promise<OfficialRow | Problem> {
    if (!isAccountName(name)) return problem('official_unknown');
    const { roles, view, disabled } = change;
    if (name === administrator.name && (roles ?? view ?? disabled) !== undefined) return problem('official_is_self');
    return inTransaction(this.pool, (client) =>
      this.#audited(client, administrator, name, actionOf(change), { ...change }, async () => {
        const account = await findAccount(client, name);
        if (account === null) return problem('official_unknown');
        const faults = await faultsOfView(client, view ?? account.view, roles ?? account.roles);
        if (faults.length > 0) return problem('view_not_allowed', { errors: faults });
        if (!isDifferent(account, change)) return 'unchanged';
        await changeAccount(client, name, change);
        if (disabled === true) await endSessions(client, name);
        return null;
      }),
    );
  }

  /** Gives an account a temporary password, ends its sessions and its delay. */
  async reset(administrator: SignedInOfficial, name: string): Promise<OfficialWithPassword | Problem> {
    if (!isAccountName(name)) return problem('official_unknown');
    if (name === administrator.name) return problem('official_is_self');
    return this.#withPassword((client, password) =>
      this.#audited(client, administrator, name, 'official.reset', {}, async () => {
        if (!(await setPassword(client, name, password))) return problem('official_unknown');
        await forgetTries(client, accountSubject(name));
        await endSessions(client, name);
        return null;
      }),
    );
  }

  /** Ends all sessions of an account. */
  async endSessions(administrator: SignedInOfficial, name: string): Promise<Problem | null> {
    if (!isAccountName(name)) return problem('official_unknown');
    return inTransaction(this.pool, async (client) => {
      if ((await findAccount(client, name)) === null) return problem('official_unknown');
      const sessions = await endSessions(client, name);
      const facts = { sessions };
      await this.trail.record(administrator, { action: 'official.sessions_ended', subject: name, facts }, client);
      return null;
    });
  }

  async #withPassword(
    work: (client: PoolClient, password: NewPassword) => Promise<OfficialRow | Problem>,
  ): Promise<OfficialWithPassword | Problem> {
    const text = makeTemporaryPassword();
    const hash = await this.passwords.make(text);
    if (hash === null) return problem('server_busy', { retryAfterMs: HASH_RETRY_AFTER_MS });
    const password = { hash, expiresAt: new Date(this.clock.now() + TEMPORARY_PASSWORD_MS) };
    const result = await inTransaction(this.pool, (client) => work(client, password));
    return 'code' in result ? result : { official: result, temporaryPassword: text };
  }

  /** Does an act and records it in one transaction; an act that was refused or changed nothing is not recorded. */
  async #audited(
    client: PoolClient,
    administrator: SignedInOfficial,
    name: string,
    action: AuditAction,
    facts: Readonly<Record<string, unknown>>,
    act: () => Promise<Problem | 'unchanged' | null>,
  ): Promise<OfficialRow | Problem> {
    const acted = await act();
    if (acted !== null && acted !== 'unchanged') return acted;
    if (acted === null) await this.trail.record(administrator, { action, subject: name, facts }, client);
    return (await this.#row(client, name)) ?? problem('official_unknown');
  }

  async #row(sql: Pool | PoolClient, name: string): Promise<OfficialRow | null> {
    return (await listOfficialRows(sql, name))[0] ?? null;
  }
}

/** Whether a change says anything that is not so already. */
function isDifferent(account: Account, { fullName, roles, view, disabled }: OfficialChange): boolean {
  return (
    (fullName !== undefined && fullName !== account.fullName) ||
    (roles !== undefined && !isDeepStrictEqual([...roles].toSorted(), [...account.roles].toSorted())) ||
    (view !== undefined && !isDeepStrictEqual(view, account.view)) ||
    (disabled !== undefined && disabled !== (account.disabledAt !== null))
  );
}

function actionOf({ disabled }: OfficialChange): AuditAction {
  if (disabled === undefined) return 'official.changed';
  return disabled ? 'official.disabled' : 'official.enabled';
}
