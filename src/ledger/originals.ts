import {
  type Goods,
  goodsOf,
  type Invoice,
  type InvoiceHead,
  type InvoiceKind,
  type InvoiceType,
  type OriginalName,
  plainRate,
  readStoredInvoice,
  type TaxTerms,
} from '@tax-control/protocol';
import { type InvoiceIdentity, identityKey } from './identity.js';
import type { Queryable } from './queryable.js';

/** Money and lines that were taken back of an invoice: of what it sold, and of what came back by it. */
export interface TakenBack {
  readonly sold: bigint;
  readonly returned: bigint;
  readonly lines: number;
}

/** What a refund or void takes back of one original, by its lines. */
export interface TakenPart {
  readonly identity: InvoiceIdentity;
  /** One of several, which are sales: whatever else is named among several is taken back by nothing. */
  readonly isOfSeveral: boolean;
  /** Of the whole refund: money that goes back is negative. */
  readonly total: number;
  readonly goods: Goods;
}

/** What a refund or void is judged by. `rates`: null when its content is no longer kept. */
export interface OriginalFacts {
  readonly taxpayerId: string;
  readonly kind: InvoiceKind;
  /** Smallest unit of `currency`; 0, as are the goods, for what counts in no turnover. */
  readonly total: number;
  readonly goods: Goods;
  readonly currency: string;
  readonly businessDay: string;
  /** By refunds and voids of it in its currency. */
  readonly takenBack: TakenBack;
  /** Voids of it that were not voided themselves. */
  readonly voids: number;
  /** Of a refund or void that counts in turnover; several only of a refund. */
  readonly takesBack: readonly TakenPart[];
  readonly rates: readonly TaxTerms[] | null;
}

/**
 * How deep refunds and voids of refunds and voids are followed. Real ones end at three (a sale, its refund, the refund's void); the bound is
 * for tills that make chains on purpose.
 */
export const LEVELS_MAX = 8;

/**
 * Refunds of one invoice that are looked into, because they were taken back themselves. Real ones are one or two. Looking into one takes
 * 0.3 ms: 20,000 refunds of one sale took six seconds without this bound, and every list behind them waited; with it they take 50 ms.
 */
const TAKERS_MAX = 20;

/** SQL: what was taken back of a row of the ledger, among fiscal invoices or among others. */
export function takenBackSql(isFiscal: string): string {
  return `taken_back(ledger.terminal_id, ledger.invoice_id, ledger.taxpayer_id, ledger.currency, ${isFiscal}, ${LEVELS_MAX}, ${TAKERS_MAX})`;
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

/** The identity of an original that is named; null when it is a code that is not on file. */
export function identityOfOriginal(
  original: OriginalName,
  ofCodes: ReadonlyMap<string, InvoiceIdentity>,
): InvoiceIdentity | null {
  return 'code' in original ? (ofCodes.get(original.code) ?? null) : original;
}

/**
 * The originals that refunds and voids on file name, from those given upwards, by `identityKey`. Above several
 * originals there is nothing: they are sales.
 */
export async function findChains(
  client: Queryable,
  named: readonly InvoiceIdentity[],
): Promise<Map<string, readonly InvoiceIdentity[]>> {
  const { rows } = await client.query<{
    terminal_id: string;
    invoice_id: string;
    original_terminal_id: string;
    original_invoice_id: string;
  }>(FIND_CHAINS, [named.map(({ terminalId }) => terminalId), named.map(({ invoiceId }) => invoiceId), LEVELS_MAX]);
  const chains = new Map<string, InvoiceIdentity[]>();
  for (const row of rows) {
    const key = identityKey({ terminalId: row.terminal_id, invoiceId: row.invoice_id });
    const original = { terminalId: row.original_terminal_id, invoiceId: row.original_invoice_id };
    const known = chains.get(key);
    if (known === undefined) chains.set(key, [original]);
    else if (!known.some((one) => identityKey(one) === identityKey(original))) known.push(original);
  }
  return chains;
}

const FIND_CHAINS = `
WITH RECURSIVE chain AS (
  SELECT named.terminal_id, named.invoice_id, 0 AS level, up.*
  FROM unnest($1::text[], $2::uuid[]) AS named(terminal_id, invoice_id)
  CROSS JOIN LATERAL (${upFrom('named.terminal_id', 'named.invoice_id')}) AS up
  UNION
  SELECT chain.original_terminal_id, chain.original_invoice_id, level + 1, up.*
  FROM chain CROSS JOIN LATERAL (${upFrom('chain.original_terminal_id', 'chain.original_invoice_id')}) AS up
  WHERE level < $3 AND NOT chain.of_several
)
SELECT terminal_id, invoice_id, original_terminal_id, original_invoice_id FROM chain`;

/** One invoice at most, by the constraint on identities; said again, so that the planner looks it up. */
function upFrom(terminalId: string, invoiceId: string): string {
  return `
    SELECT COALESCE(reference_terminal_id, several.terminal_id) AS original_terminal_id,
           COALESCE(reference_invoice_id, several.invoice_id) AS original_invoice_id, reference_invoice_id IS NULL AS of_several
    FROM (
      SELECT sequence, reference_terminal_id, reference_invoice_id FROM ledger
      WHERE terminal_id = ${terminalId} AND invoice_id = ${invoiceId} AND kind <> 'sale'
      LIMIT 1
    ) AS taker
    LEFT JOIN ledger_original AS several ON several.sequence = taker.sequence
    WHERE reference_invoice_id IS NOT NULL OR several.invoice_id IS NOT NULL`;
}

interface PartRecord {
  terminal_id: string;
  invoice_id: string;
  sold: number;
  returned: number;
  lines: number;
  is_exact: boolean;
}

interface TakenRecord {
  sold_back: string;
  returned_back: string;
  lines_back: string;
  voids: string;
}

interface OriginalRecord extends TakenRecord {
  terminal_id: string;
  invoice_id: string;
  taxpayer_id: string;
  type: InvoiceType;
  kind: InvoiceKind;
  total: string;
  sold: string | null;
  returned: string | null;
  lines: number | null;
  is_exact: boolean | null;
  currency: string;
  business_day: string;
  reference_terminal_id: string | null;
  reference_invoice_id: string | null;
  /** Of a refund of several originals. */
  several: readonly PartRecord[] | null;
  payload: Buffer | null;
}

const FIND_ORIGINALS = `
SELECT ledger.terminal_id, ledger.invoice_id, ledger.taxpayer_id, ledger.type, ledger.kind, ledger.total, ledger.sold, ledger.returned,
       ledger.lines, ledger.is_exact, ledger.currency, ledger.business_day::text AS business_day,
       ledger.reference_terminal_id, ledger.reference_invoice_id,
       CASE WHEN ledger.kind = 'refund' AND ledger.reference_invoice_id IS NULL THEN (
         SELECT json_agg(several) FROM ledger_original AS several WHERE several.sequence = ledger.sequence
       ) END AS several,
       back.sold AS sold_back, back.returned AS returned_back, back.lines AS lines_back, back.voids,
       (SELECT payload FROM content
        WHERE content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at) AS payload
FROM unnest($1::text[], $2::uuid[]) AS named(terminal_id, invoice_id)
CROSS JOIN LATERAL (
  SELECT * FROM ledger WHERE ledger.terminal_id = named.terminal_id AND ledger.invoice_id = named.invoice_id LIMIT 1
) AS ledger
CROSS JOIN LATERAL ${takenBackSql('true')} AS back`;

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
    rows.map((row) => [identityKey({ terminalId: row.terminal_id, invoiceId: row.invoice_id }), factsOfRow(row)]),
  );
}

/** What refunds and voids on file took back of invoices that are not on file themselves, by `identityKey`. The caller holds their locks. */
export async function findTakenBefore(
  client: Queryable,
  invoices: readonly InvoiceHead[],
): Promise<Map<string, Pick<OriginalFacts, 'takenBack' | 'voids'>>> {
  const { rows } = await client.query<TakenRecord & { terminal_id: string; invoice_id: string }>(FIND_TAKEN_BEFORE, [
    invoices.map(({ terminalId }) => terminalId),
    invoices.map(({ id }) => id),
    invoices.map(({ taxpayerId }) => taxpayerId),
    invoices.map(({ currency }) => currency),
    invoices.map(({ type }) => countsInTurnover(type)),
  ]);
  return new Map(
    rows.map((row) => [identityKey({ terminalId: row.terminal_id, invoiceId: row.invoice_id }), takenOfRow(row)]),
  );
}

const FIND_TAKEN_BEFORE = `
SELECT own.terminal_id, own.invoice_id, back.sold AS sold_back, back.returned AS returned_back, back.lines AS lines_back, back.voids
FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::boolean[]) AS own(terminal_id, invoice_id, taxpayer_id, currency, is_fiscal)
CROSS JOIN LATERAL taken_back(own.terminal_id, own.invoice_id, own.taxpayer_id, own.currency, own.is_fiscal, ${LEVELS_MAX}, ${TAKERS_MAX}) AS back`;

function takenOfRow(row: TakenRecord): Pick<OriginalFacts, 'takenBack' | 'voids'> {
  return {
    takenBack: { sold: BigInt(row.sold_back), returned: BigInt(row.returned_back), lines: Number(row.lines_back) },
    voids: Number(row.voids),
  };
}

function factsOfRow(row: OriginalRecord): OriginalFacts {
  const stored = row.payload && readStoredInvoice(row.payload);
  const goods = goodsOfRow(row, stored);
  return {
    taxpayerId: row.taxpayer_id,
    kind: row.kind,
    ...(countsInTurnover(row.type) ? { total: Number(row.total), goods, takesBack: partsOfRow(row, goods) } : NO_MONEY),
    currency: row.currency,
    businessDay: row.business_day,
    ...takenOfRow(row),
    rates: stored && ratesOf(stored),
  };
}

/** Of training, proforma and copies. */
const NO_MONEY: Pick<OriginalFacts, 'total' | 'goods' | 'takesBack'> = {
  total: 0,
  goods: { sold: 0, returned: 0, lines: 0, isExact: true },
  takesBack: [],
};

function partsOfRow(row: OriginalRecord, goods: Goods): TakenPart[] {
  const { kind, reference_terminal_id: terminalId, reference_invoice_id: invoiceId } = row;
  if (kind === 'sale') return [];
  if (terminalId !== null && invoiceId !== null)
    return [{ identity: { terminalId, invoiceId }, isOfSeveral: false, total: Number(row.total), goods }];
  return (row.several ?? []).map(({ sold, returned, lines, is_exact: isExact, ...names }) => ({
    identity: { terminalId: names.terminal_id, invoiceId: names.invoice_id },
    isOfSeveral: true,
    total: Number(row.total),
    goods: { sold, returned, lines, isExact },
  }));
}

/** Of a row that an earlier version wrote they are in the signed bytes; where those are gone, the total is all that is known. */
function goodsOfRow({ sold, returned, lines, is_exact, total }: OriginalRecord, stored: Invoice | null): Goods {
  if (sold !== null && returned !== null && lines !== null && is_exact !== null)
    return { sold: Number(sold), returned: Number(returned), lines, isExact: is_exact };
  if (stored !== null) return goodsOf(stored);
  return { sold: Math.max(Number(total), 0), returned: Math.max(-Number(total), 0), lines: 1, isExact: false };
}

/** The taxes of a stored payload; it was checked before it was stored. */
function ratesOf({ taxes }: Pick<Invoice, 'taxes'>): TaxTerms[] {
  return taxes.map(plainTerms);
}

/** Terms of a row of the taxes, its rate in the shortest spelling. */
export function plainTerms({ category, rate, levy }: TaxTerms): TaxTerms {
  return { category, rate: plainRate(rate), ...(levy !== undefined && { levy }) };
}

/** Whether two taxes are the same; their rates are plain. */
export function isSameTax(one: TaxTerms, other: TaxTerms): boolean {
  return one.category === other.category && one.rate === other.rate && one.levy === other.levy;
}

/**
 * The facts that an invoice will be once it is on file: for a refund that stands behind it in the same list.
 *
 * @param takesBack its parts, as far as it is known which invoices it names
 */
export function originalOfInvoice(invoice: InvoiceHead, takesBack: readonly TakenPart[]): OriginalFacts {
  const { taxpayerId, type, kind, total, goods, currency, businessDay } = invoice;
  return {
    taxpayerId,
    kind,
    ...(countsInTurnover(type) ? { total, goods, takesBack } : NO_MONEY),
    currency,
    businessDay,
    takenBack: { sold: 0n, returned: 0n, lines: 0 },
    voids: 0,
    rates: ratesOf(invoice),
  };
}
