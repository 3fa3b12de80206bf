import { Module } from '@nestjs/common';
import { Clock } from '@tax-control/protocol';
import { AdministrationModule } from '../administration/administration.module.js';
import { LogAnalyticsModule } from '../log-analytics/log-analytics.module.js';
import { PublicCheckModule } from '../public-check/public-check.module.js';
import { IncidentReports } from './incidents/incident-reports.js';
import { IncidentsController } from './incidents/incidents.controller.js';
import { MissingController } from './missing/missing.controller.js';
import { MissingReports } from './missing/missing-reports.js';
import { SignalReports } from './signals/signal-reports.js';
import { SignalsController } from './signals/signals.controller.js';
import { StatisticsController } from './statistics/statistics.controller.js';
import { StatisticsReports } from './statistics/statistics-reports.js';
import { TableExports } from './csv/table-exports.js';
import { Evidence } from './evidence/evidence.js';
import { EvidenceController } from './evidence/evidence.controller.js';
import { EvidenceThreads } from './evidence/evidence-threads.js';
import { RunningExports } from './exports/running-exports.js';
import { InvoiceSearch } from './invoices/invoice-search.js';
import { InvoiceViews } from './invoices/invoice-views.js';
import { ConsoleInvoicesController } from './invoices/invoices.controller.js';
import { RefusedList } from './invoices/refused-list.js';
import { DisputesController } from './disputes/disputes.controller.js';
import { HandedJournals } from './journals/handed-journals.js';
import { JournalsController } from './journals/journals.controller.js';
import { HandedReceipts } from './receipts/handed-receipts.js';
import { ReceiptsController } from './receipts/receipts.controller.js';
import { ShopLists } from './registry/shop-lists.js';
import { ShopsController } from './registry/shops.controller.js';
import { TillRuleLists } from './registry/till-rule-lists.js';
import { TillRulesController } from './registry/till-rules.controller.js';
import { AuditTrailController } from './audit-trail/audit-trail.controller.js';
import { OfficialsController } from './officials/officials.controller.js';
import { AnalyticsSources } from './analytics-sources.js';
import { TerminalLists } from './terminals/terminal-lists.js';
import { TerminalPages } from './terminals/terminal-pages.js';
import { TerminalSources } from './terminals/terminal-sources.js';
import { TerminalsController } from './terminals/terminals.controller.js';
import { Timelines } from './terminals/timelines.js';

/** What the console reads and administers, each within the view of who asks and with its trace in the audit trail. Nothing here issues. */
@Module({
  imports: [AdministrationModule, LogAnalyticsModule, PublicCheckModule],
  controllers: [
    StatisticsController,
    IncidentsController,
    MissingController,
    SignalsController,
    ConsoleInvoicesController,
    EvidenceController,
    ShopsController,
    TillRulesController,
    TerminalsController,
    JournalsController,
    ReceiptsController,
    DisputesController,
    OfficialsController,
    AuditTrailController,
  ],
  providers: [
    AnalyticsSources,
    { provide: TerminalSources, useExisting: AnalyticsSources },
    { provide: RunningExports, inject: [Clock], useFactory: (clock: Clock) => new RunningExports(clock) },
    TableExports,
    StatisticsReports,
    IncidentReports,
    MissingReports,
    SignalReports,
    InvoiceSearch,
    InvoiceViews,
    RefusedList,
    Evidence,
    EvidenceThreads,
    ShopLists,
    TillRuleLists,
    TerminalLists,
    TerminalPages,
    Timelines,
    HandedJournals,
    HandedReceipts,
  ],
})
export class ConsoleApiModule {}
