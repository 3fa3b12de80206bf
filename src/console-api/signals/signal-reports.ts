import { Injectable, type StreamableFile } from '@nestjs/common';
import { Clock, type Problem, problem } from '@tax-control/protocol';
import type {
  CustomerReport,
  Page,
  PageQuery,
  ReportStateRequest,
  Signal,
  SignalMarkRequest,
} from '@tax-control/protocol/console';
import { Acts } from '../../administration/act.js';
import { Signals } from '../../log-analytics/signals/signals.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { CustomerReports } from '../../public-check/customer-reports.js';
import { columns } from '../csv/table.js';
import { TableExports } from '../csv/table-exports.js';
import { pageOfAll } from '../page-of.js';
import type { CustomerReportParameters, SignalParameters } from './signal-parameters.js';

const factsInWords = ({ facts }: Signal): string => facts.map(({ name, value }) => `${name}: ${value}`).join(', ');

export const SIGNAL_COLUMNS = columns<Signal>(
  'signalId',
  'rule',
  'subject',
  'subjectId',
  'premisesId',
  'premisesName',
  'region',
  'taxpayerId',
  'from',
  'to',
  'measured',
  'threshold',
  ['facts', factsInWords],
  'mark',
  'markedBy',
  'markedAt',
  'note',
);

export const REPORT_COLUMNS = columns<CustomerReport>(
  'reportId',
  'receivedAt',
  'code',
  'terminalId',
  'invoiceId',
  'premisesId',
  'premisesName',
  'region',
  'taxpayerId',
  'kind',
  'standing',
  'text',
  'language',
  'state',
  'handledBy',
  'handledAt',
  'note',
);

/** All signals of a period are found at once anyway; the page is cut from those that fit. */
const ALL_SIGNALS: PageQuery = { page: 1, pageSize: Number.MAX_SAFE_INTEGER };

/** What is odd, found by rules or told by customers, and what officials made of it. */
@Injectable()
export class SignalReports {
  constructor(
    private readonly signals: Signals,
    private readonly reports: CustomerReports,
    private readonly exports: TableExports,
    private readonly acts: Acts,
    private readonly clock: Clock,
  ) {}

  list(official: SignedInOfficial, query: SignalParameters): Promise<Page<Signal> | StreamableFile> {
    const { rule, mark } = query;
    return this.exports.pages(official, 'signals', query, SIGNAL_COLUMNS, async (page) => {
      const { visiblePremises } = official;
      const report = query.report(this.clock.now());
      if (rule === undefined && mark === undefined) return this.signals.list(report, page, visiblePremises);
      const { items } = await this.signals.list(report, ALL_SIGNALS, visiblePremises);
      const fits = (one: Signal): boolean => (rule ?? one.rule) === one.rule && (mark ?? one.mark) === one.mark;
      return pageOfAll(items.filter(fits), page);
    });
  }

  async mark(official: SignedInOfficial, signalId: string, request: SignalMarkRequest): Promise<Signal | Problem> {
    const { mark, note } = request;
    const signal = await this.signals.find(signalId, official.visiblePremises);
    if (signal === null) return problem('not_on_file');
    return this.acts.perform(official, async (sql) => {
      const result = await this.signals.mark(signal, request, official.name, sql);
      return { result, trail: [{ action: 'signal.marked', subject: signalId, facts: { mark, note } }] };
    });
  }

  listReports(
    official: SignedInOfficial,
    query: CustomerReportParameters,
  ): Promise<Page<CustomerReport> | StreamableFile> {
    return this.exports.pages(official, 'reports', query, REPORT_COLUMNS, (page, last) =>
      this.reports.list(page, query.state ?? null, official.visiblePremises, last?.reportId),
    );
  }

  handle(official: SignedInOfficial, reportId: string, request: ReportStateRequest): Promise<CustomerReport | Problem> {
    const { state, note } = request;
    return this.acts.perform(official, async (sql) => {
      const result = await this.reports.setState(reportId, request, official.name, official.visiblePremises, sql);
      if (result === null) return problem('not_on_file');
      return { result, trail: [{ action: 'report.handled', subject: reportId, facts: { state, note } }] };
    });
  }
}
