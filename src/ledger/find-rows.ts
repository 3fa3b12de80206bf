import {
  type Door,
  type InvoiceKind,
  type InvoiceType,
  type JudgedWarning,
  utcSeconds,
  type Warning,
  WARNINGS,
} from '@tax-control/protocol';
import type { Reads } from '../database/reads.js';
import { type InvoiceIdentity, identityKey } from './identity.js';
import type { LedgerRow } from './ledger-row.js';

/** A row on file with its warnings, in the catalogue's order. */
export interface FiledInvoice {
  readonly row: LedgerRow;
  readonly warnings: readonly JudgedWarning[];
}

/** A row as the driver gives it. */
export interface LedgerRecord {
  sequence: string;
  code: string;
  terminal_id: string;
  invoice_id: string;
  digest: Buffer;
  taxpayer_id: string;
  premises_id: string;
  journal_id: string;
  counter: string;
  type: InvoiceType;
  kind: InvoiceKind;
  number: string;
  issued_at: Date;
  currency: string;
  total: string;
  door: Door;
  registered_at: Date;
  receipt_key: string;
  receipt_signature: Buffer;
  warnings: JudgedWarning[] | null;
}

/** Warnings of the row `ledger` of a statement, as one column. */
export const WARNINGS_COLUMN = `(SELECT json_agg(json_build_object('code', warning, 'detail', detail, 'facts', facts))
  FROM invoice_warning WHERE invoice_warning.sequence = ledger.sequence) AS warnings`;

const FIND_ROWS = `
SELECT ledger.*, ${WARNINGS_COLUMN}
FROM unnest($1::text[], $2::uuid[]) AS named(terminal_id, invoice_id)
CROSS JOIN LATERAL (
  SELECT * FROM ledger WHERE ledger.terminal_id = named.terminal_id AND ledger.invoice_id = named.invoice_id LIMIT 1
) AS ledger`;

/** Those of the named invoices that are on file, by `identityKey`. */
export async function findRows(database: Reads, named: readonly InvoiceIdentity[]): Promise<Map<string, FiledInvoice>> {
  const { rows } = await database.query<LedgerRecord>(FIND_ROWS, [
    named.map(({ terminalId }) => terminalId),
    named.map(({ invoiceId }) => invoiceId),
  ]);
  return new Map(
    rows.map((record) => {
      const filed = filedOf(record);
      return [identityKey(filed.row), filed];
    }),
  );
}

export function filedOf(record: LedgerRecord): FiledInvoice {
  return { row: rowOf(record), warnings: inOrder(record.warnings ?? []) };
}

function rowOf(record: LedgerRecord): LedgerRow {
  return {
    sequence: Number(record.sequence),
    code: record.code,
    digest: record.digest,
    taxpayerId: record.taxpayer_id,
    premisesId: record.premises_id,
    terminalId: record.terminal_id,
    invoiceId: record.invoice_id,
    journalId: record.journal_id,
    counter: Number(record.counter),
    type: record.type,
    kind: record.kind,
    number: record.number,
    issuedAt: utcSeconds(record.issued_at.toISOString()),
    currency: record.currency,
    total: Number(record.total),
    door: record.door,
    registeredAt: record.registered_at.toISOString(),
    receiptKey: record.receipt_key,
    receiptSignature: record.receipt_signature,
  };
}

/** Warnings as tills are told them: they have the sentence, and no use for the facts beside it. */
export function toldWarnings(warnings: readonly JudgedWarning[]): Warning[] {
  return warnings.map(({ code, detail }) => ({ code, detail }));
}

function inOrder(warnings: readonly JudgedWarning[]): JudgedWarning[] {
  return warnings.toSorted((one, other) => WARNINGS[one.code].number - WARNINGS[other.code].number);
}
