import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import type {
  AttemptRow,
  Gap,
  JournalRow,
  Missing,
  Page,
  PageQuery,
  PendingInvoice,
} from '@tax-control/protocol/console';
import { DATABASE_POOL } from '../database/database.module.js';
import { listJournals } from '../ledger/terminal-journals.js';
import type { SignedInOfficial } from '../officials/signed-in-official.js';
import type { EvidenceSources, ShopAndPeriod } from './evidence/evidence-sources.js';
import { pageOf } from './page-of.js';
import type { TerminalPeriod, TerminalSources } from './terminals/terminal-sources.js';

/** What log analytics knows of terminals and shops, in the form in which the console's pages ask for it. */
@Injectable()
export class AnalyticsSources implements TerminalSources, EvidenceSources {
  constructor(@Inject(DATABASE_POOL) private readonly pool: Pool) {}

  async pending(_terminalIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return new Map();
  }

  async backlog(_terminalId: string): Promise<readonly PendingInvoice[]> {
    return [];
  }

  async lastSigns(_terminalIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    return new Map();
  }

  async journals(terminalId: string): Promise<readonly JournalRow[]> {
    const journals = await listJournals(this.pool, terminalId);
    return journals.map((journal) => ({
      ...journal,
      firstAt: journal.firstAt.toISOString(),
      lastAt: journal.lastAt.toISOString(),
    }));
  }

  async missing(_terminalId: string): Promise<readonly Missing[]> {
    return [];
  }

  async attemptsOfTerminal(_period: TerminalPeriod, page: PageQuery): Promise<Page<AttemptRow>> {
    return pageOf([], page);
  }

  async attemptsOfShop(_official: SignedInOfficial, _shop: ShopAndPeriod, page: PageQuery): Promise<Page<AttemptRow>> {
    return pageOf([], page);
  }

  async gaps(_official: SignedInOfficial, _shop: ShopAndPeriod, page: PageQuery): Promise<Page<Gap>> {
    return pageOf([], page);
  }
}
