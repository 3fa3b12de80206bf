import { Inject, Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { Clock, type Problem, problem } from '@tax-control/protocol';
import { isAccountName, normalName, type SignIn } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../database/database.module.js';
import { inTransaction } from '../database/transaction.js';
import { type RateLimit, RateLimits } from '../rate-limits/rate-limits.js';
import { type Account, findAccount, findPasswordHash, noteSignIn, setPassword } from './account-store.js';
import { appendToTrail } from '../audit-trail/audit-trail-store.js';
import { HASH_RETRY_AFTER_MS, isOutdated, PasswordHash } from './password-hash.js';
import { endSessionOfToken } from './session-store.js';
import { tokenDigest } from './session-token.js';
import { Sessions, type TokenSession } from './sessions.js';
import { accountSubject, addressSubject, claimTry, forgiveTry, sweepDelays } from './sign-in-delay.js';
import type { Visitor } from './visitor.js';

/**
 * Refused tries of a day after which the trail keeps none more under names that nobody has. Strangers on many addresses may try without
 * end, and the trail is kept for years. Tries at an account are bounded by its delay, some hundred a day, and are all kept.
 */
const REFUSED_SIGN_INS: RateLimit = { name: 'sign-in-refused', tries: 1_000, windowSeconds: 24 * 60 * 60 };

/**
 * Signing in. Every refusal of a name or password is the same answer after the same work, whether there is such an account, whether it is
 * disabled, and how often it was tried.
 */
@Injectable()
export class SignInDesk {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly passwords: PasswordHash,
    private readonly sessions: Sessions,
    private readonly limits: RateLimits,
    private readonly clock: Clock,
  ) {}

  async signIn({ name: typed, password }: SignIn, visitor: Visitor): Promise<TokenSession | Problem> {
    const name = normalName(typed);
    // What can be no name is looked up as the empty one, which nobody has: the same work, and nothing that Postgres cannot read.
    const candidate = isAccountName(name) ? name : '';
    const waitMs = await this.#waitMs(name, visitor);
    if (waitMs > 0) return problem('sign_in_delayed', { retryAfterMs: waitMs });
    const account = await findAccount(this.pool, candidate);
    const stored = await findPasswordHash(this.pool, candidate);
    const check = await this.passwords.check(password, stored);
    if (check === 'busy') return problem('server_busy', { retryAfterMs: HASH_RETRY_AFTER_MS });
    if (check === 'wrong' || account === null || stored === null || account.disabledAt !== null)
      return this.#refuse(account, check === 'right' ? 'disabled' : 'password', visitor);
    if (account.passwordExpiresAt !== null && account.passwordExpiresAt.getTime() <= this.clock.now())
      return this.#refuse(account, 'temporary_password_expired', visitor);
    const session = await inTransaction(this.pool, (client) => this.#admit(client, account, stored, visitor));
    if (session === null) return this.#refuse(account, 'password', visitor);
    if (isOutdated(stored)) await this.#renewHash(account, password, stored);
    return session;
  }

  /** The address first: whoever hammers at a delayed account is delayed himself. */
  async #waitMs(name: string, { remoteAddress }: Visitor): Promise<number> {
    await sweepDelays(this.pool);
    const ofAddress = await claimTry(this.pool, addressSubject(remoteAddress));
    return ofAddress > 0 ? ofAddress : claimTry(this.pool, accountSubject(name));
  }

  async #admit(client: PoolClient, checked: Account, stored: string, visitor: Visitor): Promise<TokenSession | null> {
    const account = await noteSignIn(client, checked.name, stored);
    if (account === null) return null;
    await forgiveTry(client, accountSubject(account.name), addressSubject(visitor.remoteAddress));
    // Whatever session the browser had before: nobody can have one waiting for this official.
    if (visitor.token !== null) await endSessionOfToken(client, tokenDigest(visitor.token));
    const session = await this.sessions.open(client, account, visitor);
    const { remoteAddress, requestId } = visitor;
    const facts = { sessionId: session.sessionId };
    await appendToTrail(client, { officialName: account.name, remoteAddress, requestId }, [
      { action: 'session.begun', facts },
    ]);
    return session;
  }

  /** The trail says why; the answer does not. What was typed for a name may be a password, so it is not kept. */
  async #refuse(
    account: Account | null,
    cause: 'password' | 'disabled' | 'temporary_password_expired',
    { remoteAddress, requestId }: Visitor,
  ): Promise<Problem> {
    // Asked for every refusal: a name that nobody has must not take longer than others.
    const { allowed } = await this.limits.take(REFUSED_SIGN_INS, 'all');
    if (account === null && !allowed) return problem('sign_in_refused');
    await appendToTrail(this.pool, { officialName: account?.name ?? null, remoteAddress, requestId }, [
      { action: 'session.refused', facts: { cause: account === null ? 'name' : cause } },
    ]);
    return problem(cause === 'temporary_password_expired' ? cause : 'sign_in_refused');
  }

  async #renewHash({ name, passwordExpiresAt }: Account, password: string, stored: string): Promise<void> {
    const hash = await this.passwords.make(password);
    if (hash !== null) await setPassword(this.pool, name, { hash, expiresAt: passwordExpiresAt }, stored);
  }
}
