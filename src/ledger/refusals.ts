import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { type Problem, problem } from '@tax-control/protocol';
import { DATABASE_POOL } from '../database/database.module.js';
import { Gate } from '../http/gate.js';
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

/**
 * Refusals are written down a few at a time, and those of one terminal one after the other: they wait for one row of its limits, and a
 * till that sends nothing but rubbish must not hold the sessions that others' sales need.
 */
const GATE = {
  /** Of the ten sessions that the doors have. */
  insideMax: 2,
  /** Terminals; each takes some 5 ms. */
  waitingMax: 64,
  /** Lists of one terminal: of a shop's lanes, whose software has one and the same error. */
  holderMax: 32,
  /** Who waits longer is told to come again, before its till gives the answer up. */
  waitMsMax: 1_000,
};
/** An invoice of 3 KB. */
const USUAL_BYTES = 3_072;
const BUSY_RETRY_AFTER_MS = 2_000;

const FACTS_ONLY =
  'The server keeps the facts of this refusal and not the bytes, because this terminal had too much refused when they first came: keep them at the till.';

/** Writes down what is refused, within what one terminal may have kept in a day. */
@Injectable()
export class Refusals {
  readonly #gate = new Gate(GATE, USUAL_BYTES);

  constructor(
    @Inject(DATABASE_POOL) private readonly pool: Pool,
    private readonly limits: TerminalLimits,
  ) {}

  /**
   * Keeps refused invoices, durably, before their terminals are told. What is deferred the till keeps and sends again: it is passed by.
   * @returns the problem to tell of each, in order: its own, with a sentence more where only the facts are on file; `too_many_refusals` or
   * `server_busy` where nothing is kept and the till asks again later
   */
  async record(refused: readonly RefusedInvoice[]): Promise<Problem[]> {
    const told = new Map<RefusedInvoice, Problem>();
    const forGood = refused.filter((one) => one.problem.retry === 'never');
    const terminals = new Set(forGood.map(({ terminalId }) => terminalId));
    await Promise.all(
      [...terminals].map(async (terminalId) => {
        const own = forGood.filter((one) => one.terminalId === terminalId);
        const problems = await this.#keep(terminalId, own);
        own.forEach((one, index) => told.set(one, problems[index] ?? one.problem));
      }),
    );
    return refused.map((one) => told.get(one) ?? one.problem);
  }

  /** Keeps what one terminal brought with one request, or nothing of it; gives the problem to tell of each, in order. */
  async #keep(terminalId: string, own: readonly RefusedInvoice[]): Promise<Problem[]> {
    const bytes = own.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
    const told = await this.#gate.pass(terminalId, bytes, async () => {
      const judged = await this.#judge(terminalId, own.length, bytes);
      if (judged.kept === 'nothing') return own.map(() => judged.because);
      const isKeptWhole = judged.kept === 'whole';
      const onFile = await storeRefusals(
        this.pool,
        own.map((one) => ({ ...one, isKeptWhole })),
      );
      return own.map((one, index) => toldOf(one.problem, onFile[index] ?? isKeptWhole));
    });
    return told ?? own.map(() => problem('server_busy', { retryAfterMs: BUSY_RETRY_AFTER_MS }));
  }

  async #judge(terminalId: string, count: number, size: number): Promise<Verdict> {
    const number = await this.limits.take(REFUSED_INVOICES_A_DAY, terminalId, count);
    if (!number.allowed) {
      return { kept: 'nothing', because: problem('too_many_refusals', { retryAfterMs: number.retryAfterMs }) };
    }
    const bytes = await this.limits.take(REFUSED_BYTES_A_DAY, terminalId, size);
    return { kept: bytes.allowed ? 'whole' : 'facts' };
  }
}

type Verdict = { readonly kept: 'whole' | 'facts' } | { readonly kept: 'nothing'; readonly because: Problem };

function toldOf(own: Problem, isKeptWhole: boolean): Problem {
  return isKeptWhole ? own : { ...own, detail: `${own.detail} ${FACTS_ONLY}` };
}
