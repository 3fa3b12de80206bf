import type { InvoiceRow } from '@tax-control/protocol/console';
import type { FiledInvoice } from '../../ledger/find-rows.js';
import { columns } from '../csv/table.js';
import type { PremisesName } from '../../registry/premises-names.js';

/** A row of a table from a row on file. */
export function invoiceRowOf({ row, warnings }: FiledInvoice, names: ReadonlyMap<string, PremisesName>): InvoiceRow {
  const place = names.get(row.premisesId);
  return {
    terminalId: row.terminalId,
    invoiceId: row.invoiceId,
    code: row.code,
    number: row.number,
    type: row.type,
    kind: row.kind,
    issuedAt: new Date(row.issuedAt).toISOString(),
    registeredAt: row.registeredAt,
    door: row.door,
    currency: row.currency,
    total: row.total,
    taxpayerId: row.taxpayerId,
    premisesId: row.premisesId,
    premisesName: place?.name ?? '',
    region: place?.region ?? '',
    journalId: row.journalId,
    counter: row.counter,
    warnings: warnings.length,
  };
}

/** A code has twenty digits: as a number a spreadsheet would round it away. */
const codeText = (row: Pick<InvoiceRow, 'code'>): string => row.code.replaceAll(/(\d{5})(?=\d)/g, '$1 ');

export const INVOICE_COLUMNS = columns<InvoiceRow>(
  ['code', codeText],
  'terminalId',
  'invoiceId',
  'number',
  'type',
  'kind',
  'issuedAt',
  'registeredAt',
  'door',
  'currency',
  'total',
  'taxpayerId',
  'premisesId',
  'premisesName',
  'region',
  'journalId',
  'counter',
  'warnings',
);
