import type { Invoice } from '@tax-control/protocol';
import { goodsColumns } from './goods.js';
import { type StoredInvoice, toSecond } from './stored-invoice.js';

const MS_PER_SECOND = 1_000;

/** Columns of the ledger that say something else than the signed payload does; empty when all agree. */
export function differingColumns(row: StoredInvoice, payload: Partial<Invoice>): string[] {
  const reference = referenceOf(payload);
  const said: readonly (readonly [string, unknown, unknown])[] = [
    ['invoice_id', row.invoice_id, payload.id],
    ['terminal_id', row.terminal_id, payload.terminalId],
    ['taxpayer_id', row.taxpayer_id, payload.taxpayerId],
    ['premises_id', row.premises_id, payload.premisesId],
    ['journal_id', row.journal_id, payload.journalId],
    ['counter', Number(row.counter), payload.counter],
    ['type', row.type, payload.type],
    ['kind', row.kind, payload.kind],
    ['number', row.number, payload.number],
    ['issued_at', toSecond(row.issued_at), secondOf(payload.issuedAt)],
    ['business_day', row.business_day, payload.businessDay],
    ['currency', row.currency, payload.currency],
    ['total', Number(row.total), payload.total],
    ['supersedes_terminal_id', row.supersedes_terminal_id, payload.supersedes?.terminalId ?? null],
    ['supersedes_invoice_id', row.supersedes_invoice_id, payload.supersedes?.invoiceId ?? null],
    ['previous_digest', row.previous_digest?.toString('base64url') ?? null, payload.previousDigest],
  ];
  const differing = said.filter(([, column, member]) => column !== member).map(([name]) => name);
  // What a reference by code was resolved to is not in the payload: see check-references.ts.
  if (reference !== 'by code') {
    if (row.reference_terminal_id !== reference.terminalId) differing.push('reference_terminal_id');
    if (row.reference_invoice_id !== reference.invoiceId) differing.push('reference_invoice_id');
  }
  if (row.sold !== null) {
    const goods = goodsColumns(payload);
    for (const name of ['sold', 'returned', 'lines', 'is_exact'] as const)
      if (row[name] !== goods?.[name]) differing.push(name);
  }
  if (row.taxes.length > 0 && row.taxes.join() !== taxesOf(payload).join()) differing.push('ledger_tax');
  return differing;
}

/** Tax rows as they must stand beside the ledger; a training invoice, say, has none. */
function taxesOf({ type, taxes }: Partial<Invoice>): string[] {
  if ((type !== 'normal' && type !== 'advance') || !areObjects(taxes)) return [];
  return taxes
    .map(({ category, rate, base, amount, levy }) =>
      [category, Number(rate), base, amount, ...(levy === undefined ? [] : [levy])].join('/'),
    )
    .sort();
}

/** The bytes may have been exchanged: what is JSON need not be an invoice. */
function areObjects(taxes: unknown): taxes is Invoice['taxes'] {
  return Array.isArray(taxes) && taxes.every((one) => typeof one === 'object' && one !== null);
}

/** Fractions of a second are cut off, not rounded. */
function secondOf(time: unknown): string | null {
  const milliseconds = typeof time === 'string' ? Date.parse(time) : NaN;
  if (Number.isNaN(milliseconds)) return null;
  return toSecond(new Date(Math.floor(milliseconds / MS_PER_SECOND) * MS_PER_SECOND));
}

function referenceOf(payload: Partial<Invoice>): { terminalId: string | null; invoiceId: string | null } | 'by code' {
  const { reference } = payload;
  if (reference === undefined || 'reason' in reference || 'originals' in reference)
    return { terminalId: null, invoiceId: null };
  return 'code' in reference ? 'by code' : reference;
}
