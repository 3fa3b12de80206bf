import { Body, Controller, Get, HttpCode, Param, Post, Query, type StreamableFile } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { CustomerReport, Page, Signal } from '@tax-control/protocol/console';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { describedTable, headingsOf } from '../describe-answers.js';
import { Queried } from '../query/queried.js';
import { describedAct } from '../registry/describe-registry.js';
import { MarkBody, ReportStateBody } from './mark-bodies.js';
import { CustomerReportParameters, SignalParameters } from './signal-parameters.js';
import { REPORT_COLUMNS, SIGNAL_COLUMNS, SignalReports } from './signal-reports.js';

const SIGNAL = { type: 'Signal', members: headingsOf(SIGNAL_COLUMNS), status: 200 };
const REPORT = { type: 'CustomerReport', members: headingsOf(REPORT_COLUMNS), status: 200 };

@Listener('public')
@Controller('v1/console')
@Official()
export class SignalsController {
  constructor(private readonly reports: SignalReports) {}

  @Get('signals')
  @Describe(describedTable('List signals: reasons to look, no findings', SIGNAL.type, SIGNAL.members))
  list(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: SignalParameters,
  ): Promise<Page<Signal> | StreamableFile> {
    return this.reports.list(official, query);
  }

  @Post('signals/:signalId/marks')
  @HttpCode(200)
  @Describe(describedAct('Mark a signal as looked at', ['mark', 'note'], SIGNAL, ['not_on_file']))
  mark(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('signalId') signalId: string,
    @Body(Envelope) { mark, note }: MarkBody,
  ): Promise<Signal | Problem> {
    return this.reports.mark(official, signalId, { mark, note });
  }

  @Get('reports')
  @Describe(describedTable('List what customers reported', REPORT.type, REPORT.members))
  listReports(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: CustomerReportParameters,
  ): Promise<Page<CustomerReport> | StreamableFile> {
    return this.reports.listReports(official, query);
  }

  @Post('reports/:reportId/states')
  @HttpCode(200)
  @Describe(describedAct('Say what became of a report', ['state', 'note'], REPORT, ['not_on_file']))
  handleReport(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('reportId') reportId: string,
    @Body(Envelope) { state, note }: ReportStateBody,
  ): Promise<CustomerReport | Problem> {
    return this.reports.handle(official, reportId, { state, note });
  }
}
