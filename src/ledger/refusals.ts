import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { type Problem, problem } from '@tax-control/protocol';
import { DATABASE_POOL } from '../database/database.module.js';
import { type RateLimit, TerminalLimits } from '../rate-limits/rate-limits.js';
import { type RefusedInvoice, storeRefusals } from './refused-invoices.js';

const DAY_SECONDS = 24 * 60 * 60;

/**
 * Bytes of refused invoices that are kept of one terminal in a day: 2,500 invoices of 3 KB, more than a busy lane sells. Of what comes
 * after them the facts are kept (counter, digest, cause); the till has the bytes.
 */
export const REFUSED_BYTES_A_DAY: RateLimit = {
  name: 'refused_bytes',
  tries: 8 * 1024 * 1024,
  windowSeconds: DAY_SECONDS,
};
/**
 * Refused invoices of one terminal in a day, repeated ones counted again: twice the backlog that a till may have by default, all of it
 * refused for an error of its software. With 0.5 KB of facts for each, a till can make the database grow by 13 MB a day at most.
 */
export const REFUSED_INVOICES_A_DAY: RateLimit = {
  name: 'refused_invoices',
  tries: 10_000,
  windowSeconds: DAY_SECONDS,
};

const FACTS_ONLY =
  'The server keeps the facts of this refusal and not the bytes, because this terminal had too much refused today: keep them at the till.';

/** Writes down what is refused, within what one terminal may have kept in a day. */
@Injectable()
export class Refusals {
  constructor(
    @Inject(DATABASE_POOL) private readonly pool: Pool,
    private readonly limits: TerminalLimits,
  ) {}

  /**
   * Keeps refused invoices, durably, before their terminals are told.
   * @returns the problem to tell of each, in order: its own, with a sentence more where only the facts are kept; or `too_many_refusals`,
   * where nothing is kept and the till asks again later
   */
  async record(refused: readonly RefusedInvoice[]): Promise<Problem[]> {
    const verdicts = new Map<string, Verdict>();
    for (const terminalId of new Set(refused.map((one) => one.terminalId))) {
      const own = refused.filter((one) => one.terminalId === terminalId);
      verdicts.set(terminalId, await this.#judge(terminalId, own));
    }
    const verdictOf = ({ terminalId }: RefusedInvoice): Verdict => verdicts.get(terminalId) ?? WHOLE;
    await storeRefusals(
      this.pool,
      refused
        .map((one) => ({ ...one, isKeptWhole: verdictOf(one).kept === 'whole' }))
        .filter((one) => verdictOf(one).kept !== 'nothing'),
    );
    return refused.map((one) => toldOf(one.problem, verdictOf(one)));
  }

  /** Of all that one request brings, or of none of it. */
  async #judge(terminalId: string, refused: readonly RefusedInvoice[]): Promise<Verdict> {
    const number = await this.limits.take(REFUSED_INVOICES_A_DAY, terminalId, refused.length);
    if (!number.allowed) return { kept: 'nothing', retryAfterMs: number.retryAfterMs };
    const size = refused.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
    const bytes = await this.limits.take(REFUSED_BYTES_A_DAY, terminalId, size);
    return bytes.allowed ? WHOLE : { kept: 'facts' };
  }
}

type Verdict = { readonly kept: 'whole' | 'facts' } | { readonly kept: 'nothing'; readonly retryAfterMs: number };

const WHOLE: Verdict = { kept: 'whole' };

function toldOf(own: Problem, verdict: Verdict): Problem {
  if (verdict.kept === 'nothing') return problem('too_many_refusals', { retryAfterMs: verdict.retryAfterMs });
  return verdict.kept === 'whole' ? own : { ...own, detail: `${own.detail} ${FACTS_ONLY}` };
}
