import { Injectable, type StreamableFile } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { AttemptRow, Failures, Overview, Page } from '@tax-control/protocol/console';
import { AttemptStatisticsService } from '../../log-analytics/attempts/attempt-statistics.js';
import { InvoiceStatisticsService } from '../../log-analytics/invoices/invoice-statistics.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { columns } from '../csv/table.js';
import { TableExports } from '../csv/table-exports.js';
import type { EntryParameters } from '../query/entry-parameters.js';
import type { ReportParameters } from '../query/report-parameters.js';
import { FAILURE_TABLES, OVERVIEW_TABLES } from './statistics-tables.js';

export const ENTRY_COLUMNS = columns<AttemptRow>(
  'at',
  'receivedAt',
  'terminalId',
  'premisesId',
  'premisesName',
  'region',
  'taxpayerId',
  'source',
  'unplaced',
  'door',
  'invoiceId',
  'outcome',
  'cause',
  'group',
  'detail',
  'address',
  'connectMs',
  'tlsMs',
  'answerMs',
  'totalMs',
  'entryId',
);

/** Period statistics as the console shows them. */
@Injectable()
export class StatisticsReports {
  constructor(
    private readonly attempts: AttemptStatisticsService,
    private readonly invoices: InvoiceStatisticsService,
    private readonly exports: TableExports,
  ) {}

  overview(official: SignedInOfficial, query: ReportParameters): Promise<Overview | StreamableFile | Problem> {
    const { visiblePremises } = official;
    return this.exports.report(official, 'statistics', query, OVERVIEW_TABLES, async () => {
      const report = query.report();
      const [attempts, invoices] = await Promise.all([
        this.attempts.statistics(report, visiblePremises),
        this.invoices.statistics(report, visiblePremises),
      ]);
      return { attempts, invoices };
    });
  }

  failures(official: SignedInOfficial, query: ReportParameters): Promise<Failures | StreamableFile | Problem> {
    const { visiblePremises } = official;
    return this.exports.report(official, 'failures', query, FAILURE_TABLES, async () => {
      const report = query.report();
      const [failures, { warnings }] = await Promise.all([
        this.attempts.failures(report, visiblePremises),
        this.invoices.statistics(report, visiblePremises),
      ]);
      return { ...failures, warnings };
    });
  }

  entries(official: SignedInOfficial, query: EntryParameters): Promise<Page<AttemptRow> | StreamableFile> {
    const { visiblePremises } = official;
    const rowFilter = query.rowFilter();
    return this.exports.pages(official, 'entries', query, ENTRY_COLUMNS, (page, last) =>
      this.attempts.entries(query.report(), rowFilter, page, visiblePremises, last),
    );
  }
}
