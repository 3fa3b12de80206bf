import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock, type Problem, problem } from '@tax-control/protocol';
import { isAccountName, type OfficialRow } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../database/database.module.js';
import type { NewPassword } from './account-store.js';
import { listOfficialRows } from './official-rows.js';
import { HASH_RETRY_AFTER_MS, PasswordHash } from './password-hash.js';
import { makeTemporaryPassword, TEMPORARY_PASSWORD_MS } from './temporary-password.js';

/** A temporary password: its text is told once, to the administrator alone. */
export interface TemporaryPassword extends NewPassword {
  readonly text: string;
}

/** Accounts as administrators see them. What they do with accounts: src/administration/officials.ts. */
@Injectable()
export class Accounts {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly passwords: PasswordHash,
    private readonly clock: Clock,
  ) {}

  list(): Promise<OfficialRow[]> {
    return listOfficialRows(this.pool, null);
  }

  async find(name: string): Promise<OfficialRow | Problem> {
    const [row] = isAccountName(name) ? await listOfficialRows(this.pool, name) : [];
    return row ?? problem('official_unknown');
  }

  /** @returns server_busy while too many passwords are hashed */
  async makePassword(): Promise<TemporaryPassword | Problem> {
    const text = makeTemporaryPassword();
    const hash = await this.passwords.make(text);
    if (hash === null) return problem('server_busy', { retryAfterMs: HASH_RETRY_AFTER_MS });
    return { text, hash, expiresAt: new Date(this.clock.now() + TEMPORARY_PASSWORD_MS) };
  }
}
