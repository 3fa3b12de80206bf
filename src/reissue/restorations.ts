import {
  type Holding,
  type HoldingsAnswer,
  type HoldingsRequest,
  LIMITS,
  problem,
  type Problem,
  type RestorationAnswer,
  type RestorationResult,
} from '@tax-control/protocol';
import type { Pool } from 'pg';
import { LookUps } from '../database/look-ups.js';
import type { SessionGuard } from '../database/session-guard.js';
import { Gate } from '../http/gate.js';
import type { Listeners } from '../http/listeners.js';
import type { SendingTerminal } from '../issuance/authenticate-invoice.js';
import type { Issuance } from '../issuance/issue-invoices.js';
import { turnedAwayWith } from '../issuance/outcome.js';
import type { InvoiceReader } from '../issuance/reading/read-invoices.js';
import {
  confirmHoldings,
  type Contradiction,
  findContradiction,
  findKeptUpTo,
  findLastJump,
  findMissing,
  keepDispute,
} from '../ledger/holdings.js';
import type { Log } from '../observability/log.js';
import type { DatabaseRecovery } from '../recovery/database-recovery.js';
import type { Parameters } from '../registry/parameters.js';
import { crowdPassed } from './crowd.js';
import { type GivenInvoice, type HoldingKeys, readHolding } from './read-holding.js';

/** Lists that are worked off at once: after a restore all tills come, and new sales must find a way between them. */
const LISTS_IN_FLIGHT_MAX = 1;
/** Requests that wait for their turn; others are told to come again, and lose nothing by it. */
const QUEUE_REQUESTS_MAX = 32;
/** Lists of one terminal, one in work and the others waiting for it: a till brings them one after the other. */
const TERMINAL_LISTS_MAX = 8;
const BUSY_RETRY_AFTER_MS = 5_000;

export interface RestorationParts {
  readonly pool: Pool;
  readonly reader: InvoiceReader;
  readonly issuance: Pick<Issuance, 'restore'>;
  readonly keys: HoldingKeys;
  readonly parameters: Parameters;
  readonly listeners: Pick<Listeners, 'handshakesWaiting'>;
  readonly jumps: Pick<SessionGuard, 'jumped'>;
  readonly recovery: Pick<DatabaseRecovery, 'forgot'>;
  readonly log: Log;
}

/**
 * Takes back from the tills what a restored database has forgotten (I9, docs/decisions/0045): each invoice with the very receipt that was given for
 * it. Nothing that is on file is ever changed.
 */
export class Restorations {
  private readonly lookUps: LookUps;
  private readonly gate = new Gate(
    { insideMax: LISTS_IN_FLIGHT_MAX, waitingMax: QUEUE_REQUESTS_MAX, holderMax: TERMINAL_LISTS_MAX },
    LIMITS.reissueChunkBytesMax,
  );

  constructor(private readonly parts: RestorationParts) {
    this.lookUps = new LookUps(parts.pool);
  }

  /** Which of a terminal's receipts are not on file. @throws the driver's error in an outage */
  async findMissing(
    { codes, lastJump: known }: HoldingsRequest,
    { terminalId }: SendingTerminal,
  ): Promise<HoldingsAnswer> {
    if (codes.length === 0 && known !== null) await confirmHoldings(this.parts.pool, terminalId, known);
    // Another instance may have made a jump that ended no session here.
    const lastJump = await findLastJump(this.lookUps);
    this.parts.jumps.jumped(lastJump);
    return {
      missing: await findMissing(this.lookUps, terminalId, codes),
      lastJump,
      keptUpTo: await findKeptUpTo(this.lookUps, terminalId, known),
    };
  }

  /**
   * Takes back what a terminal presents.
   *
   * @returns a result for each, in order, once what is restored is committed; or the problem of the whole list, of which nothing was done then
   * @throws OutcomeUnknown, or the driver's error in an outage
   */
  async restore(items: readonly Holding[], terminal: SendingTerminal): Promise<RestorationAnswer | Problem> {
    const { threshold } = await this.parts.parameters.current();
    if (items.length === 0) return problem('batch_empty');
    if (items.length > threshold) return problem('over_threshold', { allowed: threshold });
    const characters = items.reduce((sum, { invoice, receipt }) => sum + invoice.length + receipt.length, 0);
    const results = await this.gate.pass(terminal.terminalId, characters, () => this.restoreEach(items, terminal));
    return results === null ? problem('server_busy', { retryAfterMs: BUSY_RETRY_AFTER_MS }) : { results };
  }

  private async restoreEach(items: readonly Holding[], terminal: SendingTerminal): Promise<RestorationResult[]> {
    await crowdPassed(this.parts.listeners);
    const results: RestorationResult[] = [];
    // One after the other, so that new sales are read and committed in between.
    for (const item of items) results.push(await this.restoreOne(item, terminal));
    const restored = results.filter(({ result }) => result === 'restored').length;
    const { terminalId } = terminal;
    if (restored > 0) this.parts.log.info('a terminal brought back what was forgotten', { terminalId, restored });
    return results;
  }

  private async restoreOne(item: Holding, terminal: SendingTerminal): Promise<RestorationResult> {
    const { keys, reader, issuance, recovery } = this.parts;
    const reading = await readHolding(item, terminal, keys, reader);
    if (!reading.ok) return turnedAwayWith(reading.problem);
    const { invoice } = reading;
    const disputed = await this.judge(invoice, item);
    if (disputed !== null) return disputed;
    // Before it is stored: from now on no number up to it is given, whatever copy this is.
    await recovery.forgot(invoice.given.sequence);
    const { result } = await issuance.restore(invoice);
    if (result.result === 'issued') return { result: 'restored' };
    if (result.result === 'refused' || result.result === 'deferred') return result;
    // Another instance was first, with the same or with a contradiction.
    return (await this.judge(invoice, item)) ?? { result: 'on_file' };
  }

  /** What would become of one, without storing anything. */
  async foresee(item: Holding, terminal: SendingTerminal): Promise<RestorationResult> {
    const reading = await readHolding(item, terminal, this.parts.keys, this.parts.reader);
    if (!reading.ok) return turnedAwayWith(reading.problem);
    const onFile = await this.findOnFile(reading.invoice);
    if (onFile === 'missing') return { result: 'restored' };
    return onFile === 'on_file' ? { result: 'on_file' } : turnedAwayWith(problem('code_in_dispute'));
  }

  /** What is on file of it or against it; null: nothing. */
  private async judge(given: GivenInvoice, item: Holding): Promise<RestorationResult | null> {
    const onFile = await this.findOnFile(given);
    if (onFile === 'missing') return null;
    if (onFile === 'on_file') return { result: 'on_file' };
    const { terminalId, id: invoiceId } = given.invoice;
    const { code } = given.given;
    const isNew = await keepDispute(this.parts.pool, { terminalId, invoiceId, code, onFile, ...item });
    const facts = { terminalId, invoiceId, code, onFile: onFile.sequence };
    if (isNew) this.parts.log.error('a genuine receipt contradicts what is on file; both are kept', facts);
    return turnedAwayWith(problem('code_in_dispute'));
  }

  private async findOnFile({ invoice, digest, given }: GivenInvoice): Promise<'on_file' | 'missing' | Contradiction> {
    const { terminalId, id: invoiceId } = invoice;
    const { code } = given;
    const onFile = await findContradiction(this.lookUps, { terminalId, invoiceId, code, digest });
    if (onFile !== null) return onFile;
    const missing = await findMissing(this.lookUps, terminalId, [code]);
    return missing.length === 0 ? 'on_file' : 'missing';
  }
}
