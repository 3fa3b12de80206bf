import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { type Problem, problem } from '@tax-control/protocol';
import type { CurrentSession, SessionRow } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../database/database.module.js';
import { inTransaction } from '../database/transaction.js';
import { KeyRing } from '../keys/key-ring.js';
import type { Sql } from '../registry/sql.js';
import type { Account } from './account-store.js';
import { AuditTrail } from '../audit-trail/audit-trail.js';
import type { Visitor } from './visitor.js';
import {
  endSession,
  endSessions,
  findSession,
  insertSession,
  listSessions,
  type OpenSession,
  SESSION_IDLE_MS_MAX,
} from './session-store.js';
import { csrfTokenOf, makeToken, tokenDigest } from './session-token.js';
import type { SignedInOfficial } from './signed-in-official.js';

/** A session and the token that opens it, which the browser alone keeps. */
export interface TokenSession extends OpenSession {
  readonly token: string;
}

const USER_AGENT_LENGTH_MAX = 300;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Sessions of officials: opened at sign-in, looked up at every request, ended one by one or all. */
@Injectable()
export class Sessions {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly trail: AuditTrail,
  ) {}

  /** Opens a session with a new token, inside the transaction of what allowed it. */
  async open(sql: Sql, account: Account, { remoteAddress, userAgent }: Visitor): Promise<TokenSession> {
    const token = makeToken();
    const session = await insertSession(sql, {
      digest: tokenDigest(token),
      name: account.name,
      remoteAddress,
      userAgent: userAgent?.slice(0, USER_AGENT_LENGTH_MAX) ?? null,
    });
    return { ...session, account, token };
  }

  /** The open session of a token; null where there is none, and for a disabled account. */
  async find(token: string): Promise<TokenSession | null> {
    const session = await findSession(this.pool, tokenDigest(token));
    return session === null ? null : { ...session, token };
  }

  /** What a page needs to know of its session. */
  describe({ account, token, expiresAt }: TokenSession): CurrentSession {
    const { name, fullName, roles, view, passwordExpiresAt } = account;
    return {
      name,
      fullName,
      roles,
      view,
      environment: this.keys.environment,
      csrfToken: csrfTokenOf(token),
      passwordChangeRequired: passwordExpiresAt !== null,
      expiresAt: expiresAt.toISOString(),
      idleMsMax: SESSION_IDLE_MS_MAX,
    };
  }

  async list(official: SignedInOfficial): Promise<SessionRow[]> {
    const sessions = await listSessions(this.pool, official.name);
    return sessions.map((session) => ({ ...session, current: session.sessionId === official.sessionId }));
  }

  /** Ends one's own session, the one that asks or another. */
  end(official: SignedInOfficial, sessionId: string): Promise<Problem | null> {
    if (!UUID.test(sessionId)) return Promise.resolve(problem('session_unknown'));
    return inTransaction(this.pool, async (client) => {
      if (!(await endSession(client, official.name, sessionId))) return problem('session_unknown');
      const facts = { sessions: 1, sessionId, isOwn: sessionId === official.sessionId };
      await this.trail.record(official, { action: 'session.ended', facts }, client);
      return null;
    });
  }

  /** Ends all of one's own sessions, the one that asks too. */
  endAll(official: SignedInOfficial): Promise<void> {
    return inTransaction(this.pool, async (client) => {
      const sessions = await endSessions(client, official.name);
      await this.trail.record(
        official,
        { action: 'session.ended', facts: { sessions, sessionId: null, isOwn: true } },
        client,
      );
    });
  }
}
