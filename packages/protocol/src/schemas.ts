import { invitationSchema } from './invitation/invitation.js';
import { invoiceSchema } from './invoice/invoice-schema.js';
import { echoSchema } from './messages/echo.js';
import { parametersSchema } from './parameters/parameters.js';
import { receiptSchema } from './receipt/receipt.js';
import { logEntrySchema } from './transaction-log/log-entry.js';

/** Every published JSON Schema (2020-12) by the file name under which the server publishes it (`/schemas/<name>`). */
export const SCHEMAS = {
  'invitation-1.json': invitationSchema,
  'invoice-1.json': invoiceSchema,
  'receipt-1.json': receiptSchema,
  'parameters-1.json': parametersSchema,
  'echo-1.json': echoSchema,
  'log-entry-1.json': logEntrySchema,
} as const;
