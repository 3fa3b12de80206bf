import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { type Problem, problem } from '@tax-control/protocol';
import type { PasswordChange } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../database/database.module.js';
import { inTransaction } from '../database/transaction.js';
import { findAccount, findPasswordHash, setPassword } from './account-store.js';
import { AuditTrail } from '../audit-trail/audit-trail.js';
import { HASH_RETRY_AFTER_MS, PasswordHash } from './password-hash.js';
import { faultOfPassword } from './password-rules.js';
import { endSessions } from './session-store.js';
import { Sessions, type TokenSession } from './sessions.js';
import { accountSubject, claimTry, forgetTries } from './sign-in-delay.js';
import type { SignedInOfficial } from './signed-in-official.js';
import type { Visitor } from './visitor.js';

/** An official's own password. */
@Injectable()
export class OwnPassword {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly passwords: PasswordHash,
    private readonly sessions: Sessions,
    private readonly trail: AuditTrail,
  ) {}

  /**
   * Sets another password, ends all sessions and opens a new one for who asks. Tries with a wrong present password are delayed like
   * those of signing in: a session that was left open is no way to find the password out.
   */
  async change(
    official: SignedInOfficial,
    { presentPassword, newPassword }: PasswordChange,
    visitor: Visitor,
  ): Promise<TokenSession | Problem> {
    const fault =
      presentPassword === newPassword ? 'must be another one than the present' : faultOfPassword(newPassword, official);
    if (fault !== null)
      return problem('password_not_allowed', { errors: [{ pointer: '/newPassword', detail: fault }] });
    const subject = accountSubject(official.name);
    const waitMs = await claimTry(this.pool, subject);
    if (waitMs > 0) return problem('sign_in_delayed', { retryAfterMs: waitMs });
    const stored = await findPasswordHash(this.pool, official.name);
    const check = await this.passwords.check(presentPassword, stored);
    if (check === 'wrong' || stored === null) return problem('password_wrong');
    const hash = check === 'busy' ? null : await this.passwords.make(newPassword);
    if (hash === null) return problem('server_busy', { retryAfterMs: HASH_RETRY_AFTER_MS });
    return inTransaction(this.pool, async (client) => {
      if (!(await setPassword(client, official.name, { hash, expiresAt: null }, stored)))
        return problem('password_wrong');
      const account = await findAccount(client, official.name);
      if (account === null || account.disabledAt !== null) return problem('sign_in_required');
      await forgetTries(client, subject);
      await endSessions(client, official.name);
      await this.trail.record(official, { action: 'password.changed', facts: {} }, client);
      return this.sessions.open(client, account, visitor);
    });
  }
}
