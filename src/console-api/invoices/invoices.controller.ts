import { Body, Controller, HttpCode, Post, Get, Query, type StreamableFile } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { Currencies, InvoiceRow, InvoiceView, Page, RefusedInvoiceRow } from '@tax-control/protocol/console';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { InvoiceStatisticsService } from '../../log-analytics/invoices/invoice-statistics.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { FormatParameters } from '../query/format-parameters.js';
import { Queried } from '../query/queried.js';
import { ReportParameters } from '../query/report-parameters.js';
import { describedCurrencies, describedRefused, describedSearch, describedView } from './describe-invoices.js';
import { InvoiceSearchBody, InvoiceViewBody } from './invoice-bodies.js';
import { InvoiceSearch } from './invoice-search.js';
import { InvoiceViews } from './invoice-views.js';
import { RefusedList } from './refused-list.js';

@Listener('public')
@Controller('v1/console')
@Official()
export class ConsoleInvoicesController {
  constructor(
    private readonly search: InvoiceSearch,
    private readonly views: InvoiceViews,
    private readonly refused: RefusedList,
    private readonly statistics: InvoiceStatisticsService,
  ) {}

  @Post('invoices/searches')
  @HttpCode(200)
  @Describe(describedSearch)
  find(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) body: InvoiceSearchBody,
    @Query(Queried) query: FormatParameters,
  ): Promise<Page<InvoiceRow> | StreamableFile | Problem> {
    return this.search.find(official, body, query.isCsv);
  }

  @Post('invoices/views')
  @HttpCode(200)
  @Describe(describedView)
  view(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) body: InvoiceViewBody,
  ): Promise<InvoiceView | Problem> {
    return this.views.view(official, body);
  }

  @Get('currencies')
  @Describe(describedCurrencies)
  async listCurrencies(): Promise<Currencies> {
    return { currencies: await this.statistics.currencies() };
  }

  @Get('refused-invoices')
  @Describe(describedRefused)
  listRefused(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: ReportParameters,
  ): Promise<Page<RefusedInvoiceRow> | StreamableFile> {
    return this.refused.list(official, query);
  }
}
