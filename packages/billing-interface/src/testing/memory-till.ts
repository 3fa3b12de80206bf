import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogEntry } from '@tax-control/protocol';
import type { BillingInterface, DrainReport, FeedEvent, InvoiceDraft, SaleResult, TillStatus } from '../api.js';
import { sampleIssued, sampleStoredOffline } from './samples.js';

/**
 * A till without disk and line, for specs of what lies above it: sales named in `answers` get that answer, all others a code.
 * The real one is tested end to end in test/agent.spec.ts.
 */
export class MemoryTill implements BillingInterface {
  readonly answers = new Map<string, (saleId: string, draft: InvoiceDraft) => SaleResult | Promise<SaleResult>>();
  readonly issuedDrafts: InvoiceDraft[] = [];
  closed = false;
  /** Callers that wait for the feed at this moment. */
  waiters = 0;
  private readonly sales = new Map<string, SaleResult>();
  private readonly events: FeedEvent[] = [];
  private readonly changes = new EventEmitter().setMaxListeners(0);

  constructor(readonly terminalId: string) {}

  async issue(saleId: string, draft: InvoiceDraft): Promise<SaleResult> {
    const known = this.sales.get(saleId);
    if (known !== undefined) return known;
    this.issuedDrafts.push(draft);
    const answer = this.answers.get(saleId);
    const result = answer === undefined ? this.issued(saleId) : await answer(saleId, draft);
    if (result.result === 'issued' || result.result === 'stored_offline' || result.result === 'refused')
      this.sales.set(saleId, result);
    return result;
  }

  issued(saleId: string): SaleResult {
    return { ...sampleIssued({ terminalId: this.terminalId }), saleId };
  }

  storedOffline(saleId: string): SaleResult {
    return { ...sampleStoredOffline({ terminalId: this.terminalId }), saleId };
  }

  lookUp(saleId: string): SaleResult | null {
    return this.sales.get(saleId) ?? null;
  }

  drain(): Promise<DrainReport> {
    return Promise.resolve({ issued: 2, alreadyIssued: 1, refused: 0, deferred: 0, stillWaiting: 0, cause: null });
  }

  status(): TillStatus {
    return {
      terminalId: this.terminalId,
      journalId: '0b0f6c0e-54d8-4a4b-9c56-0a6a3f1d2c11',
      lastCounter: this.sales.size,
      waiting: 0,
      waitingSales: 0,
      oldestWaitingAt: null,
      refused: 0,
      issued: this.sales.size,
      circuit: 'closed',
      lastFailure: null,
      parametersVersion: 1,
      certificateNotAfter: '2027-11-22T00:00:00.000Z',
      clockOffsetMs: null,
      clockBehind: null,
      timeZone: { name: 'Europe/London', from: 'parameters' },
      logWaiting: 0,
      mark: { state: 'kept', detail: null },
      losses: [],
    };
  }

  tell(detail: string): void {
    const cursor = this.events.length + 1;
    const at = '2026-11-22T18:21:07.000Z';
    this.events.push({ cursor, at, kind: 'issued', saleId: 's', invoiceId: null, code: null, detail });
    this.changes.emit('event');
  }

  feed(cursor: number, limit = 100): FeedEvent[] {
    return this.events.slice(cursor, cursor + limit);
  }

  async waitForFeed(cursor: number, waitMs: number): Promise<FeedEvent[]> {
    this.waiters += 1;
    if (this.feed(cursor).length === 0)
      await Promise.race([once(this.changes, 'event'), delay(waitMs, undefined, { ref: false })]);
    this.waiters -= 1;
    return this.feed(cursor);
  }

  log(limit = 100): LogEntry[] {
    const entry: LogEntry = {
      id: '019a0c1e-7b00-7000-8000-0000000000ff',
      at: '2026-11-22T18:21:07.000Z',
      door: 'issue',
      invoiceId: '019a0c1e-7b00-7000-8000-00000000000a',
      outcome: 'failed',
      cause: 'connection_refused',
      detail: 'ECONNREFUSED',
      address: 'https://127.0.0.1:8443',
      connectMs: 1,
      tlsMs: null,
      answerMs: null,
      totalMs: 1,
    };
    return [entry].slice(0, limit);
  }

  importParameters(jws: string): { result: 'taken' | 'not_newer' | 'refused'; detail: string } {
    return jws === 'good'
      ? { result: 'taken', detail: 'Version 2 is in force.' }
      : { result: 'refused', detail: 'It is not signed by this server.' };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}
