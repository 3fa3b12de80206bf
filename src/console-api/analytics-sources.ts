import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import {
  type AttemptRow,
  type Filter,
  type JournalRow,
  type Missing as MissingRow,
  type Page,
  type PageQuery,
  PENDING_SHOWN,
  type PendingInvoice,
  type ReportQuery,
} from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../database/database.module.js';
import { AttemptStatisticsService } from '../log-analytics/attempts/attempt-statistics.js';
import { InvoiceStatisticsService } from '../log-analytics/invoices/invoice-statistics.js';
import { readJournals } from '../log-analytics/kept/read-journals.js';
import { Missing } from '../log-analytics/missing/missing.js';
import type { VisiblePremises } from '../officials/view.js';
import type { TerminalPeriod, TerminalSources } from './terminals/terminal-sources.js';

/** Who asks about one terminal has made sure before that the official sees it. */
const SEEN_ALREADY = 'all';

/** What log analytics knows of terminals, in the form in which the console's pages ask for it. */
@Injectable()
export class AnalyticsSources implements TerminalSources {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly attemptStatistics: AttemptStatisticsService,
    private readonly invoiceStatistics: InvoiceStatisticsService,
    private readonly missingThings: Missing,
  ) {}

  pending(terminalIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.invoiceStatistics.pending(terminalIds, SEEN_ALREADY);
  }

  backlog(terminalId: string): Promise<readonly PendingInvoice[]> {
    return this.invoiceStatistics.pendingOf(terminalId, PENDING_SHOWN);
  }

  lastSigns(terminalIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    return this.missingThings.lastSigns(terminalIds);
  }

  journals(terminalId: string): Promise<readonly JournalRow[]> {
    return readJournals(this.pool, terminalId);
  }

  missing(terminalId: string): Promise<readonly MissingRow[]> {
    return this.missingThings.ofTerminal(terminalId);
  }

  attemptsOfTerminal(
    { terminalId, from, to }: TerminalPeriod,
    page: PageQuery,
    view: VisiblePremises,
    last?: AttemptRow,
  ): Promise<Page<AttemptRow>> {
    const query = periodOf({ terminalIds: [terminalId] }, { from, to, zone: 'UTC' });
    return this.attemptStatistics.entries(query, { all: true }, page, view, last);
  }
}

/** Lists have no steps; the longest ones let the longest period through. */
function periodOf(
  filter: Filter,
  { from, to, zone }: Pick<ReportQuery['period'], 'from' | 'to' | 'zone'>,
): ReportQuery {
  return { period: { from, to, zone, step: 'month' }, filter };
}
