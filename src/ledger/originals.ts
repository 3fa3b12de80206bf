import {
  type Invoice,
  type InvoiceHead,
  type InvoiceReference,
  type InvoiceType,
  readStoredInvoice,
} from '@tax-control/protocol';
import { type InvoiceIdentity, identityKey } from './identity.js';
import type { Queryable } from './queryable.js';

/**
 * What a refund or void is judged by. `takenBack`: magnitudes of the refunds and voids of it in its currency that are on file, added up.
 * `rates`: per cent by tax category; null when its content is no longer kept.
 */
export interface OriginalFacts {
  readonly taxpayerId: string;
  /** Smallest unit of `currency`; 0 for what counts in no turnover. */
  readonly total: number;
  readonly currency: string;
  readonly businessDay: string;
  readonly takenBack: bigint;
  readonly voided: boolean;
  readonly rates: ReadonlyMap<string, string> | null;
}

/** Types that count in turnover; the others (training, proforma, copy) take nothing back and have nothing to take back. */
export function countsInTurnover(type: InvoiceType): boolean {
  return type === 'normal' || type === 'advance';
}

/** Identities of the codes that are on file; a code of which only the sequence is right is not. */
export async function identitiesOfCodes(
  client: Queryable,
  codes: readonly string[],
): Promise<Map<string, InvoiceIdentity>> {
  const { rows } = await client.query<{ code: string; terminal_id: string; invoice_id: string }>(
    'SELECT code, terminal_id, invoice_id FROM ledger WHERE sequence = ANY ($1::bigint[]) AND code = ANY ($2::text[])',
    [codes.map((code) => code.slice(0, 'ssssssssssss'.length)), codes],
  );
  return new Map(rows.map((row) => [row.code, { terminalId: row.terminal_id, invoiceId: row.invoice_id }]));
}

/** The identity that a reference names; null when it names none, or a code that is not on file. */
export function referredIdentity(
  reference: InvoiceReference | undefined,
  ofCodes: ReadonlyMap<string, InvoiceIdentity>,
): InvoiceIdentity | null {
  if (reference === undefined || 'reason' in reference) return null;
  if ('code' in reference) return ofCodes.get(reference.code) ?? null;
  return { terminalId: reference.terminalId, invoiceId: reference.invoiceId };
}

interface OriginalRecord {
  terminal_id: string;
  invoice_id: string;
  taxpayer_id: string;
  type: InvoiceType;
  total: string;
  currency: string;
  business_day: string;
  taken_back: string;
  voided: boolean;
  payload: Buffer | null;
}

const FIND_ORIGINALS = `
SELECT ledger.terminal_id, ledger.invoice_id, ledger.taxpayer_id, ledger.type, ledger.total, ledger.currency,
       ledger.business_day::text AS business_day, later.taken_back, later.voided,
       (SELECT payload FROM content
        WHERE content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at) AS payload
FROM unnest($1::text[], $2::uuid[]) AS named(terminal_id, invoice_id)
CROSS JOIN LATERAL (
  SELECT * FROM ledger WHERE ledger.terminal_id = named.terminal_id AND ledger.invoice_id = named.invoice_id LIMIT 1
) AS ledger
CROSS JOIN LATERAL (
  SELECT COALESCE(sum(abs(total)) FILTER (WHERE later.currency = ledger.currency), 0)::text AS taken_back,
         COALESCE(bool_or(kind = 'void'), false) AS voided
  FROM ledger AS later
  WHERE later.reference_terminal_id = ledger.terminal_id AND later.reference_invoice_id = ledger.invoice_id
    AND later.kind IN ('refund', 'void') AND later.type IN ('normal', 'advance')
) AS later`;

/** Facts of the originals that are on file, by `identityKey`. The caller holds their locks. */
export async function findOriginals(
  client: Queryable,
  named: readonly InvoiceIdentity[],
): Promise<Map<string, OriginalFacts>> {
  const { rows } = await client.query<OriginalRecord>(FIND_ORIGINALS, [
    named.map(({ terminalId }) => terminalId),
    named.map(({ invoiceId }) => invoiceId),
  ]);
  return new Map(
    rows.map((row) => [
      identityKey({ terminalId: row.terminal_id, invoiceId: row.invoice_id }),
      {
        taxpayerId: row.taxpayer_id,
        total: countsInTurnover(row.type) ? Number(row.total) : 0,
        currency: row.currency,
        businessDay: row.business_day,
        takenBack: BigInt(row.taken_back),
        voided: row.voided,
        rates: row.payload && ratesOf(readStoredInvoice(row.payload)),
      },
    ]),
  );
}

/** Rates by category of a stored payload; it was checked before it was stored. */
function ratesOf({ taxes }: Pick<Invoice, 'taxes'>): ReadonlyMap<string, string> {
  return new Map(taxes.map(({ category, rate }) => [category, plainRate(rate)]));
}

/** "20.00", "20.0" and "20" are one rate. */
export function plainRate(rate: string): string {
  return rate.includes('.') ? rate.replace(/\.?0+$/, '') : rate;
}

/** The facts that an invoice will be once it is on file: for a refund that stands behind it in the same list. */
export function originalOfInvoice(invoice: InvoiceHead): OriginalFacts {
  return {
    taxpayerId: invoice.taxpayerId,
    total: countsInTurnover(invoice.type) ? invoice.total : 0,
    currency: invoice.currency,
    businessDay: invoice.businessDay,
    takenBack: 0n,
    voided: false,
    rates: ratesOf(invoice),
  };
}
