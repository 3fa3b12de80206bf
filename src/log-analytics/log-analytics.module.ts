import { Module } from '@nestjs/common';
import { AttemptStatisticsService } from './attempts/attempt-statistics.js';
import { ServerEventRecorder } from './attempts/server-event-recorder.js';
import { IncidentsModule } from './incidents/incidents.module.js';
import { InvoiceStatisticsModule } from './invoices/invoice-statistics.module.js';
import { TransactionLogController } from './upload/upload.controller.js';
import { TransactionLogUpload } from './upload/upload.js';

/** What tills and server know of attempts and failures, what the ledger tells of a period, and what follows from both. */
@Module({
  imports: [InvoiceStatisticsModule, IncidentsModule],
  controllers: [TransactionLogController],
  providers: [TransactionLogUpload, ServerEventRecorder, AttemptStatisticsService],
  exports: [AttemptStatisticsService, InvoiceStatisticsModule, IncidentsModule],
})
export class LogAnalyticsModule {}
