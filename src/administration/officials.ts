import { isDeepStrictEqual } from 'node:util';
import type { PoolClient } from 'pg';
import { type Problem, problem } from '@tax-control/protocol';
import {
  ACCOUNT_NAME_RULE,
  isAccountName,
  normalName,
  type OfficialChange,
  type OfficialDraft,
  type OfficialRow,
} from '@tax-control/protocol/console';
import type { AuditedAct, AuditFacts } from '../audit-trail/audited-act.js';
import { type Account, findAccount, type NewPassword, setPassword } from '../officials/account-store.js';
import { addAccount, changeAccount, lockAccounts } from '../officials/account-changes.js';
import { faultsOfView } from '../officials/faults-of-view.js';
import { listOfficialRows } from '../officials/official-rows.js';
import { mayActAs } from '../officials/roles.js';
import { endSessions } from '../officials/session-store.js';
import { accountSubject, forgetTries } from '../officials/sign-in-delay.js';
import type { Acts } from './act.js';
import type { Actor } from './actor.js';

/** An account after an act, and how many of its sessions ended with it. */
export interface ChangedOfficial {
  readonly official: OfficialRow;
  readonly endedSessions: number;
}

/**
 * What administrators do with accounts. No official changes their own rights (official_is_self), nor those of others after losing their own
 * meanwhile, so an administrator always remains.
 */
export class OfficialActs {
  constructor(private readonly acts: Acts) {}

  /** @returns invalid_request for the name, view_not_allowed or official_exists */
  add(actor: Actor, draft: OfficialDraft, password: NewPassword): Promise<OfficialRow | Problem> {
    const name = normalName(draft.name);
    const { roles, view } = draft;
    return this.acts.perform(actor, async (sql) => {
      if (!isAccountName(name))
        return problem('invalid_request', { errors: [{ pointer: '/name', detail: `must be ${ACCOUNT_NAME_RULE}` }] });
      const faults = await faultsOfView(sql, view, roles);
      if (faults.length > 0) return problem('view_not_allowed', { errors: faults });
      if ((await addAccount(sql, { ...draft, name, password })) === 'exists') return problem('official_exists');
      const result = await rowOf(sql, name);
      return { result, trail: [{ action: 'official.added', subject: name, facts: { roles, view } }] };
    });
  }

  /**
   * Changes name, roles and view; disables, which ends all sessions, or enables. Repeating it changes nothing and succeeds.
   * @returns official_unknown, official_is_self or view_not_allowed; sign_in_required or role_missing if another administrator disabled the
   * actor, or took the role, at this moment
   */
  change(actor: Actor, name: string, change: OfficialChange): Promise<ChangedOfficial | Problem> {
    const { roles, view, disabled } = change;
    return this.acts.perform(actor, async (sql) => {
      if (isSelf(actor, name) && (roles ?? view ?? disabled) !== undefined) return problem('official_is_self');
      if (!isAccountName(name)) return problem('official_unknown');
      const accounts = await lockAccounts(sql, 'login' in actor ? [name] : [name, actor.name]);
      const lost = 'login' in actor ? null : lostRight(accounts.get(actor.name));
      if (lost !== null) return lost;
      const account = accounts.get(name);
      if (account === undefined) return problem('official_unknown');
      if (roles !== undefined || view !== undefined) {
        const faults = await faultsOfView(sql, view ?? account.view, roles ?? account.roles);
        if (faults.length > 0) return problem('view_not_allowed', { errors: faults });
      }
      await changeAccount(sql, name, change);
      const facts = differencesOf(account, change);
      const isOtherwise = disabled !== undefined && disabled !== (account.disabledAt !== null);
      const endedSessions = isOtherwise && disabled ? await endSessions(sql, name) : 0;
      const trail: AuditedAct[] = [];
      if (Object.keys(facts).length > 0) trail.push({ action: 'official.changed', subject: name, facts });
      if (isOtherwise)
        trail.push(
          disabled
            ? { action: 'official.disabled', subject: name, facts: { sessions: endedSessions } }
            : { action: 'official.enabled', subject: name, facts: {} },
        );
      return { result: { official: await rowOf(sql, name), endedSessions }, trail };
    });
  }

  /**
   * Gives an account another password, ends its sessions and its delay.
   * @returns official_unknown or official_is_self
   */
  reset(actor: Actor, name: string, password: NewPassword): Promise<ChangedOfficial | Problem> {
    return this.acts.perform(actor, async (sql) => {
      if (isSelf(actor, name)) return problem('official_is_self');
      if ((await findNamed(sql, name)) === null) return problem('official_unknown');
      await setPassword(sql, name, password);
      await forgetTries(sql, accountSubject(name));
      const endedSessions = await endSessions(sql, name);
      return {
        result: { official: await rowOf(sql, name), endedSessions },
        trail: [{ action: 'official.reset', subject: name, facts: { sessions: endedSessions } }],
      };
    });
  }

  /** Ends all sessions of an account. @returns official_unknown */
  endSessions(actor: Actor, name: string): Promise<ChangedOfficial | Problem> {
    return this.acts.perform(actor, async (sql) => {
      if ((await findNamed(sql, name)) === null) return problem('official_unknown');
      const endedSessions = await endSessions(sql, name);
      return {
        result: { official: await rowOf(sql, name), endedSessions },
        trail: [{ action: 'official.sessions_ended', subject: name, facts: { sessions: endedSessions } }],
      };
    });
  }
}

function isSelf(actor: Actor, name: string): boolean {
  return 'name' in actor && actor.name === name;
}

/** Why an administrator, who was one when the request came, may change nobody's rights any more; null: is still one. */
function lostRight(account: Account | undefined): Problem | null {
  if (account === undefined || account.disabledAt !== null) return problem('sign_in_required');
  return mayActAs(account.roles, 'administrator') ? null : problem('role_missing');
}

/** An account by the name in an address, which may be anything. */
async function findNamed(sql: PoolClient, name: string): Promise<Account | null> {
  return isAccountName(name) ? findAccount(sql, name) : null;
}

async function rowOf(sql: PoolClient, name: string): Promise<OfficialRow> {
  const [row] = await listOfficialRows(sql, name);
  if (row === undefined) throw new Error('an account is gone; none is ever deleted');
  return row;
}

/** What a change says that is not so already. */
function differencesOf(account: Account, { fullName, roles, view }: OfficialChange): AuditFacts['official.changed'] {
  const hasRoles = roles !== undefined && !isDeepStrictEqual([...roles].toSorted(), [...account.roles].toSorted());
  return {
    ...(fullName !== undefined && fullName !== account.fullName && { fullName }),
    ...(hasRoles && { roles }),
    ...(view !== undefined && !isDeepStrictEqual(view, account.view) && { view }),
  };
}
