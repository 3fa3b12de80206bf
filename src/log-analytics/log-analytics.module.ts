import { Module } from '@nestjs/common';
import { InvoiceStatisticsModule } from './invoices/invoice-statistics.module.js';
import { TransactionLogController } from './upload/upload.controller.js';
import { TransactionLogUpload } from './upload/upload.js';

/** What tills and server know of attempts and failures. */
@Module({
  imports: [InvoiceStatisticsModule],
  controllers: [TransactionLogController],
  providers: [TransactionLogUpload],
  exports: [InvoiceStatisticsModule],
})
export class LogAnalyticsModule {}
