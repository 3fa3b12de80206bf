import { Module } from '@nestjs/common';
import { AttemptStatisticsService } from './attempts/attempt-statistics.js';
import { ServerEventRecorder } from './attempts/server-event-recorder.js';
import { InvoiceStatisticsModule } from './invoices/invoice-statistics.module.js';
import { TransactionLogController } from './upload/upload.controller.js';
import { TransactionLogUpload } from './upload/upload.js';

/** What tills and server know of attempts and failures, and what the ledger tells of a period. */
@Module({
  imports: [InvoiceStatisticsModule],
  controllers: [TransactionLogController],
  providers: [TransactionLogUpload, ServerEventRecorder, AttemptStatisticsService],
  exports: [AttemptStatisticsService, InvoiceStatisticsModule],
})
export class LogAnalyticsModule {}
