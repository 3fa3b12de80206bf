import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { AttemptRow, Failures, Overview, Page } from '@tax-control/protocol/console';
import { Describe } from '../../http/documentation/describe.js';
import { Listener } from '../../http/listener.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { describedReport, describedTable } from '../describe-answers.js';
import { EntryParameters } from '../query/entry-parameters.js';
import { Queried } from '../query/queried.js';
import { ReportParameters } from '../query/report-parameters.js';
import { ENTRY_COLUMNS, StatisticsReports } from './statistics-reports.js';
import { FAILURE_TABLES, OVERVIEW_TABLES } from './statistics-tables.js';

const FAILURE_MEMBERS = ['period', 'causes', 'causeSeries', 'topTerminals', 'heatMap', 'warnings'];

@Listener('public')
@Controller('v1/console')
@Official()
export class StatisticsController {
  constructor(private readonly reports: StatisticsReports) {}

  @Get('statistics')
  @Describe(describedReport('How a period went', 'Overview', ['attempts', 'invoices'], OVERVIEW_TABLES))
  readStatistics(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: ReportParameters,
  ): Promise<Overview | StreamableFile | Problem> {
    return this.reports.overview(official, query);
  }

  @Get('failures')
  @Describe(describedReport('What failed in a period', 'Failures', FAILURE_MEMBERS, FAILURE_TABLES))
  readFailures(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: ReportParameters,
  ): Promise<Failures | StreamableFile | Problem> {
    return this.reports.failures(official, query);
  }

  @Get('failures/entries')
  @Describe(
    describedTable(
      'List attempts',
      'AttemptRow',
      ENTRY_COLUMNS.map(({ heading }) => heading),
    ),
  )
  listEntries(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: EntryParameters,
  ): Promise<Page<AttemptRow> | StreamableFile> {
    return this.reports.entries(official, query);
  }
}
